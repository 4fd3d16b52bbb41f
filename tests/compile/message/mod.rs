//! Programs that the compiler refuses, and the text that its message must have.

use std::{fs, path::Path, process::Command};

const TESTS: &str = env!("CARGO_MANIFEST_DIR");

/// The compiler's output for `message/<program>.rs`, which depends on packdog-api alone.
fn refusal(program: &str) -> String {
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("message").join(program);
    fs::create_dir_all(&package).unwrap();
    let manifest = format!(
        "[package]\nname = {program:?}\nedition = \"2024\"\n\n\
         [[bin]]\nname = {program:?}\npath = '{TESTS}/message/{program}.rs'\n\n\
         [dependencies]\npackdog-api.path = '{TESTS}/../../core/api'\n\n\
         [workspace]\n"
    );
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    // The versions that are there already: nothing is downloaded.
    fs::copy(Path::new(TESTS).join("../../Cargo.lock"), package.join("Cargo.lock")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet", "--color=never", "--target-dir", "../target"])
        .current_dir(package)
        .output()
        .unwrap();
    assert!(!output.status.success(), "{program} compiles");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_guard_across_await_in_a_spawned_future_names_the_way_out() {
    let refusal = refusal("a_guard_across_await_in_a_spawned_future");
    assert!(refusal.contains("a_guard_held_across_await__use_in_span_instead"), "{refusal}");
    assert!(refusal.contains("future cannot be sent between threads safely"), "{refusal}");
}

#[test]
fn errors_in_a_traced_body_point_at_the_body() {
    let refusal = refusal("errors_in_a_traced_body");
    let source = fs::read_to_string(format!("{TESTS}/message/errors_in_a_traced_body.rs"));
    let source = source.unwrap();
    let faults = (1..).zip(source.lines()).filter(|(_, line)| line.contains("// fault"));
    let mut count = 0;
    for (number, line) in faults {
        let place = format!("errors_in_a_traced_body.rs:{number}:");
        assert!(refusal.contains(&place), "{line:?} is not pointed at:\n{refusal}");
        count += 1;
    }
    assert!(refusal.contains(&format!("due to {count} previous errors")), "{refusal}");
}
