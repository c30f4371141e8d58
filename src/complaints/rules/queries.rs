//! Statements of the severity table.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::complaints::Severity;
use crate::complaints::sla::{ChainEnd, Limits};
use crate::stores::StoreScope;
use crate::users::UserId;

/// A severity of a version.
#[derive(Clone, Debug)]
pub struct Row {
    pub version: i32,
    pub severity: Severity,
    pub dispatch_minutes: i32,
    pub reply_minutes: i32,
    pub follow_up_hours: i32,
    pub second_callback_hours: i32,
    pub close_days: i32,
    pub is_wall_clock: bool,
    pub chain_end: ChainEnd,
    pub reason: String,
    pub valid_from: DateTime<Utc>,
    pub created_by_name: Option<String>,
}

impl Row {
    /// What it gives the severity.
    pub fn limits(&self) -> Limits {
        Limits {
            severity: self.severity,
            dispatch_minutes: self.dispatch_minutes,
            reply_minutes: self.reply_minutes,
            follow_up_hours: self.follow_up_hours,
            second_callback_hours: self.second_callback_hours,
            close_days: self.close_days,
            is_wall_clock: self.is_wall_clock,
            chain_end: self.chain_end,
        }
    }
}

/// All versions, oldest first, gravest severity first.
pub async fn list(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"
        select r.version, r.severity as "severity: Severity", r.dispatch_minutes, r.reply_minutes, r.follow_up_hours, r.second_callback_hours,
               r.close_days, r.is_wall_clock, r.chain_end as "chain_end: ChainEnd", r.reason, r.valid_from,
               u.display_name as "created_by_name?"
        from complaint_rules r
        left join users u on u.id = r.created_by
        where r.store_id = $1
        order by r.version, r.severity
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// Adds the rows of a version.
pub async fn insert(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    version: i32,
    rows: &[Limits],
    (by, reason, now): (Option<UserId>, &str, DateTime<Utc>),
) -> sqlx::Result<bool> {
    let column = |get: fn(&Limits) -> i32| rows.iter().map(get).collect::<Vec<i32>>();
    let text = |get: fn(&Limits) -> &'static str| {
        rows.iter()
            .map(|row| get(row).to_owned())
            .collect::<Vec<String>>()
    };
    let done = sqlx::query!(
        r#"
        insert into complaint_rules (store_id, version, severity, dispatch_minutes, reply_minutes, follow_up_hours, second_callback_hours,
                                     close_days, is_wall_clock, chain_end, reason, valid_from, created_by, created_at)
        select $1, $2, r.severity, r.dispatch_minutes, r.reply_minutes, r.follow_up_hours, r.second_callback_hours, r.close_days,
               r.is_wall_clock, r.chain_end, $11, $12, $13, $12
        from unnest($3::text[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::boolean[], $10::text[])
             r(severity, dispatch_minutes, reply_minutes, follow_up_hours, second_callback_hours, close_days, is_wall_clock, chain_end)
        on conflict do nothing
        "#,
        scope.get(),
        version,
        &text(|row| row.severity.as_str()),
        &column(|row| row.dispatch_minutes),
        &column(|row| row.reply_minutes),
        &column(|row| row.follow_up_hours),
        &column(|row| row.second_callback_hours),
        &column(|row| row.close_days),
        &rows.iter().map(|row| row.is_wall_clock).collect::<Vec<bool>>(),
        &text(|row| row.chain_end.as_str()),
        reason,
        now,
        by.map(UserId::get),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == rows.len() as u64)
}
