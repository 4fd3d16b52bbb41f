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
        ("packdog-opentelemetry", 28),
    ];
    for (package, most) in table {
        let packages = tree(&["--package", package]);
        assert!(packages.len() <= most, "{package} brings {}: {packages:#?}", packages.len());
    }
}

#[test]
fn an_application_with_axum_and_reqwest_gets_few_packages_more() {
    // The packages of these two have the features that the workspace asks for, in ours as well.
    let has = tree(&["--package", "axum", "--package", "reqwest-middleware"]);
    let tracer = ["--package", "packdog", "--features", "packdog/agent"];
    let middlewares = ["--package", "packdog-server", "--package", "packdog-client"];
    let features = ["--features", "packdog-server/axum,packdog-client/reqwest"];
    let gets = tree(&[&tracer[..], &middlewares, &features].concat());
    let more = gets.difference(&has).collect::<Vec<_>>();
    assert!(more.iter().any(|package| package.starts_with("packdog v")), "{more:#?}");
    assert!(more.len() <= 18, "{} packages more: {more:#?}", more.len());
}
