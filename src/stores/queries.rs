//! Statements of stores and departments. `stores` is the one table above the store scope.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::stores::StoreId;
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
