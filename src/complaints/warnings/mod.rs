//! Warnings of clocks that run out: at 50, 75, 90, 100 and 150 % of their time, up the chain of domain.md §6.
//!
//! - Each level reaches everybody below it, too: the owner and the handler from 50 %, the head of the department from 75, the
//!   care manager from 90, the director at 100, the general manager at 150. How far up a severity goes stands in its table.
//! - Whoever is on leave is told, and so is their deputy.
//! - One statement finds and writes them; a key keeps each clock, level and person apart, so that a second scheduler or a
//!   restart tells nobody twice. After a pause only the highest level that has been reached is told.
//! - A warning is a line of the case's timeline, an unread notice on the desk, and a message that waits for a provider.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::complaints::clocks::{self, view};
use crate::i18n::complaint_clocks::T;
use crate::i18n::format::Formatter;
use crate::i18n::{Lang, Texts};
use crate::stores::{StoreScope, calendar};

pub mod model;
pub mod queries;

crate::id_type! {
    /// That somebody was told that a clock runs out.
    WarningId
}

/// `warn-complaints`: clocks move with the minute, then whoever must know is told. In a transaction.
pub async fn warn(tx: &mut PgConnection, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<Value> {
    let called = clocks::tend(&mut *tx, scope, now).await?;
    let zone = calendar::time_zone(&mut *tx, scope).await?;
    let today = now.with_timezone(&zone).date_naive();
    let told = queries::tell(&mut *tx, scope, today, now).await?;
    if told.is_empty() {
        return Ok(json!({ "told": 0, "calls": called }));
    }
    let rows = queries::list_told(&mut *tx, scope, &told).await?;
    let mut messages = queries::Messages::default();
    let mut events = queries::Events::default();
    for row in &rows {
        let lang = row
            .locale
            .as_deref()
            .and_then(|code| code.parse().ok())
            .unwrap_or_default();
        messages.push(row, body(row, &Formatter { lang, zone, now }));
        events.push(
            row,
            T(Lang::Zh).warned(view::name(Lang::Zh, row.kind, &row.cycle_key), row.level),
        );
    }
    queries::insert_events(&mut *tx, scope, &events, now).await?;
    queries::insert_messages(tx, scope, &messages, now).await?;
    Ok(json!({ "told": told.len(), "calls": called }))
}

/// What the message says: the case, the clock, how far it is, and when it ends.
fn body(row: &queries::Told, fmt: &Formatter) -> String {
    let t = Texts(fmt.lang).complaint_clocks();
    let name = view::name(fmt.lang, row.kind, &row.cycle_key);
    t.message(
        &row.store_name,
        &row.number,
        name,
        row.level,
        fmt.deadline(&row.due_at),
    )
}
