//! Signing in and out, one-time links.


messages! {
    sign_in { "登录", "Sign in" }
    sign_in_title { "登录客户关爱台", "Sign in to Care Desk" }
    motto { "每一位离店的客户，三日内都有回音。", "Every customer who leaves hears from us within three days." }
    motto_below { "两小时上报，二十四小时跟踪，处理完毕再问一声。", "Dispatched in two hours, followed up in twenty-four, asked again when it is dealt with." }
    username { "用户名", "Username" }
    password { "密码", "Password" }
    wrong { "用户名或密码不对。", "Wrong username or password." }
    too_many(minutes) { "尝试次数过多，请 {minutes} 分钟后再试。", "Too many tries. Try again in {minutes} min." }
    no_store { "这个账号还没有分配门店，请联系系统管理员。", "This account has no store yet. Ask the administrator." }
    forgot { "忘记密码？请系统管理员给你一个一次性链接。", "Forgot the password? Ask the administrator for a one-time link." }
    insecure { "这个地址不能安全登录。请通过 https 或在服务器本机打开，或让管理员设置 CARE_DESK_PUBLIC_URL。", "Signing in is not safe at this address. Open it over https or on the server itself, or have CARE_DESK_PUBLIC_URL set." }
    confidential { "客户资料保密：只为工作查看，每次查看号码都有记录。", "Customer data is confidential: look at it for work only; each revealed number is on record." }
    first_admin_title { "创建第一位管理员", "Create the first administrator" }
    first_admin_intro { "同时建立第一家门店。这个链接只能使用一次。", "Sets up the first store as well. This link works once." }
    store_name { "门店名称", "Store name" }
    store_code { "门店代码", "Store code" }
    store_code_hint { "用于命令行导入，例如 S01", "Used by command-line imports, for example S01" }
    your_name { "姓名", "Your name" }
    new_password { "新密码", "New password" }
    new_password_hint { "至少 15 个字符，可以是一句话", "At least 15 characters; a sentence is fine" }
    repeat_password { "再输入一次", "Repeat it" }
    set_password_title { "设置密码", "Set your password" }
    set_password_for(name) { "账号：{name}。这个链接只能使用一次。", "Account: {name}. This link works once." }
    save_password { "保存并登录", "Save and sign in" }
    link_ended_title { "链接已失效", "This link has ended" }
    link_ended { "它已被使用或已过期，请系统管理员再给一个。", "It was used or has expired. Ask the administrator for a new one." }
}
