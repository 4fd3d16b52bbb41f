//! The public names of each published package, so that a change of them is seen in a review.
//!
//! The names are read from the sources, from `lib.rs` on: items that are public and not hidden
//! from the docs, whatever feature they need. Methods are not among them.

mod names;

use std::{fs, path::Path};

use self::names::public_names;

/// Compares the names of a package with the list beside this file.
fn check(folder: &str, list: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let names = public_names(&root.join(folder).join("src/lib.rs"));
    let names = names.into_iter().map(|name| name + "\n").collect::<String>();
    let path = root.join("tests/conformance/surface").join(list);
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if names != expected {
        let found = root.join("target/surface");
        fs::create_dir_all(&found).unwrap();
        fs::write(found.join(list), &names).unwrap();
        panic!(
            "the public names of {folder} have changed; if that is meant: \
             cp target/surface/{list} tests/conformance/surface/\n{names}"
        );
    }
}

#[test]
fn the_public_names_of_packdog_api_are_those_of_its_list() {
    check("core/api", "packdog-api.txt");
}

#[test]
fn the_public_names_of_packdog_are_those_of_its_list() {
    check("core", "packdog.txt");
}

#[test]
fn the_public_names_of_packdog_http_are_those_of_its_list() {
    check("core/http", "packdog-http.txt");
}

#[test]
fn the_public_names_of_packdog_server_are_those_of_its_list() {
    check("middleware-server", "packdog-server.txt");
}

#[test]
fn the_public_names_of_packdog_client_are_those_of_its_list() {
    check("middleware-client", "packdog-client.txt");
}

#[test]
fn the_public_names_of_packdog_macros_are_those_of_its_list() {
    check("core/macros", "packdog-macros.txt");
}

#[test]
fn the_public_names_of_packdog_opentelemetry_are_those_of_its_list() {
    check("core/opentelemetry", "packdog-opentelemetry.txt");
}

#[test]
fn the_public_names_of_packdog_dev_agent_are_those_of_its_list() {
    check("tests/dev-agent", "packdog-dev-agent.txt");
}

#[test]
fn the_root_of_packdog_shows_the_paved_path() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let names = public_names(&root.join("core/src/lib.rs"));
    let modules = ["task", "thread"]; // Of `packdog-api`.
    let at_root = |name: &&String| {
        !name.contains("::") && !name.starts_with("mod ") && !modules.contains(&name.as_str())
    };
    let shown = names.iter().filter(at_root).collect::<Vec<_>>();
    assert!(shown.len() <= 16, "{} names: {shown:?}", shown.len());
}
