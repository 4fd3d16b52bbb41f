//! Tests that need a program which is not on this machine.
//!
//! With `CI` set they fail. Elsewhere the last line of each names it, past the capture of libtest,
//! which hides the output of tests that pass; `.ci/run` counts these lines at its end.

use std::{
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread,
};

use super::environment::{is_ci, say};

/// The test that runs on this thread.
#[derive(Clone, Debug)]
pub(super) struct Test(String);

impl Test {
    /// Returns the test of the calling thread, which libtest names after it.
    pub(super) fn current() -> Self {
        Self(thread::current().name().unwrap_or("a test").to_owned())
    }

    /// Prints that the test is skipped.
    ///
    /// # Panics
    /// With `CI` set.
    pub(super) fn skip(&self, why: &str) {
        assert!(!is_ci(), "with CI set no test may be skipped, but {why}");
        static SKIPPED: AtomicUsize = AtomicUsize::new(0);
        say(&self.line(SKIPPED.fetch_add(1, Relaxed) + 1, why));
    }

    fn line(&self, number: usize, why: &str) -> String {
        format!("skipped {} (number {number} of this run, which CI forbids): {why}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Test;

    #[test]
    fn a_skipped_test_is_named_and_counted() {
        assert_eq!(
            Test::current().line(2, "node is missing"),
            "skipped peers::skip::tests::a_skipped_test_is_named_and_counted \
             (number 2 of this run, which CI forbids): node is missing"
        );
    }
}
