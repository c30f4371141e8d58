use std::path::Path;
use std::process::ExitCode;

use care_desk::imports::child;
use care_desk::imports::parse::Limits;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    match arguments.as_slice() {
        [command, file, limits] if command == child::SUBCOMMAND => {
            match limits.to_str().and_then(|limits| limits.parse::<Limits>().ok()) {
                Some(limits) => ExitCode::from(child::run_child(Path::new(file), &limits)),
                None => ExitCode::FAILURE,
            }
        }
        _ => ExitCode::FAILURE,
    }
}
