//! The customer's verdict on a case: on the call screen and on the page of the case.

use crate::complaints::Verdict;
use crate::complaints::verdict::VerdictChannel;

messages! {
    title { "客户评价", "The customer's verdict" }
    early { "处理完毕并完成二次回访后记录。", "Recorded in the second callback, once the case is dealt with." }
    owed(at) { "等待二次回访，最迟 {at}。", "The second callback is to be made by {at}." }
    open_call { "打开回访", "Open the call" }
    unreached { "二次回访按规则拨打完毕，未联系上客户（尽责未达）。由经理决定，关闭须写明原因。", "The second callback did not reach the customer, although every try was made. The manager decides; closing takes a reason." }
    reopened(cycle) { "客户不满意，工单已重开，现为第 {cycle} 轮处理。", "The customer was dissatisfied; the case was reopened and is in round {cycle}." }
    verdict_label { "评价", "Verdict" }
    score_label { "满意度（0–10）", "Score (0–10)" }
    score_hint { "可不填", "Optional" }
    solved_label { "问题是否解决", "Is it solved?" }
    solved_unknown { "未问", "Not asked" }
    words_label { "客户原话", "The customer's own words" }
    words_call_hint { "不满意时必填", "Needed when dissatisfied" }
    words_hint { "按客户的说法记录。", "As the customer put it." }
    said_at(name, at) { "{name} · {at} 记录", "Recorded by {name}, {at}" }
    system { "系统", "System" }
    closed_by(name, at) { "{name} 于 {at} 关闭", "Closed by {name}, {at}" }
    reason_label { "原因", "Reason" }
    channel_label { "沟通方式", "Talked by" }
    choose { "请选择", "Choose" }
    give { "记录评价", "Record the verdict" }
    close { "关闭工单", "Close the case" }
    reopen { "重开工单", "Reopen the case" }
    give_title { "记录客户评价", "Record the verdict" }
    close_title { "关闭工单", "Close the case" }
    reopen_title { "重开工单", "Reopen the case" }
    give_meta { "刚与客户沟通过（不是通过回访任务）时使用。满意或可接受即关闭，不满意即重开。", "For a talk outside the callback queue. Satisfied or acceptable closes the case, dissatisfied reopens it." }
    close_meta { "没有满意或可接受的评价，由经理写明原因后关闭。", "Without a satisfied or acceptable verdict a manager closes with a reason." }
    close_dissatisfied { "客户最近一次的评价是不满意。", "The customer's last verdict was dissatisfied." }
    close_hint { "例如：多次联系未果，方案已书面告知。", "For example: not reached after every try, told in writing." }
    reopen_meta { "关闭 30 天内可重开，回到原处理人，进入下一轮。", "Within 30 days of closing; back to its handler, as the next round." }
    reopen_hint { "例如：客户来电，同一问题再次出现。", "For example: the customer called, the same fault is back." }
    case { "工单", "Case" }
    what_was_wanted { "诉求", "Demand" }
    what_was_done { "处理措施", "What was done" }
    what_was_agreed { "处理结果", "Result agreed" }
    erased { "（已删除）", "(erased)" }
    said_before { "上次评价", "The verdict before" }
    round(cycle) { "第 {cycle} 轮", "Round {cycle}" }
    ask_second { "您对这次处理的结果", "How do you find the way it was dealt with?" }
    ask_after { "处理之后，现在的情况", "How has it been since?" }
    not_asked { "未谈及", "Not talked about" }
    dissatisfied_note { "请记下客户原话。保存后工单重开，退回原处理人。", "Write down the customer's own words. Saving reopens the case for its handler." }
    keys_hint { "满意、可接受、不满意", "satisfied, acceptable, dissatisfied" }
    yes { "是", "Yes" }
    no { "否", "No" }
}

labels! { channel(VerdictChannel) {
    Call { "电话", "Telephone" }
    Visit { "到店当面", "In person" }
    Wechat { "微信", "WeChat" }
    Message { "短信", "Text message" }
} }

impl T {
    /// The tone of a verdict's badge.
    pub const fn tone(self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Satisfied => "good",
            Verdict::Acceptable => "soon",
            Verdict::Dissatisfied => "bad",
        }
    }
}
