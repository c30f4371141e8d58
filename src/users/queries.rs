//! Statements of people and of their roles in stores.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::auth::permission::Role;
use crate::stores::{DepartmentId, StoreId};
use crate::users::UserId;

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
