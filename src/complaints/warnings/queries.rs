//! Statements of warnings.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::complaints::ComplaintId;
use crate::complaints::warnings::WarningId;
use crate::complaints::warnings::model::{FROM, LEVELS};
use crate::obligations::{ObligationId, ObligationKind};
use crate::stores::StoreScope;
use crate::users::UserId;

/// Tells everybody who must know of a clock at the highest level that it has reached, and was not told at that level or a
/// higher one; the new warnings. A target that stands still tells nobody.
pub async fn tell(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<WarningId>> {
    sqlx::query_scalar!(
        r#"
        with running as materialized (
          select o.id, o.complaint_id, p.owner_id, p.handler_id, p.department_id, p.class_major,
                 coalesce(r.chain_end, 'care_manager') as chain_end,
                 (select max(l.level) from unnest($4::int[]) l(level)
                  where extract(epoch from $2::timestamptz - o.not_before) * 100 >= l.level * extract(epoch from o.due_at - o.not_before)) as level
          from obligations o
          join complaints p on p.store_id = o.store_id and p.id = o.complaint_id
          left join complaint_rules r on r.store_id = o.store_id and r.version = o.rule_version and r.severity = p.severity
          where o.store_id = $1 and o.status = 'open' and o.complaint_id is not null
            and o.not_before <= $2 and o.due_at > o.not_before
            and not (o.kind = 'complaint_close' and p.waiting_since is not null)
        ), fresh as materialized (
          select g.*
          from running g
          where g.level is not null
            -- One probe of the key for each clock, however many warnings there have been.
            and g.level > coalesce((select max(w.level) from complaint_warnings w
                                    where w.store_id = $1 and w.obligation_id = g.id), 0)
        ), posts as (
          select f.id, x.user_id
          from fresh f
          join stores s on s.id = $1
          left join departments d on d.store_id = $1 and d.id = f.department_id
          cross join lateral (
            values (f.owner_id, $5::int), (f.handler_id, $5),
                   (case when f.chain_end <> 'care_manager' then d.lead_id end, $6::int),
                   (case when f.chain_end in ('director', 'general_manager')
                         then case when f.class_major in ('sales', 'finance', 'registration') then s.sales_director_id
                                   else s.service_director_id end end, $8::int),
                   (case when f.chain_end = 'general_manager' then s.general_manager_id end, $9::int)
            union all
            -- A case that is nobody's is the care manager's.
            select m.user_id, case when f.owner_id is null and f.handler_id is null then $5 else $7::int end
            from user_stores m
            where m.store_id = $1 and m.role = 'manager' and m.is_active
          ) x(user_id, from_level)
          where x.user_id is not null and x.from_level <= f.level
        ), reached as (
          select id, user_id, null::bigint as deputy_for from posts
          union
          select t.id, v.deputy_id, t.user_id
          from posts t
          join leaves v on v.store_id = $1 and v.user_id = t.user_id and $3::date between v.from_on and v.until_on
          where v.deputy_id is not null
        ), told as (
          select distinct on (r.id, r.user_id) r.id, r.user_id, r.deputy_for
          from reached r
          join user_stores m on m.store_id = $1 and m.user_id = r.user_id and m.is_active
          join users u on u.id = r.user_id and u.is_active
          order by r.id, r.user_id, r.deputy_for nulls first
        )
        insert into complaint_warnings (store_id, complaint_id, obligation_id, level, recipient_id, deputy_for_id, created_at)
        select $1, f.complaint_id, f.id, f.level, t.user_id, t.deputy_for, $2
        from told t
        join fresh f on f.id = t.id
        order by f.id, t.user_id
        on conflict on constraint complaint_warnings_once_key do nothing
        returning id as "id: WarningId"
        "#,
        scope.get(),
        now,
        today,
        &LEVELS[..],
        FROM.own,
        FROM.department_head,
        FROM.care_manager,
        FROM.director,
        FROM.general_manager,
    )
    .fetch_all(db)
    .await
}

/// A warning that was just written, with what its message says.
pub struct Told {
    pub id: WarningId,
    pub complaint_id: ComplaintId,
    pub obligation_id: ObligationId,
    pub level: i32,
    pub recipient_id: UserId,
    pub locale: Option<String>,
    pub number: String,
    pub kind: ObligationKind,
    pub cycle_key: String,
    pub due_at: DateTime<Utc>,
    pub store_name: String,
}

/// These warnings, with their cases and clocks.
pub async fn list_told(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[WarningId],
) -> sqlx::Result<Vec<Told>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    sqlx::query_as!(
        Told,
        r#"
        select w.id as "id: WarningId", w.complaint_id as "complaint_id: ComplaintId", w.obligation_id as "obligation_id: ObligationId",
               w.level, w.recipient_id as "recipient_id: UserId", u.locale as "locale?", p.number, o.kind as "kind: ObligationKind",
               o.cycle_key, o.due_at, s.name as store_name
        from complaint_warnings w
        join complaints p on p.store_id = w.store_id and p.id = w.complaint_id
        join obligations o on o.store_id = w.store_id and o.id = w.obligation_id
        join users u on u.id = w.recipient_id
        join stores s on s.id = w.store_id
        where w.store_id = $1 and w.id = any($2)
        order by w.id
        "#,
        scope.get(),
        &ids,
    )
    .fetch_all(db)
    .await
}

/// Lines of timelines, one for each clock and level.
#[derive(Default)]
pub struct Events {
    complaints: Vec<i64>,
    bodies: Vec<String>,
    data: Vec<Value>,
    last: Option<(ObligationId, i32)>,
}

impl Events {
    /// Adds the line of a warning, unless it is there for another person.
    pub fn push(&mut self, row: &Told, body: String) {
        if self.last == Some((row.obligation_id, row.level)) {
            return;
        }
        self.last = Some((row.obligation_id, row.level));
        self.complaints.push(row.complaint_id.get());
        self.bodies.push(body);
        self.data.push(json!({
            "clock": row.kind, "cycle_key": row.cycle_key, "obligation_id": row.obligation_id, "level": row.level,
        }));
    }
}

/// Writes them.
pub async fn insert_events(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    events: &Events,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into complaint_events (store_id, complaint_id, kind, at, body, data)
        select $1, e.complaint_id, 'warning', $2, e.body, e.data
        from unnest($3::bigint[], $4::text[], $5::jsonb[]) e(complaint_id, body, data)
        "#,
        scope.get(),
        now,
        &events.complaints,
        &events.bodies,
        &events.data,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Messages to staff, column by column.
#[derive(Default)]
pub struct Messages {
    warnings: Vec<i64>,
    recipients: Vec<i64>,
    bodies: Vec<String>,
    tokens: Vec<Uuid>,
}

impl Messages {
    /// Adds the message of a warning.
    pub fn push(&mut self, row: &Told, body: String) {
        self.warnings.push(row.id.get());
        self.recipients.push(row.recipient_id.get());
        self.bodies.push(body);
        self.tokens.push(Uuid::new_v4());
    }
}

/// Puts them into the outbox, where they wait for a provider.
pub async fn insert_messages(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    messages: &Messages,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into outbox_messages (store_id, purpose, recipient_id, warning_id, body, token, created_at)
        select $1, 'warning', m.recipient_id, m.warning_id, m.body, m.token, $2
        from unnest($3::bigint[], $4::bigint[], $5::text[], $6::uuid[]) m(recipient_id, warning_id, body, token)
        on conflict do nothing
        "#,
        scope.get(),
        now,
        &messages.recipients,
        &messages.warnings,
        &messages.bodies,
        &messages.tokens,
    )
    .execute(db)
    .await?;
    Ok(())
}
