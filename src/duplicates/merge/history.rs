//! Merges so far, and taking one back.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::auth::permission::{Can, MergeArchive, Permission, ViewDuplicates};
use crate::duplicates::merge::queries::{self, MergeRow};
use crate::duplicates::merge::relations::{self, Part};
use crate::duplicates::merge::service::{By, Refusal};
use crate::duplicates::merge::undo::{self, Undone};
use crate::duplicates::{MergeId, RecordKind};
use crate::i18n::flash::Flash;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::state::AppState;

/// `duplicates/merges.html`
#[derive(Template)]
#[template(path = "duplicates/merges.html")]
struct MergesPage {
    layout: Layout,
    rows: Vec<MergeRow>,
    pager: Pager,
}

impl MergesPage {
    /// A plate or a masked VIN of a car, the name of a customer.
    fn name(&self, kind: &RecordKind, name: &str) -> String {
        match kind {
            RecordKind::Customer => name.to_owned(),
            RecordKind::Vehicle if name.is_empty() => self.layout.t.vehicles().no_plate().to_owned(),
            RecordKind::Vehicle if name.len() >= 17 => self.layout.fmt.vin(name),
            RecordKind::Vehicle => self.layout.fmt.plate(name),
        }
    }

    /// What moved, by part: "3 visits".
    fn moved(&self, row: &MergeRow) -> String {
        let t = self.layout.t.duplicates();
        let count = |part: &Part| -> usize {
            let own = relations::of(row.kind)
                .iter()
                .filter(|relation| relation.part == *part);
            own.filter_map(|relation| row.moved.get(relation.name).and_then(Value::as_array))
                .map(Vec::len)
                .sum()
        };
        let parts = Part::ALL
            .iter()
            .map(|part| (part, count(part)))
            .filter(|(_, n)| *n > 0);
        let parts: Vec<String> = parts.map(|(part, n)| format!("{} {n}", t.part(*part))).collect();
        parts.join(" · ")
    }

    /// Labels of the fields that were taken over.
    fn fields(&self, row: &MergeRow) -> String {
        let t = self.layout.t.duplicates();
        let labels: Vec<&str> = row.fields.iter().map(|column| t.field(column)).collect();
        labels.join(" · ")
    }

    /// What the undo did.
    fn undone(&self, row: &MergeRow) -> String {
        let counts = row.undo_counts.clone().unwrap_or_default();
        let counts: Undone = serde_json::from_value(counts).unwrap_or_default();
        let t = self.layout.t.duplicates();
        let mut text = t.went_back(counts.back);
        if counts.left > 0 {
            text.push_str(&t.stayed(counts.left));
        }
        if !counts.kept.is_empty() {
            let labels: Vec<&str> = counts.kept.iter().map(|column| t.field(column)).collect();
            text.push_str(&t.fields_kept(labels.join(" · ")));
        }
        text
    }
}

pub async fn index(
    layout: Layout,
    user: Can<ViewDuplicates>,
    State(app): State<AppState>,
    Query(params): Query<PageParams>,
) -> AppResult<Response> {
    let rows = queries::list(&app.db, user.scope(), params.limit(), params.offset()).await?;
    let total = queries::count_merges(&app.db, user.scope()).await?;
    let paged = Paged::new(rows, params, Some(total));
    let pager = paged.pager("/duplicates/merges", "");
    Ok(Page(MergesPage {
        layout,
        rows: paged.rows,
        pager,
    })
    .into_response())
}

pub async fn undo(
    layout: Layout,
    user: Can<MergeArchive>,
    State(app): State<AppState>,
    Path(id): Path<MergeId>,
) -> AppResult<Response> {
    let by = By {
        scope: user.scope(),
        user: user.id,
        now: app.clock.now(),
        today: layout.fmt.today(),
    };
    let mut tx = app.db.begin().await?;
    let flash = match undo::undo(&mut tx, by, id).await? {
        Ok((_, _, undone)) => {
            tx.commit().await?;
            Flash::MergeUndone {
                back: undone.back,
                left: undone.left,
            }
        }
        Err(Refusal::Missing) => return Err(AppError::NotFound),
        Err(reason) => Flash::MergeRefused { reason },
    };
    Ok(redirect("/duplicates/merges").with_flash(flash).into_response())
}
