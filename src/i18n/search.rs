//! The search box and what it suggests.

messages! {
    label { "搜索客户、车辆、工单、保单和抱怨", "Search customers, cars, repair orders, policies and complaints" }
    placeholder { "姓名、拼音、手机尾号、车牌、工单号", "Name, pinyin, phone tail, plate, repair order" }
    label_own { "搜索我的抱怨工单", "Search my complaints" }
    placeholder_own { "抱怨单号或客户姓名", "Complaint number or customer's name" }
    close { "关闭搜索", "Close the search" }
    suggestions { "搜索建议", "Suggestions" }
    people { "客户", "Customers" }
    cars { "车辆", "Cars" }
    visits { "工单", "Repair orders" }
    policies { "保单", "Policies" }
    complaints { "抱怨工单", "Complaints" }
    actions { "操作", "Actions" }
    grade(grade) { "{grade} 类", "Grade {grade}" }
    last_visit(day) { "上次进站 {day}", "last visit {day}" }
    never_came { "从未进站", "never came" }
    callback_due(at) { "待回访 {at}", "Callback by {at}" }
    policy_ends(day) { "{day} 到期", "ends {day}" }
    all_results(typed) { "“{typed}”的全部结果", "All results for “{typed}”" }
    new_customer(typed) { "新建客户 {typed}", "New customer {typed}" }
    found(count) { "找到 {count} 项", "{count} found" }
    nothing { "没有找到", "Nothing found" }
    phone_part { "号码请输入后四位、后八位或完整号码。", "Type the last four or eight of a number, or all of it." }
    too_many(seconds) { "搜索太频繁，请 {seconds} 秒后再试。", "Too many searches. Try again in {seconds} s." }
    ended { "会话已结束，请重新登录。", "The session has ended. Sign in again." }
    unavailable { "暂时无法搜索，按 Enter 可重试。", "Search is not available now. Press Enter to try again." }
}
