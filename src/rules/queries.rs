//! Statements of care rules.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::rules::RuleKind;
use crate::rules::model::{DefaultRule, Rule};
use crate::stores::StoreScope;

/// The version of a kind without an end.
pub async fn find_current(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kind: RuleKind,
) -> sqlx::Result<Option<Rule>> {
    sqlx::query_as!(
        Rule,
        r#"
        select id, kind, version, valid_from, is_enabled, channel, due_days, offsets, lookback_days, horizon_days,
               visit_types, min_dials, min_days, min_dayparts, retry_minutes
        from rules
        where store_id = $1 and kind = $2 and valid_until is null
        "#,
        scope.get(),
        kind.as_str(),
    )
    .fetch_optional(db)
    .await
}

/// The version of each kind that was in force on a day.
pub async fn list_on(db: impl PgExecutor<'_>, scope: StoreScope, day: NaiveDate) -> sqlx::Result<Vec<Rule>> {
    sqlx::query_as!(
        Rule,
        r#"
        select id, kind, version, valid_from, is_enabled, channel, due_days, offsets, lookback_days, horizon_days,
               visit_types, min_dials, min_days, min_dayparts, retry_minutes
        from rules
        where store_id = $1 and valid_from <= $2 and (valid_until is null or valid_until > $2)
        order by id
        "#,
        scope.get(),
        day,
    )
    .fetch_all(db)
    .await
}

/// Version 1 of a kind, in force for all time: how far back events owe is `stores.starts_on`.
pub async fn insert_default(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    rule: &DefaultRule,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let visit_types: Vec<String> = rule.visit_types.iter().map(|code| (*code).to_owned()).collect();
    sqlx::query!(
        r#"
        insert into rules (store_id, kind, version, valid_from, channel, due_days, offsets, lookback_days, horizon_days,
                           visit_types, created_at)
        values ($1, $2, 1, '2000-01-01', $3, $4, $5, $6, $7, $8, $9)
        on conflict on constraint rules_version_key do nothing
        "#,
        scope.get(),
        rule.kind.as_str(),
        rule.channel.as_str(),
        rule.due_days,
        rule.offsets,
        rule.lookback_days,
        rule.horizon_days,
        &visit_types,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The maintenance plan of any model that has none of its own.
pub async fn insert_default_plan(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into maintenance_plans (store_id) values ($1) on conflict on constraint maintenance_plans_model_key do nothing",
        scope.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}
