//! Pages of reminders.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;

use crate::auth::permission::{Can, Permission, WorkReminders};
use crate::i18n::flash::Flash;
use crate::reminders::forms::{MarkForm, RecordForm};
use crate::reminders::model::{MessageCar, message};
use crate::reminders::queries::{self, Counts, ReasonRow, ReminderRow};
use crate::reminders::{Outcome, ReminderId, Status, Tab, service};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::form::{Form, FormErrors};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::sla::SlaChip;
use crate::web::state::AppState;

/// `?tab=` of the list; unknown words mean today.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    tab: String,
    #[serde(flatten)]
    page: PageParams,
}

/// A tab of the list: code, label, number of open ones, whether it is the one shown.
struct TabLink {
    code: Tab,
    label: &'static str,
    count: Option<i64>,
    is_late: bool,
    is_current: bool,
}

/// A reminder with everything its line says.
struct Line {
    row: ReminderRow,
    addressee: String,
    phone: String,
    reasons: Vec<Reason>,
    chip: SlaChip,
    status: (&'static str, String),
    is_open: bool,
}

/// Why: a car, what it is due for, and when.
struct Reason {
    plate: Option<String>,
    model: String,
    text: String,
}

/// The list of reminders.
#[derive(Template)]
#[template(path = "reminders/index.html")]
pub struct ListPage {
    layout: Layout,
    tabs: Vec<TabLink>,
    tab: Tab,
    lines: Vec<Line>,
    pager: Pager,
    has_open: bool,
}

pub async fn index(
    layout: Layout,
    user: Can<WorkReminders>,
    State(app): State<AppState>,
    Query(query): Query<ListQuery>,
) -> AppResult<Page<ListPage>> {
    let tab = query.tab.parse().unwrap_or(Tab::Today);
    let (db, scope, page) = (&app.db, user.scope(), query.page);
    let (today, now) = (layout.fmt.today(), layout.fmt.now);
    let counts = queries::count_pending(db, scope, today, now).await?;
    let (rows, total) = match tab {
        Tab::Today => (
            queries::list_pending(db, scope, today, None, page).await?,
            Some(counts.today),
        ),
        Tab::Overdue => (
            queries::list_pending(db, scope, today, Some(now), page).await?,
            Some(counts.overdue),
        ),
        Tab::Done => (queries::list_recent(db, scope, true, page).await?, None),
        Tab::All => (queries::list_recent(db, scope, false, page).await?, None),
    };
    let paged = Paged::new(rows, page, total);
    let pager = paged.pager("/reminders", &format!("tab={tab}"));
    let ids: Vec<ReminderId> = paged.rows.iter().map(|row| row.id).collect();
    let reasons = queries::list_reasons(db, scope, &ids).await?;
    let lines: Vec<Line> = paged
        .rows
        .into_iter()
        .map(|row| line(&layout, row, &reasons))
        .collect();
    Ok(Page(ListPage {
        tabs: tabs(&layout, tab, counts),
        tab,
        has_open: lines.iter().any(|line| line.is_open),
        lines,
        pager,
        layout,
    }))
}

fn tabs(layout: &Layout, current: Tab, counts: Counts) -> Vec<TabLink> {
    Tab::ALL
        .iter()
        .map(|tab| TabLink {
            code: *tab,
            label: layout.t.reminders().tab(*tab),
            count: match tab {
                Tab::Today => Some(counts.today),
                Tab::Overdue => Some(counts.overdue),
                Tab::Done | Tab::All => None,
            },
            is_late: *tab == Tab::Overdue && counts.overdue > 0,
            is_current: *tab == current,
        })
        .collect()
}

fn line(layout: &Layout, row: ReminderRow, reasons: &[ReasonRow]) -> Line {
    let (t, fmt) = (layout.t.reminders(), &layout.fmt);
    let own = reasons.iter().filter(|reason| reason.reminder_id == Some(row.id));
    Line {
        addressee: addressee(&row),
        phone: row
            .phone
            .as_deref()
            .map_or(String::new(), |number| fmt.phone(number)),
        reasons: own.map(|reason| reason_of(layout, reason)).collect(),
        chip: match row.ended_at {
            None => layout.sla(&row.due_at),
            Some(at) => SlaChip::ended(fmt, row.due_at, at),
        },
        status: match (row.status, row.method) {
            (Status::Delivered, Some(method)) => ("good", t.method(method).to_owned()),
            (Status::Delivered, None) => ("good", t.status(Status::Delivered).to_owned()),
            (status @ Status::Failed, _) => ("bad", t.status(status).to_owned()),
            (status @ Status::FellBack, _) => ("info", t.status(status).to_owned()),
            (status @ (Status::Pending | Status::Cancelled), _) => ("", t.status(status).to_owned()),
        },
        is_open: row.status == Status::Pending,
        row,
    }
}

/// `首保 12-08 到期（按时间），提前 30 天`: the stage is the distance of the day of the reminder from the due day.
fn reason_of(layout: &Layout, reason: &ReasonRow) -> Reason {
    let (t, fmt) = (layout.t.reminders(), &layout.fmt);
    let what = if reason.is_first { t.first() } else { t.periodic() };
    let text = match reason.due_on {
        None => what.to_owned(),
        Some(day) => {
            let due = match reason.due_by.as_deref() {
                Some("km") => t.due_by_km(fmt.short_date(&day)),
                Some("time") => t.due_by_time(fmt.short_date(&day)),
                Some(_) | None => t.due(fmt.short_date(&day)),
            };
            format!("{what} · {due} · {}", stage(layout, day, reason.cohort_on))
        }
    };
    Reason {
        plate: reason.plate.as_deref().map(|plate| fmt.plate(plate)),
        model: reason.model.clone().unwrap_or_default(),
        text,
    }
}

fn stage(layout: &Layout, due_on: NaiveDate, listed_on: NaiveDate) -> String {
    let t = layout.t.reminders();
    match (due_on - listed_on).num_days() {
        0 => t.stage_today().to_owned(),
        days if days > 0 => t.stage_before(days),
        days => t.stage_after(-days),
    }
}

/// Name and salutation as a message addresses people: `朱婷婷女士`.
fn addressee(row: &ReminderRow) -> String {
    format!(
        "{}{}",
        row.name.as_deref().unwrap_or_default(),
        row.salutation.as_deref().unwrap_or_default()
    )
}

/// One reminder: the text to send, and the form that records it.
#[derive(Template)]
#[template(path = "reminders/show.html")]
pub struct ShowPage {
    layout: Layout,
    line: Line,
    message: String,
    /// Code, label, whether it is chosen.
    outcomes: Vec<(Outcome, &'static str, bool)>,
    form: RecordForm,
    errors: FormErrors,
}

pub async fn show(
    layout: Layout,
    user: Can<WorkReminders>,
    State(app): State<AppState>,
    Path(id): Path<ReminderId>,
) -> AppResult<Page<ShowPage>> {
    let row = queries::find(&app.db, user.scope(), id)
        .await?
        .ok_or(AppError::NotFound)?;
    let form = RecordForm {
        version: row.version.to_string(),
        ..RecordForm::default()
    };
    show_page(layout, &app, row, form, FormErrors::default()).await
}

async fn show_page(
    layout: Layout,
    app: &AppState,
    row: ReminderRow,
    form: RecordForm,
    errors: FormErrors,
) -> AppResult<Page<ShowPage>> {
    let reasons = queries::list_reasons(&app.db, layout.user.scope(), &[row.id]).await?;
    let cars: Vec<MessageCar> = reasons
        .iter()
        .map(|reason| MessageCar {
            model: reason.model.clone().unwrap_or_default(),
            plate: reason.plate.as_deref().map(|plate| layout.fmt.plate(plate)),
            is_first: reason.is_first,
            due_on: reason.due_on,
        })
        .collect();
    let text = message(&layout.user.store.name, &addressee(&row), &cars);
    Ok(Page(ShowPage {
        outcomes: Outcome::ALL
            .iter()
            .map(|outcome| {
                let is_chosen = form.method == outcome.as_str();
                (*outcome, layout.t.reminders().outcome(*outcome), is_chosen)
            })
            .collect(),
        line: line(&layout, row, &reasons),
        message: text,
        form,
        errors,
        layout,
    }))
}

pub async fn record(
    layout: Layout,
    user: Can<WorkReminders>,
    State(app): State<AppState>,
    Path(id): Path<ReminderId>,
    Form(form): Form<RecordForm>,
) -> AppResult<Response> {
    let row = queries::find(&app.db, user.scope(), id)
        .await?
        .ok_or(AppError::NotFound)?;
    let record = match form.validate() {
        Ok(record) => record,
        Err(errors) => return show_page(layout, &app, row, form, errors).await?.invalid(),
    };
    let mut tx = app.db.begin().await?;
    service::record(&mut tx, user.scope(), id, &record, user.id, app.clock.now()).await?;
    tx.commit().await?;
    let name = row.name.unwrap_or_default();
    let flash = match record.outcome.method() {
        Some(_) => Flash::ReminderRecorded { name },
        None => Flash::ReminderFellBack { name },
    };
    Ok(redirect("/reminders").with_flash(flash).into_response())
}

pub async fn mark_sms(
    user: Can<WorkReminders>,
    State(app): State<AppState>,
    Form(form): Form<MarkForm>,
) -> AppResult<Response> {
    let ticked = form.ticked();
    let mut tx = app.db.begin().await?;
    let count = service::mark_sms(&mut tx, user.scope(), &ticked, user.id, app.clock.now()).await?;
    tx.commit().await?;
    let tab = form.tab.parse().unwrap_or(Tab::Today);
    let flash = Flash::RemindersMarked {
        count,
        skipped: ticked.len() - count,
    };
    Ok(redirect(format!("/reminders?tab={tab}"))
        .with_flash(flash)
        .into_response())
}
