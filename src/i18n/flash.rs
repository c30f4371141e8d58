//! One-shot messages that survive a redirect.

use serde::{Deserialize, Serialize};

use super::Lang;
use crate::callbacks::queue::Refusal;

/// What the next page tells the person who has just done something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Flash {
    SignedIn {
        name: String,
    },
    PasswordSet,
    Saved,
    StoreEntered {
        name: String,
    },
    /// The queue holds nothing for this person.
    NobodyToCall,
    CallSettled {
        complaint: bool,
    },
    /// Back in the queue, with the time as the person reads it.
    CallRetry {
        at: String,
    },
    CallSkipped,
    DraftSaved,
    CallRefused {
        reason: Refusal,
    },
    CallsAssigned {
        name: String,
        done: i64,
        served: i64,
        changed: i64,
    },
    CallsTakenBack {
        done: i64,
        changed: i64,
    },
    NothingChosen,
}

/// How a flash looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Done,
    Warning,
}

impl Level {
    /// The class and the icon of the design.
    pub const fn as_str(self) -> &'static str {
        match self {
            Level::Done => "good",
            Level::Warning => "soon",
        }
    }
}

impl Flash {
    /// Good news is green; what needs another look is amber.
    pub const fn level(&self) -> Level {
        match self {
            Flash::SignedIn { .. } | Flash::PasswordSet | Flash::Saved | Flash::StoreEntered { .. } => {
                Level::Done
            }
            Flash::CallSettled { .. }
            | Flash::CallRetry { .. }
            | Flash::CallSkipped
            | Flash::DraftSaved
            | Flash::NobodyToCall => Level::Done,
            Flash::CallRefused { .. } | Flash::NothingChosen => Level::Warning,
            Flash::CallsAssigned { served, changed, .. } => unless_left_out(*served + *changed),
            Flash::CallsTakenBack { changed, .. } => unless_left_out(*changed),
        }
    }

    /// The sentence in a language: names the result, not the success.
    pub fn text(&self, lang: Lang) -> String {
        match (self, lang) {
            (Flash::SignedIn { name }, Lang::Zh) => format!("你好，{name}"),
            (Flash::SignedIn { name }, Lang::En) => format!("Hello {name}"),
            (Flash::PasswordSet, Lang::Zh) => "密码已设置".to_owned(),
            (Flash::PasswordSet, Lang::En) => "Password set".to_owned(),
            (Flash::Saved, Lang::Zh) => "已保存".to_owned(),
            (Flash::Saved, Lang::En) => "Saved".to_owned(),
            (Flash::StoreEntered { name }, Lang::Zh) => format!("现在是 {name}"),
            (Flash::StoreEntered { name }, Lang::En) => format!("Now working in {name}"),
            (Flash::NobodyToCall, Lang::Zh) => "现在没有轮到你回访的客户".to_owned(),
            (Flash::NobodyToCall, Lang::En) => "Nobody for you to call now".to_owned(),
            (Flash::CallSettled { complaint: false }, Lang::Zh) => "回访已保存".to_owned(),
            (Flash::CallSettled { complaint: false }, Lang::En) => "Callback saved".to_owned(),
            (Flash::CallSettled { complaint: true }, Lang::Zh) => "回访已保存，抱怨工单已生成".to_owned(),
            (Flash::CallSettled { complaint: true }, Lang::En) => {
                "Callback saved, complaint opened".to_owned()
            }
            (Flash::CallRetry { at }, Lang::Zh) => format!("已保存，{at} 回到队列"),
            (Flash::CallRetry { at }, Lang::En) => format!("Saved; back in the queue {at}"),
            (Flash::CallSkipped, Lang::Zh) => "已放回队列".to_owned(),
            (Flash::CallSkipped, Lang::En) => "Back in the queue".to_owned(),
            (Flash::DraftSaved, Lang::Zh) => "草稿已保存".to_owned(),
            (Flash::DraftSaved, Lang::En) => "Draft saved".to_owned(),
            (Flash::CallRefused { reason }, lang) => super::callbacks::T(lang).refusal(*reason).to_owned(),
            (
                Flash::CallsAssigned {
                    name,
                    done,
                    served,
                    changed,
                },
                Lang::Zh,
            ) => {
                let mut text = format!("已分配给 {name}：{done} 位");
                if *served > 0 {
                    text.push_str(&format!("；{served} 位由 {name} 接待过，不能分配"));
                }
                if *changed > 0 {
                    text.push_str(&format!("；{changed} 位已有变动，请刷新后再试"));
                }
                text
            }
            (
                Flash::CallsAssigned {
                    name,
                    done,
                    served,
                    changed,
                },
                Lang::En,
            ) => {
                let mut text = format!("{done} assigned to {name}");
                if *served > 0 {
                    text.push_str(&format!("; {served} were served by {name} and cannot be"));
                }
                if *changed > 0 {
                    text.push_str(&format!("; {changed} have changed meanwhile"));
                }
                text
            }
            (Flash::CallsTakenBack { done, changed: 0 }, Lang::Zh) => format!("{done} 位已放回队列"),
            (Flash::CallsTakenBack { done, changed: 0 }, Lang::En) => format!("{done} back in the queue"),
            (Flash::CallsTakenBack { done, changed }, Lang::Zh) => {
                format!("{done} 位已放回队列；{changed} 位已有变动，请刷新后再试")
            }
            (Flash::CallsTakenBack { done, changed }, Lang::En) => {
                format!("{done} back in the queue; {changed} have changed meanwhile")
            }
            (Flash::NothingChosen, Lang::Zh) => "请先勾选客户，再选择人员".to_owned(),
            (Flash::NothingChosen, Lang::En) => "Tick customers and choose a person first".to_owned(),
        }
    }
}

/// Green when all of a bulk went through.
const fn unless_left_out(count: i64) -> Level {
    if count == 0 { Level::Done } else { Level::Warning }
}
