//! What the pages of the wizard show.

use std::cmp::Ordering;

use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};

use crate::auth::permission::{Can, ImportFiles, Permission};
use crate::imports::queries::{self, ImportRow};
use crate::imports::{Counts, Decisions, Failure, ImportKind, ImportPhase, ImportState, Staged};
use crate::web::error::{AppError, AppResult};
use crate::web::filters;
use crate::web::form::FormErrors;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::state::AppState;

mod cells;
mod columns;
mod conflicts;
mod preview;
mod undo;

pub use columns::{ChosenColumns, columns};
pub use preview::{Tab, preview};
pub use undo::{reasons, undo, undone};

/// The kinds that can be chosen.
const KINDS: [ImportKind; 3] = [ImportKind::Roster, ImportKind::Visits, ImportKind::Policies];

/// Heading and steps of an import's pages.
pub struct Head {
    pub title: String,
    pub crumb: String,
    pub meta: String,
    /// From 1, of five.
    pub step: usize,
    pub steps: [&'static str; 5],
}

impl Head {
    fn new(layout: &Layout, import: Option<&ImportRow>, step: usize) -> Head {
        let t = layout.t.imports();
        let meta = import.map(|import| {
            t.file_meta(
                &import.file_name,
                layout.fmt.number(import.rows_total),
                size(import.file_bytes),
            )
        });
        Head {
            title: match import {
                Some(import) => t.title_of(t.kind_label(import.kind)),
                None => t.title().to_owned(),
            },
            crumb: import.map_or_else(String::new, |import| import.file_name.clone()),
            meta: meta.unwrap_or_else(|| t.limits().to_owned()),
            step,
            steps: [
                t.step_upload(),
                t.step_map(),
                t.step_preview(),
                t.step_run(),
                t.step_result(),
            ],
        }
    }
}

fn size(bytes: i64) -> String {
    const MB: f64 = 1_048_576.0;
    match bytes {
        0..1_048_576 => format!("{} KB", (bytes + 1023) / 1024),
        _ => format!("{:.1} MB", bytes as f64 / MB),
    }
}

/// How the file was read and which column gives what. An import that waits for a person has it.
pub fn staged(import: &ImportRow) -> AppResult<Staged> {
    import
        .staged()
        .map_err(|_| AppError::Conflict("file is not read yet"))
}

/// What a person decided about conflicts.
pub fn decisions(import: &ImportRow) -> AppResult<Decisions> {
    Ok(serde_json::from_value(import.decisions.clone()).map_err(anyhow::Error::from)?)
}

/// What the rows come to, once they were checked.
pub fn counts(import: &ImportRow) -> Option<Counts> {
    let is_counted = import.counts.as_object().is_some_and(|counts| !counts.is_empty());
    is_counted
        .then(|| serde_json::from_value(import.counts.clone()).ok())
        .flatten()
}

/// One line of the list of imports.
pub struct Recent {
    pub href: String,
    pub file_name: String,
    pub by: String,
    pub tone: &'static str,
    pub icon: &'static str,
    pub outcome: String,
}

impl Recent {
    fn of(layout: &Layout, import: &ImportRow) -> Recent {
        let t = layout.t.imports();
        let counts = counts(import).unwrap_or_default();
        let (tone, icon, outcome) = match import.state {
            ImportState::Confirmed if counts.refused > 0 => {
                ("soon", "warn", t.rows_refused(layout.fmt.number(counts.refused)))
            }
            ImportState::Confirmed => ("good", "check", t.rows(layout.fmt.number(counts.rows))),
            ImportState::Failed => ("bad", "x", t.state(import.state).to_owned()),
            ImportState::Cancelled => ("", "x", t.state(import.state).to_owned()),
            ImportState::Reading
            | ImportState::Staged
            | ImportState::Running
            | ImportState::Discarded
            | ImportState::Undoing
            | ImportState::Undone => ("", "clock", t.state(import.state).to_owned()),
        };
        let name = import.created_by.as_deref().unwrap_or(t.by_command());
        Recent {
            href: format!("/imports/{}", import.id),
            file_name: import.file_name.clone(),
            by: t.by(layout.fmt.datetime(&import.created_at), name),
            tone,
            icon,
            outcome,
        }
    }
}

/// `/imports`
#[derive(Template)]
#[template(path = "imports/index.html")]
pub struct UploadPage {
    layout: Layout,
    head: Head,
    errors: FormErrors,
    kinds: [(ImportKind, &'static str, &'static str); 3],
    kind: String,
    recent: Vec<Recent>,
    pager: Option<Pager>,
}

impl UploadPage {
    pub async fn load(
        app: &AppState,
        user: &Can<ImportFiles>,
        layout: Layout,
        params: PageParams,
        errors: FormErrors,
        kind: String,
    ) -> AppResult<UploadPage> {
        let rows = queries::list(&app.db, user.scope(), params.limit(), params.offset()).await?;
        let paged = Paged::new(rows, params, None);
        let t = layout.t.imports();
        let [roster, visits, policies] = KINDS;
        let has_pages = paged.page > 1 || paged.has_next;
        Ok(UploadPage {
            head: Head::new(&layout, None, 1),
            errors,
            kinds: [
                (roster, t.kind_label(roster), t.roster_hint()),
                (visits, t.kind_label(visits), t.visits_hint()),
                (policies, t.kind_label(policies), t.policies_hint()),
            ],
            kind: if kind.is_empty() { roster.to_string() } else { kind },
            recent: paged.rows.iter().map(|row| Recent::of(&layout, row)).collect(),
            pager: has_pages.then(|| paged.pager("/imports", "")),
            layout,
        })
    }
}

/// A busy import.
#[derive(Template)]
#[template(path = "imports/progress.html")]
struct ProgressPage {
    layout: Layout,
    head: Head,
    id: String,
    done: String,
    total: String,
    percent: String,
    /// How far over all phases, and the whole: each phase counts the same.
    bar: (i64, i64),
    rows_total: i32,
    is_running: bool,
    may_cancel: bool,
    phases: Vec<PhaseLine>,
}

/// One phase in the list of the progress page.
struct PhaseLine {
    label: &'static str,
    /// None of a phase that waits.
    icon: Option<&'static str>,
    is_now: bool,
    /// What is said of a phase that has not ended.
    state: &'static str,
}

/// Rows over all of these phases: those behind count whole, the one under way by its rows where it counts them.
fn overall(import: &ImportRow, phases: &[ImportPhase]) -> (i64, i64) {
    let total = i64::from(import.rows_total);
    let behind = phases.iter().filter(|phase| **phase < import.phase).count() as i64;
    let under_way = match import.phase {
        ImportPhase::Reading | ImportPhase::Checking => i64::from(import.rows_done).min(total),
        ImportPhase::Matching | ImportPhase::Writing | ImportPhase::Deriving => 0,
    };
    (behind * total + under_way, phases.len() as i64 * total)
}

/// The page of a busy import; it asks for itself again.
pub fn progress(layout: Layout, import: &ImportRow) -> Response {
    let t = layout.t.imports();
    let is_running = import.state != ImportState::Reading;
    let is_undo = import.state == ImportState::Undoing;
    let all = match (is_running, is_undo) {
        (false, _) => &ImportPhase::ALL[..3],
        (true, true) => &ImportPhase::ALL[2..],
        (true, false) => &ImportPhase::ALL[1..],
    };
    let label = |phase| {
        if is_undo {
            t.undo_phase(phase)
        } else {
            t.phase(phase)
        }
    };
    let phases = all
        .iter()
        .map(|phase| PhaseLine {
            label: label(*phase),
            icon: match phase.cmp(&import.phase) {
                Ordering::Less => Some("check"),
                Ordering::Equal => Some("clock"),
                Ordering::Greater => None,
            },
            is_now: *phase == import.phase,
            state: match phase.cmp(&import.phase) {
                Ordering::Less => "",
                Ordering::Equal => t.phase_now(),
                Ordering::Greater => t.phase_waits(),
            },
        })
        .collect();
    let step = match (is_running, import.phase) {
        (true, _) => 4,
        (false, ImportPhase::Reading) => 1,
        (
            false,
            ImportPhase::Checking | ImportPhase::Matching | ImportPhase::Writing | ImportPhase::Deriving,
        ) => 3,
    };
    // Once the rows are checked, all of them are under way together.
    let rows_done = match import.phase {
        ImportPhase::Reading | ImportPhase::Checking => import.rows_done,
        ImportPhase::Matching | ImportPhase::Writing | ImportPhase::Deriving => import.rows_total,
    };
    let bar = overall(import, all);
    Page(ProgressPage {
        head: Head::new(&layout, Some(import), step),
        id: import.id.to_string(),
        done: layout.fmt.number(rows_done),
        total: layout.fmt.number(import.rows_total),
        percent: layout.fmt.percent(bar.0, bar.1),
        bar,
        rows_total: import.rows_total,
        is_running,
        may_cancel: import.state != ImportState::Undoing,
        phases,
        layout,
    })
    .into_response()
}

/// An import that has ended.
#[derive(Template)]
#[template(path = "imports/result.html")]
pub struct ResultPage {
    layout: Layout,
    head: Head,
    id: String,
    is_confirmed: bool,
    is_cancelled: bool,
    /// The import may still be taken back.
    may_undo: bool,
    /// The sentence of a failure.
    problem: Option<String>,
    seconds: String,
    lines: Vec<(&'static str, String)>,
    refused: Option<String>,
    is_visits: bool,
    note: String,
}

/// The page of an import that has ended.
pub fn result(layout: Layout, import: &ImportRow, now: DateTime<Utc>) -> AppResult<ResultPage> {
    let t = layout.t.imports();
    let counts = counts(import).unwrap_or_default();
    let is_confirmed = import.state == ImportState::Confirmed;
    let failure = import
        .error
        .as_deref()
        .map(|json| serde_json::from_str(json).unwrap_or(Failure::Internal));
    let number = |n: i64| layout.fmt.number(n);
    let by = import.created_by.as_deref().unwrap_or(t.by_command());
    // A file that could not be read has come no further than its upload.
    let step = if is_confirmed || counts.rows > 0 { 5 } else { 1 };
    Ok(ResultPage {
        head: Head::new(&layout, Some(import), step),
        id: import.id.to_string(),
        is_confirmed,
        is_cancelled: import.state == ImportState::Cancelled,
        may_undo: undo::may_undo(import, now),
        problem: match import.state {
            ImportState::Failed => Some(t.failure(&failure.unwrap_or(Failure::Internal))),
            ImportState::Discarded => Some(t.discarded_title().to_owned()),
            // The last undo came to nothing.
            ImportState::Confirmed => failure.map(|_| t.undo_failed().to_owned()),
            ImportState::Reading
            | ImportState::Staged
            | ImportState::Running
            | ImportState::Undoing
            | ImportState::Undone
            | ImportState::Cancelled => None,
        },
        seconds: format!("{:.1}", counts.seconds()),
        lines: vec![
            (t.result_new(), number(counts.new)),
            (t.result_changed(), number(counts.changed)),
            (t.result_unchanged(), number(counts.unchanged)),
            (t.result_customers(), number(counts.new_customers)),
            (t.result_vehicles(), number(counts.new_vehicles)),
        ],
        refused: (counts.refused > 0).then(|| number(counts.refused)),
        is_visits: import.kind == ImportKind::Visits,
        note: t.batch(import.id, by),
        layout,
    })
}
