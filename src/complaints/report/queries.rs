//! Statements of the report.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::PgExecutor;

use crate::complaints::ComplaintId;
use crate::complaints::model::{
    ComplaintChannel, ComplaintClass, ComplaintState, DemandKind, Responsibility, Severity, Verdict,
};
use crate::obligations::{ObligationKind, ObligationStatus};
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::vehicles::VehicleUsage;

/// A case with everything that its report says.
pub struct Report {
    pub id: ComplaintId,
    pub number: String,
    pub channel: ComplaintChannel,
    pub class_major: ComplaintClass,
    pub class_minor: String,
    pub severity: Severity,
    pub state: ComplaintState,
    pub handler_id: Option<UserId>,
    pub words: Option<String>,
    pub demand: Option<String>,
    pub demand_kind: Option<DemandKind>,
    pub claimed_fen: Option<i64>,
    pub external_number: String,
    pub external_due_on: Option<NaiveDate>,
    pub course: Option<String>,
    pub cause: Option<String>,
    pub measure: Option<String>,
    pub result: Option<String>,
    pub responsibility: Option<Responsibility>,
    pub cost_fen: Option<i64>,
    pub agreed_at: Option<DateTime<Utc>>,
    pub verdict: Option<Verdict>,
    pub verdict_words: Option<String>,
    pub verdict_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_reason: Option<String>,
    pub accepted_at: DateTime<Utc>,
    pub customer_name: Option<String>,
    pub salutation: Option<String>,
    pub phone: Option<String>,
    pub plate: Option<String>,
    pub vin: Option<String>,
    pub model: Option<String>,
    pub delivered_on: Option<NaiveDate>,
    pub usage: Option<VehicleUsage>,
    pub odometer_km: Option<i32>,
    pub ro_number: Option<String>,
    pub visit_summary: Option<String>,
    pub advisor: Option<String>,
    pub department: Option<String>,
    pub owner: Option<String>,
    pub handler: Option<String>,
    /// Whether the person who asks helps with the case.
    pub is_co_handler: bool,
}

impl Report {
    /// Whether the case has come to a result: before that its report is a draft.
    pub const fn is_final(&self) -> bool {
        matches!(
            self.state,
            ComplaintState::Resolved
                | ComplaintState::Closed
                | ComplaintState::Withdrawn
                | ComplaintState::Invalid
                | ComplaintState::Merged
        )
    }
}

/// The case as one person sees it.
pub async fn find(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    person: UserId,
) -> sqlx::Result<Option<Report>> {
    sqlx::query_as!(
        Report,
        r#"
        select c.id, c.number, c.channel, c.class_major, c.class_minor, c.severity, c.state, c.handler_id, c.words, c.demand, c.demand_kind,
               c.claimed_fen, c.external_number, c.external_due_on, c.course, c.cause, c.measure, c.result, c.responsibility, c.cost_fen,
               c.agreed_at, c.verdict, c.verdict_words, c.verdict_at, c.ended_at, c.ended_reason, c.accepted_at,
               u.name as "customer_name?", u.salutation as "salutation?", p.number as "phone?", v.plate as "plate?", v.vin as "vin?",
               v.model as "model?", v.delivered_on as "delivered_on?", v.usage as "usage?", coalesce(w.odometer_km, k.km) as odometer_km,
               w.ro_number as "ro_number?", w.summary as "visit_summary?",
               coalesce(a.display_name, nullif(w.advisor_name, '')) as "advisor?", d.name as "department?",
               o.display_name as "owner?", h.display_name as "handler?",
               exists (select from complaint_people m
                       where m.store_id = c.store_id and m.complaint_id = c.id and m.user_id = $3 and m.part = 'co_handler') as "is_co_handler!"
        from complaints c
        left join customers u on u.store_id = c.store_id and u.id = c.customer_id
        left join phones p on p.store_id = c.store_id and p.customer_id = c.customer_id and p.is_main
        left join vehicles v on v.store_id = c.store_id and v.id = c.vehicle_id
        left join visits w on w.store_id = c.store_id and w.id = c.visit_id
        left join users a on a.id = w.advisor_id
        left join departments d on d.store_id = c.store_id and d.id = c.department_id
        left join users o on o.id = c.owner_id
        left join users h on h.id = c.handler_id
        left join lateral (
          select r.km from odometer_readings r
          where r.store_id = c.store_id and r.vehicle_id = c.vehicle_id and r.refused is null and r.read_on <= c.accepted_at::date + 1
          order by r.read_on desc, r.km desc limit 1
        ) k on true
        where c.store_id = $1
          and c.id = $2
        "#,
        scope.get(),
        id.get(),
        person.get(),
    )
    .fetch_optional(db)
    .await
}

/// A clock of the case.
pub struct ClockRow {
    pub kind: ObligationKind,
    pub status: ObligationStatus,
    pub due_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

impl ClockRow {
    /// Whether it was met after its deadline.
    pub fn is_late(&self) -> bool {
        self.ended_at.is_some_and(|at| at > self.due_at)
    }
}

/// The clocks of a case by deadline.
pub async fn list_clocks(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
) -> sqlx::Result<Vec<ClockRow>> {
    sqlx::query_as!(
        ClockRow,
        r#"
        select kind, status, due_at, ended_at
        from obligations
        where store_id = $1
          and complaint_id = $2
          and status <> 'cancelled'
        order by due_at, id
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// A line of what was done.
pub struct EventRow {
    pub kind: String,
    pub at: DateTime<Utc>,
    pub by_name: Option<String>,
    pub body: Option<String>,
}

/// What was done about a case, from the beginning; warnings and issued reports are not part of it.
pub async fn list_events(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
) -> sqlx::Result<Vec<EventRow>> {
    sqlx::query_as!(
        EventRow,
        r#"
        select e.kind, e.at, u.display_name as "by_name?", e.body
        from complaint_events e
        left join users u on u.id = e.by_id
        where e.store_id = $1
          and e.complaint_id = $2
          and e.kind not in ('warning', 'report', 'edited')
        order by e.at, e.id
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// When a report was last issued, by whom, and how often.
pub struct Issued {
    pub at: DateTime<Utc>,
    pub by_name: Option<String>,
    pub times: i64,
}

/// The newest issue of a report.
pub async fn find_issued(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
) -> sqlx::Result<Option<Issued>> {
    sqlx::query_as!(
        Issued,
        r#"
        select e.at, u.display_name as "by_name?", count(*) over () as "times!"
        from complaint_events e
        left join users u on u.id = e.by_id
        where e.store_id = $1
          and e.complaint_id = $2
          and e.kind = 'report'
        order by e.at desc, e.id desc
        limit 1
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Notes that a report was issued.
pub async fn insert_issue(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    by: UserId,
    data: &Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into complaint_events (store_id, complaint_id, kind, at, by_id, data)
        values ($1, $2, 'report', $3, $4, $5)
        "#,
        scope.get(),
        id.get(),
        now,
        by.get(),
        data,
    )
    .execute(db)
    .await?;
    Ok(())
}
