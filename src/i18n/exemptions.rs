//! Exemptions.

use crate::exemptions::{ExemptionReason, ExemptionStatus};

messages! {
    title { "豁免申请", "Exemptions" }
    meta { "一人说明原因，另一人批准。批准后不再计入应办，单独列出比例", "One person says why, another one decides. What is exempt leaves the rate and is shown as a share" }
    tab_open { "待批准", "To decide" }
    tab_decided { "已处理", "Decided" }
    tick { "勾选", "Tick" }
    tick_row(id) { "勾选申请 {id}", "Tick request {id}" }
    entry { "应办事项", "Obligation" }
    customer { "客户", "Customer" }
    reason_label { "原因", "Reason" }
    asked_by { "申请人", "Asked by" }
    decision { "处理", "Decision" }
    withdraw { "收回", "Take back" }
    answer { "答复（选填）", "Answer (optional)" }
    approve { "批准勾选的", "Approve the ticked" }
    refuse { "不批准", "Refuse" }
    empty_title { "没有待批准的申请", "Nothing to decide" }
    empty_decided_title { "还没有处理过申请", "Nothing decided yet" }
    empty_text { "在应办台账中勾选事项，即可申请豁免。", "Tick entries of the ledger to ask for an exemption." }
    ask { "申请豁免", "Ask for an exemption" }
    ask_meta { "由另一人批准。在此之前仍按时限计算", "Somebody else decides. Until then the deadline stands" }
    chosen(count) { "勾选的 {count} 项", "{count} entries" }
    left_out(count) { "另有 {count} 项已结束或已有申请，未列入。", "{count} more have ended or were asked for before." }
    choose { "请选择", "Choose" }
    note { "说明", "Explanation" }
    note_hint { "写清事实，不写客户隐私。", "The facts, nothing private." }
    send { "提交申请", "Send the request" }
    nothing_title { "没有可申请的事项", "Nothing to ask for" }
    nothing_text { "勾选的事项已结束，或已有申请。", "The entries have ended or were asked for before." }
    share_title { "豁免比例", "Share of exempt entries" }
    share_over(limit) { "高于上限 {limit}%", "Above the limit of {limit}%" }
    waiting(count) { "{count} 项待批准", "{count} to decide" }
}

labels! { reason(ExemptionReason) {
    VehicleGone { "车辆已售、报废或迁出", "Car sold, scrapped or moved" }
    Duplicate { "重复事项", "Duplicate" }
    NotEligible { "不属于回访范围", "Not eligible" }
    HandledElsewhere { "已由其他渠道处理", "Handled elsewhere" }
    CustomerAsked { "客户要求不联系", "Customer asked for it" }
    LongAbsence { "客户长期外出", "Customer away for long" }
    Other { "其他", "Other" }
} }

labels! { status(ExemptionStatus) {
    Open { "待批准", "To decide" }
    Approved { "已批准", "Approved" }
    Refused { "未批准", "Refused" }
    Withdrawn { "已收回", "Taken back" }
    Lapsed { "已失效", "Lapsed" }
} }

impl T {
    /// What became of the ticked requests.
    pub fn decided(self, is_approved: bool, done: i64, own: i64, left: i64) -> String {
        use crate::i18n::Lang;
        let mut parts = Vec::new();
        match (is_approved, self.0) {
            (true, Lang::Zh) => parts.push(format!("已批准 {done} 项")),
            (true, Lang::En) => parts.push(format!("{done} approved")),
            (false, Lang::Zh) => parts.push(format!("{done} 项未批准")),
            (false, Lang::En) => parts.push(format!("{done} refused")),
        }
        match (own, self.0) {
            (0, _) => {}
            (_, Lang::Zh) => parts.push(format!("{own} 项是你自己的申请，由别人批准")),
            (_, Lang::En) => parts.push(format!("{own} are your own: somebody else decides")),
        }
        match (left, self.0) {
            (0, _) => {}
            (_, Lang::Zh) => parts.push(format!("{left} 项正在通话或已结束，未改动")),
            (_, Lang::En) => parts.push(format!("{left} are being talked about or have ended")),
        }
        match self.0 {
            Lang::Zh => parts.join("，"),
            Lang::En => parts.join("; "),
        }
    }
}
