//! The page of a car: what it is, what happened, who stands around it, what is predicted and why, 三包.

use askama::Template;
use chrono::NaiveDate;

use crate::auth::permission::Permission;
use crate::stores::StoreScope;
use crate::vehicles::forms::{PersonForm, ReadingForm};
use crate::vehicles::handlers::roles;
use crate::vehicles::lifecycle::{self, Life, Lifecycle};
use crate::vehicles::model::{Facts, PlateRow, ReadingRow, Vehicle, VehiclePerson};
use crate::vehicles::odometer::{Confidence, DueBy};
use crate::vehicles::page_queries::{self, PolicyRow, Totals};
use crate::vehicles::timeline::{self, Moment, MomentKind};
use crate::vehicles::warranty_watch::{Car, CounterKind, Exclusion, Level, Watch};
use crate::vehicles::{PersonRole, VehicleId, VehicleState, VehicleUsage, WarrantyKind, queries};
use crate::visits;
use crate::web::error::{AppError, AppResult};
use crate::web::filters;
use crate::web::form::{FormErrors, SelectOption};
use crate::web::layout::Layout;
use crate::web::state::AppState;

/// `vehicles/show.html`
#[derive(Template)]
#[template(path = "vehicles/show.html")]
pub struct VehiclePage {
    layout: Layout,
    car: Vehicle,
    people: Vec<VehiclePerson>,
    plates: Vec<PlateRow>,
    readings: Vec<ReadingRow>,
    facts: Option<Facts>,
    policies: Vec<PolicyRow>,
    totals: Totals,
    watch: Result<Watch, Exclusion>,
    moments: Vec<Moment>,
    /// Page of the timeline, from 1, and whether there is an older one.
    page: i64,
    has_older: bool,
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
        page: i64,
    ) -> AppResult<VehiclePage> {
        let db = &app.db;
        let Some(car) = queries::find(db, scope, id).await? else {
            return Err(AppError::NotFound);
        };
        let facts = page_queries::find_facts(db, scope, id).await?;
        let watch = watch(app, &layout, scope, &car, facts.as_ref()).await?;
        let (limit, offset) = (timeline::PER_PAGE, (page - 1) * timeline::PER_PAGE);
        let mut moments = page_queries::list_moments(db, scope, id, limit + 1, offset).await?;
        let has_older = moments.len() as i64 > limit;
        moments.truncate(limit as usize);
        Ok(VehiclePage {
            people: page_queries::list_people(db, scope, id).await?,
            plates: page_queries::list_plates(db, scope, id).await?,
            readings: page_queries::list_readings(db, scope, id).await?,
            policies: page_queries::list_policies(db, scope, id).await?,
            totals: page_queries::totals(db, scope, id).await?,
            layout,
            car,
            facts,
            watch,
            moments,
            page,
            has_older,
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

    fn can_edit(&self) -> bool {
        self.layout.can(Permission::EditArchive)
            && self.car.erased_at.is_none()
            && self.car.merged_into_id.is_none()
    }

    fn owner(&self) -> Option<&VehiclePerson> {
        self.people
            .iter()
            .find(|person| person.until_on.is_none() && person.role == PersonRole::Owner)
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

    /// Current or former, by whether the role has ended.
    fn current_people(&self) -> Vec<&VehiclePerson> {
        self.people
            .iter()
            .filter(|person| person.until_on.is_none())
            .collect()
    }

    fn former_people(&self) -> Vec<&VehiclePerson> {
        self.people
            .iter()
            .filter(|person| person.until_on.is_some())
            .collect()
    }

    fn class(&self) -> Lifecycle {
        let facts = self.facts.as_ref();
        let life = Life {
            state: self.car.state,
            first_due_on: facts.and_then(|facts| facts.first_due_on),
            last_visit_on: facts.and_then(|facts| facts.last_visit_on),
            active_until: facts.and_then(|facts| facts.active_until),
        };
        lifecycle::class(life, self.layout.fmt.today())
    }

    /// From what the next maintenance is predicted, in words.
    fn next_due_why(&self, facts: &Facts) -> Option<String> {
        let (t, fmt) = (self.layout.t.vehicles(), &self.layout.fmt);
        match facts.next_due_by? {
            DueBy::Time => Some(t.why_time(facts.interval_months, fmt.iso_date(&facts.last_maintenance_on?))),
            DueBy::Km => {
                let target = fmt.km(&facts.next_km()?);
                let (km, read_on) = match (facts.km, facts.read_on) {
                    (Some(km), Some(on)) => (km, on),
                    _ => (facts.last_maintenance_km?, facts.last_maintenance_on?),
                };
                Some(t.why_km(target, fmt.km(&km), fmt.short_date(&read_on), &facts.km_per_day))
            }
        }
    }

    /// From what the first maintenance is predicted, in words.
    fn first_due_why(&self, facts: &Facts) -> String {
        let t = self.layout.t.vehicles();
        if self.car.first_maintenance_due_on.is_some() {
            return t.why_said().to_owned();
        }
        t.why_first(facts.first_months, self.layout.fmt.km(&facts.first_km))
    }

    /// By what the warranty is predicted to end, in words.
    fn warranty_why(&self, due_on: &NaiveDate, facts: &Facts) -> String {
        let t = self.layout.t.vehicles();
        let is_extended =
            self.car.extended_warranty_ends_on.is_some() || self.car.extended_warranty_km.is_some();
        let base_on = self
            .car
            .warranty_ends_on
            .filter(|_| self.car.warranty_kind == WarrantyKind::Maker);
        if base_on == Some(*due_on) || self.car.extended_warranty_ends_on == Some(*due_on) {
            return if base_on == Some(*due_on) {
                t.why_warranty_day()
            } else {
                t.why_extended_day()
            }
            .to_owned();
        }
        let km = if is_extended {
            self.car.extended_warranty_km
        } else {
            self.car.warranty_km
        };
        km.map_or_else(String::new, |km| {
            t.why_warranty_km(self.layout.fmt.km(&km), &facts.km_per_day)
        })
    }

    /// How long ago the last visit was, in days.
    fn days_away(&self) -> Option<i64> {
        self.facts
            .as_ref()
            .and_then(|facts| facts.last_visit_on)
            .map(|day| -self.days_until(&day))
    }

    /// Why 三包 is not for this car, in words.
    fn exclusion(&self, why: &Exclusion) -> String {
        let t = self.layout.t.vehicles();
        match why {
            Exclusion::Usage(usage) => t.not_covered_usage(t.usage(*usage)),
            Exclusion::BoughtByCompany => t.not_covered_company().to_owned(),
            Exclusion::DeliveryUnknown => t.not_covered_unknown().to_owned(),
        }
    }

    /// The threshold as the law words it: the count that is still within.
    fn limit(&self, kind: &CounterKind) -> i64 {
        match kind {
            CounterKind::RepairDays | CounterKind::SameFault | CounterKind::SingleRepair => {
                kind.reached_at() - 1
            }
            CounterKind::Safety | CounterKind::Assembly | CounterKind::SamePart => kind.reached_at(),
        }
    }

    fn watch_level(&self) -> Level {
        self.watch.as_ref().map_or(Level::Calm, Watch::level)
    }
}

async fn watch(
    app: &AppState,
    layout: &Layout,
    scope: StoreScope,
    car: &Vehicle,
    facts: Option<&Facts>,
) -> sqlx::Result<Result<Watch, Exclusion>> {
    let settings = page_queries::find_watch_settings(&app.db, scope, car.id).await?;
    let repairs = visits::work_queries::list_repairs(&app.db, scope, car.id).await?;
    let covered = Car {
        usage: car.usage,
        is_bought_by_company: settings.is_bought_by_company,
        delivered_on: car.delivered_on,
        km: facts.and_then(|facts| facts.km),
    };
    let (now, today) = (layout.fmt.now, layout.fmt.today());
    Ok(Watch::of(
        &covered,
        &repairs,
        i64::from(settings.margin),
        now,
        today,
    ))
}
