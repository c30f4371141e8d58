//! What an undo would do, and what it did.

use askama::Template;
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::auth::permission::Permission;
use crate::imports::ImportState;
use crate::imports::queries::ImportRow;
use crate::imports::undo::queries::{self, KeptRow};
use crate::imports::undo::{self, Kept, UndoCounts};
use crate::stores::StoreScope;
use crate::web::error::{AppError, AppResult};
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::state::AppState;

use super::Head;

/// Whether the file is kept long enough for an undo.
pub fn may_undo(import: &ImportRow, now: DateTime<Utc>) -> bool {
    import.state == ImportState::Confirmed && import.created_at > now - undo::KEPT_FOR
}

/// `/imports/{id}/undo`: what will happen, before it does.
#[derive(Template)]
#[template(path = "imports/undo.html")]
pub struct UndoPage {
    layout: Layout,
    head: Head,
    id: String,
    version: i32,
    lines: Vec<(&'static str, String)>,
    /// What the button says; none where no row can be taken back.
    confirm: Option<String>,
    until: String,
}

/// The page of an import that may be undone.
pub async fn undo(
    app: &AppState,
    layout: Layout,
    import: &ImportRow,
    now: DateTime<Utc>,
) -> AppResult<UndoPage> {
    let scope = StoreScope::of(&layout.user);
    if !may_undo(import, now) {
        return Err(AppError::Conflict("import cannot be undone"));
    }
    let counts = undo::look(&app.db, scope, import.id, now).await?;
    let t = layout.t.imports();
    Ok(UndoPage {
        head: Head::new(&layout, Some(import), 5),
        id: import.id.to_string(),
        version: import.version,
        lines: lines(&layout, &counts),
        confirm: (counts.taken_back > 0).then(|| t.undo_confirm(layout.fmt.number(counts.taken_back))),
        until: t.undo_until(layout.fmt.datetime(&(import.created_at + undo::KEPT_FOR))),
        layout,
    })
}

/// `/imports/{id}` after its undo: what went, and what stays for which reason.
#[derive(Template)]
#[template(path = "imports/undone.html")]
pub struct UndonePage {
    layout: Layout,
    head: Head,
    id: String,
    outcome: String,
    lines: Vec<(&'static str, String)>,
    kept: Vec<KeptLine>,
    pager: Pager,
    note: String,
}

/// A row of the file that stays.
struct KeptLine {
    row_no: String,
    reasons: Vec<String>,
}

/// The page of an import that was undone.
pub async fn undone(
    app: &AppState,
    layout: Layout,
    import: &ImportRow,
    params: PageParams,
) -> AppResult<UndonePage> {
    let scope = StoreScope::of(&layout.user);
    let row = queries::find(&app.db, scope, import.id)
        .await?
        .ok_or(AppError::NotFound)?;
    let counts = counts(row.undo_counts);
    let kept = queries::list_kept(&app.db, scope, import.id, params.limit(), params.offset()).await?;
    let kept = Paged::new(kept, params, Some(counts.kept));
    let t = layout.t.imports();
    let at = layout.fmt.datetime(&row.undone_at.unwrap_or(import.created_at));
    Ok(UndonePage {
        head: Head::new(&layout, Some(import), 5),
        id: import.id.to_string(),
        outcome: match counts.kept {
            0 => t.undo_done().to_owned(),
            kept => t.undo_done_partly(layout.fmt.number(kept)),
        },
        lines: lines(&layout, &counts),
        kept: kept.rows.iter().map(|row| line(&layout, row)).collect(),
        pager: kept.pager(&format!("/imports/{}", import.id), ""),
        note: t.undone_note(import.id, row.undone_by.as_deref().unwrap_or(t.by_command()), at),
        layout,
    })
}

fn counts(json: Value) -> UndoCounts {
    serde_json::from_value(json).unwrap_or_default()
}

/// Reasons of a row that stays, as sentences.
pub fn reasons(layout: &Layout, row: &KeptRow) -> Vec<String> {
    let t = layout.t.imports();
    let kept: Vec<Kept> = row
        .kept
        .clone()
        .and_then(|json| serde_json::from_value(json).ok())
        .unwrap_or_default();
    kept.iter()
        .map(|kept| t.kept_sentence(kept, kept.at.map(|at| layout.fmt.datetime(&at))))
        .collect()
}

fn line(layout: &Layout, row: &KeptRow) -> KeptLine {
    KeptLine {
        row_no: layout.fmt.number(row.row_no),
        reasons: reasons(layout, row),
    }
}

/// The counts that are not 0; rows always.
fn lines(layout: &Layout, counts: &UndoCounts) -> Vec<(&'static str, String)> {
    let t = layout.t.imports();
    let rows = [(t.undo_rows(), counts.taken_back), (t.undo_kept(), counts.kept)];
    let records = [
        (t.undo_customers(), counts.customers),
        (t.undo_vehicles(), counts.vehicles),
        (t.undo_visits(), counts.visits),
        (t.undo_policies(), counts.policies),
        (t.undo_restored(), counts.restored),
        (t.undo_duties(), counts.duties),
    ];
    let records = records.into_iter().filter(|(_, n)| *n > 0);
    rows.into_iter()
        .chain(records)
        .map(|(label, n)| (label, layout.fmt.number(n)))
        .collect()
}
