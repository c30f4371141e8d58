//! Error pages.


messages! {
    request_id(id) { "报修编号 {id}", "Reference {id}" }
    back_home { "回到首页", "Back to the start page" }
    try_again { "再试一次", "Try again" }
    sign_in_again { "重新登录", "Sign in again" }
    bad_request_title { "这个请求读不懂", "This request makes no sense" }
    bad_request { "地址或表单不完整。请返回上一页再试。", "The address or form is incomplete. Go back and try again." }
    session_title { "登录已结束", "Your session has ended" }
    session { "为保护客户资料，60 分钟无操作会自动退出。已保存的草稿还在，登录后继续。", "To protect customer data you are signed out after 60 idle minutes. Saved drafts are kept; sign in to go on." }
    session_kept { "为保护客户资料，60 分钟无操作会自动退出。你刚才提交的内容已保存为草稿，登录后回到表单，核对后再保存。", "To protect customer data you are signed out after 60 idle minutes. What you just sent is kept as a draft: sign in, and the form opens with it." }
    sign_in_and_go_on { "登录并回到表单", "Sign in and go on with the form" }
    forbidden_title { "你没有这项权限", "You may not do this" }
    forbidden { "这个页面属于别的岗位。需要的话，请系统管理员开通。", "This page belongs to another role. Ask the administrator if you need it." }
    cross_site { "这个提交来自别的网站，已被拒绝，没有任何改动。", "This submission came from another site and was refused. Nothing was changed." }
    not_found_title { "找不到这个页面", "There is no such page" }
    not_found { "地址可能有误，或者这条记录不属于当前门店。", "The address may be wrong, or the record does not belong to this store." }
    method_title { "这里不能这样提交", "This cannot be submitted here" }
    conflict_title { "别人刚刚改过", "Somebody changed this" }
    conflict { "你打开之后，这条记录已被修改或由同事接手。你的内容没有保存，请返回核对后再试。", "Since you opened it the record was changed or taken over by a colleague. Yours was not saved; go back, compare and try again." }
    too_large_title { "文件太大", "The file is too large" }
    too_large { "一次最多 20 MB，请拆分后再上传。", "At most 20 MB at a time. Split it and upload again." }
    too_many_title { "操作太频繁", "Too many tries" }
    too_many(minutes) { "请约 {minutes} 分钟后再试。", "Try again in about {minutes} min." }
    internal_title { "系统出错了", "Something broke on our side" }
    internal { "已记录这次故障。你可以再试一次；如仍不行，请把报修编号告诉系统管理员。", "The fault was recorded. Try again; if it stays, give the reference to the administrator." }
    unavailable_title { "暂时不可用", "Not available right now" }
    unavailable { "数据库正在恢复或系统繁忙，通常几秒钟就好。你填写的内容请先不要关闭。", "The database is recovering or the system is busy, usually for seconds. Keep what you typed open." }
}
