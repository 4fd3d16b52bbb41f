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

use packdog_api::{SpanContext, TraceTags, implementation::Received};

use super::{
    byte_class::{TAG_KEY, TAG_VALUE},
    digits::{self, Hex},
    error::{self, DECODING_ERROR, DISABLED, ENCODING_ERROR, EXTRACT_MAX_SIZE, INJECT_MAX_SIZE},
    split::{pair, pieces},
    trace_tag::{is_refused, is_tag, travels},
    value_text::ValueText,
};

/// The content of the header.
#[derive(Debug, Default)]
pub(super) struct TagsHeader<'a> {
    pub(super) tags: Received<'a, TraceTags>,
    /// The high half of the trace id, from `_dd.p.tid`; zero if it is absent.
    pub(super) high_trace_id: u64,
    /// The last error; the tags are those that could be kept.
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

pub(super) fn parse(header: &[u8], max_bytes: usize) -> TagsHeader<'_> {
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
    if let Some((count, high_trace_id)) = as_written(header) {
        return TagsHeader { tags: Received::Text(header, count), high_trace_id, error: None };
    }
    let Some(mut tags) = str::from_utf8(header).ok().and_then(tags) else {
        return nothing(Some(TagsError::Malformed));
    };

    let (mut high_trace_id, mut error) = (0, None);
    if let Some(tid) = tags.get(TraceTags::HIGH_TRACE_ID) {
        match high_half(tid.as_bytes()) {
            Some(high) => high_trace_id = high,
            None => {
                error = Some(TagsError::HighTraceId(tid.to_owned()));
                tags.remove(TraceTags::HIGH_TRACE_ID);
            }
        }
    }
    let maker = tags.get(TraceTags::DECISION_MAKER);
    if maker.is_some_and(|maker| is_refused(TraceTags::DECISION_MAKER, maker)) {
        error = Some(TagsError::DecisionMaker);
        tags.remove(TraceTags::DECISION_MAKER);
    }
    TagsHeader { tags: Received::Read(tags), high_trace_id, error }
}

/// A fast path for headers in the form that we write, which are nearly all: they are kept as
/// received, and read on demand. Returns their number and the high half of the trace id.
fn as_written(header: &[u8]) -> Option<(usize, u64)> {
    let (mut keys, mut count, mut high) = ([b"".as_slice(); MAX_KEPT_TAGS], 0, 0);
    let mut rest = Some(header);
    while let Some(list) = rest {
        let ((key, value), behind) = pair(list, TAG_KEY, TAG_VALUE)?;
        rest = behind;
        let has_blanks = value.starts_with(b" ") || value.ends_with(b" ");
        let is_known = keys.iter().take(count).any(|other| *other == key);
        if !travels(key) || is_refused(key, value) || has_blanks || is_known {
            return None;
        }
        if key == TraceTags::HIGH_TRACE_ID.as_bytes() {
            high = high_half(value)?;
        }
        *keys.get_mut(count)? = key;
        count += 1;
    }
    Some((count, high))
}

/// Headers with more tags are decoded at once, so that the search for repeated keys stays cheap.
const MAX_KEPT_TAGS: usize = 8;

/// Returns the tags that travel; `None` if any tag violates the grammar.
fn tags(header: &str) -> Option<TraceTags> {
    let mut tags = TraceTags::new();
    for tag in header.strip_suffix(',').unwrap_or(header).split(',') {
        let (key, value) = tag.split_once('=')?;
        let value = value.trim_matches(' ');
        if !is_tag(key, value) {
            return None;
        }
        if travels(key) {
            tags.set(key, value);
        }
    }
    Some(tags)
}

/// Parses 16 lowercase hex digits, not all of them zero.
fn high_half(tid: &[u8]) -> Option<u64> {
    digits::lower_hex_u64(tid).filter(|high| *high != 0)
}

/// Appends the tags of `context`, with `_dd.p.tid` from its trace id, or nothing at all.
///
/// # Errors
/// Returns an error if the tags cannot be written.
pub(super) fn write(
    text: &mut ValueText,
    context: &SpanContext,
    max_bytes: usize,
) -> Result<(), &'static str> {
    if let Some(received) = unchanged(context, max_bytes) {
        text.push_str(received);
        return Ok(());
    }
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
    // If the header is switched off, it does not matter whether its tags are valid.
    result.map_err(|error| if max_bytes == 0 { DISABLED } else { error })
}

/// A fast path: the tags as they were received, if they are those of this trace.
fn unchanged(context: &SpanContext, max_bytes: usize) -> Option<&str> {
    let (tags, high) = (context.trace_tags(), context.trace_id()?.high());
    let received = tags.as_received().filter(|received| received.len() <= max_bytes)?;
    let key_length = TraceTags::HIGH_TRACE_ID.len();
    let mut tids = pieces(received, b',').filter_map(|tag| {
        let (key, value) = tag.split_at_checked(key_length)?;
        (key == TraceTags::HIGH_TRACE_ID).then(|| value.strip_prefix('='))?
    });
    let is_of_trace = match tids.next() {
        Some(tid) => high != 0 && tid.as_bytes() == Hex::of(high).as_bytes(),
        None => high == 0,
    };
    is_of_trace.then_some(received)
}

fn write_all(text: &mut ValueText, context: &SpanContext) -> Result<(), &'static str> {
    let start = text.len();
    let mut high = context.trace_id().map(|id| id.high()).filter(|high| *high != 0);
    let separate = |text: &mut ValueText| {
        if text.len() > start {
            text.push(b',');
        }
    };
    for (key, value) in context.trace_tags().iter().filter(|(key, _)| travels(key)) {
        if key == TraceTags::HIGH_TRACE_ID {
            if let Some(high) = high.take() {
                separate(text);
                write_tid(text, high);
            }
            continue;
        }
        if is_refused(key, value) {
            continue;
        }
        if !is_tag(key, value) {
            return Err(ENCODING_ERROR);
        }
        separate(text);
        text.push_str(key);
        text.push(b'=');
        text.push_str(value);
    }
    if let Some(high) = high {
        separate(text);
        write_tid(text, high);
    }
    Ok(())
}

fn write_tid(text: &mut ValueText, high: u64) {
    text.push_str(TraceTags::HIGH_TRACE_ID);
    text.push(b'=');
    digits::push_hex(text, high);
}

#[cfg(test)]
mod tests {
    use packdog_api::{SpanId, TraceId, implementation::ReceivedContext};

    use super::{TagsError::*, *};

    const LIMIT: usize = 512;

    /// The tags of a header, the high half of the trace id, and the error.
    type Parsed = (Vec<(String, String)>, u64, Option<TagsError>);

    fn parsed(header: &str, max_bytes: usize) -> Parsed {
        let TagsHeader { tags, high_trace_id, error } = parse(header.as_bytes(), max_bytes);
        let received = ReceivedContext { trace_tags: tags, ..ReceivedContext::default() };
        let context = received.into_context();
        let tags = context.trace_tags().iter();
        let tags = tags.map(|(key, value)| (key.to_owned(), value.to_owned()));
        (tags.collect(), high_trace_id, error)
    }

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn one_violation_drops_every_tag() {
        #[rustfmt::skip]
        let table = [
            // header                 why
            ("_dd.p.a",               Malformed),
            ("_dd.p.a=1,b",           Malformed),
            ("=1",                    Malformed),
            ("_dd.p.a=",              Malformed),
            ("_dd.p.a=  ,b=1",        Malformed),
            (",_dd.p.a=1",            Malformed),
            ("_dd.p.a=1,,b=1",        Malformed),
            ("_dd.p.a=1,,",           Malformed),
            (",",                     Malformed),
            ("_dd.p.a=1, b=1",        Malformed),
            ("_dd.p.a =1",            Malformed),
            ("_dd.p.a=x\ty",          Malformed),
            ("_dd.p.a=\u{e9}",        Malformed),
            ("_dd.p.\u{e9}=1",        Malformed),
            ("_dd.p.a=1,b=\u{7f}",    Malformed),
        ];
        for (header, why) in table {
            assert_eq!(parsed(header, LIMIT), (vec![], 0, Some(why)), "{header:?}");
        }
        assert_eq!(parse(b"_dd.p.a=\xff", LIMIT).error, Some(Malformed));
    }

    #[test]
    fn keeps_the_tags_that_travel_in_order() {
        #[rustfmt::skip]
        let table: [(&str, &[(&str, &str)]); 6] = [
            // header                                tags
            ("",                                     &[]),
            ("_dd.p.b=1,foo=2,_dd.p.a=3,",           &[("_dd.p.b", "1"), ("_dd.p.a", "3")]),
            ("_dd.p.a=1,_dd.p.b=2,_dd.p.a=3",        &[("_dd.p.a", "3"), ("_dd.p.b", "2")]),
            ("_dd.p.a= x = y ",                      &[("_dd.p.a", "x = y")]),
            ("_dd.p.upstream_services=x,_dd.px=1",   &[]),
            ("_dd.p.upstream_services2=x",           &[("_dd.p.upstream_services2", "x")]),
        ];
        for (header, expected) in table {
            assert_eq!(parsed(header, LIMIT), (owned(expected), 0, None), "{header:?}");
        }
    }

    #[test]
    fn an_invalid_high_half_or_decision_maker_goes_alone() {
        let tid = |received: &str| Some(HighTraceId(received.to_owned()));
        #[rustfmt::skip]
        let table = [
            // tags before `_dd.p.a=1`                       high half              error
            ("_dd.p.tid=640cfd8d00000000",                   0x640c_fd8d_0000_0000, None),
            ("_dd.p.tid=640CFD8D00000000",                   0,                     tid("640CFD8D00000000")),
            ("_dd.p.tid=0000000000000000",                   0,                     tid("0000000000000000")),
            ("_dd.p.tid=640cfd8d0000000",                    0,                     tid("640cfd8d0000000")),
            ("_dd.p.tid=640cfd8d000000001",                  0,                     tid("640cfd8d000000001")),
            ("_dd.p.tid=1,_dd.p.tid=640cfd8d00000000",       0x640c_fd8d_0000_0000, None),
            ("_dd.p.tid=x,_dd.p.dm=4",                       0,                     Some(DecisionMaker)),
            ("_dd.p.dm=4",                                   0,                     Some(DecisionMaker)),
            ("_dd.p.dm=-",                                   0,                     Some(DecisionMaker)),
            ("_dd.p.dm=-04",                                 0,                     Some(DecisionMaker)),
            ("_dd.p.dm=--4",                                 0,                     Some(DecisionMaker)),
            ("_dd.p.dm=-256",                                0,                     Some(DecisionMaker)),
        ];
        for (tags, high, why) in table {
            let (pairs, high_half, error) = parsed(&format!("{tags},_dd.p.a=1"), LIMIT);
            assert_eq!((high_half, error), (high, why), "{tags:?}");
            assert_eq!(pairs.last(), owned(&[("_dd.p.a", "1")]).last(), "{tags:?}");
        }
        for maker in ["-0", "-9", "-255"] {
            let expected = (owned(&[("_dd.p.dm", maker)]), 0, None);
            assert_eq!(parsed(&format!("_dd.p.dm={maker}"), LIMIT), expected);
        }
    }

    #[test]
    fn the_limit_counts_bytes_and_zero_switches_the_header_off() {
        let header = |bytes: usize| format!("_dd.p.a={}", "x".repeat(bytes - 8));
        let malformed_and_long = ",".repeat(LIMIT + 1);
        #[rustfmt::skip]
        let table = [
            // header             limit      why
            (header(511),         LIMIT,     None),
            (header(512),         LIMIT,     None),
            (header(513),         LIMIT,     Some(TooLong)),
            (malformed_and_long,  LIMIT,     Some(TooLong)),
            (header(9),           9,         None),
            (header(9),           8,         Some(TooLong)),
            (header(9),           0,         Some(Disabled)),
            (String::new(),       0,         None),
        ];
        for (header, limit, why) in table {
            assert_eq!(parse(header.as_bytes(), limit).error, why, "{header:?} at {limit}");
        }
    }

    #[test]
    fn writes_all_tags_or_none() {
        type Row<'a> = (u128, &'a [(&'a str, &'a str)], usize, Result<&'a str, &'static str>);
        const HIGH: u128 = 0x640c_fd8d_0000_0000 << 64;
        const TID: &str = "_dd.p.tid=640cfd8d00000000";
        let tid_in_front = format!("{TID},_dd.p.b=2");
        let tid_behind = format!("_dd.p.b=2,{TID}");
        #[rustfmt::skip]
        let table: [Row<'_>; 15] = [
            // trace id     tags                                         limit  header
            (1,             &[("_dd.p.b", "2"), ("x", ","), ("_dd.p.a", "1")], LIMIT, Ok("_dd.p.b=2,_dd.p.a=1")),
            (HIGH | 1,      &[("_dd.p.tid", "?"), ("_dd.p.b", "2")],     LIMIT, Ok(&tid_in_front)),
            (HIGH | 1,      &[("_dd.p.b", "2")],                         LIMIT, Ok(&tid_behind)),
            (1,             &[("_dd.p.tid", "1234567890abcdef")],        LIMIT, Ok("")),
            (HIGH | 1,      &[],                                         26,    Ok(TID)),
            (HIGH | 1,      &[],                                         25,    Err(INJECT_MAX_SIZE)),
            (HIGH | 1,      &[],                                         0,     Err(DISABLED)),
            (1,             &[("_dd.p.a", "\r\n")],                      0,     Err(DISABLED)),
            (1,             &[("x", "1")],                               0,     Ok("")),
            (1,             &[("_dd.p.a", "1"), ("_dd.p.b", "x,y")],     LIMIT, Err(ENCODING_ERROR)),
            (1,             &[("_dd.p.a", " ")],                         LIMIT, Err(ENCODING_ERROR)),
            (1,             &[("_dd.p.a b", "1")],                       LIMIT, Err(ENCODING_ERROR)),
            (1,             &[("_dd.p.a=b", "1")],                       LIMIT, Err(ENCODING_ERROR)),
            (1,             &[("_dd.p.dm", "--4"), ("_dd.p.a", "1")],    LIMIT, Ok("_dd.p.a=1")),
            (1,             &[("_dd.p.upstream_services", "x")],         LIMIT, Ok("")),
        ];
        for (trace_id, tags, limit, expected) in table {
            let context = SpanContext::new()
                .with_trace(TraceId::new(trace_id).unwrap(), SpanId::new(1))
                .with_trace_tags(tags.iter().copied().collect());
            let mut text = ValueText::from("before");
            let result = write(&mut text, &context, limit).map(|()| text.text(0, text.len()));
            let expected = expected.map(|header| format!("before{header}"));
            assert_eq!(result, expected.as_deref().map_err(|error| *error), "{tags:?} at {limit}");
        }
    }

    #[test]
    fn headers_as_we_write_them_are_kept_as_received() {
        let eight: Vec<_> = (1..=8).map(|number| format!("_dd.p.{number}=x")).collect();
        #[rustfmt::skip]
        let table = [
            // header                                   is kept
            ("_dd.p.dm=-1,_dd.p.tid=640cfd8d00000000".to_owned(), true),
            ("_dd.p.a=x = y".to_owned(),                true),
            (eight.join(","),                           true),
            (format!("{},_dd.p.9=x", eight.join(",")),  false),
            ("_dd.p.a=1,".to_owned(),                   false),
            ("_dd.p.a=1,_dd.p.a=2".to_owned(),          false),
            ("_dd.p.a=1,b=2".to_owned(),                false),
            ("_dd.p.a= 1".to_owned(),                   false),
            ("_dd.p.dm=4".to_owned(),                   false),
            ("_dd.p.tid=1".to_owned(),                  false),
        ];
        for (header, is_kept) in table {
            let TagsHeader { tags, .. } = parse(header.as_bytes(), LIMIT);
            assert_eq!(matches!(tags, Received::Text(..)), is_kept, "{header:?}");
        }
    }

    #[test]
    fn tags_of_another_trace_are_not_written_as_received() {
        let received = || ReceivedContext {
            trace_tags: Received::Text(b"_dd.p.tid=640cfd8d00000000,_dd.p.a=1", 2),
            ..ReceivedContext::default()
        };
        const HIGH: u128 = 0x640c_fd8d_0000_0000 << 64;
        #[rustfmt::skip]
        let table = [
            (HIGH | 1,          "_dd.p.tid=640cfd8d00000000,_dd.p.a=1"),
            (HIGH | 1 << 64 | 1, "_dd.p.tid=640cfd8d00000001,_dd.p.a=1"),
            (1,                 "_dd.p.a=1"),
        ];
        for (trace_id, header) in table {
            let context = received().into_context();
            let context = context.with_trace(TraceId::new(trace_id).unwrap(), SpanId::new(1));
            let mut text = ValueText::new();
            assert_eq!(write(&mut text, &context, LIMIT), Ok(()));
            assert_eq!(text.into_string(), header);
        }
    }
}
