//! The page of a car.

use askama::Template;
use axum::extract::State;
use chrono::NaiveDate;

use crate::auth::permission::{Can, Permission, ViewArchive};
use crate::stores::StoreScope;
use crate::vehicles::forms::{PersonForm, ReadingForm};
use crate::vehicles::model::{Facts, ReadingRow, Vehicle, VehiclePerson};
use crate::vehicles::odometer::Confidence;
use crate::vehicles::queries::PolicyRow;
use crate::vehicles::{PersonRole, VehicleId, VehicleState, queries};
use crate::visits;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::filters;
use crate::web::form::{FormErrors, SelectOption};
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::state::AppState;

/// Visits on the page of a car.
const VISITS: i64 = 30;

/// `vehicles/show.html`
#[derive(Template)]
#[template(path = "vehicles/show.html")]
pub struct VehiclePage {
    layout: Layout,
    car: Vehicle,
    people: Vec<VehiclePerson>,
    visits: Vec<visits::model::VisitRow>,
    readings: Vec<ReadingRow>,
    facts: Option<Facts>,
    policies: Vec<PolicyRow>,
    /// What was typed last and could not be saved.
    pub person: PersonForm,
    pub reading: ReadingForm,
    pub errors: FormErrors,
}

impl VehiclePage {
    /// Reads everything the page shows; 404 for a car of another store.
    pub async fn load(
        app: &AppState,
        layout: Layout,
        scope: StoreScope,
        id: VehicleId,
    ) -> AppResult<VehiclePage> {
        let db = &app.db;
        let Some(car) = queries::find(db, scope, id).await? else {
            return Err(AppError::NotFound);
        };
        Ok(VehiclePage {
            layout,
            car,
            people: queries::list_people(db, scope, id).await?,
            visits: visits::queries::list_of_vehicle(db, scope, id, VISITS).await?,
            readings: queries::list_readings(db, scope, id).await?,
            facts: queries::find_facts(db, scope, id).await?,
            policies: queries::list_policies(db, scope, id).await?,
            person: PersonForm::default(),
            reading: ReadingForm::default(),
            errors: FormErrors::default(),
        })
    }

    fn days_until(&self, day: &NaiveDate) -> i64 {
        (*day - self.layout.fmt.today()).num_days()
    }

    fn roles(&self) -> Vec<SelectOption> {
        roles(&self.layout)
    }

    fn has_somebody_to_call(&self) -> bool {
        self.people.iter().any(|person| {
            person.until_on.is_none()
                && matches!(
                    person.role,
                    PersonRole::Owner | PersonRole::Driver | PersonRole::Contact
                )
        })
    }
}

/// Roles for a select.
pub fn roles(layout: &Layout) -> Vec<SelectOption> {
    let t = layout.t.vehicles();
    PersonRole::ALL
        .iter()
        .map(|role| SelectOption::new(role, t.role(*role)))
        .collect()
}

pub async fn show(
    layout: Layout,
    user: Can<ViewArchive>,
    State(app): State<AppState>,
    Path(id): Path<VehicleId>,
) -> AppResult<Page<VehiclePage>> {
    Ok(Page(VehiclePage::load(&app, layout, user.scope(), id).await?))
}
