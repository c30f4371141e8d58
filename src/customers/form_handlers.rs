//! Creating and changing customers.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::auth::permission::{Can, EditArchive, Permission};
use crate::customers::consents::model::Decision;
use crate::customers::consents::{ConsentChannel, Purpose};
use crate::customers::forms::{CustomerForm, NewCustomer};
use crate::customers::model::{Customer, CustomerPhone, CustomerRow, Keeper};
use crate::customers::phone_handlers::PhoneProblem;
use crate::customers::search::handlers::BoxForm;
use crate::customers::service::CustomerInput;
use crate::customers::{
    ContactChannel, CustomerId, CustomerKind, CustomerSource, Daypart, PhoneState, PreferredDays, consents,
    queries, service,
};
use crate::db::is_unique_violation;
use crate::i18n::flash::Flash;
use crate::reviews;
use crate::stores::StoreScope;
use crate::vehicles::queries::SameCar;
use crate::vehicles::{self, PersonRole};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::filters;
use crate::web::form::{FieldError, Form, FormErrors, SelectOption};
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// `customers/new.html`
#[derive(Template)]
#[template(path = "customers/new.html")]
struct NewPage {
    layout: Layout,
    form: CustomerForm,
    errors: FormErrors,
    /// Who is on file already: customers with the same number, cars with the same plate or VIN.
    existing: Existing,
}

/// What a new customer may be a double of.
#[derive(Default)]
struct Existing {
    customers: Vec<CustomerRow>,
    cars: Vec<SameCar>,
}

impl NewPage {
    fn address_hint(&self) -> &'static str {
        ""
    }
}

impl Existing {
    fn is_empty(&self) -> bool {
        self.customers.is_empty() && self.cars.is_empty()
    }
}

/// `customers/edit.html`
#[derive(Template)]
#[template(path = "customers/edit.html")]
pub struct EditPage {
    layout: Layout,
    customer: Customer,
    form: CustomerForm,
    errors: FormErrors,
    phones: Vec<CustomerPhone>,
    keepers: Vec<Keeper>,
    problem: Option<PhoneProblem>,
}

impl EditPage {
    /// The page as stored, with a number that could not be saved.
    pub async fn load(
        app: &AppState,
        layout: Layout,
        scope: StoreScope,
        id: CustomerId,
        problem: Option<PhoneProblem>,
    ) -> AppResult<EditPage> {
        let Some(customer) = queries::find(&app.db, scope, id).await? else {
            return Err(AppError::NotFound);
        };
        Ok(EditPage {
            layout,
            form: CustomerForm::of(&customer),
            errors: FormErrors::default(),
            phones: queries::list_phones(&app.db, scope, id).await?,
            keepers: queries::list_keepers(&app.db, scope).await?,
            customer,
            problem,
        })
    }

    fn address_hint(&self) -> &'static str {
        if self.customer.address.is_empty() {
            ""
        } else {
            self.layout.t.customers().address_keep()
        }
    }

    /// What was typed for a number that could not be saved; `None` asks for the one being added.
    fn typed(&self, phone: Option<&CustomerPhone>) -> &str {
        self.problem_of(phone)
            .map_or("", |problem| problem.number.as_str())
    }

    fn phone_error(&self, phone: Option<&CustomerPhone>) -> Option<String> {
        self.problem_of(phone)
            .and_then(|problem| self.layout.field_error(&problem.errors, "number"))
    }

    fn problem_of(&self, phone: Option<&CustomerPhone>) -> Option<&PhoneProblem> {
        self.problem
            .as_ref()
            .filter(|problem| problem.phone == phone.map(|phone| phone.id))
    }

    fn states(&self) -> Vec<SelectOption> {
        let t = self.layout.t.customers();
        PhoneState::ALL
            .iter()
            .map(|state| SelectOption::new(state, t.phone_state(*state)))
            .collect()
    }
}

fn kinds(layout: &Layout) -> Vec<SelectOption> {
    let t = layout.t.customers();
    CustomerKind::ALL
        .iter()
        .map(|kind| SelectOption::new(kind, t.customer_kind(*kind)))
        .collect()
}

/// Stored as in Chinese files: 先生, 女士.
fn salutations(layout: &Layout) -> Vec<SelectOption> {
    let t = layout.t.customers();
    vec![
        SelectOption::new("先生", t.mr()),
        SelectOption::new("女士", t.ms()),
    ]
}

fn channels(layout: &Layout) -> Vec<SelectOption> {
    let t = layout.t.customers();
    ContactChannel::ALL
        .iter()
        .map(|channel| SelectOption::new(channel, t.channel(*channel)))
        .collect()
}

fn days(layout: &Layout) -> Vec<SelectOption> {
    let t = layout.t.customers();
    PreferredDays::ALL
        .iter()
        .map(|days| SelectOption::new(days, t.preferred_days(*days)))
        .collect()
}

fn dayparts(layout: &Layout) -> Vec<SelectOption> {
    let t = layout.t.customers();
    Daypart::ALL
        .iter()
        .map(|part| SelectOption::new(part, t.daypart(*part)))
        .collect()
}

fn sources(layout: &Layout) -> Vec<SelectOption> {
    let t = layout.t.customers();
    CustomerSource::ALL
        .iter()
        .map(|source| SelectOption::new(source, t.source(*source)))
        .collect()
}

fn keepers(keepers: &[Keeper]) -> Vec<SelectOption> {
    let options = keepers
        .iter()
        .map(|keeper| SelectOption::new(keeper.id, keeper.name.clone()));
    options.collect()
}

pub async fn new(layout: Layout, _user: Can<EditArchive>) -> AppResult<Response> {
    Ok(Page(NewPage {
        layout,
        form: CustomerForm::fresh(),
        errors: FormErrors::default(),
        existing: Existing::default(),
    })
    .into_response())
}

/// The form with what was searched for in its place: posted, because it may be a whole number.
pub async fn new_from_search(
    layout: Layout,
    _user: Can<EditArchive>,
    Form(searched): Form<BoxForm>,
) -> AppResult<Response> {
    Ok(Page(NewPage {
        layout,
        form: CustomerForm::searched(&searched.q),
        errors: FormErrors::default(),
        existing: Existing::default(),
    })
    .into_response())
}

pub async fn create(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Form(form): Form<CustomerForm>,
) -> AppResult<Response> {
    let scope = user.scope();
    let key = form
        .idem_key()
        .ok_or_else(|| AppError::BadRequest("no key".to_owned()))?;
    let area_code = queries::area_code(&app.db, scope).await?;
    let invalid = |form, errors, existing| {
        Page(NewPage {
            layout,
            form,
            errors,
            existing,
        })
        .invalid()
    };
    let new = match form.validate_new(area_code.as_deref()) {
        Ok(new) => new,
        Err(errors) => return invalid(form, errors, Existing::default()),
    };
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if let Some(location) = idempotency::claim(&mut *tx, user.id, key, "/customers", now).await? {
        return Ok(redirect(location).into_response());
    }
    let existing = existing(&app, scope, &new).await?;
    let has_same_vin = existing.cars.iter().any(|car| car.is_same_vin);
    if has_same_vin || (!form.is_anyway() && !existing.is_empty()) {
        return invalid(form, FormErrors::default(), existing);
    }
    let id = service::create(&mut tx, scope, user.actor(), &new.customer, &new.phones, now).await?;
    if new.refuses_surveys {
        consents::service::record(&mut tx, scope, user.actor(), id, &refusal_of_surveys(), now).await?;
    }
    if let Some(car) = new.car {
        let owner = Some((id, PersonRole::Owner));
        let car = vehicles::service::VehicleInput::of_new_customer(car, new.customer.kind);
        let made = vehicles::service::create(&mut tx, scope, user.actor(), &car, owner, now).await;
        if let Err(error) = &made
            && is_unique_violation(error, "vehicles_vin_key")
        {
            let mut errors = FormErrors::default();
            errors.add("vin", FieldError::Taken);
            return invalid(form, errors, Existing::default());
        }
        made?;
    }
    let location = format!("/customers/{id}");
    idempotency::settle(&mut *tx, user.id, key, &location).await?;
    tx.commit().await?;
    Ok(redirect(location).with_flash(Flash::Saved).into_response())
}

/// What the box on the form of a new customer says.
fn refusal_of_surveys() -> Decision {
    Decision {
        purposes: vec![Purpose::Survey],
        is_given: false,
        channel: ConsentChannel::Visit,
        evidence: String::new(),
    }
}

async fn existing(app: &AppState, scope: StoreScope, new: &NewCustomer) -> sqlx::Result<Existing> {
    let mut ids: Vec<i64> = Vec::new();
    for phone in &new.phones {
        let same = queries::list_by_phone(&app.db, scope, phone.number.as_str(), 5).await?;
        ids.extend(same.into_iter().map(CustomerId::get));
    }
    let cars = match &new.car {
        Some(car) => {
            let (vin, plate) = (car.vin_str(), car.plate_str());
            vehicles::queries::list_same(&app.db, scope, vin, plate, None).await?
        }
        None => Vec::new(),
    };
    Ok(Existing {
        customers: queries::list_rows(&app.db, scope, &ids).await?,
        cars,
    })
}

pub async fn edit(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Path(id): Path<CustomerId>,
) -> AppResult<Page<EditPage>> {
    Ok(Page(EditPage::load(&app, layout, user.scope(), id, None).await?))
}

pub async fn update(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Path(id): Path<CustomerId>,
    Form(form): Form<CustomerForm>,
) -> AppResult<Response> {
    let scope = user.scope();
    let Some(before) = queries::find(&app.db, scope, id).await? else {
        return Err(AppError::NotFound);
    };
    let checked = match form.validate() {
        Ok(input) => check_others(&app, scope, &before, input).await?,
        Err(errors) => Err(errors),
    };
    let input = match checked {
        Ok(input) => input,
        Err(errors) => {
            let page = EditPage::load(&app, layout, scope, id, None).await?;
            return Page(EditPage { form, errors, ..page }).invalid();
        }
    };
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if !service::update(&mut tx, scope, user.actor(), &before, form.version, &input, now).await? {
        return Err(AppError::Conflict("customer changed meanwhile"));
    }
    reviews::service::note_edit(&mut tx, &user, id, now).await?;
    tx.commit().await?;
    Ok(redirect(format!("/customers/{id}"))
        .with_flash(Flash::Saved)
        .into_response())
}

/// The company and the keeper must be of the store, and nobody belongs to themselves.
async fn check_others(
    app: &AppState,
    scope: StoreScope,
    before: &Customer,
    input: CustomerInput,
) -> sqlx::Result<Result<CustomerInput, FormErrors>> {
    let mut errors = FormErrors::default();
    if let Some(parent) = input.parent_id.filter(|parent| before.parent_id != Some(*parent))
        && (parent == before.id || !queries::is_company(&app.db, scope, parent).await?)
    {
        errors.add("parent_id", FieldError::BadChoice);
    }
    if let Some(keeper) = input.keeper_id.filter(|keeper| before.keeper_id != Some(*keeper)) {
        let keepers = queries::list_keepers(&app.db, scope).await?;
        if keepers.iter().all(|other| other.id != keeper) {
            errors.add("keeper_id", FieldError::BadChoice);
        }
    }
    Ok(errors.finish(input))
}
