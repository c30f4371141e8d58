//! The parser in a process of its own, which may die of a hostile file without harm to anyone.
//!
//! The parent starts this program with the hidden subcommand `parse-file PATH LIMITS [SHEET]`; the child lowers its
//! own limits, reads the file and writes frames to its standard output, one JSON text a line: the header,
//! batches of rows, then the end or the error. The pipe is the back-pressure: a parent that takes its time
//! stops the child from reading on.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::resource::{Resource, setrlimit};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{Instant, timeout_at};

use super::mapping;
use super::parse::{self, Header, Limits, ParseError, Row, Sink, Summary};

/// The hidden subcommand that ends in [`run_child`].
pub const SUBCOMMAND: &str = "parse-file";

/// This executable, also while a newer one is being put in its place.
pub fn own_program() -> Arc<Path> {
    let program = std::env::current_exe();
    program.map_or_else(|_| Path::new("care-desk").into(), |path| path.into())
}

/// Enough rows to make the work of a frame small, few enough to hold a dozen imports in memory.
const BATCH_ROWS: usize = 500;
/// Rows of long cells make a batch earlier.
const BATCH_BYTES: usize = 256 << 10;
/// A batch and one row of the longest cells that the default limits let through, all of it escaped.
const FRAME_BYTES: u64 = 64 << 20;
/// Standard streams, the file, and what its readers duplicate.
const OPEN_FILES: u64 = 16;
/// What of the child's resident memory is no data: the program itself and its stack.
const PROGRAM_BYTES: u64 = 32 << 20;

const ENDED: u8 = 0;
const REFUSED: u8 = 1;
/// The limits could not be lowered, or nobody reads the frames.
const UNABLE: u8 = 2;

#[derive(Serialize, Deserialize)]
#[serde(tag = "frame", content = "content", rename_all = "snake_case")]
enum Frame {
    Header(Header),
    Rows(Vec<Row>),
    End(Summary),
    Error(ParseError),
}

/// What the parent is given, in this order: one header, then batches of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Batch {
    Header(Header),
    Rows(Vec<Row>),
}

/// Why a file could not be read in the child.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// The file is refused, with the parser's reason.
    #[error(transparent)]
    Refused(#[from] ParseError),
    /// The file wanted more memory or time than the child has.
    #[error("file exhausted the memory or time of its reader")]
    Exhausted,
    #[error("reader of import files cannot be run")]
    Failed(#[from] io::Error),
    #[error("reader of import files broke off: {0}")]
    Broken(&'static str),
}

/// A file, and how it is read.
pub struct Source<'a> {
    /// This program, which reads the file in a child of itself.
    pub program: &'a Path,
    pub file: &'a Path,
    pub limits: &'a Limits,
    /// The worksheet that a person chose; else the first one with a header.
    pub sheet: Option<&'a str>,
}

/// A reading in progress. Dropping it kills the child.
pub struct Parsing {
    child: Child,
    frames: BufReader<ChildStdout>,
    line: Vec<u8>,
    deadline: Instant,
    summary: Option<Summary>,
}

impl Parsing {
    /// Starts `program` on `file`, without its environment: a hostile file finds no secret there.
    pub fn start(program: &Path, file: &Path, limits: &Limits) -> Result<Parsing, ChildError> {
        Parsing::start_sheet(&Source {
            program,
            file,
            limits,
            sheet: None,
        })
    }

    /// Starts on a certain worksheet.
    pub fn start_sheet(source: &Source<'_>) -> Result<Parsing, ChildError> {
        let limits = source.limits;
        let mut child = Command::new(source.program)
            .arg(SUBCOMMAND)
            // A sheet may be called --help.
            .arg("--")
            .arg(source.file)
            .arg(limits.to_string())
            .args(source.sheet)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // A panic's message may quote a customer's cell.
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let frames = child.stdout.take().ok_or(ChildError::Broken("no output"))?;
        let deadline = Instant::now() + Duration::from_secs(limits.seconds);
        let frames = BufReader::new(frames);
        Ok(Parsing {
            child,
            frames,
            line: Vec::new(),
            deadline,
            summary: None,
        })
    }

    /// The next batch, or none when the file was read to its end.
    pub async fn next(&mut self) -> Result<Option<Batch>, ChildError> {
        if self.summary.is_some() {
            return Ok(None);
        }
        match timeout_at(self.deadline, self.next_frame()).await {
            Ok(Ok(Frame::Header(header))) => Ok(Some(Batch::Header(header))),
            Ok(Ok(Frame::Rows(rows))) => Ok(Some(Batch::Rows(rows))),
            Ok(Ok(Frame::End(summary))) => {
                self.summary = Some(summary);
                Ok(None)
            }
            Ok(Ok(Frame::Error(error))) => Err(error.into()),
            Ok(Err(error)) => Err(error),
            Err(_elapsed) => {
                self.child.start_kill()?;
                Err(ChildError::Exhausted)
            }
        }
    }

    /// What the reading came to; none before [`Parsing::next`] gave its end.
    pub fn summary(&self) -> Option<Summary> {
        self.summary
    }

    /// Process id of the child, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    async fn next_frame(&mut self) -> Result<Frame, ChildError> {
        self.line.clear();
        let mut bounded = (&mut self.frames).take(FRAME_BYTES);
        bounded.read_until(b'\n', &mut self.line).await?;
        if self.line.last() == Some(&b'\n') {
            return serde_json::from_slice(&self.line).map_err(|_| ChildError::Broken("no frame"));
        }
        if self.line.len() as u64 == FRAME_BYTES {
            return Err(ChildError::Broken("endless frame"));
        }
        // The output ended without an end frame. Killed and aborted children have no exit code.
        match self.child.wait().await?.code() {
            None => Err(ChildError::Exhausted),
            Some(_) => Err(ChildError::Broken("no end")),
        }
    }
}

/// Reads `file` in a child of `program` and hands its batches on, each after the one before is done with.
pub async fn parse_in_child<E: From<ChildError>>(
    program: &Path,
    file: &Path,
    limits: &Limits,
    mut on_batch: impl AsyncFnMut(Batch) -> Result<(), E>,
) -> Result<Summary, E> {
    let mut parsing = Parsing::start(program, file, limits)?;
    while let Some(batch) = parsing.next().await? {
        on_batch(batch).await?;
    }
    Ok(parsing.summary().unwrap_or_default())
}

/// The whole of the child: lowers its own limits, reads `file`, writes frames, gives the exit code.
///
/// Call it before any runtime is started: the stacks of its threads count against the memory limit.
pub fn run_child(file: &Path, limits: &Limits, sheet: Option<&str>) -> u8 {
    if lower_own_limits(limits).is_err() {
        return UNABLE;
    }
    let mut frames = FrameWriter::new(io::stdout().lock());
    let known = |heading: &str| mapping::is_known(heading);
    // The readers of foreign formats may panic; that is a damaged file and no more.
    let read = catch_unwind(AssertUnwindSafe(|| {
        parse::parse(file, limits, Some(&known), sheet, &mut frames)
    }));
    let read = read.unwrap_or_else(|_| {
        Err(ParseError::Damaged {
            detail: "the reader gave up".to_owned(),
        })
    });
    let (last, code) = match read {
        Ok(summary) => (Frame::End(summary), ENDED),
        Err(error) => (Frame::Error(error), REFUSED),
    };
    match frames.finish(&last) {
        Ok(()) => code,
        Err(_) => UNABLE,
    }
}

fn lower_own_limits(limits: &Limits) -> nix::Result<()> {
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    setrlimit(Resource::RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES)?;
    setrlimit(Resource::RLIMIT_CPU, limits.seconds, limits.seconds)?;
    // Nothing bounds resident memory itself. Data is bounded exactly; the address space, with the program in it, roughly.
    let data = limits.memory_bytes.saturating_sub(PROGRAM_BYTES);
    setrlimit(Resource::RLIMIT_DATA, data, data)?;
    let space = limits.memory_bytes.saturating_mul(2);
    setrlimit(Resource::RLIMIT_AS, space, space)
}

/// Gathers rows into frames.
struct FrameWriter<W: Write> {
    out: W,
    rows: Vec<Row>,
    bytes: usize,
}

impl<W: Write> FrameWriter<W> {
    fn new(out: W) -> FrameWriter<W> {
        FrameWriter {
            out,
            rows: Vec::new(),
            bytes: 0,
        }
    }

    /// One write a frame: the pipe is never given half a line by choice.
    fn write(&mut self, frame: &Frame) -> io::Result<()> {
        let mut line = serde_json::to_vec(frame)?;
        line.push(b'\n');
        self.out.write_all(&line)?;
        self.out.flush()
    }

    fn flush_rows(&mut self) -> io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        self.bytes = 0;
        let rows = std::mem::take(&mut self.rows);
        self.write(&Frame::Rows(rows))
    }

    fn finish(mut self, last: &Frame) -> io::Result<()> {
        self.flush_rows()?;
        self.write(last)
    }
}

impl<W: Write> Sink for FrameWriter<W> {
    fn header(&mut self, header: Header) -> io::Result<()> {
        self.write(&Frame::Header(header))
    }

    fn row(&mut self, row: Row) -> io::Result<()> {
        self.bytes += row.cells.iter().map(String::len).sum::<usize>();
        self.rows.push(row);
        if self.rows.len() == BATCH_ROWS || self.bytes >= BATCH_BYTES {
            self.flush_rows()
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(rows: u32, cell: &str) -> Vec<Frame> {
        let mut out = Vec::new();
        let mut writer = FrameWriter::new(&mut out);
        for number in 1..=rows {
            writer
                .row(Row {
                    number,
                    cells: vec![cell.to_owned()],
                    extra: false,
                })
                .unwrap();
        }
        writer.finish(&Frame::End(Summary { rows })).unwrap();
        out.split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    fn batches(frames: &[Frame]) -> Vec<usize> {
        frames
            .iter()
            .map(|frame| match frame {
                Frame::Rows(rows) => rows.len(),
                Frame::Header(_) | Frame::End(_) | Frame::Error(_) => 0,
            })
            .collect()
    }

    #[test]
    fn rows_are_batched_by_count_and_by_size_and_none_is_left_behind() {
        assert_eq!(batches(&frames(1001, "a\nb")), [500, 500, 1, 0]);
        assert_eq!(batches(&frames(0, "")), [0]);
        assert_eq!(batches(&frames(5, &"x".repeat(BATCH_BYTES / 2))), [2, 2, 1, 0]);
    }
}
