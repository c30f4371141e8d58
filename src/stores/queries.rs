//! Statements of stores and departments. `stores` is the one table above the store scope.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::stores::forms::{DepartmentChange, NewDays, StoreChange};
use crate::stores::{DepartmentId, StoreId, StoreScope, hours};
use crate::web::layout::StoreChoice;

/// A new store; its code must be free.
pub async fn insert(
    db: impl PgExecutor<'_>,
    code: &str,
    name: &str,
    starts_on: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<StoreId> {
    let id = sqlx::query_scalar!(
        "insert into stores (code, name, starts_on, created_at) values ($1, $2, $3, $4) returning id",
        code,
        name,
        starts_on,
        now,
    )
    .fetch_one(db)
    .await?;
    Ok(id)
}

/// The departments every dealership has; more can be added.
pub async fn insert_default_departments(db: impl PgExecutor<'_>, store: StoreId) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into departments (store_id, name)
        select $1, name
        from unnest(array['售后服务部', '钣喷车间', '配件部', '销售部', '保险金融部', '客户关爱部']) with ordinality d(name, position)
        order by position
        "#,
        store.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Every store that is open for work, for the switcher of group-wide people.
pub async fn list_choices_any_store(
    db: impl PgExecutor<'_>,
    current: StoreId,
) -> sqlx::Result<Vec<StoreChoice>> {
    sqlx::query_as!(
        StoreChoice,
        r#"select id, name, id = $1 as "is_current!" from stores where is_active order by code"#,
        current.get(),
    )
    .fetch_all(db)
    .await
}

/// The store with this code.
pub async fn find_by_code(db: impl PgExecutor<'_>, code: &str) -> sqlx::Result<Option<StoreId>> {
    let id = sqlx::query_scalar!("select id from stores where code = upper($1)", code)
        .fetch_optional(db)
        .await?;
    Ok(id)
}

/// The store's name, as customers know it.
pub async fn find_name(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<String> {
    sqlx::query_scalar!("select name from stores where id = $1", scope.get())
        .fetch_one(db)
        .await
}

/// A store as its pages show it.
#[derive(Clone, Debug)]
pub struct Store {
    pub id: StoreId,
    pub code: String,
    pub name: String,
    pub time_zone: String,
    pub area_code: Option<String>,
    pub is_active: bool,
    pub watch_margin: i16,
    pub touch_limit: i16,
    pub answer_hours: i16,
    pub restarts_on_revisit: bool,
    pub version: i32,
    /// Active people, without the group-wide ones.
    pub people: i64,
    /// Active departments.
    pub departments: i64,
}

/// The store of the scope, or every one for a group-wide admin.
pub async fn list(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    of_every_store: bool,
) -> sqlx::Result<Vec<Store>> {
    sqlx::query_as!(
        Store,
        r#"
        select s.id, s.code, s.name, s.time_zone, s.area_code, s.is_active, s.watch_margin, s.touch_limit, s.answer_hours,
               s.restarts_on_revisit, s.version,
               (select count(*) from user_stores m join users u on u.id = m.user_id and u.is_active and u.group_role is null
                where m.store_id = s.id and m.is_active) as "people!",
               (select count(*) from departments d where d.store_id = s.id and d.is_active) as "departments!"
        from stores s
        where s.id = $1 or $2
        order by s.is_active desc, s.code, s.id
        "#,
        scope.get(),
        of_every_store,
    )
    .fetch_all(db)
    .await
}

/// Locks the store's row: changes of hours and of days wait for each other.
pub async fn lock(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<()> {
    sqlx::query!("select id from stores where id = $1 for update", scope.get())
        .fetch_optional(db)
        .await?;
    Ok(())
}

/// Writes a store; `false`: somebody changed it since the version.
pub async fn update(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    change: &StoreChange,
    is_active: bool,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update stores
        set name = $3, time_zone = $4, area_code = $5, is_active = $6, watch_margin = coalesce($7, watch_margin),
            touch_limit = coalesce($8, touch_limit), answer_hours = coalesce($9, answer_hours),
            restarts_on_revisit = coalesce($10, restarts_on_revisit), version = version + 1
        where id = $1 and version = $2
        "#,
        scope.get(),
        change.version,
        change.name,
        change.time_zone.name(),
        change.area_code,
        is_active,
        change.watch_margin,
        change.touch_limit,
        change.answer_hours,
        change.restarts_on_revisit,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Counts a change of hours; `false`: somebody changed the store since `version`.
pub async fn touch(db: impl PgExecutor<'_>, scope: StoreScope, version: i32) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update stores set version = version + 1 where id = $1 and version = $2",
        scope.get(),
        version,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether another store is open for work: a group without one cannot be worked in.
pub async fn has_other_active_any_store(db: impl PgExecutor<'_>, store: StoreId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from stores where is_active and id <> $1) as "exists!""#,
        store.get(),
    )
    .fetch_one(db)
    .await
}

/// A department as the store's page shows it.
#[derive(Clone, Debug)]
pub struct Department {
    pub id: DepartmentId,
    pub name: String,
    pub is_active: bool,
    pub version: i32,
}

/// Departments, inactive ones last.
pub async fn list_departments(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<Department>> {
    sqlx::query_as!(
        Department,
        "select id, name, is_active, version from departments where store_id = $1 order by is_active desc, id",
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// A new department; its name must be free in the store.
pub async fn insert_department(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    name: &str,
) -> sqlx::Result<DepartmentId> {
    sqlx::query_scalar!(
        r#"insert into departments (store_id, name) values ($1, $2) returning id as "id: DepartmentId""#,
        scope.get(),
        name,
    )
    .fetch_one(db)
    .await
}

/// A department of the store.
pub async fn find_department(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: DepartmentId,
) -> sqlx::Result<Option<Department>> {
    sqlx::query_as!(
        Department,
        "select id, name, is_active, version from departments where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Renames a department or changes whether it is offered; `false`: somebody changed it since the version.
pub async fn update_department(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: DepartmentId,
    change: &DepartmentChange,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update departments
        set name = $4, is_active = coalesce($5, is_active), version = version + 1
        where store_id = $1 and id = $2 and version = $3
        "#,
        scope.get(),
        id.get(),
        change.version,
        change.name,
        change.is_active,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Makes room for a new weekly pattern.
pub async fn delete_hours(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<()> {
    sqlx::query!("delete from calendar_hours where store_id = $1", scope.get())
        .execute(db)
        .await?;
    Ok(())
}

/// Closes a run of days, or with intervals gives them special hours; replaces what was there.
pub async fn upsert_days(db: impl PgExecutor<'_>, scope: StoreScope, days: &NewDays) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into calendar_days (store_id, day, kind, name, opens, closes, more_hours)
        select $1, d::date, $7, $4, $5::text::time, $6::text::time, $8
        from generate_series($2::date, $3::date, interval '1 day') d
        on conflict (store_id, day) do update
          set kind = excluded.kind, name = excluded.name, opens = excluded.opens, closes = excluded.closes, more_hours = excluded.more_hours,
              is_provisional = false
        "#,
        scope.get(),
        days.from,
        days.to,
        days.name,
        days.intervals.first().map(|interval| interval.opens().to_string()),
        days.intervals.first().map(|interval| interval.closes().to_string()),
        days.kind.as_str(),
        hours::print(days.intervals.get(1..).unwrap_or_default()),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Days of a range that are closed or have hours of their own.
pub async fn list_shut_days(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    from: NaiveDate,
    to: NaiveDate,
) -> sqlx::Result<Vec<NaiveDate>> {
    sqlx::query_scalar!(
        "select day from calendar_days where store_id = $1 and day between $2 and $3 and kind in ('closed', 'special')",
        scope.get(),
        from,
        to,
    )
    .fetch_all(db)
    .await
}

/// Makes days ordinary again; returns how many were not.
pub async fn delete_days(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    from: NaiveDate,
    to: NaiveDate,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from calendar_days where store_id = $1 and day between $2 and $3",
        scope.get(),
        from,
        to,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
