//! Statements of the clocks.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::callbacks::CallbackId;
use crate::complaints::clocks::derive::Wanted;
use crate::complaints::clocks::history::{Case, Event};
use crate::complaints::clocks::ledger::Held;
use crate::complaints::{ComplaintId, ComplaintState, Severity};
use crate::customers::CustomerId;
use crate::obligations::{ObligationId, ObligationKind, ObligationStatus};
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::vehicles::VehicleId;

fn numbers(ids: &[ComplaintId]) -> Vec<i64> {
    ids.iter().map(|id| id.get()).collect()
}

/// Cases as their clocks see them.
pub async fn list_cases(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[ComplaintId],
) -> sqlx::Result<Vec<Case>> {
    sqlx::query_as!(
        Case,
        r#"
        select id, customer_id, vehicle_id, severity as "severity: Severity", state as "state: ComplaintState", accepted_at,
               dispatched_at, followed_up_at, waiting_since, promised_at, resolved_at, verdict, verdict_at, ended_at,
               wants_replacement, external_due_on, owner_id, handler_id
        from complaints
        where store_id = $1 and id = any($2)
        order by id
        "#,
        scope.get(),
        &numbers(ids),
    )
    .fetch_all(db)
    .await
}

/// Events that a clock may depend on, in order.
pub async fn list_events(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[ComplaintId],
) -> sqlx::Result<Vec<Event>> {
    sqlx::query_as!(
        Event,
        r#"
        select complaint_id, kind as "kind: String", at, by_id, to_state as "to_state?: String",
               (kind = 'contact' or kind = 'note' and coalesce(data ->> 'follow_up', '') = 'true' and btrim(coalesce(body, '')) <> '') as "is_follow_up!"
        from complaint_events
        where store_id = $1 and complaint_id = any($2)
          and kind not in ('edited', 'attachment', 'checklist', 'people', 'warning')
        order by complaint_id, at, id
        "#,
        scope.get(),
        &numbers(ids),
    )
    .fetch_all(db)
    .await
}

/// Clocks that the ledger holds.
pub async fn list_held(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[ComplaintId],
) -> sqlx::Result<Vec<Held>> {
    sqlx::query_as!(
        Held,
        r#"
        select complaint_id as "complaint_id!: ComplaintId", kind as "kind: ObligationKind", cycle_key,
               status as "status: ObligationStatus", not_before, strict_due_at, due_at, callable_due_at, is_short_window,
               channel = 'call' as "is_call!", responsible_id, callback_id as "callback_id: i64"
        from obligations
        where store_id = $1 and complaint_id = any($2)
        order by id
        "#,
        scope.get(),
        &numbers(ids),
    )
    .fetch_all(db)
    .await
}

/// Clocks to be written, column by column.
#[derive(Default)]
pub struct Rows {
    complaints: Vec<i64>,
    customers: Vec<Option<i64>>,
    vehicles: Vec<Option<i64>>,
    versions: Vec<i32>,
    kinds: Vec<String>,
    keys: Vec<String>,
    cohorts: Vec<NaiveDate>,
    not_before: Vec<DateTime<Utc>>,
    strict: Vec<DateTime<Utc>>,
    due: Vec<DateTime<Utc>>,
    callable: Vec<DateTime<Utc>>,
    short: Vec<bool>,
    calls: Vec<bool>,
    responsible: Vec<Option<i64>>,
    statuses: Vec<String>,
    ended_at: Vec<Option<DateTime<Utc>>>,
    ended_by: Vec<Option<i64>>,
    reasons: Vec<Option<String>>,
    satisfied: Vec<Option<bool>>,
    connected: Vec<bool>,
}

impl Rows {
    /// Adds a clock of a case.
    pub fn push(&mut self, case: &Case, version: i32, clock: &Wanted) {
        let ending = clock.ending;
        self.complaints.push(case.id.get());
        self.customers.push(case.customer_id.map(CustomerId::get));
        self.vehicles.push(case.vehicle_id.map(VehicleId::get));
        self.versions.push(version);
        self.kinds.push(clock.kind.as_str().to_owned());
        self.keys.push(clock.cycle_key.clone());
        self.cohorts.push(clock.cohort_on);
        self.not_before.push(clock.not_before);
        self.strict.push(clock.strict_due_at);
        self.due.push(clock.due_at);
        self.callable.push(clock.callable_due_at);
        self.short.push(clock.is_short_window);
        self.calls.push(clock.is_call);
        self.responsible.push(clock.responsible_id.map(UserId::get));
        let status = ending.map_or(ObligationStatus::Open, |ending| ending.status);
        self.statuses.push(status.as_str().to_owned());
        self.ended_at.push(ending.map(|ending| ending.at));
        self.ended_by
            .push(ending.and_then(|ending| ending.by).map(UserId::get));
        self.reasons
            .push(ending.and_then(|ending| ending.reason).map(str::to_owned));
        self.satisfied.push(ending.and_then(|ending| ending.is_satisfied));
        self.connected
            .push(ending.is_some_and(|ending| ending.is_connected));
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether one of them is a call to be made.
    pub fn has_open_calls(&self) -> bool {
        let mut rows = self.calls.iter().zip(&self.ended_at);
        rows.any(|(is_call, ended_at)| *is_call && ended_at.is_none())
    }
}

/// Callbacks before their entries, in the order of every other writer.
pub async fn lock_callbacks(db: impl PgExecutor<'_>, scope: StoreScope, ids: &[i64]) -> sqlx::Result<()> {
    sqlx::query!(
        "select id from callbacks where store_id = $1 and id = any($2) order by id for update",
        scope.get(),
        ids,
    )
    .fetch_all(db)
    .await?;
    Ok(())
}

/// Writes new clocks and those that have changed; one that has ended stays as it ended.
pub async fn write(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    rows: &Rows,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into obligations as o (store_id, kind, cycle_key, complaint_id, customer_id, vehicle_id, cohort_on, not_before,
                                      strict_due_at, due_at, callable_due_at, is_short_window, rule_version, channel, responsible_id,
                                      status, ended_at, ended_by, ended_reason, is_satisfied, is_connected, created_at)
        select $1, r.kind, r.cycle_key, r.complaint_id, r.customer_id, r.vehicle_id, r.cohort_on, r.not_before, r.strict_due_at,
               r.due_at, r.callable_due_at, r.is_short_window, r.rule_version, case when r.is_call then 'call' else 'none' end,
               r.responsible_id, r.status, r.ended_at, r.ended_by, r.ended_reason, r.is_satisfied,
               r.is_connected, $2
        from unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::date[], $9::timestamptz[], $10::timestamptz[],
                    $11::timestamptz[], $12::timestamptz[], $13::boolean[], $14::int[], $15::boolean[], $16::bigint[], $17::text[],
                    $18::timestamptz[], $19::bigint[], $20::text[], $21::boolean[], $22::boolean[])
             r(kind, cycle_key, complaint_id, customer_id, vehicle_id, cohort_on, not_before, strict_due_at, due_at, callable_due_at,
               is_short_window, rule_version, is_call, responsible_id, status, ended_at, ended_by, ended_reason, is_satisfied, is_connected)
        on conflict on constraint obligations_once_key do update
        set not_before = excluded.not_before, strict_due_at = excluded.strict_due_at, due_at = excluded.due_at,
            callable_due_at = excluded.callable_due_at, is_short_window = excluded.is_short_window, channel = excluded.channel,
            customer_id = excluded.customer_id, vehicle_id = excluded.vehicle_id, responsible_id = excluded.responsible_id,
            status = excluded.status, ended_at = excluded.ended_at, ended_by = excluded.ended_by,
            ended_reason = excluded.ended_reason, is_satisfied = excluded.is_satisfied, is_connected = excluded.is_connected
        where o.status = 'open'
        "#,
        scope.get(),
        now,
        &rows.kinds,
        &rows.keys,
        &rows.complaints,
        &rows.customers as &[Option<i64>],
        &rows.vehicles as &[Option<i64>],
        &rows.cohorts,
        &rows.not_before,
        &rows.strict,
        &rows.due,
        &rows.callable,
        &rows.short,
        &rows.versions,
        &rows.calls,
        &rows.responsible as &[Option<i64>],
        &rows.statuses,
        &rows.ended_at as &[Option<DateTime<Utc>>],
        &rows.ended_by as &[Option<i64>],
        &rows.reasons as &[Option<String>],
        &rows.satisfied as &[Option<bool>],
        &rows.connected,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Derives callbacks from their open entries; one without any is needed no more, whoever holds it.
pub async fn refresh_callbacks(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[i64],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update callbacks c
        set open_count = x.n, kinds = coalesce(x.kinds, c.kinds),
            callable_due_at = coalesce(x.callable_due_at, c.callable_due_at), due_at = coalesce(x.due_at, c.due_at),
            status = case when x.n = 0 then 'cancelled' else c.status end,
            ended_at = case when x.n = 0 then $3::timestamptz end,
            claimed_by = case when x.n > 0 then c.claimed_by end, claimed_at = case when x.n > 0 then c.claimed_at end,
            lease_until = case when x.n > 0 then c.lease_until end, lease_token = case when x.n > 0 then c.lease_token end,
            version = c.version + 1
        from (select b.id, count(o.id)::int as n, min(o.callable_due_at) as callable_due_at, min(o.due_at) as due_at,
                     array_agg(distinct o.kind order by o.kind) filter (where o.id is not null) as kinds
              from unnest($2::bigint[]) b(id)
              left join obligations o on o.store_id = $1 and o.callback_id = b.id and o.status = 'open'
              group by b.id) x
        where c.store_id = $1 and c.id = x.id and c.status in ('open', 'claimed')
        "#,
        scope.get(),
        ids,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Open cases whose customer is being waited for.
pub async fn list_waiting(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<ComplaintId>> {
    sqlx::query_scalar!(
        "select id from complaints where store_id = $1 and ended_at is null and waiting_since is not null order by id",
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// Calls after closing whose day has come become calls; how many.
pub async fn begin_after_calls(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    let begun = sqlx::query!(
        r#"
        update obligations o
        set channel = 'call', callable_due_at = c.at, is_short_window = c.is_short
        from obligations n
        cross join lateral callable_due(n.store_id, n.due_at, n.not_before) c
        where n.store_id = $1 and n.kind = 'complaint_after' and n.status = 'open' and n.channel = 'none'
          and n.customer_id is not null and n.not_before <= $2
          and o.store_id = n.store_id and o.id = n.id and o.status = 'open'
        "#,
        scope.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(begun.rows_affected() as i64)
}

/// Cases that lack a clock which every case in their state has.
pub async fn list_lacking(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<ComplaintId>> {
    sqlx::query_scalar!(
        r#"
        select distinct l.complaint_id as "id!: ComplaintId"
        from lacking_clocks l
        where l.store_id = $1
        order by 1
        limit 500
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// A clock as it is shown, with what its reason is told from.
pub struct Row {
    pub id: ObligationId,
    pub complaint_id: ComplaintId,
    pub kind: ObligationKind,
    pub cycle_key: String,
    pub cohort_on: NaiveDate,
    pub not_before: DateTime<Utc>,
    pub strict_due_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub callable_due_at: DateTime<Utc>,
    pub status: ObligationStatus,
    pub ended_at: Option<DateTime<Utc>>,
    pub callback_id: Option<CallbackId>,
    pub accepted_at: DateTime<Utc>,
    pub waiting_since: Option<DateTime<Utc>>,
    pub severity: Severity,
    pub is_call: bool,
}

/// Every clock of these cases in the order in which they run out.
pub async fn list_rows(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[ComplaintId],
) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"
        select o.id, o.complaint_id as "complaint_id!: ComplaintId", o.kind as "kind: ObligationKind", o.cycle_key, o.cohort_on,
               o.not_before, o.strict_due_at, o.due_at, o.callable_due_at, o.status as "status: ObligationStatus", o.ended_at,
               o.callback_id, p.accepted_at, p.waiting_since, p.severity as "severity: Severity", o.channel = 'call' as "is_call!"
        from obligations o
        join complaints p on p.store_id = o.store_id and p.id = o.complaint_id
        where o.store_id = $1 and o.complaint_id = any($2)
        order by o.complaint_id, o.due_at, o.id
        "#,
        scope.get(),
        &numbers(ids),
    )
    .fetch_all(db)
    .await
}
