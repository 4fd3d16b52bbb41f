//! The suites, and the content of their sources: modules, tests, and comments about peers.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A test binary, as far as the page is about it.
#[derive(Debug)]
pub(crate) struct Suite {
    pub(crate) title: &'static str,
    /// The questions that it settles, in whole sentences.
    pub(crate) about: &'static str,
    pub(crate) package: &'static str,
    pub(crate) target: &'static str,
    /// Its root, in the folder of the tests.
    root: &'static str,
    /// The modules that compare with others, each with those below it; all of them if this is empty.
    pub(crate) only: &'static [&'static str],
}

pub(crate) static SUITES: [Suite; 4] = [
    Suite {
        title: "Rules of Datadog's shared tests",
        about: "DataDog/system-tests drives every tracer through a parametric server. \
                These cases drive it in the same way, each in a fresh process before ddapm-test-agent, \
                one module for each file of that suite.",
        package: "packdog-parametric-server",
        target: "parametric",
        root: "conformance/parametric/main.rs",
        only: &[],
    },
    Suite {
        title: "Rules of the W3C",
        about: "A service with both middlewares is called as the W3C's own suite for Trace Context calls it.",
        package: "packdog-w3c-service",
        target: "w3c",
        root: "conformance/w3c/main.rs",
        only: &[],
    },
    Suite {
        title: "Tables of inputs and outputs",
        about: "Headers, payloads, settings and addresses, with the expected results.",
        package: "packdog-tests",
        target: "conformance",
        root: "conformance/main.rs",
        only: &[],
    },
    Suite {
        title: "Services of three languages",
        about: "Services in Rust, Python and Node call each other, and all send to one ddapm-test-agent.",
        package: "packdog-tests",
        target: "integration",
        root: "integration/main.rs",
        only: &["chains", "client::peers", "peers", "python", "server::parity"],
    },
];

/// One file of a suite.
#[derive(Debug)]
pub(crate) struct Module {
    /// Its path below the root, such as `chains::orders`.
    pub(crate) name: String,
    pub(crate) file: PathBuf,
    /// Its first sentence.
    pub(crate) about: String,
    /// The number of its tests.
    pub(crate) tests: usize,
    /// Comments about the behavior of a peer.
    pub(crate) notes: Vec<String>,
}

impl Suite {
    /// The modules with tests or notes, in the order of the sources.
    ///
    /// # Errors
    /// A file cannot be read.
    pub(crate) fn modules(&self, tests: &Path) -> io::Result<Vec<Module>> {
        let mut modules = Vec::new();
        walk(&tests.join(self.root), "", &mut modules)?;
        modules.retain(|module| {
            (module.tests > 0 || !module.notes.is_empty()) && self.is_about(&module.name)
        });
        Ok(modules)
    }

    fn is_about(&self, module: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| is_within(module, name))
    }
}

/// Whether a path is that of a module, or of something below it.
pub(crate) fn is_within(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Reads a file, and the files of the modules that it names.
fn walk(file: &Path, name: &str, modules: &mut Vec<Module>) -> io::Result<()> {
    let source = fs::read_to_string(file)?;
    modules.push(read(file, name, &source));
    let folder = file.parent().unwrap_or(Path::new(""));
    let children = source.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    for child in children {
        let path = if name.is_empty() { child.to_owned() } else { format!("{name}::{child}") };
        let candidates = [folder.join(format!("{child}.rs")), folder.join(child).join("mod.rs")];
        let found = candidates.iter().find(|candidate| candidate.exists());
        let found = found.ok_or_else(|| io::Error::other(format!("no file has module {path}")))?;
        walk(found, &path, modules)?;
    }
    Ok(())
}

fn read(file: &Path, name: &str, source: &str) -> Module {
    let lines = || source.lines().map(str::trim);
    let about = lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
    let about: Vec<_> = about.take_while(|line| !line.is_empty()).collect();
    let is_test = |line: &str| line == "#[test]" || line.starts_with("#[tokio::test");
    Module {
        name: name.to_owned(),
        file: file.to_owned(),
        about: about.join(" "),
        tests: lines().filter(|line| is_test(line)).count(),
        notes: notes(source),
    }
}

/// The comments beside code that name the tracer of a peer.
fn notes(source: &str) -> Vec<String> {
    let lines: Vec<_> = source.lines().map(str::trim).collect();
    let blocks = lines.split(|line| !line.starts_with("//") || line.starts_with("//!"));
    let blocks = blocks.map(|block| {
        let texts = block.iter().map(|line| line.trim_start_matches('/').trim());
        texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
    });
    blocks.filter(|text| ["ddtrace", "dd-trace"].iter().any(|peer| text.contains(peer))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_subject_a_number_of_tests_and_its_use_of_peers() {
        let source = "//! A rule,\n//! in two lines.\n//!\n//! ddtrace is more.\n\n/// dd-trace does\n\
                      ///\n/// otherwise.\n#[test]\nfn a() {}\n// Nothing.\n    #[tokio::test(flavor)]\n    \
                      // ddtrace too.\n";
        let module = read(Path::new("x.rs"), "x", source);
        assert_eq!((module.about.as_str(), module.tests), ("A rule, in two lines.", 2));
        assert_eq!(module.notes, ["dd-trace does otherwise.", "ddtrace too."]);
    }

    #[test]
    fn a_module_counts_its_submodules_and_not_modules_with_the_same_prefix() {
        for (path, is_below) in [("a", true), ("a::b", true), ("ab", false), ("b::a", false)] {
            assert_eq!(is_within(path, "a"), is_below, "{path}");
        }
    }
}
