//! What a draft is named, and how it becomes a form again.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::auth::forms::local_path;
use crate::web::form;

/// Longest draft, encoded as it is posted: a form with every field full is a quarter of it.
pub const MAX_BYTES: usize = 60 * 1024;
/// Drafts that a person has in a store; the oldest go.
pub const MAX_DRAFTS: i64 = 50;
/// Longest subject.
const MAX_SUBJECT: usize = 60;

/// Names a form: `customer:42`, `visit:new:7`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject(String);

impl Subject {
    /// The form of an existing row.
    pub fn edit(kind: &str, id: impl std::fmt::Display) -> Subject {
        Subject(format!("{kind}:{id}"))
    }

    /// A form for something new; `below` tells forms under different rows apart.
    pub fn new(kind: &str, below: impl std::fmt::Display) -> Subject {
        Subject(format!("{kind}:new:{below}"))
    }

    /// A subject as a form posts it. Calls are none of ours.
    pub fn parse(text: &str) -> Option<Subject> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, ':' | '_' | '-');
        let (kind, rest) = text.split_once(':')?;
        let is_ours = !kind.is_empty() && !rest.is_empty() && kind != "callback";
        (is_ours && text.len() <= MAX_SUBJECT && text.chars().all(is_plain)).then(|| Subject(text.to_owned()))
    }

    /// As stored and as in the form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A posted form as it is kept: the very text, so that it is read back by the parser that reads posts.
pub struct Draft {
    pub subject: Subject,
    /// Where the form is opened again.
    pub page: String,
    form: String,
}

impl Draft {
    /// Reads a form's body; `None` if it names no subject, or is too long to keep.
    pub fn of(body: &str) -> Option<Draft> {
        if body.len() > MAX_BYTES {
            return None;
        }
        let pairs: Vec<(String, String)> = form::parse(body)?;
        let get = |name: &str| {
            pairs
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        Some(Draft {
            subject: Subject::parse(get("draft")?)?,
            page: local_path(get("draft_page")?)?.to_owned(),
            form: body.to_owned(),
        })
    }

    /// As stored.
    pub fn to_json(&self) -> Value {
        json!({ "form": self.form, "page": self.page })
    }
}

/// A form as it was typed, and when.
pub struct Restored<T> {
    pub form: T,
    pub at: DateTime<Utc>,
}

impl<T: DeserializeOwned> Restored<T> {
    /// Reads a stored draft; what does not read as this form any more is none.
    pub fn of(body: &Value, at: DateTime<Utc>) -> Option<Restored<T>> {
        let form = form::parse(body.get("form")?.as_str()?)?;
        Some(Restored { form, at })
    }
}

/// What a form and its page need to know about its draft.
#[derive(Clone, Debug)]
pub struct Note {
    pub subject: Subject,
    pub page: String,
    /// When the words were typed that the form was opened with.
    pub restored_at: Option<DateTime<Utc>>,
}

impl Note {
    /// Of a form that shows what is stored, or nothing.
    pub fn new(subject: Subject, page: impl Into<String>) -> Note {
        Note {
            subject,
            page: page.into(),
            restored_at: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_names_a_form_and_nothing_else() {
        for (text, is_one) in [
            ("customer:42", true),
            ("visit:new:7", true),
            ("customer:new:-", true),
            ("callback:3", false),
            ("customer", false),
            (":42", false),
            ("customer:", false),
            ("customer:4 2", false),
            ("客户:42", false),
        ] {
            assert_eq!(Subject::parse(text).is_some(), is_one, "{text}");
        }
        assert!(Subject::parse(&format!("customer:{}", "1".repeat(60))).is_none());
    }

    #[test]
    fn a_draft_is_read_from_what_the_form_posts() {
        let body = "draft=customer%3A42&draft_page=%2Fcustomers%2F42%2Fedit&name=%E5%BC%A0&tags=1&tags=2";
        let draft = Draft::of(body).unwrap();
        assert_eq!(draft.subject.as_str(), "customer:42");
        assert_eq!(draft.page, "/customers/42/edit");
        let at = "2026-11-24T02:00:00Z".parse().unwrap();
        let restored: Restored<Vec<(String, String)>> = Restored::of(&draft.to_json(), at).unwrap();
        assert_eq!(restored.form[2], ("name".to_owned(), "张".to_owned()));
        assert_eq!(restored.form.len(), 5);
        for refused in [
            "name=x",
            "draft=customer%3A42",
            "draft=customer%3A42&draft_page=https%3A%2F%2Fevil.example",
        ] {
            assert!(Draft::of(refused).is_none(), "{refused}");
        }
        let long = format!("{body}&note={}", "x".repeat(MAX_BYTES));
        assert!(Draft::of(&long).is_none());
    }
}
