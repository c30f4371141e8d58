//! The file for the car maker.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;

use crate::audit::{self, Entry};
use crate::auth::permission::{Can, ExportComplaints};
use crate::calendar::StoreCalendar;
use crate::complaints::opinions::handlers::IndexPage;
use crate::complaints::opinions::month::Month;
use crate::complaints::opinions::queries::{self, FileRow, NewFile};
use crate::complaints::opinions::redact::{Covers, redact};
use crate::exports::file::{self, Head};
use crate::exports::temp_file::TempFile;
use crate::exports::{self, Format, LIMIT};
use crate::i18n::flash::Flash;
use crate::web::error::{AppError, AppResult};
use crate::web::form::{FieldError, Form, FormErrors};
use crate::web::layout::Layout;
use crate::web::list::Cell;
use crate::web::page::{Page, redirect};
use crate::web::pagination::PageParams;
use crate::web::state::AppState;

/// Longest reason, and the shortest that says anything.
const MAX_REASON: usize = 100;
const MIN_REASON: usize = 2;
/// Rows on their way to the file.
const BUFFER: usize = 64;

/// `POST /complaints/opinions/export`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ExportForm {
    pub month: String,
    pub format: String,
    pub reason: String,
}

impl ExportForm {
    /// The form as it is first shown.
    pub fn of(month: Month) -> ExportForm {
        ExportForm {
            month: month.code(),
            format: Format::Xlsx.to_string(),
            reason: String::new(),
        }
    }

    fn validate(&self) -> Result<(Month, Format, String), FormErrors> {
        let mut errors = FormErrors::default();
        let month = Month::parse(&self.month);
        if month.is_none() {
            errors.add("month", FieldError::BadDate);
        }
        let format = errors
            .required_choice("format", &self.format)
            .unwrap_or(Format::Xlsx);
        let reason = errors.required("reason", &self.reason, MAX_REASON);
        if !reason.is_empty() && reason.chars().count() < MIN_REASON {
            errors.add("reason", FieldError::TooShort(MIN_REASON));
        }
        match month {
            Some(month) => errors.finish((month, format, reason)),
            None => Err(errors),
        }
    }
}

pub async fn create(
    layout: Layout,
    user: Can<ExportComplaints>,
    State(app): State<AppState>,
    Form(form): Form<ExportForm>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let (month, format, reason) = match form.validate() {
        Ok(checked) => checked,
        Err(errors) => {
            let month = Month::parse(&form.month).unwrap_or_else(|| Month::of(layout.fmt.today()));
            let page = IndexPage::load(&app, layout, scope, (month, true), PageParams::default()).await?;
            return Page(page.with_errors(form, errors)).invalid();
        }
    };
    let (day_starts_at, day_ends_at) = StoreCalendar::new(layout.fmt.zone).day_span(layout.fmt.today());
    let mut tx = app.db.begin().await?;
    exports::queries::lock_person(&mut *tx, user.id).await?;
    let made = queries::count_files_since(&mut *tx, scope, user.id, day_starts_at).await?;
    if made >= exports::queries::find_limit(&mut *tx, scope).await? {
        return Err(AppError::TooMany(
            (day_ends_at - now).to_std().unwrap_or_default(),
        ));
    }
    let span = month.instants(layout.fmt.zone);
    let rows = queries::list_for_file(&mut *tx, scope, span, LIMIT + 1).await?;
    if rows.len() as i64 > LIMIT {
        return Ok(redirect(format!("/complaints/opinions?month={}", month.code()))
            .with_flash(Flash::ExportTooLarge { limit: LIMIT })
            .into_response());
    }
    let new = NewFile {
        month_on: month.first,
        format,
        reason: &reason,
        rows: rows.len() as i32,
        by: user.id,
    };
    let id = queries::insert_file(&mut *tx, scope, new, now).await?;
    let t = layout.t.complaint_analysis();
    let head = Head {
        watermark: t.watermark(
            &user.display_name,
            &user.username,
            layout.fmt.stamp(&now),
            &user.store.name,
            month.code(),
            &reason,
        ),
        headings: headings(&layout),
        sheet: t.sheet().to_owned(),
    };
    let count = rows.len();
    let stored = written(&layout, format, head, rows)
        .await
        .map_err(AppError::Internal)?;
    // No reason: it is free text.
    let change = json!({ "month": month.code(), "format": format, "rows": count });
    let entry = Entry {
        store: Some(user.store.id),
        actor: user.actor(),
        action: "complaints.export_opinions",
        subject: "opinion_files",
        subject_id: Some(id.get()),
        change: &change,
    };
    audit::record(&mut *tx, now, entry).await?;
    tx.commit().await?;
    let name = format!("opinions-{}-{id}.{format}", month.code());
    exports::send(stored, format, &name).await
}

async fn written(
    layout: &Layout,
    format: Format,
    head: Head,
    rows: Vec<FileRow>,
) -> anyhow::Result<TempFile> {
    let stored = TempFile::create()?;
    let path = stored.path().to_owned();
    let (sender, receiver) = mpsc::channel(BUFFER);
    let writer = tokio::task::spawn_blocking(move || file::write(&path, format, &head, receiver));
    for row in &rows {
        // The writer gave up: its own error says why.
        if sender.send(cells(layout, row)).await.is_err() {
            break;
        }
    }
    drop(sender);
    writer.await??;
    Ok(stored)
}

fn headings(layout: &Layout) -> Vec<String> {
    let (t, c) = (layout.t.complaint_analysis(), layout.t.complaints());
    [
        t.number(),
        c.step_accepted(),
        t.vin(),
        t.model(),
        t.delivered_on(),
        t.odometer(),
        t.usage(),
        t.minor(),
        t.severity(),
        t.symptom(),
        t.words(),
        t.cause(),
        t.measure(),
        c.demand(),
    ]
    .map(str::to_owned)
    .to_vec()
}

/// A line without a customer in it.
fn cells(layout: &Layout, row: &FileRow) -> Vec<Cell> {
    let (t, c, fmt) = (layout.t.complaint_analysis(), layout.t.complaints(), &layout.fmt);
    let covers = Covers {
        number: t.covered_number(),
        plate: t.covered_plate(),
        name: t.covered_name(),
        mail: t.covered_mail(),
    };
    let covered = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or_default();
        Cell::Text(redact(text, row.customer_name.as_deref(), covers))
    };
    let text = |text: Option<String>| Cell::Text(text.unwrap_or_default());
    vec![
        Cell::Text(row.number.clone()),
        Cell::Text(fmt.stamp(&row.accepted_at)),
        text(row.vin.clone()),
        text(row.model.clone()),
        text(row.delivered_on.map(|day| fmt.iso_date(&day))),
        text(row.odometer_km.map(|km| km.to_string())),
        text(row.usage.map(|usage| layout.t.vehicles().usage(usage).to_owned())),
        Cell::Text(t.minor_of_code(&row.class_minor)),
        Cell::Text(row.severity.to_string()),
        covered(&row.symptom),
        covered(&row.words),
        covered(&row.cause),
        covered(&row.measure),
        text(row.demand_kind.map(|kind| c.demand_of(kind).to_owned())),
    ]
}
