//! Call sheets: calls on paper, and keying them in.

use crate::call_sheets::LineRefusal;
use crate::i18n::Lang;
use crate::web::form::FieldError;

messages! {
    title { "外呼单", "Call sheets" }
    meta { "断网时照单拨打，恢复后录入；打印出的每个号码都留有查看记录", "Call from paper when the network is down and key it in afterwards; every printed number is on record" }
    new_sheets { "新建外呼单", "New sheets" }
    number { "单号", "Number" }
    person { "人员", "Person" }
    made { "生成", "Made" }
    printed { "打印", "Printed" }
    never_printed { "未打印", "Not yet" }
    times(count) { "{count} 次", "{count}×" }
    progress { "录入", "Keyed in" }
    progress_of(keyed, lines) { "{keyed} / {lines}", "{keyed} of {lines}" }
    left(count) { "待录入 {count}", "{count} to key in" }
    refused_count(count) { "未采纳 {count}", "{count} refused" }
    all_in { "已录完", "All in" }
    print { "打印所选", "Print the ticked ones" }
    print_note { "打印即查看完整号码，逐个记入审计。", "Printing shows whole numbers; each is written to the audit log." }
    select(number) { "选择 {number}", "Select {number}" }
    select_all { "选择本页全部", "Select the whole page" }
    none_title { "还没有外呼单", "No call sheets yet" }
    none_text { "断网前由经理生成并打印。", "The manager makes and prints them before the network goes." }
    new_meta { "每人一张，按可拨打截止排序；同一位客户只会出现在一张未录完的单上", "One for each person, by callable deadline; a customer is on one open sheet only" }
    filtered { "只含队列中筛选出的回访。", "Only calls that the queue's filter lets through." }
    until { "截止不晚于", "Due by" }
    recount { "重新计数", "Count again" }
    people { "打印给", "For" }
    calls(count) { "名下 {count} 位", "{count} calls" }
    share(count) { "把未分配的 {count} 位平均分给所选人员", "Share {count} unassigned calls out to them" }
    share_hint { "分配可在回访队列撤销。", "The sharing can be taken back in the queue." }
    most(count) { "每张最多 {count} 位，截止最早的优先。", "At most {count} on a sheet, the first deadlines first." }
    make { "生成外呼单", "Make the sheets" }
    key_meta(person, count) { "{person} · 还有 {count} 位待录入", "{person} · {count} to key in" }
    day { "通话日期", "Day of the calls" }
    at { "时间", "Time" }
    at_hint { "如 1042", "such as 1042" }
    result { "结果", "Result" }
    no_result { "未拨打", "Not called" }
    note { "备注", "Note" }
    words { "客户原话", "The customer's words" }
    reason { "不满意的原因", "Reason" }
    agreed_at { "约定时间", "Agreed time" }
    answer { "客户的回复", "The answer" }
    score_hint { "0–10", "0–10" }
    yes { "是", "Yes" }
    no { "否", "No" }
    save { "录入", "Key in" }
    save_hint { "空行不处理；出错的行会留在这里，其余照常保存。", "Empty lines are left alone; lines with a fault stay here, the others are saved." }
    settled_now(count) { "已录入 {count} 行，下面的行还需要处理。", "{count} lines are in; the ones below need another look." }
    still_open(count) { "下面 {count} 行需要处理。", "{count} lines need another look." }
    closed { "已处理", "Done" }
    keyed_by(name, at) { "{name} {at} 录入", "keyed in by {name}, {at}" }
    on_paper(text) { "纸面记录：{text}", "On paper: {text}" }
    settled_by(name, at) { "{name} 已于 {at} 处理这位客户", "{name} has dealt with this customer, {at}" }
    all_done { "这张单已全部录完。", "Everything on this sheet is in." }
    paper_title { "外呼单", "Call sheet" }
    paper_head(person, day, count) { "{person} · {day} · {count} 位", "{person} · {day} · {count} calls" }
    paper_rule { "到截止时间前拨打；勾一个结果，写下通话时间。仅限本人当日使用，录入后交经理销毁。", "Call before the deadline; tick one result and write the time. For this person and day only; hand it in to be destroyed after keying in." }
    due { "截止", "Due" }
    customer { "客户", "Customer" }
    time_blank { "__:__", "__:__" }
    print_now { "打印", "Print" }
    back { "返回外呼单", "Back to the sheets" }
    no_lines { "这张单没有待拨打的行。", "Nothing is left to call on this sheet." }
}

labels! { refusal(LineRefusal) {
    Settled { "已由他人处理", "Settled by somebody else" }
    Busy { "同事正在处理这位客户，稍后再录入", "A colleague is on this call; key it in later" }
    Served { "此人接待过这位客户，不能计为其回访", "This person served the customer and may not be the caller" }
    Gone { "已没有需要回访的事项", "Nothing is owed any more" }
} }

impl T {
    /// What a field of a line is called, before its fault.
    pub fn field(self, name: &str) -> &'static str {
        let (zh, en) = match name {
            "at" => ("时间：", "Time: "),
            "result" | "outcome" => ("结果：", "Result: "),
            "agreed_at" => ("约定时间：", "Agreed time: "),
            "words" => ("客户原话：", "Words: "),
            "note" => ("备注：", "Note: "),
            name if name.starts_with("reason") => ("不满意的原因：", "Reason: "),
            name if name.starts_with("result") => ("客户的回复：", "Answer: "),
            name if name.starts_with('q') => ("评分：", "Score: "),
            _ => ("", ""),
        };
        match self.0 {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

/// The time of a call lies before its sheet.
pub fn before_the_sheet() -> FieldError {
    FieldError::Text {
        zh: "早于外呼单的生成时间".to_owned(),
        en: "Before the sheet was made".to_owned(),
    }
}

/// Nobody who was chosen has a call that can be printed.
pub fn nothing_to_print() -> FieldError {
    FieldError::Text {
        zh: "这些人没有可打印的回访".to_owned(),
        en: "These people have no calls to print".to_owned(),
    }
}
