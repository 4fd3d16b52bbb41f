//! A tracer as a value, what its traces share, and the one that is installed.

mod background;
mod backing;
mod common_tags;
mod handle;
mod open_spans;
mod said;
mod unfinished;

pub(crate) use self::{
    backing::Backing,
    common_tags::{CommonTags, SeenTags},
    handle::is_dormant,
    unfinished::Unfinished,
};
pub use self::{
    common_tags::{MAX_TAGS_ON_EVERY_SPAN, set_tags},
    handle::Tracer,
    open_spans::MAX_OPEN_SPANS,
    said::MAX_WARNINGS_SAID_ONCE,
    unfinished::{MAX_WATCHED_SPANS, UnfinishedSpan},
};
