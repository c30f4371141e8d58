//! The two lists, how far the week is, and when a file counts as stale.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::audit::{self, Entry};
use crate::auth::permission::{Can, ManageRules, Permission, ReviewFiles};
use crate::customers::completeness::Field;
use crate::i18n::flash::Flash;
use crate::reviews::forms::SettingsForm;
use crate::reviews::model::{FileFilter, Progress, Queue, Week};
use crate::reviews::queries::{self, FileRow};
use crate::stores::StoreScope;
use crate::web::error::AppResult;
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::form::{Form, FormErrors};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::state::AppState;

/// `reviews/index.html`
#[derive(Template)]
#[template(path = "reviews/index.html")]
struct IndexPage {
    layout: Layout,
    queue: Queue,
    filter: FileFilter,
    field: Option<Field>,
    week: Week,
    progress: Progress,
    base: Option<Base>,
    /// How many files the week's list holds, for its tab.
    waiting: i64,
    rows: Vec<FileRow>,
    pager: Pager,
    settings: SettingsForm,
    errors: FormErrors,
}

/// The files of the store and of the week as the last run of the job counted them.
struct Base {
    week_fields: i64,
    week_filled: i64,
    fields: i64,
    filled: i64,
    incomplete: i64,
    stale: i64,
}

impl Base {
    fn read(counts: &Value) -> Option<Base> {
        let of = |key: &str| counts.get(key).and_then(Value::as_i64);
        Some(Base {
            week_fields: of("week_fields")?,
            week_filled: of("week_filled")?,
            fields: of("fields")?,
            filled: of("filled")?,
            incomplete: of("incomplete")?,
            stale: of("stale")?,
        })
    }
}

/// `?queue=files&filter=stale&field=phone`; nonsense is the week's list, all files, every field.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    queue: String,
    filter: String,
    field: String,
}

impl ListQuery {
    fn queue(&self) -> Queue {
        self.queue.parse().unwrap_or(Queue::Week)
    }

    fn filter(&self) -> FileFilter {
        self.filter.parse().unwrap_or(FileFilter::All)
    }

    fn field(&self) -> Option<Field> {
        self.field.parse().ok()
    }

    /// Codes only: nothing that would need escaping.
    fn query_string(&self) -> String {
        match self.queue() {
            Queue::Week => format!("queue={}", Queue::Week),
            Queue::Files => {
                let field = self.field().map(|field| format!("&field={field}"));
                format!(
                    "queue={}&filter={}{}",
                    Queue::Files,
                    self.filter(),
                    field.unwrap_or_default()
                )
            }
        }
    }
}

impl IndexPage {
    async fn load(
        app: &AppState,
        layout: Layout,
        scope: StoreScope,
        query: &ListQuery,
        params: PageParams,
    ) -> AppResult<IndexPage> {
        let week = Week::of(layout.fmt.today());
        let days = queries::stale_after_days(&app.db, scope).await?;
        let waiting = queries::count_week(&app.db, scope).await?;
        let (rows, total) = rows(app, scope, query, days, params, waiting).await?;
        let paged = Paged::new(rows, params, Some(total));
        let counts = queries::last_counts(&app.db, scope).await?;
        Ok(IndexPage {
            queue: query.queue(),
            filter: query.filter(),
            field: query.field(),
            week,
            progress: queries::progress(&app.db, scope, week.monday).await?,
            base: counts.as_ref().and_then(Base::read),
            waiting,
            pager: paged.pager("/reviews", &query.query_string()),
            rows: paged.rows,
            settings: SettingsForm {
                stale_after_days: days.to_string(),
            },
            errors: FormErrors::default(),
            layout,
        })
    }

    fn is_stale(&self, row: &FileRow) -> bool {
        let days: i64 = self.settings.stale_after_days.parse().unwrap_or(180);
        row.touched_at
            .is_some_and(|at: chrono::DateTime<Utc>| self.layout.fmt.now - at > TimeDelta::days(days))
    }

    /// The address of a filter or a field, from the first page on.
    fn href(&self, filter: FileFilter, field: Option<Field>) -> String {
        let query = ListQuery {
            queue: Queue::Files.to_string(),
            filter: filter.to_string(),
            field: field.map(|field| field.to_string()).unwrap_or_default(),
        };
        format!("/reviews?{}", query.query_string())
    }

    fn is_filter(&self, filter: &FileFilter) -> bool {
        self.filter == *filter
    }

    fn is_field(&self, field: &Field) -> bool {
        self.field == Some(*field)
    }

    /// Ticks of the week: at most 40, scaled beyond.
    fn ticks(&self) -> Vec<(String, bool)> {
        const MOST: i64 = 40;
        let shown = self.progress.total.min(MOST);
        let done = self.progress.done * shown / self.progress.total.max(1);
        let at = |i: i64| format!("{:.2}%", (i as f64 + 0.5) / shown as f64 * 100.0);
        (0..shown).map(|i| (at(i), i < done)).collect()
    }
}

async fn rows(
    app: &AppState,
    scope: StoreScope,
    query: &ListQuery,
    stale_after: i16,
    params: PageParams,
    waiting: i64,
) -> sqlx::Result<(Vec<FileRow>, i64)> {
    let (filter, field) = (query.filter(), query.field());
    let stale_before = app.clock.now() - TimeDelta::days(i64::from(stale_after));
    let rows = match (query.queue(), filter) {
        (Queue::Week, _) => return Ok((queries::page_week(&app.db, scope, params).await?, waiting)),
        (Queue::Files, FileFilter::Stale) => {
            queries::page_stale(&app.db, scope, field, stale_before, params).await?
        }
        (Queue::Files, FileFilter::All | FileFilter::Incomplete) => {
            queries::page_worst(&app.db, scope, filter, field, stale_before, params).await?
        }
    };
    let total = queries::count_files(&app.db, scope, filter, field, stale_before).await?;
    Ok((rows, total))
}

pub async fn index(
    layout: Layout,
    user: Can<ReviewFiles>,
    State(app): State<AppState>,
    Query(query): Query<ListQuery>,
    Query(params): Query<PageParams>,
) -> AppResult<Response> {
    let page = IndexPage::load(&app, layout, user.scope(), &query, params).await?;
    Ok(Page(page).into_response())
}

pub async fn update_settings(
    layout: Layout,
    user: Can<ManageRules>,
    State(app): State<AppState>,
    Form(form): Form<SettingsForm>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let days = match form.validate() {
        Ok(days) => days,
        Err(errors) => {
            let query = ListQuery {
                queue: Queue::Files.to_string(),
                ..ListQuery::default()
            };
            let page = IndexPage::load(&app, layout, scope, &query, PageParams::default()).await?;
            return Page(IndexPage {
                settings: form,
                errors,
                ..page
            })
            .invalid();
        }
    };
    let mut tx = app.db.begin().await?;
    queries::set_stale_after_days(&mut *tx, scope, days).await?;
    let entry = Entry {
        store: Some(scope.store_id()),
        actor: user.actor(),
        action: "reviews.settings",
        subject: "stores",
        subject_id: Some(scope.get()),
        change: &json!({ "stale_after_days": days }),
    };
    audit::record(&mut *tx, now, entry).await?;
    tx.commit().await?;
    Ok(redirect("/reviews?queue=files")
        .with_flash(Flash::Saved)
        .into_response())
}
