//! The callback queue and the call screen.

use chrono::NaiveDateTime;

use crate::appointments::AppointmentState;
use crate::callbacks::follow_ups::NoCalls;
use crate::callbacks::messages::MessageStatus;
use crate::callbacks::model::{CallbackStatus, ContactResult, Daypart, Disposition, Outcome, ResultGroup};
use crate::callbacks::queue::{Refusal, SkipReason};
use crate::i18n::Lang;
use crate::web::form::FieldError;

messages! {
    title { "回访队列", "Callback queue" }
    meta(days, hours, dials) { "离店后 {days} 天内完成首次回访 · 未接通 {hours} 小时后重试，共 {dials} 次", "First callback within {days} days of hand-over · another try after {hours} hours, {dials} in all" }
    call_next { "呼叫下一位", "Call next" }
    views { "视图", "Views" }
    tab_all { "全部待回访", "All open" }
    tab_today { "今日到期", "Due today" }
    tab_overdue { "逾期", "Overdue" }
    tab_retry { "待重试", "To retry" }
    tab_mine { "我的", "Mine" }
    tab_held { "暂缓", "Held back" }
    tab_done { "本周已完成", "Done this week" }
    filters { "筛选", "Filters" }
    search { "在列表中查找", "Find in the list" }
    search_hint { "姓名、车牌、工单号", "Name, plate, repair order" }
    any_kind { "全部事由", "Any occasion" }
    any_advisor { "全部顾问", "Any advisor" }
    kind_filter { "事由", "Occasion" }
    advisor { "顾问", "Advisor" }
    technician { "技师", "Technician" }
    caption { "待回访客户，按截止时间升序", "Customers to call, by deadline" }
    select_all { "选择本页全部", "Select the whole page" }
    select_row(name) { "选择 {name}", "Select {name}" }
    due { "截止", "Due" }
    customer { "客户", "Customer" }
    phone { "手机", "Phone" }
    vehicle { "车辆", "Vehicle" }
    reason { "离店与事由", "Hand-over and occasion" }
    dialled { "拨打", "Dials" }
    status { "状态", "Status" }
    call_customer(name) { "呼叫 {name}", "Call {name}" }
    handed_over(at) { "离店 {at}", "Left {at}" }
    attempts_of(done, most) { "已拨 {done} 次，至少 {most} 次", "{done} of at least {most} dials" }
    assign_to { "分配给", "Assign to" }
    assign_to_person(name) { "分配给 {name}", "Assign to {name}" }
    share_out { "全体", "Everybody" }
    spread { "平均分配", "Share out evenly" }
    spread_without(name) { "把 {name} 的待回访平均分给其他人", "Share the open calls of {name} out to the others" }
    spread_share(name, count, load) { "{name}：分到 {count} 位，手上另有 {load} 位", "{name}: gets {count}, has {load} others" }
    spread_nobody(count) { "{count} 位没有可以接手的人，放回公共队列。", "{count} can be taken by nobody and go back to the common queue." }
    served_stay(count) { "其中 {count} 位由此人接待过，不会分配。", "{count} of them were served by this person and stay where they are." }
    person { "负责人", "Owner" }
    any_person { "全部人员", "Anybody's" }
    nobody_yet { "未分配", "Nobody's yet" }
    sheets { "外呼单", "Call sheets" }
    sheets_new { "打印外呼单", "Print sheets" }
    only_at_risk { "2 小时内到期", "Due within 2 hours" }
    only_by_tonight { "今晚前到期", "Due by tonight" }
    only_claimed { "通话中", "On the phone" }
    only_held { "暂缓", "Held back" }
    take_back { "放回队列", "Back to the queue" }
    bulk { "批量操作", "Bulk actions" }
    ended { "结束", "Ended" }
    none_title { "队列是空的", "The queue is empty" }
    none_text { "没有待回访的客户。导入进站记录后，每天的任务会列出要回访的人。", "Nobody to call. After service visits are imported the daily job lists who must be called." }
    none_found_title { "没有符合条件的客户", "Nobody matches" }
    none_found_text { "换一个视图，或去掉筛选条件。", "Choose another view or clear the filters." }
    none_done_title { "本周还没有完成的回访", "No callback done this week" }
    none_done_text { "接通并保存后会出现在这里。", "They appear here once a conversation is saved." }
    clear_filters { "清除筛选", "Clear filters" }
    badge_open { "待回访", "Open" }
    badge_retry { "待重试", "Retry" }
    badge_agreed { "客户约定", "Agreed" }
    badge_claimed(name) { "{name} 通话中", "{name} is calling" }
    badge_assigned(name) { "归 {name}", "{name}'s" }
    badge_held { "暂缓", "Held" }
    page_title(name) { "回访 {name}", "Call {name}" }
    unnamed { "已删除的客户", "Erased customer" }
    customer_pane { "客户与进站摘要", "Customer and visit" }
    script_pane { "话术与问卷", "Script and questionnaire" }
    panel { "通话与结果", "Call and result" }
    opted_out { "不再打扰", "Wants no calls" }
    no_phone { "没有号码", "No number" }
    phone_dead { "失效", "Dead" }
    phone_wrong { "错号", "Wrong" }
    phone_unverified { "待核实", "Unverified" }
    phone_do_not_call { "勿打", "Do not call" }
    this_visit { "本次进站", "This visit" }
    left { "离店", "Left" }
    work { "项目", "Work" }
    amount { "金额", "Amount" }
    odometer { "里程", "Odometer" }
    warranty_until { "质保", "Warranty" }
    policy_until { "保单", "Policy" }
    next_maintenance { "下次保养", "Next maintenance" }
    ends_on(day) { "{day} 到期", "until {day}" }
    about_on(day) { "约 {day}", "about {day}" }
    recent { "最近联系", "Last contacts" }
    recent_none { "还没有联系过。", "No contact yet." }
    points(score) { "{score} 分", "{score} points" }
    script { "回访话术", "Call script" }
    script_version(name, version) { "{name} v{version}", "{name} v{version}" }
    switch_steps { "切换步骤", "change step" }
    step_of(number, total) { "第 {number} 步，共 {total} 步", "Step {number} of {total}" }
    very_bad { "非常不满意", "Very dissatisfied" }
    very_good { "非常满意", "Very satisfied" }
    surely_not { "一定不会", "Certainly not" }
    surely { "一定会", "Certainly" }
    more_questions { "其他问题（选问）", "More questions (optional)" }
    low_score { "有不满意的回答：请追问原因。保存后将生成抱怨工单，2 小时内上报责任部门。", "A dissatisfied answer: ask why. Saving opens a complaint that must reach the department within 2 hours." }
    low_nps { "推荐意愿 6 分及以下：请问一问原因并记下来。", "6 or less: ask for the reason and note it." }
    reasons { "不满意的原因（可多选）", "Reasons (several)" }
    words { "客户原话", "The customer's words" }
    words_hint { "尽量记录原话，不要概括。", "Verbatim, no summary." }
    item_result { "客户的回复", "The customer's answer" }
    attempt(number) { "第 {number} 次拨打", "Dial {number}" }
    in_call { "处理中", "In hand" }
    not_in_call { "未接起", "Not claimed" }
    lease(time) { "保留到 {time}", "Kept until {time}" }
    result { "通话结果", "Result" }
    which_code { "具体情况", "In detail" }
    dialled_number { "拨打的号码", "Number dialled" }
    retry_at(at) { "未接通将于 {at} 自动回到队列。", "Not reached: back in the queue at {at}." }
    retry_message { "已按规定拨打完毕，保存后请发一条短信，未答复再按尽责未达结束。", "Tried as often as promised: after saving, send one message; without an answer it ends as not reached." }
    retry_over { "已按规定拨打完毕，保存后按尽责未达结束。", "Tried as often as promised: saving ends it as not reached." }
    number_next { "停机、空号、错号会把这个号码标为失效，换下一个号码再打。", "A suspended, vacant or wrong number is marked dead; the next number is tried." }
    number_last { "停机、空号、错号会把这个号码标为失效；没有别的号码，保存后按无有效电话结束。", "A suspended, vacant or wrong number is marked dead; there is no other, so saving ends the callback." }
    held_touch_limit(until) { "一周内联系次数已到上限，{until} 以后再打。", "Touched as often as a week allows; held until {until}." }
    held_car_in_shop { "车辆又在店内，交车后一并回访。", "The car is in the shop again; the call waits for its hand-over." }
    held_message_queued { "已拨打完毕，短信待发送。", "The dials are used up; the message waits to be sent." }
    held_awaiting(until) { "短信已发出，等待答复到 {until}。", "Message sent; the answer is awaited until {until}." }
    best_own(part, dials, answered) { "{part}最容易接通：这位客户此时段拨打 {dials} 次，接了 {answered} 次。", "Best reached in the {part}: this customer answered {answered} of {dials} dials then." }
    best_store(part, percent) { "{part}最容易接通：本店近两周此时段接通率 {percent}%。", "Best reached in the {part}: {percent}% of the store’s calls are answered then." }
    message_title { "短信", "Message" }
    message_to(number) { "发给 {number}", "To {number}" }
    message_body { "短信内容", "Text of the message" }
    message_copy { "复制短信", "Copy the text" }
    message_copied { "已复制", "Copied" }
    message_answered { "客户已答复", "Answered" }
    message_sent { "已发送", "Sent" }
    message_failed { "发送失败", "Failed" }
    message_hint { "用手机或短信平台发出后在这里记录；未答复时到期自动按尽责未达结束。", "Send it by telephone or by your message service and record it here; without an answer it ends as not reached by itself." }
    sms_after_visit(store, link) { "【{store}】您好，近日您的爱车在我店服务，我们多次致电未能与您联系。请点此评价本次服务：{link} 约一分钟；如有意见也可直接致电我们。", "[{store}] Hello, your car was serviced here and we could not reach you by telephone. Tell us how it was: {link} It takes a minute; or just call us." }
    sms_prefers_messages(store, link) { "【{store}】您好，近日您的爱车在我店服务。请点此评价本次服务：{link} 约一分钟；如有意见也可直接致电我们。", "[{store}] Hello, your car was serviced here lately. Tell us how it was: {link} It takes a minute; or just call us." }
    sms_please_call(store) { "【{store}】您好，我们多次致电未能与您联系。您的爱车有事项需要与您确认，方便时请回复或致电我们。", "[{store}] Hello, we could not reach you by telephone about your car. Please reply or call us when it suits you." }
    agreed_at { "约定时间", "Agreed time" }
    agreed_hint { "不占拨打次数，截止时间不变。", "Uses up no try; the deadline stays." }
    refused_hint { "按尽责未达结束，不计为成功。", "Ends as not reached, not as a success." }
    do_not_call { "客户不想再接到的电话", "Calls the customer does not want" }
    do_not_call_none { "没有提出", "Said nothing" }
    do_not_call_hint { "待办的相应回访会免访；召回与抱怨处理仍可联系。", "Such calls that wait are exempt; recalls and complaints may still be called about." }
    check_data { "信息核对", "Check of data" }
    km_now(plate) { "目前里程 {plate}", "Odometer now {plate}" }
    km_hint(km) { "上次进站 {km}，只填客户说的公里数", "{km} at the last visit; what the customer says" }
    km_hint_unknown { "客户说的公里数", "As the customer says" }
    plate_now { "车牌更正", "Plate, if it differs" }
    plate_hint(plate) { "档案中是 {plate}，一致可不填", "On file: {plate}; leave it empty if it is right" }
    plate_hint_none { "档案中没有车牌", "None on file" }
    other_phone { "补充号码", "Another number" }
    other_phone_hint { "手机或座机；存为待核实", "Mobile or landline; kept as unverified" }
    book { "预约到店", "Book a visit" }
    book_on { "希望日期", "Wished day" }
    book_at { "希望时间", "Wished time" }
    book_for { "预约事项", "What for" }
    book_for_hint { "如 70,000 km 保养", "Such as the 70,000 km service" }
    book_car { "车辆", "Car" }
    booked(day, state) { "{day} · {state}", "{day} · {state}" }
    upcoming { "已有预约", "Appointments" }
    complaints { "抱怨记录", "Complaints" }
    complaint_open { "处理中", "open" }
    complaint_ended { "已结束", "ended" }
    present_calls(name) { "{name} 正在处理这位客户", "{name} is on this call" }
    present_looks(name) { "{name} 也在看这一页", "{name} is looking at this page" }
    present_row(names) { "{names} 在看", "{names} looking" }
    must_mend { "有待更正", "To mend" }
    follow_up { "后续动作", "Follow-up" }
    make_complaint { "生成抱怨工单", "Open a complaint" }
    department { "责任部门", "Responsible department" }
    department_later { "稍后确定", "Decide later" }
    demand { "客户诉求", "Demand" }
    demand_hint { "客户要求处理或答复时填写", "If the customer wants something done" }
    note { "内部备注", "Internal note" }
    note_hint { "仅内部可见", "Internal only" }
    keys_hint_result { "结果", "result" }
    keys_hint_score { "评分", "score" }
    keys_hint_yes_no { "是否", "yes, no" }
    keys_hint_words { "原话", "words" }
    skip { "跳过", "Skip" }
    skip_why { "跳过的原因", "Reason for skipping" }
    save_draft { "保存草稿", "Save draft" }
    save { "保存", "Save" }
    save_next { "保存并下一位", "Save and next" }
    draft_restored(at) { "已恢复 {at} 的草稿。", "Draft of {at} restored." }
    draft_saved { "草稿已保存", "Draft saved" }
    draft_lost { "这通回访已不在你手上，草稿已保存", "This call is no longer yours; the draft is kept" }
    claim { "接起这一位", "Take this call" }
    assigned_to(name) { "这位客户已分配给 {name}。", "Assigned to {name}." }
    you_served { "你接待过这位客户，请由同事回访。", "You served this customer; a colleague must call." }
    has_ended { "这次回访已结束。", "This callback has ended." }
    outside_hours(at) { "现在不在可拨打时段，下一时段 {at}。", "Outside calling hours; the next begins at {at}." }
    next_warranty(day) { "质保 {day} 到期", "the warranty ends on {day}" }
    next_policy(day) { "保单 {day} 到期", "the policy ends on {day}" }
    next_service(day) { "下次保养约在 {day}", "the next maintenance is due about {day}" }
    next_default { "请按保养手册按时保养", "keep to the maintenance schedule" }
    your_car { "爱车", "car" }
}

labels! { outcome(Outcome) {
    Completed { "接通并完成", "Reached, done" }
    Later { "约时再打", "Agreed time" }
    NoAnswer { "无人接听", "No answer" }
    Busy { "忙线挂断", "Busy, cut off" }
    Off { "关机停机", "Off, suspended" }
    Wrong { "空号错号", "Wrong number" }
    Refused { "拒绝受访", "Refused" }
} }

labels! { disposition(Disposition) {
    Completed { "接通并完成", "Reached, done" }
    Inconvenient { "不便，已约时间", "Agreed on a time" }
    NoAnswer { "无人接听", "No answer" }
    NoCoverage { "不在服务区", "No coverage" }
    Voicemail { "语音信箱", "Voicemail" }
    HungUp { "秒挂", "Hung up at once" }
    Busy { "忙线", "Busy" }
    Rejected { "拒接", "Rejected" }
    CutOff { "中途挂断", "Hung up in the talk" }
    SignalLost { "信号中断", "Signal lost" }
    Other { "其他", "Other" }
    Off { "关机", "Switched off" }
    Suspended { "停机", "Suspended" }
    Vacant { "空号", "Vacant number" }
    Wrong { "错号", "Wrong number" }
    NotThePerson { "非本人", "Not the person" }
    Refused { "拒绝受访", "Refused" }
} }

labels! { callback_status(CallbackStatus) {
    Open { "待回访", "Open" }
    Claimed { "通话中", "In call" }
    Done { "已完成", "Done" }
    Exhausted { "尽责未达", "Not reached" }
    Cancelled { "已取消", "Cancelled" }
} }

labels! { contact_result(ContactResult) {
    Interested { "有意向", "Interested" }
    Booked { "已预约", "Booked" }
    Renewed { "已在本店续保", "Renewed with us" }
    MileageNotReached { "里程未到", "Mileage not reached" }
    Elsewhere { "已在别处办理", "Done elsewhere" }
    UsedElsewhere { "异地使用", "Used in another place" }
    Declined { "明确拒绝", "Declined" }
    CarSold { "车已卖", "Car sold" }
    Transferred { "车已转让", "Car handed on" }
    Gifted { "转赠他人", "Given away" }
    Commercial { "营运车", "Commercial car" }
    Informed { "已告知", "Informed" }
    NotReached { "没谈到，保留", "Not discussed, keep" }
} }

labels! { result_group(ResultGroup) {
    Succeeded { "通话成功", "Succeeded" }
    Failed { "通话失败", "Failed" }
    Invalid { "无效通话", "Invalid" }
} }

labels! { daypart(Daypart) {
    Morning { "上午", "morning" }
    Afternoon { "下午", "afternoon" }
    Evening { "傍晚", "evening" }
} }

labels! { message_status(MessageStatus) {
    Queued { "待发送", "To send" }
    Delivered { "已发出", "Sent" }
    Failed { "发送失败", "Failed" }
    Cancelled { "已取消", "Cancelled" }
} }

labels! { skip_reason(SkipReason) {
    NeedsCheck { "要先核实情况", "Needs a check first" }
    BetterColleague { "由更熟悉的同事来打", "A colleague knows them better" }
    Interrupted { "临时有事", "Interrupted" }
} }

labels! { no_calls(NoCalls) {
    Survey { "不再做满意度回访", "No more surveys" }
    All { "不要再打电话", "No more calls" }
} }

labels! { appointment_state(AppointmentState) {
    Requested { "待确认", "Requested" }
    Confirmed { "已确认", "Confirmed" }
    Cancelled { "已取消", "Cancelled" }
} }

/// The wished day is one on which the store is closed.
pub fn closed_day() -> FieldError {
    FieldError::Text {
        zh: "门店当天不营业".to_owned(),
        en: "The store is closed on that day".to_owned(),
    }
}

/// The wished time is outside opening hours.
pub fn closed_time() -> FieldError {
    FieldError::Text {
        zh: "不在营业时间".to_owned(),
        en: "Outside opening hours".to_owned(),
    }
}

labels! { refusal(Refusal) {
    Gone { "这次回访已结束", "This callback has ended" }
    Busy { "同事正在处理这位客户", "A colleague is on this call" }
    AssignedElsewhere { "这位客户已分配给别人", "Assigned to somebody else" }
    Served { "你接待过这位客户，请由同事回访", "You served this customer; a colleague must call" }
    Cap { "手上的回访已达上限，先完成一位", "You hold as many calls as allowed; finish one first" }
} }

impl T {
    /// The occasion of a call by the code of its obligation.
    pub fn kind(self, code: &str) -> &'static str {
        let (zh, en) = match code {
            "post_service" => ("三日内回访", "Post-service"),
            "warranty_expiry" => ("质保到期", "Warranty expiry"),
            "first_maintenance" => ("首保提醒", "First maintenance"),
            "periodic_maintenance" => ("定保提醒", "Maintenance due"),
            "renewal" | "renewal_contact" => ("续保", "Renewal"),
            "lost_customer" => ("流失回访", "Lost customer"),
            "data_task" => ("信息核实", "Data check"),
            "care_visit" => ("大客户关怀", "Key account"),
            "complaint_second_callback" => ("二次回访", "Second callback"),
            "complaint_after" => ("重大抱怨追访", "After a major case"),
            _ => ("抱怨跟进", "Complaint"),
        };
        match self.0 {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// The status of a bundled obligation.
    pub fn item_status(self, code: &str) -> &'static str {
        let (zh, en) = match code {
            "open" => ("待谈", "Open"),
            "done" => ("已完成", "Done"),
            "exhausted" => ("尽责未达", "Not reached"),
            "exempt" => ("免访", "Exempt"),
            _ => ("已取消", "Cancelled"),
        };
        match self.0 {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

/// Kinds of obligation that a call can be about, for the filter.
pub const CALL_KINDS: &[&str] = &[
    "complaint_second_callback",
    "complaint_after",
    "post_service",
    "warranty_expiry",
    "renewal_contact",
    "renewal",
    "first_maintenance",
    "periodic_maintenance",
    "lost_customer",
    "data_task",
    "care_visit",
];

/// An agreed time that is too far ahead.
pub fn agreed_too_far() -> FieldError {
    FieldError::Text {
        zh: "最多约到 60 天以后".to_owned(),
        en: "At most 60 days ahead".to_owned(),
    }
}

/// An agreed time at which nobody may call; `next` is the first one after it at which somebody may, on the store's clock.
pub fn not_callable(next: Option<NaiveDateTime>) -> FieldError {
    let next = next.map_or_else(|| "—".to_owned(), |at| at.format("%m-%d %H:%M").to_string());
    FieldError::Text {
        zh: format!("不在可拨打时段，之后最近的是 {next}"),
        en: format!("Outside calling hours; the next time is {next}"),
    }
}
