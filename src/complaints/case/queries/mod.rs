//! Statements of one case: reading it, its history, and what each act writes.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::PgExecutor;

use crate::callbacks::CallbackId;
use crate::complaints::case::{Check, Part, Relation};
use crate::complaints::{
    ComplaintChannel, ComplaintClass, ComplaintId, ComplaintState, DemandKind, Responsibility, Severity,
    Verdict,
};
use crate::customers::CustomerId;
use crate::stores::{DepartmentId, StoreScope};
use crate::users::UserId;
use crate::vehicles::VehicleId;
use crate::visits::VisitId;

pub mod around;
pub mod desk;
pub mod people;
pub mod write;

/// A case with the names around it, as one person sees it.
pub struct Case {
    pub id: ComplaintId,
    pub number: String,
    pub version: i32,
    pub severity: Severity,
    pub class_major: ComplaintClass,
    pub class_minor: String,
    pub channel: ComplaintChannel,
    pub state: ComplaintState,
    pub words: Option<String>,
    pub demand: Option<String>,
    pub demand_kind: Option<DemandKind>,
    pub claimed_fen: Option<i64>,
    pub wants_replacement: bool,
    pub external_number: String,
    pub external_due_on: Option<NaiveDate>,
    pub is_opinion: bool,
    pub course: Option<String>,
    pub cause: Option<String>,
    pub measure: Option<String>,
    pub result: Option<String>,
    pub responsibility: Option<Responsibility>,
    pub cost_fen: Option<i64>,
    pub promised_at: Option<DateTime<Utc>>,
    pub agreed_at: Option<DateTime<Utc>>,
    pub verdict: Option<Verdict>,
    pub verdict_words: Option<String>,
    pub verdict_at: Option<DateTime<Utc>>,
    pub cycle: i32,
    pub waiting_since: Option<DateTime<Utc>>,
    pub accepted_at: DateTime<Utc>,
    pub dispatched_at: Option<DateTime<Utc>>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub followed_up_at: Option<DateTime<Utc>>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_reason: Option<String>,
    pub merged_into_id: Option<ComplaintId>,
    pub merged_into: Option<String>,
    pub from_callback_id: Option<CallbackId>,
    pub customer_id: Option<CustomerId>,
    pub vehicle_id: Option<VehicleId>,
    pub visit_id: Option<VisitId>,
    pub department_id: Option<DepartmentId>,
    pub handler_id: Option<UserId>,
    pub owner_id: Option<UserId>,
    pub customer_name: Option<String>,
    pub salutation: Option<String>,
    pub grade: Option<String>,
    pub plate: Option<String>,
    pub model: Option<String>,
    pub ro_number: Option<String>,
    pub handed_over_at: Option<DateTime<Utc>>,
    pub summary: Option<String>,
    pub advisor: Option<String>,
    pub department: Option<String>,
    pub handler: Option<String>,
    pub owner: Option<String>,
    pub created_by: Option<String>,
    /// What the asking person does in it beside the handler.
    pub my_part: Option<Part>,
}

impl Case {
    /// What a person has to do with it.
    pub fn relation(&self, user: UserId) -> Relation {
        if self.handler_id == Some(user) {
            return Relation::Handler;
        }
        match self.my_part {
            Some(Part::CoHandler) => Relation::CoHandler,
            _ if self.owner_id == Some(user) => Relation::Owner,
            Some(Part::Watcher) => Relation::Watcher,
            None => Relation::Stranger,
        }
    }
}

/// Locks a case for the rest of the transaction; whether it is there. Read it afterwards, in a statement of its own.
pub async fn lock(db: impl PgExecutor<'_>, scope: StoreScope, id: ComplaintId) -> sqlx::Result<bool> {
    let found = sqlx::query_scalar!(
        "select id from complaints where store_id = $1 and id = $2 for no key update",
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await?;
    Ok(found.is_some())
}

/// A case of this store as this person sees it.
pub async fn find(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    user: UserId,
) -> sqlx::Result<Option<Case>> {
    sqlx::query_as!(
        Case,
        r#"
        select p.id, p.number, p.version, p.severity, p.class_major, p.class_minor, p.channel, p.state, p.words, p.demand, p.demand_kind,
               p.claimed_fen, p.wants_replacement, p.external_number, p.external_due_on, p.is_opinion, p.course, p.cause, p.measure,
               p.result, p.responsibility, p.cost_fen, p.promised_at, p.agreed_at, p.verdict, p.verdict_words, p.verdict_at, p.cycle,
               p.waiting_since, p.accepted_at, p.dispatched_at, p.acknowledged_at, p.followed_up_at, p.resolved_at, p.ended_at,
               p.ended_reason, p.merged_into_id, i.number as "merged_into?", p.from_callback_id, p.customer_id, p.vehicle_id, p.visit_id,
               p.department_id, p.handler_id, p.owner_id,
               u.name as "customer_name?", u.salutation as "salutation?", u.grade as "grade?", v.plate as "plate?", v.model as "model?",
               w.ro_number as "ro_number?", w.handed_over_at as "handed_over_at?", w.summary as "summary?",
               coalesce(a.display_name, nullif(w.advisor_name, '')) as "advisor?", d.name as "department?",
               h.display_name as "handler?", o.display_name as "owner?", b.display_name as "created_by?", m.part as "my_part?"
        from complaints p
        left join customers u on u.store_id = p.store_id and u.id = p.customer_id
        left join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
        left join visits w on w.store_id = p.store_id and w.id = p.visit_id
        left join users a on a.id = w.advisor_id
        left join departments d on d.store_id = p.store_id and d.id = p.department_id
        left join users h on h.id = p.handler_id
        left join users o on o.id = p.owner_id
        left join users b on b.id = p.created_by
        left join complaints i on i.store_id = p.store_id and i.id = p.merged_into_id
        left join complaint_people m on m.store_id = p.store_id and m.complaint_id = p.id and m.user_id = $3
        where p.store_id = $1
          and p.id = $2
        "#,
        scope.get(),
        id.get(),
        user.get(),
    )
    .fetch_optional(db)
    .await
}

/// Lines of a history that a page shows; longer ones lose their oldest, which no case of a dealership has.
const MOST_EVENTS: i64 = 300;

/// One line of a case's history.
pub struct Event {
    pub kind: String,
    pub at: DateTime<Utc>,
    pub by_name: Option<String>,
    /// Whether the person answers for a department.
    pub is_department: bool,
    pub body: Option<String>,
    pub data: Value,
    pub is_public: bool,
    /// The number of the case it happened in, where that one was merged into this.
    pub merged_number: Option<String>,
}

/// The history of a case and of those merged into it, newest first.
pub async fn list_events(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
) -> sqlx::Result<Vec<Event>> {
    sqlx::query_as!(
        Event,
        r#"
        select e.kind, e.at, u.display_name as "by_name?", coalesce(m.role = 'handler', false) as "is_department!", e.body, e.data,
               e.is_public, case when e.complaint_id <> $2 then p.number end as "merged_number?"
        from complaints p
        join complaint_events e on e.store_id = p.store_id and e.complaint_id = p.id
        left join users u on u.id = e.by_id
        left join user_stores m on m.store_id = e.store_id and m.user_id = e.by_id
        where p.store_id = $1
          and (p.id = $2 or p.merged_into_id = $2)
        order by e.at desc, e.id desc
        limit $3
        "#,
        scope.get(),
        id.get(),
        MOST_EVENTS,
    )
    .fetch_all(db)
    .await
}

/// A clock of a case, as the ledger has it.
pub struct ClockRow {
    pub kind: String,
    pub due_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub status: crate::obligations::ObligationStatus,
}

/// The clocks of a case, the latest of each kind last.
pub async fn list_clocks(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
) -> sqlx::Result<Vec<ClockRow>> {
    sqlx::query_as!(
        ClockRow,
        r#"
        select o.kind as "kind: String", o.due_at, o.ended_at, o.status
        from obligations o
        where o.store_id = $1
          and o.complaint_id = $2
        order by o.not_before, o.id
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// A ticked item of the checklist.
pub struct Ticked {
    pub code: Check,
    pub by: Option<String>,
    pub at: DateTime<Utc>,
}

/// What has been ticked.
pub async fn list_checks(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
) -> sqlx::Result<Vec<Ticked>> {
    sqlx::query_as!(
        Ticked,
        r#"
        select k.code, u.display_name as "by?", k.at
        from complaint_checks k
        left join users u on u.id = k.by_id
        where k.store_id = $1
          and k.complaint_id = $2
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}
