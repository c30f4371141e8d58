//! Statements of sessions, sign-in and one-time links. These tables are global: a session comes before a store.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::auth::permission::Role;
use crate::auth::session::SessionRow;
use crate::i18n::flash::Flash;
use crate::stores::StoreId;
use crate::users::UserId;

/// The person of a live session, in the store they work in. A person or membership made inactive finds nothing.
pub async fn find_session(
    db: impl PgExecutor<'_>,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
    seen_after: DateTime<Utc>,
) -> sqlx::Result<Option<SessionRow>> {
    sqlx::query_as!(
        SessionRow,
        r#"
        select u.id as user_id, u.username, u.display_name, u.locale, u.group_role,
               m.role as "store_role?", s.id as store_id, s.code as store_code, s.name as store_name, s.time_zone,
               e.flash, e.last_seen_at
        from sessions e
        join users u on u.id = e.user_id and u.is_active
        join stores s on s.id = e.store_id
        left join user_stores m on m.store_id = e.store_id and m.user_id = e.user_id and m.is_active
        where e.token_hash = $1
          and e.expires_at > $2
          and e.last_seen_at > $3
          and (u.group_role is not null or (m.user_id is not null and s.is_active))
        "#,
        token_hash,
        now,
        seen_after,
    )
    .fetch_optional(db)
    .await
}

/// Keeps a session alive.
pub async fn touch_session(
    db: impl PgExecutor<'_>,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update sessions set last_seen_at = $2 where token_hash = $1",
        token_hash,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Stores or clears the message for the next page.
pub async fn set_flash(
    db: impl PgExecutor<'_>,
    token_hash: &[u8; 32],
    flash: Option<&Flash>,
) -> sqlx::Result<()> {
    let flash = flash.and_then(|flash| serde_json::to_value(flash).ok());
    sqlx::query!(
        "update sessions set flash = $2 where token_hash = $1",
        token_hash,
        flash
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A new session, which begins at sign-in.
pub struct NewSession<'a> {
    pub token_hash: &'a [u8; 32],
    pub user_id: UserId,
    pub store_id: StoreId,
    pub now: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub user_agent: Option<&'a str>,
    pub flash: &'a Flash,
}

/// Begins a session.
pub async fn insert_session(db: impl PgExecutor<'_>, new: NewSession<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into sessions (token_hash, user_id, store_id, created_at, last_seen_at, expires_at, user_agent, flash)
        values ($1, $2, $3, $4, $4, $5, $6, $7)
        "#,
        new.token_hash,
        new.user_id.get(),
        new.store_id.get(),
        new.now,
        new.expires_at,
        new.user_agent,
        serde_json::to_value(new.flash).ok(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends one session.
pub async fn delete_session(db: impl PgExecutor<'_>, token_hash: &[u8; 32]) -> sqlx::Result<()> {
    sqlx::query!("delete from sessions where token_hash = $1", token_hash)
        .execute(db)
        .await?;
    Ok(())
}

/// Ends every session of a person: new password, new role, made inactive.
pub async fn delete_sessions_of(db: impl PgExecutor<'_>, user: UserId) -> sqlx::Result<u64> {
    let done = sqlx::query!("delete from sessions where user_id = $1", user.get())
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}

/// Lets a group-wide person work in another store from now on.
pub async fn set_session_store(
    db: impl PgExecutor<'_>,
    token_hash: &[u8; 32],
    store: StoreId,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update sessions set store_id = $2 where token_hash = $1",
        token_hash,
        store.get()
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The person's own language, kept over sessions.
pub async fn set_locale(db: impl PgExecutor<'_>, user: UserId, locale: &str) -> sqlx::Result<()> {
    sqlx::query!("update users set locale = $2 where id = $1", user.get(), locale)
        .execute(db)
        .await?;
    Ok(())
}

/// What sign-in needs to know about a username.
pub struct Account {
    pub id: UserId,
    pub display_name: String,
    pub password_hash: Option<String>,
    /// In all stores, else in the store the session begins in.
    pub role: Option<Role>,
    /// The store a session begins in: for store people their own, for group-wide people the first one.
    pub store_id: Option<StoreId>,
}

/// An active account by username.
pub async fn find_account(db: impl PgExecutor<'_>, username: &str) -> sqlx::Result<Option<Account>> {
    sqlx::query_as!(
        Account,
        r#"
        select u.id, u.display_name, u.password_hash,
               coalesce(u.group_role, m.role) as "role: Role",
               coalesce(m.store_id, g.store_id) as "store_id: StoreId"
        from users u
        left join lateral (
          select m.store_id, m.role
          from user_stores m
          join stores s on s.id = m.store_id and s.is_active
          where m.user_id = u.id and m.is_active and u.group_role is null
          order by m.store_id
          limit 1
        ) m on true
        left join lateral (
          select min(s.id) as store_id from stores s where s.is_active and u.group_role is not null
        ) g on true
        where u.username = $1 and u.is_active
        "#,
        username,
    )
    .fetch_optional(db)
    .await
}

/// Stores a password, after which the old sessions should be ended.
pub async fn set_password(db: impl PgExecutor<'_>, user: UserId, phc: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update users set password_hash = $2, version = version + 1 where id = $1",
        user.get(),
        phc
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A one-time link that still works.
pub struct Link {
    pub purpose: String,
    pub user_id: Option<UserId>,
    pub username: Option<String>,
    pub display_name: Option<String>,
}

/// The link behind a token, unless it was used or has expired.
pub async fn find_link(
    db: impl PgExecutor<'_>,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Link>> {
    sqlx::query_as!(
        Link,
        r#"
        select l.purpose, l.user_id, u.username as "username?", u.display_name as "display_name?"
        from one_time_links l
        left join users u on u.id = l.user_id
        where l.token_hash = $1 and l.used_at is null and l.expires_at > $2
        "#,
        token_hash,
        now,
    )
    .fetch_optional(db)
    .await
}

/// Uses a link up; `false` if another request was faster.
pub async fn use_link(
    db: impl PgExecutor<'_>,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update one_time_links set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2",
        token_hash,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Creates a link; older unused ones of the same person and purpose end.
pub async fn insert_link(
    db: impl PgExecutor<'_>,
    token_hash: &[u8; 32],
    purpose: &str,
    user: Option<UserId>,
    created_by: Option<UserId>,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with ended as (
          update one_time_links set used_at = $5
          where used_at is null and user_id is not distinct from $3
        )
        insert into one_time_links (token_hash, purpose, user_id, created_by, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6)
        "#,
        token_hash,
        purpose,
        user.map(UserId::get),
        created_by.map(UserId::get),
        now,
        expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether anybody can sign in at all; on a new database nobody can.
pub async fn has_users(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    let row = sqlx::query_scalar!(r#"select exists(select from users) as "exists!""#)
        .fetch_one(db)
        .await?;
    Ok(row)
}

/// The group-wide first administrator.
pub async fn insert_first_admin(
    db: impl PgExecutor<'_>,
    username: &str,
    display_name: &str,
    phc: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<UserId> {
    let id = sqlx::query_scalar!(
        r#"
        insert into users (username, display_name, password_hash, group_role, created_at)
        values ($1, $2, $3, 'admin', $4)
        returning id
        "#,
        username,
        display_name,
        phc,
        now,
    )
    .fetch_one(db)
    .await?;
    Ok(id)
}
