//! Complaints.

use crate::complaints::list::{Promise, View};
use crate::complaints::{
    ComplaintChannel, ComplaintClass, ComplaintState, DemandKind, Responsibility, Severity, Verdict,
};
use crate::i18n::Lang;

messages! {
    title { "抱怨工单", "Complaints" }
    meta { "受理后 2 小时内上报责任部门，24 小时内跟踪；处理完毕后 24 小时内二次回访并记录评价", "To the department within 2 hours, followed up within 24, called back within 24 hours of being dealt with" }
    meta_own { "分给你的工单；先确认接收，再调查、答复", "Cases given to you: acknowledge first, then look into them and answer" }
    as_list { "列表", "List" }
    as_board { "看板", "Board" }
    views { "视图", "Views" }
    print { "打印", "Print" }
    printed(at, name, store) { "{store} · {name} 打印于 {at}", "{store} · printed by {name} at {at}" }
    key_figures { "关键数字", "Key figures" }
    tab_open { "未结", "Open" }
    search { "查找工单", "Find a complaint" }
    search_hint { "工单号、客户、车牌、客户原话", "Number, customer, plate, words" }
    caption { "抱怨工单", "Complaints" }
    number { "工单", "Number" }
    severity { "严重度", "Severity" }
    customer { "客户", "Customer" }
    plate { "车牌", "Plate" }
    words { "客户原话", "The customer's words" }
    words_short { "抱怨内容", "Complaint" }
    class { "分类", "Class" }
    channel_label { "来源", "Channel" }
    department { "责任部门", "Department" }
    state { "状态", "State" }
    owner { "负责专员", "Owner" }
    handler { "责任人", "Handler" }
    verdict { "客户评价", "Verdict" }
    verdict_at { "评价时间", "Verdict at" }
    verdict_words { "评价原话", "The verdict's words" }
    clock_label { "时限", "Deadlines" }
    accepted_label { "受理时间", "Accepted" }
    resolved_label { "处理完毕", "Dealt with" }
    closed_label { "结束时间", "Ended" }
    cause { "原因", "Cause" }
    measure { "措施", "Measure" }
    result { "结果", "Result" }
    responsibility { "责任性质", "Responsibility" }
    nobody { "无人", "Nobody" }
    overdue_only { "仅逾期", "Overdue only" }
    all_of_them { "全部", "All" }
    missed_only { "仅超时", "Missed only" }
    judged { "有评价", "With a verdict" }
    clock_due(clock) { "{clock}：截止", "{clock}: due" }
    clock_ended(clock) { "{clock}：完成", "{clock}: done" }
    due(at, why) { "截止 {at}：{why}", "Due {at}: {why}" }
    days(count) { "{count} 天", "{count} d" }
    exempt { "豁免", "Exempt" }
    undecided { "待定", "Not decided" }
    none_title { "没有抱怨工单", "No complaints" }
    none_text { "回访中出现不满意的答复时，会自动生成抱怨工单。", "A dissatisfied answer in a callback opens one by itself." }
    none_own_text { "没有分给你的工单。", "No case is yours." }
    none_found { "没有符合条件的工单", "Nothing matches" }
    search_all { "在全部工单中查找", "Look in all cases" }
    none_found_text { "换一个视图，或去掉筛选条件。", "Choose another view or clear the filters." }
    open_hint { "现在没有结束的工单", "Cases that have not ended" }
    cases_unit { "件", " cases" }
    of_them_escalated(count) { "其中升级 {count} 件", "{count} escalated" }
    this_week(figure) { "{figure} · 本周", "{figure} · week" }
    rate_hint { "本周到期的工单中按时做到的；同一工单有几次时，都按时才算", "Of the cases due this week those in time; a case with several must have kept them all" }
    target(percent) { "目标 {percent}%", "Target {percent}%" }
    none_due { "没有到期的", "None due" }
    satisfied_share { "关闭后满意率", "Satisfied, closed" }
    satisfied_hint { "本周关闭的工单中，客户二次回访时说满意的", "Of the cases closed this week, those whose customer said satisfied" }
    verdicts(count) { "{count} 份评价", "{count} verdicts" }
    other_verdicts(acceptable, dissatisfied) { "可接受 {acceptable} · 不满意 {dissatisfied}", "{acceptable} acceptable, {dissatisfied} not" }
    set_owner { "负责专员改为 ", "Give the lead to " }
    set_handler { "责任人改为 ", "Set the handler to " }
    person_of(name, department) { "{name}（{department}）", "{name} ({department})" }
    others_stay(count) { "其中 {count} 件属于其他部门或尚未上报，保持不变。", "{count} of them are another department's or not dispatched yet and stay as they are." }
    board_meta { "未结工单按状态排列，最先到期的在前；打开工单处理，状态随之移动", "Open cases by state, due first; a case moves when it is opened and dealt with" }
    more(count) { "另有 {count} 件", "{count} more" }
    lane_empty { "没有", "None" }
    demand { "诉求", "Demand" }
    related_visit { "关联进站", "Visit" }
    open_call { "查看回访", "Open the call" }
    advisor { "顾问", "Advisor" }
    vehicle { "车辆", "Vehicle" }
    step_accepted { "受理", "Accepted" }
    step_dispatch { "上报责任部门", "To the department" }
    system { "系统", "System" }
    erased { "（已删除）", "(erased)" }
}

labels! { view(View) {
    Open { "未结", "Open" }
    ToDispatch { "待上报", "To dispatch" }
    Progress { "处理中", "In progress" }
    SecondCallback { "待二次回访", "Second callback" }
    Escalated { "升级处理", "Escalated" }
    Closed { "本月已关闭", "Closed this month" }
    All { "全部", "All" }
} }

labels! { lane(ComplaintState) {
    Accepted { "待上报", "To dispatch" }
    Dispatched { "已上报", "Dispatched" }
    InProgress { "处理中", "In progress" }
    Waiting { "待客户", "Waiting for customer" }
    Resolved { "待二次回访", "Second callback due" }
    Closed { "本周已关闭", "Closed this week" }
    Withdrawn { "已撤诉", "Withdrawn" }
    Invalid { "无效", "Invalid" }
    Merged { "已合并", "Merged" }
} }

labels! { promise(Promise) {
    Dispatch { "2 小时上报", "2 h dispatch" }
    FollowUp { "24 小时跟踪", "24 h follow-up" }
    SecondCallback { "24 小时二次回访", "24 h second callback" }
} }

labels! { rate(Promise) {
    Dispatch { "2 小时上报率", "Dispatched in 2 h" }
    FollowUp { "24 小时跟踪率", "Followed up in 24 h" }
    SecondCallback { "二次回访率", "Called back in 24 h" }
} }

labels! { stage_head(Promise) {
    Dispatch { "上报 2 h", "Dispatch" }
    FollowUp { "跟踪 24 h", "Follow-up" }
    SecondCallback { "二访 24 h", "Callback" }
} }

labels! { stage(Promise) {
    Dispatch { "上报", "Dispatch" }
    FollowUp { "跟踪", "Follow-up" }
    SecondCallback { "二访", "Callback" }
} }

labels! { channel(ComplaintChannel) {
    Call { "来电", "Phone" }
    Visit { "来店", "In person" }
    Callback { "回访发现", "Callback" }
    Hotline { "400 热线", "Hotline" }
    Maker { "厂家工单", "Car maker" }
    Regulator { "市场监管", "Regulator" }
    Web { "网络", "Web" }
    Media { "媒体", "Media" }
    Letter { "信函", "Letter" }
} }

labels! { class_of(ComplaintClass) {
    Product { "产品质量", "Product" }
    Repair { "维修质量", "Quality of work" }
    Attitude { "服务态度", "Attitude" }
    Efficiency { "服务效率", "Efficiency" }
    Price { "价格收费", "Price" }
    Parts { "配件", "Parts" }
    Warranty { "质保索赔", "Warranty" }
    Sales { "销售", "Sales" }
    Finance { "金融保险", "Finance, insurance" }
    Registration { "上牌手续", "Registration" }
    Facility { "环境设施", "Facilities" }
    Privacy { "信息与骚扰", "Privacy" }
    Other { "其他", "Other" }
} }

labels! { severity_of(Severity) {
    A { "A 重大", "A crisis" }
    B { "B 重要", "B serious" }
    C { "C 一般", "C ordinary" }
    D { "D 抱怨", "D remark" }
} }

labels! { state_of(ComplaintState) {
    Accepted { "待上报", "To dispatch" }
    Dispatched { "已上报", "Dispatched" }
    InProgress { "处理中", "In progress" }
    Waiting { "待客户", "Waiting for customer" }
    Resolved { "已解决", "Resolved" }
    Closed { "已关闭", "Closed" }
    Withdrawn { "已撤诉", "Withdrawn" }
    Invalid { "无效", "Invalid" }
    Merged { "已合并", "Merged" }
} }

labels! { demand_of(DemandKind) {
    Repair { "维修", "Repair" }
    Replace { "退换", "Return or replacement" }
    Compensation { "赔偿", "Compensation" }
    Apology { "道歉", "Apology" }
    Explanation { "解释", "Explanation" }
} }

labels! { responsibility_of(Responsibility) {
    Responsible { "有责", "Ours" }
    Partial { "部分责任", "Partly ours" }
    None { "无责", "Not ours" }
    ThirdParty { "第三方责任", "A third party's" }
} }

labels! { verdict_of(Verdict) {
    Satisfied { "满意", "Satisfied" }
    Acceptable { "可接受", "Acceptable" }
    Dissatisfied { "不满意", "Dissatisfied" }
} }

impl T {
    /// A line of the history by its code.
    pub fn event(self, code: &str) -> &'static str {
        let (zh, en) = match code {
            "accepted" => ("受理", "Accepted"),
            "dispatched" => ("上报责任部门", "Dispatched"),
            "acknowledged" => ("部门确认", "Acknowledged"),
            "contact" => ("联系客户", "Contacted the customer"),
            "severity" => ("调整严重度", "Changed severity"),
            "waiting" => ("等待客户", "Waiting for the customer"),
            "resumed" => ("继续处理", "Resumed"),
            "resolved" => ("处理完毕", "Resolved"),
            "verdict" => ("客户评价", "Verdict"),
            "reopened" => ("重开", "Reopened"),
            "closed" => ("关闭", "Closed"),
            "people" => ("调整人员", "Changed who is on it"),
            _ => ("记录", "Note"),
        };
        match self.0 {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}
