//! Recording: spans from start to finish, the traces that they share, and the traits through which
//! an implementation receives them.
//!
//! No two files import each other.

mod backing;
mod calls;
mod chunk;
mod clock;
mod common_tags;
mod derive;
mod edit;
mod error;
mod extensions;
mod finish;
mod finished_span;
mod finished_span_edit;
mod given_warnings;
mod held;
mod inject;
mod key_bits;
mod open_span;
mod open_spans;
mod open_traces;
mod own_tags;
mod owned;
mod packed_bytes;
mod passing;
mod propagator;
mod record;
mod recorder;
mod root_tags;
mod sampling;
mod settings;
mod span;
mod span_sampling;
mod state;
mod tag_set;
mod tags;
mod trace;
mod tracer;
mod unfinished;

#[cfg(feature = "macros")]
pub(crate) use self::error::{record_error, record_text};
pub(crate) use self::{
    backing::Backing,
    calls::{Calls, Outcome},
    chunk::States,
    clock::Clock,
    common_tags::{CommonTags, SeenTags, TagsOfAll, stored_tag},
    extensions::Extensions,
    given_warnings::GivenWarnings,
    held::{Held, HeldBytes},
    open_spans::OpenSpans,
    open_traces::{HoldsSpans, Listing, OpenTraces},
    own_tags::OwnTags,
    packed_bytes::PackedBytes,
    passing::Passing,
    propagator::NoHeaders,
    record::Record,
    recorder::{report, report_at},
    sampling::{Sampling, Verdict},
    span::{Kind, Recording},
    state::{Effect, Field, State, Unshared, choice},
    tags::Tags,
    trace::{Beginning, Trace},
    unfinished::Unfinished,
};
pub use self::{
    chunk::Chunk,
    common_tags::{MAX_BYTES_ON_EVERY_SPAN, MAX_TAGS_ON_EVERY_SPAN},
    error::SpanError,
    finished_span::FinishedSpan,
    finished_span_edit::FinishedSpanEdit,
    given_warnings::MAX_REMEMBERED_WARNINGS,
    held::MAX_HELD_BYTES,
    key_bits::KeyBits,
    open_span::OpenSpan,
    open_spans::MAX_OPEN_SPANS,
    own_tags::{MAX_TAGS_PER_SPAN, PackedTags, TagBytes},
    owned::OwnedSpan,
    propagator::Propagator,
    recorder::{Recorder, TraceStart},
    root_tags::RootTags,
    sampling::Decision,
    settings::{MAX_WAITING_SPANS, Settings},
    span::Span,
    span_sampling::SpanSampling,
    state::{MAX_EVENTS_PER_SPAN, MAX_LINKS_PER_SPAN},
    tag_set::TagSet,
    tracer::Tracer,
    unfinished::{MAX_WATCHED_SPANS, UnfinishedSpan},
};
