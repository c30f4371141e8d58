//! `care-desk import`: the same code as the pages, for scripts. Exit 0: all rows taken, 1: some refused, 2: the file refused.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use tokio::io::AsyncReadExt;

use crate::audit::Actor;
use crate::cli::{failed, say};
use crate::i18n::Lang;
use crate::i18n::imports::T;
use crate::imports::child::Source;
use crate::imports::parse::Limits;
use crate::imports::queries::{self, VerdictRow};
use crate::imports::reason::At;
use crate::imports::service::{self, Begun, ImportError, SourceFile};
use crate::imports::{Counts, Failure, ImportId, ImportKind, ImportState, RowAction, Staged, child};
use crate::stores::{self, StoreScope};

/// Refused rows listed without `--json`; the rest is counted.
const SHOWN: usize = 20;

/// `care-desk import KIND FILE --store CODE`
#[derive(Debug, clap::Args)]
pub struct ImportCommand {
    /// roster, visits or policies
    kind: ImportKind,
    /// CSV, TSV, XLSX or XLS
    file: PathBuf,
    /// Code of the store
    #[arg(long)]
    store: String,
    /// Worksheet of the workbook, absent: the first one with a header
    #[arg(long)]
    sheet: Option<String>,
    /// Say what would happen and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What came of it, as `--json` prints it.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Null after a dry run, which leaves no import behind.
    pub import_id: Option<ImportId>,
    pub rows: i64,
    pub new: i64,
    pub changed: i64,
    pub unchanged: i64,
    pub refused: i64,
    pub refusals: Vec<RefusedCell>,
    pub seconds: f64,
    #[serde(skip)]
    known_since: Option<DateTime<Utc>>,
}

/// One reason of one refused row.
#[derive(Debug, Serialize)]
pub struct RefusedCell {
    pub row: i32,
    /// The heading in the file; empty where the reason concerns the whole row.
    pub column: String,
    /// A code that does not change, such as `bad_date`.
    pub reason: &'static str,
    #[serde(skip)]
    sentence: String,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The sentence names the reason.
    #[error("{0}")]
    FileRefused(String),
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

impl From<sqlx::Error> for CommandError {
    fn from(error: sqlx::Error) -> CommandError {
        CommandError::Other(error.into())
    }
}

/// Runs the command and prints what came of it.
pub async fn run(db: &PgPool, command: &ImportCommand, now: DateTime<Utc>) -> anyhow::Result<ExitCode> {
    let program = child::own_program();
    match import(db, command, &program, now).await {
        Ok(report) => {
            if command.json {
                say(serde_json::to_string(&report)?);
            } else {
                say(summary(&report, command.dry_run));
            }
            Ok(ExitCode::from(u8::from(report.refused > 0)))
        }
        Err(CommandError::FileRefused(reason)) => {
            if command.json {
                say(serde_json::json!({ "error": reason }));
            } else {
                say(format_args!("The file is refused: {reason}"));
            }
            Ok(ExitCode::from(2))
        }
        Err(CommandError::Other(error)) => {
            // Not 1, which says that rows were taken.
            failed(&error);
            Ok(ExitCode::from(2))
        }
    }
}

/// The whole import; `program` reads the file in a child of itself.
pub async fn import(
    db: &PgPool,
    command: &ImportCommand,
    program: &Path,
    now: DateTime<Utc>,
) -> Result<Report, CommandError> {
    let store = stores::queries::find_by_code(db, &command.store).await?;
    let store = store.with_context(|| format!("there is no store with the code {}", command.store))?;
    let scope = StoreScope::for_job(store);
    let (bytes, sha256) = digest(&command.file).await?;
    let name = command
        .file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let source = SourceFile {
        path: &command.file,
        name: &name.unwrap_or_default(),
        bytes,
        sha256,
        key: None,
    };
    match service::begin(db, scope, command.kind, &source, Actor::System, now).await? {
        Begun::Known(id) => known(db, scope, id).await,
        Begun::New(id) => {
            let taken = take(db, scope, id, command, program, now).await;
            if command.dry_run || taken.is_err() {
                queries::delete(db, scope, id).await?;
            }
            taken
        }
    }
}

async fn take(
    db: &PgPool,
    scope: StoreScope,
    id: ImportId,
    command: &ImportCommand,
    program: &Path,
    now: DateTime<Utc>,
) -> Result<Report, CommandError> {
    let limits = limits();
    let source = Source {
        program,
        file: &command.file,
        limits: &limits,
        sheet: command.sheet.as_deref(),
    };
    let read = service::read(db, scope, id, command.kind, &source).await;
    let staged = read.map_err(refuse)?;
    let t = T(Lang::En);
    let missing = staged.mapping.missing_required();
    if !missing.is_empty() {
        return Err(CommandError::FileRefused(t.missing(t.requirements(&missing))));
    }
    if !staged.mapping.repeated().is_empty() {
        let names = staged
            .mapping
            .repeated()
            .iter()
            .map(|field| t.field_label(*field).to_owned());
        return Err(CommandError::FileRefused(t.repeated(t.list(names))));
    }
    let import = queries::find(db, scope, id)
        .await?
        .context("the import is gone")?;
    if !queries::set_running(db, scope, id, import.version, None).await? {
        return Err(anyhow::anyhow!("the import was changed by somebody else").into());
    }
    let mapping = staged.mapping.clone();
    if command.dry_run {
        let mut tx = db.begin().await?;
        let counts = service::merge_within(&mut tx, db, scope, id, mapping, now)
            .await
            .map_err(refuse)?;
        let refusals = refusals(&mut tx, scope, id, &staged).await?;
        tx.rollback().await?;
        return Ok(Report::new(None, &counts, refusals));
    }
    let counts = service::merge(db, scope, id, mapping, Actor::System, now)
        .await
        .map_err(refuse)?;
    let mut connection = db.acquire().await?;
    let refusals = refusals(&mut connection, scope, id, &staged).await?;
    Ok(Report::new(Some(id), &counts, refusals))
}

/// The same file once more: what it holds is there, so nothing is new and nothing changes.
async fn known(db: &PgPool, scope: StoreScope, id: ImportId) -> Result<Report, CommandError> {
    let import = queries::find(db, scope, id)
        .await?
        .context("the import is gone")?;
    debug_assert!(matches!(
        import.state,
        ImportState::Confirmed | ImportState::Undoing
    ));
    let staged: Staged = serde_json::from_value(import.mapping).map_err(anyhow::Error::from)?;
    let counts: Counts = serde_json::from_value(import.counts).map_err(anyhow::Error::from)?;
    let mut connection = db.acquire().await?;
    let refusals = refusals(&mut connection, scope, id, &staged).await?;
    let unchanged = Counts {
        rows: counts.rows,
        refused: counts.refused,
        unchanged: counts.accepted(),
        ..Counts::default()
    };
    let mut report = Report::new(Some(id), &unchanged, refusals);
    report.known_since = import.confirmed_at;
    Ok(report)
}

impl Report {
    fn new(import_id: Option<ImportId>, counts: &Counts, refusals: Vec<RefusedCell>) -> Report {
        Report {
            import_id,
            rows: counts.rows,
            new: counts.new,
            changed: counts.changed,
            unchanged: counts.unchanged,
            refused: counts.refused,
            refusals,
            seconds: counts.seconds(),
            known_since: None,
        }
    }
}

fn refuse(error: ImportError) -> CommandError {
    match error.failure() {
        Failure::Internal => CommandError::Other(error.into()),
        failure @ (Failure::File { .. } | Failure::Exhausted | Failure::Interrupted | Failure::SameFile) => {
            CommandError::FileRefused(T(Lang::En).failure(&failure))
        }
    }
}

async fn refusals(
    db: &mut sqlx::PgConnection,
    scope: StoreScope,
    id: ImportId,
    staged: &Staged,
) -> Result<Vec<RefusedCell>, CommandError> {
    let rows = queries::list_verdicts(db, scope, id, RowAction::Refused, i64::MAX, 0).await?;
    let mut cells = Vec::new();
    for row in rows {
        cells.extend(cells_of(row, staged).map_err(anyhow::Error::from)?);
    }
    Ok(cells)
}

fn cells_of(row: VerdictRow, staged: &Staged) -> serde_json::Result<Vec<RefusedCell>> {
    let reasons: Vec<At> = serde_json::from_value(row.refusals.unwrap_or(Value::Array(Vec::new())))?;
    let cell = |at: &At| {
        let column = at.field.and_then(|field| staged.mapping.column(field));
        RefusedCell {
            row: row.row_no,
            column: column.map_or_else(String::new, |column| staged.mapping.headings[column].clone()),
            reason: at.reason.code(),
            sentence: T(Lang::En).why(&at.reason),
        }
    };
    Ok(reasons.iter().map(cell).collect())
}

/// A person on the server may import a file of any length; a workbook is still unpacked under the limits of an upload.
fn limits() -> Limits {
    Limits {
        file_bytes: u64::MAX,
        rows: u32::MAX,
        seconds: 3_600,
        // Whoever has a shell on the machine has its memory.
        memory_bytes: 1 << 30,
        ..Limits::default()
    }
}

async fn digest(file: &Path) -> anyhow::Result<(u64, [u8; 32])> {
    let mut opened = tokio::fs::File::open(file)
        .await
        .with_context(|| format!("opening {}", file.display()))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        let read = opened
            .read(&mut buffer)
            .await
            .with_context(|| format!("reading {}", file.display()))?;
        if read == 0 {
            return Ok((bytes, hash.finalize().into()));
        }
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
}

fn summary(report: &Report, is_dry_run: bool) -> String {
    let mut lines = Vec::new();
    if let Some(since) = report.known_since {
        lines.push(format!(
            "This file was imported on {}; nothing was changed.",
            since.format("%Y-%m-%d %H:%M UTC")
        ));
    }
    let what = if is_dry_run { "Would take" } else { "Took" };
    lines.push(format!(
        "{what} {} of {} rows in {} s: {} new, {} changed, {} unchanged; {} refused.",
        report.rows - report.refused,
        report.rows,
        report.seconds,
        report.new,
        report.changed,
        report.unchanged,
        report.refused
    ));
    for cell in report.refusals.iter().take(SHOWN) {
        lines.push(format!("  row {}, {}: {}", cell.row, cell.column, cell.sentence));
    }
    if report.refusals.len() > SHOWN {
        lines.push(format!(
            "  and {} more reasons (--json lists all)",
            report.refusals.len() - SHOWN
        ));
    }
    lines.join("\n")
}

/// Builds the command as its line would: for tests.
impl FromStr for ImportCommand {
    type Err = clap::Error;

    fn from_str(line: &str) -> Result<ImportCommand, clap::Error> {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            command: ImportCommand,
        }
        let words = std::iter::once("import").chain(line.split(' '));
        <Line as clap::Parser>::try_parse_from(words).map(|line| line.command)
    }
}
