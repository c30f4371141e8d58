//! Statements of merging. Those over THE TABLE of relations are put together from its constants, one shape for all tables.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgConnection, PgExecutor};

use crate::duplicates::merge::relations::{How, Relation};
use crate::duplicates::{MergeId, RecordKind};
use crate::stores::StoreScope;
use crate::users::UserId;

/// A row as it lies there, or only some of its columns.
pub type Image = serde_json::Map<String, Value>;

/// Locks both files in the order of their numbers and returns them; a row that is not there is missing.
pub async fn lock(
    db: &mut PgConnection,
    scope: StoreScope,
    kind: RecordKind,
    ids: [i64; 2],
) -> sqlx::Result<BTreeMap<i64, Image>> {
    let table = kind.table();
    let sql = format!("select id from {table} where store_id = $1 and id = any($2) order by id for update");
    sqlx::query(AssertSqlSafe(sql))
        .bind(scope.get())
        .bind(ids)
        .execute(&mut *db)
        .await?;
    images(db, scope, table, &ids).await
}

/// Rows of a table as they lie there, without their search keys.
pub async fn images(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    table: &'static str,
    ids: &[i64],
) -> sqlx::Result<BTreeMap<i64, Image>> {
    let sql =
        format!("select t.id, to_jsonb(t) - 'grams' from {table} t where t.store_id = $1 and t.id = any($2)");
    let rows: Vec<(i64, Json<Image>)> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.get())
        .bind(ids)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(|(id, image)| (id, image.0)).collect())
}

/// How many rows of a relation hang on each of the two.
pub async fn count(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    relation: &Relation,
    ids: [i64; 2],
) -> sqlx::Result<[i64; 2]> {
    let Relation { table, column, .. } = relation;
    let sql = format!(
        "select count(*) filter (where {column} = $2), count(*) filter (where {column} = $3)
         from {table} where store_id = $1 and {column} in ($2, $3)"
    );
    let (left, right): (i64, i64) = sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.get())
        .bind(ids[0])
        .bind(ids[1])
        .fetch_one(db)
        .await?;
    Ok([left, right])
}

/// Takes away what both have, and returns it.
pub async fn remove_doubled(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    relation: &Relation,
    same: &'static str,
    survivor: i64,
    loser: i64,
) -> sqlx::Result<Vec<Value>> {
    let Relation { table, column, .. } = relation;
    let sql = format!(
        "delete from {table} d using {table} k
         where d.store_id = $1 and d.{column} = $3 and k.store_id = $1 and k.{column} = $2 and {same}
         returning to_jsonb(d)"
    );
    sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(scope.get())
        .bind(survivor)
        .bind(loser)
        .fetch_all(db)
        .await
}

/// Moves the rows of a relation, but for those that are to stay; returns the numbers of the moved ones.
pub async fn move_rows(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    relation: &Relation,
    survivor: i64,
    loser: i64,
    staying: &[i64],
) -> sqlx::Result<Vec<i64>> {
    let Relation {
        table, column, key, ..
    } = relation;
    let but = match relation.how {
        How::MoveUnlessKnown { same } | How::MoveAtTheEnd { same } => format!(
            "and not exists (select from {table} k where k.store_id = $1 and k.{column} = $2 and {same})"
        ),
        How::Move
        | How::MoveUnlessThere { .. }
        | How::MoveUnlessTwin
        | How::MoveUnlessSameDay
        | How::Repoint
        | How::Derived
        | How::Stays(_) => String::new(),
    };
    // The survivor's own pointer at the other one would point at itself.
    let value = match relation.how {
        How::Repoint => "nullif($2, d.id)",
        How::Move
        | How::MoveUnlessThere { .. }
        | How::MoveUnlessKnown { .. }
        | How::MoveAtTheEnd { .. }
        | How::MoveUnlessTwin
        | How::MoveUnlessSameDay
        | How::Derived
        | How::Stays(_) => "$2",
    };
    let sql = format!(
        "update {table} d set {column} = {value}
         where d.store_id = $1 and d.{column} = $3 and d.{key} <> all($4) {but}
         returning d.{key}"
    );
    let mut ids: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(scope.get())
        .bind(survivor)
        .bind(loser)
        .bind(staying)
        .fetch_all(db)
        .await?;
    ids.sort_unstable();
    Ok(ids)
}

/// Gives moved rows back that are still the survivor's.
pub async fn move_back(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    relation: &Relation,
    survivor: i64,
    loser: i64,
    ids: &[i64],
) -> sqlx::Result<Vec<i64>> {
    let Relation {
        table, column, key, ..
    } = relation;
    let own = match relation.how {
        How::Repoint => "or d.id = $2 and d.{column} is null".replace("{column}", column),
        How::Move
        | How::MoveUnlessThere { .. }
        | How::MoveUnlessKnown { .. }
        | How::MoveAtTheEnd { .. }
        | How::MoveUnlessTwin
        | How::MoveUnlessSameDay
        | How::Derived
        | How::Stays(_) => String::new(),
    };
    let sql = format!(
        "update {table} d set {column} = $3
         where d.store_id = $1 and d.{key} = any($4) and (d.{column} = $2 {own})
         returning d.{key}"
    );
    sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(scope.get())
        .bind(survivor)
        .bind(loser)
        .bind(ids)
        .fetch_all(db)
        .await
}

/// Puts a removed row back; it may be there again by now.
pub async fn restore_row(db: impl PgExecutor<'_>, table: &'static str, row: &Value) -> sqlx::Result<u64> {
    let sql = format!(
        "insert into {table} overriding system value
         select (jsonb_populate_record(null::{table}, $1)).* on conflict do nothing"
    );
    let done = sqlx::query(AssertSqlSafe(sql)).bind(row).execute(db).await?;
    Ok(done.rows_affected())
}

/// Gives a row the values of `before` where it still has those of `after`; returns the columns that were given back.
pub async fn restore_columns(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    table: &'static str,
    id: i64,
    before: &Image,
    after: &Image,
) -> sqlx::Result<()> {
    let columns: Vec<&str> = before
        .keys()
        .map(String::as_str)
        .filter(|name| is_name(name))
        .collect();
    if columns.is_empty() {
        return Ok(());
    }
    let sets: Vec<String> = columns
        .iter()
        .map(|name| {
            format!(
                "{name} = case when t.{name} is not distinct from a.{name} then b.{name} else t.{name} end"
            )
        })
        .collect();
    let sql = format!(
        "update {table} t set {}
         from jsonb_populate_record(null::{table}, $3) b, jsonb_populate_record(null::{table}, $4) a
         where t.store_id = $1 and t.id = $2",
        sets.join(", ")
    );
    sqlx::query(AssertSqlSafe(sql))
        .bind(scope.get())
        .bind(id)
        .bind(Json(before))
        .bind(Json(after))
        .execute(db)
        .await?;
    Ok(())
}

/// Columns come out of our own record of the merge; what is no plain name is none of ours.
fn is_name(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The survivor takes values over from the other file.
pub async fn take_fields(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kind: RecordKind,
    survivor: i64,
    loser_image: &Image,
    columns: &[&'static str],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let table = kind.table();
    // The company of one file may be the other file: nobody belongs to themselves.
    let taken = |name: &&str| match *name {
        "parent_id" => "parent_id = nullif(l.parent_id, t.id)".to_owned(),
        name => format!("{name} = l.{name}"),
    };
    let mut sets: Vec<String> = columns.iter().map(taken).collect();
    sets.push("version = t.version + 1".to_owned());
    sets.push("updated_at = $4".to_owned());
    let sql = format!(
        "update {table} t set {} from jsonb_populate_record(null::{table}, $3) l
         where t.store_id = $1 and t.id = $2",
        sets.join(", ")
    );
    sqlx::query(AssertSqlSafe(sql))
        .bind(scope.get())
        .bind(survivor)
        .bind(Json(loser_image))
        .bind(now)
        .execute(db)
        .await?;
    Ok(())
}

/// A name that was taken over is found under its own keys.
pub async fn set_grams(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: i64,
    grams: &[String],
) -> sqlx::Result<()> {
    sqlx::query!(
        "update customers set grams = $3 where store_id = $1 and id = $2",
        scope.get(),
        customer,
        grams,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes a customer a signpost.
pub async fn close_customer(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    survivor: i64,
    loser: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update customers
        set merged_into_id = $2, grams = '{}', version = version + 1, updated_at = $4
        where store_id = $1
          and id = $3
        "#,
        scope.get(),
        survivor,
        loser,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes a customer out of a signpost again.
pub async fn reopen_customer(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    loser: i64,
    grams: &[String],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update customers
        set merged_into_id = null, grams = $3, version = version + 1, updated_at = $4
        where store_id = $1
          and id = $2
        "#,
        scope.get(),
        loser,
        grams,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes a car a signpost: no VIN, no plate, in use no longer.
pub async fn close_vehicle(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    survivor: i64,
    loser: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update vehicles
        set merged_into_id = $2, vin = null, plate = null, state = 'moved', version = version + 1, updated_at = $4
        where store_id = $1
          and id = $3
        "#,
        scope.get(),
        survivor,
        loser,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes a car out of a signpost again, with what named it before.
pub async fn reopen_vehicle(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    loser: i64,
    before: &Image,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update vehicles v
        set merged_into_id = null, vin = b.vin, plate = b.plate, state = b.state, version = v.version + 1, updated_at = $4
        from jsonb_populate_record(null::vehicles, $3) b
        where v.store_id = $1
          and v.id = $2
        "#,
        scope.get(),
        loser,
        Value::Object(before.clone()),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether another car than these two has the VIN by now.
pub async fn is_vin_taken(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vin: &str,
    but: [i64; 2],
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from vehicles where store_id = $1 and vin = $2 and id <> all($3)) as "taken!""#,
        scope.get(),
        vin,
        &but[..],
    )
    .fetch_one(db)
    .await
}

/// Everything that an undo needs.
pub struct NewMerge<'a> {
    pub kind: RecordKind,
    pub survivor: i64,
    pub loser: i64,
    pub fields: &'a [String],
    pub before: &'a Value,
    pub moved: &'a Value,
    pub changed: &'a Value,
    pub removed: &'a Value,
    pub at: DateTime<Utc>,
    pub by: UserId,
}

/// Notes a merge.
pub async fn insert(db: impl PgExecutor<'_>, scope: StoreScope, new: NewMerge<'_>) -> sqlx::Result<MergeId> {
    sqlx::query_scalar!(
        r#"
        insert into merges (store_id, kind, survivor_id, loser_id, fields, before, moved, changed, removed, merged_at, merged_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        returning id
        "#,
        scope.get(),
        new.kind.as_str(),
        new.survivor,
        new.loser,
        new.fields,
        new.before,
        new.moved,
        new.changed,
        new.removed,
        new.at,
        new.by.get(),
    )
    .fetch_one(db)
    .await
}

/// A merge as an undo needs it.
pub struct Recorded {
    pub kind: RecordKind,
    pub survivor_id: i64,
    pub loser_id: i64,
    pub before: Value,
    pub moved: Value,
    pub changed: Value,
    pub removed: Value,
    pub undone_at: Option<DateTime<Utc>>,
}

/// Locks a merge.
pub async fn lock_merge(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: MergeId,
) -> sqlx::Result<Option<Recorded>> {
    sqlx::query_as!(
        Recorded,
        r#"
        select kind, survivor_id, loser_id, before, moved, changed, removed, undone_at
        from merges
        where store_id = $1
          and id = $2
        for update
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Notes that a merge was taken back, and what became of its rows.
pub async fn set_undone(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: MergeId,
    by: UserId,
    counts: &Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update merges set undone_at = $3, undone_by = $4, undo_counts = $5 where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
        now,
        by.get(),
        counts,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A pair that became one is no proposal any more; taken back, it is one again.
pub async fn decide_pair(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kind: RecordKind,
    ids: [i64; 2],
    is_merged: bool,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update duplicates
        set state = case when $5 then 'merged' else 'open' end,
            decided_at = case when $5 then $6::timestamptz end,
            decided_by = case when $5 then $7::bigint end,
            version = version + 1
        where store_id = $1
          and kind = $2
          and left_id = least($3::bigint, $4)
          and right_id = greatest($3::bigint, $4)
        "#,
        scope.get(),
        kind.as_str(),
        ids[0],
        ids[1],
        is_merged,
        now,
        by.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A merge in the history.
pub struct MergeRow {
    pub id: MergeId,
    pub kind: RecordKind,
    pub survivor_id: i64,
    pub loser_id: i64,
    pub fields: Vec<String>,
    pub moved: Value,
    pub survivor_name: String,
    pub loser_name: String,
    pub merged_at: DateTime<Utc>,
    pub merged_by: Option<String>,
    pub undone_at: Option<DateTime<Utc>>,
    pub undo_counts: Option<Value>,
}

/// The history, the latest first.
pub async fn list(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<MergeRow>> {
    sqlx::query_as!(
        MergeRow,
        r#"
        select m.id, m.kind, m.survivor_id, m.loser_id, m.fields, m.moved,
               coalesce(s.name, v.plate, v.vin, '') as "survivor_name!",
               coalesce(l.name, m.before -> 'loser' ->> 'plate', m.before -> 'loser' ->> 'vin', '') as "loser_name!",
               m.merged_at, b.display_name as "merged_by?", m.undone_at, m.undo_counts
        from merges m
        left join customers s on m.kind = 'customer' and s.store_id = m.store_id and s.id = m.survivor_id
        left join customers l on m.kind = 'customer' and l.store_id = m.store_id and l.id = m.loser_id
        left join vehicles v on m.kind = 'vehicle' and v.store_id = m.store_id and v.id = m.survivor_id
        left join users b on b.id = m.merged_by
        where m.store_id = $1
        order by m.merged_at desc, m.id desc
        limit $2
        offset $3
        "#,
        scope.get(),
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// How many merges there are.
pub async fn count_merges(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from merges where store_id = $1"#,
        scope.get()
    )
    .fetch_one(db)
    .await
}
