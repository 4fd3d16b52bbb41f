//! Uses of a tracer: building one, the current one, and the spans that it starts.

mod background;
mod baggage;
mod block;
mod builder;
mod common_tags;
mod entered;
mod flush;
mod headers;
mod installed;
mod parts;
mod passing;
mod start;
mod unfinished;
mod warnings;

pub use self::{
    baggage::SpanBaggage,
    builder::{Parent, SpanBuilder},
    common_tags::set_tags,
    entered::EnteredSpan,
    installed::is_forgotten,
    parts::{AlreadyInstalled, TracerParts, decline, install, is_declined},
};
