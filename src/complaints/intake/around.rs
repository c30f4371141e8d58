//! What stands around the form: who may be meant, their cars and visits, and the cases that are open already.

use crate::auth::permission::Permission;
use crate::auth::session::CurrentUser;
use crate::callbacks::CallbackId;
use crate::complaints::intake::forms::IntakeForm;
use crate::complaints::intake::queries::{self, CallerRow, CarRow, OpenCase, Subject, VisitRow};
use crate::customers::CustomerId;
use crate::customers::queries::area_code;
use crate::customers::search::{Typed, suggestions};
use crate::vehicles::VehicleId;
use crate::visits::VisitId;
use crate::web::error::{AppError, AppResult};
use crate::web::state::AppState;

/// Somebody who may be meant.
pub struct Candidate {
    /// What the form sends to choose them: customer, and the car they were found by.
    pub pick: String,
    pub name: String,
    pub salutation: Option<String>,
    pub number: Option<String>,
    pub cars: Vec<(Option<String>, String)>,
}

/// What is known around the form as it stands.
#[derive(Default)]
pub struct Around {
    /// For what was typed, while nobody is chosen.
    pub candidates: Vec<Candidate>,
    pub caller: Option<CallerRow>,
    pub cars: Vec<CarRow>,
    pub visits: Vec<VisitRow>,
    pub cases: Vec<OpenCase>,
    /// Seconds until the next search is answered.
    pub wait: Option<u64>,
    /// Something was looked for.
    pub has_searched: bool,
}

impl Around {
    /// Reads everything for a form; what the form says of people, cars and visits that are not there is taken out of it.
    pub async fn load(app: &AppState, user: &CurrentUser, form: &mut IntakeForm) -> AppResult<Around> {
        let (db, scope) = (&app.db, user.scope());
        let mut around = Around::default();
        if let Some(id) = form.customer() {
            around.caller = queries::find_caller(db, scope, id).await?;
        }
        if around.caller.is_none() {
            form.customer_id.clear();
            around.search(app, user, form).await?;
        }
        let customer = form.customer();
        if customer.is_none() && form.vehicle().is_none() {
            form.vehicle_id.clear();
            form.visit_id.clear();
            return Ok(around);
        }
        around.cars = queries::list_cars(db, scope, customer, form.vehicle()).await?;
        around.choose_car(form);
        let vehicle = form.vehicle();
        around.visits = queries::list_visits(db, scope, customer, vehicle).await?;
        around.cases = queries::list_open_cases(db, scope, customer, vehicle).await?;
        if !around.visits.iter().any(|visit| Some(visit.id) == form.visit()) {
            form.visit_id.clear();
        }
        Ok(around)
    }

    /// A car that is not there is none; the only one is chosen until somebody says that it is about no car.
    fn choose_car(&self, form: &mut IntakeForm) {
        let is_there = self.cars.iter().any(|car| Some(car.id) == form.vehicle());
        if form.vehicle().is_some() && !is_there {
            form.vehicle_id.clear();
        }
        if let ([only], true) = (&self.cars[..], form.vehicle_id.is_empty()) {
            form.vehicle_id = only.id.to_string();
        }
    }

    async fn search(&mut self, app: &AppState, user: &CurrentUser, form: &IntakeForm) -> AppResult<()> {
        let text = form.who.trim();
        if text.is_empty() || !user.can(Permission::ViewArchive) {
            return Ok(());
        }
        if let Err(AppError::TooMany(wait)) = app.searches.note(user.id, app.clock.now()) {
            self.wait = Some(wait.as_secs().max(1));
            return Ok(());
        }
        let area = area_code(&app.db, user.scope()).await?;
        let typed = Typed::read(user.scope().get(), text, area.as_deref());
        let found = suggestions(&app.db, user, &typed).await?;
        self.has_searched = true;
        for person in found.people {
            let name = (person.card.name, person.card.salutation);
            let cars = person
                .cars
                .into_iter()
                .map(|car| (car.plate, car.model))
                .collect();
            self.offer(person.card.id, None, name, person.number, cars);
        }
        for car in found.cars {
            let card = (car.card.plate.clone(), car.card.model.clone());
            for person in car.people {
                let vehicle = Some(car.card.id);
                self.offer(
                    person.customer_id,
                    vehicle,
                    (person.name, None),
                    None,
                    vec![card.clone()],
                );
            }
        }
        Ok(())
    }

    /// Everybody once; who is found by a car brings it along.
    fn offer(
        &mut self,
        id: CustomerId,
        vehicle: Option<VehicleId>,
        (name, salutation): (String, Option<String>),
        number: Option<String>,
        cars: Vec<(Option<String>, String)>,
    ) {
        let pick = match vehicle {
            Some(vehicle) => format!("{id}:{vehicle}"),
            None => id.to_string(),
        };
        let is_same = |known: &&mut Candidate| known.pick == id.to_string();
        if let Some(known) = self.candidates.iter_mut().find(is_same) {
            known.pick = pick;
            return;
        }
        self.candidates.push(Candidate {
            pick,
            name,
            salutation,
            number,
            cars,
        });
    }
}

/// Where the form was opened from, as its address says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origin {
    pub customer: Option<CustomerId>,
    pub vehicle: Option<VehicleId>,
    pub visit: Option<VisitId>,
    pub callback: Option<CallbackId>,
}

impl Origin {
    /// Whom and what it is about, of what is there.
    pub async fn subject(self, app: &AppState, user: &CurrentUser) -> sqlx::Result<Subject> {
        let (db, scope) = (&app.db, user.scope());
        if let Some(id) = self.callback {
            return Ok(queries::find_subject_of_callback(db, scope, id)
                .await?
                .unwrap_or_default());
        }
        if let Some(id) = self.visit {
            return Ok(queries::find_subject_of_visit(db, scope, id)
                .await?
                .unwrap_or_default());
        }
        let owner = match (self.customer, self.vehicle) {
            (None, Some(vehicle)) => queries::find_owner(db, scope, vehicle).await?,
            (customer, _) => customer,
        };
        Ok(Subject {
            customer_id: owner,
            vehicle_id: self.vehicle,
            visit_id: None,
        })
    }
}
