//! One-shot messages that survive a redirect.

use serde::{Deserialize, Serialize};

use super::Lang;

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
    /// The file was confirmed before, at a time that is already written in a language.
    ImportKnown {
        at: String,
    },
    ImportDiscarded,
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
            | Flash::ImportDiscarded => Level::Done,
            Flash::ImportKnown { .. } => Level::Warning,
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
            (Flash::ImportKnown { at }, _) => super::imports::T(lang).already(at),
            (Flash::ImportDiscarded, _) => super::imports::T(lang).discarded_title().to_owned(),
        }
    }
}
