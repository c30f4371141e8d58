//! The clocks of a complaint: their names, why they are due when they are, the severity table, warnings.

use crate::complaints::sla::ChainEnd;
use crate::i18n::Lang;
use crate::obligations::ObligationKind;

messages! {
    follow_up(number) { "第 {number} 次追踪", "Follow-up {number}" }
    after(days) { "关闭后 {days} 天回访", "Call {days} days after closing" }
    answer { "退换车答复", "Answer about a replacement" }
    completion { "退换车完成", "Replacement carried out" }
    authority { "主管部门期限", "Date of the authority" }
    minutes(n) { "{n} 分钟", "{n} min" }
    hours(n) { "{n} 小时", "{n} h" }
    days(n) { "{n} 天", "{n} d" }
    not_owed { "不再需要", "Not owed" }
    exempt { "豁免", "Exempt" }
    paused_chip { "暂停", "Paused" }
    why_accepted(limit, from) { "{limit}，自受理 {from} 起", "{limit} from acceptance {from}" }
    why_opening(limit, from, accepted) { "{limit}，自开门 {from} 起（{accepted} 受理时已打烊）", "{limit} from opening {from} (accepted {accepted}, while closed)" }
    why_follow_up(limit, from) { "{limit}，自 {from} 起，处理完毕前每期一次", "{limit} from {from}, one in each period until dealt with" }
    why_from(limit, from) { "{limit}，自 {from} 起", "{limit} from {from}" }
    why_promised(at) { "已承诺客户 {at}", "Promised to the customer for {at}" }
    why_waited(time) { "，待客户暂停 {time}", ", paused {time} while waiting" }
    why_paused(since) { "，自 {since} 起暂停", ", standing still since {since}" }
    why_second(limit, from) { "{limit}，自处理完毕 {from} 起", "{limit} from dealt with {from}" }
    why_second_by(limit, from, at) { "{limit}，自处理完毕 {from} 起；可拨打到 {at}", "{limit} from dealt with {from}; can be called until {at}" }
    why_second_late(limit, from, at) { "{limit}，自处理完毕 {from} 起；期限内无可拨打时段，最早 {at}", "{limit} from dealt with {from}; no calling hours within, first chance {at}" }
    why_after(days, closed) { "关闭于 {closed}，{days} 天后回访；当日打烊则顺延到下个营业日", "Closed {closed}, call {days} days later; on a closed day the next open one" }
    why_law(days, accepted) { "三包规定第 28 条：自受理 {accepted} 起 {days} 个工作日", "Warranty rules, Art. 28: {days} working days from acceptance {accepted}" }
    why_authority { "以主管部门通知为准，当日 24:00 前", "As the authority's notice says, by the end of that day" }
}

labels! { chain_end(ChainEnd) {
    CareManager { "客服主管", "Care manager" }
    DepartmentHead { "部门经理", "Department head" }
    Director { "服务/销售总监", "Director" }
    GeneralManager { "总经理", "General manager" }
} }

impl T {
    /// The name of a clock by its kind.
    pub const fn name(self, kind: ObligationKind) -> &'static str {
        let (zh, en) = match kind {
            ObligationKind::ComplaintDispatch => ("上报责任部门", "To the department"),
            ObligationKind::ComplaintFirstReply => ("首次答复客户", "First reply"),
            ObligationKind::ComplaintFollowUp => ("追踪", "Follow-up"),
            ObligationKind::ComplaintPlan => ("处理方案", "Plan"),
            ObligationKind::ComplaintClose => ("目标关闭", "Target close"),
            ObligationKind::ComplaintSecondCallback => ("二次回访", "Second callback"),
            ObligationKind::ComplaintAfter => ("关闭后回访", "Call after closing"),
            ObligationKind::ComplaintExternal => ("外部期限", "External deadline"),
            ObligationKind::PostService
            | ObligationKind::WarrantyExpiry
            | ObligationKind::FirstMaintenance
            | ObligationKind::PeriodicMaintenance
            | ObligationKind::Renewal
            | ObligationKind::RenewalContact
            | ObligationKind::LostCustomer
            | ObligationKind::DataTask
            | ObligationKind::CareVisit
            | ObligationKind::ProfileReview => ("", ""),
        };
        match self.0 {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}
