//! The ledger.

use crate::i18n::exemptions;
use crate::obligations::reconcile::Finding;
use crate::obligations::{ObligationClass, ObligationKind};
use crate::rules::RuleKind;

messages! {
    only_label { "不限通话情况", "Any conversation" }
    only_connected { "已接通", "Connected" }
    only_answered { "已评价", "Rated" }
    only_satisfied { "满意", "Satisfied" }
    title { "应办台账", "Obligations" }
    meta { "门店应为客户完成的每一件事，按业务日归属，各有一个结果", "Everything the store owes its customers, by cohort day, each with one ending" }
    own { "仅显示本人负责的事项", "Your own entries only" }
    kind_label { "类型", "Kind" }
    class_label { "状态", "Class" }
    all_kinds { "全部类型", "All kinds" }
    all_people { "全部责任人", "Everybody" }
    person { "责任人", "Person" }
    nobody { "未分配", "Nobody" }
    from { "业务日从", "From" }
    to { "到", "To" }
    apply { "筛选", "Apply" }
    cohort_on { "业务日", "Cohort day" }
    customer { "客户", "Customer" }
    due { "应完成", "Due" }
    ended { "结束", "Ended" }
    due_until(day) { "{day} 前应完成", "Due until {day}" }
    ended_on(day) { "{day} 结束", "Ended {day}" }
    call { "查看回访", "Open callback" }
    empty_title { "没有符合条件的事项", "No entries match" }
    empty_text { "换一个时间段，或取消部分筛选。", "Try another period or fewer filters." }
    reconciliation { "对账", "Reconciliation" }
    reconciliation_meta(day) { "{day} 应生成与已生成的逐条比对", "What the run of {day} owes against what the ledger holds" }
    all_good { "应生成的全部在账，账内没有悬空事项。", "Everything owed is in the ledger, and nothing in it is loose." }
    missing(count) { "缺失 {count}", "{count} missing" }
    loose(count) { "异常 {count}", "{count} loose" }
    missing_finding { "应生成而未生成", "Owed but not in the ledger" }
    right_now { "此刻", "Right now" }
    nights { "每夜对账", "Night by night" }
    night { "日期", "Night" }
    result { "结果", "Result" }
    clean { "无差异", "Nothing found" }
    checked_at { "核对时间", "Checked" }
    no_night { "还没有对过账，每天 05:30 自动进行。", "Not reconciled yet; it runs every day at 05:30." }
    last_night(day) { "{day} 夜间对账", "Night of {day}" }
    bundling { "归并件数", "Bundling" }
    days_not_run { "未生成的日子", "Days that were not generated" }
    days_not_run_hint { "这些天的生成任务没有完成。到系统状态补跑，超过 31 天的不再补。", "The job of these days is not done. Run it from the system status; days older than 31 are given up." }
    deadlines { "时限", "Deadlines" }
    not_before { "最早可办", "Not before" }
    callable_due { "最晚可拨打", "Last callable minute" }
    strict_due { "严格时限（不顺延休息日）", "Without closed days" }
    short_window { "窗口不足", "Short window" }
    rule_version { "依据规则", "Rule" }
    no_rule { "固定时限", "Fixed clock" }
    about { "对象", "About" }
    vehicle { "车辆", "Vehicle" }
    visit { "进站", "Visit" }
    policy_ends { "保单到期", "Policy ends" }
    complaint { "抱怨工单", "Complaint" }
    stage { "阶段", "Stage" }
    gap { "缺口", "Gap" }
    data_task_hint { "补全资料后自动完成，最晚 5 分钟。", "Ends by itself within five minutes once the file is mended." }
    ending { "结果", "Ending" }
    ended_by { "办理人", "By" }
    approved_by { "批准人", "Approved by" }
    reason_label { "原因", "Reason" }
    still_open { "尚未结束", "Still open" }
    open_reminder { "查看提醒", "Open reminder" }
    open_file { "补全资料", "Mend the file" }
    open_review { "核对档案", "Review the file" }
    tick_row(kind) { "勾选“{kind}”", "Tick “{kind}”" }
    finding_label { "发现", "Finding" }
    number { "编号", "Number" }
}

labels! { kind(ObligationKind) {
    PostService { "售后回访", "Post-service" }
    WarrantyExpiry { "质保到期", "Warranty expiry" }
    FirstMaintenance { "首保提醒", "First maintenance" }
    PeriodicMaintenance { "定保提醒", "Periodic maintenance" }
    Renewal { "续保", "Renewal" }
    RenewalContact { "续保联系", "Renewal contact" }
    LostCustomer { "流失召回", "Lost customer" }
    DataTask { "信息核实", "Data check" }
    CareVisit { "定期探望", "Care visit" }
    ProfileReview { "档案核对", "File review" }
    ComplaintDispatch { "抱怨上报", "Complaint dispatch" }
    ComplaintFirstReply { "抱怨首次答复", "Complaint first reply" }
    ComplaintFollowUp { "抱怨跟踪", "Complaint follow-up" }
    ComplaintPlan { "抱怨处理方案", "Complaint plan" }
    ComplaintClose { "抱怨关闭", "Complaint close" }
    ComplaintSecondCallback { "抱怨二次回访", "Complaint second callback" }
    ComplaintAfter { "重大抱怨追访", "After a major complaint" }
    ComplaintExternal { "外部时限", "External deadline" }
} }

labels! { class(ObligationClass) {
    NotDue { "未到期", "Not due" }
    Early { "提前完成", "Early" }
    Done { "按时完成", "Done" }
    DoneLate { "迟完成", "Done late" }
    Exhausted { "尽责未达", "Exhausted" }
    ExhaustedLate { "尽责未达（迟）", "Exhausted late" }
    Overdue { "逾期", "Overdue" }
    Exempt { "豁免", "Exempt" }
    Cancelled { "取消", "Cancelled" }
} }

labels! { finding(Finding) {
    AttachedToNothing { "未归入回访或提醒", "In no callback or reminder" }
    CallbackEnded { "回访已结束，事项仍未结", "Its callback has ended" }
    ReminderEnded { "提醒已结束，事项仍未结", "Its reminder has ended" }
    CallbackCount { "回访的件数不符", "Wrong count of a callback" }
    ReminderCount { "提醒的件数不符", "Wrong count of a reminder" }
} }

impl T {
    /// The name of what a rule makes.
    pub fn rule(self, kind: RuleKind) -> &'static str {
        // Every kind of a rule is a kind of the ledger, as a test says.
        kind.as_str().parse().map_or(kind.as_str(), |kind| self.kind(kind))
    }

    /// Why an entry ended, for codes that rules and jobs write; other codes belong to other pages.
    pub fn reason(self, code: &str) -> &str {
        use crate::i18n::Lang;
        match (code, self.0) {
            ("rule:do_not_call", Lang::Zh) => "拒绝回访",
            ("rule:do_not_call", Lang::En) => "Refuses surveys",
            ("rule:no_marketing", Lang::Zh) => "拒绝营销",
            ("rule:no_marketing", Lang::En) => "Refuses marketing",
            ("answered", Lang::Zh) => "客户通过短信问卷答复",
            ("answered", Lang::En) => "Answered the message",
            ("unreachable", Lang::Zh) => "多次拨打和短信均未联系上",
            ("unreachable", Lang::En) => "Dials and message unanswered",
            ("no_valid_phone", Lang::Zh) => "无有效电话",
            ("no_valid_phone", Lang::En) => "No valid number",
            ("refused", Lang::Zh) => "客户拒访",
            ("refused", Lang::En) => "Refused",
            ("superseded", Lang::Zh) => "已有新的保养或保单",
            ("superseded", Lang::En) => "Superseded",
            ("decided", Lang::Zh) => "客户已有决定",
            ("decided", Lang::En) => "Customer has decided",
            ("came_back", Lang::Zh) => "客户已回厂",
            ("came_back", Lang::En) => "Came back",
            ("untagged", Lang::Zh) => "不再是探望对象",
            ("untagged", Lang::En) => "No longer visited",
            ("mended", Lang::Zh) => "资料已补全",
            ("mended", Lang::En) => "File mended",
            ("import_undone", Lang::Zh) => "导入已撤销",
            ("import_undone", Lang::En) => "Import undone",
            ("vehicle_gone", Lang::Zh) => "车辆已离开",
            ("vehicle_gone", Lang::En) => "Car is gone",
            ("visit_cancelled", Lang::Zh) => "工单已取消",
            ("visit_cancelled", Lang::En) => "Visit cancelled",
            ("reviewed", Lang::Zh) => "已核对",
            ("reviewed", Lang::En) => "Looked through",
            ("customer_gone", Lang::Zh) => "档案已合并或删除",
            ("customer_gone", Lang::En) => "Merged or erased",
            ("satisfied", Lang::Zh) => "客户满意",
            ("satisfied", Lang::En) => "Satisfied",
            ("acceptable", Lang::Zh) => "客户认为可接受",
            ("acceptable", Lang::En) => "Acceptable",
            ("dissatisfied", Lang::Zh) => "客户不满意",
            ("dissatisfied", Lang::En) => "Dissatisfied",
            ("renewed", Lang::Zh) => "已在本店续保",
            ("renewed", Lang::En) => "Renewed here",
            ("withdrawn", Lang::Zh) => "客户撤诉",
            ("withdrawn", Lang::En) => "Case withdrawn",
            ("invalid", Lang::Zh) => "工单无效",
            ("invalid", Lang::En) => "Case invalid",
            ("merged", Lang::Zh) => "工单已合并",
            ("merged", Lang::En) => "Case merged",
            ("reopened", Lang::Zh) => "工单重开，按新一轮计时",
            ("reopened", Lang::En) => "Reopened, the next cycle counts",
            ("resumed", Lang::Zh) => "工单恢复处理",
            ("resumed", Lang::En) => "Back in progress",
            ("resolved", Lang::Zh) => "此前已处理完毕",
            ("resolved", Lang::En) => "Dealt with before it began",
            ("closed", Lang::Zh) => "工单已关闭",
            ("closed", Lang::En) => "Case closed",
            ("changed", Lang::Zh) => "要求或期限已更正",
            ("changed", Lang::En) => "Demand or date corrected",
            // What people asked an exemption for.
            (other, lang) => match other.parse() {
                Ok(reason) => exemptions::T(lang).reason(reason),
                Err(_) => other,
            },
        }
    }
}
