//! The frame of every page: navigation, top bar, buttons that many pages share.

use crate::auth::permission::Role;

messages! {
    product { "客户关爱台", "Care Desk" }
    product_short { "关爱台", "Care Desk" }
    home { "客户关爱台 首页", "Care Desk, start page" }
    skip_link { "跳到主要内容", "Skip to main content" }
    main_navigation { "主导航", "Main navigation" }
    section_navigation { "本组页面", "Pages of this section" }
    more { "更多", "More" }
    nav_work { "工作", "Work" }
    nav_customers { "客户", "Customers" }
    nav_review { "复盘", "Review" }
    nav_data { "数据", "Data" }
    nav_people { "人员", "People" }
    nav_settings { "设置", "Settings" }
    my_day { "我的一天", "My day" }
    callbacks { "回访队列", "Callback queue" }
    call_sheets { "外呼单", "Call sheets" }
    complaints { "抱怨工单", "Complaints" }
    reminders { "保养提醒", "Reminders" }
    appointments { "预约", "Appointments" }
    shifts { "班次", "Shifts" }
    customers { "客户档案", "Customers" }
    vehicles { "车辆", "Vehicles" }
    visits { "进站记录", "Visits" }
    reviews { "资料核对", "File reviews" }
    exports { "导出记录", "Exports" }
    scripts { "话术与问卷", "Call scripts" }
    kpi { "指标看板", "KPI dashboard" }
    floor { "现场看板", "Live floor" }
    obligations { "应办台账", "Obligations" }
    own_entries { "我的应办", "My entries" }
    reconciliation { "对账", "Reconciliation" }
    exemptions { "豁免申请", "Exemptions" }
    rules { "时限与提醒规则", "Care rules" }
    my_figures { "我的指标", "My figures" }
    imports { "导入客户名册", "Import roster" }
    duplicates { "重复档案", "Duplicates" }
    users { "用户与角色", "Users and roles" }
    stores { "门店与部门", "Stores and departments" }
    jobs { "系统状态", "System status" }
    audit { "审计日志", "Audit log" }
    search_label { "搜索客户、车牌、手机尾号或工单号", "Search customers, plates, phone tails or repair orders" }
    search_placeholder { "客户、车牌、手机尾号、工单号", "Customer, plate, phone tail, repair order" }
    search { "搜索", "Search" }
    time_left(span) { "剩 {span}", "{span} left" }
    time_over(span) { "逾 {span}", "{span} over" }
    days_over(days) { "逾 {days} 天", "{days} d over" }
    next_due { "最近到期", "Next due" }
    account_menu(name) { "账户菜单：{name}", "Account menu: {name}" }
    switch_store(name) { "切换门店，当前：{name}", "Switch store, now: {name}" }
    your_stores { "可访问的门店", "Your stores" }
    keyboard_shortcuts { "键盘快捷键", "Keyboard shortcuts" }
    key_search { "搜索", "Search" }
    key_next { "呼叫下一位", "Call next" }
    key_rows { "上/下一行", "Previous / next row" }
    key_open { "打开当前行", "Open the row" }
    key_save { "保存并下一位", "Save and next" }
    appearance { "外观", "Appearance" }
    theme_system { "跟随", "System" }
    theme_light { "浅", "Light" }
    theme_dark { "深", "Dark" }
    language { "语言", "Language" }
    chinese { "简体中文", "简体中文" }
    english { "English", "English" }
    apply { "应用", "Apply" }
    sign_out { "退出登录", "Sign out" }
    day_done { "今日办结", "Done today" }
    day_meter(done, total) { "共 {total}，已完成 {done}", "{done} of {total} done" }
    save { "保存", "Save" }
    cancel { "取消", "Cancel" }
    edit { "编辑", "Edit" }
    create { "新建", "New" }
    filter { "筛选", "Filter" }
    all { "全部", "All" }
    none { "—", "—" }
    yes { "是", "Yes" }
    no { "否", "No" }
    actions { "操作", "Actions" }
    pages { "分页", "Pages" }
    page_range(from, to, total) { "第 {from}–{to} 条，共 {total} 条", "{from}–{to} of {total}" }
    page_range_open(from, to) { "第 {from}–{to} 条", "{from}–{to}" }
    previous { "上一页", "Previous" }
    next { "下一页", "Next" }
    reveal_phone { "显示完整号码，此操作会写入审计日志", "Show the whole number; this is recorded" }
    session_ends_soon { "两分钟后将自动退出登录", "You will be signed out in two minutes" }
    continue_session { "继续工作", "Continue" }
    signed_in_as(name, role) { "{name} · {role}", "{name} · {role}" }
}

labels! { role(Role) {
    Specialist { "客户关爱专员", "Care specialist" }
    Receptionist { "电话接待专员", "Receptionist" }
    Clerk { "客户管理员", "Customer clerk" }
    Handler { "责任部门", "Department handler" }
    Manager { "客户关爱经理", "Care manager" }
    Admin { "系统管理员", "Administrator" }
    Group { "大区", "Group" }
} }
