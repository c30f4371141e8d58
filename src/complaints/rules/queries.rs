//! Statements of the severity table.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::complaints::Severity;
use crate::complaints::rules::forms::Posts;
use crate::complaints::sla::{ChainEnd, Limits};
use crate::stores::{DepartmentId, StoreScope};
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

/// The number of the newest version; 0 if there is none. Locks the store's row, so that two changes do not both follow it.
pub async fn latest(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        r#"
        select coalesce((select max(version) from complaint_rules where store_id = s.id), 0) as "version!"
        from stores s
        where s.id = $1
        for no key update
        "#,
        scope.get(),
    )
    .fetch_one(db)
    .await
}

/// Somebody who may stand at a post.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: UserId,
    pub name: String,
}

/// Everybody who works in the store, by name.
pub async fn list_people(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<Person>> {
    sqlx::query_as!(
        Person,
        r#"
        select u.id, u.display_name as name
        from user_stores m
        join users u on u.id = m.user_id
        where m.store_id = $1 and m.is_active and u.is_active
        order by u.display_name, u.id
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// A department and its head.
#[derive(Clone, Debug)]
pub struct Department {
    pub id: DepartmentId,
    pub name: String,
    pub lead_id: Option<UserId>,
}

/// Departments that answer complaints.
pub async fn list_departments(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<Department>> {
    sqlx::query_as!(
        Department,
        r#"select id as "id: DepartmentId", name, lead_id as "lead_id: UserId" from departments where store_id = $1 and is_active order by id"#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// The posts above the departments.
#[derive(Clone, Debug)]
pub struct StorePosts {
    pub version: i32,
    pub service_director: Option<UserId>,
    pub sales_director: Option<UserId>,
    pub general_manager: Option<UserId>,
}

/// Who stands at them.
pub async fn find_posts(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<StorePosts> {
    sqlx::query_as!(
        StorePosts,
        r#"
        select version, service_director_id as "service_director: UserId", sales_director_id as "sales_director: UserId",
               general_manager_id as "general_manager: UserId"
        from stores
        where id = $1
        "#,
        scope.get(),
    )
    .fetch_one(db)
    .await
}

/// Writes the posts of the store; `false`: its version is another.
pub async fn set_posts(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    version: i32,
    posts: &Posts,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update stores
        set service_director_id = $3, sales_director_id = $4, general_manager_id = $5, version = version + 1
        where id = $1 and version = $2
        "#,
        scope.get(),
        version,
        posts.service_director.map(UserId::get),
        posts.sales_director.map(UserId::get),
        posts.general_manager.map(UserId::get),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes the heads of the departments.
pub async fn set_leads(db: impl PgExecutor<'_>, scope: StoreScope, posts: &Posts) -> sqlx::Result<()> {
    let (ids, leads): (Vec<i64>, Vec<Option<i64>>) = posts
        .leads
        .iter()
        .map(|(department, lead)| (department.get(), lead.map(UserId::get)))
        .unzip();
    sqlx::query!(
        r#"
        update departments d
        set lead_id = l.lead_id, version = d.version + 1
        from unnest($2::bigint[], $3::bigint[]) l(id, lead_id)
        where d.store_id = $1 and d.id = l.id and d.lead_id is distinct from l.lead_id
        "#,
        scope.get(),
        &ids,
        &leads as &[Option<i64>],
    )
    .execute(db)
    .await?;
    Ok(())
}
