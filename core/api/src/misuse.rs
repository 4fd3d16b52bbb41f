//! Counts of calls that could not take effect, so that they can be noticed.
//!
//! Calls that take effect pay nothing for it.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// A call that had no effect, or only part of it, because of how or when it was made.
///
/// Each one is counted for the whole process and reported to the tracer's implementation, which may
/// log a warning.
///
/// ```
/// # mod packdog { pub use packdog_api::*; pub mod limits { pub use packdog_api::*; } }
/// use packdog::{current_span, limits::Misuse};
///
/// let before = Misuse::BaggageWithoutSpan.count();
/// current_span().baggage().set("plan", "pro"); // There is no span to carry it.
/// assert!(Misuse::BaggageWithoutSpan.count() > before);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Misuse {
    /// A tag, error, link, event or other change was set after the span had finished.
    ChangeAfterFinish,
    /// A new tag was set on a span that already has
    /// [`MAX_TAGS_PER_SPAN`](crate::MAX_TAGS_PER_SPAN).
    TooManyTags,
    /// A new tag for every span was added to
    /// [`MAX_TAGS_ON_EVERY_SPAN`](crate::MAX_TAGS_ON_EVERY_SPAN) others.
    TooManyTagsOnEverySpan,
    /// A link was added to a span that already has
    /// [`MAX_LINKS_PER_SPAN`](crate::MAX_LINKS_PER_SPAN).
    TooManyLinks,
    /// An event was added to a span that already has
    /// [`MAX_EVENTS_PER_SPAN`](crate::MAX_EVENTS_PER_SPAN).
    TooManyEvents,
    /// Baggage was set while no span was current.
    BaggageWithoutSpan,
    /// A baggage item of a span exceeded [`MAX_BAGGAGE_ITEM_BYTES`](crate::MAX_BAGGAGE_ITEM_BYTES)
    /// or [`MAX_BAGGAGE_ITEMS`](crate::MAX_BAGGAGE_ITEMS).
    TooMuchBaggage,
    /// A span was started while [`MAX_OPEN_SPANS`](crate::MAX_OPEN_SPANS) were open.
    TooManyOpenSpans,
    /// Spans of a trace that began before a fork finished in the child, which does not send them:
    /// the trace belongs to the parent. A child continues it with
    /// [`child_of`](crate::SpanBuilder::child_of) and the context of the parent's span.
    SpanOfParentProcess,
}

/// The number of kinds.
static COUNTS: [AtomicU64; 9] = [const { AtomicU64::new(0) }; 9];

impl Misuse {
    /// Returns the number of times that it happened in this process.
    pub fn count(self) -> u64 {
        self.counter().map_or(0, |counter| counter.load(Relaxed))
    }

    pub(crate) fn add(self) {
        if let Some(counter) = self.counter() {
            counter.fetch_add(1, Relaxed);
        }
    }

    fn counter(self) -> Option<&'static AtomicU64> {
        COUNTS.get(self as usize)
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ChangeAfterFinish => "a span was changed after it had finished",
            Self::TooManyTags => "a span has too many tags",
            Self::TooManyTagsOnEverySpan => "too many tags are set on every span",
            Self::TooManyLinks => "a span has too many links",
            Self::TooManyEvents => "a span has too many events",
            Self::BaggageWithoutSpan => "baggage was set while no span was current",
            Self::TooMuchBaggage => "a span has too much baggage",
            Self::TooManyOpenSpans => "too many spans are open at once",
            Self::SpanOfParentProcess => {
                "a forked child does not send spans of a trace that its parent began"
            }
        })
    }
}
