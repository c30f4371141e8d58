//! Statements of opinions.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::complaints::ComplaintId;
use crate::complaints::model::{ComplaintState, DemandKind, Severity};
use crate::complaints::opinions::OpinionFileId;
use crate::exports::Format;
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::vehicles::VehicleUsage;
use crate::web::pagination::PageParams;

/// The case as it stands, locked.
pub struct Marked {
    pub is_opinion: bool,
}

/// Locks a case.
pub async fn lock(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
) -> sqlx::Result<Option<Marked>> {
    sqlx::query_as!(
        Marked,
        "select is_opinion from complaints where store_id = $1 and id = $2 for no key update",
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Marks a case, or not. Its version stays: nobody's open form holds this.
pub async fn set(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    is_opinion: bool,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with marked as (
          update complaints set is_opinion = $3, updated_at = $5 where store_id = $1 and id = $2
          returning id
        )
        insert into complaint_events (store_id, complaint_id, kind, at, by_id, data)
        select $1, m.id, 'edited', $5, $4, jsonb_build_object('fields', jsonb_build_array('is_opinion'), 'is_opinion', $3::bool)
        from marked m
        "#,
        scope.get(),
        id.get(),
        is_opinion,
        by.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A case in the list.
pub struct OpinionRow {
    pub id: ComplaintId,
    pub number: String,
    pub accepted_at: DateTime<Utc>,
    pub class_minor: String,
    pub severity: Severity,
    pub state: ComplaintState,
    pub words: Option<String>,
    pub cause: Option<String>,
    pub vin: Option<String>,
    pub model: Option<String>,
    pub odometer_km: Option<i32>,
    pub symptom: Option<String>,
}

/// Cases of a period: marked ones, or those about the product that nobody has marked.
#[derive(Clone, Copy)]
pub struct Wanted {
    pub is_marked: bool,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

/// A page of them, the newest first.
pub async fn list(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    wanted: Wanted,
    page: PageParams,
) -> sqlx::Result<Vec<OpinionRow>> {
    sqlx::query_as!(
        OpinionRow,
        r#"
        with page as materialized (
          (select c.id from complaints c
           where $2 and c.store_id = $1 and c.is_opinion and c.accepted_at >= $3 and c.accepted_at < $4
           order by c.accepted_at desc, c.id desc limit $5 offset $6)
          union all
          (select c.id from complaints c
           where not $2 and c.store_id = $1 and c.class_major = 'product' and not c.is_opinion and c.accepted_at >= $3 and c.accepted_at < $4
             and c.state not in ('invalid', 'merged')
           order by c.accepted_at desc, c.id desc limit $5 offset $6)
        )
        select c.id, c.number, c.accepted_at, c.class_minor, c.severity, c.state, c.words, c.cause, v.vin as "vin?", v.model as "model?",
               coalesce(w.odometer_km, k.km) as odometer_km, w.symptom as "symptom?"
        from page p
        join complaints c on c.store_id = $1 and c.id = p.id
        left join vehicles v on v.store_id = c.store_id and v.id = c.vehicle_id
        left join visits w on w.store_id = c.store_id and w.id = c.visit_id
        left join lateral (
          select d.km from odometer_readings d
          where d.store_id = c.store_id and d.vehicle_id = c.vehicle_id and d.refused is null and d.read_on <= c.accepted_at::date + 1
          order by d.read_on desc, d.km desc limit 1
        ) k on true
        order by c.accepted_at desc, c.id desc
        "#,
        scope.get(),
        wanted.is_marked,
        wanted.from,
        wanted.to,
        page.limit(),
        page.offset(),
    )
    .fetch_all(db)
    .await
}

/// How many are marked and how many are suggested.
pub async fn counts(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> sqlx::Result<(i64, i64)> {
    let row = sqlx::query!(
        r#"
        select (select count(*) from complaints c
                where c.store_id = $1 and c.is_opinion and c.accepted_at >= $2 and c.accepted_at < $3) as "marked!",
               (select count(*) from complaints c
                where c.store_id = $1 and c.class_major = 'product' and not c.is_opinion and c.accepted_at >= $2 and c.accepted_at < $3
                  and c.state not in ('invalid', 'merged')) as "suggested!"
        "#,
        scope.get(),
        from,
        to,
    )
    .fetch_one(db)
    .await?;
    Ok((row.marked, row.suggested))
}

/// A line of the file before its words are covered.
pub struct FileRow {
    pub number: String,
    pub accepted_at: DateTime<Utc>,
    pub vin: Option<String>,
    pub model: Option<String>,
    pub delivered_on: Option<NaiveDate>,
    pub odometer_km: Option<i32>,
    pub usage: Option<VehicleUsage>,
    pub class_minor: String,
    pub severity: Severity,
    pub symptom: Option<String>,
    pub words: Option<String>,
    pub cause: Option<String>,
    pub measure: Option<String>,
    pub demand_kind: Option<DemandKind>,
    /// To cover it in the words; never written.
    pub customer_name: Option<String>,
}

/// Everything of a period, the oldest first, one more than a file may hold.
pub async fn list_for_file(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    limit: i64,
) -> sqlx::Result<Vec<FileRow>> {
    sqlx::query_as!(
        FileRow,
        r#"
        select c.number, c.accepted_at, v.vin as "vin?", v.model as "model?", v.delivered_on as "delivered_on?",
               coalesce(w.odometer_km, k.km) as odometer_km, v.usage as "usage?", c.class_minor, c.severity, w.symptom as "symptom?", c.words,
               c.cause, coalesce(c.measure, c.result) as measure, c.demand_kind, u.name as "customer_name?"
        from complaints c
        left join vehicles v on v.store_id = c.store_id and v.id = c.vehicle_id
        left join visits w on w.store_id = c.store_id and w.id = c.visit_id
        left join customers u on u.store_id = c.store_id and u.id = c.customer_id
        left join lateral (
          select d.km from odometer_readings d
          where d.store_id = c.store_id and d.vehicle_id = c.vehicle_id and d.refused is null and d.read_on <= c.accepted_at::date + 1
          order by d.read_on desc, d.km desc limit 1
        ) k on true
        where c.store_id = $1
          and c.is_opinion
          and c.accepted_at >= $2
          and c.accepted_at < $3
        order by c.accepted_at, c.id
        limit $4
        "#,
        scope.get(),
        from,
        to,
        limit,
    )
    .fetch_all(db)
    .await
}

/// A file that was made.
pub struct FileMade {
    pub month_on: NaiveDate,
    pub format: Format,
    pub reason: String,
    pub row_count: i32,
    pub person: String,
    pub created_at: DateTime<Utc>,
}

/// The newest files.
pub async fn list_files(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<FileMade>> {
    sqlx::query_as!(
        FileMade,
        r#"
        select f.month_on, f.format as "format: Format", f.reason, f.row_count, u.display_name as person, f.created_at
        from opinion_files f
        join users u on u.id = f.user_id
        where f.store_id = $1
        order by f.created_at desc, f.id desc
        limit 10
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// How many files a person has made since an instant.
pub async fn count_files_since(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    since: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "n!" from opinion_files where store_id = $1 and user_id = $2 and created_at >= $3"#,
        scope.get(),
        user.get(),
        since,
    )
    .fetch_one(db)
    .await
}

/// A file about to be made.
pub struct NewFile<'a> {
    pub month_on: NaiveDate,
    pub format: Format,
    pub reason: &'a str,
    pub rows: i32,
    pub by: UserId,
}

/// The record of a file, before it is sent.
pub async fn insert_file(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    new: NewFile<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<OpinionFileId> {
    let id = sqlx::query_scalar!(
        r#"
        insert into opinion_files (store_id, month_on, format, reason, row_count, user_id, created_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        returning id as "id: i64"
        "#,
        scope.get(),
        new.month_on,
        new.format.as_str(),
        new.reason,
        new.rows,
        new.by.get(),
        now,
    )
    .fetch_one(db)
    .await?;
    Ok(OpinionFileId::new(id))
}
