//! Statements of imports and their staged rows.
//!
//! [`rows`] holds those of staged rows, [`states`] the steps of an import, [`mappings`] the columns chosen last.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection, PgExecutor};
use uuid::Uuid;

use crate::imports::model::{ImportPhase, ImportState, Staged, Work};
use crate::imports::{ImportId, ImportKind};
use crate::stores::{StoreId, StoreScope};
use crate::users::UserId;

mod mappings;
mod rows;
mod states;

pub use mappings::{delete_mapping, find_mapping, upsert_mapping};
pub use rows::{
    CellsRow, VerdictRow, copy_rows, count_filled, delete_rows, delete_rows_of_ended, find_conflict,
    list_cells, list_verdicts, list_warned,
};
pub use states::{
    fail_abandoned_any_store, set_cancelled, set_confirmed, set_decisions, set_discarded, set_failed,
    set_mapping, set_previewed, set_running, set_sheet, set_staged, take_file_key, take_up,
};

/// An import as its pages need it.
#[derive(Clone, Debug)]
pub struct ImportRow {
    pub id: ImportId,
    pub kind: ImportKind,
    pub file_name: String,
    pub file_bytes: i64,
    pub state: ImportState,
    pub phase: ImportPhase,
    /// [`Staged`], or empty while the file is read.
    pub mapping: Value,
    /// [`Counts`], or empty before the rows were checked.
    pub counts: Value,
    /// [`crate::imports::model::Failure`] as JSON text.
    pub error: Option<String>,
    pub rows_total: i32,
    pub rows_done: i32,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub created_by: Option<String>,
    /// Who confirmed; none before that, and on the command line.
    pub confirmed_by: Option<UserId>,
    /// Who wanted it undone.
    pub undone_by: Option<UserId>,
    /// The kept file.
    pub file_key: Option<Uuid>,
    /// The worksheet that a person chose.
    pub sheet: Option<String>,
    /// [`crate::imports::Decisions`].
    pub decisions: Value,
}

impl ImportRow {
    /// What the machine owes it.
    pub fn work(&self) -> Option<Work> {
        Work::of(self.state, self.phase)
    }

    /// How the file was read; an error before that.
    pub fn staged(&self) -> serde_json::Result<Staged> {
        serde_json::from_value(self.mapping.clone())
    }
}

/// A busy import, to be taken up if nobody works on it.
#[derive(Clone, Copy, Debug)]
pub struct BusyRow {
    pub store: StoreId,
    pub id: ImportId,
    pub file_key: Option<Uuid>,
    /// The file itself is needed: its rows are not staged yet.
    pub needs_file: bool,
    pub created_at: DateTime<Utc>,
}

/// What a person may know of the store that the rules need.
pub struct StoreFacts {
    pub time_zone: String,
    pub area_code: Option<String>,
}

/// A file that is about to be read.
pub struct NewImport<'a> {
    pub kind: ImportKind,
    pub file_name: &'a str,
    pub file_bytes: i64,
    pub sha256: &'a [u8],
    pub created_by: Option<UserId>,
    /// Name of the kept file.
    pub file_key: Option<Uuid>,
}

pub async fn insert(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    new: &NewImport<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<ImportId> {
    sqlx::query_scalar!(
        r#"
        insert into imports (store_id, kind, file_name, file_bytes, sha256, state, created_by, created_at, file_key)
        values ($1, $2, $3, $4, $5, 'reading', $6, $7, $8)
        returning id
        "#,
        scope.get(),
        new.kind.as_str(),
        new.file_name,
        new.file_bytes,
        new.sha256,
        new.created_by.map(UserId::get),
        now,
        new.file_key,
    )
    .fetch_one(db)
    .await
}

pub async fn find(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
) -> sqlx::Result<Option<ImportRow>> {
    sqlx::query_as!(
        ImportRow,
        r#"
        select i.id, i.kind, i.file_name, i.file_bytes, i.state, i.phase, i.mapping, i.counts, i.error, i.rows_total,
               i.rows_done, i.version, i.created_at, i.confirmed_at, u.display_name as "created_by?", i.confirmed_by,
               i.undone_by, i.file_key, i.sheet, i.decisions
        from imports i
        left join users u on u.id = i.created_by
        where i.store_id = $1 and i.id = $2
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// The newest imports first.
pub async fn list(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<ImportRow>> {
    sqlx::query_as!(
        ImportRow,
        r#"
        select i.id, i.kind, i.file_name, i.file_bytes, i.state, i.phase, i.mapping, i.counts, i.error, i.rows_total,
               i.rows_done, i.version, i.created_at, i.confirmed_at, u.display_name as "created_by?", i.confirmed_by,
               i.undone_by, i.file_key, i.sheet, i.decisions
        from imports i
        left join users u on u.id = i.created_by
        where i.store_id = $1
          and i.state <> 'discarded'
        order by i.created_at desc, i.id desc
        limit $2 offset $3
        "#,
        scope.get(),
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// The confirmed import of a file with the same content.
pub async fn find_same_file(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kind: ImportKind,
    sha256: &[u8],
) -> sqlx::Result<Option<ImportId>> {
    sqlx::query_scalar!(
        "select id from imports where store_id = $1 and kind = $2 and sha256 = $3 and state in ('confirmed', 'undoing')",
        scope.get(),
        kind.as_str(),
        sha256,
    )
    .fetch_optional(db)
    .await
}

/// Content of an import's file, to recognise it again.
pub async fn sha256(db: impl PgExecutor<'_>, scope: StoreScope, id: ImportId) -> sqlx::Result<Vec<u8>> {
    sqlx::query_scalar!(
        "select sha256 from imports where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
    )
    .fetch_one(db)
    .await
}

/// What was decided about conflicts.
pub async fn decisions(db: impl PgExecutor<'_>, scope: StoreScope, id: ImportId) -> sqlx::Result<Value> {
    sqlx::query_scalar!(
        "select decisions from imports where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
    )
    .fetch_one(db)
    .await
}

pub async fn store_facts(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<StoreFacts> {
    sqlx::query_as!(
        StoreFacts,
        "select time_zone, area_code from stores where id = $1",
        scope.get(),
    )
    .fetch_one(db)
    .await
}

/// One merge at a time in a store. Not `for update`: rows of other tables that point at the store may be written meanwhile.
pub async fn lock_store(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<()> {
    sqlx::query_scalar!(
        "select id from stores where id = $1 for no key update",
        scope.get(),
    )
    .fetch_one(db)
    .await?;
    Ok(())
}

/// History does not owe: with its first import a store's duties begin three days ago.
pub async fn start_store_with_first_import(
    db: &mut PgConnection,
    scope: StoreScope,
    today: NaiveDate,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update stores
        set starts_on = $2::date - 3
        where id = $1
          and starts_on <> $2::date - 3
          and not exists (select from imports i where i.store_id = $1 and i.state = 'confirmed')
        "#,
        scope.get(),
        today,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// False once the import was given up: the work may stop.
pub async fn set_phase(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    phase: ImportPhase,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update imports
        set phase = $3, rows_done = 0
        where store_id = $1
          and id = $2
          and state not in ('cancelled', 'failed')
        "#,
        scope.get(),
        id.get(),
        phase.as_str(),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// False once the import was given up: the work may stop.
pub async fn set_rows_done(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    done: i32,
) -> sqlx::Result<bool> {
    let told = sqlx::query!(
        r#"
        update imports
        set rows_done = $3
        where store_id = $1
          and id = $2
          and state not in ('cancelled', 'failed')
        "#,
        scope.get(),
        id.get(),
        done,
    )
    .execute(db)
    .await?;
    Ok(told.rows_affected() == 1)
}

/// First half of the name of an import's lock; the other is its number.
const WORK_LOCK: i32 = 1_229_803_602;

/// Whether the transaction has the import for itself. The lock ends with it, also when its process dies.
pub async fn try_lock(db: impl PgExecutor<'_>, id: ImportId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock($1, $2::bigint::int) as "is_ours!""#,
        WORK_LOCK,
        id.get(),
    )
    .fetch_one(db)
    .await
}

/// Imports whose work has to go on, by whoever is there: those that kept their file, and undos.
pub async fn list_busy_any_store(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<BusyRow>> {
    sqlx::query_as!(
        BusyRow,
        r#"
        select store_id as "store!: StoreId", id, file_key, created_at,
               (state = 'reading' and phase = 'reading') as "needs_file!"
        from imports
        where state in ('reading', 'running', 'undoing')
          and (file_key is not null or state = 'undoing')
        order by created_at, id
        "#,
    )
    .fetch_all(db)
    .await
}

/// Which of these files an import names.
pub async fn list_file_keys_any_store(db: impl PgExecutor<'_>, keys: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        r#"select file_key as "file_key!" from imports where file_key = any($1)"#,
        keys,
    )
    .fetch_all(db)
    .await
}

/// Takes an import away that was only tried.
pub async fn delete(db: impl PgExecutor<'_>, scope: StoreScope, id: ImportId) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from imports where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Tells the planner about the tables that `rows` rows have made at least a tenth larger, in the transaction that wrote them.
///
/// Without it every index looks alike, and looking up 20,000 people may read all of them 20,000 times.
///
/// Until the transaction ends another one that does the same waits, for as long as it takes.
pub async fn analyze_grown(db: &mut PgConnection, rows: usize) -> sqlx::Result<()> {
    /// Fewer are looked up quickly by any plan.
    const MANY: usize = 1_000;
    if rows < MANY {
        return Ok(());
    }
    let grown = sqlx::query_scalar!(
        r#"
        select relname::text as "name!"
        from pg_class
        where relnamespace = 'public'::regnamespace
          and relname = any($1)
          and reltuples < $2::bigint * 10
        order by relname
        "#,
        &GROWING.map(str::to_owned)[..],
        rows as i64,
    )
    .fetch_all(&mut *db)
    .await?;
    if grown.is_empty() {
        return Ok(());
    }
    sqlx::query("set local lock_timeout = 0")
        .execute(&mut *db)
        .await?;
    let sql = format!("analyze {}", grown.join(", "));
    sqlx::query(AssertSqlSafe(sql)).execute(db).await?;
    Ok(())
}

/// Tables that a file fills and that are looked up row by row when due days are derived.
const GROWING: [&str; 7] = [
    "customers",
    "odometer_readings",
    "phones",
    "policies",
    "vehicle_people",
    "vehicles",
    "visits",
];

/// A large file changes the shape of the archive; what follows it must not be planned for the archive before.
pub async fn analyze(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        analyze customers, customer_facts, phones, vehicles, vehicle_facts, vehicle_people, visits, odometer_readings,
                policies, import_rows, import_links, import_changes
        "#
    )
    .execute(db)
    .await?;
    Ok(())
}
