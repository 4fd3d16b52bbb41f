//! Finds out why no traces arrive: `cargo run --bin doctor`, in the environment of the service.
//!
//! It shows whether the Datadog Agent is reachable, whether a span arrives, warnings about
//! variables, and the active settings. The exit code is 0 if a span arrives and there are no
//! warnings, else 1.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

fn main() -> io::Result<ExitCode> {
    let diagnosis = packdog::doctor();
    write!(io::stdout(), "{diagnosis}")?;
    Ok(if diagnosis.is_healthy() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
