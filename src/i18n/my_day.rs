//! My day.

use crate::obligations::ObligationKind;

messages! {
    meta(due, done) { "今日应呼 {due} 位，已办结 {done} 位", "{due} to call today, {done} done" }
    meta_overdue(count) { "逾期 {count} 位", "{count} overdue" }
    call_next { "呼叫下一位", "Call next" }
    ruler { "今日时间标尺", "The day by the hour" }
    ruler_span(start, end, now) { "时间标尺：{start} 至 {end}，现在 {now}。", "The day from {start} to {end}, now {now}. " }
    ruler_tally(done, late, soon, later) { "已办 {done} 件，逾期 {late} 件，1 小时内到期 {soon} 件，其余 {later} 件。", "{done} done, {late} overdue, {soon} due within the hour, {later} later." }
    lane_complaint { "抱怨", "Cases" }
    lane_callback { "回访", "Calls" }
    lane_renewal { "续保", "Renewal" }
    legend_done { "已办", "Done" }
    legend_open { "待办", "To do" }
    legend_soon { "1 小时内到期", "Due within the hour" }
    legend_late { "逾期", "Overdue" }
    tasks_title { "今日待办", "To do today" }
    tasks_hint { "按到期先后，自己的与未分配的", "By deadline, yours and unassigned ones" }
    tasks_all { "全部队列", "Whole queue" }
    tasks_more(count) { "还有 {count} 位在队列中", "{count} more in the queue" }
    open_call { "打开", "Open" }
    open_case { "查看", "Open" }
    handed_over(day) { "{day} 交车", "handed over {day}" }
    dialled(count) { "已拨 {count} 次", "dialled {count} times" }
    in_progress { "你正在处理", "You are on it" }
    agreed(time) { "客户约 {time}", "Agreed {time}" }
    retry(time) { "{time} 可重试", "Retry from {time}" }
    clock_of(number, clock) { "{number} {clock}", "{number}: {clock}" }
    reminders_due(count) { "{count} 位客户今日待提醒保养", "{count} maintenance reminders to make today" }
    reminders_open { "去提醒", "Open reminders" }
    empty_title { "今天没有到期的待办", "Nothing is due today" }
    empty_text { "新的应办事项由每日任务生成。可以提前呼叫队列里的下一位。", "The daily job writes new work. The next call of the queue may be made early." }
    done_title { "我的今日", "My day so far" }
    week_title { "我的本周", "My week" }
    week_hint { "周一至今", "Since Monday" }
    week_figures { "我的指标", "My figures" }
    settled { "办结", "Settled" }
    dials { "拨打", "Dials" }
    connected { "接通", "Connected" }
    satisfied { "满意", "Satisfied" }
    of(part, whole) { "{part} / {whole}", "{part} / {whole}" }
    search_title { "查找客户", "Find a customer" }
    search_hint { "来电时先查档案", "Look up who is calling" }
    cases_title { "未结抱怨", "Open complaints" }
    cases_all { "全部抱怨工单", "All complaints" }
    cases_empty_title { "没有未结的抱怨", "No open complaints" }
    cases_empty_text { "客户在回访中表示不满意时会自动登记。", "A dissatisfied answer in a callback makes one." }
    accepted(at) { "{at} 受理", "accepted {at}" }
    work_title { "门店今日", "The store today" }
    work_callbacks { "今日应呼", "Calls due today" }
    work_overdue { "其中逾期", "Of them overdue" }
    work_free { "无人认领", "Nobody's yet" }
    work_complaints { "未结抱怨", "Open complaints" }
    work_clocks { "时限已逾期", "Clocks overdue" }
    work_reminders { "待提醒保养", "Reminders to make" }
    work_kpi { "打开指标看板", "Open the KPI dashboard" }
    imports_title { "最近导入", "Last imports" }
    imports_all { "全部导入", "All imports" }
    imports_empty_title { "还没有导入过文件", "No file has been imported" }
    imports_empty_text { "先导入客户名册，再导入进站记录，每日任务就会生成回访。", "Import the roster, then the visits; the daily job writes the callbacks." }
    jobs_title { "最近的任务", "Last jobs" }
    jobs_all { "系统状态", "System status" }
    jobs_empty_title { "任务还没有运行过", "No job has run yet" }
    jobs_empty_text { "每日任务在门店时间 05:00 运行，也可以手动运行。", "The daily job runs at 05:00 store time, or by hand." }
    state_reading { "读取中", "Reading" }
    state_staged { "待确认", "To confirm" }
    state_running { "进行中", "Running" }
    state_confirmed { "已导入", "Imported" }
    state_failed { "失败", "Failed" }
    state_discarded { "已放弃", "Discarded" }
    job_done { "完成", "Done" }
    job_missed { "错过", "Missed" }
    kind_post_service { "三日内回访", "Three-day callback" }
    kind_warranty { "质保到期", "Warranty expiry" }
    kind_maintenance { "保养提醒改电话", "Maintenance, by phone" }
    kind_renewal { "续保联系", "Renewal contact" }
    kind_lost { "流失召回", "Lost customer" }
    kind_care { "定期探望", "Care visit" }
    kind_other { "客户关怀", "Customer care" }
}

impl T {
    /// What a call is about, by the kind of its most urgent obligation.
    pub fn kind(self, kind: Option<ObligationKind>) -> &'static str {
        use ObligationKind::{
            CareVisit, FirstMaintenance, LostCustomer, PeriodicMaintenance, PostService, Renewal, RenewalContact, WarrantyExpiry,
        };
        match kind {
            Some(PostService) => self.kind_post_service(),
            Some(WarrantyExpiry) => self.kind_warranty(),
            Some(FirstMaintenance | PeriodicMaintenance) => self.kind_maintenance(),
            Some(Renewal | RenewalContact) => self.kind_renewal(),
            Some(LostCustomer) => self.kind_lost(),
            Some(CareVisit) => self.kind_care(),
            Some(_) | None => self.kind_other(),
        }
    }

    /// The state of an import or of a job as tone of its badge and text.
    pub fn state(self, code: &str) -> (&'static str, &'static str) {
        match code {
            "reading" => ("info", self.state_reading()),
            "staged" => ("soon", self.state_staged()),
            "running" => ("info", self.state_running()),
            "confirmed" => ("good", self.state_confirmed()),
            "done" => ("good", self.job_done()),
            "failed" => ("bad", self.state_failed()),
            "missed" => ("soon", self.job_missed()),
            _ => ("", self.state_discarded()),
        }
    }
}
