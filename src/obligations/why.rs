//! Why deadlines are when they are, for the rows of a page: one statement and the store's calendar.

use std::collections::HashMap;

use sqlx::{PgExecutor, PgPool};

use crate::calendar::{Deadline, DueReason};
use crate::callbacks::CallbackId;
use crate::i18n::Texts;
use crate::i18n::format::Formatter;
use crate::obligations::ObligationId;
use crate::obligations::queries::why::{Row, list_of_callbacks, list_of_entries};
use crate::stores::{StoreScope, calendar};

/// For callbacks: why the most urgent open thing in each is due when it is.
pub async fn of_callbacks(
    db: &PgPool,
    scope: StoreScope,
    ids: &[CallbackId],
    fmt: &Formatter,
) -> sqlx::Result<HashMap<CallbackId, String>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let rows = list_of_callbacks(db, scope, &ids).await?;
    let t = Texts(fmt.lang).calendar();
    let told = tell(db, scope, rows, |reasons| t.why(fmt, reasons)).await?;
    Ok(told
        .into_iter()
        .map(|(id, why)| (CallbackId::new(id), why))
        .collect())
}

/// For entries of the ledger, whose deadline stands beside it.
pub async fn of_entries(
    db: &PgPool,
    scope: StoreScope,
    ids: &[ObligationId],
    fmt: &Formatter,
) -> sqlx::Result<HashMap<ObligationId, String>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let rows = list_of_entries(db, scope, &ids).await?;
    let t = Texts(fmt.lang).calendar();
    let told = tell(db, scope, rows, |reasons| t.why_beside(fmt, reasons)).await?;
    Ok(told
        .into_iter()
        .map(|(id, why)| (ObligationId::new(id), why))
        .collect())
}

/// The instants of the most urgent open thing in a callback, for a page that has the calendar already.
pub async fn find_of_callback(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CallbackId,
) -> sqlx::Result<Option<Deadline>> {
    let rows = list_of_callbacks(db, scope, &[id.get()]).await?;
    Ok(rows.into_iter().next().map(|row| row.deadline()))
}

async fn tell(
    db: &PgPool,
    scope: StoreScope,
    rows: Vec<Row>,
    say: impl Fn(&[DueReason]) -> String,
) -> sqlx::Result<Vec<(i64, String)>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let calendar = calendar::load(&mut *db.acquire().await?, scope).await?;
    let told = rows
        .into_iter()
        .map(|row| (row.id, say(&calendar.reasons(&row.deadline()))));
    Ok(told.collect())
}
