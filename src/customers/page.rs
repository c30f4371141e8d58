//! The customer page: who it is, their cars, what happened and what is owed, on one screen.

use askama::Template;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sqlx::PgPool;

use crate::auth::permission::Permission;
use crate::callbacks::CallbackId;
use crate::callbacks::model::Disposition;
use crate::complaints::model::Severity;
use crate::customers::model::{Customer, CustomerPhone};
use crate::customers::{CustomerId, PhoneId, PhoneState, page_queries, queries};
use crate::obligations::ObligationKind;
use crate::stores::StoreScope;
use crate::vehicles::odometer::DueBy;
use crate::vehicles::{PersonRole, PolicyKind, VehicleId, VehicleState};
use crate::visits::{VisitId, VisitState, VisitType};
use crate::web::error::{AppError, AppResult};
use crate::web::filters;
use crate::web::layout::Layout;

/// Entries of the timeline at first sight.
const SHORT: i64 = 20;
/// Entries of the timeline when everything is asked for.
const LONG: i64 = 200;
/// Visits in the list at the side.
const RECENT_VISITS: usize = 5;

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
    callback_id: Option<CallbackId>,
    totals: Totals,
    timeline: Vec<Entry>,
    has_more: bool,
    recent_visits: Vec<VisitEntry>,
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
    pub last_visit_on: Option<NaiveDate>,
    pub km: Option<i32>,
}

impl Car {
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

/// Something owed to the customer.
pub struct OpenWork {
    pub kind: ObligationKind,
    pub callable_due_at: DateTime<Utc>,
    pub ro_number: Option<String>,
}

/// Visits and money, cancelled visits left out.
pub struct Totals {
    pub visits: i64,
    pub spent_fen: i64,
    pub spent_year_fen: i64,
}

/// A visit in the timeline.
#[derive(Clone)]
pub struct VisitEntry {
    pub id: VisitId,
    pub ro_number: String,
    pub r#type: VisitType,
    pub state: VisitState,
    pub arrived_at: DateTime<Utc>,
    pub handed_over_at: Option<DateTime<Utc>>,
    pub odometer_km: Option<i32>,
    pub amount_fen: i64,
    pub advisor: String,
    pub summary: String,
    pub plate: Option<String>,
}

/// A dial in the timeline. `result` is the code of the attempt.
pub struct CallEntry {
    pub at: DateTime<Utc>,
    pub result: Disposition,
    pub seconds: i32,
    pub note: Option<String>,
    pub by_name: String,
    pub overall: Option<i16>,
    pub words: Option<String>,
}

/// A complaint in the timeline.
pub struct ComplaintEntry {
    pub number: String,
    pub severity: Severity,
    pub accepted_at: DateTime<Utc>,
    pub is_open: bool,
    pub words: Option<String>,
    pub department: Option<String>,
}

/// One thing that happened.
pub enum Entry {
    Visit(VisitEntry),
    Call(CallEntry),
    Complaint(ComplaintEntry),
}

impl Entry {
    fn at(&self) -> DateTime<Utc> {
        match self {
            Entry::Visit(visit) => visit.handed_over_at.unwrap_or(visit.arrived_at),
            Entry::Call(call) => call.at,
            Entry::Complaint(complaint) => complaint.accepted_at,
        }
    }
}

impl CustomerPage {
    /// Reads everything the page shows; 404 for a customer of another store.
    pub async fn load(
        db: &PgPool,
        layout: Layout,
        scope: StoreScope,
        id: CustomerId,
        is_long: bool,
    ) -> AppResult<CustomerPage> {
        let Some(customer) = queries::find(db, scope, id).await? else {
            return Err(AppError::NotFound);
        };
        let limit = if is_long { LONG } else { SHORT };
        let visits = page_queries::list_visits(db, scope, id, limit + 1).await?;
        let calls = page_queries::list_calls(db, scope, id, limit + 1).await?;
        let complaints = page_queries::list_complaints(db, scope, id, limit + 1).await?;
        let recent_visits = visits.iter().take(RECENT_VISITS).cloned().collect();
        let (timeline, has_more) = merge(visits, calls, complaints, limit as usize);
        let since = layout.fmt.now - TimeDelta::days(365);
        Ok(CustomerPage {
            phones: queries::list_phones(db, scope, id).await?,
            cars: page_queries::list_cars(db, scope, id).await?,
            policies: page_queries::list_policies(db, scope, id).await?,
            open_work: page_queries::list_open_work(db, scope, id).await?,
            callback_id: page_queries::find_open_callback(db, scope, id).await?,
            totals: page_queries::totals(db, scope, id, since).await?,
            customer,
            timeline,
            has_more: has_more && !is_long,
            recent_visits,
            revealed: None,
            layout,
        })
    }

    /// Shows one number whole.
    pub fn with_revealed(mut self, phone: PhoneId, number: String) -> CustomerPage {
        self.revealed = Some((phone, number));
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

    /// Length of a call, `3:05`.
    fn minutes(&self, seconds: &i32) -> String {
        format!("{}:{:02}", seconds / 60, seconds % 60)
    }

    fn visit_day(&self, visit: &VisitEntry) -> String {
        let day = visit.arrived_at.with_timezone(&self.layout.fmt.zone).date_naive();
        self.layout.fmt.short_date(&day)
    }

    fn cars_in_warranty(&self) -> usize {
        let today = self.layout.fmt.today();
        self.cars
            .iter()
            .filter(|car| car.warranty_due_on.is_some_and(|day| day >= today))
            .count()
    }

    fn is_editable(&self) -> bool {
        self.layout.can(Permission::EditArchive)
            && self.customer.merged_into_id.is_none()
            && self.customer.erased_at.is_none()
    }
}

/// Newest first, cut to `limit`; and whether there was more.
fn merge(
    visits: Vec<VisitEntry>,
    calls: Vec<CallEntry>,
    complaints: Vec<ComplaintEntry>,
    limit: usize,
) -> (Vec<Entry>, bool) {
    let mut entries: Vec<Entry> = visits
        .into_iter()
        .map(Entry::Visit)
        .chain(calls.into_iter().map(Entry::Call))
        .chain(complaints.into_iter().map(Entry::Complaint))
        .collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.at()));
    let has_more = entries.len() > limit;
    entries.truncate(limit);
    (entries, has_more)
}
