//! Statements of saved views and chosen columns.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::auth::permission::Role;
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::views::ViewId;
use crate::views::forms::ViewInput;
use crate::web::list::ListName;

/// A saved view.
#[derive(Clone, Debug)]
pub struct View {
    pub id: ViewId,
    pub list: ListName,
    pub name: String,
    pub query: String,
    pub columns: Vec<String>,
    pub owner_id: UserId,
    pub is_shared: bool,
    pub default_for: Option<Role>,
    pub position: i32,
    pub version: i32,
}

/// What a person has chosen for a list.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    pub columns: Vec<String>,
    pub is_dense: bool,
}

/// Views of a list that this person sees, in the order of the tabs.
pub async fn list_visible(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    list: ListName,
    user: UserId,
) -> sqlx::Result<Vec<View>> {
    sqlx::query_as!(
        View,
        r#"
        select id, list, name, query, columns, owner_id, is_shared, default_for, position, version
        from views
        where store_id = $1
          and list = $2
          and (is_shared or owner_id = $3)
        order by not is_shared, position, id
        "#,
        scope.get(),
        list.as_str(),
        user.get(),
    )
    .fetch_all(db)
    .await
}

/// One view that this person sees.
pub async fn find_visible(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    id: ViewId,
) -> sqlx::Result<Option<View>> {
    sqlx::query_as!(
        View,
        r#"
        select id, list, name, query, columns, owner_id, is_shared, default_for, position, version
        from views
        where store_id = $1
          and id = $3
          and (is_shared or owner_id = $2)
        "#,
        scope.get(),
        user.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// The view that a list opens with for the people of a role.
pub async fn find_default(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    list: ListName,
    role: Role,
) -> sqlx::Result<Option<View>> {
    sqlx::query_as!(
        View,
        r#"
        select id, list, name, query, columns, owner_id, is_shared, default_for, position, version
        from views
        where store_id = $1
          and list = $2
          and default_for = $3
        "#,
        scope.get(),
        list.as_str(),
        role.as_str(),
    )
    .fetch_optional(db)
    .await
}

/// A new view, after those that are there.
pub async fn insert(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    list: ListName,
    input: &ViewInput,
    owner: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<ViewId> {
    sqlx::query_scalar!(
        r#"
        insert into views (store_id, list, name, query, columns, owner_id, position, created_at)
        select $1, $2, $3, $4, $5, $6, coalesce(max(position), 0) + 1, $7
        from views
        where store_id = $1
          and list = $2
        returning id
        "#,
        scope.get(),
        list.as_str(),
        input.name,
        input.query,
        &input.columns,
        owner.get(),
        now,
    )
    .fetch_one(db)
    .await
}

/// Takes the place of the default away from whichever view of the list holds it for the role.
pub async fn clear_default(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    list: ListName,
    role: Role,
    except: ViewId,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update views
        set default_for = null
        where store_id = $1
          and list = $2
          and default_for = $3
          and id <> $4
        "#,
        scope.get(),
        list.as_str(),
        role.as_str(),
        except.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Name and place of a view. `false`: somebody else has changed it since `version`.
pub async fn update(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    view: &View,
    version: i32,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update views
        set name = $4, is_shared = $5, default_for = $6, position = $7, version = version + 1
        where store_id = $1
          and id = $2
          and version = $3
        "#,
        scope.get(),
        view.id.get(),
        version,
        view.name,
        view.is_shared,
        view.default_for.map(Role::as_str),
        view.position,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What a view shows.
pub async fn set_query(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ViewId,
    query: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update views set query = $3, version = version + 1 where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
        query,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The columns of a view.
pub async fn set_columns(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ViewId,
    columns: &[String],
) -> sqlx::Result<()> {
    sqlx::query!(
        "update views set columns = $3, version = version + 1 where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
        columns,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Removes a view.
pub async fn delete(db: impl PgExecutor<'_>, scope: StoreScope, id: ViewId) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from views where store_id = $1 and id = $2",
        scope.get(),
        id.get()
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What a person has chosen for a list, if anything.
pub async fn find_choice(
    db: impl PgExecutor<'_>,
    user: UserId,
    list: ListName,
) -> sqlx::Result<Option<Choice>> {
    sqlx::query_as!(
        Choice,
        "select columns, is_dense from list_choices where user_id = $1 and list = $2",
        user.get(),
        list.as_str(),
    )
    .fetch_optional(db)
    .await
}

/// Keeps what a person has chosen for a list.
pub async fn save_choice(
    db: impl PgExecutor<'_>,
    user: UserId,
    list: ListName,
    choice: &Choice,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into list_choices (user_id, list, columns, is_dense)
        values ($1, $2, $3, $4)
        on conflict (user_id, list) do update
        set columns = excluded.columns, is_dense = excluded.is_dense
        "#,
        user.get(),
        list.as_str(),
        &choice.columns,
        choice.is_dense,
    )
    .execute(db)
    .await?;
    Ok(())
}
