//! Undo of a whole import: the archive as it was before, row by row of the file, all of a row or nothing of it.
//!
//! - A row is taken back while everything it made or changed is still as the import left it and nothing hangs on the rows it
//!   made: no edit, no later file, no call, answer, complaint or visit. What stays is listed with the reason.
//! - Rows that the import made are deleted, columns that it changed are put back, roles that it ended are current again,
//!   facts are derived anew. Versions go forward: a form that somebody has open is refused, not taken by accident.
//! - Entries of the ledger that came from these rows end as cancelled and let go of what is deleted (see the migration).
//! - One transaction, decided under locks; the page shows the same decision before, without them.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Row};

use crate::audit::Actor;
use crate::imports::model::{ImportPhase, Work};
use crate::imports::service::{self, ImportError};
use crate::imports::{ImportId, merge};
use crate::obligations::generate;
use crate::stores::{StoreScope, calendar};
use crate::text_enum;
use crate::{customers, vehicles, visits};

mod act;
mod decide;
pub mod handlers;
pub mod keys;
pub mod queries;

/// As long as the rows of a file are kept.
pub const KEPT_FOR: TimeDelta = TimeDelta::days(30);

text_enum! {
    /// Why a row of a file is not taken back.
    pub enum KeptBecause {
        Edited = "edited",
        LaterImport = "later_import",
        Merged = "merged",
        OnThePhone = "on_the_phone",
        /// On a call sheet that somebody may be calling from.
        OnPaper = "on_paper",
        Called = "called",
        Reminded = "reminded",
        DutyEnded = "duty_ended",
        Complaint = "complaint",
        Visit = "visit",
        Policy = "policy",
        Role = "role",
        Phone = "phone",
        Reading = "reading",
    }
}

/// One reason as it is stored with the row; `by` is the display name of who saved it last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub code: KeptBecause,
    #[serde(default)]
    pub import: Option<i64>,
    #[serde(default)]
    pub by: Option<String>,
    #[serde(default)]
    pub at: Option<DateTime<Utc>>,
}

/// What an undo comes to, before or after.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UndoCounts {
    /// Rows of the file that made or changed something.
    pub rows: i64,
    pub taken_back: i64,
    pub kept: i64,
    pub customers: i64,
    pub vehicles: i64,
    pub visits: i64,
    pub policies: i64,
    /// Rows of the archive whose columns are put back.
    pub restored: i64,
    /// Open entries of the ledger that end as cancelled.
    pub duties: i64,
}

/// One undo of one import.
struct Undo {
    scope: StoreScope,
    import: ImportId,
    actor: Actor,
    now: DateTime<Utc>,
    /// Takes locks; the look before does not.
    is_real: bool,
}

impl Undo {
    /// A statement over the temporary tables: $1 is the store, $2 the import, $3 the instant, $4 the person. They are
    /// written into the text, so that each statement uses what it needs.
    fn query(&self, sql: &str) -> Query<'static, Postgres, PgArguments> {
        let actor = self
            .actor
            .user_id()
            .map_or_else(|| "null".to_owned(), |user| user.to_string());
        let sql = sql
            .replace("$1", &self.scope.get().to_string())
            .replace("$2", &self.import.to_string())
            .replace("$3", &format!("'{}'::timestamptz", self.now.to_rfc3339()))
            .replace("$4", &format!("{actor}::bigint"));
        sqlx::query(AssertSqlSafe(sql)).persistent(false)
    }
}

async fn run(db: &mut PgConnection, undo: &Undo, sql: &str) -> sqlx::Result<()> {
    undo.query(sql).execute(db).await?;
    Ok(())
}

async fn ids(db: &mut PgConnection, undo: &Undo, sql: &str) -> sqlx::Result<Vec<i64>> {
    let rows = undo.query(sql).fetch_all(db).await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

/// What an undo would do now. Nothing is written.
pub async fn look(
    db: &PgPool,
    scope: StoreScope,
    import: ImportId,
    now: DateTime<Utc>,
) -> anyhow::Result<UndoCounts> {
    let mut tx = db.begin().await?;
    merge::prepare_session(&mut tx).await?;
    let undo = Undo {
        scope,
        import,
        actor: Actor::System,
        now,
        is_real: false,
    };
    let counts = decide::decide(&mut tx, &undo).await?;
    tx.rollback().await?;
    Ok(counts)
}

/// Takes the import back, row by row of its file. The import is `undoing` before and `undone` after; when no row may go it
/// is confirmed again, with the reasons at its rows.
pub async fn undo(
    db: &PgPool,
    scope: StoreScope,
    import: ImportId,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<UndoCounts, ImportError> {
    let undo = Undo {
        scope,
        import,
        actor,
        now,
        is_real: true,
    };
    let mut tx = db.begin().await?;
    service::claim(&mut tx, scope, import, Work::Undo).await?;
    merge::prepare_session(&mut tx).await?;
    crate::imports::queries::lock_store(&mut *tx, scope).await?;
    generate::lock(&mut *tx, scope).await?;
    let phase = |phase| queries::set_phase(db, scope, import, phase);
    phase(ImportPhase::Matching).await?;
    let counts = decide::decide(&mut tx, &undo).await?;
    phase(ImportPhase::Writing).await?;
    act::end_duties(&mut tx, &undo).await?;
    act::take_back(&mut tx, &undo).await?;
    phase(ImportPhase::Deriving).await?;
    derive(&mut tx, &undo).await?;
    act::settle_duties(&mut tx, &undo).await?;
    act::store_verdicts(&mut tx, &undo).await?;
    if !queries::set_undone(&mut *tx, scope, import, actor.user_id(), &counts, now).await? {
        return Err(ImportError::Overtaken);
    }
    let change = json!({ "taken_back": counts.taken_back, "kept": counts.kept, "duties": counts.duties });
    service::record(&mut tx, scope, import, actor, "imports.undo", &change, now).await?;
    tx.commit().await?;
    service::after_commit(db, scope, now).await;
    Ok(counts)
}

/// Facts of the cars and people that stay.
async fn derive(db: &mut PgConnection, undo: &Undo) -> sqlx::Result<()> {
    let of = |table: &str| {
        format!("select distinct id from undo_touched where table_name = '{table}' and id is not null")
    };
    let cars = ids(db, undo, &of("vehicles")).await?;
    let people = ids(db, undo, &of("customers")).await?;
    let today = calendar::local_day(&mut *db, undo.scope, undo.now).await?;
    vehicles::readings::judge(db, undo.scope, &cars, today).await?;
    visits::service::derive_work(db, undo.scope, Some(&cars)).await?;
    vehicles::facts::refresh(&mut *db, undo.scope, Some(&cars), undo.now).await?;
    customers::facts::refresh(&mut *db, undo.scope, Some(&people)).await?;
    Ok(())
}
