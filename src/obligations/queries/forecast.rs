//! Statements of the preview of a rule.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::rules::Rule;
use crate::stores::StoreScope;

/// What the runs of some days would make of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub obligations: i64,
    /// Of them exempt by a rule.
    pub exempt: i64,
    /// People who get a call that they would not get otherwise.
    pub calls: i64,
    /// Messages: one per person and day.
    pub messages: i64,
}

/// Until the end of the transaction a statement may take a minute.
pub async fn allow_a_minute(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query("set local statement_timeout = '60s'")
        .execute(db)
        .await?;
    Ok(())
}

/// The instant at which a day of the store begins.
pub async fn day_starts_at(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    day: NaiveDate,
) -> sqlx::Result<DateTime<Utc>> {
    sqlx::query_scalar!(
        "select starts_at from store_days where store_id = $1 and day = $2",
        scope.get(),
        day,
    )
    .fetch_one(db)
    .await
}

/// The newest entry; 0 in an empty ledger.
pub async fn highest_id(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select coalesce(max(id), 0) as "id!: i64" from obligations where store_id = $1"#,
        scope.get(),
    )
    .fetch_one(db)
    .await
}

/// Counts the rows that the runs of this transaction have made: no other run has their instant, which is still to come.
pub async fn count(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    rule: &Rule,
    (floor, run_at): (i64, DateTime<Utc>),
) -> sqlx::Result<Figures> {
    sqlx::query_as!(
        Figures,
        r#"
        select count(*) as "obligations!", count(*) filter (where o.status = 'exempt') as "exempt!",
               count(distinct o.customer_id) filter (where o.status = 'open' and o.channel = 'call' and b.id is null) as "calls!",
               count(distinct (o.customer_id, o.cohort_on)) filter (where o.status = 'open' and o.channel = 'sms') as "messages!"
        from obligations o
        left join callbacks b on b.store_id = o.store_id and b.customer_id = o.customer_id and b.status in ('open', 'claimed')
        where o.store_id = $1 and o.id > $3 and o.kind = $2 and o.created_at = $4
        "#,
        scope.get(),
        rule.kind.as_str(),
        floor,
        run_at,
    )
    .fetch_one(db)
    .await
}
