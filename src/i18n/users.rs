//! People and roles.

use crate::users::model::{PersonState, Refusal};

messages! {
    title { "用户与角色", "Users and roles" }
    summary(active, inactive) { "{active} 个账号在用，{inactive} 个停用", "{active} active accounts, {inactive} inactive" }
    tabs_label { "按角色查看", "By role" }
    search { "查找用户", "Find people" }
    search_placeholder { "姓名、用户名、工号", "Name, username, staff number" }
    inactive { "已停用", "Inactive" }
    add { "新增用户", "Add a person" }
    name { "姓名", "Name" }
    username { "用户名", "Username" }
    username_hint { "登录用，小写字母、数字、点或短横线", "For signing in: lower-case letters, digits, dots, hyphens" }
    staff_number { "工号", "Staff number" }
    staff_number_hint { "与经销商系统一致，导入时按它认人", "As in the dealer system; imports recognise people by it" }
    role { "角色", "Role" }
    department { "部门", "Department" }
    store { "门店", "Store" }
    last_sign_in { "最近登录", "Last sign-in" }
    state { "状态", "State" }
    never { "从未", "Never" }
    edit(name) { "编辑 {name}", "Edit {name}" }
    all_stores { "全部门店", "All stores" }
    choose { "请选择", "Choose" }
    no_department { "不属于部门", "No department" }
    empty_title { "没有符合条件的用户", "Nobody matches" }
    empty_text { "换一个查找词，或查看其他角色。", "Try another word or another role." }
    create { "创建并生成链接", "Create and make the link" }
    create_hint { "不需要设密码：创建后会得到一个一次性链接，由你交给本人。", "No password to set: you get a one-time link to hand over." }
    link_title { "一次性链接", "One-time link" }
    link_text(name) { "请把这个链接亲自交给 {name}，由本人打开并设置密码。72 小时内有效，只能使用一次；离开本页后不再显示。", "Hand this link to {name} yourself; they open it and set the password. It works once, for 72 hours, and is not shown again." }
    link_copy { "复制链接", "Copy the link" }
    link_copied { "已复制", "Copied" }
    link_done { "回到用户列表", "Back to the list" }
    role_change_hint { "更改角色会使本人立即退出登录", "A new role signs the person out at once" }
    own_role_hint { "不能更改自己的角色", "You cannot change your own role" }
    shared_account { "此人还属于其他门店。姓名、用户名和密码由集团管理员维护，这里只能更改本店的角色。", "This person belongs to another store as well. A group-wide administrator keeps name, username and password; here you change the role in this store." }
    account { "账号", "Account" }
    reset { "生成重设密码链接", "Make a reset link" }
    reset_hint { "原密码在链接被使用前仍然有效", "The old password works until the link is used" }
    invite { "重新生成链接", "Make a new link" }
    invite_hint { "之前的链接立即失效", "The link made before ends at once" }
    deactivate { "停用账号", "Make inactive" }
    deactivate_hint { "本人立即退出登录，历史记录保留", "Signs the person out at once; the history stays" }
    activate { "启用账号", "Make active" }
    stores_title { "所属门店", "Stores" }
    add_store { "加入门店", "Add to the store" }
}

labels! { state_label(PersonState) {
    Online { "在线", "Online" }
    Offline { "离线", "Offline" }
    Invited { "待设置密码", "No password yet" }
    Inactive { "已停用", "Inactive" }
} }

labels! { refusal(Refusal) {
    Yourself { "不能停用自己，也不能更改自己的角色。请另一位管理员来做。", "You cannot make yourself inactive or change your own role. Ask another administrator." }
    LastAdmin { "这是最后一位能登录的管理员。请先任命另一位。", "This is the last administrator who can sign in. Appoint another one first." }
    Shared { "此人还属于其他门店，请集团管理员重设密码。", "This person belongs to another store as well. Ask a group-wide administrator for the reset." }
    Inactive { "账号已停用。请先启用，再生成链接。", "The account is inactive. Make it active first." }
} }
