//! Statements that change a case. Each one but the history's counts up the version; leaving a wait adds it to `waited`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgExecutor;

use crate::complaints::case::Check;
use crate::complaints::case::forms::{Correction, Findings, Resolution};
use crate::complaints::{ComplaintId, ComplaintState, DemandKind, Responsibility, Severity};
use crate::stores::{DepartmentId, StoreScope};
use crate::users::UserId;

/// A line of the history before it is written.
pub struct NewEvent<'a> {
    pub kind: &'static str,
    pub by: Option<UserId>,
    pub at: DateTime<Utc>,
    pub from: ComplaintState,
    /// The state it leads to, if it leads to one.
    pub to: Option<ComplaintState>,
    pub is_public: bool,
    pub body: Option<&'a str>,
    pub data: Value,
}

/// Adds a line to the history of a case.
pub async fn insert_event(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    event: &NewEvent<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into complaint_events (store_id, complaint_id, kind, at, by_id, from_state, to_state, is_public, body, data)
        values ($1, $2, $3, $4, $5, case when $7::text is not null then $6 end, $7, $8, $9, $10)
        "#,
        scope.get(),
        id.get(),
        event.kind,
        event.at,
        event.by.map(UserId::get),
        event.from.as_str(),
        event.to.map(ComplaintState::as_str),
        event.is_public,
        event.body,
        event.data,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Something happened to a case that changed none of its values.
pub async fn touch(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    is_follow_up: bool,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update complaints
        set updated_at = $4, followed_up_at = case when $3 then coalesce(followed_up_at, $4) else followed_up_at end
        where store_id = $1 and id = $2
        "#,
        scope.get(),
        id.get(),
        is_follow_up,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// To a person of a department. The first dispatch is the one that was promised; who gets it later must acknowledge anew.
pub async fn dispatch(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    to: (DepartmentId, UserId),
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update complaints
        set state = 'dispatched', department_id = $3, handler_id = $4, dispatched_at = coalesce(dispatched_at, $6), acknowledged_at = null,
            owner_id = coalesce(owner_id, (select m.user_id from user_stores m where m.store_id = $1 and m.user_id = $5)),
            waited = waited + coalesce($6 - waiting_since, '0'), waiting_since = null, version = version + 1, updated_at = $6
        where store_id = $1 and id = $2
        "#,
        scope.get(),
        id.get(),
        to.0.get(),
        to.1.get(),
        by.map(UserId::get),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The named person has it.
pub async fn acknowledge(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update complaints
        set state = 'in_progress', acknowledged_at = $3, version = version + 1, updated_at = $3
        where store_id = $1 and id = $2
        "#,
        scope.get(),
        id.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// When the department will be done.
pub async fn promise(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    promised_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update complaints
        set promised_at = $3, version = version + 1, updated_at = $4
        where store_id = $1 and id = $2
        "#,
        scope.get(),
        id.get(),
        promised_at,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Waits for the customer, or goes on.
pub async fn wait(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    is_waiting: bool,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update complaints
        set state = case when $3 then 'waiting' else 'in_progress' end, waited = waited + coalesce($4 - waiting_since, '0'),
            waiting_since = case when $3 then $4 end, version = version + 1, updated_at = $4
        where store_id = $1 and id = $2
        "#,
        scope.get(),
        id.get(),
        is_waiting,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Another severity.
pub async fn set_severity(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    severity: Severity,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update complaints
        set severity = $3, version = version + 1, updated_at = $4
        where store_id = $1 and id = $2
        "#,
        scope.get(),
        id.get(),
        severity.as_str(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What the department found, unless somebody saved another version meanwhile: then nothing, and `false`.
pub async fn save_findings(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    version: i32,
    found: &Findings,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update complaints
        set course = nullif($4, ''), cause = nullif($5, ''), measure = nullif($6, ''), responsibility = $7, cost_fen = $8, promised_at = $9,
            version = version + 1, updated_at = $10
        where store_id = $1 and id = $2 and version = $3
        "#,
        scope.get(),
        id.get(),
        version,
        found.course,
        found.cause,
        found.measure,
        found.responsibility.map(Responsibility::as_str),
        found.cost_fen,
        found.promised_at,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// What was taken down wrongly, unless somebody saved another version meanwhile: then nothing, and `false`.
pub async fn correct(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    version: i32,
    right: &Correction,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update complaints
        set class_major = $4, class_minor = case when class_major = $4 then class_minor else '' end, words = nullif($5, ''),
            demand = nullif($6, ''), demand_kind = $7, claimed_fen = $8, wants_replacement = $9, external_number = $10,
            external_due_on = $11, is_opinion = $12,
            department_id = case when state = 'accepted' then $13 else department_id end, version = version + 1, updated_at = $14
        where store_id = $1 and id = $2 and version = $3
        "#,
        scope.get(),
        id.get(),
        version,
        right.class.as_str(),
        right.words,
        right.demand,
        right.demand_kind.map(DemandKind::as_str),
        right.claimed_fen,
        right.wants_replacement,
        right.external_number,
        right.external_due_on,
        right.is_opinion,
        right.department.map(DepartmentId::get),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// 处理完毕, with the evidence.
pub async fn resolve(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    how: &Resolution,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update complaints
        set state = 'resolved', cause = $3, responsibility = $4, measure = $5, result = $6, agreed_at = $7, resolved_at = $8,
            waited = waited + coalesce($8 - waiting_since, '0'), waiting_since = null, version = version + 1, updated_at = $8
        where store_id = $1 and id = $2
        "#,
        scope.get(),
        id.get(),
        how.cause,
        how.responsibility.as_str(),
        how.measure,
        how.result,
        how.agreed_at,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends a case that is not closed by a verdict: withdrawn, invalid or merged.
pub async fn end(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    end: &Ending<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update complaints
        set state = $3, merged_into_id = $4, ended_reason = $5, ended_by = $6, ended_at = $7,
            waited = waited + coalesce($7 - waiting_since, '0'), waiting_since = null, version = version + 1, updated_at = $7
        where store_id = $1 and id = $2
        "#,
        scope.get(),
        id.get(),
        end.state.as_str(),
        end.into.map(ComplaintId::get),
        end.reason,
        end.by.map(UserId::get),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How a case ends without a verdict.
pub struct Ending<'a> {
    pub state: ComplaintState,
    pub into: Option<ComplaintId>,
    pub reason: &'a str,
    pub by: Option<UserId>,
}

/// Ticks and unticks the items of a class's list; what was ticked before keeps its person and time.
pub async fn set_checks(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    (listed, ticked): (&[Check], &[Check]),
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let codes = |checks: &[Check]| {
        checks
            .iter()
            .map(|check| check.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    sqlx::query!(
        r#"
        with gone as (
          delete from complaint_checks k
          where k.store_id = $1 and k.complaint_id = $2 and k.code = any($3) and k.code <> all($4)
        )
        insert into complaint_checks (store_id, complaint_id, code, by_id, at)
        select $1, $2, code, $5, $6
        from unnest($4::text[]) code
        on conflict (store_id, complaint_id, code) do nothing
        "#,
        scope.get(),
        id.get(),
        &codes(listed),
        &codes(ticked),
        by.map(UserId::get),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}
