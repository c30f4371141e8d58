//! The page of a case, what is done to it, and the handler's desk.

use crate::complaints::case::{Action, Check, Part};
use crate::complaints::case::Way;
use crate::i18n::Lang;

messages! {
    accepted_by(channel, at) { "{channel}受理于 {at}", "Accepted {at}, {channel}" }
    led_by(name) { "负责人 {name}", "led by {name}" }
    nobody_leads { "尚无负责人", "nobody leads it yet" }
    clocks { "时限", "Deadlines" }
    step_accepted { "受理", "Accepted" }
    step_dispatch { "上报责任部门", "To the department" }
    step_follow_up { "24 小时跟踪", "Follow-up in 24 h" }
    step_resolve { "处理完毕", "Dealt with" }
    step_callback { "二次回访", "Second callback" }
    step_close { "评价与关闭", "Verdict and close" }
    due(at) { "时限 {at}", "Due {at}" }
    promised(at) { "部门承诺 {at}", "Promised {at}" }
    within_after_resolved { "处理完毕后 24 小时", "Within 24 h of that" }
    every_day { "每 24 小时一次", "Every 24 h" }
    took(span, at, who) { "用时 {span}，{at} 上报{who}", "{span}, {at} to {who}" }
    done_at(at) { "{at} 完成", "Done {at}" }
    followed_at(at) { "{at} 已跟踪", "Followed up {at}" }
    not_begun { "待开始", "Not yet" }
    skipped { "未进行", "Not done" }
    waiting_since(at) { "{at} 起待客户", "Waiting since {at}" }
    waiting_for_department { "待部门确认", "Not acknowledged yet" }
    acknowledged_at(at) { "{at} 已确认", "Acknowledged {at}" }
    reported { "部门已提交处理意见", "The department has reported" }
    words_title { "客户诉求", "What the customer says" }
    source { "来源", "Source" }
    expected { "期望", "Wants" }
    claimed { "索赔金额", "Claims" }
    replacement { "要求退换车", "Wants the car replaced or taken back" }
    external { "外部单号", "External number" }
    external_due(day) { "答复期限 {day}", "answer by {day}" }
    external_due_label { "外部答复期限", "External answer by" }
    opinion { "产品质量意见", "Opinion about the product" }
    opinion_tick { "作为产品质量意见报厂家", "Send to the maker as an opinion about the product" }
    replacement_tick { "客户要求退换车（三包 10 个工作日内答复）", "Wants the car replaced (answer in 10 working days)" }
    original_words { "原记录", "Before" }
    investigation { "调查与处理", "Findings and measures" }
    by_department(name) { "由{name}填写，客户关爱部复核", "Written by {name}, reviewed by the care desk" }
    by_nobody { "上报后由责任部门填写", "Written by the department once it has the case" }
    course { "经过", "What happened" }
    cause { "原因", "Cause" }
    measure { "措施", "Measures" }
    result { "处理结果", "Result" }
    empty_finding { "未填写", "Not yet" }
    responsible_person { "责任人", "Handler" }
    responsibility { "责任性质", "Responsibility" }
    cost { "费用承担", "Cost to the store" }
    cost_hint { "由门店承担的金额，元", "What the store bears, in yuan" }
    promised_at { "承诺完成", "Promised by" }
    promised_hint { "部门承诺处理完毕的时间", "When the department will be done" }
    agreed_at { "客户同意时间", "Agreed with the customer at" }
    agreed_hint { "与客户就处理结果达成一致的时间", "When the customer agreed to the result" }
    review { "复核", "Review" }
    review_waits { "待部门提交", "Not reported yet" }
    review_ready { "待复核", "To review" }
    review_done { "已复核", "Reviewed" }
    checklist { "处理清单", "Checklist" }
    checklist_hint { "标 * 的完成后才能处理完毕", "Items with * come before the case is dealt with" }
    checked_by(name, at) { "{name} {at}", "{name}, {at}" }
    save_checks { "保存清单", "Save the checklist" }
    timeline { "流转记录", "History" }
    show_all { "全部", "All" }
    show_calls { "通话", "Calls" }
    show_department { "部门", "Department" }
    timeline_empty { "没有这一类记录。", "Nothing of this kind." }
    visible { "客户可见", "Customer may know" }
    from_case(number) { "来自 {number}", "from {number}" }
    note_label { "添加记录", "Add a note" }
    note_hint { "添加内部记录", "An internal note" }
    note_public { "可告知客户", "The customer may be told" }
    add { "添加", "Add" }
    side { "客户、车辆与协作", "Customer, car and people" }
    customer { "客户", "Customer" }
    no_customer { "未关联客户", "No customer" }
    vehicle { "车辆", "Car" }
    past { "历史抱怨", "Earlier complaints" }
    past_count(count) { "{count} 件", "{count}" }
    past_none { "无", "None" }
    worth { "价值", "Worth" }
    grade(grade) { "{grade} 类客户", "Grade {grade}" }
    visits(count) { "到店 {count} 次", "{count} visits" }
    people { "责任与协作", "Who works on it" }
    department { "责任部门", "Department" }
    handler { "部门处理人", "Handler" }
    owner { "负责专员", "Led by" }
    co_handlers { "协办人", "Co-handlers" }
    watchers { "关注人", "Watchers" }
    nobody { "—", "—" }
    add_person { "加入一位同事", "Add a colleague" }
    person { "同事", "Colleague" }
    part_label { "参与方式", "As" }
    remove_person(name) { "移出 {name}", "Remove {name}" }
    choose { "请选择", "Choose" }
    already_handler { "已是本单的处理人", "Already the handler" }
    suggestion { "上报建议", "Who to give it to" }
    suggestion_again { "转派建议", "Who else could take it" }
    load(open) { "未结 {open}", "{open} open" }
    load_answer(open, span) { "未结 {open} · 平均答复 {span}", "{open} open · answers in {span}" }
    hours(hours) { "{hours} 小时", "{hours} h" }
    minutes(minutes) { "{minutes} 分钟", "{minutes} min" }
    similar { "相似抱怨", "Similar complaints" }
    similar_count(count) { "近 90 天 {count} 件", "{count} in 90 days" }
    others { "该客户或车辆的其他未结工单", "Other open cases of this customer or car" }
    merged_into(number) { "已并入 {number}", "Merged into {number}" }
    ended_because(reason) { "原因：{reason}", "Because: {reason}" }
    stale { "打开之后案件有变化，请核对后再提交；你填写的内容都在", "The case has changed since you opened this. Look again, then send; what you typed is kept" }
    more { "更多操作", "More" }
    way { "方式", "How" }
    follow_up_body { "跟踪结果", "What the department says" }
    follow_up_hint { "与责任部门沟通的内容；客户看不到", "What was said with the department; not for the customer" }
    contact_body { "沟通内容", "What was said" }
    contact_hint { "第一次联系客户即为首次答复", "The first talk with the customer is the first reply" }
    reason { "原因", "Reason" }
    note { "说明", "Note" }
    wait_reason { "等待客户做什么", "What the customer is to do" }
    wait_hint { "只暂停处理完毕的时限，跟踪时限照常", "Pauses only the deadline for dealing with it; follow-ups go on" }
    report_body { "处理意见", "Handling opinion" }
    report_hint { "提交后由客户关爱部复核并与客户确认", "The care desk reviews it and settles it with the customer" }
    severity_now(severity) { "现为 {severity}", "Now {severity}" }
    severity_hint { "调高按受理时间重新计算时限；调低不延长已有时限", "Raised, deadlines count again from acceptance; lowered, none is extended" }
    severity_to { "调整为", "Change to" }
    severity_up { "调高严重度到", "Raise the severity to" }
    keep_severity { "不调整", "Leave it" }
    tell_manager { "通知主管并加入关注", "Tell a manager, who watches from now on" }
    tell_nobody { "不通知", "Nobody" }
    give_to { "处理人", "Give it to" }
    no_candidates { "还没有部门处理人。请管理员在“用户与角色”中把处理人分到部门。", "No department has a handler yet. An admin puts people into departments under “People and roles”." }
    dispatch_hint { "必须到具体的人；对方需要确认", "A named person, who must acknowledge" }
    merge_target { "并入", "Merge into" }
    merge_hint { "本单到此结束，记录在目标工单中可见", "This case ends here; its history is shown in the other" }
    no_targets { "该客户和车辆没有其他未结工单。", "This customer and car have no other open case." }
    withdraw_hint { "客户主动撤回诉求", "The customer takes the complaint back" }
    invalid_hint { "不是抱怨或无法核实；不计入关闭率", "No complaint, or nothing in it; left out of the closure rate" }
    resolve_hint { "五项齐全且清单完成才能提交", "All five and the checklist are needed" }
    class { "分类", "Class" }
    class_hint { "改分类会换一份处理清单", "Another class has another checklist" }
    department_fixed { "已上报，改部门请用转派", "Dispatched already: give it to another person instead" }
    words { "客户原话", "The customer’s words" }
    demand_kind { "诉求类型", "Kind of demand" }
    demand { "具体诉求", "Demand" }
    claimed_hint { "元", "In yuan" }
    same_handler { "已经是这位处理人", "This person has it already" }
    same_severity { "与现在相同", "That is what it is" }
    lowering_decides { "调低严重度需要主管", "Lowering is for the manager" }
    not_graver { "升级只能调得更重", "Only a graver one" }
    escalate_how { "请调高严重度或选择要通知的主管", "Raise the severity or choose a manager" }
    agreed_before_accepted { "不能早于受理时间", "Not before the case was accepted" }
    promise_too_far { "不能晚于 180 天", "Not later than 180 days from now" }
    report_needs(field) { "请先在“调查与处理”中填写{field}", "Write “{field}” under findings first" }
    check_missing(item) { "处理清单未完成：{item}", "Not ticked: {item}" }
    desk_title { "我的工单", "My cases" }
    desk_meta { "先确认新到的，再按承诺时间处理；写清原因和措施后提交处理意见", "Acknowledge what is new, keep what was promised; write cause and measures, then report" }
    desk_open { "待处理", "Open" }
    desk_ended { "已结束", "Ended" }
    desk_caption { "我的工单，需要答复的在前", "My cases, those that need an answer first" }
    desk_case { "事项", "Case" }
    desk_due { "该做什么", "To do" }
    desk_led { "关爱专员", "Care desk" }
    desk_none { "没有待处理的工单", "Nothing to answer" }
    desk_none_text { "客户关爱部上报给你的工单会出现在这里。", "Cases that the care desk gives you appear here." }
    desk_ended_none { "还没有结束的工单", "Nothing has ended yet" }
    desk_new(count) { "{count} 件待你确认", "{count} wait for your word" }
    do_acknowledge { "请确认", "Acknowledge" }
    do_promise { "请填承诺时间", "Promise a time" }
    do_finish { "请处理并提交意见", "Deal with it and report" }
    do_nothing { "已提交意见，等客户关爱部", "Reported; the care desk goes on" }
    do_wait { "等客户", "Waiting for the customer" }
    do_callback { "等二次回访", "Second callback follows" }
    co_handling { "协办", "Co-handling" }
    event_dispatched(to) { "上报给 {to}", "gave it to {to}" }
    event_redispatched(to) { "转派给 {to}", "gave it on to {to}" }
    event_follow_up(way) { "跟踪责任部门（{way}）", "followed up with the department ({way})" }
    event_contact(way) { "联系客户（{way}）", "talked with the customer ({way})" }
    event_plan(at) { "承诺 {at} 完成", "promised {at}" }
    event_report { "提交处理意见", "reported" }
    event_findings { "更新调查与处理", "changed the findings" }
    event_edited { "更正受理内容", "corrected the case" }
    event_severity(from, to) { "严重度 {from} → {to}", "severity {from} → {to}" }
    event_escalated(from, to) { "升级，严重度 {from} → {to}", "escalated, severity {from} → {to}" }
    event_told(name) { "升级，通知 {name}", "escalated to {name}" }
    event_added(name, part) { "加入 {name}（{part}）", "added {name} ({part})" }
    event_removed(name) { "移出 {name}", "removed {name}" }
    event_merged { "并入另一工单", "merged it into another case" }
    event_merged_from(number) { "并入了 {number}", "merged {number} into it" }
    event_checked(items) { "完成清单：{items}", "ticked: {items}" }
    event_unchecked(items) { "取消勾选：{items}", "unticked: {items}" }
    event_note { "记录", "noted" }
    event_visible_note { "记录（可告知客户）", "noted for the customer" }
    system { "系统", "The system" }
    list_separator { "、", ", " }
    acted(what) { "已记录：{what}", "Done: {what}" }
    given_to(to) { "已上报给 {to}", "Given to {to}" }
    findings_saved { "调查与处理已保存", "Findings saved" }
    corrected { "受理内容已更正", "Case corrected" }
    checks_saved { "处理清单已保存", "Checklist saved" }
    person_added(name) { "已加入 {name}", "{name} added" }
    person_removed { "已移出", "Removed" }
    noted { "已添加记录", "Note added" }
}

labels! { action(Action) {
    Dispatch { "上报部门", "Dispatch" }
    Redispatch { "转派", "Give to another" }
    Acknowledge { "确认接单", "Acknowledge" }
    Note { "添加记录", "Add a note" }
    FollowUp { "记录跟踪", "Record a follow-up" }
    Contact { "联系客户", "Talk with the customer" }
    Plan { "承诺时间", "Promise a time" }
    Investigate { "调查与处理", "Findings" }
    Report { "提交处理意见", "Report" }
    Check { "处理清单", "Checklist" }
    Wait { "等待客户", "Wait for the customer" }
    Resume { "继续处理", "Go on" }
    Severity { "调整严重度", "Change the severity" }
    Escalate { "升级", "Escalate" }
    Edit { "更正受理内容", "Correct the case" }
    People { "协办与关注", "People" }
    Resolve { "处理完毕", "Dealt with" }
    Withdraw { "客户撤诉", "Withdrawn" }
    Invalidate { "判为无效", "Invalid" }
    Merge { "合并工单", "Merge" }
    Verdict { "客户评价", "Verdict" }
    Close { "关闭", "Close" }
    Reopen { "重开", "Reopen" }
} }

labels! { part(Part) {
    CoHandler { "协办人", "co-handler" }
    Watcher { "关注人", "watcher" }
} }

labels! { way_of(Way) {
    Phone { "电话", "phone" }
    InPerson { "当面", "in person" }
    Wechat { "微信", "WeChat" }
    Message { "短信或邮件", "message" }
} }

labels! { check(Check) {
    CarInspected { "检查车辆并留存照片", "Car inspected, pictures kept" }
    FaultConfirmed { "故障已确认或复现", "Fault confirmed or reproduced" }
    WarrantyChecked { "核对质保与三包", "Warranty and statutory rights checked" }
    MakerInformed { "报厂家技术支持", "Maker informed" }
    OrderReviewed { "调阅原工单与质检记录", "Repair order and its check read" }
    WorkRechecked { "车辆复检", "Work checked again" }
    TechnicianHeard { "与技师核实", "Technician heard" }
    StaffHeard { "听取当事员工说明", "Staff heard" }
    RecordsReviewed { "调阅录音或监控", "Recordings looked at" }
    Apologised { "已向客户致歉", "Apologised to the customer" }
    TimesChecked { "核对各环节时间", "Times of each step checked" }
    InvoiceCompared { "核对报价与结算单", "Quote and invoice compared" }
    RefundDecided { "减免或补偿已定", "Refund or goodwill decided" }
    PartTraced { "核对配件订单与到货", "Order of the part traced" }
    ArrivalTold { "已告知到货时间", "Arrival told" }
    ClaimReviewed { "复核索赔判定", "Warranty claim reviewed" }
    LawChecked { "核对三包条款", "Statutory rules checked" }
    ContractReviewed { "核对合同与承诺", "Contract and promises read" }
    PartnerAsked { "与合作机构核实", "Partner asked" }
    PapersChecked { "核对手续与进度", "Papers and progress checked" }
    SiteChecked { "现场查看", "Place looked at" }
    SourceTraced { "查明信息来源", "Source of the data traced" }
    ContactsStopped { "已停止相关联系", "Contacts stopped" }
    FactsChecked { "核实事实", "Facts checked" }
} }

impl T {
    /// A field of the findings, as sentences name it.
    pub fn field(self, name: &str) -> &'static str {
        match name {
            "cause" => self.cause(),
            "measure" => self.measure(),
            "result" => self.result(),
            _ => self.note(),
        }
    }

    /// Seconds as a person says them: minutes, or hours with a decimal below ten.
    pub fn span(self, seconds: f64) -> String {
        let minutes = (seconds / 60.0).round();
        if minutes < 60.0 {
            return self.minutes(minutes);
        }
        let hours = seconds / 3600.0;
        if hours < 10.0 {
            self.hours(format!("{hours:.1}"))
        } else {
            self.hours(hours.round())
        }
    }

    /// Words of a list: `甲、乙`.
    pub fn list(self, items: &[&str]) -> String {
        items.join(self.list_separator())
    }
}

/// What was done to a case, for the page after it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseDone {
    Acted(Action),
    GivenTo(String),
    Noted,
    FindingsSaved,
    Corrected,
    ChecksSaved,
    PersonAdded(String),
    PersonRemoved,
}

impl CaseDone {
    /// The sentence: names the result.
    pub fn text(&self, lang: Lang) -> String {
        let t = T(lang);
        match self {
            CaseDone::Acted(action) => t.acted(t.action(*action)),
            CaseDone::GivenTo(to) => t.given_to(to),
            CaseDone::Noted => t.noted().to_owned(),
            CaseDone::FindingsSaved => t.findings_saved().to_owned(),
            CaseDone::Corrected => t.corrected().to_owned(),
            CaseDone::ChecksSaved => t.checks_saved().to_owned(),
            CaseDone::PersonAdded(name) => t.person_added(name),
            CaseDone::PersonRemoved => t.person_removed().to_owned(),
        }
    }
}
