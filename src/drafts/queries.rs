//! Statements of drafts.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use sqlx::{PgConnection, PgExecutor};

use crate::drafts::model::{Draft, MAX_DRAFTS, Restored, Subject};
use crate::stores::{StoreId, StoreScope};
use crate::users::UserId;

/// What this person has typed into a form and not saved.
pub async fn find<T: DeserializeOwned>(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    subject: &Subject,
) -> sqlx::Result<Option<Restored<T>>> {
    let row = sqlx::query!(
        "select body, updated_at from drafts where store_id = $1 and user_id = $2 and subject = $3",
        scope.get(),
        user.get(),
        subject.as_str(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.and_then(|row| Restored::of(&row.body, row.updated_at)))
}

/// Keeps what is typed; the last one wins, and the oldest of very many goes.
pub async fn save(
    db: &mut PgConnection,
    scope: StoreScope,
    user: UserId,
    draft: &Draft,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into drafts (store_id, user_id, subject, body, updated_at)
        values ($1, $2, $3, $4, $5)
        on conflict (store_id, user_id, subject) do update
        set body = excluded.body, updated_at = excluded.updated_at
        "#,
        scope.get(),
        user.get(),
        draft.subject.as_str(),
        draft.to_json(),
        now,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        delete from drafts d
        where d.store_id = $1
          and d.user_id = $2
          and d.subject in (select o.subject
                            from drafts o
                            where o.store_id = $1 and o.user_id = $2 and o.subject not like 'callback:%'
                            order by o.updated_at desc, o.subject
                            offset $3)
        "#,
        scope.get(),
        user.get(),
        MAX_DRAFTS,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Drops a draft: the form was saved, or the person wants it gone.
pub async fn discard(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    subject: &Subject,
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from drafts where store_id = $1 and user_id = $2 and subject = $3",
        scope.get(),
        user.get(),
        subject.as_str(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whose session this was, where, if it ended after an instant.
pub struct Ended {
    pub user_id: UserId,
    pub store_id: Option<StoreId>,
}

/// The person of a session that has ended. It gives no right but this: keeping what they typed, for themselves.
pub async fn find_ended_session(
    db: impl PgExecutor<'_>,
    token_hash: &[u8; 32],
    seen_after: DateTime<Utc>,
) -> sqlx::Result<Option<Ended>> {
    sqlx::query_as!(
        Ended,
        r#"
        select e.user_id, e.store_id as "store_id: StoreId"
        from sessions e
        join users u on u.id = e.user_id and u.is_active
        where e.token_hash = $1
          and e.last_seen_at > $2
        "#,
        token_hash,
        seen_after,
    )
    .fetch_optional(db)
    .await
}
