//! Taking a merge back, in the caller's transaction.
//!
//! What moved goes back where it is still the survivor's; columns that the merge wrote get their old value where nobody has
//! changed them since. Whatever came to the survivor meanwhile stays there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::customers::search_keys::search_keys;
use crate::duplicates::merge::queries::{self, Image, Recorded};
use crate::duplicates::merge::service::{self, By, Change, Refusal, Removed};
use crate::duplicates::merge::{bundles, relations};
use crate::duplicates::{MergeId, RecordKind};

/// What became of the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// Rows that went back, those taken away as doubled included.
    pub back: i64,
    /// Rows that were moved or removed by somebody since.
    pub left: i64,
    /// Columns of the survivor that somebody has changed since.
    pub kept: Vec<String>,
}

/// Takes a merge back; says which two it was about.
pub async fn undo(
    db: &mut PgConnection,
    by: By,
    id: MergeId,
) -> sqlx::Result<Result<(RecordKind, i64, Undone), Refusal>> {
    let Some(merge) = queries::lock_merge(&mut *db, by.scope, id).await? else {
        return Ok(Err(Refusal::Missing));
    };
    if let Err(refusal) = check(&mut *db, by, &merge).await? {
        return Ok(Err(refusal));
    }
    let (kind, pair) = (merge.kind, [merge.survivor_id, merge.loser_id]);
    let touched = bundles::touched(&mut *db, by.scope, kind, pair).await?;
    let mut undone = Undone::default();
    move_back(&mut *db, by, &merge, &mut undone).await?;
    restore_columns(&mut *db, by, &merge, &mut undone).await?;
    reopen(&mut *db, by, &merge).await?;
    if kind == RecordKind::Customer {
        bundles::ensure_main_numbers(&mut *db, by.scope, pair).await?;
        bundles::detach_strays(&mut *db, by.scope, pair).await?;
    }
    let now = bundles::touched(&mut *db, by.scope, kind, pair).await?;
    let (callbacks, reminders) = (
        [touched.callbacks, now.callbacks].concat(),
        [touched.reminders, now.reminders].concat(),
    );
    bundles::refresh(&mut *db, by.scope, &unique(callbacks), &unique(reminders), by.now).await?;
    service::derive(&mut *db, by, kind, pair).await?;
    queries::set_undone(&mut *db, by.scope, id, by.user, &json!(undone), by.now).await?;
    queries::decide_pair(&mut *db, by.scope, kind, pair, false, by.user, by.now).await?;
    let change =
        json!({ "merge_id": id, "loser_id": merge.loser_id, "back": undone.back, "left": undone.left });
    service::record(db, by, kind, "undo", merge.survivor_id, &change).await?;
    Ok(Ok((kind, merge.survivor_id, undone)))
}

async fn check(db: &mut PgConnection, by: By, merge: &Recorded) -> sqlx::Result<Result<(), Refusal>> {
    if merge.undone_at.is_some() {
        return Ok(Err(Refusal::Undone));
    }
    let pair = [merge.survivor_id, merge.loser_id];
    let rows = queries::lock(&mut *db, by.scope, merge.kind, pair).await?;
    let (Some(survivor), Some(loser)) = (rows.get(&merge.survivor_id), rows.get(&merge.loser_id)) else {
        return Ok(Err(Refusal::Gone));
    };
    let points_here = loser.get("merged_into_id").and_then(Value::as_i64) == Some(merge.survivor_id);
    if service::is_gone(survivor) || !points_here {
        return Ok(Err(Refusal::MergedOn));
    }
    if loser.get("erased_at").is_some_and(|at| !at.is_null()) {
        return Ok(Err(Refusal::Gone));
    }
    let vin = image(&merge.before, "loser")
        .get("vin")
        .and_then(Value::as_str)
        .map(str::to_owned);
    if let Some(vin) = vin
        && queries::is_vin_taken(&mut *db, by.scope, &vin, pair).await?
    {
        return Ok(Err(Refusal::VinTaken));
    }
    crate::callbacks::queue::release_expired(&mut *db, by.now).await?;
    if bundles::lock_callbacks(db, by.scope, merge.kind, pair).await? {
        return Ok(Err(Refusal::OnTheLine));
    }
    Ok(Ok(()))
}

async fn move_back(db: &mut PgConnection, by: By, merge: &Recorded, undone: &mut Undone) -> sqlx::Result<()> {
    let moved: BTreeMap<String, Vec<i64>> = parsed(&merge.moved);
    for relation in relations::of(merge.kind) {
        let Some(ids) = moved.get(relation.name) else {
            continue;
        };
        let (survivor, loser) = (merge.survivor_id, merge.loser_id);
        let back = queries::move_back(&mut *db, by.scope, relation, survivor, loser, ids).await?;
        undone.back += back.len() as i64;
        undone.left += ids.len() as i64 - back.len() as i64;
    }
    let removed: Vec<Removed> = parsed(&merge.removed);
    for doubled in removed {
        let known = relations::of(merge.kind)
            .iter()
            .find(|relation| relation.table == doubled.table);
        if let Some(relation) = known {
            undone.back += queries::restore_row(&mut *db, relation.table, &doubled.row).await? as i64;
        }
    }
    Ok(())
}

async fn restore_columns(
    db: &mut PgConnection,
    by: By,
    merge: &Recorded,
    undone: &mut Undone,
) -> sqlx::Result<()> {
    let table = merge.kind.table();
    let changed: Vec<Change> = parsed(&merge.changed);
    for change in &changed {
        let known = relations::of(merge.kind).iter().map(|relation| relation.table);
        let Some(of) = known
            .chain([table])
            .chain(BUNDLES)
            .find(|known| *known == change.table)
        else {
            continue;
        };
        // Main numbers are exchanged afterwards, one at a time: only one may be it at any moment.
        let part = |image: &Image| -> Image {
            let columns = image.iter().filter(|(column, _)| *column != "is_main");
            columns
                .map(|(column, value)| (column.clone(), value.clone()))
                .collect()
        };
        let (before, after) = (part(&change.before), part(&change.after));
        queries::restore_columns(&mut *db, by.scope, of, change.id, &before, &after).await?;
    }
    let was_main = |is_main: bool| -> Vec<i64> {
        let phones = changed.iter().filter(|change| change.table == "phones");
        phones
            .filter(|change| change.before.get("is_main").and_then(Value::as_bool) == Some(is_main))
            .map(|change| change.id)
            .collect()
    };
    bundles::restore_main_numbers(&mut *db, by.scope, &was_main(true), &was_main(false)).await?;
    let rows = queries::images(db, by.scope, table, &[merge.survivor_id]).await?;
    let own = changed
        .iter()
        .find(|change| change.table == table && change.id == merge.survivor_id);
    if let (Some(own), Some(now)) = (own, rows.get(&merge.survivor_id)) {
        let kept = own
            .before
            .iter()
            .filter(|(column, value)| now.get(*column) != Some(*value));
        undone.kept = kept.map(|(column, _)| column.clone()).collect();
    }
    Ok(())
}

/// Tables whose rows a merge changes although they do not hang on a car by themselves.
const BUNDLES: [&str; 2] = ["callbacks", "reminders"];

async fn reopen(db: &mut PgConnection, by: By, merge: &Recorded) -> sqlx::Result<()> {
    let before = image(&merge.before, "loser");
    match merge.kind {
        RecordKind::Customer => {
            let name = before.get("name").and_then(Value::as_str).unwrap_or_default();
            let grams = search_keys(by.scope.get(), name);
            queries::reopen_customer(db, by.scope, merge.loser_id, &grams, by.now).await
        }
        RecordKind::Vehicle => queries::reopen_vehicle(db, by.scope, merge.loser_id, &before, by.now).await,
    }
}

fn image(before: &Value, of: &str) -> Image {
    before
        .get(of)
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

/// Our own record; what does not read as such holds nothing to give back.
fn parsed<T: serde::de::DeserializeOwned + Default>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_default()
}

fn unique(mut ids: Vec<i64>) -> Vec<i64> {
    ids.sort_unstable();
    ids.dedup();
    ids
}
