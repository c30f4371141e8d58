//! Statements of care rules.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::rules::model::{DefaultRule, Rule};
use crate::rules::{Channel, RuleId, RuleKind};
use crate::stores::StoreScope;
use crate::users::UserId;

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
               visit_types, month_day, threshold_days, cadence_days, codes, message_days,
               min_dials, min_days, min_dayparts, retry_minutes
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
               visit_types, month_day, threshold_days, cadence_days, codes, message_days,
               min_dials, min_days, min_dayparts, retry_minutes
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
    let owned = |codes: &[&str]| -> Vec<String> { codes.iter().map(|code| (*code).to_owned()).collect() };
    sqlx::query!(
        r#"
        insert into rules (store_id, kind, version, valid_from, channel, due_days, offsets, lookback_days, horizon_days,
                           visit_types, created_at, month_day, threshold_days, cadence_days, codes)
        values ($1, $2, 1, '2000-01-01', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        on conflict on constraint rules_version_key do nothing
        "#,
        scope.get(),
        rule.kind.as_str(),
        rule.channel.as_str(),
        rule.due_days,
        rule.offsets,
        rule.lookback_days,
        rule.horizon_days,
        &owned(rule.visit_types),
        now,
        rule.month_day,
        rule.threshold_days,
        rule.cadence_days,
        &owned(rule.codes),
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

/// A version with its place in the history.
#[derive(Clone, Debug)]
pub struct RuleVersion {
    pub rule: Rule,
    pub valid_until: Option<NaiveDate>,
    pub reason: String,
    pub created_at: DateTime<Utc>,
    pub created_by_name: Option<String>,
    pub withdrawn_at: Option<DateTime<Utc>>,
    pub withdrawn_by_name: Option<String>,
}

/// The kind that a version is of; `None` outside the store.
pub async fn find_kind(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: RuleId,
) -> sqlx::Result<Option<RuleKind>> {
    sqlx::query_scalar!(
        r#"select kind as "kind: RuleKind" from rules where store_id = $1 and id = $2"#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Versions with who made and who withdrew them, newest first: of one kind, else those of every kind that are or will be in force.
pub async fn list_versions(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kind: Option<RuleKind>,
    today: NaiveDate,
) -> sqlx::Result<Vec<RuleVersion>> {
    let rows = sqlx::query!(
        r#"
        select r.id as "id: RuleId", r.kind as "kind: RuleKind", r.version, r.valid_from, r.is_enabled, r.channel as "channel: Channel",
               r.due_days, r.offsets, r.lookback_days, r.horizon_days, r.visit_types, r.month_day, r.threshold_days,
               r.cadence_days, r.codes, r.message_days, r.min_dials, r.min_days, r.min_dayparts, r.retry_minutes,
               r.valid_until, r.reason, r.created_at, c.display_name as "created_by_name?", r.withdrawn_at,
               w.display_name as "withdrawn_by_name?"
        from rules r
        left join users c on c.id = r.created_by
        left join users w on w.id = r.withdrawn_by
        where r.store_id = $1
          and (r.kind = $2 or $2::text is null and r.withdrawn_at is null and (r.valid_until is null or r.valid_until > $3))
        order by r.kind, r.version desc
        limit 500
        "#,
        scope.get(),
        kind.map(RuleKind::as_str),
        today,
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| RuleVersion {
            rule: Rule {
                id: row.id,
                kind: row.kind,
                version: row.version,
                valid_from: row.valid_from,
                is_enabled: row.is_enabled,
                channel: row.channel,
                due_days: row.due_days,
                offsets: row.offsets,
                lookback_days: row.lookback_days,
                horizon_days: row.horizon_days,
                visit_types: row.visit_types,
                month_day: row.month_day,
                threshold_days: row.threshold_days,
                cadence_days: row.cadence_days,
                codes: row.codes,
                message_days: row.message_days,
                min_dials: row.min_dials,
                min_days: row.min_days,
                min_dayparts: row.min_dayparts,
                retry_minutes: row.retry_minutes,
            },
            valid_until: row.valid_until,
            reason: row.reason,
            created_at: row.created_at,
            created_by_name: row.created_by_name,
            withdrawn_at: row.withdrawn_at,
            withdrawn_by_name: row.withdrawn_by_name,
        })
        .collect())
}

/// Versions of a kind that are in force on any of these days, the oldest first.
pub async fn list_between(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kind: RuleKind,
    (from, to): (NaiveDate, NaiveDate),
) -> sqlx::Result<Vec<Rule>> {
    sqlx::query_as!(
        Rule,
        r#"
        select id, kind, version, valid_from, is_enabled, channel, due_days, offsets, lookback_days, horizon_days,
               visit_types, month_day, threshold_days, cadence_days, codes, message_days,
               min_dials, min_days, min_dayparts, retry_minutes
        from rules
        where store_id = $1 and kind = $2 and withdrawn_at is null and valid_from <= $4 and (valid_until is null or valid_until > $3)
        order by valid_from
        "#,
        scope.get(),
        kind.as_str(),
        from,
        to,
    )
    .fetch_all(db)
    .await
}

/// Ends the version that has no end. `false`: it has got one, or is no longer the one that was read.
pub async fn end_version(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    rule: &Rule,
    on: NaiveDate,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update rules set valid_until = $4 where store_id = $1 and kind = $2 and version = $3 and valid_until is null",
        scope.get(),
        rule.kind.as_str(),
        rule.version,
        on,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Who changes a rule, and why.
#[derive(Clone, Copy, Debug)]
pub struct Because<'a> {
    pub user: UserId,
    pub reason: &'a str,
    pub now: DateTime<Utc>,
}

/// Writes the next version; its number follows the highest of the kind.
pub async fn insert_version(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    rule: &Rule,
    because: Because<'_>,
) -> sqlx::Result<RuleId> {
    sqlx::query_scalar!(
        r#"
        insert into rules (store_id, kind, version, valid_from, is_enabled, channel, due_days, offsets, lookback_days, horizon_days,
                           visit_types, month_day, threshold_days, cadence_days, codes, message_days,
                           min_dials, min_days, min_dayparts, retry_minutes, reason, created_by, created_at)
        select $1, $2, max(r.version) + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22
        from rules r
        where r.store_id = $1 and r.kind = $2
        returning id as "id: RuleId"
        "#,
        scope.get(),
        rule.kind.as_str(),
        rule.valid_from,
        rule.is_enabled,
        rule.channel.as_str(),
        rule.due_days,
        &rule.offsets,
        rule.lookback_days,
        rule.horizon_days,
        &rule.visit_types,
        rule.month_day,
        rule.threshold_days,
        rule.cadence_days,
        &rule.codes,
        rule.message_days,
        rule.min_dials,
        rule.min_days,
        rule.min_dayparts,
        rule.retry_minutes,
        because.reason,
        because.user.get(),
        because.now,
    )
    .fetch_one(db)
    .await
}

/// Takes a version back whose first day is still to come. `false`: it is not, or it was taken back before.
pub async fn withdraw(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: RuleId,
    today: NaiveDate,
    (user, now): (UserId, DateTime<Utc>),
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update rules
        set valid_until = valid_from, withdrawn_at = $4, withdrawn_by = $5
        where store_id = $1 and id = $2 and valid_until is null and valid_from > $3
        "#,
        scope.get(),
        id.get(),
        today,
        now,
        user.get(),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The version that a withdrawn one would have ended goes on without an end.
pub async fn go_on(db: impl PgExecutor<'_>, scope: StoreScope, withdrawn: RuleId) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update rules r
        set valid_until = null
        from rules w
        where r.store_id = $1 and w.store_id = $1 and w.id = $2 and r.kind = w.kind and r.valid_until = w.valid_from
          and r.withdrawn_at is null and r.id <> w.id
        "#,
        scope.get(),
        withdrawn.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Percent of exempt entries from which the ledger warns.
pub async fn exempt_limit(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<i16> {
    sqlx::query_scalar!("select exempt_limit from stores where id = $1", scope.get())
        .fetch_one(db)
        .await
}

/// Sets that percentage.
pub async fn set_exempt_limit(db: impl PgExecutor<'_>, scope: StoreScope, percent: i16) -> sqlx::Result<()> {
    sqlx::query!(
        "update stores set exempt_limit = $2 where id = $1",
        scope.get(),
        percent
    )
    .execute(db)
    .await?;
    Ok(())
}
