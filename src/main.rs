//! The program: reads the command line and hands over to the library.

use std::process::ExitCode;

use care_desk::{cli, config, telemetry};
use clap::Parser;

fn main() -> ExitCode {
    let secrets = match config::secrets_from_files() {
        Ok(secrets) => secrets,
        Err(error) => return cli::failed(&error),
    };
    let cli = cli::Cli::parse();
    // Before any runtime: the stacks of its threads would count against the child's memory limit.
    if let Some((file, limits, sheet)) = cli.parse_file() {
        return ExitCode::from(care_desk::imports::child::run_child(file, limits, sheet));
    }
    telemetry::start();
    cli::run(cli, secrets)
}
