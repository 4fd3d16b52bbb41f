//! Examines why no traces arrive: `cargo run --bin doctor`, in the environment of the service.
//!
//! It shows whether the Datadog Agent is there, whether a span arrives, which variables have no
//! effect, and which settings are in force. It fails unless all is well.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

fn main() -> io::Result<ExitCode> {
    let diagnosis = packdog::doctor();
    write!(io::stdout(), "{diagnosis}")?;
    Ok(if diagnosis.is_healthy() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
