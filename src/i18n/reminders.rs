//! Reminders.

use crate::reminders::{Method, Outcome, Status, Tab};

messages! {
    title { "保养提醒", "Reminders" }
    meta { "首保按阶段提醒，定期保养每周一列出、周日前提醒完；没有联系上的转入回访", "First maintenance in stages, periodic maintenance listed on Monday and due by Sunday; who is not reached is called" }
    tabs_label { "提醒状态", "State of reminders" }
    table_label { "提醒列表", "Reminders" }
    deadline { "期限", "Deadline" }
    customer { "客户", "Customer" }
    phone { "手机", "Phone" }
    reason { "事由", "Reason" }
    state { "状态", "State" }
    select(name) { "选择 {name}", "Select {name}" }
    record { "记录", "Record" }
    view { "查看", "View" }
    mark_sms { "已用短信提醒", "Reminded by SMS" }
    mark_hint { "将勾选的客户记为短信提醒", "Records the ticked customers as reminded by SMS" }
    first { "首保", "First maintenance" }
    periodic { "定保", "Periodic maintenance" }
    due(day) { "{day} 到期", "due {day}" }
    due_by_time(day) { "{day} 到期（按时间）", "due {day} by time" }
    due_by_km(day) { "{day} 到期（按里程推算）", "due {day} by kilometres" }
    stage_before(days) { "提前 {days} 天", "{days} days before" }
    stage_after(days) { "已过 {days} 天", "{days} days after" }
    stage_today { "当天", "on the day" }
    empty_today_title { "今天没有要提醒的客户", "Nobody to remind today" }
    empty_today_text { "每日任务按保养到期日生成提醒。", "The daily job lists who is due for maintenance." }
    empty_overdue_title { "没有逾期的提醒", "No reminder is overdue" }
    empty_overdue_text { "今天要做的在“今日”里。", "What is to be made today is under Today." }
    empty_done_title { "还没有完成的提醒", "No reminder has been made yet" }
    empty_done_text { "记录过的提醒会列在这里。", "Recorded reminders are listed here." }
    message_title { "提醒内容", "Message" }
    message_hint { "复制后用门店手机发送，再在右侧记录", "Copy it, send it from the store's phone, then record it" }
    message_label { "发给客户的文字", "Text for the customer" }
    copy { "复制", "Copy" }
    copied { "已复制", "Copied" }
    archive { "查看档案与完整号码", "Customer page and whole number" }
    record_title { "记录提醒方式", "Record the reminder" }
    record_hint { "“没有联系上”会转入回访队列，期限不变", "“Nobody reached” moves to the callback queue, the deadline stays" }
    outcome_label { "如何提醒", "How" }
    note { "备注", "Note" }
    note_hint { "客户的意向、约定的时间", "What the customer intends, an agreed time" }
    save { "保存记录", "Save" }
    ended_title { "已记录", "Recorded" }
    ended_by(name, at) { "{name} 于 {at} 记录", "{name}, {at}" }
    to_callback { "打开回访", "Open the callback" }
    list_day { "列出日期", "Listed on" }
    no_phone { "没有手机号", "No number" }
    message(store, name, cars) { "【{store}】{name}您好，{cars}。请提前预约到店，如已保养请忽略。", "[{store}] Dear {name}, {cars}. Book your visit in advance; ignore this if it is done." }
    message_car(model, plate) { "{model}（{plate}）", "{model} ({plate})" }
    message_due(car, day, what) { "您的{car}预计 {day} 前后到{what}时间", "your {car} is due for {what} about {day}" }
    message_soon(car, what) { "您的{car}近期到{what}时间", "your {car} is soon due for {what}" }
    message_first { "首次保养", "its first maintenance" }
    message_periodic { "定期保养", "periodic maintenance" }
}

labels! { tab(Tab) {
    Today { "今日", "Today" }
    Overdue { "逾期", "Overdue" }
    Done { "已完成", "Done" }
    All { "全部", "All" }
} }

labels! { status(Status) {
    Pending { "待提醒", "To make" }
    Delivered { "已提醒", "Reminded" }
    Failed { "发送失败", "Failed" }
    FellBack { "转回访", "To be called" }
    Cancelled { "已取消", "Cancelled" }
} }

labels! { method(Method) {
    Sms { "短信提醒", "By SMS" }
    Wechat { "微信提醒", "By WeChat" }
    Phone { "电话提醒", "By phone" }
    InPerson { "当面提醒", "In person" }
} }

labels! { outcome(Outcome) {
    Sms { "短信", "SMS" }
    Wechat { "微信", "WeChat" }
    Phone { "电话", "Phone" }
    InPerson { "当面", "In person" }
    NotReached { "没有联系上", "Nobody reached" }
} }
