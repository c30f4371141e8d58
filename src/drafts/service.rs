//! Opening a form with what was typed into it before.

use serde::de::DeserializeOwned;
use sqlx::PgExecutor;

use crate::drafts::model::Note;
use crate::drafts::queries;
use crate::stores::StoreScope;
use crate::users::UserId;

/// Replaces the form by this person's draft of it, if there is one, and notes when it was typed.
///
/// A draft keeps the version it was loaded with: if somebody has saved since, saving it shows both versions.
pub async fn restore<T: DeserializeOwned>(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    form: &mut T,
    note: &mut Note,
) -> sqlx::Result<()> {
    if let Some(restored) = queries::find(db, scope, user, &note.subject).await? {
        *form = restored.form;
        note.restored_at = Some(restored.at);
    }
    Ok(())
}
