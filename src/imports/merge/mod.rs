//! The merge: rows of a file become rows of the archive, all or none.
//!
//! - [`classify`] fills a typed staging table by COPY, finds each row's car, people and visit, and says what the row would
//!   do. [`apply`] writes just that. The preview is the first half alone, a dry run is both halves rolled back, so what was
//!   promised is what happens.
//! - Everything is set-based: a dozen statements for any number of rows. That is why imports, and nothing else, write the
//!   tables of the archive without its services.
//! - The staging tables are temporary and end with the transaction: never logged, seen by nobody else, nothing to clean up
//!   after a crash, and their size never troubles a vacuum. The price is that the compiler cannot check statements over
//!   them; `tests/web/imports` runs every one.
//! - An empty cell never blanks what is there; a row that changes nothing touches nothing, not even a version.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, Row};

use crate::imports::check::Context;
use crate::imports::decisions::Decisions;
use crate::imports::mapping::{ImportKind, Mapping};
use crate::imports::model::{Counts, ImportPhase};
use crate::imports::progress::Progress;
use crate::imports::{ImportId, queries};
use crate::stores::StoreScope;
use crate::{customers, vehicles, visits as visit_archive};

mod conflicts;
mod journal;
mod people;
mod policies;
mod roster;
mod stage;
mod verdicts;
mod visits;

use journal::journalled;

/// A merge takes its time: the limits of a request's statement do not fit it.
const SESSION: [&str; 5] = [
    "set local statement_timeout = '10min'",
    "set local idle_in_transaction_session_timeout = '10min'",
    // Hash joins and sorts of 100,000 rows stay in memory.
    "set local work_mem = '64MB'",
    // An undo compares instants with what the journal has noted as text.
    "set local timezone = 'UTC'",
    // A statement of a program that was killed ends soon, and with it its locks.
    "set local client_connection_check_interval = '2s'",
];

/// One file and the rules it is merged by.
pub struct Job {
    pub scope: StoreScope,
    pub import: ImportId,
    pub kind: ImportKind,
    pub mapping: Mapping,
    pub context: Context,
    /// What a person decided about conflicts.
    pub decisions: Decisions,
    pub now: DateTime<Utc>,
}

impl Job {
    fn today(&self) -> NaiveDate {
        self.context.today
    }

    /// $1 the store, $2 the import.
    fn ids(&self) -> [Arg; 2] {
        [Arg::Id(self.scope.get()), Arg::Id(self.import.get())]
    }

    /// The same, and $3 the instant.
    fn at(&self) -> [Arg; 3] {
        let [store, import] = self.ids();
        [store, import, Arg::At(self.now)]
    }

    /// The same, and $3 the store's day.
    fn on(&self) -> [Arg; 3] {
        let [store, import] = self.ids();
        [store, import, Arg::Day(self.today())]
    }
}

/// Limits and memory for work over a whole file, until the transaction ends.
pub async fn prepare_session(db: &mut PgConnection) -> sqlx::Result<()> {
    for setting in SESSION {
        run(db, setting, &[]).await?;
    }
    Ok(())
}

/// Says of every row what it does, in `import_rows` and in the counts. Writes nothing else that outlives the transaction.
pub async fn classify(db: &mut PgConnection, job: &Job, progress: &Progress) -> anyhow::Result<Counts> {
    prepare_session(&mut *db).await?;
    progress.enter(ImportPhase::Checking).await?;
    stage::fill(db, job, progress).await?;
    progress.enter(ImportPhase::Matching).await?;
    conflicts::create(db).await?;
    match job.kind {
        ImportKind::Roster => roster::classify(db, job).await?,
        ImportKind::Visits => visits::classify(db, job).await?,
        ImportKind::Policies => policies::classify(db, job).await?,
    }
    let mut counts = verdicts::store(db, job).await?;
    counts.conflicts = conflicts::store(db, job).await?;
    Ok(counts)
}

/// Writes what [`classify`] has found in the same transaction, and derives due days and last visits anew.
pub async fn apply(db: &mut PgConnection, job: &Job, progress: &Progress) -> anyhow::Result<()> {
    progress.enter(ImportPhase::Writing).await?;
    people::create(db, job).await?;
    let touched = match job.kind {
        ImportKind::Roster => roster::apply(db, job).await?,
        ImportKind::Visits => visits::apply(db, job).await?,
        ImportKind::Policies => policies::apply(db, job).await?,
    };
    journal::link_rows(db, job).await?;
    progress.enter(ImportPhase::Deriving).await?;
    let most = touched.vehicles.len().max(touched.customers.len());
    queries::analyze_grown(&mut *db, most).await?;
    vehicles::readings::judge(db, job.scope, &touched.vehicles, job.today()).await?;
    vehicles::facts::refresh(&mut *db, job.scope, Some(&touched.vehicles), job.now).await?;
    customers::facts::refresh(&mut *db, job.scope, Some(&touched.customers)).await?;
    if job.kind == ImportKind::Visits {
        visit_archive::service::derive_work(db, job.scope, Some(&touched.vehicles)).await?;
    }
    queries::start_store_with_first_import(db, job.scope, job.today()).await?;
    Ok(())
}

/// Cars and customers whose facts may have changed.
struct Touched {
    vehicles: Vec<i64>,
    customers: Vec<i64>,
}

impl Touched {
    async fn of(
        db: &mut PgConnection,
        vehicles: &'static str,
        customers: &'static str,
    ) -> sqlx::Result<Touched> {
        Ok(Touched {
            vehicles: ids(db, vehicles).await?,
            customers: ids(db, customers).await?,
        })
    }
}

async fn ids(db: &mut PgConnection, sql: &'static str) -> sqlx::Result<Vec<i64>> {
    let rows = sqlx::query(sql).persistent(false).fetch_all(db).await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

/// A value of a staging statement.
enum Arg {
    Id(i64),
    Day(NaiveDate),
    At(DateTime<Utc>),
    Text(String),
}

/// Runs one statement over the staging tables. Not kept prepared: the tables are others the next time.
async fn run(db: &mut PgConnection, sql: &'static str, args: &[Arg]) -> sqlx::Result<u64> {
    let mut query = sqlx::query(sql).persistent(false);
    for arg in args {
        query = match arg {
            Arg::Id(id) => query.bind(*id),
            Arg::Day(day) => query.bind(*day),
            Arg::At(at) => query.bind(*at),
            Arg::Text(text) => query.bind(text.as_str()),
        };
    }
    Ok(query.execute(db).await?.rows_affected())
}

/// Runs statements that need the store alone.
async fn run_in_store(
    db: &mut PgConnection,
    scope: StoreScope,
    statements: &[&'static str],
) -> sqlx::Result<()> {
    for sql in statements {
        run(db, sql, &[Arg::Id(scope.get())]).await?;
    }
    Ok(())
}
