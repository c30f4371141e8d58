//! Statements of the people of a case.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::auth::permission::{Permission, Role};
use crate::complaints::ComplaintId;
use crate::complaints::case::Part;
use crate::stores::{DepartmentId, StoreScope};
use crate::users::UserId;

/// Somebody in a case beside its handler.
pub struct CasePerson {
    pub user_id: UserId,
    pub name: String,
    pub part: Part,
}

/// Co-handlers, then watchers.
pub async fn list(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
) -> sqlx::Result<Vec<CasePerson>> {
    sqlx::query_as!(
        CasePerson,
        r#"
        select m.user_id, u.display_name as name, m.part
        from complaint_people m
        join users u on u.id = m.user_id
        where m.store_id = $1
          and m.complaint_id = $2
        order by m.part, m.added_at, m.user_id
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// Somebody who can answer for a department.
pub struct Candidate {
    pub user_id: UserId,
    pub name: String,
    pub department_id: DepartmentId,
    pub department: String,
    /// Cases they have open.
    pub open: i64,
}

/// Who can be named as handler: active in an active department, with the right to answer; the least laden first.
pub async fn list_candidates(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<Candidate>> {
    let roles: Vec<String> = Permission::AnswerComplaints
        .roles()
        .iter()
        .map(|role| role.as_str().to_owned())
        .collect();
    sqlx::query_as!(
        Candidate,
        r#"
        with open as (
          select c.handler_id, count(*) as cases
          from complaints c
          where c.store_id = $1 and c.ended_at is null and c.handler_id is not null
          group by c.handler_id
        )
        select m.user_id, u.display_name as name, d.id as department_id, d.name as department, coalesce(o.cases, 0) as "open!"
        from user_stores m
        join users u on u.id = m.user_id and u.is_active
        join departments d on d.store_id = m.store_id and d.id = m.department_id and d.is_active
        left join open o on o.handler_id = m.user_id
        where m.store_id = $1
          and m.is_active
          and m.role = any($2)
        order by d.id, coalesce(o.cases, 0), m.user_id
        "#,
        scope.get(),
        &roles,
    )
    .fetch_all(db)
    .await
}

/// Somebody who works in the store.
pub struct Colleague {
    pub user_id: UserId,
    pub name: String,
    pub role: Role,
}

impl Colleague {
    /// Who decides on complaints: an escalation is told to them.
    pub fn is_manager(&self) -> bool {
        Permission::DecideComplaints.roles().contains(&self.role)
    }

    /// Whether this person could do that in a case: whoever answers needs the right, and a handler sees own cases only.
    pub fn may_be(&self, part: Part) -> bool {
        match part {
            Part::CoHandler => Permission::AnswerComplaints.roles().contains(&self.role),
            Part::Watcher => self.role != Role::Handler,
        }
    }
}

/// Active people of the store who see complaints.
pub async fn list_colleagues(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<Colleague>> {
    sqlx::query_as!(
        Colleague,
        r#"
        select m.user_id, u.display_name as name, m.role as "role: Role"
        from user_stores m
        join users u on u.id = m.user_id and u.is_active
        where m.store_id = $1
          and m.is_active
        order by array_position(array['manager', 'specialist', 'clerk', 'handler', 'receptionist', 'admin'], m.role), m.user_id
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// Lets somebody take part, or changes their part; whether that was anything new.
pub async fn add(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    who: (UserId, Part),
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        insert into complaint_people as m (store_id, complaint_id, user_id, part, added_by, added_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (store_id, complaint_id, user_id) do update
        set part = excluded.part, added_by = excluded.added_by, added_at = excluded.added_at
        where m.part <> excluded.part
        "#,
        scope.get(),
        id.get(),
        who.0.get(),
        who.1.as_str(),
        by.map(UserId::get),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends somebody's part; their name, if they had one.
pub async fn remove(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    user: UserId,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        r#"
        delete from complaint_people m
        using users u
        where m.store_id = $1 and m.complaint_id = $2 and m.user_id = $3 and u.id = m.user_id
        returning u.display_name
        "#,
        scope.get(),
        id.get(),
        user.get(),
    )
    .fetch_optional(db)
    .await
}
