//! A store's calendar by the year: twelve months, every day that is no ordinary one, and the forms that change them.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{Datelike, Days, NaiveDate};
use serde::Deserialize;

use crate::auth::permission::{Can, ManageStores, Permission};
use crate::calendar::{DayKind, Interval, NationalYear, StoreCalendar, national_year};
use crate::i18n::flash::Flash;
use crate::stores::calendar::queries::DayRow;
use crate::stores::forms::{DaysForm, ExceptionKind, NationalForm, RemoveDaysForm};
use crate::stores::hours::print;
use crate::stores::preview::{self, Post};
use crate::stores::queries::{self, Store};
use crate::stores::settings::{change, managed};
use crate::stores::{StoreId, StoreScope, calendar, changes};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::form::{Form, FormErrors, SelectOption};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// Years that can be leafed through.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

/// `?year=2027`, and `&day=2027-02-05` for the day that the form begins with.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct YearQuery {
    year: String,
    day: String,
}

/// One year of a store.
#[derive(Template)]
#[template(path = "stores/calendar.html")]
pub struct YearPage {
    pub(super) layout: Layout,
    pub(super) store: Store,
    year: i32,
    months: Vec<Month>,
    runs: Vec<DayRun>,
    is_provisional: bool,
    national: Option<&'static NationalYear>,
    form: DaysForm,
    festival: Option<(NaiveDate, NaiveDate)>,
    pub(super) errors: FormErrors,
}

/// A month as its weeks, Monday first.
struct Month {
    number: u32,
    weeks: Vec<[Option<Cell>; 7]>,
}

/// A day of a month.
struct Cell {
    day: NaiveDate,
    kind: Option<ExceptionKind>,
    /// A weekday on which the store never opens.
    is_off: bool,
    is_provisional: bool,
    name: String,
    /// Of a special day.
    hours: Vec<Interval>,
}

/// Consecutive days with the same exception.
struct DayRun {
    from: NaiveDate,
    to: NaiveDate,
    kind: ExceptionKind,
    name: String,
    hours: Vec<Interval>,
    is_provisional: bool,
}

impl YearPage {
    /// The page of a year as it stands in the database.
    pub(super) async fn load(
        app: &AppState,
        layout: Layout,
        scope: StoreScope,
        query: &YearQuery,
    ) -> AppResult<YearPage> {
        let stores = queries::list(&app.db, scope, false).await?;
        let store = stores.into_iter().next().ok_or(AppError::NotFound)?;
        let mut db = app.db.acquire().await?;
        let calendar = calendar::load(&mut db, scope).await?;
        let rows = calendar::queries::list_days(&mut *db, scope).await?;
        let day: Option<NaiveDate> = query.day.parse().ok();
        let year = query.year.parse().ok().or(day.map(|day| day.year()));
        let year = year
            .unwrap_or(layout.fmt.today().year())
            .clamp(*YEARS.start(), *YEARS.end());
        let rows: BTreeMap<NaiveDate, DayRow> = rows
            .into_iter()
            .filter(|row| row.day.year() == year)
            .map(|row| (row.day, row))
            .collect();
        let form = form_of(
            day.or_else(|| rows.is_empty().then_some(layout.fmt.today())),
            &rows,
        );
        let national = national_year(year);
        Ok(YearPage {
            months: (1..=12)
                .map(|number| month(year, number, &rows, &calendar))
                .collect(),
            runs: runs(&rows),
            is_provisional: rows.values().any(|row| row.is_provisional),
            festival: national.and_then(NationalYear::spring_festival),
            national,
            form,
            errors: FormErrors::default(),
            year,
            store,
            layout,
        })
    }

    fn kinds(&self) -> Vec<SelectOption> {
        let t = self.layout.t.stores();
        let kinds = ExceptionKind::ALL.iter();
        kinds
            .map(|kind| SelectOption::new(kind, t.exception(*kind)))
            .collect()
    }

    fn weekdays(&self) -> [&'static str; 7] {
        let t = self.layout.t.stores();
        [
            t.monday(),
            t.tuesday(),
            t.wednesday(),
            t.thursday(),
            t.friday(),
            t.saturday(),
            t.sunday(),
        ]
    }

    /// The letter in a day's corner: colour alone tells nobody everything.
    fn mark(&self, kind: &ExceptionKind) -> &'static str {
        let t = self.layout.t.calendar();
        match kind {
            ExceptionKind::Closed => t.mark_closed(),
            ExceptionKind::Special => t.mark_special(),
            ExceptionKind::Holiday => t.mark_holiday(),
            ExceptionKind::Workday => t.mark_workday(),
        }
    }

    /// What a day is, as its title and for those who cannot see colours.
    fn title(&self, cell: &Cell) -> String {
        let (t, day) = (self.layout.t.stores(), self.layout.fmt.date(&cell.day));
        let mut parts = vec![day];
        if let Some(kind) = cell.kind {
            parts.push(t.exception(kind).to_owned());
        } else if cell.is_off {
            parts.push(self.layout.t.calendar().weekly_off().to_owned());
        }
        if !cell.hours.is_empty() {
            parts.push(print(&cell.hours));
        }
        if !cell.name.is_empty() {
            parts.push(cell.name.clone());
        }
        if cell.is_provisional {
            parts.push(self.layout.t.calendar().provisional().to_owned());
        }
        parts.join(" · ")
    }

    fn class(&self, cell: &Cell) -> &'static str {
        match cell.kind {
            Some(ExceptionKind::Closed) => " year__d--closed",
            Some(ExceptionKind::Special) => " year__d--special",
            Some(ExceptionKind::Holiday) => " year__d--holiday",
            Some(ExceptionKind::Workday) => " year__d--workday",
            None if cell.is_off => " year__d--off",
            None => "",
        }
    }

    fn is_today(&self, day: &NaiveDate) -> bool {
        *day == self.layout.fmt.today()
    }

    fn hours(&self, run: &DayRun) -> String {
        print(&run.hours)
    }

    fn run_dates(&self, run: &DayRun) -> String {
        let fmt = &self.layout.fmt;
        if run.from == run.to {
            fmt.date(&run.from)
        } else {
            self.layout
                .t
                .stores()
                .range(fmt.date(&run.from), fmt.date(&run.to))
        }
    }
}

/// The form filled with what the day is now.
fn form_of(day: Option<NaiveDate>, rows: &BTreeMap<NaiveDate, DayRow>) -> DaysForm {
    let Some(day) = day else {
        return DaysForm::default();
    };
    let row = rows.get(&day);
    DaysForm {
        from: day.to_string(),
        to: String::new(),
        kind: row.map_or_else(String::new, |row| row.kind.clone()),
        hours_special: row.map(|row| print(&hours(row))).unwrap_or_default(),
        day_name: row.map_or_else(String::new, |row| row.name.clone()),
        confirm: String::new(),
    }
}

fn hours(row: &DayRow) -> Vec<Interval> {
    match calendar::day_kind(row) {
        Some(DayKind::Special(intervals)) => intervals,
        Some(DayKind::Closed | DayKind::Holiday | DayKind::Workday) | None => Vec::new(),
    }
}

fn month(year: i32, number: u32, rows: &BTreeMap<NaiveDate, DayRow>, calendar: &StoreCalendar) -> Month {
    let mut weeks: Vec<[Option<Cell>; 7]> = Vec::new();
    let first = NaiveDate::from_ymd_opt(year, number, 1);
    let days = first.into_iter().flat_map(|first| first.iter_days());
    for day in days.take_while(|day| day.month() == number) {
        let column = day.weekday().num_days_from_monday() as usize;
        if column == 0 || weeks.is_empty() {
            weeks.push(std::array::from_fn(|_| None));
        }
        let row = rows.get(&day);
        let cell = Cell {
            day,
            kind: row.and_then(|row| row.kind.parse().ok()),
            is_off: !calendar.is_open_on(day),
            is_provisional: row.is_some_and(|row| row.is_provisional),
            name: row.map_or_else(String::new, |row| row.name.clone()),
            hours: row.map(hours).unwrap_or_default(),
        };
        if let Some(week) = weeks.last_mut() {
            week[column] = Some(cell);
        }
    }
    Month { number, weeks }
}

fn runs(rows: &BTreeMap<NaiveDate, DayRow>) -> Vec<DayRun> {
    let mut runs: Vec<DayRun> = Vec::new();
    for (day, row) in rows {
        let Ok(kind) = row.kind.parse() else { continue };
        let hours = hours(row);
        match runs.last_mut() {
            Some(last)
                if last.to + Days::new(1) == *day
                    && (last.kind, &last.hours, last.is_provisional)
                        == (kind, &hours, row.is_provisional)
                    && last.name == row.name =>
            {
                last.to = *day;
            }
            Some(_) | None => runs.push(DayRun {
                from: *day,
                to: *day,
                kind,
                name: row.name.clone(),
                hours,
                is_provisional: row.is_provisional,
            }),
        }
    }
    runs
}

pub async fn show(
    layout: Layout,
    user: Can<ManageStores>,
    State(app): State<AppState>,
    Path(id): Path<StoreId>,
    Query(query): Query<YearQuery>,
) -> AppResult<Page<YearPage>> {
    Ok(Page(
        YearPage::load(&app, layout, managed(&user, id)?, &query).await?,
    ))
}

/// The address of the year in which a day lies.
fn back(id: StoreId, day: NaiveDate) -> String {
    format!("/stores/{id}/calendar?year={}", day.year())
}

pub async fn add_days(
    layout: Layout,
    user: Can<ManageStores>,
    State(app): State<AppState>,
    Path(id): Path<StoreId>,
    Form(form): Form<DaysForm>,
) -> AppResult<Response> {
    let scope = managed(&user, id)?;
    let days = match form.validate() {
        Ok(days) => days,
        Err(errors) => {
            let query = YearQuery {
                day: form.from.clone(),
                ..YearQuery::default()
            };
            let mut page = YearPage::load(&app, layout, scope, &query).await?;
            (page.form, page.errors) = (form, errors);
            return Page(page).invalid();
        }
    };
    let mut tx = app.db.begin().await?;
    let moved = changes::add_days(&mut tx, change(&user, scope, &app), &days).await?;
    let post = Post {
        action: format!("/stores/{id}/calendar"),
        back: back(id, days.from),
        is_confirmed: form.confirm == "1",
        fields: form.pairs(),
    };
    preview::settle(tx, layout, moved, post).await
}

pub async fn remove_days(
    layout: Layout,
    user: Can<ManageStores>,
    State(app): State<AppState>,
    Path(id): Path<StoreId>,
    Form(form): Form<RemoveDaysForm>,
) -> AppResult<Response> {
    let scope = managed(&user, id)?;
    let (Ok(from), Ok(to)) = (form.from.parse::<NaiveDate>(), form.to.parse()) else {
        return Err(AppError::BadRequest("from, to".to_owned()));
    };
    let mut tx = app.db.begin().await?;
    let moved = changes::remove_days(&mut tx, change(&user, scope, &app), from, to).await?;
    let post = Post {
        action: format!("/stores/{id}/calendar/remove"),
        back: back(id, from),
        is_confirmed: form.confirm == "1",
        fields: vec![("from".to_owned(), form.from), ("to".to_owned(), form.to)],
    };
    preview::settle(tx, layout, moved, post).await
}

pub async fn load_national(
    user: Can<ManageStores>,
    State(app): State<AppState>,
    Path(id): Path<StoreId>,
    Form(form): Form<NationalForm>,
) -> AppResult<Response> {
    let scope = managed(&user, id)?;
    let year = form.year.parse().ok().and_then(national_year);
    let year = year.ok_or_else(|| AppError::BadRequest("year".to_owned()))?;
    let mut tx = app.db.begin().await?;
    let days = changes::load_national(&mut tx, change(&user, scope, &app), year).await?;
    tx.commit().await?;
    Ok(redirect(format!("/stores/{id}/calendar?year={}", year.year))
        .with_flash(Flash::NationalDaysLoaded {
            year: year.year,
            days,
        })
        .into_response())
}
