//! The page behind a message. Customers read it: 您, short, and nothing about how the house works.

messages! {
    title { "服务评价", "How was your visit" }
    hello { "您好", "Hello" }
    hello_name(name) { "{name}，您好", "Hello {name}" }
    intro(store) { "感谢您到{store}。您的评价由专人查看，约一分钟。", "Thank you for coming to {store}. Somebody reads every answer; it takes about a minute." }
    visit_on(day) { "{day} 的服务", "Your visit on {day}" }
    visit_unknown { "近日的服务", "Your latest visit" }
    more { "更多问题（选填）", "More questions (optional)" }
    reasons { "哪些地方没有做好", "What was not right" }
    words { "您想说的话", "In your own words" }
    words_hint { "写明发生了什么、希望我们怎么做，会有专人与您联系。", "Say what happened and what you would like us to do; somebody will get in touch." }
    no_more { "以后不再接收服务评价", "Ask me no more after this" }
    send { "提交", "Send" }
    refuse { "不评价，以后也不再询问", "No answer, and ask me no more" }
    privacy { "您的回答只用于改进服务和处理您的意见。", "Your answers are used to improve the service and to settle what was wrong, for nothing else." }
    thanks_title { "感谢您的评价", "Thank you" }
    thanks(store) { "您的回答已送达{store}。如有不满意之处，会有专人与您联系。", "Your answers have reached {store}. If something was not right, somebody will get in touch." }
    refused_title { "已记录，不再询问", "We will ask no more" }
    refused(store) { "{store}今后不会再向您发送服务评价。车辆召回等安全通知不受影响。", "{store} will send you no more questionnaires. Recalls and other safety notices still reach you." }
    ended_title { "评价已结束", "This has ended" }
    ended(store) { "谢谢您，这次评价的时间已过。如有意见，欢迎直接致电{store}。", "Thank you; the time for these questions is over. If something was wrong, call {store}." }
    missing_title { "链接无效", "No such link" }
    missing { "请核对短信中的链接是否完整。", "Check that the link of your message is complete." }
    too_many_title { "请稍后再试", "Try again in a moment" }
    too_many { "操作太频繁，请一分钟后再打开链接。", "That was too often. Open the link again in a minute." }
    fix(count) { "还有 {count} 处需要填写或修改。", "{count} to fill in or to correct." }
    low_point(question, answer) { "{question}：{answer}", "{question}: {answer}" }
}
