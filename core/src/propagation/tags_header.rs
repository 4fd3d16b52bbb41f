//! The header `x-datadog-tags`: the tags of a whole trace.
//!
//! ```text
//! tagset = tag *( "," tag ) [ "," ]
//! tag    = key "=" value                     ; split at the first "="
//! key    = 1*( %x21-7E except "," and "=" )
//! value  = 1*( %x20-7E except "," )          ; not spaces alone
//! ```
//! One violation drops all tags. Only keys that start with `_dd.p.` travel.

use std::borrow::Cow;

use packdog_api::{SpanContext, TraceTags};

use super::{
    digits,
    error::{self, DECODING_ERROR, DISABLED, ENCODING_ERROR, EXTRACT_MAX_SIZE, INJECT_MAX_SIZE},
    headers::is_printable,
};

/// How the names of tags that travel begin.
pub(super) const PREFIX: &str = "_dd.p.";

/// A tag of former tracers that told how upstream services had sampled; it is not passed on.
const UPSTREAM_SERVICES: &str = "_dd.p.upstream_services";

/// What the header says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct TagsHeader {
    pub(super) tags: TraceTags,
    /// What `_dd.p.tid` carries; zero if it is absent.
    pub(super) high_trace_id: u64,
    /// What was wrong last; the tags are what could be kept.
    pub(super) error: Option<TagsError>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TagsError {
    /// The limit is 0.
    Disabled,
    /// There are more bytes than the limit allows.
    TooLong,
    /// The grammar is violated.
    Malformed,
    /// `_dd.p.tid` is not the high half of a trace id.
    HighTraceId(String),
    /// `_dd.p.dm` is not a decision maker.
    DecisionMaker,
}

impl TagsError {
    pub(super) fn is_malformed(&self) -> bool {
        !matches!(self, Self::Disabled | Self::TooLong)
    }

    /// The value of `_dd.propagation_error`.
    pub(super) fn into_text(self) -> Cow<'static, str> {
        match self {
            Self::Disabled => DISABLED.into(),
            Self::TooLong => EXTRACT_MAX_SIZE.into(),
            Self::Malformed | Self::DecisionMaker => DECODING_ERROR.into(),
            Self::HighTraceId(received) => error::malformed_tid(&received),
        }
    }
}

pub(super) fn parse(header: &str, max_bytes: usize) -> TagsHeader {
    let nothing = |error| TagsHeader { error, ..TagsHeader::default() };
    if header.is_empty() {
        return nothing(None);
    }
    if max_bytes == 0 {
        return nothing(Some(TagsError::Disabled));
    }
    if header.len() > max_bytes {
        return nothing(Some(TagsError::TooLong));
    }
    let Some(mut tags) = tags(header) else { return nothing(Some(TagsError::Malformed)) };

    let (mut high_trace_id, mut error) = (0, None);
    if let Some(tid) = tags.get(TraceTags::HIGH_TRACE_ID) {
        match high_half(tid) {
            Some(high) => high_trace_id = high,
            None => {
                error = Some(TagsError::HighTraceId(tid.to_owned()));
                tags.remove(TraceTags::HIGH_TRACE_ID);
            }
        }
    }
    if tags.get(TraceTags::DECISION_MAKER).is_some_and(|maker| !is_decision_maker(maker)) {
        error = Some(TagsError::DecisionMaker);
        tags.remove(TraceTags::DECISION_MAKER);
    }
    TagsHeader { tags, high_trace_id, error }
}

/// The tags that travel; `None` if any tag violates the grammar.
fn tags(header: &str) -> Option<TraceTags> {
    let mut tags = TraceTags::new();
    for tag in header.strip_suffix(',').unwrap_or(header).split(',') {
        let (key, value) = tag.split_once('=')?;
        let value = value.trim_matches(' ');
        if !is_tag(key, value) {
            return None;
        }
        if key.starts_with(PREFIX) && key != UPSTREAM_SERVICES {
            tags.set(key, value);
        }
    }
    Some(tags)
}

fn is_tag(key: &str, value: &str) -> bool {
    let is_value = |byte: u8| is_printable(byte) && byte != b',';
    let is_key = |byte: u8| is_value(byte) && byte != b' ' && byte != b'=';
    !key.is_empty() && key.bytes().all(is_key) && !is_blank(value) && value.bytes().all(is_value)
}

fn is_blank(value: &str) -> bool {
    value.bytes().all(|byte| byte == b' ')
}

/// 16 lowercase hex digits, not all of them zero.
fn high_half(tid: &str) -> Option<u64> {
    match digits::lower_hex::<16>(tid.as_bytes())? {
        (0, _) => None,
        (high, []) => Some(high as u64), // 16 digits fit.
        _ => None,
    }
}

/// `-` and 0 to 255 without leading zeros.
fn is_decision_maker(maker: &str) -> bool {
    maker.strip_prefix('-').is_some_and(|mechanism| {
        let has_leading_zero = mechanism.len() > 1 && mechanism.starts_with('0');
        !has_leading_zero && digits::decimal_u64(mechanism).is_some_and(|number| number <= 255)
    })
}

/// Appends the tags of `context`, with `_dd.p.tid` as its trace id has it, or nothing at all.
///
/// # Errors
/// The tags that should travel cannot.
pub(super) fn write(
    text: &mut String,
    context: &SpanContext,
    max_bytes: usize,
) -> Result<(), &'static str> {
    let start = text.len();
    let result = write_all(text, context).and_then(|()| match text.len() - start {
        0 => Ok(()),
        _ if max_bytes == 0 => Err(DISABLED),
        bytes if bytes > max_bytes => Err(INJECT_MAX_SIZE),
        _ => Ok(()),
    });
    if result.is_err() {
        text.truncate(start);
    }
    // With the header switched off, nobody asks whether its tags would have been legal.
    result.map_err(|error| if max_bytes == 0 { DISABLED } else { error })
}

fn write_all(text: &mut String, context: &SpanContext) -> Result<(), &'static str> {
    let start = text.len();
    let mut high = context.trace_id().map(|id| id.high()).filter(|high| *high != 0);
    let separate = |text: &mut String| {
        if text.len() > start {
            text.push(',');
        }
    };
    for (key, value) in context.trace_tags().iter().filter(|(key, _)| key.starts_with(PREFIX)) {
        if key == TraceTags::HIGH_TRACE_ID {
            if let Some(high) = high.take() {
                separate(text);
                write_tid(text, high);
            }
            continue;
        }
        if !is_tag(key, value) {
            return Err(ENCODING_ERROR);
        }
        separate(text);
        text.push_str(key);
        text.push('=');
        text.push_str(value);
    }
    if let Some(high) = high {
        separate(text);
        write_tid(text, high);
    }
    Ok(())
}

fn write_tid(text: &mut String, high: u64) {
    text.push_str(TraceTags::HIGH_TRACE_ID);
    text.push('=');
    digits::push_hex(text, high);
}
