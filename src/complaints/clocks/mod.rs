//! The clocks of a case in the ledger: each is an obligation of a kind `complaint_…`, made and ended by [`sync`] alone.
//!
//! Whoever changes a case writes the case and its event, then calls [`sync`] in the same transaction. It says which clocks
//! a case in this state owes ([`derive`](derive::derive), pure), makes those that are missing and ends those that are met, in
//! time or late, at the moment of the event; called twice it changes nothing. No deadline moves to a later one, except that of
//! the target close by the time that was waited for the customer ([`ledger`]).
//!
//! | kind | cycle key | starts | ends |
//! |---|---|---|---|
//! | `complaint_dispatch` | `1` | acceptance, or the next opening | the case reaches a named person |
//! | `complaint_first_reply` | `1` | the same | first talk with the customer |
//! | `complaint_follow_up` | number | each period until dealt with | a contact, or a note of one |
//! | `complaint_plan` | cycle | acceptance of an A case | the plan |
//! | `complaint_close` | cycle | acceptance, or the plan of an A case | closed |
//! | `complaint_second_callback` | number | dealt with | the customer's verdict |
//! | `complaint_after` | `cycle:days` | 7 and 30 days after closing A and B | a talk |
//! | `complaint_external` | `answer`, `completion`, `authority:date` | acceptance | the plan (of the answer), dealt with |
//!
//! Others read the clocks through [`view`].

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::complaints::ComplaintId;
use crate::complaints::verdict::calls;
use crate::obligations::generate;
use crate::stores::{StoreScope, calendar};

pub mod derive;
pub mod history;
pub mod ledger;
pub mod queries;
pub mod view;

pub use view::{ClockView, view};

use derive::{Source, Wanted};
use history::{Event, History};
use ledger::Held;

/// Brings the clocks of a case in line with the case as it stands in this transaction.
pub async fn sync(
    tx: &mut PgConnection,
    scope: StoreScope,
    id: ComplaintId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sync_all(tx, scope, &[id], now).await
}

/// The same for many cases, with as many statements as for one.
pub async fn sync_all(
    tx: &mut PgConnection,
    scope: StoreScope,
    ids: &[ComplaintId],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let cases = queries::list_cases(&mut *tx, scope, ids).await?;
    if cases.is_empty() {
        return Ok(());
    }
    let mut events = by_case(
        queries::list_events(&mut *tx, scope, ids).await?,
        |event: &Event| event.complaint_id,
    );
    let mut held = by_case(queries::list_held(&mut *tx, scope, ids).await?, |clock: &Held| {
        clock.complaint_id
    });
    let tables = crate::complaints::rules::tables(&mut *tx, scope).await?;
    let calendar = calendar::load(&mut *tx, scope).await?;
    let mut rows = queries::Rows::default();
    let mut callbacks = Vec::new();
    for case in &cases {
        let history = History::of(case, &events.remove(&case.id).unwrap_or_default());
        let held = held.remove(&case.id).unwrap_or_default();
        let table = tables.at(case.accepted_at);
        let known = held
            .iter()
            .map(|clock| (clock.key(), clock.strict_due_at))
            .collect();
        let source = Source {
            case,
            history: &history,
            table,
            calendar: &calendar,
            known: &known,
            now,
        };
        for change in changes(&held, derive::derive(&source), now) {
            callbacks.extend(change.callback_id);
            rows.push(case, table.version, &change.clock);
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let has_calls = rows.has_open_calls();
    callbacks.sort_unstable();
    callbacks.dedup();
    queries::lock_callbacks(&mut *tx, scope, &callbacks).await?;
    queries::write(&mut *tx, scope, &rows, now).await?;
    if !callbacks.is_empty() {
        queries::refresh_callbacks(&mut *tx, scope, &callbacks, now).await?;
    }
    if has_calls {
        attach(tx, scope, now).await?;
    }
    Ok(())
}

/// Calls find their callback: the open one of their customer, or a new one.
async fn attach(tx: &mut PgConnection, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<()> {
    generate::attach_open(&mut *tx, scope, now).await?;
    generate::attach_new(&mut *tx, scope, now).await?;
    calls::let_go(tx, scope, now).await
}

/// What a minute changes without anybody: a wait goes on, the day of a call after closing has come.
pub async fn tend(tx: &mut PgConnection, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<i64> {
    let waiting = queries::list_waiting(&mut *tx, scope).await?;
    sync_all(&mut *tx, scope, &waiting, now).await?;
    let begun = queries::begin_after_calls(&mut *tx, scope, now).await?;
    if begun > 0 {
        attach(tx, scope, now).await?;
    }
    Ok(begun)
}

/// Gives open cases that lack a clock theirs, a few hundred at a time: those from before there were such clocks.
pub async fn mend(tx: &mut PgConnection, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<i64> {
    let ids = queries::list_lacking(&mut *tx, scope).await?;
    sync_all(tx, scope, &ids, now).await?;
    Ok(ids.len() as i64)
}

/// A row of the ledger to be written.
#[derive(Clone, Debug)]
pub struct Change {
    pub clock: Wanted,
    /// The call it is part of.
    pub callback_id: Option<i64>,
}

/// What the ledger lacks or has otherwise.
pub fn changes(held: &[Held], wanted: Vec<Wanted>, now: DateTime<Utc>) -> Vec<Change> {
    let mut left: HashMap<_, _> = held.iter().map(|clock| (clock.key(), clock)).collect();
    let mut changes = Vec::new();
    for clock in wanted {
        let Some(own) = left.remove(&clock.key()) else {
            changes.push(Change {
                clock,
                callback_id: None,
            });
            continue;
        };
        changes.extend(own.changed(&clock, now).map(|clock| Change {
            clock,
            callback_id: own.callback_id,
        }));
    }
    let mut dropped: Vec<_> = left.into_values().filter_map(|own| own.dropped(now)).collect();
    dropped.sort_by(|a, b| a.cycle_key.cmp(&b.cycle_key));
    changes.extend(dropped.into_iter().map(|clock| Change {
        clock,
        callback_id: None,
    }));
    changes
}

fn by_case<T>(rows: Vec<T>, id: impl Fn(&T) -> ComplaintId) -> HashMap<ComplaintId, Vec<T>> {
    let mut map: HashMap<ComplaintId, Vec<T>> = HashMap::new();
    for row in rows {
        map.entry(id(&row)).or_default().push(row);
    }
    map
}

#[cfg(test)]
mod tests;
