//! Appointments.

use crate::appointments::model::CancelReason;

messages! {
    title { "预约", "Appointments" }
    meta { "每个预约在营业时间 30 分钟内答复：确认，或与客户另约时间。", "Every wish is answered within 30 minutes of opening time: confirmed, or moved with the customer." }
    find_customer { "查找客户后预约", "Find the customer first" }
    today { "今日预约", "Today" }
    today_basis { "未取消的预约", "Not cancelled" }
    waiting { "待确认", "To confirm" }
    overdue(count) { "{count} 个已超时", "{count} over time" }
    accepted_rate { "受理率", "Accepted" }
    accepted_basis(answered, all) { "近 30 天 {answered}/{all}，目标 100%", "{answered} of {all} in 30 days, target 100%" }
    in_time_rate { "30 分钟内答复", "Answered in 30 min" }
    in_time_basis { "近 30 天，按营业时间", "30 days, opening hours" }
    tab_day { "日程", "By day" }
    tab_cancelled { "已取消", "Cancelled" }
    days { "日期", "Days" }
    earlier { "前一周", "A week earlier" }
    later { "后一周", "A week later" }
    waiting_of(count) { "{count} 待确认", "{count} to confirm" }
    time { "时间", "Time" }
    any_time { "全天", "Any time" }
    day { "日期", "Day" }
    time_hint { "不填表示当天任意时间", "Empty is any time of that day" }
    customer { "客户", "Customer" }
    car { "车辆", "Car" }
    no_car { "未指定", "None" }
    car_number(id) { "车辆 {id}", "Car {id}" }
    purpose { "事项", "For" }
    purpose_hint { "例如：6 万公里保养、检查异响", "For example: 60,000 km service, a noise" }
    state { "状态", "State" }
    answer { "答复", "Answer" }
    confirm { "确认", "Confirm" }
    change { "改约", "Change" }
    open { "查看", "Open" }
    new_title { "新建预约", "New appointment" }
    new_meta { "只能选营业时间。车间尚未答复时，先按待确认记录。", "Opening hours only. It waits for the workshop unless it has agreed already." }
    confirmed_already { "已与车间确认", "The workshop has agreed already" }
    note { "记录预约", "Note it" }
    one(name) { "{name} 的预约", "Appointment of {name}" }
    move_it { "保存改约", "Save the change" }
    move_hint { "改约视为已答复客户。", "A change counts as an answer to the customer." }
    asked { "提出时间", "Asked" }
    noted_by { "记录人", "Noted by" }
    answered_by { "答复人", "Answered by" }
    from { "来源", "From" }
    the_call { "回访通话", "A call" }
    cancel_it { "取消预约", "Cancel it" }
    why { "取消原因", "Why" }
    none_text { "在客户页或回访通话中可以新建预约。", "Make one on the page of a customer or in a call." }
}

labels! { cancel_reason(CancelReason) {
    Customer { "客户取消", "Customer" }
    Store { "车间无法安排", "Workshop" }
    Duplicate { "重复登记", "Duplicate" }
} }

impl T {
    /// Nothing in the list: of what waits that is good news.
    pub const fn none_title(self, is_waiting: bool) -> &'static str {
        use crate::i18n::Lang;
        match (is_waiting, self.0) {
            (true, Lang::Zh) => "没有待确认的预约",
            (true, Lang::En) => "Nothing to confirm",
            (false, Lang::Zh) => "没有预约",
            (false, Lang::En) => "No appointments",
        }
    }
}
