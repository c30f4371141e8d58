//! Events to ledger entries, entries to callbacks and reminders: one set-based statement each, for one store.
//!
//! Each was measured on a million customers; the comments name the traps.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::rules::RuleKind;
use crate::stores::StoreScope;

/// One generation per store at a time: bundling adds to counts that another run may be adding to.
pub async fn lock(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('obligations.generate', $1))",
        scope.get(),
    )
    .fetch_one(db)
    .await?;
    Ok(())
}

/// Keeps joins in the order they are written, until the transaction ends or [`free_join_order`].
///
/// The view's branches are
/// written from the rule outwards to the event; letting the planner search costs 300 ms a statement and finds the same.
pub async fn fix_join_order(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query!("select set_config('join_collapse_limit', '1', true)")
        .fetch_one(db)
        .await?;
    Ok(())
}

/// Back to PostgreSQL's own value, for what follows in the same transaction.
pub async fn free_join_order(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query!("select set_config('join_collapse_limit', '8', true)")
        .fetch_one(db)
        .await?;
    Ok(())
}

/// Inserts the candidates of a window that are not in the ledger yet; returns how many.
///
/// `monday` begins the week of the run: the list that a periodic reminder belongs to.
pub async fn generate(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kind: RuleKind,
    (from, to): (NaiveDate, NaiveDate),
    monday: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    // ON CONFLICT alone decides what is new: an anti-join in front of it is quadratic while the planner believes the
    // ledger empty. store_now must be materialized, else its probe runs once per candidate.
    let made = sqlx::query!(
        r#"
        with store_now as materialized (
          select monday.day as monday, monday.starts_at, sunday.sms_end_at,
                 (select greatest(w.starts_at, $6)
                  from store_windows w
                  where w.store_id = $2 and w.purpose = 'callable'
                    and w.starts_at > $6 - interval '1 day' and w.ends_at > $6 + interval '15 minutes'
                  order by w.starts_at
                  limit 1) as callable_at
          from store_days monday
          join store_days sunday on sunday.store_id = monday.store_id and sunday.day = monday.day + 6
          where monday.store_id = $2 and monday.day = $5
        ), wanted as (
          select c.*, w.way,
                 w.way = 'call' and (c.channel = 'call' and c.callable_due_at is null
                   or coalesce(c.callable_due_at, c.due_at, n.sms_end_at) < $6 + interval '15 minutes') as is_short
          from candidates c
          cross join store_now n
          cross join lateral (
                 -- Whoever wants no messages on any number that works is called instead, and who should have had one days ago.
          select case when c.channel = 'sms'
                       and (coalesce(c.due_at, n.sms_end_at) < $6 - make_interval(days => c.message_days)
                            or exists (select from phones h
                                       where h.store_id = c.store_id and h.customer_id = c.customer_id and h.sms_opt_out)
                            and not exists (select from phones h
                                            where h.store_id = c.store_id and h.customer_id = c.customer_id
                                              and h.state in ('ok', 'unverified') and not h.sms_opt_out))
                      then 'call' else c.channel end as way) w
          where c.kind = $1 and c.store_id = $2 and c.event_on between $3 and $4
        )
        insert into obligations (store_id, kind, cycle_key, visit_id, vehicle_id, policy_id, customer_id, cohort_on,
                                 not_before, strict_due_at, due_at, callable_due_at, is_short_window, rule_version, channel,
                                 status, ended_at, ended_reason, created_at)
        select c.store_id, c.kind, c.cycle_key, c.visit_id, c.vehicle_id, c.policy_id, c.customer_id,
               coalesce(c.cohort_on, n.monday), coalesce(c.not_before, n.starts_at),
               coalesce(c.strict_due_at, n.sms_end_at), coalesce(c.due_at, n.sms_end_at),
               -- A message that becomes a call has to be made in calling hours.
               case when c.way <> c.channel then (select k.at from callable_due($2, coalesce(c.due_at, n.sms_end_at), $6) k)
                    when c.is_short then coalesce(n.callable_at, c.due_at)
                    else coalesce(c.callable_due_at, c.due_at, n.sms_end_at) end,
               c.is_short, c.rule_version, c.way,
               case when c.exempt_reason is null then 'open' else 'exempt' end,
               case when c.exempt_reason is not null then $6::timestamptz end, c.exempt_reason, $6
        from wanted c
        cross join store_now n
        on conflict on constraint obligations_once_key do nothing
        "#,
        kind.as_str(),
        scope.get(),
        from,
        to,
        monday,
        now,
    )
    .execute(db)
    .await?;
    Ok(made.rows_affected() as i64)
}

/// What an attaching statement did.
pub struct Attached {
    /// New callbacks or reminders.
    pub made: i64,
    /// Entries that found their place.
    pub linked: i64,
}

/// People without an open callback get one, with everything they are owed in it.
pub async fn attach_new(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<Attached> {
    sqlx::query_as!(
        Attached,
        r#"
        with loose as materialized (
          select o.store_id, o.id, o.customer_id, o.kind, o.callable_due_at, o.due_at, o.not_before, v.advisor_id, v.technician_id,
                 case when o.complaint_id is not null then complaint_handled_by(o.store_id, o.complaint_id) end as handled_by
          from obligations o
          left join visits v on v.store_id = o.store_id and v.id = o.visit_id
          where o.store_id = $1 and o.status = 'open' and o.channel = 'call' and o.callback_id is null and o.reminder_id is null
        ), handled as materialized (
          select l.store_id, l.customer_id, array_agg(distinct u) as ids
          from loose l, unnest(l.handled_by) u
          group by l.store_id, l.customer_id
        ), made as (
          insert into callbacks (store_id, customer_id, callable_due_at, due_at, next_at, kinds, excluded_ids, open_count, created_at)
          select l.store_id, l.customer_id, min(callable_due_at), min(due_at),
                 -- A call about a case waits for nothing. Two visits in three days are one call: it waits for the later one to be
                 -- askable, but never past its last day.
                 case when min(not_before) filter (where kind like 'complaint%') is not null
                      then min(not_before) filter (where kind like 'complaint%')
                      when max(not_before) filter (where kind = 'post_service') > min(not_before)
                      then least(max(not_before) filter (where kind = 'post_service'),
                                 greatest(last_call_day_begins(l.store_id, min(callable_due_at)), min(not_before)))
                      else min(not_before) end,
                 array_agg(distinct kind order by kind),
                 (select coalesce(array_agg(distinct s.id order by s.id), '{}')
                  from unnest(array_agg(advisor_id) || array_agg(technician_id) || h.ids) s(id)
                  where s.id is not null),
                 count(*), $2
          from loose l
          left join handled h on h.store_id = l.store_id and h.customer_id = l.customer_id
          group by l.store_id, l.customer_id, h.ids
          order by min(callable_due_at)
          on conflict (store_id, customer_id) where status in ('open', 'claimed') do nothing
          returning store_id, id, customer_id
        ), linked as (
          update obligations o
          set callback_id = m.id
          from loose l
          join made m on m.store_id = l.store_id and m.customer_id = l.customer_id
          where o.store_id = l.store_id and o.id = l.id and o.callback_id is null
          returning o.id
        )
        select (select count(*) from made) as "made!", (select count(*) from linked) as "linked!"
        "#,
        scope.get(),
        now,
    )
    .fetch_one(db)
    .await
}

/// Where the store wants it: a visit that came before the call about the one before moves that one's deadline to its own.
/// Run before the new entry joins the callback; the callbacks to derive anew.
pub async fn restart(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        with moved as (
          update obligations o
          set due_at = n.due_at, callable_due_at = n.callable_due_at
          from obligations n
          join visits w on w.store_id = n.store_id and w.id = n.visit_id
          join visits v on v.store_id = w.store_id and v.vehicle_id = w.vehicle_id and v.handed_over_at <= w.arrived_at
          where n.store_id = $1 and n.status = 'open' and n.kind = 'post_service' and n.channel = 'call'
            and n.callback_id is null and n.reminder_id is null
            and o.store_id = n.store_id and o.visit_id = v.id and o.kind = 'post_service' and o.status = 'open'
            and o.callback_id is not null and o.due_at < n.due_at and o.due_at > w.arrived_at
            and (select s.restarts_on_revisit from stores s where s.id = $1)
            and exists (select from callbacks c
                        where c.store_id = o.store_id and c.id = o.callback_id and c.status = 'open' and c.dials = 0)
          returning o.callback_id
        )
        select distinct callback_id as "id!: i64" from moved
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// People with an open callback: the entry joins it, unless the caller in possession served that visit; it then waits.
pub async fn attach_open(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    let linked = sqlx::query_scalar!(
        r#"
        with loose as materialized (
          select o.store_id, o.id, o.customer_id, o.kind, o.callable_due_at, o.due_at, o.not_before,
                 array_remove(array[v.advisor_id, v.technician_id], null)
                   || case when o.complaint_id is not null then complaint_handled_by(o.store_id, o.complaint_id) end as served_by
          from obligations o
          left join visits v on v.store_id = o.store_id and v.id = o.visit_id
          where o.store_id = $1 and o.status = 'open' and o.channel = 'call' and o.callback_id is null and o.reminder_id is null
        ), target as materialized (
          select c.store_id, c.id, c.customer_id, c.claimed_by
          from callbacks c
          where c.store_id = $1 and c.status in ('open', 'claimed') and c.customer_id in (select customer_id from loose)
          order by c.id
          for update
        ), linked as (
          update obligations o
          set callback_id = t.id, bundled_at = $2
          from loose l
          join target t on t.store_id = l.store_id and t.customer_id = l.customer_id
          where o.store_id = l.store_id and o.id = l.id and o.callback_id is null
            and (t.claimed_by is null or not l.served_by @> array[t.claimed_by])
          returning t.id as callback_id, l.kind, l.callable_due_at, l.due_at, l.not_before, l.served_by
        ), sums as (
          select callback_id, min(callable_due_at) as callable_due_at, min(due_at) as due_at, min(not_before) as not_before,
                 max(not_before) filter (where kind = 'post_service') as askable_at,
                 min(not_before) filter (where kind like 'complaint%') as case_at,
                 min(callable_due_at) filter (where kind like 'complaint%') as case_due_at,
                 array_agg(distinct kind) as kinds, count(*) as n
          from linked
          group by callback_id
        ), served as (
          select callback_id, array_agg(distinct u) as ids
          from linked, unnest(served_by) u
          group by callback_id
        ), joined as (
          update callbacks c
          set callable_due_at = least(c.callable_due_at, s.callable_due_at), due_at = least(c.due_at, s.due_at),
              -- Before its first dial a callback begins with its earliest entry, but waits until every visit is askable, never
              -- past its last day; later, and once a time was agreed, its next try has been fixed.
              next_at = case -- A call about a case waits for nothing but a time that was agreed and is early enough.
                             when s.case_at is not null and (c.agreed_at is null or c.agreed_at > s.case_due_at) then least(c.next_at, s.case_at)
                             when c.held_reason = 'awaiting_answer' then greatest(c.next_at, s.not_before)
                             when c.dials > 0 or c.agreed_at is not null then c.next_at
                             when s.askable_at is null then least(c.next_at, s.not_before)
                             else least(greatest(c.next_at, s.askable_at),
                                        greatest(last_call_day_begins(c.store_id, least(c.callable_due_at, s.callable_due_at)),
                                                 least(c.next_at, s.not_before))) end,
              open_count = c.open_count + s.n,
              kinds = (select array_agg(distinct k order by k) from unnest(c.kinds || s.kinds) k),
              excluded_ids = (select coalesce(array_agg(distinct u order by u), '{}') from unnest(c.excluded_ids || coalesce(x.ids, '{}')) u),
              assigned_to = case when x.ids @> array[c.assigned_to] then null else c.assigned_to end
          from sums s
          left join served x on x.callback_id = s.callback_id
          where c.store_id = $1 and c.id = s.callback_id
          returning c.id
        )
        select (select count(*) from linked) + 0 * (select count(*) from joined) as "linked!"
        "#,
        scope.get(),
        now,
    )
    .fetch_one(db)
    .await?;
    Ok(linked)
}

/// Messages: one per person and day. When that day's message is already out, the entry goes to the next free day.
pub async fn attach_reminders(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<Attached> {
    sqlx::query_as!(
        Attached,
        r#"
        with loose as materialized (
          select o.store_id, o.id, o.customer_id, o.kind, o.due_at,
                 coalesce((select max(r.send_on) + 1
                           from reminders r
                           where r.store_id = o.store_id and r.customer_id = o.customer_id
                             and r.send_on >= o.cohort_on and r.status <> 'pending'),
                          o.cohort_on) as send_on
          from obligations o
          where o.store_id = $1 and o.status = 'open' and o.channel = 'sms' and o.callback_id is null and o.reminder_id is null
        ), made as (
          insert into reminders as r (store_id, customer_id, send_on, due_at, kinds, open_count, created_at)
          select store_id, customer_id, send_on, min(due_at), array_agg(distinct kind order by kind), count(*), $2
          from loose
          group by store_id, customer_id, send_on
          on conflict on constraint reminders_customer_day_key do update
            set open_count = r.open_count + excluded.open_count, due_at = least(r.due_at, excluded.due_at),
                kinds = (select array_agg(distinct k order by k) from unnest(r.kinds || excluded.kinds) k)
            where r.status = 'pending'
          returning store_id, id, customer_id, send_on, xmax = 0 as is_new
        ), linked as (
          update obligations o
          set reminder_id = m.id
          from loose l
          join made m on m.store_id = l.store_id and m.customer_id = l.customer_id and m.send_on = l.send_on
          where o.store_id = l.store_id and o.id = l.id and o.reminder_id is null
          returning o.id
        )
        select (select count(*) filter (where is_new) from made) as "made!", (select count(*) from linked) as "linked!"
        "#,
        scope.get(),
        now,
    )
    .fetch_one(db)
    .await
}

/// After the nightly work the queue has changed shape; the planner must not wait for autovacuum.
pub async fn analyze(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query!("analyze obligations, callbacks, reminders")
        .execute(db)
        .await?;
    Ok(())
}
