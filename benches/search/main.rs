//! Search at a million customers: `cargo bench --bench search`.
//!
//! Fills a private cluster once (`--data FOLDER`, default /var/tmp/care-desk-bench, kept for the next run) and prints how
//! long each kind of search keeps the database busy, with custom and with generic plans.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on ends with a message")]

#[path = "../../tests/web/support/mod.rs"]
mod support;

mod base;
mod names;

use std::path::PathBuf;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let folder = PathBuf::from(value("--data").unwrap_or_else(|| "/var/tmp/care-desk-bench".to_owned()));
    let customers = value("--customers").map_or(1_000_000, |text| text.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let base = base::open(&folder, customers).await;
        println!("{:?}", base.stores);
    });
}
