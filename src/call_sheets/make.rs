//! The list of sheets, and making new ones.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::audit::{self, Entry};
use crate::auth::permission::{Can, Permission, PrintSheets, WorkCallbacks};
use crate::auth::session::CurrentUser;
use crate::calendar::StoreCalendar;
use crate::call_sheets::CallSheetId;
use crate::call_sheets::forms::NewSheetsForm;
use crate::call_sheets::model::{MAX_LINES, number};
use crate::call_sheets::queries::{self, NewSheet, Share, SheetSummary};
use crate::callbacks::bulk;
use crate::callbacks::filter::{self, ListQuery};
use crate::i18n::call_sheets as words;
use crate::i18n::flash::Flash;
use crate::users::UserId;
use crate::web::error::AppResult;
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::form::{FieldError, Form, FormErrors};
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::list::from_query;
use crate::web::page::{Page, redirect};
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::state::AppState;

/// All sheets for who makes them, one's own for the others.
#[derive(Template)]
#[template(path = "call_sheets/index.html")]
struct SheetListPage {
    layout: Layout,
    rows: Vec<SheetSummary>,
    pager: Pager,
}

impl SheetListPage {
    fn left(&self, row: &SheetSummary) -> i64 {
        row.lines - row.keyed - row.refused
    }

    fn may_print(&self) -> bool {
        self.layout.can(Permission::PrintSheets)
    }
}

pub async fn index(
    layout: Layout,
    user: Can<WorkCallbacks>,
    State(app): State<AppState>,
    Query(params): Query<PageParams>,
) -> AppResult<Response> {
    let of = (!user.can(Permission::PrintSheets)).then_some(user.id);
    let rows = queries::page(&app.db, user.scope(), of, params).await?;
    let paged = Paged::new(rows, params, None);
    Ok(Page(SheetListPage {
        pager: paged.pager("/call_sheets", ""),
        rows: paged.rows,
        layout,
    })
    .into_response())
}

/// Who is to get a sheet, with what would be on it.
#[derive(Template)]
#[template(path = "call_sheets/new.html")]
struct NewSheetsPage {
    layout: Layout,
    form: NewSheetsForm,
    errors: FormErrors,
    until: NaiveDate,
    shares: Vec<Share>,
    unassigned: i64,
    is_filtered: bool,
    max_lines: i64,
    key: String,
}

impl NewSheetsPage {
    async fn load(
        app: &AppState,
        user: &CurrentUser,
        layout: Layout,
        form: NewSheetsForm,
        errors: FormErrors,
    ) -> sqlx::Result<NewSheetsPage> {
        let today = layout.fmt.today();
        let until = form.until(today).unwrap_or(today);
        let (conditions, is_filtered) = conditions(app, user, &layout, &form.filter, until).await?;
        Ok(NewSheetsPage {
            shares: queries::list_shares(&app.db, user.scope(), &conditions).await?,
            unassigned: queries::count_unassigned(&app.db, user.scope(), &conditions).await?,
            max_lines: MAX_LINES,
            key: idempotency::new_key().to_string(),
            layout,
            form,
            errors,
            until,
            is_filtered,
        })
    }

    fn error(&self, field: &str) -> Option<String> {
        self.layout.field_error(&self.errors, field)
    }
}

/// The queue's filter, cut at the end of a day; and whether it holds anything but the view.
async fn conditions(
    app: &AppState,
    user: &CurrentUser,
    layout: &Layout,
    posted: &str,
    until: NaiveDate,
) -> sqlx::Result<(Value, bool)> {
    let query: ListQuery = from_query(posted);
    let bounds = filter::bounds(&layout.fmt);
    let mut conditions = filter::conditions(app, user, &query, bounds).await?;
    let ends_at = StoreCalendar::new(user.store.zone).day_span(until).1;
    let before: Option<DateTime<Utc>> = conditions["due_before"]
        .as_str()
        .and_then(|text| text.parse().ok());
    conditions["due_before"] = json!(before.map_or(ends_at, |before| before.min(ends_at)));
    Ok((conditions, query.is_filtered()))
}

pub async fn new(
    layout: Layout,
    user: Can<PrintSheets>,
    State(app): State<AppState>,
    Query(form): Query<NewSheetsForm>,
) -> AppResult<Response> {
    let page = NewSheetsPage::load(&app, &user, layout, form, FormErrors::default()).await?;
    Ok(Page(page).into_response())
}

pub async fn create(
    layout: Layout,
    user: Can<PrintSheets>,
    State(app): State<AppState>,
    Form(form): Form<NewSheetsForm>,
) -> AppResult<Response> {
    let (scope, now, today) = (user.scope(), layout.fmt.now, layout.fmt.today());
    let mut errors = FormErrors::default();
    let until = form.until(today);
    if until.is_none() {
        errors.add("until", FieldError::InThePast);
    }
    let callers = queries::list_shares(&app.db, scope, &json!({})).await?;
    let mut people = form.people();
    people.retain(|id| callers.iter().any(|caller| caller.id == *id));
    if people.is_empty() {
        errors.add("person", FieldError::Required);
    }
    let (Some(until), true) = (until, errors.is_empty()) else {
        return NewSheetsPage::load(&app, &user, layout, form, errors)
            .await
            .map(Page)?
            .invalid();
    };
    let (conditions, _) = conditions(&app, &user, &layout, &form.filter, until).await?;
    let mut tx = app.db.begin().await?;
    if let Some(key) = form.key()
        && let Some(first) = idempotency::claim(&mut *tx, user.id, key, "/call_sheets", now).await?
    {
        return Ok(redirect(first).into_response());
    }
    if form.share == "1" {
        bulk::share(&mut tx, &user, conditions.clone(), &people, now).await?;
    }
    let made = make(&mut tx, &user, &conditions, &people, (today, now)).await?;
    if made.is_empty() {
        // Nothing was written but the sharing, which would have left lines.
        errors.add("person", words::nothing_to_print());
        drop(tx);
        return NewSheetsPage::load(&app, &user, layout, form, errors)
            .await
            .map(Page)?
            .invalid();
    }
    tx.commit().await?;
    let flash = Flash::SheetsMade { count: made.len() };
    Ok(redirect("/call_sheets").with_flash(flash).into_response())
}

/// One sheet for each person who has calls; people are few, and each sheet is one statement.
async fn make(
    tx: &mut PgConnection,
    user: &CurrentUser,
    conditions: &Value,
    people: &[UserId],
    (today, now): (NaiveDate, DateTime<Utc>),
) -> sqlx::Result<Vec<CallSheetId>> {
    let scope = user.scope();
    queries::lock_numbers(&mut *tx, scope).await?;
    let mut count = queries::count_of_day(&mut *tx, scope, today).await?;
    let mut made = Vec::new();
    for person in people {
        let number = number(today, count + 1);
        let new = NewSheet {
            number: &number,
            on_day: today,
            user: *person,
            made_by: user.id,
            made_at: now,
        };
        if let Some(id) = queries::insert(&mut *tx, scope, &new, conditions).await? {
            count += 1;
            made.push(id);
        }
    }
    if !made.is_empty() {
        let entry = Entry {
            store: Some(scope.store_id()),
            actor: user.actor(),
            action: "call_sheets.make",
            subject: "call_sheets",
            subject_id: None,
            change: &json!({ "ids": made, "people": people }),
        };
        audit::record(tx, now, entry).await?;
    }
    Ok(made)
}
