//! The tests of a suite that passed, from the output of the test binary.

use std::process::{Command, Stdio};

use anyhow::Context;

use super::suite::{Module, Suite, is_within};

/// The paths of the tests that passed.
#[derive(Debug)]
pub(crate) struct Passed(Vec<String>);

impl Passed {
    /// Runs a suite to its end, whether its tests pass or not.
    ///
    /// # Errors
    /// Cargo cannot be started.
    pub(crate) fn run(suite: &Suite) -> anyhow::Result<Self> {
        let output = Command::new(env!("CARGO"))
            .args(["test", "--package", suite.package, "--test", suite.target, "--"])
            .args(suite.only)
            // With it, a test whose peer is missing fails instead of passing silently.
            .env("CI", "true")
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("cannot test {}", suite.package))?;
        Ok(Self::read(&String::from_utf8_lossy(&output.stdout)))
    }

    fn read(output: &str) -> Self {
        let tests =
            output.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... ok"));
        Self(tests.map(str::to_owned).collect())
    }

    /// The output of a run in which all tests of these modules pass.
    #[cfg(test)]
    pub(crate) fn all(modules: &[Module]) -> Self {
        let tests = modules.iter().flat_map(|module| {
            (0..module.tests).map(|number| format!("{}::test{number}", module.name))
        });
        Self(tests.collect())
    }

    /// The number of tests of one module that passed.
    pub(crate) fn of(&self, module: &Module, all: &[Module]) -> usize {
        let home = |test: &str| {
            let homes = all.iter().filter(|module| is_within(test, &module.name));
            homes.map(|module| module.name.len()).max()
        };
        let is_here =
            |test: &&String| is_within(test, &module.name) && home(test) == Some(module.name.len());
        self.0.iter().filter(is_here).count()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_test_counts_once_for_the_innermost_file_that_has_it_if_it_passed() {
        let module = |name: &str| Module {
            name: name.to_owned(),
            file: PathBuf::new(),
            about: String::new(),
            tests: 0,
            notes: Vec::new(),
        };
        let modules = [module("a"), module("a::b")];
        let passed = Passed::read(
            "running 5 tests\ntest a::x ... ok\ntest a::b::x ... ok\ntest a::b::c::x ... ok\n\
             test a::y ... FAILED\ntest a::z ... ignored\ntest result: ok. 3 passed\n",
        );
        assert_eq!(modules.each_ref().map(|module| passed.of(module, &modules)), [1, 2]);
    }
}
