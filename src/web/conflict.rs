//! A form that was loaded before somebody else saved: both versions side by side, field by field, and nothing typed is lost.
//!
//! How it knows who changed what: the form carries the values it was loaded with in a hidden field (`base`). There is no
//! history of a row's values to compare with (the audit log holds names of fields only, promises R17), and the base of a
//! form that was open for an hour is exactly what its person saw. A forged base forges only what is ticked beforehand: what
//! is saved is what is posted, checked like any edit and against the version that is shown.
//!
//! For another form: derive `Serialize`, add `version` and `base`, fill `base` with [`base_of`] where the form is made from
//! the row, print it hidden, and answer a lost update with [`ConflictPage`]. Choosing a side is choosing which value a field
//! posts, so the second post is an ordinary edit; a page without a script works alike.

use std::collections::BTreeMap;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use crate::auth::permission::Permission;
use crate::drafts::model::Note;
use crate::web::filters;
use crate::web::form::SelectOption;
use crate::web::layout::Layout;
use crate::web::page::Page;

/// Fields of a form that are no content.
const BOOKKEEPING: [&str; 3] = ["version", "base", "idem_key"];

/// The values of a form as its hidden `base`.
pub fn base_of(form: &impl Serialize) -> String {
    let mut values = values_of(form);
    for name in BOOKKEEPING {
        values.remove(name);
    }
    serde_json::to_string(&values).unwrap_or_default()
}

fn values_of(form: &impl Serialize) -> BTreeMap<String, Value> {
    serde_json::to_value(form)
        .ok()
        .and_then(|value| serde_json::from_value(value).ok())
        .unwrap_or_default()
}

/// How a field is called, and how its values read.
pub struct Named {
    pub name: &'static str,
    pub label: &'static str,
    /// Texts of a choice; empty: the value is its own text.
    pub options: Vec<SelectOption>,
}

impl Named {
    /// A field that shows what it holds.
    pub fn text(name: &'static str, label: &'static str) -> Named {
        Named {
            name,
            label,
            options: Vec::new(),
        }
    }

    /// A field of a list.
    pub fn choice(name: &'static str, label: &'static str, options: Vec<SelectOption>) -> Named {
        Named { name, label, options }
    }

    /// A field that is ticked or not.
    pub fn tick(name: &'static str, label: &'static str, layout: &Layout) -> Named {
        let t = layout.t.common();
        let options = vec![SelectOption::new("1", t.yes()), SelectOption::new("", t.no())];
        Named { name, label, options }
    }

    fn shown(&self, value: &str) -> String {
        let option = self.options.iter().find(|option| option.value == value);
        option.map_or_else(|| value.to_owned(), |option| option.label.clone())
    }
}

/// A field in which the two versions differ.
pub struct Difference {
    pub name: &'static str,
    pub label: &'static str,
    pub theirs: String,
    pub mine: String,
    pub theirs_shown: String,
    pub mine_shown: String,
    /// Ticked beforehand: mine where I changed the field, theirs where only they did.
    pub is_mine: bool,
    /// Both changed it.
    pub is_contested: bool,
}

/// Both versions, compared.
pub struct Comparison {
    pub differences: Vec<Difference>,
    /// Names and values that the next post carries unchanged.
    pub same: Vec<(String, String)>,
    /// What the next post is an edit of.
    pub base: String,
}

/// Compares what was typed with what is stored; `base` is what the form was loaded with.
pub fn compare<F: Serialize>(mine: &F, base: &str, theirs: &F, fields: &[Named]) -> Comparison {
    let (typed, stored) = (values_of(mine), values_of(theirs));
    let loaded: BTreeMap<String, Value> = serde_json::from_str(base).unwrap_or_default();
    let text = |values: &BTreeMap<String, Value>, name: &str| {
        values
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let mut differences = Vec::new();
    for field in fields {
        let (mine, theirs) = (text(&typed, field.name), text(&stored, field.name));
        if normal(&mine) == normal(&theirs) {
            continue;
        }
        let was = loaded
            .contains_key(field.name)
            .then(|| normal(&text(&loaded, field.name)));
        let has_changed = |value: &str| was.as_ref().is_none_or(|was| *was != normal(value));
        differences.push(Difference {
            name: field.name,
            label: field.label,
            theirs_shown: field.shown(&theirs),
            mine_shown: field.shown(&mine),
            is_mine: has_changed(&mine),
            is_contested: has_changed(&mine) && has_changed(&theirs),
            theirs,
            mine,
        });
    }
    let is_asked = |name: &str| differences.iter().any(|field| field.name == name);
    let rest = typed
        .iter()
        .filter(|(name, _)| !BOOKKEEPING.contains(&name.as_str()) && !is_asked(name));
    let same = rest.flat_map(|(name, value)| texts(value).into_iter().map(|text| (name.clone(), text)));
    Comparison {
        same: same.collect(),
        differences,
        base: base_of(theirs),
    }
}

/// Adds the comparison of rows that are posted as repeated fields, `names`: they are chosen as a whole, and the field `keep`
/// is posted as `1` where the stored ones stay.
pub fn compare_rows<F: Serialize>(
    comparison: &mut Comparison,
    mine: &F,
    base: &str,
    theirs: &F,
    names: &[&str],
    keep: &Named,
) {
    let loaded: BTreeMap<String, Value> = serde_json::from_str(base).unwrap_or_default();
    let (typed, stored) = (
        rows_of(&values_of(mine), names, keep),
        rows_of(&values_of(theirs), names, keep),
    );
    if typed == stored {
        return;
    }
    let was = rows_of(&loaded, names, keep);
    comparison.differences.push(Difference {
        name: keep.name,
        label: keep.label,
        theirs: "1".to_owned(),
        mine: String::new(),
        is_mine: typed != was,
        is_contested: typed != was && stored != was,
        theirs_shown: stored,
        mine_shown: typed,
    });
}

/// One line for each row that says something.
fn rows_of(values: &BTreeMap<String, Value>, names: &[&str], keep: &Named) -> String {
    let columns: Vec<Vec<String>> = names
        .iter()
        .map(|name| values.get(*name).map(texts).unwrap_or_default())
        .collect();
    let longest = columns.iter().map(Vec::len).max().unwrap_or(0);
    let line = |row: usize| {
        let cells = columns.iter().filter_map(|column| column.get(row));
        let cells: Vec<&String> = cells.filter(|cell| !cell.trim().is_empty()).collect();
        // A row of which the kind alone is set was never filled in.
        (cells.len() > 1).then(|| {
            let shown: Vec<String> = cells.into_iter().map(|cell| keep.shown(cell.trim())).collect();
            shown.join(" ")
        })
    };
    (0..longest).filter_map(line).collect::<Vec<_>>().join("\n")
}

/// A repeated field posts each of its values.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Object(_) => Vec::new(),
    }
}

/// Browsers end the lines of a text with CR LF, and the edges of a field are trimmed when it is saved.
fn normal(text: &str) -> String {
    text.trim().replace("\r\n", "\n")
}

/// `conflict.html`: choose a side for each field, then save over the version that is shown.
#[derive(Template)]
#[template(path = "conflict.html")]
pub struct ConflictPage {
    pub layout: Layout,
    /// What is being edited.
    pub title: String,
    /// Where the form is posted again.
    pub action: String,
    pub draft: Note,
    pub version: i32,
    /// Who saved the stored version; `None`: an import or the system.
    pub by: Option<String>,
    pub at: DateTime<Utc>,
    pub comparison: Comparison,
}

impl ConflictPage {
    /// The page with its status.
    pub fn respond(self) -> Response {
        Page(self).with_status(StatusCode::CONFLICT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Form {
        name: &'static str,
        note: &'static str,
        tags: Vec<&'static str>,
        base: &'static str,
        version: i32,
    }

    fn form(name: &'static str, note: &'static str) -> Form {
        Form {
            name,
            note,
            tags: vec!["a", "b"],
            base: "",
            version: 3,
        }
    }

    #[test]
    fn a_side_is_ticked_by_who_changed_the_field() {
        let fields = [Named::text("name", "姓名"), Named::text("note", "备注")];
        let base = base_of(&form("张伟", "一\n二"));
        // (mine, theirs) of the name: shown?, mine?, contested?
        for (mine, theirs, expected) in [
            ("张伟", "张伟", None),
            ("张伟强", "张伟", Some((true, false))),
            ("张伟", "张炜", Some((false, false))),
            ("张伟强", "张炜", Some((true, true))),
            ("张炜 ", "张炜", None),
        ] {
            let found = compare(&form(mine, "一\r\n二"), &base, &form(theirs, "一\n二"), &fields);
            let seen = found
                .differences
                .first()
                .map(|field| (field.is_mine, field.is_contested));
            assert_eq!(seen, expected, "{mine} {theirs}");
        }
    }

    #[test]
    fn what_is_not_asked_is_posted_as_it_was_typed() {
        let fields = [Named::text("name", "姓名")];
        let base = base_of(&form("张伟", ""));
        assert!(!base.contains("version"), "{base}");
        let found = compare(&form("张伟强", "新"), &base, &form("张炜", ""), &fields);
        let same: Vec<(&str, &str)> = found.same.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(same, [("note", "新"), ("tags", "a"), ("tags", "b")]);
        assert_eq!(found.base, base_of(&form("张炜", "")));
    }

    #[test]
    fn rows_are_chosen_as_a_whole() {
        #[derive(Serialize)]
        struct Rows {
            kind: Vec<&'static str>,
            name: Vec<&'static str>,
        }
        let rows = |name: &[&'static str]| Rows {
            kind: vec!["part"; name.len()],
            name: name.to_vec(),
        };
        let keep = Named::choice("keep", "明细", vec![SelectOption::new("part", "配件")]);
        let base = base_of(&rows(&["机滤", ""]));
        for (mine, theirs, expected) in [
            (&["机滤", ""], &["机滤", " "], None),
            (&["机滤", "机油"], &["机滤", ""], Some((true, false))),
            (&["机滤", ""], &["机滤", "机油"], Some((false, false))),
            (&["机滤", "垫片"], &["机滤", "机油"], Some((true, true))),
        ] {
            let (mine, theirs) = (rows(mine), rows(theirs));
            let mut found = compare(&mine, &base, &theirs, &[]);
            compare_rows(&mut found, &mine, &base, &theirs, &["kind", "name"], &keep);
            let seen = found.differences.first();
            assert_eq!(
                seen.map(|field| (field.is_mine, field.is_contested)),
                expected,
                "{:?} {:?}",
                mine.name,
                theirs.name
            );
            if let Some(field) = seen {
                assert!(field.mine_shown.starts_with("配件 机滤"), "{}", field.mine_shown);
            }
        }
    }

    #[test]
    fn without_a_base_everything_typed_counts_as_changed() {
        let fields = [Named::text("name", "姓名")];
        let found = compare(&form("张伟强", ""), "", &form("张炜", ""), &fields);
        assert!(found.differences[0].is_mine);
    }
}
