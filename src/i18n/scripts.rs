//! Call scripts and questionnaires.

use crate::i18n::Lang;
use crate::scripts::ScriptKind;
use crate::scripts::model::{ItemKind, Problem, StepKind, Test};
use crate::web::form::FieldError;

messages! {
    title { "话术与问卷", "Scripts and questionnaires" }
    meta { "每次修改先存为草稿，发布后生成新版本；答案始终归属当时所问的版本。", "A change is a draft first; publishing makes a new version. Answers stay with the version that was asked." }
    occasion { "事由", "Occasion" }
    any_occasion { "其他所有事由", "Every other occasion" }
    name { "名称", "Name" }
    version { "使用中版本", "In use" }
    version_n(number) { "v{number}", "v{number}" }
    not_published { "尚未发布", "Not published yet" }
    draft { "草稿", "Draft" }
    draft_of(number, at) { "草稿 v{number}，{at} 保存", "Draft v{number}, saved {at}" }
    parts_talk(count) { "{count} 步", "{count} steps" }
    parts_questions(count) { "{count} 题", "{count} questions" }
    new_talk { "为事由单独写话术", "A talk of its own for an occasion" }
    new_talk_hint { "从“其他所有事由”的话术复制一份草稿，发布后才使用。", "Begins as a draft copied from the talk for every other occasion; used once it is published." }
    create { "新建草稿", "Make a draft" }
    has_one { "这个事由已有话术", "This occasion has a talk" }
    edit { "编辑", "Edit" }
    edit_draft { "继续编辑草稿", "Go on with the draft" }
    trial { "试走一遍", "Trial run" }
    publish { "发布", "Publish" }
    publish_hint { "发布后旧版停用，已打开的通话仍按旧版保存。", "The old version retires; calls already open are saved against it." }
    discard { "丢弃草稿", "Discard the draft" }
    history { "版本记录", "Versions" }
    in_use { "使用中", "In use" }
    retired { "已停用", "Retired" }
    answers(count) { "{count} 份答案", "{count} answers" }
    published_on(at) { "{at} 发布", "published {at}" }
    retired_on(at) { "{at} 停用", "retired {at}" }
    change_added(what) { "新增：{what}", "Added: {what}" }
    change_removed(what) { "删除：{what}", "Removed: {what}" }
    change_changed(what) { "修改：{what}", "Changed: {what}" }
    change_order { "调整了顺序", "Another order" }
    change_threshold(was, is) { "不满意线：{was} 分改为 {is} 分", "Dissatisfied up to: {was} is now {is}" }
    no_change { "没有变化", "No change" }
    first_version { "第一版", "First version" }
    use_as_draft { "以此版为草稿", "Edit from this version" }
    view_version { "查看", "View" }
    preview { "预览", "Preview" }
    preview_meta { "用示例客户填入", "With a sample customer" }
    questions { "问题", "Questions" }
    steps { "步骤", "Steps" }
    reasons { "不满意的原因", "Reasons for being dissatisfied" }
    up_to { "评分不满意线", "Dissatisfied up to" }
    up_to_hint { "评分题不高于此分视为不满意", "A score of this or less is dissatisfied" }
    text_zh { "中文", "Chinese" }
    text_en { "英文", "English" }
    title_zh { "步骤名称", "Name of the step" }
    title_en { "步骤名称（英文）", "Name of the step (English)" }
    say_zh { "话术", "What is said" }
    say_en { "话术（英文）", "What is said (English)" }
    english_hint { "留空时显示中文", "Chinese is shown if empty" }
    question_zh { "问题", "Question" }
    question_en { "问题（英文）", "Question (English)" }
    required { "必答", "Must be answered" }
    overall { "代表总体满意度", "Stands for the whole visit" }
    threshold { "不满意线", "Dissatisfied up to" }
    threshold_score { "留空用问卷的不满意线", "Empty: the questionnaire's own" }
    threshold_nps { "留空不判不满意", "Empty: never" }
    bad_answer { "视为不满意的回答", "Dissatisfied if" }
    never { "都不算", "Never" }
    choices { "选项", "Choices" }
    choices_hint { "一行一个：中文 | English；行首加 ! 视为不满意", "One a line: Chinese | English; a ! in front means dissatisfied" }
    when { "显示条件", "Shown if" }
    always { "总是显示", "Always" }
    any_low { "任一回答不满意", "Any answer is dissatisfied" }
    when_test { "比较", "Comparison" }
    when_value { "值", "Value" }
    when_value_hint { "分数、yes/no 或选项代码", "Points, yes/no or the code of a choice" }
    move_up(what) { "上移：{what}", "Move up: {what}" }
    move_down(what) { "下移：{what}", "Move down: {what}" }
    remove(what) { "删除：{what}", "Remove: {what}" }
    add_question { "添加问题", "Add a question" }
    add_step { "添加步骤", "Add a step" }
    add_reason { "添加原因", "Add a reason" }
    kind_of_question { "题型", "Kind" }
    reason_class { "归类", "Class" }
    save_draft { "保存草稿", "Save the draft" }
    not_saved { "以下改动还没有保存。", "These changes are not saved yet." }
    overtaken(name, at) { "{name} 在 {at} 保存了另一份草稿。你填写的内容都在下面：再次保存会覆盖对方的草稿。", "{name} saved another draft at {at}. What you typed is below: saving again replaces theirs." }
    overtaken_gone { "草稿已被发布或丢弃。你填写的内容都在下面：再次保存会另存为新草稿。", "The draft was published or discarded meanwhile. What you typed is below: saving again makes a new draft." }
    fields_title { "可填入的客户资料", "The customer's data" }
    fields_hint { "在话术里写花括号，通话时换成这位客户的资料。", "Write the braces; the call shows this customer's data." }
    trial_meta { "像通话时一样填写，看分支与评分；不会保存任何内容。", "Fill it in as on a call and see branches and scores. Nothing is saved." }
    trial_of(name, version) { "{name} v{version}", "{name} v{version}" }
    evaluate { "看结果", "See the result" }
    again { "重新开始", "Start again" }
    trial_result { "试走结果", "Result of the trial" }
    trial_overall(points) { "总体满意度 {points} 分", "Overall {points}" }
    trial_nps(points) { "NPS {points} 分", "NPS {points}" }
    trial_dissatisfied { "不满意：保存时会追问原因并生成抱怨工单", "Dissatisfied: reasons are asked and a complaint is opened" }
    trial_satisfied { "没有不满意的回答", "No dissatisfied answer" }
    trial_skipped(count) { "{count} 题因条件未问", "{count} questions not asked for their condition" }
    trial_no_questions { "这个事由没有问卷；通话时按事项记录客户的回复。", "This occasion has no questionnaire; the customer's answer is recorded per item." }
    when_any_low { "仅当有不满意的回答", "Only if an answer is dissatisfied" }
    when_low(question) { "仅当“{question}”不满意", "Only if dissatisfied with: {question}" }
    when_is(question, value) { "仅当“{question}”为 {value}", "Only if “{question}” is {value}" }
    when_is_not(question, value) { "仅当“{question}”不是 {value}", "Only if “{question}” is not {value}" }
    when_at_most(question, value) { "仅当“{question}”≤ {value}", "Only if “{question}” is {value} or less" }
    when_at_least(question, value) { "仅当“{question}”≥ {value}", "Only if “{question}” is {value} or more" }
    sample_customer { "赵雅楠", "Zhao Yanan" }
    sample_surname { "赵女士", "Ms Zhao" }
    sample_day { "11月21日", "21 November" }
    sample_visit { "保养", "maintenance" }
    sample_work { "60,000 km 常规保养、更换空调滤芯", "60,000 km service, cabin filter" }
    sample_car { "柯珞克", "Karoq" }
    sample_advisor { "赵磊", "Zhao Lei" }
    sample_km { "61,280 公里", "61,280 km" }
    sample_next { "下次保养约在 2027-05-20", "the next maintenance is due about 2027-05-20" }
    sample_warranty { "2027-03-18", "2027-03-18" }
    sample_result { "已重新喷涂右后门，色差已消除", "the rear door was painted anew" }
    sample_policy { "2027-02-26", "2027-02-26" }
    field_store { "门店", "Store" }
    field_me { "自己的姓名", "Your name" }
    field_customer { "客户姓名", "Customer's name" }
    field_surname { "姓氏与称呼", "Surname and title" }
    field_day { "离店日期", "Day of the visit" }
    field_visit { "进站类型", "Kind of visit" }
    field_work { "维修项目", "Work done" }
    field_car { "车型", "Model" }
    field_advisor { "服务顾问", "Advisor" }
    field_km { "里程", "Odometer" }
    field_next { "将到期事项", "What comes next" }
    field_warranty { "质保到期日", "End of warranty" }
    field_result { "抱怨处理结果", "Result of a complaint" }
    field_policy { "保单到期日", "End of the policy" }
}

labels! { script_kind(ScriptKind) {
    Talk { "话术", "Talk" }
    Questionnaire { "问卷", "Questionnaire" }
} }

labels! { item_kind(ItemKind) {
    Score { "评分 0–10", "Score 0–10" }
    YesNo { "是或否", "Yes or no" }
    Nps { "推荐意愿 NPS", "NPS" }
    Choice { "单选", "One choice" }
    Multi { "多选", "Several choices" }
    Text { "文字", "Words" }
} }

labels! { step_kind(StepKind) {
    Say { "只说", "Said only" }
    Ask { "提问", "Questions" }
    Reasons { "客户原话", "The customer's words" }
    Check { "信息核对", "Check of data" }
} }

labels! { test(Test) {
    Is { "等于", "is" }
    IsNot { "不等于", "is not" }
    AtMost { "不高于", "at most" }
    AtLeast { "不低于", "at least" }
    Dissatisfied { "不满意", "is dissatisfied" }
} }

labels! { problem(Problem) {
    NoText { "请填写内容", "Fill this in" }
    NoTitle { "请填写步骤名称", "Name the step" }
    UnknownField { "花括号里的名称不在可填入的资料中", "The name in braces is none of the customer's data" }
    FewChoices { "至少写两个选项", "At least two choices" }
    BadThreshold { "应为 0 到 9 的整数", "A whole number from 0 to 9" }
    UnknownQuestion { "条件所指的问题不在它前面", "The condition names no earlier question" }
    BadCondition { "这个条件不可能成立", "This condition can never hold" }
    NoQuestion { "至少要有一个问题", "At least one question" }
    NoOverall { "要有且只有一道评分题代表总体满意度", "Exactly one score must stand for the whole visit" }
    NoReason { "至少要有一个原因", "At least one reason" }
    NoReasonText { "请填写原因", "Fill in the reason" }
    NoAskStep { "要有且只有一个提问步骤", "Exactly one step with the questions" }
    NoReasonsStep { "要有且只有一个记录客户原话的步骤", "Exactly one step for the customer's words" }
} }

/// What keeps a draft from being saved, at its field.
pub fn problem(problem: Problem) -> FieldError {
    FieldError::Text {
        zh: T(Lang::Zh).problem(problem).to_owned(),
        en: T(Lang::En).problem(problem).to_owned(),
    }
}

/// The occasion has a talk of its own.
pub fn has_one() -> FieldError {
    FieldError::Text {
        zh: T(Lang::Zh).has_one().to_owned(),
        en: T(Lang::En).has_one().to_owned(),
    }
}

impl T {
    /// The occasion of a script.
    pub fn for_kind(self, code: &str) -> &'static str {
        match code {
            crate::scripts::defaults::ANY => self.any_occasion(),
            code => crate::i18n::callbacks::T(self.0).kind(code),
        }
    }

    /// What a name in braces stands for, and a sample of it.
    pub fn merge_field(self, name: &str) -> (&'static str, &'static str) {
        match name {
            "store" => (self.field_store(), ""),
            "me" => (self.field_me(), ""),
            "customer" => (self.field_customer(), self.sample_customer()),
            "surname" => (self.field_surname(), self.sample_surname()),
            "day" => (self.field_day(), self.sample_day()),
            "visit" => (self.field_visit(), self.sample_visit()),
            "work" => (self.field_work(), self.sample_work()),
            "car" => (self.field_car(), self.sample_car()),
            "advisor" => (self.field_advisor(), self.sample_advisor()),
            "km" => (self.field_km(), self.sample_km()),
            "next" => (self.field_next(), self.sample_next()),
            "result" => (self.field_result(), self.sample_result()),
            "warranty" => (self.field_warranty(), self.sample_warranty()),
            _ => (self.field_policy(), self.sample_policy()),
        }
    }
}
