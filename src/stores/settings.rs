//! The page of one store: details, departments, hours. Each has its own form; days are on the page of its calendar.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono_tz::{TZ_VARIANTS, Tz};

use crate::auth::permission::{Can, ManageStores, Permission};
use crate::auth::session::CurrentUser;
use crate::calendar::StoreCalendar;
use crate::i18n::flash::Flash;
use crate::stores::changes::{self, Change, StoreError};
use crate::stores::forms::{DepartmentForm, HOUR_FIELDS, HoursForm, StoreForm};
use crate::stores::preview::{self, Post};
use crate::stores::queries::{self, Department, Store};
use crate::stores::{DepartmentId, StoreId, StoreScope, calendar, hours};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::filters;
use crate::web::form::{FieldError, Form, FormErrors, SelectOption};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// A store with everything that can be set.
#[derive(Template)]
#[template(path = "stores/show.html")]
pub struct ShowPage {
    layout: Layout,
    store: Store,
    details: StoreForm,
    departments: Vec<Department>,
    department: DepartmentForm,
    hours: HoursForm,
    errors: FormErrors,
    /// Which form the errors belong to.
    faulty: Section,
}

/// The forms of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Details,
    /// Adding one (`None`) or changing this one.
    Department(Option<DepartmentId>),
    Hours,
}

/// A weekday of the hours form.
struct HoursRow {
    label: &'static str,
    cells: Vec<HoursCell>,
}

/// A field of the hours form.
struct HoursCell {
    field: &'static str,
    label: String,
    value: String,
    error: Option<String>,
}

impl ShowPage {
    async fn load(app: &AppState, layout: Layout, scope: StoreScope) -> AppResult<ShowPage> {
        let stores = queries::list(&app.db, scope, false).await?;
        let store = stores.into_iter().next().ok_or(AppError::NotFound)?;
        let departments = queries::list_departments(&app.db, scope).await?;
        let mut connection = app.db.acquire().await?;
        let calendar = calendar::load(&mut connection, scope).await?;
        Ok(ShowPage {
            details: details_of(&store),
            departments,
            department: DepartmentForm::default(),
            hours: hours_of(&calendar, store.version),
            errors: FormErrors::default(),
            faulty: Section::Details,
            store,
            layout,
        })
    }

    fn invalid(mut self, faulty: Section, errors: FormErrors) -> AppResult<Response> {
        self.faulty = faulty;
        self.errors = errors;
        Page(self).invalid()
    }

    /// How many fields of a form need mending.
    fn problems(&self, section: Section) -> usize {
        if self.faulty == section {
            self.errors.len()
        } else {
            0
        }
    }

    /// What is wrong with a department's name.
    fn department_problem(&self, id: &Option<DepartmentId>) -> Option<String> {
        let is_it = self.faulty == Section::Department(*id);
        is_it
            .then(|| self.layout.field_error(&self.errors, "department_name"))
            .flatten()
    }

    /// The name to show in the field of a department.
    fn department_value<'a>(&'a self, department: &'a Department) -> &'a str {
        if self.faulty == Section::Department(Some(department.id)) {
            &self.department.department_name
        } else {
            &department.name
        }
    }

    /// What was typed for a new department.
    fn new_department(&self) -> &str {
        if self.faulty == Section::Department(None) {
            &self.department.department_name
        } else {
            ""
        }
    }

    /// The store's version when the hours were opened.
    fn hours_version(&self) -> &str {
        self.hours.value("version")
    }

    fn zones(&self) -> Vec<SelectOption> {
        let others = TZ_VARIANTS.iter().filter(|zone| **zone != Tz::Asia__Shanghai);
        std::iter::once(&Tz::Asia__Shanghai)
            .chain(others)
            .map(|zone| SelectOption::new(zone.name(), zone.name()))
            .collect()
    }

    fn restarts(&self) -> Vec<SelectOption> {
        let t = self.layout.t.stores();
        vec![
            SelectOption::new("no", t.restarts_no()),
            SelectOption::new("yes", t.restarts_yes()),
        ]
    }

    fn week(&self) -> Vec<HoursRow> {
        let t = self.layout.t.stores();
        let days = [
            t.monday(),
            t.tuesday(),
            t.wednesday(),
            t.thursday(),
            t.friday(),
            t.saturday(),
            t.sunday(),
        ];
        let purposes = [t.hours_open(), t.hours_call(), t.hours_sms(), t.hours_marketing()];
        let row = |(index, label): (usize, &'static str)| HoursRow {
            label,
            cells: HOUR_FIELDS
                .iter()
                .zip(purposes)
                .map(|((_, fields), purpose)| HoursCell {
                    field: fields[index],
                    label: format!("{label} {purpose}"),
                    value: self.hours.value(fields[index]).to_owned(),
                    error: self.layout.field_error(&self.errors, fields[index]),
                })
                .collect(),
        };
        days.into_iter().enumerate().map(row).collect()
    }
}

fn details_of(store: &Store) -> StoreForm {
    StoreForm {
        version: store.version.to_string(),
        name: store.name.clone(),
        time_zone: store.time_zone.clone(),
        area_code: store.area_code.clone().unwrap_or_default(),
        watch_margin: store.watch_margin.to_string(),
        touch_limit: store.touch_limit.to_string(),
        answer_hours: store.answer_hours.to_string(),
        restarts: if store.restarts_on_revisit { "yes" } else { "no" }.to_owned(),
        is_active: if store.is_active { "1" } else { "" }.to_owned(),
        confirm: String::new(),
    }
}

fn hours_of(calendar: &StoreCalendar, version: i32) -> HoursForm {
    let mut values = BTreeMap::from([("version".to_owned(), version.to_string())]);
    for (purpose, fields) in HOUR_FIELDS {
        for (field, weekday) in fields.into_iter().zip(1..) {
            let intervals = calendar.hours.of(purpose).of_weekday(weekday);
            values.insert(field.to_owned(), hours::print(intervals));
        }
    }
    HoursForm(values)
}

/// The store this admin may change; any other is not there.
pub(super) fn managed(user: &CurrentUser, id: StoreId) -> AppResult<StoreScope> {
    StoreScope::managed_by(user, id).ok_or(AppError::NotFound)
}

pub(super) fn change(user: &CurrentUser, scope: StoreScope, app: &AppState) -> Change {
    Change {
        scope,
        actor: user.actor(),
        now: app.clock.now(),
    }
}

fn saved(id: StoreId, anchor: &str) -> Response {
    redirect(format!("/stores/{id}{anchor}"))
        .with_flash(Flash::Saved)
        .into_response()
}

pub async fn show(
    layout: Layout,
    user: Can<ManageStores>,
    State(app): State<AppState>,
    Path(id): Path<StoreId>,
) -> AppResult<Page<ShowPage>> {
    Ok(Page(ShowPage::load(&app, layout, managed(&user, id)?).await?))
}

pub async fn update(
    layout: Layout,
    user: Can<ManageStores>,
    State(app): State<AppState>,
    Path(id): Path<StoreId>,
    Form(form): Form<StoreForm>,
) -> AppResult<Response> {
    let scope = managed(&user, id)?;
    let mut page = ShowPage::load(&app, layout, scope).await?;
    page.details = form;
    let input = match page.details.validate() {
        Ok(input) => input,
        Err(errors) => return page.invalid(Section::Details, errors),
    };
    let has_new_zone = page.store.time_zone != input.time_zone.name();
    let mut tx = app.db.begin().await?;
    let by = change(&user, scope, &app);
    match changes::update(&mut tx, by, &page.store, &input, user.is_group_wide).await {
        // A new time zone moves what was promised by the clock: how much is shown before it is saved.
        Ok(moved) if moved.is_any() => {
            let post = Post {
                action: format!("/stores/{id}"),
                back: format!("/stores/{id}"),
                is_confirmed: page.details.confirm == "1",
                fields: page.details.pairs(),
            };
            return preview::settle(tx, page.layout, moved, post).await;
        }
        Ok(_) => tx.commit().await?,
        Err(StoreError::LastStore) => {
            let t = crate::i18n::stores::T;
            let mut errors = FormErrors::default();
            let text = |lang| t(lang).last_store().to_owned();
            let error = FieldError::Text {
                zh: text(crate::i18n::Lang::Zh),
                en: text(crate::i18n::Lang::En),
            };
            errors.add("is_active", error);
            return page.invalid(Section::Details, errors);
        }
        Err(other) => return Err(other.into()),
    }
    let flash = if has_new_zone {
        Flash::TimeZoneChanged
    } else {
        Flash::Saved
    };
    Ok(redirect(format!("/stores/{id}"))
        .with_flash(flash)
        .into_response())
}

pub async fn add_department(
    layout: Layout,
    user: Can<ManageStores>,
    State(app): State<AppState>,
    Path(id): Path<StoreId>,
    Form(form): Form<DepartmentForm>,
) -> AppResult<Response> {
    let scope = managed(&user, id)?;
    let mut page = ShowPage::load(&app, layout, scope).await?;
    page.department = form;
    let errors = match page.department.validate() {
        Ok(input) => {
            let mut tx = app.db.begin().await?;
            match changes::add_department(&mut tx, change(&user, scope, &app), &input.name).await {
                Ok(()) => {
                    tx.commit().await?;
                    return Ok(saved(id, "#departments"));
                }
                Err(StoreError::Taken) => taken(),
                Err(other) => return Err(other.into()),
            }
        }
        Err(errors) => errors,
    };
    page.invalid(Section::Department(None), errors)
}

fn taken() -> FormErrors {
    let mut errors = FormErrors::default();
    errors.add("department_name", FieldError::Taken);
    errors
}

pub async fn update_department(
    layout: Layout,
    user: Can<ManageStores>,
    State(app): State<AppState>,
    Path((id, department)): Path<(StoreId, DepartmentId)>,
    Form(form): Form<DepartmentForm>,
) -> AppResult<Response> {
    let scope = managed(&user, id)?;
    let mut page = ShowPage::load(&app, layout, scope).await?;
    if !page.departments.iter().any(|known| known.id == department) {
        return Err(AppError::NotFound);
    }
    page.department = form;
    let errors = match page.department.validate() {
        Ok(input) => {
            let mut tx = app.db.begin().await?;
            let by = change(&user, scope, &app);
            match changes::update_department(&mut tx, by, department, &input).await {
                Ok(()) => {
                    tx.commit().await?;
                    return Ok(saved(id, "#departments"));
                }
                Err(StoreError::Taken) => taken(),
                Err(other) => return Err(other.into()),
            }
        }
        Err(errors) => errors,
    };
    page.invalid(Section::Department(Some(department)), errors)
}

pub async fn update_hours(
    layout: Layout,
    user: Can<ManageStores>,
    State(app): State<AppState>,
    Path(id): Path<StoreId>,
    Form(form): Form<HoursForm>,
) -> AppResult<Response> {
    let scope = managed(&user, id)?;
    let mut page = ShowPage::load(&app, layout, scope).await?;
    page.hours = form;
    let week = match page.hours.validate() {
        Ok(week) => week,
        Err(errors) => return page.invalid(Section::Hours, errors),
    };
    let mut tx = app.db.begin().await?;
    let by = change(&user, scope, &app);
    let moved = changes::update_hours(&mut tx, by, page.hours.version(), &week).await?;
    let post = Post {
        action: format!("/stores/{id}/hours"),
        back: format!("/stores/{id}#hours"),
        is_confirmed: page.hours.is_confirmed(),
        fields: page.hours.pairs(),
    };
    preview::settle(tx, page.layout, moved, post).await
}
