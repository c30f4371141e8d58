//! Statements of people and of their roles in stores.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::auth::permission::Role;
use crate::stores::{DepartmentId, StoreId, StoreScope};
use crate::users::UserId;
use crate::users::forms::{AccountInput, PeopleFilter};
use crate::users::model::{ActiveAdmin, Person, Reach};
use crate::web::pagination::PageParams;

/// A new person; the username must be free.
pub async fn insert(
    db: impl PgExecutor<'_>,
    username: &str,
    display_name: &str,
    staff_number: Option<&str>,
    password_hash: Option<&str>,
    group_role: Option<Role>,
    now: DateTime<Utc>,
) -> sqlx::Result<UserId> {
    let id = sqlx::query_scalar!(
        r#"
        insert into users (username, display_name, staff_number, password_hash, group_role, created_at)
        values ($1, $2, $3, $4, $5, $6)
        returning id
        "#,
        username,
        display_name,
        staff_number,
        password_hash,
        group_role.map(Role::as_str),
        now,
    )
    .fetch_one(db)
    .await?;
    Ok(id)
}

/// Gives a person a role in a store.
pub async fn insert_membership(
    db: impl PgExecutor<'_>,
    store: StoreId,
    user: UserId,
    role: Role,
    department: Option<DepartmentId>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into user_stores (store_id, user_id, role, department_id) values ($1, $2, $3, $4)",
        store.get(),
        user.get(),
        role.as_str(),
        department.map(DepartmentId::get),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A row of the list of people.
pub struct PersonRow {
    pub id: UserId,
    pub display_name: String,
    pub username: String,
    pub staff_number: Option<String>,
    pub role: Role,
    pub is_group_wide: bool,
    pub department: Option<String>,
    pub is_active: bool,
    pub has_password: bool,
    pub is_online: bool,
    pub last_sign_in_at: Option<DateTime<Utc>>,
}

/// One page of the people in reach. `tab` is a role, `inactive`, or empty for everybody active.
///
/// The last sign-in comes from the audit chain of the store, for group-wide people of every store.
pub async fn list(
    db: impl PgExecutor<'_>,
    reach: Reach,
    filter: &PeopleFilter,
    seen_after: DateTime<Utc>,
    params: PageParams,
) -> sqlx::Result<Vec<PersonRow>> {
    sqlx::query_as!(
        PersonRow,
        r#"
        with page as materialized (
          select u.id, u.display_name, u.username, u.staff_number, coalesce(u.group_role, m.role) as role,
                 u.group_role is not null as is_group_wide, d.name as department,
                 u.is_active and (u.group_role is not null or m.is_active) as is_active,
                 u.password_hash is not null as has_password
          from users u
          left join user_stores m on m.store_id = $1 and m.user_id = u.id
          left join departments d on d.store_id = m.store_id and d.id = m.department_id
          where case when u.group_role is null then m.user_id is not null else $2 end
            and ($3 = '' or position(lower($3) in lower(concat_ws(' ', u.display_name, u.username, u.staff_number))) > 0)
            and (u.is_active and (u.group_role is not null or m.is_active)) = ($4 <> 'inactive')
            and ($4 in ('', 'inactive') or coalesce(u.group_role, m.role) = $4)
          order by array_position(array['group', 'admin', 'manager', 'specialist', 'clerk', 'receptionist', 'handler'],
                                  coalesce(u.group_role, m.role)), u.id
          limit $6 offset $7
        )
        select p.id, p.display_name, p.username, p.staff_number, p.role as "role!: Role", p.is_group_wide as "is_group_wide!",
               p.department as "department?", p.is_active as "is_active!", p.has_password as "has_password!",
               exists (select from sessions e where e.user_id = p.id and e.last_seen_at > $5) as "is_online!",
               (select max(last.at)
                from stores s
                cross join lateral (
                  select a.at
                  from audit a
                  where a.store_id = s.id and a.actor_id = p.id and a.action = 'auth.sign_in'
                  order by a.seq desc
                  limit 1
                ) last
                where s.id = $1 or p.is_group_wide) as last_sign_in_at
        from page p
        order by array_position(array['group', 'admin', 'manager', 'specialist', 'clerk', 'receptionist', 'handler'], p.role), p.id
        "#,
        reach.scope.get(),
        reach.is_group_wide,
        filter.q.trim(),
        filter.tab().as_str(),
        seen_after,
        params.limit(),
        params.offset(),
    )
    .fetch_all(db)
    .await
}

/// How many people of a role are active or not.
pub struct RoleCount {
    pub role: Role,
    pub is_active: bool,
    pub count: i64,
}

/// People in reach by role and state, under the same search as the list.
pub async fn count_by_role(db: impl PgExecutor<'_>, reach: Reach, q: &str) -> sqlx::Result<Vec<RoleCount>> {
    sqlx::query_as!(
        RoleCount,
        r#"
        select coalesce(u.group_role, m.role) as "role!: Role",
               u.is_active and (u.group_role is not null or m.is_active) as "is_active!",
               count(*) as "count!"
        from users u
        left join user_stores m on m.store_id = $1 and m.user_id = u.id
        where case when u.group_role is null then m.user_id is not null else $2 end
          and ($3 = '' or position(lower($3) in lower(concat_ws(' ', u.display_name, u.username, u.staff_number))) > 0)
        group by 1, 2
        "#,
        reach.scope.get(),
        reach.is_group_wide,
        q.trim(),
    )
    .fetch_all(db)
    .await
}

/// A person in reach.
pub async fn find(db: impl PgExecutor<'_>, reach: Reach, id: UserId) -> sqlx::Result<Option<Person>> {
    sqlx::query_as!(
        Person,
        r#"
        select u.id, u.username, u.display_name, u.staff_number, coalesce(u.group_role, m.role) as "role!: Role",
               u.group_role is not null as "is_group_wide!", m.department_id as "department_id?",
               u.is_active and (u.group_role is not null or m.is_active) as "is_active!",
               u.password_hash is not null as "has_password!",
               exists (select from user_stores o where o.user_id = u.id and o.store_id <> $1) as "is_shared!",
               u.version
        from users u
        left join user_stores m on m.store_id = $1 and m.user_id = u.id
        where u.id = $3
          and case when u.group_role is null then m.user_id is not null else $2 end
        "#,
        reach.scope.get(),
        reach.is_group_wide,
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Lets one change of a person wait for another; a statement of its own, so that what is read next is current.
pub async fn lock(db: impl PgExecutor<'_>, id: UserId) -> sqlx::Result<()> {
    sqlx::query!("select id from users where id = $1 for update", id.get())
        .fetch_optional(db)
        .await?;
    Ok(())
}

/// Admins who can sign in and manage people of this store, locked in the order of their ids; before any other person.
pub async fn lock_admins(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<ActiveAdmin>> {
    sqlx::query_as!(
        ActiveAdmin,
        r#"
        select u.id, u.group_role is not null as "is_group_wide!"
        from users u
        left join user_stores m on m.store_id = $1 and m.user_id = u.id
        where u.is_active
          and u.password_hash is not null
          and (u.group_role = 'admin' or (u.group_role is null and m.role = 'admin' and m.is_active))
        order by u.id
        for update of u
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// Writes name, username and staff number; `false`: somebody changed the person since `version`.
pub async fn update_account(
    db: impl PgExecutor<'_>,
    id: UserId,
    version: i32,
    account: &AccountInput,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update users
        set display_name = $3, username = $4, staff_number = $5, version = version + 1
        where id = $1 and version = $2
        "#,
        id.get(),
        version,
        account.display_name,
        account.username,
        account.staff_number,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Counts a change that touched the role alone; `false`: somebody changed the person since `version`.
pub async fn touch(db: impl PgExecutor<'_>, id: UserId, version: i32) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update users set version = version + 1 where id = $1 and version = $2",
        id.get(),
        version,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Changes the role of a group-wide person.
pub async fn set_group_role(db: impl PgExecutor<'_>, id: UserId, role: Role) -> sqlx::Result<()> {
    sqlx::query!(
        "update users set group_role = $2 where id = $1 and group_role is not null",
        id.get(),
        role.as_str(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Changes the role of a person in a store.
pub async fn update_membership(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: UserId,
    role: Role,
    department: Option<DepartmentId>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update user_stores set role = $3, department_id = $4 where store_id = $1 and user_id = $2",
        scope.get(),
        id.get(),
        role.as_str(),
        department.map(DepartmentId::get),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Lets a person work in a store, or no longer.
pub async fn set_membership_active(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: UserId,
    is_active: bool,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update user_stores set is_active = $3 where store_id = $1 and user_id = $2",
        scope.get(),
        id.get(),
        is_active,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes the account follow: active while the person works anywhere at all. Group-wide people are as `is_active` says.
pub async fn settle_account(
    db: impl PgExecutor<'_>,
    id: UserId,
    version: i32,
    is_active: bool,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update users u
        set is_active = $3 or (u.group_role is null
                               and exists (select from user_stores m where m.user_id = u.id and m.is_active)),
            version = u.version + 1
        where u.id = $1 and u.version = $2
        "#,
        id.get(),
        version,
        is_active,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A store that a person belongs to.
pub struct MembershipRow {
    pub store_name: String,
    pub role: Role,
    pub is_active: bool,
}

/// Every store of a person, for group-wide admins.
pub async fn list_memberships_any_store(
    db: impl PgExecutor<'_>,
    id: UserId,
) -> sqlx::Result<Vec<MembershipRow>> {
    sqlx::query_as!(
        MembershipRow,
        r#"
        select s.name as store_name, m.role as "role: Role", m.is_active
        from user_stores m
        join stores s on s.id = m.store_id
        where m.user_id = $1
        order by s.code, s.id
        "#,
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// Active stores that a person does not belong to yet, for group-wide admins.
pub async fn list_other_stores_any_store(
    db: impl PgExecutor<'_>,
    id: UserId,
) -> sqlx::Result<Vec<(StoreId, String)>> {
    let rows = sqlx::query!(
        r#"
        select s.id, s.name
        from stores s
        where s.is_active
          and not exists (select from user_stores m where m.store_id = s.id and m.user_id = $1)
        order by s.code, s.id
        "#,
        id.get(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// A department that a person can be put into.
pub struct DepartmentChoice {
    pub id: DepartmentId,
    pub name: String,
    pub store_name: String,
}

/// Active departments of the store, for a new person of a group-wide admin of every store; and `current` in any case.
pub async fn list_departments(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    of_every_store: bool,
    current: Option<DepartmentId>,
) -> sqlx::Result<Vec<DepartmentChoice>> {
    sqlx::query_as!(
        DepartmentChoice,
        r#"
        select d.id, d.name, s.name as store_name
        from departments d
        join stores s on s.id = d.store_id
        where (d.store_id = $1 or ($2 and s.is_active))
          and (d.is_active or d.id = $3)
        order by s.code, d.id
        "#,
        scope.get(),
        of_every_store,
        current.map(DepartmentId::get),
    )
    .fetch_all(db)
    .await
}
