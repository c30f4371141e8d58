//! The main jobs from start to end in a real browser: Chromium over WebDriver, on the application as it is served.
#![expect(clippy::unwrap_used, reason = "in a test every unwrap is an assertion")]

mod call;
mod complaint;
mod files;
mod harness;
#[path = "../web/support/mod.rs"]
mod support;

mod floor;
mod frame;
mod imports;
mod intake;
mod main_job;
mod pages;
mod search;
mod sign_in;
