//! Statements of the analysis. Bounds of periods are instants, the second one not included.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::complaints::ComplaintId;
use crate::complaints::analysis::model::{CaseQuery, Dimension, Figure};
use crate::complaints::model::{ComplaintClass, ComplaintState, Severity, Verdict};
use crate::stores::StoreScope;
use crate::web::pagination::PageParams;

/// A period and the one before it, which ends where it begins.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub before: DateTime<Utc>,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

/// A value of a dimension and how many cases have it.
#[derive(Clone, Debug)]
pub struct Slice {
    pub dimension: Dimension,
    /// The code, id or key; what the list is cut to.
    pub value: String,
    /// The class that a second level belongs to.
    pub class: Option<String>,
    /// What it is called, where that is not a text of ours.
    pub name: Option<String>,
    pub count: i64,
    pub before: i64,
    pub repeated: i64,
    pub repeated_in_class: i64,
}

/// Cases accepted in the period and in the one before, by every dimension.
pub async fn slices(db: impl PgExecutor<'_>, scope: StoreScope, bounds: Bounds) -> sqlx::Result<Vec<Slice>> {
    sqlx::query_as!(
        Slice,
        r#"
        with cases as materialized (
          select f.class_major, coalesce(nullif(f.class_minor, ''), 'none') as class_minor, coalesce(f.responsibility, 'none') as responsibility,
                 coalesce(f.department_id::text, 'none') as department, f.channel, f.severity,
                 coalesce(nullif(f.model, ''), 'none') as model, coalesce(nullif(f.advisor, ''), 'none') as advisor,
                 f.accepted_at >= $3 as is_current,
                 f.accepted_at >= $3 and f.is_repeated as is_repeated,
                 f.accepted_at >= $3 and f.is_repeated_in_class as is_repeated_in_class
          from complaint_cohort($1, 'accepted', $2, $4) i (id)
          join complaint_facts f on f.store_id = $1 and f.id = i.id
          where f.is_case
        ), counted as materialized (
          select d.dimension, d.value, d.class, count(*) filter (where c.is_current) as count,
                 count(*) filter (where not c.is_current) as before,
                 count(*) filter (where c.is_repeated) as repeated,
                 count(*) filter (where c.is_repeated_in_class) as repeated_in_class
          from cases c
          cross join lateral (values
            ('class', c.class_major, null), ('minor', c.class_minor, c.class_major), ('responsibility', c.responsibility, null),
            ('department', c.department, null), ('channel', c.channel, null), ('severity', c.severity, null),
            ('model', c.model, null), ('advisor', c.advisor, null)
          ) d (dimension, value, class)
          group by d.dimension, d.value, d.class
        )
        select k.dimension as "dimension!: Dimension", k.value as "value!", k.class,
               case k.dimension
                 when 'department' then (select d.name from departments d where d.store_id = $1 and d.id::text = k.value)
                 when 'advisor' then case
                   when k.value like 'u%' then (select u.display_name from users u where u.id::text = substr(k.value, 2))
                   when k.value like 'n%' and k.value <> 'none' then (
                     select w.advisor_name
                     from complaint_cohort($1, 'accepted', $2, $4) i (id)
                     join complaints c on c.store_id = $1 and c.id = i.id
                     join visits w on w.store_id = $1 and w.id = c.visit_id
                     where w.advisor_name <> '' and 'n' || left(md5(w.advisor_name), 10) = k.value
                     limit 1)
                   end
               end as name,
               k.count as "count!", k.before as "before!", k.repeated as "repeated!", k.repeated_in_class as "repeated_in_class!"
        from counted k
        order by k.dimension, k.count desc, k.before desc, k.value
        "#,
        scope.get(),
        bounds.before,
        bounds.from,
        bounds.to,
    )
    .fetch_all(db)
    .await
}

/// Counts and medians of a period.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    pub is_current: bool,
    pub accepted: i64,
    pub repeated: i64,
    pub repeated_in_class: i64,
    pub dispatched: i64,
    pub replied: i64,
    pub ended: i64,
    /// Medians in seconds.
    pub to_dispatch: Option<f64>,
    pub to_reply: Option<f64>,
    pub to_close: Option<f64>,
    pub owed: i64,
    pub confirmed: i64,
    pub timely: i64,
    pub closed: i64,
    pub once: i64,
    pub satisfied: i64,
}

/// The period, then the one before it.
pub async fn totals(db: impl PgExecutor<'_>, scope: StoreScope, bounds: Bounds) -> sqlx::Result<Vec<Totals>> {
    sqlx::query_as!(
        Totals,
        r#"
        select s.is_current as "is_current!", a.accepted as "accepted!", a.repeated as "repeated!",
               a.repeated_in_class as "repeated_in_class!", a.dispatched as "dispatched!", a.replied as "replied!", a.ended as "ended!",
               a.to_dispatch, a.to_reply, a.to_close, t.owed as "owed!", t.confirmed as "confirmed!", t.timely as "timely!",
               c.closed as "closed!", c.once as "once!", c.satisfied as "satisfied!"
        from (values (true, $3::timestamptz, $4::timestamptz), (false, $2::timestamptz, $3::timestamptz)) s (is_current, from_at, to_at)
        cross join lateral (
          select count(*) as accepted, count(*) filter (where f.is_repeated) as repeated,
                 count(*) filter (where f.is_repeated_in_class) as repeated_in_class,
                 count(f.dispatched_at) as dispatched, count(f.replied_at) as replied, count(*) filter (where f.is_closed) as ended,
                 percentile_cont(0.5) within group (order by extract(epoch from f.dispatched_at - f.accepted_at)::float8) as to_dispatch,
                 percentile_cont(0.5) within group (order by extract(epoch from f.replied_at - f.accepted_at)::float8) as to_reply,
                 percentile_cont(0.5) within group (order by extract(epoch from f.ended_at - f.accepted_at)::float8)
                   filter (where f.is_closed) as to_close
          from (
            select f.is_repeated, f.is_repeated_in_class, f.dispatched_at, f.replied_at, f.ended_at, f.accepted_at, f.is_closed
            from complaint_cohort($1, 'accepted', s.from_at, s.to_at) i (id)
            join complaint_facts f on f.store_id = $1 and f.id = i.id
            where f.is_case
            offset 0
          ) f
        ) a
        cross join lateral (
          select count(*) as owed, count(*) filter (where f.is_confirmed) as confirmed,
                 count(*) filter (where f.is_closed and f.ended_at <= f.target_at) as timely
          from (
            select f.is_confirmed, f.is_closed, f.ended_at, f.target_at
            from complaint_cohort($1, 'target', s.from_at, s.to_at) i (id)
            join complaint_facts f on f.store_id = $1 and f.id = i.id
            where f.is_owed
            offset 0
          ) f
          where f.target_at <= $5
        ) t
        cross join lateral (
          select count(*) as closed, count(*) filter (where f.cycle = 1) as once,
                 count(*) filter (where f.verdict = 'satisfied') as satisfied
          from complaint_cohort($1, 'closed', s.from_at, s.to_at) i (id)
          join complaint_facts f on f.store_id = $1 and f.id = i.id
        ) c
        order by s.is_current desc
        "#,
        scope.get(),
        bounds.before,
        bounds.from,
        bounds.to,
        bounds.now,
    )
    .fetch_all(db)
    .await
}

/// A month of the trend.
#[derive(Clone, Copy, Debug)]
pub struct MonthRow {
    pub first_on: NaiveDate,
    pub complaints: i64,
    /// 台次.
    pub visits: i64,
}

/// Complaints and visits of twelve months from the first day of one.
pub async fn months(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    first_on: NaiveDate,
) -> sqlx::Result<Vec<MonthRow>> {
    sqlx::query_as!(
        MonthRow,
        r#"
        select m.first_on as "first_on!",
               (select count(*) from complaints c
                where c.store_id = $1 and c.state not in ('invalid', 'merged')
                  and c.accepted_at >= m.first_on::timestamp at time zone s.time_zone
                  and c.accepted_at < m.next_on::timestamp at time zone s.time_zone) as "complaints!",
               (select count(*) from visits v
                where v.store_id = $1 and v.handed_over_on is not null and v.type not in ('wash', 'pdi', 'internal')
                  and v.handed_over_on >= m.first_on and v.handed_over_on < m.next_on) as "visits!"
        from stores s
        cross join (
          select ($2::date + n * interval '1 month')::date as first_on, ($2::date + (n + 1) * interval '1 month')::date as next_on
          from generate_series(0, 11) n
        ) m
        where s.id = $1
        order by m.first_on
        "#,
        scope.get(),
        first_on,
    )
    .fetch_all(db)
    .await
}

/// Visits handed over on days from `from` to `to`, both included.
pub async fn count_visits(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    from: NaiveDate,
    to: NaiveDate,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "n!" from visits v
        where v.store_id = $1 and v.handed_over_on is not null and v.type not in ('wash', 'pdi', 'internal')
          and v.handed_over_on between $2 and $3
        "#,
        scope.get(),
        from,
        to,
    )
    .fetch_one(db)
    .await
}

/// How long one case took, in seconds, and whether that was too long.
#[derive(Clone, Copy, Debug)]
pub struct Course {
    pub id: ComplaintId,
    pub to_dispatch: Option<f64>,
    pub to_reply: Option<f64>,
    pub to_close: Option<f64>,
    /// What the ledger says of each clock; cases without the clock go by the outermost limit.
    pub late_dispatch: bool,
    pub late_reply: bool,
    pub late_close: bool,
}

/// The newest cases of the period, one dot each.
pub async fn courses(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    bounds: Bounds,
    limit: i64,
) -> sqlx::Result<Vec<Course>> {
    sqlx::query_as!(
        Course,
        r#"
        with newest as materialized (
          select c.id
          from complaints c
          where c.store_id = $1 and c.accepted_at >= $2 and c.accepted_at < $3 and c.state not in ('invalid', 'merged')
          order by c.accepted_at desc, c.id desc
          limit $4
        )
        select f.id as "id!: ComplaintId",
               extract(epoch from f.dispatched_at - f.accepted_at)::float8 as to_dispatch,
               extract(epoch from f.replied_at - f.accepted_at)::float8 as to_reply,
               case when f.is_closed then extract(epoch from f.ended_at - f.accepted_at)::float8 end as to_close,
               coalesce(o.dispatch, f.dispatched_at > f.accepted_at + interval '2 hours', false) as "late_dispatch!",
               coalesce(o.reply, f.replied_at > f.accepted_at + interval '24 hours', false) as "late_reply!",
               coalesce(f.ended_at > f.target_at, false) as "late_close!"
        from newest n
        join complaint_facts f on f.store_id = $1 and f.id = n.id
        cross join lateral (
          select bool_or(o.ended_at > o.due_at) filter (where o.kind = 'complaint_dispatch' and o.status = 'done') as dispatch,
                 bool_or(o.ended_at > o.due_at) filter (where o.kind = 'complaint_first_reply' and o.status = 'done') as reply
          from obligations o
          where o.store_id = $1 and o.complaint_id = f.id
        ) o
        order by f.id
        "#,
        scope.get(),
        bounds.from,
        bounds.to,
        limit,
    )
    .fetch_all(db)
    .await
}

/// A case in the list behind a figure.
pub struct CaseRow {
    pub id: ComplaintId,
    pub number: String,
    pub severity: Severity,
    pub class_major: ComplaintClass,
    pub class_minor: String,
    pub state: ComplaintState,
    pub verdict: Option<Verdict>,
    pub words: Option<String>,
    pub accepted_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub cycle: i32,
    pub is_repeated: bool,
    pub customer_name: Option<String>,
    pub plate: Option<String>,
    pub model: String,
    pub department: Option<String>,
}

/// A figure and what it is cut to, as statements want it.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    pub figure: Figure,
    pub bounds: Bounds,
    pub query: &'a CaseQuery,
}

/// A page of the cases of a figure, the newest first.
pub async fn list_cases(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    wanted: Wanted<'_>,
    page: PageParams,
) -> sqlx::Result<Vec<CaseRow>> {
    let value = |dimension| wanted.query.value(dimension);
    sqlx::query_as!(
        CaseRow,
        r#"
        with page as materialized (
          select f.id
          from complaint_figure($1, $2, $3, $4, $5) i (id)
          join complaint_facts f on f.store_id = $1 and f.id = i.id
          where ($6::text is null or f.class_major = $6)
            and ($7::text is null or coalesce(nullif(f.class_minor, ''), 'none') = $7)
            and ($8::text is null or coalesce(f.responsibility, 'none') = $8)
            and ($9::text is null or coalesce(f.department_id::text, 'none') = $9)
            and ($10::text is null or f.channel = $10)
            and ($11::text is null or f.severity = $11)
            and ($12::text is null or coalesce(nullif(f.model, ''), 'none') = $12)
            and ($13::text is null or coalesce(nullif(f.advisor, ''), 'none') = $13)
          order by f.accepted_at desc, f.id desc
          limit $14 offset $15
        )
        select f.id as "id!: ComplaintId", f.number as "number!", f.severity as "severity!: Severity",
               f.class_major as "class_major!: ComplaintClass", f.class_minor as "class_minor!", f.state as "state!: ComplaintState",
               f.verdict as "verdict: Verdict", f.words, f.accepted_at as "accepted_at!", f.ended_at, f.cycle as "cycle!",
               f.is_repeated as "is_repeated!", u.name as "customer_name?", v.plate as "plate?", f.model as "model!", d.name as "department?"
        from page p
        join complaint_facts f on f.store_id = $1 and f.id = p.id
        left join customers u on u.store_id = f.store_id and u.id = f.customer_id
        left join vehicles v on v.store_id = f.store_id and v.id = f.vehicle_id
        left join departments d on d.store_id = f.store_id and d.id = f.department_id
        order by f.accepted_at desc, f.id desc
        "#,
        scope.get(),
        wanted.figure.as_str(),
        wanted.bounds.from,
        wanted.bounds.to,
        wanted.bounds.now,
        value(Dimension::Class),
        value(Dimension::Minor),
        value(Dimension::Responsibility),
        value(Dimension::Department),
        value(Dimension::Channel),
        value(Dimension::Severity),
        value(Dimension::Model),
        value(Dimension::Advisor),
        page.limit(),
        page.offset(),
    )
    .fetch_all(db)
    .await
}

/// How many cases a figure has.
pub async fn count_cases(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    wanted: Wanted<'_>,
) -> sqlx::Result<i64> {
    let value = |dimension| wanted.query.value(dimension);
    sqlx::query_scalar!(
        r#"
        select count(*) as "n!"
        from complaint_figure($1, $2, $3, $4, $5) i (id)
        join complaint_facts f on f.store_id = $1 and f.id = i.id
        where ($6::text is null or f.class_major = $6)
          and ($7::text is null or coalesce(nullif(f.class_minor, ''), 'none') = $7)
          and ($8::text is null or coalesce(f.responsibility, 'none') = $8)
          and ($9::text is null or coalesce(f.department_id::text, 'none') = $9)
          and ($10::text is null or f.channel = $10)
          and ($11::text is null or f.severity = $11)
          and ($12::text is null or coalesce(nullif(f.model, ''), 'none') = $12)
          and ($13::text is null or coalesce(nullif(f.advisor, ''), 'none') = $13)
        "#,
        scope.get(),
        wanted.figure.as_str(),
        wanted.bounds.from,
        wanted.bounds.to,
        wanted.bounds.now,
        value(Dimension::Class),
        value(Dimension::Minor),
        value(Dimension::Responsibility),
        value(Dimension::Department),
        value(Dimension::Channel),
        value(Dimension::Severity),
        value(Dimension::Model),
        value(Dimension::Advisor),
    )
    .fetch_one(db)
    .await
}

/// What a department or an advisor of the list is called.
pub async fn find_name(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    dimension: Dimension,
    value: &str,
) -> sqlx::Result<Option<String>> {
    let found = sqlx::query_scalar!(
        r#"
        select case
                 when $2 = 'department' then (select d.name from departments d where d.store_id = $1 and d.id::text = $3)
                 when $3 like 'u%' then (
                   select u.display_name from user_stores m join users u on u.id = m.user_id
                   where m.store_id = $1 and m.user_id::text = substr($3, 2))
                 else (
                   select w.advisor_name
                   from complaints c
                   join visits w on w.store_id = c.store_id and w.id = c.visit_id
                   where c.store_id = $1 and c.visit_id is not null and w.advisor_name <> ''
                     and 'n' || left(md5(w.advisor_name), 10) = $3
                   limit 1)
               end as name
        "#,
        scope.get(),
        dimension.as_str(),
        value,
    )
    .fetch_one(db)
    .await?;
    Ok(found)
}
