//! Figures: names, formulas in words, verdicts.

use crate::kpi::Period;
use crate::kpi::definition::{Count, Duty, Rate};

messages! {
    title { "指标看板", "KPI dashboard" }
    title_own { "我的指标", "My figures" }
    as_of(from, to, time) { "归属日 {from} 至 {to}，数据截至 {time}", "Cohort days {from} to {to}, as of {time}" }
    met_of(met, of) { "{of} 项有目标的指标中 {met} 项达标", "{met} of {of} targets met" }
    period_label { "周期", "Period" }
    key_figures { "关键指标", "Key figures" }
    verdict_met { "达标", "Met" }
    verdict_near { "接近", "Close" }
    verdict_missed { "未达标", "Missed" }
    target_at_least(percent) { "目标 {percent}%", "Target {percent}%" }
    target_at_most(percent) { "上限 {percent}%", "Ceiling {percent}%" }
    no_target { "无目标值", "No target" }
    basis(part, whole) { "{part} / {whole}", "{part} / {whole}" }
    basis_none { "本期尚无到期", "Nothing due yet" }
    trend_title { "三日内回访及时率，近 30 天", "Callbacks in time, last 30 days" }
    trend_hint { "按交车日；虚线为 100% 目标，橙色为未达标，未到期的日子没有柱", "By hand-over day; dashed line is the target of 100%, amber missed it, days not due yet have no bar" }
    trend_conclusion(days, met, rate) { "近 30 天中 {days} 天有到期回访，{met} 天全部及时，合计及时率 {rate}", "{days} of the last 30 days had callbacks due, {met} of them all in time, {rate} in total" }
    trend_empty { "近 30 天没有到期的回访", "No callbacks were due in the last 30 days" }
    trend_table { "每日数据", "Figures by day" }
    day { "日期", "Day" }
    calls_title { "通话", "Calls" }
    calls_hint { "按拨打日", "By day of the dial" }
    dials { "拨打", "Dials" }
    dials_connected { "接通", "Connected" }
    connect_rate { "接通率", "Connect rate" }
    connect_rate_formula { "接通的拨打 ÷ 全部拨打；接通指与人说上了话", "Connected dials ÷ all dials; connected means somebody was spoken to" }
    open_complaints { "未结抱怨", "Open complaints" }
    duties_title { "按事项", "By duty" }
    duties_hint { "每个数字打开它的明细；未到期、提前完成、豁免和取消不进分母", "Each number opens its rows; not due, early, exempt and cancelled stay out of the denominator" }
    duty_heading { "事项", "Duty" }
    people_title { "按专员", "By person" }
    people_hint { "归负责人，没有负责人的归办结人；底色表示未达目标", "Counted for who was responsible, else who ended it; tinted cells missed the target" }
    person_heading { "专员", "Person" }
    nobody { "未分配", "Nobody yet" }
    total { "合计", "Total" }
    callbacks_due { "回访应办", "Callbacks due" }
    callbacks_in_time { "回访及时率", "In time" }
    callbacks_success { "回访成功率", "Success rate" }
    callbacks_satisfied { "满意", "Satisfied" }
    reminders_in_time { "提醒及时率", "Reminders in time" }
    renewals_in_time { "续保联系及时率", "Renewal contacts in time" }
    people_empty_title { "本期还没有数据", "No figures yet" }
    people_empty_text { "每日任务生成应办事项后，这里按专员列出。", "Once the daily job has written what is owed, it is listed here by person." }
    complaints_closed { "投诉关闭率", "Complaints closed" }
    complaints_closed_formula { "经二次回访关闭 ÷ 目标关闭落在本期的工单；撤诉、无效、合并不计", "Closed with a second callback ÷ cases whose target close lies in the period; withdrawn, invalid and merged ones do not count" }
    complaints_in_time_formula { "在目标关闭前关闭 ÷ 目标关闭落在本期的工单", "Closed by the target ÷ cases whose target close lies in the period" }
    definitions_title { "指标口径", "Definitions" }
}

labels! { period(Period) {
    Today { "今日", "Today" }
    Week { "本周", "This week" }
    Month { "本月", "This month" }
    LastMonth { "上月", "Last month" }
} }

labels! { duty(Duty) {
    PostService { "三日内回访", "Three-day callback" }
    FirstMaintenance { "首保提醒", "First maintenance reminder" }
    PeriodicMaintenance { "定保提醒", "Periodic maintenance reminder" }
    RenewalContact { "续保联系", "Renewal contact" }
    WarrantyExpiry { "质保到期电话", "Warranty expiry call" }
    LostCustomer { "流失客户回访", "Lost-customer call" }
    CareVisit { "定期探望", "Care visit" }
    DataTask { "信息核实", "Data task" }
    ComplaintDispatch { "抱怨 2 小时上报", "Complaint dispatch within 2 h" }
    ComplaintFirstReply { "抱怨首次答复", "Complaint first reply" }
    ComplaintFollowUp { "抱怨 24 小时跟踪", "Complaint follow-up every 24 h" }
    ComplaintSecondCallback { "抱怨二次回访", "Complaint second callback" }
    ComplaintClose { "抱怨关闭", "Complaint closed" }
    ProfileReview { "档案每周核对", "Weekly file review" }
} }

labels! { count(Count) {
    Due { "应", "Due" }
    InTime { "实", "In time" }
    Late { "迟完成", "Late" }
    Exhausted { "尽责未达", "Exhausted" }
    Overdue { "逾期", "Overdue" }
    Connected { "成功", "Spoken to" }
    Answered { "有评价", "Rated" }
    Satisfied { "满意", "Satisfied" }
    NotDue { "未到期", "Not due yet" }
    Early { "提前完成", "Early" }
    Exempt { "豁免", "Exempt" }
    Cancelled { "取消", "Cancelled" }
    DueOrExempt { "应与豁免", "Due or exempt" }
} }

labels! { count_formula(Count) {
    Due { "已到期的应办：完成、尽责未达和逾期，不论早晚", "What has fallen due: done, exhausted and overdue" }
    InTime { "到期前完成或尽责未达", "Done or exhausted by the due time" }
    Late { "过了到期时间才完成或尽责未达", "Done or exhausted after the due time" }
    Exhausted { "按规则次数拨打仍未联系上", "Tried as often as the rule asks, nobody reached" }
    Overdue { "已过到期时间，仍未办结", "Past its due time and still open" }
    Connected { "已完成，并且与人说上了话", "Done, and somebody was spoken to" }
    Answered { "已完成，并且客户给出了评价", "Done, and the customer said how satisfied they are" }
    Satisfied { "已完成，并且客户满意", "Done, and the customer is satisfied" }
    NotDue { "还没到到期时间，未办结", "Open, its due time has not come" }
    Early { "到期时间之前已办结；到期后才计入应与实", "Ended, its due time has not come; counts once it has" }
    Exempt { "经批准或按规则豁免；不进分母", "Exempt by approval or rule; not in the denominator" }
    Cancelled { "不再需要：被替代，或导入已撤销；不进分母", "No longer owed: superseded or its import undone; not in the denominator" }
    DueOrExempt { "应，加上豁免", "Due, and exempt" }
} }

labels! { rate(Rate) {
    InTime { "及时率", "In-time rate" }
    Success { "成功率", "Success rate" }
    Satisfaction { "满意率", "Satisfaction" }
    Exemption { "豁免占比", "Exempt share" }
} }

labels! { rate_formula(Rate) {
    InTime { "实 ÷ 应；尽责未达计入。回访的及时率即回访率", "In time ÷ due; exhausted counts. For callbacks this is the callback rate" }
    Success { "成功 ÷ 应；尽责未达不计入", "Spoken to ÷ due; exhausted does not count" }
    Satisfaction { "满意 ÷ 有评价", "Satisfied ÷ rated" }
    Exemption { "豁免 ÷（应 + 豁免）；超过 5% 须说明", "Exempt ÷ (due + exempt); more than 5% needs an explanation" }
} }

labels! { duty_rate(Duty) {
    PostService { "三日回访率", "Three-day callback rate" }
    FirstMaintenance { "首保提醒率", "First maintenance reminded" }
    PeriodicMaintenance { "定保提醒率", "Periodic maintenance reminded" }
    RenewalContact { "续保联系及时率", "Renewal contacts in time" }
    WarrantyExpiry { "质保电话及时率", "Warranty calls in time" }
    LostCustomer { "流失回访及时率", "Lost-customer calls in time" }
    CareVisit { "探望完成率", "Care visits in time" }
    DataTask { "信息核实及时率", "Data tasks in time" }
    ComplaintDispatch { "抱怨上报 ≤ 2 小时", "Dispatch within 2 hours" }
    ComplaintFirstReply { "首次答复及时率", "First reply in time" }
    ComplaintFollowUp { "24 小时跟踪率", "24 h follow-up rate" }
    ComplaintSecondCallback { "二次回访率", "Second callback rate" }
    ComplaintClose { "及时关闭率", "Closed in time" }
    ProfileReview { "档案更新率", "Files updated in time" }
} }
