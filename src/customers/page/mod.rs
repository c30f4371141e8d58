//! The customer page: who it is, their cars, what happened and what is owed, on one screen.

use askama::Template;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Deserialize;
use sqlx::PgPool;

use crate::auth::permission::Permission;
use crate::callbacks::CallbackId;
use crate::callbacks::model::Disposition;
use crate::customers::consents::model::{Standing, standings};
use crate::customers::model::{ChurnRisk, Customer, CustomerPhone};
use crate::customers::page::timeline::{Counts, Entry, EntryKind, PER_PAGE, PolicyEvent, What};
use crate::customers::tags::Tag;
use crate::customers::tags::forms::TagForm;
use crate::customers::{
    CustomerId, PhoneId, PhoneState, PreferredDays, completeness, consents, queries as customers, tags,
};
use crate::obligations::ObligationKind;
use crate::reminders::Status as ReminderStatus;
use crate::stores::StoreScope;
use crate::vehicles::model::guess;
use crate::vehicles::odometer::{Confidence, DueBy};
use crate::vehicles::{PersonRole, PolicyKind, VehicleId, VehicleState};
use crate::web::chart::{Spark, spark};
use crate::web::error::{AppError, AppResult};
use crate::web::filters;
use crate::web::form::FormErrors;
use crate::web::layout::Layout;

mod queries;
pub mod timeline;

/// Scores that the small curve shows.
const SCORES: usize = 12;

/// `?kind=call&page=2`: which part of the timeline is looked at; nonsense is the whole of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct View {
    kind: String,
    page: String,
}

impl View {
    fn kind(&self) -> Option<EntryKind> {
        self.kind.parse().ok()
    }

    /// Further back than 100 pages nobody looks.
    fn page(&self) -> i64 {
        self.page.parse::<i64>().unwrap_or(1).clamp(1, 100)
    }
}

/// `customers/show.html`
#[derive(Template)]
#[template(path = "customers/show.html")]
pub struct CustomerPage {
    pub layout: Layout,
    customer: Customer,
    phones: Vec<CustomerPhone>,
    cars: Vec<Car>,
    policies: Vec<Policy>,
    open_work: Vec<OpenWork>,
    figures: Figures,
    tags: Vec<Tag>,
    standings: Vec<Standing>,
    kind: Option<EntryKind>,
    page: i64,
    counts: Counts,
    entries: Vec<Entry>,
    tag_form: TagForm,
    errors: FormErrors,
    /// The number that was just revealed, without a script.
    revealed: Option<(PhoneId, String)>,
}

/// A car of the customer with predictions.
pub struct Car {
    pub id: VehicleId,
    pub plate: Option<String>,
    pub vin: Option<String>,
    pub brand: String,
    pub model: String,
    pub state: VehicleState,
    pub roles: Vec<PersonRole>,
    pub warranty_ends_on: Option<NaiveDate>,
    pub warranty_due_on: Option<NaiveDate>,
    pub next_due_on: Option<NaiveDate>,
    pub next_due_by: Option<DueBy>,
    pub first_due_on: Option<NaiveDate>,
    pub km_confidence: Option<Confidence>,
    pub last_visit_on: Option<NaiveDate>,
    pub km: Option<i32>,
}

impl Car {
    /// What the predicted day rests on, where that is less than two good readings.
    pub fn guess(&self) -> Option<Confidence> {
        guess(self.next_due_on, self.next_due_by, self.km_confidence?)
    }

    /// Brand and model as far as they are known.
    pub fn name(&self) -> String {
        format!("{} {}", self.brand, self.model).trim().to_owned()
    }
}

/// A policy of one of the cars.
pub struct Policy {
    pub kind: PolicyKind,
    pub insurer: String,
    pub ends_on: NaiveDate,
    pub premium_fen: Option<i64>,
    pub plate: Option<String>,
}

/// Something owed to the customer, with the last try at it.
pub struct OpenWork {
    pub kind: ObligationKind,
    pub callable_due_at: DateTime<Utc>,
    pub ro_number: Option<String>,
    pub callback_id: Option<CallbackId>,
    pub last_attempt_at: Option<DateTime<Utc>>,
    pub last_result: Option<Disposition>,
}

impl OpenWork {
    fn last_try(&self) -> Option<(DateTime<Utc>, Disposition)> {
        self.last_attempt_at.zip(self.last_result)
    }
}

/// Numbers of the tiles; cancelled visits left out.
pub struct Figures {
    pub visits: i64,
    pub spent_fen: i64,
    pub spent_year_fen: i64,
    pub former_cars: i64,
    pub callback_id: Option<CallbackId>,
    /// Overall marks of all answers, oldest first.
    pub scores: Vec<i16>,
}

impl CustomerPage {
    /// Reads everything the page shows; 404 for a customer of another store.
    pub async fn load(
        db: &PgPool,
        layout: Layout,
        scope: StoreScope,
        id: CustomerId,
        view: View,
    ) -> AppResult<CustomerPage> {
        let Some(customer) = customers::find(db, scope, id).await? else {
            return Err(AppError::NotFound);
        };
        let (kind, page) = (view.kind(), view.page());
        let since = layout.fmt.now - TimeDelta::days(365);
        let days = (layout.fmt.today(), layout.fmt.zone.name());
        let rows = queries::timeline(db, scope, id, kind, page, days).await?;
        let (counts, entries) = timeline::read(rows);
        Ok(CustomerPage {
            phones: customers::list_phones(db, scope, id).await?,
            cars: queries::list_cars(db, scope, id).await?,
            policies: queries::list_policies(db, scope, id).await?,
            open_work: queries::list_open_work(db, scope, id).await?,
            figures: queries::figures(db, scope, id, since).await?,
            tags: tags::queries::list(db, scope, id).await?,
            standings: standings(consents::queries::list_current(db, scope, id).await?),
            customer,
            kind,
            page,
            counts,
            entries,
            tag_form: TagForm::default(),
            errors: FormErrors::default(),
            revealed: None,
            layout,
        })
    }

    /// Shows one number whole.
    pub fn with_revealed(mut self, phone: PhoneId, number: String) -> CustomerPage {
        self.revealed = Some((phone, number));
        self
    }

    /// Shows what was typed about tags, and what is wrong with it.
    pub fn with_tag_problem(mut self, form: TagForm, errors: FormErrors) -> CustomerPage {
        for tag in &mut self.tags {
            tag.is_set = form.tag.contains(&tag.id.to_string());
        }
        (self.tag_form, self.errors) = (form, errors);
        self
    }

    fn main_phone(&self) -> Option<&CustomerPhone> {
        self.phones.first()
    }

    fn revealed_number(&self, id: &PhoneId) -> Option<&str> {
        self.revealed
            .as_ref()
            .filter(|(revealed, _)| revealed == id)
            .map(|(_, number)| number.as_str())
    }

    fn days_until(&self, day: &NaiveDate) -> i64 {
        (*day - self.layout.fmt.today()).num_days()
    }

    fn days_since_visit(&self) -> Option<i64> {
        let last = self.customer.last_visit_on?;
        Some(-self.days_until(&last))
    }

    fn risk(&self) -> ChurnRisk {
        ChurnRisk::of(self.customer.last_visit_on, self.layout.fmt.today())
    }

    fn since_year(&self) -> String {
        let zone = self.layout.fmt.zone;
        self.customer
            .created_at
            .with_timezone(&zone)
            .format("%Y")
            .to_string()
    }

    fn is_touched_this_week(&self) -> bool {
        let touched = self.customer.reviewed_at.max(Some(self.customer.updated_at));
        touched.is_some_and(|at| self.layout.fmt.now - at < TimeDelta::days(7))
    }

    /// Length of a call, `3:05`.
    fn minutes(&self, seconds: &i32) -> String {
        format!("{}:{:02}", seconds / 60, seconds % 60)
    }

    fn cars_in_warranty(&self) -> usize {
        let today = self.layout.fmt.today();
        self.cars
            .iter()
            .filter(|car| car.warranty_due_on.is_some_and(|day| day >= today))
            .count()
    }

    /// The store's calendar day of a midnight.
    fn day_of(&self, at: &DateTime<Utc>) -> String {
        let day = at.with_timezone(&self.layout.fmt.zone).date_naive();
        self.layout.fmt.short_date(&day)
    }

    /// Mean of all marks with one decimal.
    fn mean_score(&self) -> Option<String> {
        let scores = &self.figures.scores;
        if scores.is_empty() {
            return None;
        }
        let sum: f64 = scores.iter().copied().map(f64::from).sum();
        Some(format!("{:.1}", sum / scores.len() as f64))
    }

    /// The curve of the last marks; a single one is a dot.
    fn curve(&self) -> Option<Spark> {
        let scores = &self.figures.scores;
        let last: Vec<f64> = scores[scores.len().saturating_sub(SCORES)..]
            .iter()
            .copied()
            .map(f64::from)
            .collect();
        spark(&last, 0.0, 10.0)
    }

    fn set_tags(&self) -> impl Iterator<Item = &Tag> {
        self.tags.iter().filter(|tag| tag.is_set)
    }

    /// The latest day on which anything was agreed to or refused, with the text it was agreed to.
    fn last_consent(&self) -> Option<(&DateTime<Utc>, &str)> {
        let last = self
            .standings
            .iter()
            .filter_map(|standing| standing.last.as_ref());
        last.max_by_key(|consent| consent.at)
            .map(|consent| (&consent.at, consent.text_version.as_str()))
    }

    /// The address of a tab, or of another page of this one.
    fn href(&self, kind: Option<EntryKind>, page: i64) -> String {
        let kind = kind.map(|kind| format!("kind={kind}"));
        let page = (page > 1).then(|| format!("page={page}"));
        let query: Vec<String> = kind.into_iter().chain(page).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!(
            "/customers/{}{mark}{}#timeline",
            self.customer.id,
            query.join("&")
        )
    }

    fn is_tab(&self, kind: &EntryKind) -> bool {
        self.kind == Some(*kind)
    }

    fn older(&self) -> i64 {
        self.counts.shown(self.kind) - self.page * PER_PAGE
    }

    /// What is owed stands above what has happened, on the first page of everything.
    fn shows_open_work(&self) -> bool {
        self.kind.is_none() && self.page == 1 && !self.open_work.is_empty()
    }

    fn is_editable(&self) -> bool {
        self.layout.can(Permission::EditArchive) && self.customer.is_live()
    }

    /// Where a missing field is filled in.
    fn field_href(&self, field: &completeness::Field) -> String {
        let base = format!("/customers/{}", self.customer.id);
        match field.anchor() {
            anchor if anchor.starts_with('#') => format!("{base}{anchor}"),
            page => format!("{base}/{page}"),
        }
    }
}
