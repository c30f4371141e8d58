//! Background jobs.

use crate::i18n::Lang;
use crate::i18n::obligations;
use crate::jobs::JobName;
use crate::jobs::queries::RunStatus;

messages! {
    title { "系统状态", "System status" }
    leads { "后台任务正在按时运行", "Background jobs are running on schedule" }
    no_leader { "后台任务没有运行：没有任何进程持有调度权", "Background jobs are not running: no process leads" }
    jobs { "后台任务", "Background jobs" }
    history { "最近运行", "Last runs" }
    job_name { "任务", "Job" }
    store { "门店", "Store" }
    all_stores { "全部门店", "All stores" }
    schedule { "时间", "Schedule" }
    daily(time) { "每天 {time}", "Daily {time}" }
    every(minutes) { "每 {minutes} 分钟", "Every {minutes} min" }
    last_run { "上次运行", "Last run" }
    day { "业务日", "Day" }
    result { "结果", "Result" }
    duration { "用时", "Took" }
    seconds(seconds) { "{seconds} 秒", "{seconds} s" }
    next_run { "下次运行", "Next run" }
    run_now { "立即运行", "Run now" }
    tries(tries) { "第 {tries} 次", "Try {tries}" }
    late(days) { "落后 {days} 天", "{days} d behind" }
    never { "尚未运行", "Never ran" }
    nothing { "无变化", "No changes" }
    empty_title { "还没有运行记录", "No runs yet" }
    empty_text { "任务第一次运行后显示在这里。", "Runs appear here once a job has run." }
}

labels! { name(JobName) {
    GenerateObligations { "生成应办事项", "Generate obligations" }
    AttachWaiting { "归并待办", "Bundle waiting work" }
    ReleaseExpiredLeases { "释放超时通话", "Release expired calls" }
    GenerateReviews { "生成档案核对", "List files to review" }
    ReconcileLedger { "台账对账", "Reconcile the ledger" }
    ExtendCalendars { "延长营业日历", "Extend calendars" }
    WarnComplaints { "抱怨时限提醒", "Warn of complaint clocks" }
    FindRisks { "查找客户风险", "Find who is at risk" }
    FindDuplicates { "查找重复档案", "Find duplicates" }
    CleanUp { "清理过期数据", "Clean up" }
} }

labels! { status(RunStatus) {
    Running { "运行中", "Running" }
    Done { "完成", "Done" }
    Failed { "失败", "Failed" }
    Missed { "已跳过", "Missed" }
} }

impl T {
    /// What a key of `job_runs.counts` counts; an unknown one stands for itself.
    pub fn count(self, key: &str) -> &str {
        if let Ok(kind) = key.parse() {
            return obligations::T(self.0).kind(kind);
        }
        match (key, self.0) {
            ("told", Lang::Zh) => "发出提醒",
            ("told", Lang::En) => "warned",
            ("clocks", Lang::Zh) => "补建时限",
            ("clocks", Lang::En) => "clocks mended",
            ("risks", Lang::Zh) => "客户风险",
            ("risks", Lang::En) => "At risk",
            ("gone", Lang::Zh) => "不再成立",
            ("gone", Lang::En) => "No longer so",
            ("pairs", Lang::Zh) => "疑似重复",
            ("pairs", Lang::En) => "Pairs",
            ("callbacks", Lang::Zh) => "新回访",
            ("callbacks", Lang::En) => "New callbacks",
            ("handed_over", Lang::Zh) => "转交",
            ("handed_over", Lang::En) => "Handed over",
            ("joined", Lang::Zh) => "并入已有",
            ("joined", Lang::En) => "Bundled",
            ("reminders", Lang::Zh) => "新提醒",
            ("reminders", Lang::En) => "New reminders",
            ("superseded", Lang::Zh) => "已取消",
            ("superseded", Lang::En) => "Superseded",
            ("renewed", Lang::Zh) => "已续保",
            ("renewed", Lang::En) => "Renewed",
            ("held", Lang::Zh) => "暂缓变动",
            ("held", Lang::En) => "Held or let go",
            ("written", Lang::Zh) => "改发短信",
            ("written", Lang::En) => "Written to",
            ("unanswered", Lang::Zh) => "短信未答复",
            ("unanswered", Lang::En) => "Unanswered",
            ("mended", Lang::Zh) => "资料已补全",
            ("mended", Lang::En) => "Files mended",
            ("missing", Lang::Zh) => "对账缺失",
            ("missing", Lang::En) => "Missing",
            ("loose", Lang::Zh) => "对账异常",
            ("loose", Lang::En) => "Loose ends",
            ("released", Lang::Zh) => "释放通话",
            ("released", Lang::En) => "Calls released",
            ("days", Lang::Zh) => "天数",
            ("days", Lang::En) => "Days",
            ("import_journals", Lang::Zh) => "导入改动记录",
            ("import_journals", Lang::En) => "Journals of imports",
            ("sessions", Lang::Zh) => "登录会话",
            ("sessions", Lang::En) => "Sessions",
            ("keys", Lang::Zh) => "提交标识",
            ("keys", Lang::En) => "Form keys",
            ("links", Lang::Zh) => "一次性链接",
            ("links", Lang::En) => "One-time links",
            ("drafts", Lang::Zh) => "旧草稿",
            ("drafts", Lang::En) => "Old drafts",
            ("staged_rows", Lang::Zh) => "导入暂存行",
            ("staged_rows", Lang::En) => "Staged rows",
            ("import_files", Lang::Zh) => "导入文件",
            ("import_files", Lang::En) => "Import files",
            (other, _) => other,
        }
    }
}
