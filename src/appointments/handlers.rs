//! The list of appointments by day, those that wait for an answer, and one appointment.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{Days, NaiveDate, TimeDelta};
use serde::Deserialize;
use uuid::Uuid;

use crate::appointments::forms::{AnswerForm, AppointmentForm};
use crate::appointments::model::{AppointmentState, CancelReason};
use crate::appointments::queries::{self, Answered, AppointmentRow, CarRow, DayCount};
use crate::appointments::{AppointmentId, service};
use crate::auth::forms::local_path;
use crate::auth::permission::{Can, Permission, ViewAppointments, WorkAppointments};
use crate::customers::CustomerId;
use crate::i18n::flash::Flash;
use crate::stores;
use crate::vehicles::VehicleId;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::form::{Form, FormErrors, SelectOption};
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::sla::SlaChip;
use crate::web::state::AppState;

/// Days shown at once above the list.
const DAYS: u64 = 7;
/// The figures look this far back.
const FIGURE_DAYS: i64 = 30;

/// `?tab=open`, `?tab=cancelled`, else a day (`?day=`), today by default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    tab: String,
    day: String,
}

/// Which list is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Day,
    Open,
    Cancelled,
}

impl ListQuery {
    fn tab(&self) -> Tab {
        match self.tab.as_str() {
            "open" => Tab::Open,
            "cancelled" => Tab::Cancelled,
            _ => Tab::Day,
        }
    }
}

/// A day above the list.
struct DayView {
    day: NaiveDate,
    is_current: bool,
    is_today: bool,
    count: DayCount,
}

/// `appointments/index.html`
#[derive(Template)]
#[template(path = "appointments/index.html")]
struct IndexPage {
    layout: Layout,
    tab: Tab,
    day: NaiveDate,
    days: Vec<DayView>,
    waiting: i64,
    overdue: i64,
    today: i64,
    answered: Answered,
    rows: Vec<AppointmentRow>,
    pager: Pager,
}

impl IndexPage {
    fn none_title(&self) -> &'static str {
        self.layout.t.appointments().none_title(self.tab == Tab::Open)
    }

    fn week(&self, forward: bool) -> String {
        let first = self.days.first().map_or(self.day, |view| view.day);
        let step = TimeDelta::days(DAYS as i64);
        let day = if forward { first + step } else { first - step };
        format!("/appointments?day={day}")
    }

    fn tone(&self, state: &AppointmentState) -> &'static str {
        tone(*state)
    }

    /// The chip of a wish that waits, or of how it was answered.
    fn chip(&self, row: &AppointmentRow) -> Option<SlaChip> {
        chip(&self.layout, row)
    }
}

fn chip(layout: &Layout, row: &AppointmentRow) -> Option<SlaChip> {
    match (row.state, row.answered_at) {
        (AppointmentState::Requested, None) => Some(layout.sla(&row.answer_due_at)),
        (AppointmentState::Requested | AppointmentState::Confirmed, Some(at)) => {
            Some(SlaChip::ended(&layout.fmt, row.answer_due_at, at))
        }
        (AppointmentState::Confirmed | AppointmentState::Cancelled, None)
        | (AppointmentState::Cancelled, Some(_)) => None,
    }
}

/// The badge of a state.
const fn tone(state: AppointmentState) -> &'static str {
    match state {
        AppointmentState::Requested => "soon",
        AppointmentState::Confirmed => "good",
        AppointmentState::Cancelled => "",
    }
}

pub async fn index(
    layout: Layout,
    user: Can<ViewAppointments>,
    State(app): State<AppState>,
    Query(query): Query<ListQuery>,
    Query(params): Query<PageParams>,
) -> AppResult<Response> {
    let (db, scope, now) = (&app.db, user.scope(), app.clock.now());
    let today = layout.fmt.today();
    let day: NaiveDate = query.day.parse().unwrap_or(today);
    let first = day.checked_sub_days(Days::new(1)).unwrap_or(day);
    let last = first.checked_add_days(Days::new(DAYS - 1)).unwrap_or(first);
    let counts = queries::count_days(db, scope, first, last).await?;
    let days = first.iter_days().take(DAYS as usize).map(|shown| DayView {
        day: shown,
        is_current: shown == day,
        is_today: shown == today,
        count: counts
            .iter()
            .find(|count| count.day == shown)
            .copied()
            .unwrap_or(DayCount::none(shown)),
    });
    let tab = query.tab();
    let (rows, address) = match tab {
        Tab::Open => (
            queries::page_waiting(db, scope, params).await?,
            "tab=open".to_owned(),
        ),
        Tab::Cancelled => {
            let rows = queries::page_cancelled(db, scope, params).await?;
            (rows, "tab=cancelled".to_owned())
        }
        Tab::Day => {
            let rows = queries::page_of_day(db, scope, day, params).await?;
            (rows, format!("day={day}"))
        }
    };
    let waiting = queries::count_waiting(db, scope, now).await?;
    let since = now - TimeDelta::days(FIGURE_DAYS);
    let paged = Paged::new(rows, params, None);
    Ok(Page(IndexPage {
        tab,
        day,
        days: days.collect(),
        waiting: waiting.all,
        overdue: waiting.overdue,
        today: queries::count_days(db, scope, today, today)
            .await?
            .first()
            .map_or(0, |count| count.all),
        answered: queries::answered(db, scope, since, now).await?,
        pager: paged.pager("/appointments", &address),
        rows: paged.rows,
        layout,
    })
    .into_response())
}

/// `?customer=42`, and the car if one is meant.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewQuery {
    customer: String,
    vehicle: String,
}

/// `appointments/new.html`
#[derive(Template)]
#[template(path = "appointments/new.html")]
struct NewPage {
    layout: Layout,
    customer: CustomerId,
    name: String,
    cars: Vec<CarRow>,
    form: AppointmentForm,
    errors: FormErrors,
}

impl NewPage {
    fn options(&self) -> Vec<SelectOption> {
        options(&self.layout, &self.cars)
    }
}

fn options(layout: &Layout, cars: &[CarRow]) -> Vec<SelectOption> {
    let label = |car: &CarRow| {
        let plate = car.plate.as_deref().map(|plate| layout.fmt.plate(plate));
        let parts = [plate, car.model.clone().filter(|model| !model.is_empty())];
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            layout.t.appointments().car_number(car.id)
        } else {
            text
        }
    };
    cars.iter()
        .map(|car| SelectOption::new(car.id, label(car)))
        .collect()
}

async fn new_page(
    app: &AppState,
    layout: Layout,
    form: AppointmentForm,
    errors: FormErrors,
) -> AppResult<NewPage> {
    let scope = layout.user.scope();
    let customer: CustomerId = form.customer.parse().map_err(|_| AppError::NotFound)?;
    let name = queries::find_name(&app.db, scope, customer)
        .await?
        .ok_or(AppError::NotFound)?;
    Ok(NewPage {
        name: name.unwrap_or_else(|| layout.t.callbacks().unnamed().to_owned()),
        cars: queries::list_cars(&app.db, scope, customer).await?,
        customer,
        form,
        errors,
        layout,
    })
}

pub async fn new(
    layout: Layout,
    _user: Can<WorkAppointments>,
    State(app): State<AppState>,
    Query(query): Query<NewQuery>,
) -> AppResult<Response> {
    let form = AppointmentForm {
        idem_key: idempotency::new_key().to_string(),
        customer: query.customer,
        vehicle: query.vehicle,
        ..AppointmentForm::default()
    };
    let mut page = new_page(&app, layout, form, FormErrors::default()).await?;
    if let (true, Some(car)) = (page.form.vehicle.is_empty(), page.cars.first()) {
        page.form.vehicle = car.id.to_string();
    }
    Ok(Page(page).into_response())
}

pub async fn create(
    layout: Layout,
    user: Can<WorkAppointments>,
    State(app): State<AppState>,
    Form(form): Form<AppointmentForm>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let page = new_page(&app, layout, form, FormErrors::default()).await?;
    let mut tx = app.db.begin().await?;
    let calendar = stores::calendar::load(&mut tx, scope).await?;
    let ids: Vec<VehicleId> = page.cars.iter().map(|car| car.id).collect();
    let wish = match page.form.validate(&ids, &calendar, now) {
        Ok(wish) => wish,
        Err(errors) => return Page(NewPage { errors, ..page }).invalid(),
    };
    let key: Uuid = page
        .form
        .idem_key
        .parse()
        .map_err(|_| AppError::BadRequest("idem_key".to_owned()))?;
    let there = format!("/appointments?day={}", wish.on);
    if let Some(location) = idempotency::claim(&mut *tx, user.id, key, &there, now).await? {
        return Ok(redirect(location).into_response());
    }
    let new = service::NewAppointment {
        customer: page.customer,
        vehicle: wish.vehicle,
        callback: None,
        on: wish.on,
        at: wish.at,
        purpose: wish.purpose,
    };
    let id = service::request(&mut tx, scope, user.actor(), &new, now).await?;
    if page.form.confirmed == "1" {
        service::confirm(&mut tx, &user, id, 1, now).await?;
    }
    tx.commit().await?;
    Ok(redirect(there)
        .with_flash(Flash::AppointmentNoted)
        .into_response())
}

/// `appointments/show.html`
#[derive(Template)]
#[template(path = "appointments/show.html")]
struct ShowPage {
    layout: Layout,
    row: AppointmentRow,
    cars: Vec<CarRow>,
    form: AppointmentForm,
    errors: FormErrors,
}

impl ShowPage {
    fn options(&self) -> Vec<SelectOption> {
        options(&self.layout, &self.cars)
    }

    fn reasons(&self) -> Vec<SelectOption> {
        let t = self.layout.t.appointments();
        let reasons = CancelReason::ALL.iter();
        reasons
            .map(|reason| SelectOption::new(reason, t.cancel_reason(*reason)))
            .collect()
    }

    fn chip(&self) -> Option<SlaChip> {
        chip(&self.layout, &self.row)
    }

    fn tone(&self, state: &AppointmentState) -> &'static str {
        tone(*state)
    }

    fn is_editable(&self) -> bool {
        self.row.state != AppointmentState::Cancelled && self.layout.can(Permission::WorkAppointments)
    }

    fn name(&self) -> String {
        let name = self.row.customer_name.clone();
        name.unwrap_or_else(|| self.layout.t.callbacks().unnamed().to_owned())
    }
}

pub async fn show(
    layout: Layout,
    user: Can<ViewAppointments>,
    State(app): State<AppState>,
    Path(id): Path<AppointmentId>,
) -> AppResult<Response> {
    let row = queries::find(&app.db, user.scope(), id)
        .await?
        .ok_or(AppError::NotFound)?;
    let form = AppointmentForm {
        version: row.version.to_string(),
        vehicle: row.vehicle_id.map(|id| id.to_string()).unwrap_or_default(),
        on: layout.fmt.iso_date(&row.wished_on),
        at: row
            .wished_at
            .map(|at| at.format("%H:%M").to_string())
            .unwrap_or_default(),
        purpose: row.purpose.clone(),
        ..AppointmentForm::default()
    };
    Ok(Page(ShowPage {
        cars: queries::list_cars(&app.db, user.scope(), row.customer_id).await?,
        layout,
        row,
        form,
        errors: FormErrors::default(),
    })
    .into_response())
}

/// Another time, car or purpose, agreed with the customer: an answer too.
pub async fn update(
    layout: Layout,
    user: Can<WorkAppointments>,
    State(app): State<AppState>,
    Path(id): Path<AppointmentId>,
    Form(form): Form<AppointmentForm>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let row = queries::find(&app.db, scope, id)
        .await?
        .ok_or(AppError::NotFound)?;
    let cars = queries::list_cars(&app.db, scope, row.customer_id).await?;
    let ids: Vec<VehicleId> = cars.iter().map(|car| car.id).collect();
    let mut tx = app.db.begin().await?;
    let calendar = stores::calendar::load(&mut tx, scope).await?;
    let wish = match form.validate(&ids, &calendar, now) {
        Ok(wish) => wish,
        Err(errors) => {
            return Page(ShowPage {
                layout,
                row,
                cars,
                form,
                errors,
            })
            .invalid();
        }
    };
    let version = form.version.parse().unwrap_or_default();
    if !service::change(&mut tx, &user, id, version, &wish, now).await? {
        return Err(AppError::Conflict("the appointment has changed"));
    }
    tx.commit().await?;
    Ok(redirect(format!("/appointments?day={}", wish.on))
        .with_flash(Flash::AppointmentMoved)
        .into_response())
}

pub async fn confirm(
    user: Can<WorkAppointments>,
    State(app): State<AppState>,
    Path(id): Path<AppointmentId>,
    Form(form): Form<AnswerForm>,
) -> AppResult<Response> {
    let row = queries::find(&app.db, user.scope(), id)
        .await?
        .ok_or(AppError::NotFound)?;
    let version = form.version.parse().unwrap_or_default();
    let mut tx = app.db.begin().await?;
    if !service::confirm(&mut tx, &user, id, version, app.clock.now()).await? {
        return Err(AppError::Conflict("the appointment has changed"));
    }
    tx.commit().await?;
    Ok(redirect(back(&form, &row))
        .with_flash(Flash::AppointmentConfirmed)
        .into_response())
}

pub async fn cancel(
    user: Can<WorkAppointments>,
    State(app): State<AppState>,
    Path(id): Path<AppointmentId>,
    Form(form): Form<AnswerForm>,
) -> AppResult<Response> {
    let row = queries::find(&app.db, user.scope(), id)
        .await?
        .ok_or(AppError::NotFound)?;
    let reason: CancelReason = form
        .reason
        .parse()
        .map_err(|_| AppError::BadRequest("why it is cancelled".to_owned()))?;
    let version = form.version.parse().unwrap_or_default();
    let mut tx = app.db.begin().await?;
    if !service::cancel(&mut tx, &user, id, version, reason, app.clock.now()).await? {
        return Err(AppError::Conflict("the appointment has changed"));
    }
    tx.commit().await?;
    Ok(redirect(back(&form, &row))
        .with_flash(Flash::AppointmentCancelled)
        .into_response())
}

fn back(form: &AnswerForm, row: &AppointmentRow) -> String {
    local_path(&form.next).map_or_else(|| format!("/appointments?day={}", row.wished_on), str::to_owned)
}
