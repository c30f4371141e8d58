//! Recording and changing visits.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::audit;
use crate::auth::permission::{Can, EditArchive, Permission};
use crate::customers::{self, CustomerId};
use crate::db::is_unique_violation;
use crate::drafts::{self, Note, Subject};
use crate::i18n::flash::Flash;
use crate::stores::StoreScope;
use crate::vehicles::{self, VehicleId};
use crate::visits::forms::{Known, VisitForm};
use crate::visits::handlers::{kinds, states};
use crate::visits::model::{Staff, Visit};
use crate::visits::{Assembly, ItemKind, VisitId, queries, service, work_queries};
use crate::web::conflict::{self, ConflictPage, Named};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::form::{FieldError, Form, FormErrors, SelectOption};
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// `visits/form.html`, for a new visit and for an existing one.
#[derive(Template)]
#[template(path = "visits/form.html")]
struct FormPage {
    layout: Layout,
    /// The visit being changed; `None` for a new one.
    visit: Option<Visit>,
    vehicle_id: VehicleId,
    vehicle: String,
    plate: Option<String>,
    form: VisitForm,
    errors: FormErrors,
    staff: Vec<Staff>,
    customers: Vec<(CustomerId, String)>,
    area_code: Option<String>,
    draft: Note,
}

impl FormPage {
    async fn load(
        app: &AppState,
        layout: Layout,
        scope: StoreScope,
        vehicle: VehicleId,
        visit: Option<Visit>,
    ) -> AppResult<FormPage> {
        let found = vehicles::queries::find(&app.db, scope, vehicle).await?;
        let car = found.ok_or(AppError::NotFound)?;
        let mut customers = queries::list_customers_of_vehicle(&app.db, scope, vehicle).await?;
        if let Some(visit) = &visit
            && !customers.iter().any(|(id, _)| *id == visit.customer_id)
        {
            customers.push((visit.customer_id, visit.customer.clone()));
        }
        let form = match &visit {
            Some(visit) => {
                let items = work_queries::list_items(&app.db, scope, visit.id).await?;
                VisitForm::of(visit, &layout.fmt).with_items(&items)
            }
            None => VisitForm::fresh(&layout.fmt, &customers),
        };
        let mut staff = queries::list_staff(&app.db, scope).await?;
        for (id, name) in visit.iter().flat_map(Visit::served_by) {
            // Who has left the store since stays in the visits they served.
            if !staff.iter().any(|person| person.id == id) {
                staff.push(Staff { id, name });
            }
        }
        let draft = match &visit {
            Some(visit) => Note::new(
                Subject::edit("visit", visit.id),
                format!("/visits/{}/edit", visit.id),
            ),
            None => Note::new(
                Subject::new("visit", vehicle),
                format!("/visits/new?vehicle={vehicle}"),
            ),
        };
        Ok(FormPage {
            layout,
            draft,
            visit,
            vehicle_id: vehicle,
            vehicle: car.name(),
            plate: car.plate,
            form,
            errors: FormErrors::default(),
            staff,
            customers,
            area_code: customers::queries::area_code(&app.db, scope).await?,
        })
    }

    fn known(&self) -> Known<'_> {
        Known {
            fmt: &self.layout.fmt,
            staff: &self.staff,
            customers: &self.customers,
            area_code: self.area_code.as_deref(),
        }
    }

    fn kinds(&self) -> Vec<SelectOption> {
        kinds(&self.layout)
    }

    fn states(&self) -> Vec<SelectOption> {
        states(&self.layout)
    }

    fn assemblies(&self) -> Vec<SelectOption> {
        let t = self.layout.t.visits();
        let option = |part: &Assembly| SelectOption::new(part, t.assembly(*part));
        Assembly::ALL.iter().map(option).collect()
    }

    fn item_kinds(&self) -> Vec<SelectOption> {
        let t = self.layout.t.visits();
        let option = |kind: &ItemKind| SelectOption::new(kind, t.item_kind(*kind));
        ItemKind::ALL.iter().map(option).collect()
    }

    fn row_error(&self, field: &str, row: &usize) -> Option<String> {
        self.layout.field_error(&self.errors, &format!("{field}_{row}"))
    }

    fn staff_options(&self) -> Vec<SelectOption> {
        let option = |person: &Staff| SelectOption::new(person.id, person.name.clone());
        self.staff.iter().map(option).collect()
    }

    /// The fields as the comparison of two versions calls them.
    fn named(&self) -> Vec<Named> {
        let t = self.layout.t.visits();
        vec![
            Named::text("ro_number", t.ro_number()),
            Named::choice("kind", t.type_label(), self.kinds()),
            Named::choice("state", t.state_label(), self.states()),
            Named::text("arrived_at", t.arrived_at()),
            Named::text("settled_at", t.settled_at()),
            Named::text("handed_over_at", t.handed_over_at()),
            Named::choice("customer_id", t.customer(), self.customer_options()),
            Named::text("contact_name", t.contact_name()),
            Named::text("contact_phone", t.contact_phone()),
            Named::choice("advisor_id", t.advisor(), self.staff_options()),
            Named::text("advisor_name", t.staff_name()),
            Named::choice("technician_id", t.technician(), self.staff_options()),
            Named::text("technician_name", t.staff_name()),
            Named::text("odometer_km", t.odometer()),
            Named::text("amount", t.amount()),
            Named::text("summary", t.summary()),
            Named::text("next_km", t.next_km()),
            Named::text("next_on", t.next_on()),
            Named::text("promised_at", t.promised_at()),
            Named::text("waiting_since", t.waiting_since()),
            Named::text("waiting_until", t.waiting_until()),
            Named::tick("waits_for_special", t.waits_for_special(), &self.layout),
            Named::text("symptom", t.symptom()),
            Named::tick("is_safety", t.is_safety(), &self.layout),
            Named::choice("assembly", t.assembly_label(), self.assemblies()),
        ]
    }

    fn customer_options(&self) -> Vec<SelectOption> {
        let option = |(id, name): &(CustomerId, String)| SelectOption::new(id, name.clone());
        self.customers.iter().map(option).collect()
    }
}

/// `?vehicle=` of a new visit.
#[derive(Deserialize)]
pub struct NewQuery {
    vehicle: VehicleId,
}

pub async fn new(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Query(query): Query<NewQuery>,
) -> AppResult<Response> {
    let mut page = FormPage::load(&app, layout, user.scope(), query.vehicle, None).await?;
    drafts::service::restore(&app.db, user.scope(), user.id, &mut page.form, &mut page.draft).await?;
    Ok(Page(page).into_response())
}

pub async fn create(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Form(form): Form<VisitForm>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let bad = || AppError::BadRequest("no key or vehicle".to_owned());
    let key = form.idem_key().ok_or_else(bad)?;
    let vehicle: VehicleId = form.vehicle_id.parse().map_err(|_| bad())?;
    let page = FormPage::load(&app, layout, scope, vehicle, None).await?;
    let page = FormPage { form, ..page };
    if page.form.wants_rows() {
        return Ok(Page(page).into_response());
    }
    let input = match page.form.validate(&page.known()) {
        Ok(input) => input,
        Err(errors) => return Page(FormPage { errors, ..page }).invalid(),
    };
    let mut tx = app.db.begin().await?;
    if let Some(location) = idempotency::claim(&mut *tx, user.id, key, "/visits", now).await? {
        return Ok(redirect(location).into_response());
    }
    let made = service::create(&mut tx, scope, user.actor(), vehicle, &input, now).await;
    if let Some(errors) = taken(&made) {
        return Page(FormPage { errors, ..page }).invalid();
    }
    let location = format!("/visits/{}", made?);
    idempotency::settle(&mut *tx, user.id, key, &location).await?;
    drafts::queries::discard(&mut *tx, scope, user.id, &page.draft.subject).await?;
    tx.commit().await?;
    Ok(redirect(location).with_flash(Flash::Saved).into_response())
}

pub async fn edit(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Path(id): Path<VisitId>,
) -> AppResult<Response> {
    let found = queries::find(&app.db, user.scope(), id).await?;
    let visit = found.ok_or(AppError::NotFound)?;
    let vehicle = visit.vehicle_id;
    let mut page = FormPage::load(&app, layout, user.scope(), vehicle, Some(visit)).await?;
    drafts::service::restore(&app.db, user.scope(), user.id, &mut page.form, &mut page.draft).await?;
    Ok(Page(page).into_response())
}

pub async fn update(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Path(id): Path<VisitId>,
    Form(form): Form<VisitForm>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let visit = queries::find(&app.db, scope, id)
        .await?
        .ok_or(AppError::NotFound)?;
    let (vehicle, version) = (visit.vehicle_id, form.version);
    let page = FormPage::load(&app, layout, scope, vehicle, Some(visit)).await?;
    let form = form.with_items_of(&page.form);
    let page = FormPage { form, ..page };
    if page.form.wants_rows() {
        return Ok(Page(page).into_response());
    }
    let input = match page.form.validate(&page.known()) {
        Ok(input) => input,
        Err(errors) => return Page(FormPage { errors, ..page }).invalid(),
    };
    let before = page.visit.as_ref().ok_or(AppError::NotFound)?;
    let mut tx = app.db.begin().await?;
    let changed = service::update(&mut tx, scope, user.actor(), before, version, &input, now).await;
    if let Some(errors) = taken(&changed) {
        return Page(FormPage { errors, ..page }).invalid();
    }
    if !changed? {
        tx.rollback().await?;
        return conflict(&app, page, scope, id).await;
    }
    drafts::queries::discard(&mut *tx, scope, user.id, &page.draft.subject).await?;
    tx.commit().await?;
    Ok(redirect(format!("/visits/{id}"))
        .with_flash(Flash::Saved)
        .into_response())
}

/// Somebody saved while the form was open: both versions side by side.
async fn conflict(app: &AppState, page: FormPage, scope: StoreScope, id: VisitId) -> AppResult<Response> {
    let found = queries::find(&app.db, scope, id).await?;
    let visit = found.ok_or(AppError::NotFound)?;
    let last = audit::queries::last_change(&app.db, scope, "visits", id.get()).await?;
    let last = last.ok_or(AppError::NotFound)?;
    let items = work_queries::list_items(&app.db, scope, id).await?;
    let theirs = VisitForm::of(&visit, &page.layout.fmt).with_items(&items);
    let (mine, base) = (&page.form, &page.form.base);
    let mut comparison = conflict::compare(mine, base, &theirs, &page.named());
    let keep = Named::choice("keep_items", page.layout.t.visits().items(), page.item_kinds());
    conflict::compare_rows(
        &mut comparison,
        mine,
        base,
        &theirs,
        &VisitForm::ITEM_FIELDS,
        &keep,
    );
    Ok(ConflictPage {
        layout: page.layout,
        title: visit.ro_number,
        action: format!("/visits/{id}"),
        draft: page.draft,
        version: visit.version,
        by: last.by,
        at: last.at,
        comparison,
    }
    .respond())
}

/// A repair order number is there once in a store.
fn taken<T>(result: &sqlx::Result<T>) -> Option<FormErrors> {
    let error = result.as_ref().err()?;
    is_unique_violation(error, "visits_ro_number_key").then(|| {
        let mut errors = FormErrors::default();
        errors.add("ro_number", FieldError::Taken);
        errors
    })
}
