//! What every store starts with: the talks and the questionnaire of domain.md §2.

use crate::complaints::ComplaintClass;
use crate::scripts::model::{
    Condition, Item, ItemKind, Questionnaire, Reason, Step, StepKind, Talk, Test, Words,
};

/// The occasion whose script serves every occasion that has none of its own.
pub const ANY: &str = "*";

/// Ten scores, one of them yes or no, the willingness to recommend, and words.
///
/// Only the overall score must be given;
/// what is low is asked about (the trade's rule: an NPS of 6 or less is no complaint, but its reason is asked).
pub fn questionnaire() -> Questionnaire {
    use ItemKind::{Nps, Score, Text, YesNo};
    let items = [
        (
            "q10",
            Score,
            "总体来说，您对这次服务打几分？",
            "Overall, how do you rate this visit?",
        ),
        (
            "q5",
            YesNo,
            "问题是否一次彻底修好？",
            "Was everything done right the first time?",
        ),
        ("q5a", Text, "哪里没有修好？", "What was not put right?"),
        (
            "q11",
            Nps,
            "您愿意把我们推荐给亲友吗？",
            "How likely are you to recommend us?",
        ),
        (
            "q11a",
            Text,
            "是什么让您不太愿意推荐？",
            "What keeps you from recommending us?",
        ),
        (
            "q1",
            Score,
            "预约和接待是否迅速？",
            "Was booking and reception quick?",
        ),
        (
            "q2",
            Score,
            "服务顾问是否认真倾听、理解您的需求？",
            "Did the advisor listen and understand?",
        ),
        (
            "q3",
            Score,
            "维修前是否说明项目、费用和时间？",
            "Were work, price and time explained beforehand?",
        ),
        (
            "q4",
            Score,
            "在店停留时间、按时交车",
            "Time at the shop, hand-over on time",
        ),
        (
            "q6",
            Score,
            "结算清单解释清楚、价格合理",
            "Invoice explained, price reasonable",
        ),
        ("q7", Score, "交车时车辆清洁", "Car clean at hand-over"),
        ("q8", Score, "提车时有人协助", "Helped when picking up the car"),
        ("q9", Score, "休息区环境", "The waiting area"),
        (
            "q12",
            Text,
            "还有什么意见或建议？",
            "Anything else we should know?",
        ),
    ];
    Questionnaire {
        items: items
            .into_iter()
            .map(|(code, kind, zh, en)| item(code, kind, zh, en))
            .collect(),
        dissatisfied_up_to: 6,
        reasons: reasons(),
    }
}

fn item(code: &str, kind: ItemKind, zh: &str, en: &str) -> Item {
    let when = |code: &str, test: Test, value: &str| {
        Some(Condition {
            code: code.to_owned(),
            test,
            value: value.to_owned(),
        })
    };
    Item {
        required: code == "q10",
        is_overall: code == "q10",
        when: match code {
            "q5a" => when("q5", Test::Is, "no"),
            "q11a" => when("q11", Test::AtMost, "6"),
            _ => None,
        },
        ..Item::new(code, kind, Words::new(zh, en))
    }
}

fn reasons() -> Vec<Reason> {
    use ComplaintClass as C;
    [
        ("waiting", C::Efficiency, "等待时间", "Waiting time"),
        ("attitude", C::Attitude, "服务态度", "Attitude"),
        ("repair", C::Repair, "维修质量", "Quality of work"),
        ("price", C::Price, "价格解释", "Price"),
        ("hand_over", C::Attitude, "交车讲解", "Hand-over explanation"),
        ("parts", C::Parts, "配件", "Parts"),
        ("facility", C::Facility, "环境设施", "Facilities"),
        ("other", C::Other, "其他", "Other"),
    ]
    .map(|(code, class, zh, en)| Reason {
        code: code.to_owned(),
        text: Words::new(zh, en),
        class,
    })
    .into()
}

/// `(occasion, name, talk)` of every default talk.
pub fn talks() -> Vec<(&'static str, &'static str, Talk)> {
    vec![
        ("post_service", "售后三日回访", post_service()),
        (ANY, "客户联系", contact()),
        ("complaint_second_callback", "抱怨二次回访", second_callback()),
        ("complaint_after", "重大抱怨追访", after_case()),
    ]
}

fn step(code: &str, kind: StepKind, title: (&str, &str), say: (&str, &str)) -> Step {
    Step {
        code: code.to_owned(),
        kind,
        title: Words::new(title.0, title.1),
        say: Words::new(say.0, say.1),
        when: None,
    }
}

fn greeting() -> Step {
    step(
        "greeting",
        StepKind::Say,
        ("问候", "Greeting"),
        (
            "您好，我是{store}的{me}，来电会录音以便改进服务。",
            "Hello, this is {me} from {store}. The call may be recorded to improve our service.",
        ),
    )
}

/// The surname first; nothing about the car before the person is known (domain.md §13).
fn identity() -> Step {
    step(
        "identity",
        StepKind::Say,
        ("确认身份", "Identity"),
        (
            "请问是{surname}吗？（不是本人时，只请转告回电，不提车辆和维修内容。）",
            "Am I speaking with {surname}? (If not, only ask for a call back; say nothing about the car.)",
        ),
    )
}

fn time() -> Step {
    step(
        "time",
        StepKind::Say,
        ("征求时间", "Time"),
        (
            "想占用您大约两分钟，现在方便吗？（不方便就约一个时间。）",
            "Do you have about two minutes now? (If not, agree on a time.)",
        ),
    )
}

fn words_step() -> Step {
    step(
        "reasons",
        StepKind::Reasons,
        ("原因与客户原话", "Reasons and words"),
        (
            "是哪里让您不满意？请您具体说说，我原样记下来转给负责的部门。",
            "What went wrong? I will write it down in your own words and pass it on.",
        ),
    )
}

fn reminders() -> Step {
    step(
        "reminders",
        StepKind::Say,
        ("提醒", "Reminders"),
        (
            "提醒您：{next}。需要的话我现在就帮您预约。",
            "A reminder: {next}. I can book an appointment for you now.",
        ),
    )
}

fn check() -> Step {
    step(
        "check",
        StepKind::Check,
        ("信息核对", "Check of data"),
        (
            "最后核对一下：这个手机号是您常用的吗？目前里程大约多少？",
            "Finally: is this the number you use? What is the odometer now, roughly?",
        ),
    )
}

fn closing() -> Step {
    step(
        "closing",
        StepKind::Say,
        ("结束语", "Closing"),
        (
            "感谢您的时间，祝您用车愉快，再见。（请客户先挂机。）",
            "Thank you for your time. Goodbye. (Let the customer hang up first.)",
        ),
    )
}

fn post_service() -> Talk {
    let purpose = step(
        "purpose",
        StepKind::Say,
        ("说明目的", "Purpose"),
        (
            "您{day}在我店做了{visit}，想听听您的感受。",
            "You were with us on {day} for {visit}; we would like to hear how it went.",
        ),
    );
    let questions = step(
        "questions",
        StepKind::Ask,
        ("满意度", "Satisfaction"),
        (
            "请您打分：0 分非常不满意，10 分非常满意。",
            "On a scale from 0, very dissatisfied, to 10, very satisfied:",
        ),
    );
    Talk {
        steps: vec![
            greeting(),
            identity(),
            time(),
            purpose,
            questions,
            words_step(),
            reminders(),
            check(),
            closing(),
        ],
    }
}

fn contact() -> Talk {
    let purpose = step(
        "purpose",
        StepKind::Ask,
        ("说明目的并记录意向", "Purpose and answer"),
        (
            "这次来电是因为您的{car}：{next}。您是怎么打算的？",
            "I am calling about your {car}: {next}. What are your plans?",
        ),
    );
    Talk {
        steps: vec![
            greeting(),
            identity(),
            time(),
            purpose,
            words_step(),
            check(),
            closing(),
        ],
    }
}

/// The one who handled the case does not call; what was agreed is read out and judged (domain.md §6).
pub fn second_callback() -> Talk {
    about_case((
        "您{day}反映的问题，处理结果是：{result}。您觉得处理得怎么样？",
        "You told us about a problem on {day}. This is what was done: {result}. How do you find it?",
    ))
}

/// 重大投诉的跟踪回访: some days after a major case was closed.
pub fn after_case() -> Talk {
    about_case((
        "您{day}反映的问题处理完以后，现在情况怎么样？",
        "Since the problem that you told us about on {day} was dealt with, how has it been?",
    ))
}

fn about_case(asking: (&str, &str)) -> Talk {
    let ask = step(
        "verdict",
        StepKind::Ask,
        ("核实结果与评价", "Result and verdict"),
        asking,
    );
    let words = step(
        "reasons",
        StepKind::Reasons,
        ("其他意见", "Anything else"),
        (
            "除了这件事，还有别的地方不满意吗？我按您的原话记下来。",
            "Is there anything else that went wrong? I will write it down in your own words.",
        ),
    );
    Talk {
        steps: vec![greeting(), identity(), time(), ask, words, check(), closing()],
    }
}
