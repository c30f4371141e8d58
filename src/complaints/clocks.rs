//! The clocks of a case in the ledger: each is an obligation of a kind `complaint_…`, made and ended by [`sync`] alone.
//!
//! Whoever changes a case writes the case and its event, then calls [`sync`] in the same transaction. It says which clocks
//! a case in this state owes, makes those that are missing and ends those that are met; called twice it changes nothing.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::complaints::{ComplaintId, queries};
use crate::stores::StoreScope;

/// Brings the clocks of a case in line with the case as it stands in this transaction.
pub async fn sync(
    tx: &mut PgConnection,
    scope: StoreScope,
    id: ComplaintId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    queries::end_dispatch(&mut *tx, scope, id, now).await
}
