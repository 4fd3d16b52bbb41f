//! The number of packages that an application gets with ours: as `cargo tree` counts them.

use std::{collections::BTreeSet, process::Command};

/// The packages that `cargo tree` lists, each once, these included.
fn tree(arguments: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--edges", "normal"])
        .args(["--prefix", "none", "--no-dedupe", "--format", "{p}"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    // After name and version, our own packages have a path, and macros a mark.
    lines.lines().map(|line| line.split(" (").next().unwrap().to_owned()).collect()
}

#[test]
fn a_middleware_alone_brings_few_packages() {
    #[rustfmt::skip]
    let table = [
        // package          most packages
        ("packdog-server",  40),
        ("packdog-client",  30),
    ];
    for (package, most) in table {
        let packages = tree(&["--package", package]);
        assert!(packages.len() <= most, "{package} brings {}: {packages:#?}", packages.len());
    }
}
