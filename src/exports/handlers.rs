//! Taking a list out, and the record of what was taken.

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::io::AsyncReadExt;

use crate::audit::{self, Entry};
use crate::auth::permission::{Can, ExportArchive, Permission};
use crate::auth::session::CurrentUser;
use crate::calendar::StoreCalendar;
use crate::exports::file::Head;
use crate::exports::forms::{ExportForm, NewExport};
use crate::exports::queries::{self, ExportRow};
use crate::exports::service::{self, Selection};
use crate::exports::temp_file::TempFile;
use crate::exports::{ALARM_ROWS, ExportId, Format, LIMIT};
use crate::i18n::flash::Flash;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::form::{Form, FormErrors, SelectOption};
use crate::web::layout::Layout;
use crate::web::list::ListName;
use crate::web::page::{Page, redirect};
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::state::AppState;

/// `exports/index.html`
#[derive(Template)]
#[template(path = "exports/index.html")]
struct IndexPage {
    layout: Layout,
    rows: Vec<ExportRow>,
    pager: Pager,
    per_day: i64,
}

impl IndexPage {
    /// The list as it was when it was taken out, as far as its filter says.
    fn href(&self, row: &ExportRow) -> String {
        let query = if row.filter.is_empty() {
            "view=all"
        } else {
            &row.filter
        };
        format!("{}?{query}", row.list.path())
    }
}

pub async fn index(
    layout: Layout,
    user: Can<ExportArchive>,
    State(app): State<AppState>,
    Query(params): Query<PageParams>,
) -> AppResult<Response> {
    let rows = queries::list(&app.db, user.scope(), params.limit(), params.offset()).await?;
    let page = Paged::new(rows, params, None);
    Ok(Page(IndexPage {
        layout,
        pager: page.pager("/exports", ""),
        rows: page.rows,
        per_day: queries::find_limit(&app.db, user.scope()).await?,
    })
    .into_response())
}

/// `exports/new.html`: the form again, when its reason is missing.
#[derive(Template)]
#[template(path = "exports/new.html")]
struct NewPage {
    layout: Layout,
    form: ExportForm,
    errors: FormErrors,
}

impl NewPage {
    fn formats(&self) -> Vec<SelectOption> {
        Format::ALL
            .iter()
            .map(|format| SelectOption::new(format, format.as_str().to_uppercase()))
            .collect()
    }
}

pub async fn create(
    layout: Layout,
    user: CurrentUser,
    State(app): State<AppState>,
    Form(form): Form<ExportForm>,
) -> AppResult<Response> {
    let list = form.list.parse().unwrap_or(ListName::Customers);
    if !user.can(list.export_permission()) {
        return Err(AppError::Forbidden(list.export_permission()));
    }
    let new = match form.validate() {
        Ok(new) => new,
        Err(errors) => return Page(NewPage { layout, form, errors }).invalid(),
    };
    let (scope, now) = (user.scope(), app.clock.now());
    let (day_starts_at, day_ends_at) = StoreCalendar::new(layout.fmt.zone).day_span(layout.fmt.today());
    let back = if new.query.is_empty() {
        "view=all"
    } else {
        &new.query
    };
    let back = redirect(format!("{}?{back}", new.list.path()));
    let mut tx = app.db.begin().await?;
    queries::lock_person(&mut *tx, user.id).await?;
    let taken = queries::taken_since(&mut *tx, scope, user.id, day_starts_at).await?;
    if taken.files >= queries::find_limit(&mut *tx, scope).await? {
        return Err(AppError::TooMany(
            (day_ends_at - now).to_std().unwrap_or_default(),
        ));
    }
    let selection = service::select(&app.db, scope, &layout, &new).await?;
    if selection.ids.len() as i64 > LIMIT {
        return Ok(back
            .with_flash(Flash::ExportTooLarge { limit: LIMIT })
            .into_response());
    }
    let id = queries::insert(&mut *tx, scope, &new, user.id, now).await?;
    let (stored, rows) = written(&app, &user, &layout, &new, &selection, id).await?;
    queries::set_count(&mut *tx, scope, id, rows).await?;
    let total = taken.rows + i64::from(rows);
    record(&mut tx, &app, &user, &new, id, (i64::from(rows), total)).await?;
    tx.commit().await?;
    attachment(stored, &new, &layout, id).await
}

async fn written(
    app: &AppState,
    user: &CurrentUser,
    layout: &Layout,
    new: &NewExport,
    selection: &Selection,
    id: ExportId,
) -> AppResult<(TempFile, i32)> {
    let stored = TempFile::create().map_err(anyhow::Error::from)?;
    let t = layout.t.exports();
    let at = layout.fmt.stamp(&layout.fmt.now);
    let watermark = t.watermark(
        &user.display_name,
        &user.username,
        at,
        &user.store.name,
        id,
        &new.reason,
    );
    let head = Head {
        watermark,
        headings: selection.headings.clone(),
        sheet: layout.t.lists().list_name(new.list).to_owned(),
    };
    let path = stored.path().to_owned();
    let rows = service::write(&app.db, user.scope(), layout, selection, new.format, path, head);
    let rows = rows.await.map_err(AppError::Internal)?;
    Ok((stored, rows))
}

/// The entry of the export, and the alarm once a day has become more than a person reads. No reason, no filter value: both are free text.
async fn record(
    db: &mut sqlx::PgConnection,
    app: &AppState,
    user: &CurrentUser,
    new: &NewExport,
    id: ExportId,
    (rows, total): (i64, i64),
) -> sqlx::Result<()> {
    let mut filtered: Vec<&str> = new
        .query
        .split('&')
        .filter_map(|pair| pair.split('=').next())
        .collect();
    if !new.search.is_empty() {
        filtered.push("q");
    }
    let change = json!({
        "list": new.list, "format": new.format, "rows": rows, "columns": new.columns, "filtered_by": filtered,
    });
    let alarm = json!({ "rows_today": total });
    let entry = Entry {
        store: Some(user.store.id),
        actor: user.actor(),
        action: "exports.create",
        subject: "exports",
        subject_id: Some(id.get()),
        change: &change,
    };
    audit::record(&mut *db, app.clock.now(), entry.clone()).await?;
    if total > ALARM_ROWS {
        tracing::warn!(
            export.id = id.get(),
            rows = total,
            "many rows exported on one day"
        );
        let entry = Entry {
            action: "exports.alarm",
            change: &alarm,
            ..entry
        };
        audit::record(&mut *db, app.clock.now(), entry).await?;
    }
    Ok(())
}

/// The file as a download, read in pieces and gone when the last one is sent.
async fn attachment(stored: TempFile, new: &NewExport, layout: &Layout, id: ExportId) -> AppResult<Response> {
    let day = layout.fmt.iso_date(&layout.fmt.today());
    send(
        stored,
        new.format,
        &format!("{}-{day}-{id}.{}", new.list, new.format),
    )
    .await
}

/// A file on its way to the browser under a name without blanks and quotes.
pub async fn send(stored: TempFile, format: Format, name: &str) -> AppResult<Response> {
    let file = tokio::fs::File::open(stored.path())
        .await
        .map_err(anyhow::Error::from)?;
    let pieces = futures_util::stream::try_unfold((file, stored), async |(mut file, stored)| {
        let mut piece = vec![0; 64 * 1024];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        Ok::<_, std::io::Error>((read > 0).then_some((piece, (file, stored))))
    });
    let kind = match format {
        Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Format::Csv => "text/csv; charset=utf-8",
    };
    let name = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}
