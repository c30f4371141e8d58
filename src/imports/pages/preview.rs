//! The step "preview": counts, and the rows of each outcome with their reasons or changes.

use askama::Template;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::auth::permission::Permission;
use crate::imports::mapping::Field;
use crate::imports::queries::{self, ImportRow, VerdictRow};
use crate::imports::reason::At;
use crate::imports::{Change, Counts, ImportKind, RowAction, Staged};
use crate::stores::StoreScope;
use crate::web::error::AppResult;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::state::AppState;

use super::conflicts::{self, ConflictLine};
use super::{Head, cells, counts, staged};

/// A group of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    Refused,
    Warned,
    New,
    Changed,
}

impl Tab {
    pub const ALL: [Tab; 4] = [Tab::Refused, Tab::Warned, Tab::New, Tab::Changed];

    /// As in the address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Tab::Refused => "refused",
            Tab::Warned => "warned",
            Tab::New => "new",
            Tab::Changed => "changed",
        }
    }

    const fn count(self, counts: &Counts) -> i64 {
        match self {
            Tab::Refused => counts.refused,
            Tab::Warned => counts.warned,
            Tab::New => counts.new,
            Tab::Changed => counts.changed,
        }
    }

    /// The first group that has rows.
    fn first(counts: &Counts) -> Tab {
        Tab::ALL
            .into_iter()
            .find(|tab| tab.count(counts) > 0)
            .unwrap_or(Tab::Refused)
    }
}

/// `/imports/{id}` before the confirmation.
#[derive(Template)]
#[template(path = "imports/preview.html")]
pub struct PreviewPage {
    layout: Layout,
    head: Head,
    id: String,
    version: i32,
    /// What the button says; none where no row can be taken.
    confirm: Option<String>,
    refused: Option<String>,
    tiles: Vec<Tile>,
    tabs: Vec<TabLink>,
    columns: Vec<&'static str>,
    last_column: Option<&'static str>,
    lines: Vec<Line>,
    empty: (&'static str, &'static str),
    pager: Pager,
    notes: Vec<String>,
    conflicts: Vec<ConflictLine>,
}

/// A figure at the top.
struct Tile {
    label: &'static str,
    value: String,
    tone: &'static str,
    icon: &'static str,
}

/// A group to choose.
struct TabLink {
    href: String,
    label: &'static str,
    count: String,
    is_current: bool,
    is_bad: bool,
}

/// One row of the file.
struct Line {
    row_no: String,
    cells: Vec<Cell>,
    /// What concerns the whole row, or its changes.
    notes: Vec<String>,
}

struct Cell {
    text: String,
    reason: Option<String>,
}

/// The page.
pub async fn preview(
    app: &AppState,
    layout: Layout,
    import: &ImportRow,
    tab: Option<Tab>,
    params: PageParams,
) -> AppResult<PreviewPage> {
    let scope = StoreScope::of(&layout.user);
    let (staged, counts) = (staged(import)?, counts(import).unwrap_or_default());
    let tab = tab.unwrap_or_else(|| Tab::first(&counts));
    let (limit, offset) = (params.limit(), params.offset());
    let of = |action| queries::list_verdicts(&app.db, scope, import.id, action, limit, offset);
    let rows = match tab {
        Tab::Refused => of(RowAction::Refused).await?,
        Tab::New => of(RowAction::New).await?,
        Tab::Changed => of(RowAction::Changed).await?,
        Tab::Warned => queries::list_warned(&app.db, scope, import.id, limit, offset).await?,
    };
    let paged = Paged::new(rows, params, Some(tab.count(&counts)));
    let path = format!("/imports/{}", import.id);
    let pager = paged.pager(&path, &format!("tab={}", tab.as_str()));
    let table = Table::new(&layout, &staged, tab, &paged.rows)?;
    let t = layout.t.imports();
    Ok(PreviewPage {
        head: Head::new(&layout, Some(import), 3),
        id: import.id.to_string(),
        version: import.version,
        tiles: tiles(&layout, &counts),
        tabs: tabs(&layout, &counts, &path, tab),
        columns: table.fields.iter().map(|field| t.field_label(*field)).collect(),
        last_column: table.last_column,
        lines: table.lines,
        empty: match tab {
            Tab::Refused => (t.empty_refused(), t.empty_refused_text()),
            Tab::Warned => (t.empty_warned(), t.empty_warned_text()),
            Tab::New => (t.empty_new(), t.empty_new_text()),
            Tab::Changed => (t.empty_changed(), t.empty_changed_text()),
        },
        pager,
        notes: notes(&layout, &counts),
        conflicts: conflicts::lines(app, &layout, import, &counts).await?,
        confirm: (counts.accepted() > 0).then(|| t.confirm(layout.fmt.number(counts.accepted()))),
        refused: (counts.refused > 0).then(|| t.refused_note(layout.fmt.number(counts.refused))),
        layout,
    })
}

fn tiles(layout: &Layout, counts: &Counts) -> Vec<Tile> {
    let t = layout.t.imports();
    let tile = |label, value, tone, icon| Tile {
        label,
        value: layout.fmt.number(value),
        tone,
        icon,
    };
    vec![
        tile(t.tile_new(), counts.new, "", ""),
        tile(t.tile_changed(), counts.changed, "", ""),
        tile(t.tile_unchanged(), counts.unchanged, "", ""),
        tile(t.tile_warned(), counts.warned, "soon", "warn"),
        tile(t.tile_refused(), counts.refused, "bad", "x"),
    ]
}

fn tabs(layout: &Layout, counts: &Counts, path: &str, current: Tab) -> Vec<TabLink> {
    let t = layout.t.imports();
    let link = |tab: Tab| TabLink {
        href: format!("{path}?tab={}", tab.as_str()),
        label: match tab {
            Tab::Refused => t.tab_refused(),
            Tab::Warned => t.tab_warned(),
            Tab::New => t.tab_new(),
            Tab::Changed => t.tab_changed(),
        },
        count: layout.fmt.number(tab.count(counts)),
        is_current: tab == current,
        is_bad: tab == Tab::Refused && counts.refused > 0,
    };
    Tab::ALL.into_iter().map(link).collect()
}

fn notes(layout: &Layout, counts: &Counts) -> Vec<String> {
    let t = layout.t.imports();
    let mut notes = Vec::new();
    if counts.new_customers + counts.new_vehicles > 0 {
        let number = |n| layout.fmt.number(n);
        notes.push(t.new_records(number(counts.new_customers), number(counts.new_vehicles)));
    }
    let name = |(name, rows): &(String, i64)| t.type_rows(name, rows);
    if !counts.unknown_types.is_empty() {
        notes.push(t.unknown_types(t.list(counts.unknown_types.iter().map(name))));
    }
    if !counts.unknown_keepers.is_empty() {
        notes.push(t.unknown_keepers(t.list(counts.unknown_keepers.iter().map(name))));
    }
    notes
}

/// Rows under the columns that tell which row it is, and those with a reason.
struct Table {
    fields: Vec<Field>,
    last_column: Option<&'static str>,
    lines: Vec<Line>,
}

impl Table {
    fn new(layout: &Layout, staged: &Staged, tab: Tab, rows: &[VerdictRow]) -> AppResult<Table> {
        let t = layout.t.imports();
        let mut reasons = Vec::with_capacity(rows.len());
        for row in rows {
            reasons.push(match tab {
                Tab::Refused => list::<At>(row.refusals.as_ref())?,
                Tab::Warned => list::<At>(row.warnings.as_ref())?,
                Tab::New | Tab::Changed => Vec::new(),
            });
        }
        let mapping = &staged.mapping;
        let key: &[Field] = match mapping.kind {
            ImportKind::Roster => &[
                Field::Name,
                Field::Phone,
                Field::Plate,
                Field::Vin,
                Field::PurchasedOn,
            ],
            ImportKind::Policies => &[
                Field::PolicyNumber,
                Field::Plate,
                Field::Vin,
                Field::InsuranceKind,
                Field::EndsOn,
                Field::InsuredName,
            ],
            ImportKind::Visits => &[
                Field::RoNumber,
                Field::Plate,
                Field::Vin,
                Field::ArrivedAt,
                Field::SenderName,
            ],
        };
        let mut fields: Vec<Field> = key
            .iter()
            .copied()
            .filter(|field| mapping.column(*field).is_some())
            .take(if tab == Tab::Changed { 3 } else { key.len() })
            .collect();
        for field in reasons.iter().flatten().filter_map(|at| at.field) {
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
        let mut lines = Vec::with_capacity(rows.len());
        for (row, reasons) in rows.iter().zip(&reasons) {
            let cell = |field: &Field| {
                let found = reasons.iter().find(|at| at.field == Some(*field));
                Cell {
                    text: cells::shown(&layout.fmt, *field, mapping.cell(*field, &row.cells)),
                    reason: found.map(|at| t.why(&at.reason)),
                }
            };
            let whole = reasons.iter().filter(|at| at.field.is_none());
            let mut notes: Vec<String> = whole.map(|at| t.why(&at.reason)).collect();
            if tab == Tab::Changed {
                let changes: Vec<Change> = list(row.changes.as_ref())?;
                notes.extend(changes.iter().map(|change| describe(layout, change)));
            }
            lines.push(Line {
                row_no: layout.fmt.number(row.row_no),
                cells: fields.iter().map(cell).collect(),
                notes,
            });
        }
        let has_notes = lines.iter().any(|line| !line.notes.is_empty());
        let last_column = match tab {
            Tab::Changed => Some(t.changes()),
            Tab::Refused | Tab::Warned | Tab::New => has_notes.then(|| t.other()),
        };
        Ok(Table {
            fields,
            last_column,
            lines,
        })
    }
}

/// `行驶里程：61,000 → 62,000`; numbers and phones as screens show them.
fn describe(layout: &Layout, change: &Change) -> String {
    let t = layout.t.imports();
    let code = Value::String(change.field.clone());
    let field: Option<Field> = serde_json::from_value(code).ok();
    let shown = |value: &Option<String>| match value.as_deref() {
        None | Some("") => t.nothing().to_owned(),
        Some(value) => field.map_or_else(|| value.to_owned(), |field| cells::stored(layout, field, value)),
    };
    t.change(
        t.changed_field(&change.field),
        shown(&change.from),
        shown(&change.to),
    )
}

fn list<T: DeserializeOwned>(json: Option<&Value>) -> AppResult<Vec<T>> {
    match json {
        Some(json) => Ok(serde_json::from_value(json.clone()).map_err(anyhow::Error::from)?),
        None => Ok(Vec::new()),
    }
}
