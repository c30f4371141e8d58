//! The conflicts of a preview: how many rows, one of them as an example, and what may be decided.

use crate::imports::decisions::{Conflict, ConflictCount, ConflictKind};
use crate::imports::mapping::Field;
use crate::imports::queries::{self, ImportRow};
use crate::imports::{Counts, Decisions};
use crate::stores::StoreScope;
use crate::web::error::AppResult;
use crate::web::form::SelectOption;
use crate::web::layout::Layout;
use crate::web::state::AppState;

use super::{cells, decisions};

/// One kind of conflict.
pub(super) struct ConflictLine {
    /// Name of its field in the form.
    pub kind: ConflictKind,
    pub title: &'static str,
    pub rows: String,
    pub example: String,
    pub options: Vec<SelectOption>,
    pub value: &'static str,
}

impl ConflictLine {
    pub fn is_chosen(&self, option: &SelectOption) -> bool {
        option.value == self.value
    }
}

/// A line for every kind that the file has.
pub(super) async fn lines(
    app: &AppState,
    layout: &Layout,
    import: &ImportRow,
    counts: &Counts,
) -> AppResult<Vec<ConflictLine>> {
    let scope = StoreScope::of(&layout.user);
    let decisions = decisions(import)?;
    let mut lines = Vec::new();
    for count in &counts.conflicts {
        let stored = queries::find_conflict(&app.db, scope, import.id, count.first_row).await?;
        let stored: Vec<Conflict> = match stored {
            Some(json) => serde_json::from_value(json).map_err(anyhow::Error::from)?,
            None => Vec::new(),
        };
        let example = stored.iter().find(|conflict| conflict.kind == count.kind);
        lines.push(line(layout, &decisions, count, example));
    }
    Ok(lines)
}

fn line(
    layout: &Layout,
    decisions: &Decisions,
    count: &ConflictCount,
    example: Option<&Conflict>,
) -> ConflictLine {
    let t = layout.t.imports();
    let option = |decision| SelectOption::new(decision, t.decision(count.kind, decision));
    ConflictLine {
        kind: count.kind,
        title: t.conflict_kind(count.kind),
        rows: t.rows(layout.fmt.number(count.rows)),
        example: example.map_or_else(String::new, |conflict| {
            t.example(layout.fmt.number(count.first_row), shown(layout, conflict))
        }),
        options: count.kind.choices().iter().copied().map(option).collect(),
        value: decisions.of(count.kind).as_str(),
    }
}

/// `王建国 → 赵雅楠`, with the plate or the field in question before it.
fn shown(layout: &Layout, conflict: &Conflict) -> String {
    let t = layout.t.imports();
    let field: Option<Field> = conflict
        .field
        .as_ref()
        .and_then(|code| serde_json::from_value(serde_json::Value::String(code.clone())).ok());
    let value = |value: &Option<String>| match (value.as_deref(), field) {
        (None | Some(""), _) => t.nothing().to_owned(),
        (Some(value), Some(field)) => cells::stored(layout, field, value),
        // An owner, or the VIN of a car that nobody owns.
        (Some(value), None) => cells::shown(&layout.fmt, Field::Vin, value),
    };
    let (from, to) = (value(&conflict.from), value(&conflict.to));
    match (conflict.kind, conflict.field.as_deref()) {
        (ConflictKind::Plate, Some(plate)) => t.change(layout.fmt.plate(plate), from, to),
        (ConflictKind::Edited, Some(field)) => t.change(t.changed_field(field), from, to),
        (ConflictKind::Owner | ConflictKind::Name | ConflictKind::Plate | ConflictKind::Edited, _) => {
            t.becomes(from, to)
        }
    }
}
