//! The versions of the peers, as they are pinned.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context;
use serde::Deserialize;

/// A description of a peer, without its name.
#[rustfmt::skip]
const PYTHON: [(&str, &str); 4] = [
    ("ddapm-test-agent", "Datadog's test double of the Datadog Agent"),
    ("ddtrace",          "Datadog's tracer for Python"),
    ("starlette",        "the server of the Python service"),
    ("httpx",            "its client"),
];
#[rustfmt::skip]
const NODE: [(&str, &str); 2] = [
    ("dd-trace", "Datadog's tracer for Node"),
    ("express",  "the server of the Node service"),
];

/// Name, version and meaning of a peer.
pub(crate) type Peer = (&'static str, String, &'static str);

#[derive(Deserialize)]
struct Manifest {
    dependencies: BTreeMap<String, String>,
}

/// All of them.
///
/// # Errors
/// A file cannot be read, or does not pin a peer.
pub(crate) fn peers(tests: &Path) -> anyhow::Result<Vec<Peer>> {
    let read = |name: &str| {
        fs::read_to_string(tests.join("peers").join(name)).with_context(|| name.to_owned())
    };
    let requirements = read("requirements.txt")?;
    let python: BTreeMap<_, _> =
        requirements.lines().filter_map(|line| line.split_once("==")).collect();
    let manifest: Manifest = serde_json::from_str(&read("package.json")?)?;
    let python = PYTHON.map(|(name, about)| (name, python.get(name).copied(), about));
    let node = NODE
        .map(|(name, about)| (name, manifest.dependencies.get(name).map(String::as_str), about));
    let pinned = |(name, version, about): (&'static str, Option<&str>, &'static str)| {
        let version = version.with_context(|| format!("{name} is not pinned"))?;
        Ok((name, version.to_owned(), about))
    };
    python.into_iter().chain(node).map(pinned).collect()
}
