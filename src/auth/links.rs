//! One-time links: created here, handed over by a person, used at `/setup`.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgExecutor;

use crate::auth::queries;
use crate::auth::session::Token;
use crate::text_enum;
use crate::users::UserId;

/// A link works this long.
const LIFETIME: TimeDelta = TimeDelta::hours(72);

text_enum! {
    /// What a one-time link is for.
    pub enum LinkPurpose {
        FirstAdmin = "first_admin",
        NewPerson = "new_person",
        Reset = "reset",
    }
}

/// Creates a link for a person (or for the first admin) and returns its path, `/setup?token=…`. Only its hash is stored.
pub async fn create(
    db: impl PgExecutor<'_>,
    purpose: LinkPurpose,
    user: Option<UserId>,
    created_by: Option<UserId>,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    let token = Token::random()?;
    let hash = Token::hash(token.as_str());
    queries::insert_link(db, &hash, purpose.as_str(), user, created_by, now, now + LIFETIME).await?;
    Ok(format!("/setup?token={}", token.as_str()))
}
