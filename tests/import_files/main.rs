//! Import files through the child process, with the program as it is run: what is read, what is refused,
//! and that a hostile file takes the child down and never the parent.
//!
//! `fixtures/roster.xls` was written with xlwt, `fixtures/encrypted.xlsx` with msoffcrypto.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which clippy does not tell from the program"
)]

mod hostile;
mod workbook;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use care_desk::imports::child::{Batch, ChildError, Parsing, parse_in_child};
use care_desk::imports::parse::{Header, Limits, ParseError, Row, Summary};
use tempfile::NamedTempFile;

use crate::workbook::{TWO_CELLS, with_strings, workbook};

const PROGRAM: &str = env!("CARGO_BIN_EXE_care-desk");

fn file(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

async fn read_path(path: &Path, limits: &Limits) -> Result<(Header, Vec<Row>, Summary), ChildError> {
    let mut header = None;
    let mut all = Vec::new();
    let summary = parse_in_child(Path::new(PROGRAM), path, limits, async |batch| {
        match batch {
            Batch::Header(found) => header = Some(found),
            Batch::Rows(rows) => all.extend(rows),
        }
        Ok::<(), ChildError>(())
    })
    .await?;
    Ok((
        header.expect("a reading without error has a header"),
        all,
        summary,
    ))
}

async fn read(bytes: &[u8], limits: &Limits) -> Result<(Header, Vec<Row>, Summary), ChildError> {
    read_path(file(bytes).path(), limits).await
}

/// Returns when the process is gone or waits to be reaped.
async fn has_ended(id: u32) {
    let ended = async {
        let stat = format!("/proc/{id}/stat");
        while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ended)
        .await
        .expect("the child is still running");
}

#[tokio::test]
async fn rows_arrive_in_batches_with_their_numbers() {
    let body: String = (0..1234).map(|i| format!("张伟{i},138{i:08}\n")).collect();
    let text = format!("客户资料\n姓名,手机号\n{body}");
    let (header, rows, summary) = read(text.as_bytes(), &Limits::default()).await.unwrap();
    assert_eq!(
        (header.number, header.columns.join("|")),
        (2, "姓名|手机号".to_owned())
    );
    assert_eq!(summary, Summary { rows: 1234 });
    assert_eq!(rows.len(), 1234);
    assert_eq!((rows[0].number, rows[1233].number), (3, 1236));
    assert_eq!(rows[1233].cells, ["张伟1233", "13800001233"]);
}

#[tokio::test]
async fn an_old_xls_is_read_in_the_child_like_any_other_file() {
    let (header, rows, _) = read_path(&fixture("roster.xls"), &Limits::default())
        .await
        .unwrap();
    assert_eq!((header.sheet.as_deref(), header.number), (Some("客户"), 3));
    let lines: Vec<String> = rows
        .iter()
        .map(|row| format!("{}{}", row.number, row.cells.join("|")))
        .collect();
    assert_eq!(
        lines,
        [
            "4|张伟|13800001111|2024-03-05|2024-03-05 14:30:00||是",
            "6|王芳|13900002222|||#N/A|"
        ]
    );
}

#[tokio::test]
async fn refusals_of_the_parser_cross_the_pipe() {
    let cut = std::fs::read(fixture("roster.xls")).unwrap();
    let columns = ParseError::TooManyColumns {
        row: 1_048_576,
        limit: 100,
    };
    assert!(matches!(
        read(&workbook(TWO_CELLS, |_| {}), &Limits::default()).await,
        Err(ChildError::Refused(error)) if error == columns
    ));
    assert!(matches!(
        read_path(&fixture("encrypted.xlsx"), &Limits::default()).await,
        Err(ChildError::Refused(ParseError::Encrypted))
    ));
    assert!(matches!(
        read(&cut[..cut.len() / 2], &Limits::default()).await,
        Err(ChildError::Refused(ParseError::Damaged { .. }))
    ));
    assert!(matches!(
        read_path(Path::new("/nonexistent"), &Limits::default()).await,
        Err(ChildError::Refused(ParseError::Unreadable { .. }))
    ));
}

#[tokio::test]
async fn a_small_file_of_600_mb_of_strings_is_refused() {
    let hostile = with_strings(600);
    assert!(matches!(
        read_path(hostile.path(), &Limits::default()).await,
        Err(ChildError::Refused(ParseError::UnpacksTooLarge { .. }))
    ));
}

#[tokio::test]
async fn a_file_that_takes_all_memory_takes_the_child_down_and_not_the_parent() {
    let hostile = with_strings(150);
    let limits = Limits {
        memory_bytes: 128 << 20,
        ..Limits::default()
    };
    assert!(matches!(
        read_path(hostile.path(), &limits).await,
        Err(ChildError::Exhausted)
    ));
    let roomy = read_path(hostile.path(), &Limits::default()).await;
    assert!(matches!(
        roomy,
        Err(ChildError::Refused(ParseError::TooManyColumns { .. }))
    ));
    assert!(read(b"name,phone\na,1\n", &limits).await.is_ok());
}

#[tokio::test]
async fn a_reading_that_takes_too_long_is_killed() {
    let limits = Limits {
        seconds: 0,
        ..Limits::default()
    };
    let mut parsing = Parsing::start(&fixture("never-answer"), Path::new("/dev/null"), &limits).unwrap();
    let id = parsing.id().unwrap();
    assert!(matches!(parsing.next().await, Err(ChildError::Exhausted)));
    has_ended(id).await;
}

#[tokio::test]
async fn a_slow_parent_holds_the_child_back_and_dropping_ends_it() {
    let body = format!("{},{}\n", "x".repeat(1000), "y".repeat(1000)).repeat(5_000);
    let file = file(format!("name,phone\n{body}").as_bytes());
    let mut parsing = Parsing::start(Path::new(PROGRAM), file.path(), &Limits::default()).unwrap();
    assert!(matches!(parsing.next().await.unwrap(), Some(Batch::Header(_))));
    assert_eq!(parsing.summary(), None);
    // 10 MB do not fit into a pipe: the child cannot have ended.
    let id = parsing.id().expect("the child still has rows to give");
    assert!(Path::new(&format!("/proc/{id}")).exists());
    drop(parsing);
    has_ended(id).await;
}

#[tokio::test]
async fn the_child_sees_nothing_of_the_environment() {
    assert!(std::env::var("CARGO_MANIFEST_DIR").is_ok());
    let error = Parsing::start(
        &fixture("tell-environment"),
        Path::new("/dev/null"),
        &Limits::default(),
    )
    .unwrap()
    .next()
    .await
    .unwrap_err();
    let none = ParseError::Damaged {
        detail: "0".to_owned(),
    };
    assert!(matches!(error, ChildError::Refused(error) if error == none));
}

#[tokio::test]
async fn a_reading_can_be_spawned_and_an_error_of_its_taker_stops_it() {
    #[derive(Debug)]
    enum TakerError {
        Full,
        Child,
    }
    impl From<ChildError> for TakerError {
        fn from(_: ChildError) -> TakerError {
            TakerError::Child
        }
    }
    static TAKEN: AtomicUsize = AtomicUsize::new(0);
    let file = file(format!("name,phone\n{}", "a,1\n".repeat(2_000)).as_bytes());
    let reading = tokio::spawn(async move {
        parse_in_child(
            Path::new(PROGRAM),
            file.path(),
            &Limits::default(),
            async |batch| match batch {
                Batch::Rows(rows) if TAKEN.fetch_add(rows.len(), Ordering::SeqCst) >= 500 => {
                    Err(TakerError::Full)
                }
                Batch::Rows(_) | Batch::Header(_) => Ok(()),
            },
        )
        .await
    });
    assert!(matches!(reading.await.unwrap(), Err(TakerError::Full)));
    assert_eq!(TAKEN.load(Ordering::SeqCst), 1000);
}
