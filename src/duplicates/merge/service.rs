//! Merging, in the caller's transaction.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::audit::{self, Actor, Entry};
use crate::callbacks::queue;
use crate::customers::CustomerId;
use crate::customers::search_keys::search_keys;
use crate::duplicates::merge::queries::{self, Image, NewMerge};
use crate::duplicates::merge::relations::{self, How};
use crate::duplicates::merge::{bundles, fields};
use crate::duplicates::{MergeId, RecordKind};
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::{customers, vehicles};

/// Columns that a merge writes anew by itself, or that follow from what moved.
const FOLLOWING: &[&str] = &["version", "updated_at", "subject_id", "customer_id", "vehicle_id"];

/// Which two become one, and how.
pub struct Order {
    pub kind: RecordKind,
    pub survivor: i64,
    pub loser: i64,
    /// Versions of survivor and loser that the person looked at.
    pub versions: [i64; 2],
    /// Columns whose value the survivor takes from the loser.
    pub fields: Vec<&'static str>,
    /// The phone that is to be the main one, of either.
    pub main_phone: Option<i64>,
}

/// Who merges, when.
#[derive(Clone, Copy)]
pub struct By {
    pub scope: StoreScope,
    pub user: UserId,
    pub now: DateTime<Utc>,
    /// The store's day.
    pub today: NaiveDate,
}

crate::text_enum! {
    /// Why two files cannot be merged, or a merge not be taken back.
    pub enum Refusal {
        /// One of the two is not there.
        Missing = "missing",
        /// One of the two is a signpost or was erased.
        Gone = "gone",
        /// Somebody changed one of the two since the page was opened.
        Changed = "changed",
        /// Somebody is on the phone about one of the two.
        OnTheLine = "on_the_line",
        /// It was taken back already.
        Undone = "undone",
        /// The survivor was merged itself since.
        MergedOn = "merged_on",
        /// The VIN belongs to another car by now.
        VinTaken = "vin_taken",
    }
}

/// A row that a merge changed beside moving it; only the columns that differ.
#[derive(Serialize, Deserialize)]
pub struct Change {
    pub table: String,
    pub id: i64,
    pub before: Image,
    pub after: Image,
}

/// A row that both had.
#[derive(Serialize, Deserialize)]
pub struct Removed {
    pub table: String,
    pub row: Value,
}

/// Pictures of the rows that may change, by table.
type Pictures = BTreeMap<&'static str, BTreeMap<i64, Image>>;

/// Merges two files. Nothing is written when it is refused.
pub async fn merge(db: &mut PgConnection, by: By, order: &Order) -> sqlx::Result<Result<MergeId, Refusal>> {
    let (scope, pair) = (by.scope, [order.survivor, order.loser]);
    let mut rows = queries::lock(&mut *db, scope, order.kind, pair).await?;
    let (Some(survivor), Some(loser)) = (rows.remove(&order.survivor), rows.remove(&order.loser)) else {
        return Ok(Err(Refusal::Missing));
    };
    if is_gone(&survivor) || is_gone(&loser) {
        return Ok(Err(Refusal::Gone));
    }
    if [version(&survivor), version(&loser)] != order.versions.map(Some) {
        return Ok(Err(Refusal::Changed));
    }
    queue::release_expired(&mut *db, by.now).await?;
    if bundles::lock_callbacks(&mut *db, scope, order.kind, pair).await? {
        return Ok(Err(Refusal::OnTheLine));
    }
    let touched = bundles::touched(&mut *db, scope, order.kind, pair).await?;
    let before = pictures(&mut *db, scope, order, &touched).await?;
    let (mut moved, removed) = move_everything(&mut *db, by, order, &touched).await?;
    close(&mut *db, by, order).await?;
    let columns = taken_columns(order);
    queries::take_fields(
        &mut *db,
        scope,
        order.kind,
        order.survivor,
        &loser,
        &columns,
        by.now,
    )
    .await?;
    move_at_the_end(&mut *db, by, order, &mut moved).await?;
    if order.kind == RecordKind::Customer {
        let survivor = CustomerId::new(order.survivor);
        customers::consents::queries::sync_customer(&mut *db, scope, survivor).await?;
    }
    let after = pictures(&mut *db, scope, order, &touched).await?;
    derive(&mut *db, by, order.kind, pair).await?;
    let fields: Vec<String> = order.fields.iter().map(|field| (*field).to_owned()).collect();
    let new = NewMerge {
        kind: order.kind,
        survivor: order.survivor,
        loser: order.loser,
        fields: &fields,
        before: &json!({ "survivor": survivor, "loser": loser }),
        moved: &json!(moved),
        changed: &json!(differences(&before, &after)),
        removed: &json!(removed),
        at: by.now,
        by: by.user,
    };
    let id = queries::insert(&mut *db, scope, new).await?;
    queries::decide_pair(&mut *db, scope, order.kind, pair, true, by.user, by.now).await?;
    let change = json!({ "merge_id": id, "loser_id": order.loser, "fields": fields });
    record(db, by, order.kind, "merge", order.survivor, &change).await?;
    Ok(Ok(id))
}

/// A signpost or an empty carrier of statistics.
pub fn is_gone(row: &Image) -> bool {
    ["merged_into_id", "erased_at"]
        .iter()
        .any(|column| row.get(*column).is_some_and(|value| !value.is_null()))
}

fn version(row: &Image) -> Option<i64> {
    row.get("version").and_then(Value::as_i64)
}

/// The chosen columns with those that go along.
fn taken_columns(order: &Order) -> Vec<&'static str> {
    fields::of(order.kind)
        .iter()
        .filter(|field| order.fields.contains(&field.column))
        .flat_map(|field| std::iter::once(field.column).chain(field.with.iter().copied()))
        .collect()
}

async fn pictures(
    db: &mut PgConnection,
    scope: StoreScope,
    order: &Order,
    touched: &bundles::Touched,
) -> sqlx::Result<Pictures> {
    let survivor = [order.survivor];
    let wanted: [(&'static str, &[i64]); 6] = [
        (order.kind.table(), &survivor),
        ("callbacks", &touched.callbacks),
        ("reminders", &touched.reminders),
        ("obligations", &touched.obligations),
        ("phones", &touched.phones),
        ("vehicle_people", &touched.people),
    ];
    let mut pictures = Pictures::new();
    for (table, ids) in wanted {
        pictures.insert(table, queries::images(&mut *db, scope, table, ids).await?);
    }
    Ok(pictures)
}

/// Column by column, for rows that are there before and after.
fn differences(before: &Pictures, after: &Pictures) -> Vec<Change> {
    let mut changes = Vec::new();
    for (table, rows) in before {
        for (id, old) in rows {
            let Some(new) = after.get(table).and_then(|rows| rows.get(id)) else {
                continue;
            };
            let differs =
                |column: &String| !FOLLOWING.contains(&column.as_str()) && old.get(column) != new.get(column);
            let part = |row: &Image| -> Image {
                let columns = row.iter().filter(|(column, _)| differs(column));
                columns
                    .map(|(column, value)| (column.clone(), value.clone()))
                    .collect()
            };
            let (before, after) = (part(old), part(new));
            if !before.is_empty() {
                changes.push(Change {
                    table: (*table).to_owned(),
                    id: *id,
                    before,
                    after,
                });
            }
        }
    }
    changes
}

/// Numbers of the moved rows by relation, and what was taken away.
type Moves = (BTreeMap<&'static str, Vec<i64>>, Vec<Removed>);

async fn move_everything(
    db: &mut PgConnection,
    by: By,
    order: &Order,
    touched: &bundles::Touched,
) -> sqlx::Result<Moves> {
    let Order {
        kind,
        survivor,
        loser,
        ..
    } = *order;
    let main_number = main_number(&mut *db, by.scope, order).await?;
    let twins = bundles::end_twins(&mut *db, by.scope, kind, survivor, loser, by.now).await?;
    let mut same_day = Vec::new();
    match kind {
        RecordKind::Customer => {
            bundles::unite_callbacks(&mut *db, by.scope, survivor, loser).await?;
            same_day = bundles::unite_reminders(&mut *db, by.scope, survivor, loser).await?;
            bundles::unite_phones(&mut *db, by.scope, survivor, loser).await?;
        }
        RecordKind::Vehicle => {
            bundles::end_second_owner(&mut *db, by.scope, survivor, loser, by.today).await?;
        }
    }
    // The other one's callback ends here, before it becomes the survivor's second one.
    bundles::refresh(&mut *db, by.scope, &touched.callbacks, &touched.reminders, by.now).await?;
    let (mut moved, mut removed) = (BTreeMap::new(), Vec::new());
    for relation in relations::of(kind) {
        let staying: &[i64] = match relation.how {
            How::MoveUnlessTwin => &twins,
            How::MoveUnlessSameDay => &same_day,
            How::Move | How::MoveUnlessThere { .. } | How::MoveUnlessKnown { .. } | How::Repoint => &[],
            How::MoveAtTheEnd { .. } | How::Derived | How::Stays(_) => continue,
        };
        if let How::MoveUnlessThere { same } = relation.how {
            let rows = queries::remove_doubled(&mut *db, by.scope, relation, same, survivor, loser).await?;
            removed.extend(rows.into_iter().map(|row| Removed {
                table: relation.table.to_owned(),
                row,
            }));
        }
        let ids = queries::move_rows(&mut *db, by.scope, relation, survivor, loser, staying).await?;
        if !ids.is_empty() {
            moved.insert(relation.name, ids);
        }
    }
    if kind == RecordKind::Vehicle {
        bundles::end_cases_left(&mut *db, by.scope, loser, by.now).await?;
        bundles::refresh(db, by.scope, &touched.callbacks, &touched.reminders, by.now).await?;
    } else if let Some(number) = main_number {
        bundles::set_main_number(db, by.scope, survivor, &number).await?;
    }
    Ok((moved, removed))
}

/// Moves what a file may hold only one current row of.
async fn move_at_the_end(
    db: &mut PgConnection,
    by: By,
    order: &Order,
    moved: &mut BTreeMap<&'static str, Vec<i64>>,
) -> sqlx::Result<()> {
    let last = relations::of(order.kind)
        .iter()
        .filter(|relation| matches!(relation.how, How::MoveAtTheEnd { .. }));
    for relation in last {
        let ids = queries::move_rows(&mut *db, by.scope, relation, order.survivor, order.loser, &[]).await?;
        if !ids.is_empty() {
            moved.insert(relation.name, ids);
        }
    }
    Ok(())
}

async fn main_number(
    db: &mut PgConnection,
    scope: StoreScope,
    order: &Order,
) -> sqlx::Result<Option<String>> {
    let Some(id) = order.main_phone else {
        return Ok(None);
    };
    let mut rows = queries::images(db, scope, "phones", &[id]).await?;
    let phone = rows.remove(&id);
    Ok(phone.and_then(|phone| Some(phone.get("number")?.as_str()?.to_owned())))
}

async fn close(db: &mut PgConnection, by: By, order: &Order) -> sqlx::Result<()> {
    match order.kind {
        RecordKind::Customer => {
            queries::close_customer(db, by.scope, order.survivor, order.loser, by.now).await
        }
        RecordKind::Vehicle => {
            queries::close_vehicle(db, by.scope, order.survivor, order.loser, by.now).await
        }
    }
}

/// Everything that is derived, of both files.
pub async fn derive(db: &mut PgConnection, by: By, kind: RecordKind, pair: [i64; 2]) -> sqlx::Result<()> {
    match kind {
        RecordKind::Customer => {
            for (id, row) in queries::images(&mut *db, by.scope, "customers", &pair).await? {
                if let Some(name) = row.get("name").and_then(Value::as_str)
                    && !is_gone(&row)
                {
                    let grams = search_keys(by.scope.get(), name);
                    queries::set_grams(&mut *db, by.scope, id, &grams).await?;
                }
            }
            customers::facts::refresh(&mut *db, by.scope, Some(&pair)).await?;
            let cars = bundles::cars_of(&mut *db, by.scope, pair).await?;
            vehicles::facts::refresh(&mut *db, by.scope, Some(&cars), by.now).await?;
        }
        RecordKind::Vehicle => {
            vehicles::readings::judge(&mut *db, by.scope, &pair, by.today).await?;
            vehicles::facts::refresh(&mut *db, by.scope, Some(&pair), by.now).await?;
        }
    }
    Ok(())
}

/// Appends to the audit log about the survivor: numbers and names of columns, never values.
pub async fn record(
    db: &mut PgConnection,
    by: By,
    kind: RecordKind,
    verb: &str,
    survivor: i64,
    change: &Value,
) -> sqlx::Result<()> {
    let action = match (kind, verb) {
        (RecordKind::Customer, "merge") => "customers.merge",
        (RecordKind::Customer, _) => "customers.undo_merge",
        (RecordKind::Vehicle, "merge") => "vehicles.merge",
        (RecordKind::Vehicle, _) => "vehicles.undo_merge",
    };
    let entry = Entry {
        store: Some(by.scope.store_id()),
        actor: Actor::User(by.user),
        action,
        subject: kind.table(),
        subject_id: Some(survivor),
        change,
    };
    audit::record(db, by.now, entry).await
}
