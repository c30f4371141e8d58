//! Statements of the figures. A period is read from the covering index of the ledger, without its table.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::kpi::cube::{Cell, Dials};
use crate::kpi::definition::{CONNECTED_RESULTS, Duty};
use crate::obligations::ObligationClass as Class;
use crate::stores::StoreScope;
use crate::users::UserId;

/// What is counted: cohort days `from..=to`, as it stands at `now`, of everybody or of one person.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub now: DateTime<Utc>,
    pub person: Option<UserId>,
}

/// Obligations of a period by kind, person and class.
pub async fn count(db: impl PgExecutor<'_>, scope: StoreScope, span: Span) -> sqlx::Result<Vec<Cell>> {
    let duties: Vec<String> = Duty::ALL.iter().map(ToString::to_string).collect();
    sqlx::query_as!(
        Cell,
        r#"
        with cells as materialized (
          select kind, coalesce(responsible_id, ended_by) as person,
                 obligation_class(status, due_at, ended_at, $4) as class,
                 count(*) as n,
                 count(*) filter (where is_connected) as connected,
                 count(*) filter (where is_satisfied is not null) as answered,
                 count(*) filter (where is_satisfied) as satisfied
          from obligations
          where store_id = $1
            and cohort_on between $2 and $3
            and kind = any($5)
            and ($6::bigint is null or coalesce(responsible_id, ended_by) = $6)
          group by 1, 2, 3
        )
        select c.kind as "duty!: Duty", c.person as "person?: UserId", u.display_name as "person_name?",
               c.class as "class!: Class", c.n as "n!", c.connected as "connected!",
               c.answered as "answered!", c.satisfied as "satisfied!"
        from cells c
        left join users u on u.id = c.person
        order by c.kind, c.person, c.class
        "#,
        scope.get(),
        span.from,
        span.to,
        span.now,
        &duties,
        span.person.map(UserId::get),
    )
    .fetch_all(db)
    .await
}

/// A class of one kind on one cohort day.
#[derive(Clone, Debug)]
pub struct DayCell {
    pub day: NaiveDate,
    pub class: Class,
    pub n: i64,
}

/// Obligations of one kind by cohort day and class, for the trend.
pub async fn count_by_day(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    duty: Duty,
    span: Span,
) -> sqlx::Result<Vec<DayCell>> {
    sqlx::query_as!(
        DayCell,
        r#"
        select cohort_on as day, obligation_class(status, due_at, ended_at, $4) as "class!: Class", count(*) as "n!"
        from obligations
        where store_id = $1
          and cohort_on between $2 and $3
          and kind = $5
          and ($6::bigint is null or coalesce(responsible_id, ended_by) = $6)
        group by 1, 2
        order by 1, 2
        "#,
        scope.get(),
        span.from,
        span.to,
        span.now,
        duty.as_str(),
        span.person.map(UserId::get),
    )
    .fetch_all(db)
    .await
}

/// Dials of the days `from..=to` by person.
pub async fn count_dials(db: impl PgExecutor<'_>, scope: StoreScope, span: Span) -> sqlx::Result<Vec<Dials>> {
    let connected: Vec<String> = CONNECTED_RESULTS.iter().map(|&code| code.to_owned()).collect();
    sqlx::query_as!(
        Dials,
        r#"
        with dials as materialized (
          select user_id, count(*) as dials, count(*) filter (where result = any($4)) as connected
          from attempts
          where store_id = $1
            and on_day between $2 and $3
            and ($5::bigint is null or user_id = $5)
          group by user_id
        )
        select d.user_id as person, u.display_name as person_name, d.dials as "dials!", d.connected as "connected!"
        from dials d
        join users u on u.id = d.user_id
        order by u.display_name, d.user_id
        "#,
        scope.get(),
        span.from,
        span.to,
        &connected,
        span.person.map(UserId::get),
    )
    .fetch_all(db)
    .await
}

/// Cases that are open now, whenever they were accepted.
pub async fn count_open_complaints(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "n!" from complaints where store_id = $1 and ended_at is null"#,
        scope.get(),
    )
    .fetch_one(db)
    .await
}
