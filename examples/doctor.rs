//! Finds out why no traces arrive: `cargo run --bin doctor`, in the environment of the service.
//!
//! It shows whether the Datadog Agent is reachable, whether a span arrives, variables without
//! effect, and the active settings. It fails if it finds a problem.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

fn main() -> io::Result<ExitCode> {
    let diagnosis = packdog::doctor();
    write!(io::stdout(), "{diagnosis}")?;
    Ok(if diagnosis.is_healthy() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
