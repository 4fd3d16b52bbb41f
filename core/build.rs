//! Hands the version of the compiler to the package: the Datadog Agent is told with each request.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=PACKDOG_RUSTC_VERSION={}", version().unwrap_or_default());
}

/// The second word of `rustc 1.89.0 (...)`.
fn version() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "cargo tells build scripts of it by a variable")]
    let rustc = std::env::var_os("RUSTC")?;
    let output = Command::new(rustc).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(1).map(str::to_owned)
}
