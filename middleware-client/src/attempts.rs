//! Attempts of one call: they are numbered if a retry layer is between two of packdog's layers, or
//! clones the same extensions for each attempt.
//!
//! ```text
//! outer layer ──Attempts(0)──▶ retry ──clones──▶ inner layer: counts 0, 1, 2, ..
//! ```

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use http::Extensions;

/// The number of attempts so far; an extension of the request, which clones of it share.
///
/// The counter is allocated by the first clone or the second attempt: most calls see neither.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    counter: OnceLock<Arc<AtomicU32>>,
    /// The attempts before the counter was allocated.
    before: u32,
}

impl Clone for Attempts {
    fn clone(&self) -> Self {
        let counter = OnceLock::from(Arc::clone(self.counter()));
        Self { counter, before: self.before }
    }
}

impl Attempts {
    /// Counts an attempt: how many there were before it. Layers further in count their own from
    /// then on, until the returned counter is
    /// [put back](CountedAttempts::put_back).
    pub(crate) fn count(extensions: &mut Extensions) -> (u32, CountedAttempts) {
        let attempts = extensions.insert(Self::default());
        let count = |attempts: &Self| attempts.counter().fetch_add(1, Relaxed);
        (attempts.as_ref().map_or(0, count), CountedAttempts(attempts))
    }

    fn counter(&self) -> &Arc<AtomicU32> {
        self.counter.get_or_init(|| Arc::new(AtomicU32::new(self.before)))
    }
}

/// The counter that an attempt was counted with; `None` for the first one without any.
pub(crate) struct CountedAttempts(
    #[cfg_attr(not(feature = "reqwest"), expect(dead_code, reason = "only reqwest puts it back"))]
    Option<Attempts>,
);

#[cfg(feature = "reqwest")]
impl CountedAttempts {
    /// Makes the next attempt with these extensions count on.
    pub(crate) fn put_back(self, extensions: &mut Extensions) {
        let attempts = self.0.unwrap_or(Attempts { before: 1, ..Attempts::default() });
        match extensions.get_mut() {
            Some(present) => *present = attempts, // Nearly always: it was put there to count.
            None => _ = extensions.insert(attempts),
        }
    }
}

/// The extensions of an attempt that is under way. Once it is made or given up, the counter is
/// [put back](CountedAttempts::put_back).
#[cfg(feature = "reqwest")]
pub(crate) struct CountedExtensions<'e> {
    /// `None` if the attempt was not counted.
    pub(crate) attempts: Option<CountedAttempts>,
    pub(crate) extensions: &'e mut Extensions,
}

#[cfg(feature = "reqwest")]
impl Drop for CountedExtensions<'_> {
    fn drop(&mut self) {
        if let Some(attempts) = self.attempts.take() {
            attempts.put_back(self.extensions);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_a_request_count_on_and_inner_layers_count_their_own() {
        let mut call = Extensions::new();
        assert_eq!(Attempts::count(&mut call).0, 0);
        for attempt in 0..3 {
            let mut clone = call.clone();
            assert_eq!(Attempts::count(&mut clone).0, attempt);
            assert_eq!(Attempts::count(&mut clone).0, 0);
        }
    }

    #[test]
    #[cfg(feature = "reqwest")]
    fn extensions_that_are_used_again_count_on() {
        let mut shared = Extensions::new();
        for attempt in 0..3 {
            let (count, attempts) = Attempts::count(&mut shared);
            assert_eq!(count, attempt);
            let (inner, inner_attempts) = Attempts::count(&mut shared);
            assert_eq!(inner, 0);
            inner_attempts.put_back(&mut shared);
            attempts.put_back(&mut shared);
        }
    }
}
