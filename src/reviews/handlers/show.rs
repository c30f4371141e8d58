//! One file after the other: what is missing with the fields right there, save and next, or nothing to change.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use serde::Deserialize;

use crate::auth::permission::{Can, Permission, ReviewFiles};
use crate::calendar::StoreCalendar;
use crate::customers::model::{Customer, CustomerPhone};
use crate::customers::tags::{Tag, TagKind};
use crate::customers::{self, ContactChannel, CustomerId, Daypart, PreferredDays, tags};
use crate::db::is_unique_violation;
use crate::i18n::flash::Flash;
use crate::reviews::forms::ReviewForm;
use crate::reviews::model::{Progress, Queue, Week};
use crate::reviews::queries::{self, ReviewCar};
use crate::reviews::service::{self, ReviewError, SeenCar};
use crate::vehicles::{self, model::Vehicle};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::form::{FieldError, Form, FormErrors, SelectOption};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// `reviews/show.html`
#[derive(Template)]
#[template(path = "reviews/show.html")]
struct ReviewPage {
    layout: Layout,
    customer: Customer,
    phones: Vec<CustomerPhone>,
    car: Option<ReviewCar>,
    classes: Vec<Tag>,
    queue: Queue,
    week: Week,
    progress: Progress,
    form: ReviewForm,
    errors: FormErrors,
}

/// `?queue=week`, and for the next one `&after=42`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReviewQuery {
    queue: String,
    after: String,
}

impl ReviewQuery {
    fn queue(&self) -> Queue {
        self.queue.parse().unwrap_or(Queue::Week)
    }
}

impl ReviewPage {
    async fn load(
        app: &AppState,
        layout: Layout,
        user: &Can<ReviewFiles>,
        id: CustomerId,
        queue: Queue,
    ) -> AppResult<ReviewPage> {
        let scope = user.scope();
        let Some(customer) = find_live(app, user, id).await? else {
            return Err(AppError::NotFound);
        };
        let car = queries::find_car(&app.db, scope, id).await?;
        let week = Week::of(layout.fmt.today());
        let tags = tags::queries::list(&app.db, scope, id).await?;
        Ok(ReviewPage {
            form: ReviewForm::of(&customer, car.as_ref(), queue),
            phones: customers::queries::list_phones(&app.db, scope, id).await?,
            classes: tags
                .into_iter()
                .filter(|tag| tag.kind == TagKind::Class)
                .collect(),
            progress: queries::progress(&app.db, scope, week.monday).await?,
            errors: FormErrors::default(),
            layout,
            customer,
            car,
            queue,
            week,
        })
    }

    fn lacks(&self, field: &str) -> bool {
        self.customer
            .missing
            .iter()
            .any(|missing| missing.as_str() == field)
    }

    /// Whether anything about a car is asked for, and there is a car to note it at.
    fn asks_car(&self) -> bool {
        let of_car = ["car", "insurance", "delivery", "odometer"];
        self.car.is_some() && of_car.iter().any(|field| self.lacks(field))
    }

    fn channels(&self) -> Vec<SelectOption> {
        let t = self.layout.t.customers();
        let channels = ContactChannel::ALL.iter();
        channels
            .map(|channel| SelectOption::new(channel, t.channel(*channel)))
            .collect()
    }

    fn days(&self) -> Vec<SelectOption> {
        let t = self.layout.t.customers();
        let days = PreferredDays::ALL.iter();
        days.map(|days| SelectOption::new(days, t.preferred_days(*days)))
            .collect()
    }

    fn dayparts(&self) -> Vec<SelectOption> {
        let t = self.layout.t.customers();
        let parts = Daypart::ALL.iter();
        parts
            .map(|part| SelectOption::new(part, t.daypart(*part)))
            .collect()
    }

    fn class_options(&self) -> Vec<SelectOption> {
        let t = self.layout.t.customers();
        let classes = self.classes.iter();
        classes.map(|tag| SelectOption::new(tag.id, t.tag(tag))).collect()
    }

    /// Stored as in Chinese files: 先生, 女士.
    fn salutations(&self) -> Vec<SelectOption> {
        let t = self.layout.t.customers();
        vec![
            SelectOption::new("先生", t.mr()),
            SelectOption::new("女士", t.ms()),
        ]
    }

    fn address_hint(&self) -> &'static str {
        if self.customer.address.is_empty() {
            ""
        } else {
            self.layout.t.customers().address_keep()
        }
    }
}

async fn find_live(
    app: &AppState,
    user: &Can<ReviewFiles>,
    id: CustomerId,
) -> sqlx::Result<Option<Customer>> {
    let found = customers::queries::find(&app.db, user.scope(), id).await?;
    Ok(found.filter(Customer::is_live))
}

pub async fn show(
    layout: Layout,
    user: Can<ReviewFiles>,
    State(app): State<AppState>,
    Path(id): Path<CustomerId>,
    Query(query): Query<ReviewQuery>,
) -> AppResult<Response> {
    let page = ReviewPage::load(&app, layout, &user, id, query.queue()).await?;
    Ok(Page(page).into_response())
}

/// Opens the next file of a list, passing over one if asked; an empty list leads back to it.
pub async fn next(
    layout: Layout,
    user: Can<ReviewFiles>,
    State(app): State<AppState>,
    Query(query): Query<ReviewQuery>,
) -> AppResult<Response> {
    let (queue, after) = (query.queue(), query.after.parse().ok());
    let location = match find_next(&app, &layout, &user, queue, after).await? {
        Some(next) => format!("/reviews/{next}?queue={queue}"),
        None => format!("/reviews?queue={queue}"),
    };
    Ok(redirect(location).into_response())
}

async fn find_next(
    app: &AppState,
    layout: &Layout,
    user: &Can<ReviewFiles>,
    queue: Queue,
    after: Option<CustomerId>,
) -> sqlx::Result<Option<CustomerId>> {
    let scope = user.scope();
    match queue {
        Queue::Week => queries::next_of_week(&app.db, scope, after).await,
        Queue::Files => {
            let days = queries::stale_after_days(&app.db, scope).await?;
            let stale_before = layout.fmt.now - TimeDelta::days(i64::from(days));
            let (starts_at, _) = StoreCalendar::new(layout.fmt.zone).day_span(layout.fmt.today());
            queries::next_file(&app.db, scope, after, stale_before, starts_at).await
        }
    }
}

pub async fn update(
    layout: Layout,
    user: Can<ReviewFiles>,
    State(app): State<AppState>,
    Path(id): Path<CustomerId>,
    Form(form): Form<ReviewForm>,
) -> AppResult<Response> {
    let Some(before) = find_live(&app, &user, id).await? else {
        return Err(AppError::NotFound);
    };
    let queue = form.queue();
    // Where to go on is looked up before the file leaves its place in the list.
    let next = find_next(&app, &layout, &user, queue, Some(id)).await?;
    if form.is_nothing() {
        let mut tx = app.db.begin().await?;
        service::confirm(&mut tx, &user, &before, app.clock.now()).await?;
        tx.commit().await?;
    } else if let Err(errors) = save(&app, &layout, &user, &before, &form).await? {
        let page = ReviewPage::load(&app, layout, &user, id, queue).await?;
        return Page(ReviewPage { form, errors, ..page }).invalid();
    }
    let (location, flash) = match next {
        Some(next) => {
            let left = left(&app, &user, queue).await?;
            (format!("/reviews/{next}?queue={queue}"), left)
        }
        None => (format!("/reviews?queue={queue}"), Flash::FilesDone),
    };
    Ok(redirect(location).with_flash(flash).into_response())
}

/// How many are left is known of the week's list; the other one has no end.
async fn left(app: &AppState, user: &Can<ReviewFiles>, queue: Queue) -> sqlx::Result<Flash> {
    Ok(match queue {
        Queue::Week => Flash::FileReviewed {
            left: queries::count_week(&app.db, user.scope()).await?,
        },
        Queue::Files => Flash::Saved,
    })
}

/// Validates and writes; what is wrong with the form comes back.
async fn save(
    app: &AppState,
    layout: &Layout,
    user: &Can<ReviewFiles>,
    before: &Customer,
    form: &ReviewForm,
) -> AppResult<Result<(), FormErrors>> {
    let (scope, now, today) = (user.scope(), app.clock.now(), layout.fmt.today());
    let car: Option<Vehicle> = match queries::find_car(&app.db, scope, before.id).await? {
        Some(car) => vehicles::queries::find(&app.db, scope, car.id).await?,
        None => None,
    };
    let area_code = customers::queries::area_code(&app.db, scope).await?;
    let input = match form.validate(before, car.as_ref(), area_code.as_deref(), today) {
        Ok(input) => input,
        Err(errors) => return Ok(Err(errors)),
    };
    let seen = car.as_ref().map(|vehicle| SeenCar {
        vehicle,
        version: form.car_version,
    });
    let mut tx = app.db.begin().await?;
    let saved = service::save(&mut tx, user, (before, form.version), seen, &input, (now, today)).await;
    match saved {
        Ok(()) => tx.commit().await?,
        Err(ReviewError::Changed) => return Err(AppError::Conflict("file changed meanwhile")),
        Err(ReviewError::Db(error)) => return Ok(Err(taken(error)?)),
    }
    Ok(Ok(()))
}

/// A number that the customer has already, and a VIN that another car has.
fn taken(error: sqlx::Error) -> AppResult<FormErrors> {
    let mut errors = FormErrors::default();
    if is_unique_violation(&error, "phones_customer_number_key") {
        errors.add("phone", FieldError::Taken);
    } else if is_unique_violation(&error, "vehicles_vin_key") {
        errors.add("vin", FieldError::Taken);
    } else {
        return Err(error.into());
    }
    Ok(errors)
}
