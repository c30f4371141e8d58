//! Statements of the page of the ledger. The arithmetic is that of the figures: the same function, the same person.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::callbacks::CallbackId;
use crate::complaints::ComplaintId;
use crate::customers::CustomerId;
use crate::obligations::{ObligationClass, ObligationId, ObligationKind};
use crate::reminders::ReminderId;
use crate::rules::{Channel, RuleId};
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::vehicles::VehicleId;
use crate::visits::VisitId;

pub mod forecast;
pub mod nightly;
mod pages;
pub mod why;

pub use pages::{count, page};

/// Which rows: the classes of a figure, of a person, in a range of cohort days. An empty list means all.
#[derive(Clone, Debug)]
pub struct Selection {
    pub kinds: Vec<String>,
    pub classes: Vec<String>,
    /// `connected`, `answered` or `satisfied`: what the customer did; part of some figures beside their classes.
    pub only: Option<String>,
    /// Who held it at due time, else who ended it; 0 is nobody.
    pub person: Option<i64>,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Due before the end of this day, and the instant at which it ends.
    pub due: Option<NaiveDate>,
    pub due_before: Option<DateTime<Utc>>,
    /// Ended on this day, and its bounds.
    pub ended: Option<NaiveDate>,
    pub ended_within: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Ended by this person.
    pub ended_by: Option<i64>,
}

/// A row of the ledger as the list shows it.
#[derive(Clone, Debug)]
pub struct ObligationSummary {
    pub id: ObligationId,
    pub kind: ObligationKind,
    pub class: ObligationClass,
    pub cohort_on: NaiveDate,
    pub due_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_reason: Option<String>,
    pub ended_by_name: Option<String>,
    pub person_name: Option<String>,
    pub customer_id: Option<CustomerId>,
    pub customer_name: Option<String>,
    pub vehicle_id: Option<VehicleId>,
    pub plate: Option<String>,
    pub callback_id: Option<CallbackId>,
}

impl ObligationSummary {
    /// Whether it has not ended.
    pub fn is_open(&self) -> bool {
        self.ended_at.is_none()
    }
}

/// A person to filter by.
#[derive(Clone, Debug)]
pub struct PersonChoice {
    pub id: UserId,
    pub name: String,
}

/// People of the store, for the filter.
pub async fn list_people(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<PersonChoice>> {
    sqlx::query_as!(
        PersonChoice,
        r#"
        select u.id, u.display_name as name
        from user_stores m
        join users u on u.id = m.user_id
        where m.store_id = $1 and m.role in ('specialist', 'clerk', 'manager')
        order by u.display_name
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// How much of a kind is exempt.
#[derive(Clone, Debug)]
pub struct ExemptShare {
    pub kind: ObligationKind,
    pub exempt: i64,
    /// Everything that was not cancelled: a month that has hardly matured must not look like one big exemption.
    pub whole: i64,
}

/// Shares of the kinds of a selection that have exempt entries, whatever classes are chosen; the largest first.
pub async fn exempt_shares(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    selection: &Selection,
) -> sqlx::Result<Vec<ExemptShare>> {
    sqlx::query_as!(
        ExemptShare,
        r#"
        select o.kind as "kind!: ObligationKind", count(*) filter (where o.status = 'exempt') as "exempt!",
               count(*) filter (where o.status <> 'cancelled') as "whole!"
        from obligations o
        where o.store_id = $1 and o.cohort_on between $2 and $3
          and ($4::text[] = '{}' or o.kind = any($4))
          and ($5::bigint is null or coalesce(o.responsible_id, o.ended_by, 0) = $5)
        group by o.kind
        having count(*) filter (where o.status = 'exempt') > 0
        order by 2 desc, 1
        "#,
        scope.get(),
        selection.from,
        selection.to,
        &selection.kinds,
        selection.person,
    )
    .fetch_all(db)
    .await
}

/// One entry with everything it points at.
#[derive(Clone, Debug)]
pub struct Obligation {
    pub id: ObligationId,
    pub kind: ObligationKind,
    pub class: ObligationClass,
    pub cycle_key: String,
    pub channel: Channel,
    pub cohort_on: NaiveDate,
    pub not_before: DateTime<Utc>,
    pub strict_due_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub callable_due_at: DateTime<Utc>,
    pub is_short_window: bool,
    pub rule_version: i32,
    pub rule_id: Option<RuleId>,
    pub customer_id: Option<CustomerId>,
    pub customer_name: Option<String>,
    pub vehicle_id: Option<VehicleId>,
    pub plate: Option<String>,
    pub visit_id: Option<VisitId>,
    pub ro_number: Option<String>,
    pub policy_ends_on: Option<NaiveDate>,
    pub complaint_id: Option<ComplaintId>,
    pub complaint_number: Option<String>,
    pub callback_id: Option<CallbackId>,
    pub reminder_id: Option<ReminderId>,
    pub responsible_id: Option<UserId>,
    pub responsible_name: Option<String>,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_by: Option<UserId>,
    pub ended_by_name: Option<String>,
    pub ended_reason: Option<String>,
    pub approved_by_name: Option<String>,
    pub has_request: bool,
}

impl Obligation {
    /// Whether a call settles it.
    pub fn is_call(&self) -> bool {
        self.channel == Channel::Call
    }
}

/// One entry of the store.
pub async fn find(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ObligationId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Obligation>> {
    sqlx::query_as!(
        Obligation,
        r#"
        select o.id, o.kind, obligation_class(o.status, o.due_at, o.ended_at, $3) as "class!: ObligationClass", o.cycle_key,
               o.channel as "channel: Channel", o.cohort_on, o.not_before, o.strict_due_at, o.due_at, o.callable_due_at, o.is_short_window, o.rule_version,
               r.id as "rule_id?: RuleId", o.customer_id, c.name as "customer_name?", o.vehicle_id, v.plate as "plate?", o.visit_id,
               t.ro_number as "ro_number?", p.ends_on as "policy_ends_on?", o.complaint_id, k.number as "complaint_number?",
               o.callback_id, o.reminder_id, o.responsible_id, u.display_name as "responsible_name?", o.ended_at, o.ended_by,
               e.display_name as "ended_by_name?", o.ended_reason, a.display_name as "approved_by_name?",
               exists (select from exemptions x
                       where x.store_id = o.store_id and x.obligation_id = o.id and x.status = 'open') as "has_request!"
        from obligations o
        left join rules r on r.store_id = o.store_id and r.kind = o.kind and r.version = o.rule_version
        left join customers c on c.store_id = o.store_id and c.id = o.customer_id
        left join vehicles v on v.store_id = o.store_id and v.id = o.vehicle_id
        left join visits t on t.store_id = o.store_id and t.id = o.visit_id
        left join policies p on p.store_id = o.store_id and p.id = o.policy_id
        left join complaints k on k.store_id = o.store_id and k.id = o.complaint_id
        left join users u on u.id = o.responsible_id
        left join users e on e.id = o.ended_by
        left join users a on a.id = o.approved_by
        where o.store_id = $1
          and o.id = $2
        "#,
        scope.get(),
        id.get(),
        now,
    )
    .fetch_optional(db)
    .await
}
