//! The life of an import: read, choose columns, preview, confirm. Web and command line call the same functions.

use std::path::Path;
use std::time::Instant;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::audit::{self, Actor, Entry};
use crate::imports::check::Context;
use crate::imports::child::{Batch, ChildError, Parsing, Source};
use crate::imports::mapping::{Mapping, recognise};
use crate::imports::merge::{self, Job};
use crate::imports::model::{Counts, Failure, Staged, Work};
use crate::imports::parse::Header;
use crate::imports::progress::{Cancelled, Progress};
use crate::imports::queries::{self, NewImport};
use crate::imports::{Decisions, ImportId, ImportKind, files, remembered, undo};
use crate::obligations;
use crate::stores::{StoreScope, calendar};

/// A file on the disk of this machine.
pub struct SourceFile<'a> {
    pub path: &'a Path,
    /// As the user calls it; shown, never opened.
    pub name: &'a str,
    pub bytes: u64,
    pub sha256: [u8; 32],
    /// Its name in the data directory, if it is kept there.
    pub key: Option<Uuid>,
}

/// Whether the store has the file already.
pub enum Begun {
    New(ImportId),
    /// Confirmed before; nothing will be done.
    Known(ImportId),
}

/// Why an import came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("the file is refused")]
    File(#[from] ChildError),
    /// The same file was confirmed meanwhile, or the import was declared dead.
    #[error("another import was faster")]
    Overtaken,
    /// Another process works on it.
    #[error("the import is worked on elsewhere")]
    Busy,
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

impl From<sqlx::Error> for ImportError {
    fn from(error: sqlx::Error) -> ImportError {
        ImportError::Other(error.into())
    }
}

impl ImportError {
    /// What is stored and shown.
    pub fn failure(&self) -> Failure {
        match self {
            ImportError::File(ChildError::Refused(error)) => Failure::File { error: error.clone() },
            ImportError::File(ChildError::Exhausted) => Failure::Exhausted,
            ImportError::Overtaken => Failure::SameFile,
            ImportError::File(ChildError::Failed(_) | ChildError::Broken(_))
            | ImportError::Busy
            | ImportError::Cancelled(_)
            | ImportError::Other(_) => Failure::Internal,
        }
    }
}

/// Notes the file, unless the store has taken it in before.
pub async fn begin(
    db: &PgPool,
    scope: StoreScope,
    kind: ImportKind,
    file: &SourceFile<'_>,
    actor: Actor,
    now: DateTime<Utc>,
) -> anyhow::Result<Begun> {
    let mut tx = db.begin().await?;
    if let Some(known) = queries::find_same_file(&mut *tx, scope, kind, &file.sha256).await? {
        return Ok(Begun::Known(known));
    }
    let new = NewImport {
        kind,
        file_name: file.name,
        file_bytes: i64::try_from(file.bytes)?,
        sha256: &file.sha256,
        created_by: actor.user_id(),
        file_key: file.key,
    };
    let id = queries::insert(&mut *tx, scope, &new, now).await?;
    record(
        &mut tx,
        scope,
        id,
        actor,
        "imports.upload",
        &json!({ "kind": kind }),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(Begun::New(id))
}

/// Reads the file in the limited child and stages its rows, all of them or none.
pub async fn read(
    db: &PgPool,
    scope: StoreScope,
    id: ImportId,
    kind: ImportKind,
    source: &Source<'_>,
) -> Result<Staged, ImportError> {
    let progress = Progress::new(db.clone(), scope, id);
    let mut tx = db.begin().await?;
    claim(&mut tx, scope, id, Work::Read).await?;
    // Of another sheet of the file, read before.
    queries::delete_rows(&mut *tx, scope, id).await?;
    sqlx::query("set local idle_in_transaction_session_timeout = '5min'")
        .execute(&mut *tx)
        .await?;
    let mut header: Option<Header> = None;
    let mut rows = 0;
    let mut parsing = Parsing::start_sheet(source)?;
    while let Some(batch) = parsing.next().await? {
        match batch {
            Batch::Header(found) => header = Some(found),
            Batch::Rows(batch) => {
                queries::copy_rows(&mut tx, scope, id, &batch).await?;
                rows += i32::try_from(batch.len()).unwrap_or(i32::MAX);
                progress.rows(rows).await?;
            }
        }
    }
    let header = header.ok_or(ChildError::Broken("no header"))?;
    let mut mapping = recognise(kind, &header.columns);
    let key = remembered::key(&mapping.headings);
    let chosen = queries::find_mapping(&mut *tx, scope, kind, &key).await?;
    if let Some(chosen) = &chosen {
        let choices: Vec<_> = serde_json::from_value(chosen.clone()).map_err(anyhow::Error::from)?;
        remembered::apply(&mut mapping, &choices);
    }
    let staged = Staged {
        header,
        mapping,
        is_remembered: chosen.is_some(),
    };
    if !queries::set_staged(&mut *tx, scope, id, &staged, rows).await? {
        return Err(ImportError::Overtaken);
    }
    tx.commit().await?;
    Ok(staged)
}

/// Takes a person's choice of columns, for this file and for the next one like it. False if somebody was faster.
pub async fn choose_columns(
    db: &PgPool,
    scope: StoreScope,
    id: ImportId,
    version: i32,
    staged: &Staged,
    now: DateTime<Utc>,
) -> anyhow::Result<bool> {
    let mapping = &staged.mapping;
    let key = remembered::key(&mapping.headings);
    let mut tx = db.begin().await?;
    if !queries::set_mapping(&mut *tx, scope, id, version, staged).await? {
        return Ok(false);
    }
    if staged.is_remembered {
        let choices = serde_json::to_value(remembered::choices(mapping))?;
        queries::upsert_mapping(&mut *tx, scope, mapping.kind, &key, &choices, now).await?;
    } else {
        queries::delete_mapping(&mut *tx, scope, mapping.kind, &key).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Says what every row would do. Only the staged rows and the import itself are written.
pub async fn preview(
    db: &PgPool,
    scope: StoreScope,
    id: ImportId,
    mapping: Mapping,
    now: DateTime<Utc>,
) -> Result<Counts, ImportError> {
    let started = Instant::now();
    let progress = Progress::new(db.clone(), scope, id);
    let mut tx = db.begin().await?;
    claim(&mut tx, scope, id, Work::Check).await?;
    let job = job(&mut tx, scope, id, mapping, now).await?;
    let mut counts = merge::classify(&mut tx, &job, &progress).await.map_err(stopped)?;
    counts.millis = millis(started);
    if !queries::set_previewed(&mut *tx, scope, id, &counts).await? {
        return Err(ImportError::Overtaken);
    }
    tx.commit().await?;
    Ok(counts)
}

/// Takes the accepted rows in, all or none.
pub async fn merge(
    db: &PgPool,
    scope: StoreScope,
    id: ImportId,
    mapping: Mapping,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<Counts, ImportError> {
    let mut tx = db.begin().await?;
    let counts = merge_within(&mut tx, db, scope, id, mapping, now).await?;
    if !queries::set_confirmed(&mut *tx, scope, id, &counts, now).await? {
        return Err(ImportError::Overtaken);
    }
    let change = json!({
        "new": counts.new, "changed": counts.changed, "unchanged": counts.unchanged, "refused": counts.refused,
    });
    record(&mut tx, scope, id, actor, "imports.confirm", &change, now).await?;
    tx.commit().await?;
    after_commit(db, scope, now).await;
    Ok(counts)
}

/// Everything that [`merge`] does, in a transaction that the caller ends: a dry run rolls it back.
pub async fn merge_within(
    tx: &mut PgConnection,
    db: &PgPool,
    scope: StoreScope,
    id: ImportId,
    mapping: Mapping,
    now: DateTime<Utc>,
) -> Result<Counts, ImportError> {
    let started = Instant::now();
    let progress = Progress::new(db.clone(), scope, id);
    claim(&mut *tx, scope, id, Work::Merge).await?;
    let job = job(&mut *tx, scope, id, mapping, now).await?;
    queries::lock_store(&mut *tx, scope).await?;
    let sha256 = queries::sha256(&mut *tx, scope, id).await?;
    if queries::find_same_file(&mut *tx, scope, job.kind, &sha256)
        .await?
        .is_some()
    {
        return Err(ImportError::Overtaken);
    }
    let mut counts = merge::classify(tx, &job, &progress).await.map_err(stopped)?;
    merge::apply(tx, &job, &progress).await.map_err(stopped)?;
    counts.millis = millis(started);
    Ok(counts)
}

/// What may follow an import at once and must not undo it when it fails: the daily job catches up in any case.
pub(super) async fn after_commit(db: &PgPool, scope: StoreScope, now: DateTime<Utc>) {
    if let Err(error) = generate(db, scope, now).await {
        tracing::warn!(error = %error, "duties were not generated after an import; the daily job will");
    }
}

async fn generate(db: &PgPool, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<()> {
    queries::analyze(db).await?;
    let mut tx = db.begin().await?;
    let today = calendar::local_day(&mut tx, scope, now).await?;
    obligations::service::generate_day(&mut tx, scope, today, now).await?;
    tx.commit().await
}

/// Makes the work this transaction's own: until it ends nobody else does it, and nobody has done it.
pub(super) async fn claim(
    tx: &mut PgConnection,
    scope: StoreScope,
    id: ImportId,
    work: Work,
) -> Result<(), ImportError> {
    if !queries::try_lock(&mut *tx, id).await? {
        return Err(ImportError::Busy);
    }
    let import = queries::find(tx, scope, id).await?;
    match import.and_then(|import| import.work()) {
        Some(owed) if owed == work => Ok(()),
        Some(_) | None => Err(ImportError::Busy),
    }
}

/// Marks the import as come to nothing if nobody did before, and removes its rows and its file. An undo that came to nothing
/// leaves the import confirmed.
pub async fn give_up(
    db: &PgPool,
    folder: &Path,
    scope: StoreScope,
    id: ImportId,
    failure: &Failure,
) -> anyhow::Result<()> {
    let error = serde_json::to_string(failure)?;
    queries::set_failed(db, scope, id, &error).await?;
    undo::queries::set_confirmed_again(db, scope, id, &error).await?;
    clear(db, folder, scope, id).await
}

/// Removes rows and file of an import that has come to nothing; of any other nothing.
pub async fn clear(db: &PgPool, folder: &Path, scope: StoreScope, id: ImportId) -> anyhow::Result<()> {
    queries::delete_rows_of_ended(db, scope, id).await?;
    if let Some(key) = queries::take_file_key(db, scope, id).await? {
        files::remove(folder, key);
    }
    Ok(())
}

/// An audit row of an import.
pub async fn record(
    tx: &mut PgConnection,
    scope: StoreScope,
    id: ImportId,
    actor: Actor,
    action: &'static str,
    change: &serde_json::Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let entry = Entry {
        store: Some(scope.store_id()),
        actor,
        action,
        subject: "imports",
        subject_id: Some(id.get()),
        change,
    };
    audit::record(tx, now, entry).await
}

async fn job(
    db: &mut PgConnection,
    scope: StoreScope,
    import: ImportId,
    mapping: Mapping,
    now: DateTime<Utc>,
) -> sqlx::Result<Job> {
    let store = queries::store_facts(&mut *db, scope).await?;
    let decisions = queries::decisions(db, scope, import).await?;
    let zone = store.time_zone.parse().unwrap_or(chrono_tz::Asia::Shanghai);
    let context = Context {
        store: scope.store_id(),
        zone,
        area_code: store.area_code,
        today: now.with_timezone(&zone).date_naive(),
    };
    Ok(Job {
        scope,
        import,
        kind: mapping.kind,
        mapping,
        context,
        // Nothing of an unknown shape is stored here; the defaults are safe.
        decisions: serde_json::from_value::<Decisions>(decisions).unwrap_or_default(),
        now,
    })
}

/// The merge's error, or a person's wish.
fn stopped(error: anyhow::Error) -> ImportError {
    match error.downcast::<Cancelled>() {
        Ok(cancelled) => ImportError::Cancelled(cancelled),
        Err(error) => ImportError::Other(error),
    }
}

fn millis(started: Instant) -> i64 {
    i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX)
}
