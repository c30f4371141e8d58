//! The week of everybody who makes calls: shifts, leave, who stands in, how much there is to do.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{Days, NaiveDate};
use serde::Deserialize;

use crate::auth::permission::{Can, ManageShifts, Permission, ViewShifts};
use crate::auth::session::CurrentUser;
use crate::calendar::{Interval, StoreCalendar, TimeOfDay};
use crate::i18n::flash::Flash;
use crate::shifts::forms::{CopyForm, DAY_FIELDS, LeaveForm, WeekForm};
use crate::shifts::model::{DayPlan, callable_minutes, monday_of, plan};
use crate::shifts::queries::{self, Caller, LeaveRow, ShiftRow};
use crate::shifts::{LeaveId, service};
use crate::stores::{calendar, hours};
use crate::users::UserId;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::form::{Form, FormErrors, SelectOption};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// `?week=2026-11-23&person=7`: any day of the week; the person whose form is open.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct WeekQuery {
    week: String,
    person: String,
}

/// The week.
#[derive(Template)]
#[template(path = "shifts/index.html")]
struct ShiftsPage {
    layout: Layout,
    monday: NaiveDate,
    days: Vec<DayHead>,
    rows: Vec<PersonRow>,
    leaves: Vec<LeaveRow>,
    people: Vec<SelectOption>,
    /// The week that is being changed.
    edited: Option<(UserId, String)>,
    week: WeekForm,
    leave: LeaveForm,
    errors: FormErrors,
}

/// A day of the week.
struct DayHead {
    day: NaiveDate,
    is_open: bool,
    /// People who work on it, and the minutes they have for calls together.
    people: usize,
    minutes: i64,
}

/// A person's week.
struct PersonRow {
    caller: Caller,
    plans: [DayPlan; 7],
    minutes: i64,
}

impl ShiftsPage {
    async fn load(
        app: &AppState,
        layout: Layout,
        user: &CurrentUser,
        query: &WeekQuery,
    ) -> AppResult<ShiftsPage> {
        let scope = user.scope();
        let today = layout.fmt.today();
        let monday = monday_of(query.week.parse().unwrap_or(today));
        let mut db = app.db.acquire().await?;
        let store = calendar::load(&mut db, scope).await?;
        let callers = queries::list_callers(&mut *db, scope).await?;
        let shifts = queries::list(&mut *db, scope, monday, monday + Days::new(6)).await?;
        let leaves = queries::list_leaves(&mut *db, scope, monday.min(today)).await?;
        let people = callers
            .iter()
            .map(|caller| SelectOption::new(caller.id, caller.name.as_str()))
            .collect();
        let planned = shifts_of(&shifts, monday);
        let edited = query
            .person
            .parse()
            .ok()
            .and_then(|id| callers.iter().find(|caller| caller.id == id));
        let nothing = <[Vec<Interval>; 7]>::default();
        let week =
            edited.map(|caller| week_form(caller, planned.get(&caller.id).unwrap_or(&nothing), monday));
        let edited = edited.map(|caller| (caller.id, caller.name.clone()));
        let rows: Vec<PersonRow> = callers
            .into_iter()
            .map(|caller| {
                let away = away(&leaves, caller.id, monday);
                let plans = plan(planned.get(&caller.id).unwrap_or(&nothing), &away);
                let minutes =
                    (0..7).map(|at| callable_minutes(&plans[at as usize], &store, monday + Days::new(at)));
                PersonRow {
                    minutes: minutes.sum(),
                    plans,
                    caller,
                }
            })
            .collect();
        Ok(ShiftsPage {
            days: heads(&rows, &store, monday),
            monday,
            rows,
            leaves,
            people,
            edited,
            week: week.unwrap_or_default(),
            leave: LeaveForm::default(),
            errors: FormErrors::default(),
            layout,
        })
    }

    fn before(&self) -> NaiveDate {
        self.monday - Days::new(7)
    }

    fn after(&self) -> NaiveDate {
        self.monday + Days::new(7)
    }

    fn is_today(&self, day: &NaiveDate) -> bool {
        *day == self.layout.fmt.today()
    }

    /// What a cell says, and its class.
    fn cell(&self, plan: &DayPlan, is_open: &bool) -> (String, &'static str) {
        let t = self.layout.t.shifts();
        match plan {
            DayPlan::Leave => (t.on_leave().to_owned(), "week__d--leave"),
            DayPlan::Free => (t.free().to_owned(), "mute"),
            DayPlan::Shifts(intervals) => (hours::print(intervals), "week__d--on num"),
            DayPlan::OpeningHours if *is_open => (t.opening_hours().to_owned(), "mute"),
            DayPlan::OpeningHours => (t.closed().to_owned(), "mute"),
        }
    }

    fn hours(&self, minutes: &i64) -> String {
        self.layout.fmt.duration(chrono::TimeDelta::minutes(*minutes))
    }

    fn fields(&self) -> Vec<(&'static str, String, String, Option<String>)> {
        DAY_FIELDS
            .iter()
            .zip(&self.days)
            .map(|(field, head)| {
                let label = self.layout.fmt.date(&head.day);
                let error = self.layout.field_error(&self.errors, field);
                (*field, label, self.week.value(field).to_owned(), error)
            })
            .collect()
    }

    fn capacity(&self) -> &str {
        self.week.value("capacity")
    }

    fn is_edited(&self, id: &UserId) -> bool {
        self.edited.as_ref().is_some_and(|(edited, _)| edited == id)
    }

    fn no_deputy(&self) -> &'static str {
        self.layout.t.shifts().no_deputy()
    }

    fn leave_dates(&self, leave: &LeaveRow) -> String {
        let fmt = &self.layout.fmt;
        if leave.from_on == leave.until_on {
            fmt.date(&leave.from_on)
        } else {
            self.layout
                .t
                .stores()
                .range(fmt.date(&leave.from_on), fmt.date(&leave.until_on))
        }
    }
}

/// Shifts by person, each week as seven days.
fn shifts_of(rows: &[ShiftRow], monday: NaiveDate) -> HashMap<UserId, [Vec<Interval>; 7]> {
    let mut weeks: HashMap<UserId, [Vec<Interval>; 7]> = HashMap::new();
    for row in rows {
        let time = |minute| TimeOfDay::from_minutes(minute).ok();
        let interval = time(row.opens_minute).zip(time(row.closes_minute));
        let Some(interval) = interval.and_then(|(opens, closes)| Interval::new(opens, closes)) else {
            continue;
        };
        let at = usize::try_from((row.day - monday).num_days()).unwrap_or(7);
        if let Some(day) = weeks.entry(row.user_id).or_default().get_mut(at) {
            day.push(interval);
        }
    }
    weeks
}

fn away(leaves: &[LeaveRow], user: UserId, monday: NaiveDate) -> [bool; 7] {
    std::array::from_fn(|at| {
        let day = monday + Days::new(at as u64);
        leaves
            .iter()
            .any(|leave| leave.user_id == user && (leave.from_on..=leave.until_on).contains(&day))
    })
}

fn heads(rows: &[PersonRow], store: &StoreCalendar, monday: NaiveDate) -> Vec<DayHead> {
    let head = |(at, day): (usize, NaiveDate)| {
        let minutes = rows
            .iter()
            .map(|row| callable_minutes(&row.plans[at], store, day));
        DayHead {
            day,
            is_open: store.is_open_on(day),
            people: minutes.clone().filter(|minutes| *minutes > 0).count(),
            minutes: minutes.sum(),
        }
    };
    (0..7).zip(monday.iter_days()).map(head).collect()
}

fn week_form(caller: &Caller, days: &[Vec<Interval>; 7], monday: NaiveDate) -> WeekForm {
    let mut form = WeekForm::default();
    for (field, intervals) in DAY_FIELDS.into_iter().zip(days) {
        form.0.insert(field.to_owned(), hours::print(intervals));
    }
    let capacity = caller.daily_capacity.map(|capacity| capacity.to_string());
    form.0.insert("capacity".to_owned(), capacity.unwrap_or_default());
    form.0.insert("user_id".to_owned(), caller.id.to_string());
    form.0.insert("week".to_owned(), monday.to_string());
    form
}

pub async fn index(
    layout: Layout,
    user: Can<ViewShifts>,
    State(app): State<AppState>,
    Query(query): Query<WeekQuery>,
) -> AppResult<Response> {
    let mut page = ShiftsPage::load(&app, layout, &user, &query).await?;
    if !user.can(Permission::ManageShifts) {
        page.edited = None;
    }
    Ok(Page(page).into_response())
}

pub async fn save(
    layout: Layout,
    user: Can<ManageShifts>,
    State(app): State<AppState>,
    Form(form): Form<WeekForm>,
) -> AppResult<Response> {
    let (Some(person), Some(monday)) = (form.user(), form.monday()) else {
        return Err(AppError::BadRequest("user_id, week".to_owned()));
    };
    let week = match form.validate(person, monday) {
        Ok(week) => week,
        Err(errors) => {
            let query = WeekQuery {
                week: monday.to_string(),
                person: person.to_string(),
            };
            let mut page = ShiftsPage::load(&app, layout, &user, &query).await?;
            (page.week, page.errors) = (form, errors);
            return Page(page).invalid();
        }
    };
    let mut tx = app.db.begin().await?;
    if !service::save_week(&mut tx, user.scope(), user.actor(), &week, app.clock.now()).await? {
        return Err(AppError::NotFound);
    }
    tx.commit().await?;
    Ok(redirect(format!("/shifts?week={monday}"))
        .with_flash(Flash::Saved)
        .into_response())
}

pub async fn copy(
    user: Can<ManageShifts>,
    State(app): State<AppState>,
    Form(form): Form<CopyForm>,
) -> AppResult<Response> {
    let monday = form.week.parse().map(monday_of);
    let monday = monday.map_err(|_| AppError::BadRequest("week".to_owned()))?;
    let mut tx = app.db.begin().await?;
    let shifts = service::copy_week(&mut tx, user.scope(), user.actor(), monday, app.clock.now()).await?;
    tx.commit().await?;
    Ok(redirect(format!("/shifts?week={monday}"))
        .with_flash(Flash::ShiftsCopied { shifts })
        .into_response())
}

pub async fn leave(
    layout: Layout,
    user: Can<ManageShifts>,
    State(app): State<AppState>,
    Form(form): Form<LeaveForm>,
) -> AppResult<Response> {
    let callers = queries::list_callers(&app.db, user.scope()).await?;
    let leave = match form.validate(&callers) {
        Ok(leave) => leave,
        Err(errors) => {
            let query = WeekQuery {
                week: form.from.clone(),
                ..WeekQuery::default()
            };
            let mut page = ShiftsPage::load(&app, layout, &user, &query).await?;
            (page.leave, page.errors) = (form, errors);
            return Page(page).invalid();
        }
    };
    let (today, now) = (layout.fmt.today(), app.clock.now());
    let mut tx = app.db.begin().await?;
    let moved = service::enter_leave(&mut tx, user.scope(), user.actor(), &leave, today, now).await?;
    tx.commit().await?;
    let name = callers
        .into_iter()
        .find(|caller| caller.id == leave.user)
        .map(|caller| caller.name);
    let flash = Flash::LeaveEntered {
        name: name.unwrap_or_default(),
        moved,
    };
    Ok(redirect(format!("/shifts?week={}", leave.from))
        .with_flash(flash)
        .into_response())
}

pub async fn cancel(
    user: Can<ManageShifts>,
    State(app): State<AppState>,
    Path(id): Path<LeaveId>,
) -> AppResult<Response> {
    let mut tx = app.db.begin().await?;
    if !service::cancel_leave(&mut tx, user.scope(), user.actor(), id, app.clock.now()).await? {
        return Err(AppError::NotFound);
    }
    tx.commit().await?;
    Ok(redirect("/shifts").with_flash(Flash::Saved).into_response())
}
