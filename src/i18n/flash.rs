//! One-shot messages that survive a redirect.

use serde::{Deserialize, Serialize};

use super::{Lang, jobs};
use crate::jobs::JobName;

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
    /// Keys and values of the run's counts that are not 0.
    JobRan {
        job: JobName,
        counts: Vec<(String, i64)>,
    },
    JobFailed {
        job: JobName,
    },
    /// Still running when the page had to answer.
    JobStarted {
        job: JobName,
    },
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
            Flash::SignedIn { .. }
            | Flash::PasswordSet
            | Flash::Saved
            | Flash::StoreEntered { .. }
            | Flash::JobRan { .. }
            | Flash::JobStarted { .. } => Level::Done,
            Flash::JobFailed { .. } => Level::Warning,
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
            (Flash::JobRan { job, counts }, _) => job_ran(jobs::T(lang), *job, counts),
            (Flash::JobFailed { job }, Lang::Zh) => format!("{}失败，原因见下", jobs::T(lang).name(*job)),
            (Flash::JobFailed { job }, Lang::En) => {
                format!("{} failed; the reason is below", jobs::T(lang).name(*job))
            }
            (Flash::JobStarted { job }, Lang::Zh) => {
                format!("{}仍在运行，稍后刷新", jobs::T(lang).name(*job))
            }
            (Flash::JobStarted { job }, Lang::En) => {
                format!("{} is still running; reload later", jobs::T(lang).name(*job))
            }
        }
    }
}

fn job_ran(t: jobs::T, job: JobName, counts: &[(String, i64)]) -> String {
    let (colon, comma) = match t.0 {
        Lang::Zh => ("：", "，"),
        Lang::En => (": ", ", "),
    };
    let parts = counts.iter().map(|(key, n)| format!("{} {n}", t.count(key)));
    let parts = parts.collect::<Vec<_>>().join(comma);
    let result = if parts.is_empty() { t.nothing() } else { &parts };
    format!("{}{colon}{result}", t.name(job))
}
