//! The page as text.

use super::{
    TESTS,
    peers::Peer,
    results::Passed,
    suite::{Module, Suite},
};

const INTRODUCTION: &str = "\
# Compatibility

The peers and rules that packdog is compared with, and the results.
`cargo run --bin compatibility` runs the suites below and writes this page from their results; a test fails when the page is out of date.

The cases are packdog's own, written from the public rules.
DataDog/system-tests and the W3C's suite can drive the same two servers (`parametric-server`, `w3c-service`); their results are not part of this page.
";

const DIFFERENCES: &str = "
## Differences and their reasons

Cases in which the peers differ from packdog or from each other, as the comments beside the tests describe them.
The tags that differ between a server span of ours and one of ddtrace are listed with their reasons in [parity.rs](integration/server/parity.rs), and the baggage of the two tracers is compared in [peers](peers/README.md).

";

pub(crate) fn page(peers: &[Peer], sections: &[(&Suite, Vec<Module>, Passed)]) -> String {
    let mut page = format!("{INTRODUCTION}\n## Peers\n\n| peer | version | is |\n|---|---|---|\n");
    for (name, version, about) in peers {
        page += &format!("| {name} | {version} | {about} |\n");
    }
    for (suite, modules, passed) in sections {
        page += &section(suite, modules, passed);
    }
    page += DIFFERENCES;
    for module in sections.iter().flat_map(|(_, modules, _)| modules) {
        for note in &module.notes {
            page += &format!("- {note} ({})\n", link(module));
        }
    }
    page
}

fn section(suite: &Suite, modules: &[Module], passed: &Passed) -> String {
    let count = |of: &dyn Fn(&Module) -> usize| modules.iter().map(of).sum();
    let total = outcome(count(&|module| passed.of(module, modules)), count(&|module| module.tests));
    let mut section = format!(
        "\n## {}\n\n{}\n\n{total} tests passed: `cargo test -p {} --test {}`.\n\n| tests | passed | about |\n|---|---|---|\n",
        suite.title, suite.about, suite.package, suite.target
    );
    for module in modules.iter().filter(|module| module.tests > 0) {
        let outcome = outcome(passed.of(module, modules), module.tests);
        section += &format!("| {} | {outcome} | {} |\n", link(module), module.about);
    }
    section
}

fn outcome(passed: usize, tests: usize) -> String {
    if passed == tests { format!("{tests} of {tests}") } else { format!("**{passed} of {tests}**") }
}

fn link(module: &Module) -> String {
    let file = module.file.strip_prefix(TESTS).unwrap_or(&module.file);
    format!("[{}]({})", module.name, file.display())
}
