//! This package adds few dependencies to a library.

use std::{collections::BTreeSet, error::Error, process::Command};

/// The packages in the tree, itself included.
fn tree(arguments: &[&str]) -> Result<BTreeSet<String>, Box<dyn Error>> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "-e", "normal", "--prefix", "none", "--no-dedupe"])
        .args(["--package", env!("CARGO_PKG_NAME")])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let name = |line: &str| line.split_whitespace().next().map(str::to_owned);
    Ok(text.lines().filter_map(name).collect())
}

#[test]
fn ten_packages_at_most_with_default_features() {
    let tree = tree(&[]).unwrap();
    assert!(tree.contains("packdog-api") && tree.contains("packdog-macros"), "{tree:?}");
    assert!(tree.len() <= 10, "{tree:?}");
}

#[test]
fn five_packages_at_most_without_the_attribute() {
    let tree = tree(&["--no-default-features"]).unwrap();
    assert!(tree.contains("packdog-api"), "{tree:?}");
    assert!(tree.len() <= 5, "{tree:?}");
}
