//! Cars and customers who are about to complain.

use crate::complaints::risks::model::RiskTab;
use crate::complaints::risks::{RiskAction, RiskKind, RiskState};
use crate::i18n::Lang;

messages! {
    title { "风险预警", "At risk" }
    meta { "每天早晨从进站、预约和三包计数中查出，在客户抱怨之前处理", "Found every morning from visits, appointments and warranty counters: act before the customer complains" }
    all_kinds { "全部", "All" }
    kinds { "风险类型", "Kinds" }
    risk { "风险", "Risk" }
    customer { "客户与车辆", "Customer and car" }
    served { "接待", "Served by" }
    last_contact { "上次联系", "Last contact" }
    never { "无记录", "none" }
    taken_by { "处理人", "With" }
    nobody { "无人", "nobody" }
    me { "我", "me" }
    since(at) { "{at} 起", "since {at}" }
    empty_title { "没有风险", "Nothing at risk" }
    empty_text { "新的风险会在每天早晨列出。", "New ones are listed every morning." }
    open_risk { "查看", "Open" }
    take { "我来处理", "I take it" }
    release { "放回", "Give it back" }
    is_taken(name) { "{name} 正在处理", "{name} is on it" }
    is_free { "无人处理，谁都可以处理", "With nobody: anyone may take it" }
    what { "情况", "What" }
    why { "依据", "Why" }
    todo { "该做什么", "What to do" }
    subject { "涉及", "About" }
    visit { "进站", "Visit" }
    phone { "电话", "Phone" }
    settle_title { "处理结果", "What came of it" }
    note { "说明", "Note" }
    note_hint { "联系了谁、说了什么、约定了什么", "Whom you talked to, what was said and agreed" }
    until { "推迟到", "Until" }
    until_hint { "只在选择推迟时填写，最多 30 天", "Only to put it off, 30 days at most" }
    save { "保存", "Save" }
    reopen { "重新打开", "Open again" }
    history { "处理记录", "What was done" }
    history_empty { "还没有人处理。", "Nobody has done anything yet." }
    gone(at) { "{at} 起已不再成立", "No longer so since {at}" }
    snoozed_until(day) { "推迟到 {day}", "put off until {day}" }
    open_customer { "客户档案", "Customer" }
    make_case { "登记抱怨", "Make it a complaint" }
    open_vehicle { "车辆档案", "Car" }
    ended(state, by, at) { "{state}，{by}，{at}", "{state}, {by}, {at}" }
    at_risk(count) { "{count} 项客户风险待处理", "{count} at risk" }
    see { "查看风险", "See them" }
    hand_over_days(n) { "结算后 {n} 天未交车", "settled {n} days ago, not handed over" }
}

labels! { kind(RiskKind) {
    LongRepair { "修理超过 5 日", "Over 5 days in repair" }
    Warranty { "三包计数临近", "Near a warranty threshold" }
    SameFault { "同一故障第三次", "Third time, same fault" }
    Rework { "30 日内返修", "Back within 30 days" }
    PartsWait { "等待配件", "Waiting for parts" }
    NotHandedOver { "结算未交车", "Settled, not handed over" }
    Missed { "预约未到", "Appointment missed" }
} }

labels! { rule(RiskKind) {
    LongRepair { "三包规定第 21 条、第 40 条：修理每满 24 小时计 1 日，超过 5 日的从第 6 日起应提供备用车或交通费用补偿。", "Warranty rules (Order 43), Art. 21 and 40: each begun 24 hours are a day; from the sixth a loaner or money is owed." }
    Warranty { "三包规定第 20、23、24 条：到达次数或天数后，客户可要求更换或退货。", "Warranty rules (Order 43), Art. 20, 23, 24: at the threshold the customer may ask for exchange or refund." }
    SameFault { "行业做法：同一车辆 12 个月内因同一故障第三次进站。", "The trade’s rule: the same fault for the third time within a year." }
    Rework { "行业做法：交车后 30 日内因同一症状或同一项目再次进站。", "The trade’s rule: back within 30 days with the same symptom or item." }
    PartsWait { "行业做法：等待配件超过 2 日；等待时间计入修理时间（三包规定第 21 条）。", "The trade’s rule: parts awaited for over 2 days; the wait counts as repair time (Order 43, Art. 21)." }
    NotHandedOver { "行业做法：结算后超过 3 日仍未交车。", "The trade’s rule: settled over 3 days ago and not handed over." }
    Missed { "行业做法：已确认的预约，到期 7 日内没有进站。", "The trade’s rule: confirmed, and nobody came within the last 7 days." }
} }

labels! { todo_of(RiskKind) {
    LongRepair { "致电客户说明进度与预计交车时间；确认是否已安排备用车或交通补偿。", "Call, say how far it is and when it will be done; see that a loaner or money is arranged." }
    Warranty { "请服务经理核对维修记录与方案；主动联系客户，说明下一步。", "Have the service manager check the file and the plan; call before the customer does." }
    SameFault { "请技术主管会诊；由经理致电致歉并约定方案。", "Ask the technical lead in; a manager calls, apologises and agrees a plan." }
    Rework { "交车前复检；致电确认问题是否已解决。", "Check again before the hand-over; call to hear whether it is solved." }
    PartsWait { "向配件确认到货日期，告知客户；必要时先交车再约。", "Ask the parts desk for the date and tell the customer; hand the car over meanwhile if it can be driven." }
    NotHandedOver { "联系客户约定取车；确认是否有未说出的不满。", "Agree on the hand-over; listen for what was not said." }
    Missed { "致电了解原因，重新预约。", "Call, ask why, agree on another day." }
} }

labels! { tab(RiskTab) {
    Open { "待处理", "Open" }
    Mine { "我的", "Mine" }
    Snoozed { "已推迟", "Put off" }
    Done { "已处理", "Done" }
} }

labels! { state(RiskState) {
    Open { "待处理", "Open" }
    Handled { "已处理", "Handled" }
    Dismissed { "不是风险", "No risk" }
} }

labels! { outcome(RiskAction) {
    Taken { "接手", "Taken" }
    Released { "放回", "Given back" }
    Handled { "已联系并处理", "Called and handled" }
    Snoozed { "推迟", "Put off" }
    Dismissed { "不是风险", "No risk" }
    Reopened { "重新打开", "Opened again" }
} }

impl T {
    /// What it is about in numbers.
    pub fn count_of(self, kind: RiskKind, count: i32) -> String {
        match (kind, self.0) {
            (RiskKind::LongRepair, Lang::Zh) => format!("第 {count} 日"),
            (RiskKind::LongRepair, Lang::En) => format!("day {count}"),
            (RiskKind::PartsWait, Lang::Zh) => format!("已等 {count} 日"),
            (RiskKind::PartsWait, Lang::En) => format!("day {count} of waiting"),
            (RiskKind::NotHandedOver, _) => self.hand_over_days(count),
            (RiskKind::Missed, Lang::Zh) => format!("{count} 日前未到"),
            (RiskKind::Missed, Lang::En) => format!("{count} days ago"),
            (RiskKind::SameFault, Lang::Zh) => format!("12 个月内第 {count} 次"),
            (RiskKind::SameFault, Lang::En) => format!("{count} times in a year"),
            (RiskKind::Rework, Lang::Zh) => format!("交车后 {count} 日"),
            (RiskKind::Rework, Lang::En) => format!("{count} days after the hand-over"),
            (RiskKind::Warranty, _) => count.to_string(),
        }
    }

    /// What a person has just done.
    pub fn done(self, action: RiskAction) -> String {
        match self.0 {
            Lang::Zh => format!("已记录：{}", self.outcome(action)),
            Lang::En => format!("Recorded: {}", self.outcome(action).to_lowercase()),
        }
    }
}
