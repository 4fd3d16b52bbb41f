//! Limits on what a span, and a tracer, keeps; counts of spans and of misuse.
//!
//! Data beyond a limit is left out and, unless it is an attribute of a link or an event, counted
//! as a [`Misuse`].

pub use packdog_api::{
    DroppedSpans, MAX_ATTRIBUTES, MAX_BAGGAGE_ITEM_BYTES, MAX_BAGGAGE_ITEMS,
    MAX_BYTES_ON_EVERY_SPAN, MAX_EVENTS_PER_SPAN, MAX_LINKS_PER_SPAN, MAX_OPEN_SPANS,
    MAX_REMEMBERED_WARNINGS, MAX_TAG_KEY_BYTES, MAX_TAG_VALUE_BYTES, MAX_TAGS_ON_EVERY_SPAN,
    MAX_TAGS_PER_SPAN, MAX_WATCHED_SPANS, Metrics, Misuse, Report,
};
