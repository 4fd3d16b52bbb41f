//! Examines why no traces arrive: `cargo run --bin doctor`, in the environment of the service.
//!
//! It shows whether the Datadog Agent is there, whether a span arrives, which variables have no
//! effect, and which settings are in force. It fails unless all is well.

use std::process::ExitCode;

fn main() -> ExitCode {
    let diagnosis = packdog::doctor();
    print!("{diagnosis}");
    if diagnosis.is_healthy() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
