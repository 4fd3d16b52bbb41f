//! Calls that cannot do what they say: counted, so that somebody notices.
//!
//! Nothing of this costs anything on the normal path.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// A call that did nothing, or less than it says, because of how or when it was made.
///
/// Each one is counted for the whole process, and told to what stands behind the tracer, which
/// may warn about it.
///
/// ```
/// use packdog_api::{Misuse, current_span};
///
/// let before = Misuse::BaggageWithoutSpan.count();
/// current_span().baggage().set("plan", "pro"); // There is no span to carry it.
/// assert!(Misuse::BaggageWithoutSpan.count() > before);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Misuse {
    /// A tag, an error, a link, an event or another change came after the span had finished.
    ChangeAfterFinish,
    /// A new tag came to a span that holds [`MAX_TAGS_PER_SPAN`](crate::MAX_TAGS_PER_SPAN).
    TooManyTags,
    /// A new tag for every span came where there are
    /// [`MAX_TAGS_ON_EVERY_SPAN`](crate::MAX_TAGS_ON_EVERY_SPAN).
    TooManyTagsOnEverySpan,
    /// A link came to a span that holds [`MAX_LINKS_PER_SPAN`](crate::MAX_LINKS_PER_SPAN).
    TooManyLinks,
    /// An event came to a span that holds [`MAX_EVENTS_PER_SPAN`](crate::MAX_EVENTS_PER_SPAN).
    TooManyEvents,
    /// Baggage was written where no span is current.
    BaggageWithoutSpan,
    /// A baggage item came to a span that was too long, or one too many: beyond
    /// [`MAX_BAGGAGE_ITEM_BYTES`](crate::MAX_BAGGAGE_ITEM_BYTES) or
    /// [`MAX_BAGGAGE_ITEMS`](crate::MAX_BAGGAGE_ITEMS).
    TooMuchBaggage,
    /// A span was started while [`MAX_OPEN_SPANS`](crate::MAX_OPEN_SPANS) were open.
    TooManyOpenSpans,
}

/// As many as there are kinds.
static COUNTS: [AtomicU64; 8] = [const { AtomicU64::new(0) }; 8];

impl Misuse {
    /// How often it happened in this process.
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
            Self::TooManyTags => "a span holds too many tags",
            Self::TooManyTagsOnEverySpan => "there are too many tags for every span",
            Self::TooManyLinks => "a span holds too many links",
            Self::TooManyEvents => "a span holds too many events",
            Self::BaggageWithoutSpan => "baggage was written where no span is current",
            Self::TooMuchBaggage => "the baggage of a span is too much",
            Self::TooManyOpenSpans => "too many spans are open at once",
        })
    }
}
