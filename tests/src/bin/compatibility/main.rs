//! Runs the suites that compare packdog with others, and writes `tests/COMPATIBILITY.md` from the results.
//!
//! ```text
//! sources of the suites ──▶ modules, what peers do otherwise ─┐
//! cargo test ─────────────▶ which tests passed ───────────────┼──▶ the page
//! tests/peers ────────────▶ versions ─────────────────────────┘
//! ```
//! The page is out of date when it has other tests or versions than there are now.

mod page;
mod peers;
mod results;
mod suite;

use std::{fs, path::Path};

use anyhow::{Context, ensure};

use self::{page::page, peers::peers, results::Passed, suite::SUITES};

/// The folder of this package, below which everything is that the page is made of.
const TESTS: &str = env!("CARGO_MANIFEST_DIR");
const PAGE: &str = "COMPATIBILITY.md";

fn main() -> anyhow::Result<()> {
    let mut sections = Vec::new();
    let mut has_failed = false;
    for suite in &SUITES {
        let modules = suite.modules(Path::new(TESTS))?;
        let passed = Passed::run(suite)?;
        has_failed |= modules.iter().any(|module| passed.of(module, &modules) != module.tests);
        sections.push((suite, modules, passed));
    }
    fs::write(Path::new(TESTS).join(PAGE), page(&peers(Path::new(TESTS))?, &sections))
        .with_context(|| format!("cannot write {PAGE}"))?;
    ensure!(!has_failed, "not all tests have passed; {PAGE} lists the suites that failed");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page with `**1 of 2**` as `2 of 2`: failures belong on it, and the failing test reports
    /// them.
    fn as_if_all_had_passed(page: &str) -> String {
        let parts = page.split("**").map(|part| match part.split_once(" of ") {
            Some((passed, tests)) if passed.parse::<usize>().is_ok() => {
                format!("{tests} of {tests}")
            }
            _ => part.to_owned(),
        });
        parts.collect()
    }

    #[test]
    fn the_page_lists_the_present_tests_and_peers() {
        let tests = Path::new(TESTS);
        let sections: Vec<_> = SUITES
            .iter()
            .map(|suite| {
                let modules = suite.modules(tests).unwrap();
                let passed = Passed::all(&modules);
                (suite, modules, passed)
            })
            .collect();
        let written = fs::read_to_string(tests.join(PAGE)).unwrap();
        assert!(
            as_if_all_had_passed(&written) == page(&peers(tests).unwrap(), &sections),
            "{PAGE} is out of date: `cargo run --bin compatibility` writes it anew"
        );
    }
}
