//! Files that want to do harm. Each is refused with its reason, in little memory and time, while others are read.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use care_desk::imports::child::{ChildError, SUBCOMMAND};
use care_desk::imports::parse::{Limits, ParseError};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::Signal;
use tokio::process::Command;

use crate::workbook::{
    TWO_CELLS, with_empty_strings, with_entries, with_strings, with_unique_count, workbook,
};
use crate::{PROGRAM, file, fixture, read, read_path};

/// Promises R12: what a reader may take of the machine.
const MOST_MEMORY: i64 = 256 << 20;

/// What a file came to: the code of its refusal, `exhausted`, or how many rows it has.
async fn outcome(bytes: &[u8]) -> String {
    told(
        read(bytes, &Limits::default())
            .await
            .map(|(_, rows, _)| rows.len()),
    )
}

fn told(read: Result<usize, ChildError>) -> String {
    match read {
        Ok(rows) => format!("{rows} rows"),
        Err(ChildError::Refused(error)) => {
            let json = serde_json::to_value(&error).unwrap();
            json["code"].as_str().unwrap().to_owned()
        }
        Err(ChildError::Exhausted) => "exhausted".to_owned(),
        Err(error @ (ChildError::Failed(_) | ChildError::Broken(_))) => panic!("{error}"),
    }
}

/// The most memory that any child of this test has had.
fn most_memory() -> i64 {
    getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss() * 1024
}

/// A roster of an older system, `at` its own bytes replaced.
fn old_workbook(changes: &[(usize, &[u8])]) -> Vec<u8> {
    let mut bytes = std::fs::read(fixture("roster.xls")).unwrap();
    for (at, new) in changes {
        bytes[*at..*at + new.len()].copy_from_slice(new);
    }
    bytes
}

fn place_of(needle: &[u8]) -> usize {
    let bytes = old_workbook(&[]);
    let mut found = bytes.windows(needle.len()).enumerate();
    found.find(|(_, window)| *window == needle).unwrap().0
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[tokio::test]
async fn every_hostile_file_is_refused_by_what_it_is() {
    let entity = br#"<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>"#;
    let laughs = br#"<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>"#;
    let harmless = with_entries(&[]);
    let mut lone = vec![0xFF, 0xFE];
    lone.extend(utf16("姓名,手机号\n张伟,1"));
    let paired = lone.clone();
    lone.extend([0x3D, 0xD8, 0x0A, 0x00]);
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("as any admin sends it", harmless.clone(), "1 rows"),
        ("two far cells", workbook(TWO_CELLS, |_| {}), "too_many_columns"),
        ("cut in half", harmless[..harmless.len() / 2].to_vec(), "damaged"),
        (
            "cut by one byte",
            harmless[..harmless.len() - 1].to_vec(),
            "damaged",
        ),
        (
            "external entity",
            with_entries(&[("xl/styles.xml", entity)]),
            "external_entities",
        ),
        (
            "entity in relations",
            with_entries(&[("xl/a.rels", entity)]),
            "external_entities",
        ),
        (
            "billion laughs",
            with_entries(&[("xl/theme/theme1.xml", laughs)]),
            "external_entities",
        ),
        (
            "macros",
            with_entries(&[("xl/vbaProject.bin", b"\xCC\x61")]),
            "macros",
        ),
        (
            "old macros",
            with_entries(&[("xl/macrosheets/sheet1.xml", b"<a/>")]),
            "macros",
        ),
        ("NUL", "姓名,手机号\n张\0伟,1\n".into(), "not_a_table"),
        ("half a pair in UTF-16", lone, "undecodable_text"),
        ("whole UTF-16", paired, "1 rows"),
        ("a line of 10 MB", vec![b'x'; 10 << 20], "cell_too_long"),
        ("a line of 10 MB of cells", b"x,".repeat(5 << 20), "cell_too_long"),
        (
            "an open quote of 10 MB",
            [b"a,b\n\"".to_vec(), b"x\n".repeat(5 << 20)].concat(),
            "cell_too_long",
        ),
        (
            "quoted line ends",
            "姓名,手机号\n\"张\n伟\",1\n\"王\r\n芳\",2\n".into(),
            "2 rows",
        ),
        (
            "an open quote",
            "姓名,手机号\n\"张伟,1\n王芳,2\n".into(),
            "unclosed_quote",
        ),
        ("a page", "<html><body>登录</body></html>".into(), "not_a_table"),
        ("an open table", "<table><tr><td>姓名<td>手机号".into(), "damaged"),
        ("nothing", Vec::new(), "no_header"),
    ];
    for (name, bytes, expected) in cases {
        assert_eq!(outcome(&bytes).await, expected, "{name}");
    }
}

#[tokio::test]
async fn old_workbooks_with_a_password_or_macros_are_refused() {
    assert_eq!(outcome(&old_workbook(&[])).await, "2 rows");
    // The record behind the beginning of the workbook becomes the one that says how it is encrypted.
    let begin = place_of(&[0x09, 0x08, 0x10, 0x00, 0x00, 0x06, 0x05, 0x00]);
    let locked = old_workbook(&[(begin + 20, &[0x2F, 0x00]), (begin + 24, &[0x01, 0x00])]);
    assert_eq!(outcome(&locked).await, "encrypted");
    // The first free entry of the folder becomes the one that macros are kept in.
    let free = place_of(&utf16("Workbook")) + 128;
    let name = utf16("_VBA_PROJECT_CUR");
    let with_macros = old_workbook(&[(free, &name), (free + 64, &[34, 0, 1])]);
    assert_eq!(outcome(&with_macros).await, "macros");
}

#[tokio::test]
async fn an_old_workbook_may_lie_about_all_its_sizes() {
    let whole = old_workbook(&[]);
    let stream = place_of(&utf16("Workbook"));
    let fields = [0x1A, 0x1E, 0x20, 0x2C, 0x30, 0x38, 0x3C, 0x40, 0x44, 0x48, 0x4C];
    let expected = ["damaged", "exhausted", "not_a_table", "no_header", "2 rows"];
    let places = fields.into_iter().chain([stream + 0x74, stream + 0x78]);
    for at in places {
        for lie in [0xFFFF_FFFF_u32, 0x7FFF_FFFF, 0x0000_FFFF, 0] {
            let bytes = old_workbook(&[(at, &lie.to_le_bytes())]);
            let begun = Instant::now();
            let outcome = outcome(&bytes).await;
            assert!(
                expected.contains(&outcome.as_str()),
                "{lie:x} at {at:x}: {outcome}"
            );
            assert!(begun.elapsed() < Duration::from_secs(30), "{lie:x} at {at:x}");
        }
    }
    for length in (0..whole.len()).step_by(512) {
        let outcome = outcome(&whole[..length]).await;
        assert!(expected.contains(&outcome.as_str()), "{length}: {outcome}");
    }
    assert!(most_memory() <= MOST_MEMORY, "{} MB", most_memory() >> 20);
}

#[tokio::test]
async fn no_file_takes_more_memory_than_its_reader_has() {
    for count in [1 << 20, 10_000_000_000, u64::MAX] {
        let outcome = outcome(&with_unique_count(count)).await;
        assert!(
            ["1 rows", "damaged", "exhausted"].contains(&outcome.as_str()),
            "{count}: {outcome}"
        );
    }
    let whole = with_strings(190);
    let many = with_empty_strings(30);
    let rows = "<tr>".repeat(3 << 20);
    let wide = format!(
        "<table><tr><td rowspan=99999999 colspan=100>a</td></tr>{}</table>",
        "<tr></tr>".repeat(1 << 20)
    );
    for (name, path) in [
        ("strings", whole.path()),
        ("empty strings", many.path()),
        ("rows", file(format!("<table>{rows}</table>").as_bytes()).path()),
        ("spans", file(wide.as_bytes()).path()),
    ] {
        let outcome = told(
            read_path(path, &Limits::default())
                .await
                .map(|(_, rows, _)| rows.len()),
        );
        assert!(
            [
                "exhausted",
                "too_many_columns",
                "no_header",
                "not_a_table",
                "1 rows"
            ]
            .contains(&outcome.as_str()),
            "{name}: {outcome}"
        );
        assert!(most_memory() <= MOST_MEMORY, "{name}: {} MB", most_memory() >> 20);
    }
}

#[tokio::test]
async fn a_reader_that_thinks_too_long_is_ended_by_the_system() {
    let hard = with_strings(100);
    let limits = Limits {
        seconds: 1,
        ..Limits::default()
    };
    // Without the parent that watches the clock.
    let begun = Instant::now();
    let status = Command::new(PROGRAM)
        .arg(SUBCOMMAND)
        .arg(hard.path())
        .arg(limits.to_string())
        .stdout(Stdio::null())
        .status();
    let status = tokio::time::timeout(Duration::from_secs(60), status)
        .await
        .unwrap()
        .unwrap();
    let by_the_clock = [Signal::SIGXCPU, Signal::SIGKILL].map(|signal| signal as i32);
    assert!(
        status
            .signal()
            .is_some_and(|signal| by_the_clock.contains(&signal)),
        "{status} after {:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn a_good_file_is_read_while_hostile_ones_are() {
    let hostile = with_strings(150);
    let small = Limits {
        memory_bytes: 128 << 20,
        ..Limits::default()
    };
    let good: String = (0..5_000).map(|i| format!("张伟,138{i:08}\n")).collect();
    let good = format!("姓名,手机号\n{good}");
    let read_good = read(good.as_bytes(), &small);
    let (hostile, good, missing) = tokio::join!(
        read_path(hostile.path(), &small),
        read_good,
        read_path(Path::new("/nonexistent"), &small)
    );
    assert!(matches!(hostile, Err(ChildError::Exhausted)));
    assert_eq!(good.unwrap().1.len(), 5_000);
    assert!(matches!(
        missing,
        Err(ChildError::Refused(ParseError::Unreadable { .. }))
    ));
}
