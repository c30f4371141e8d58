//! What an import of a roster costs, beside a bare COPY of the very same rows into the same tables.
//!
//! `cargo bench --bench import [-- ROWS...]`, by default 10,000, 100,000 and 1,000,000 rows. Up to the limit of an upload a
//! workbook goes through the pages of a real server, larger ones are CSV for `care-desk import`, which streams. Every size has
//! its own empty database on a private cluster. The promise: at 100,000 rows the import takes at most four times the COPY plus
//! the reading of the sheet, and the program's memory grows by at most 150 MB.
#![expect(clippy::print_stdout, reason = "prints figures")]
#![expect(
    clippy::unwrap_used,
    reason = "a figure that cannot be taken ends the program"
)]

mod bare;
mod desk;
mod roster;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use care_desk::imports::child;
use care_desk::imports::parse::Limits;

use crate::desk::{Desk, Taken};

/// The rows of the largest upload.
const UPLOAD: u32 = 200_000;
const SIZES: [u32; 3] = [10_000, 100_000, 1_000_000];

fn main() {
    let sizes: Vec<u32> = std::env::args()
        .skip(1)
        .filter_map(|size| size.parse().ok())
        .collect();
    let sizes = if sizes.is_empty() { SIZES.to_vec() } else { sizes };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        for rows in sizes {
            measure(rows).await;
        }
    });
}

async fn measure(rows: u32) {
    let desk = Desk::open().await;
    let is_upload = rows <= UPLOAD;
    let file = desk
        .folder()
        .join(if is_upload { "roster.xlsx" } else { "roster.csv" });
    if is_upload {
        roster::workbook(rows, &file);
    } else {
        roster::csv(rows, &file);
    }
    println!("{rows} rows, {} MB, load {}", megabytes(&file), load());
    let reading = read_alone(&file);
    let taken = if is_upload {
        desk.upload(&file).await
    } else {
        desk.command(&file).await
    };
    assert_eq!(taken.new, i64::from(rows), "every row is new");
    println!(
        "  import           {:8.1} s  {:.0} rows/s",
        taken.total.as_secs_f64(),
        per_second(rows, taken.total)
    );
    for (phase, time) in &taken.phases {
        println!("    {phase:<22} {:6.1} s", time.as_secs_f64());
    }
    let bare = bare::copy(&desk).await;
    println!(
        "  bare COPY        {:8.1} s",
        bare.iter().map(|(_, time)| time.as_secs_f64()).sum::<f64>()
    );
    for (table, time) in &bare {
        println!("    {table:<22} {:6.1} s", time.as_secs_f64());
    }
    println!("  reading alone    {:8.1} s", reading.as_secs_f64());
    println!(
        "  ratio            {:8.2}    (import less reading) / COPY, promised 4",
        ratio(&taken, reading, &bare)
    );
    println!(
        "  memory           {:+8} MB of the program at its peak, promised 150",
        taken.growth_kb >> 10
    );
    desk.close().await;
}

fn ratio(taken: &Taken, reading: Duration, bare: &[(&str, Duration)]) -> f64 {
    let bare: Duration = bare.iter().map(|(_, time)| *time).sum();
    taken.total.saturating_sub(reading).as_secs_f64() / bare.as_secs_f64()
}

/// The reader in its child process, with nobody behind it.
fn read_alone(file: &Path) -> Duration {
    let limits = Limits {
        file_bytes: u64::MAX,
        rows: u32::MAX,
        seconds: 3_600,
        ..Limits::default()
    };
    let begun = Instant::now();
    let read = Command::new(desk::PROGRAM)
        .arg(child::SUBCOMMAND)
        .arg(file)
        .arg(limits.to_string())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(read.success());
    begun.elapsed()
}

fn megabytes(file: &Path) -> u64 {
    std::fs::metadata(file).unwrap().len() >> 20
}

fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or_default().to_owned()
}

fn per_second(rows: u32, time: Duration) -> f64 {
    f64::from(rows) / time.as_secs_f64()
}
