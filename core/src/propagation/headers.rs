//! The header lines that propagation knows, collected in one pass over the carrier.
//!
//! Names match in any case; values lose the spaces and tabs around them, and are read as UTF-8 with
//! replacement. The treatment of repeated lines differs between headers: see [`Headers::visit`].

use std::{borrow::Cow, ptr};

use http::HeaderName;
pub(super) use packdog_api::internal::lossy as text;
use packdog_api::{SpanContext, carrier::Carrier};

use super::byte_class;

/// The names as texts, and as parsed names for header maps.
macro_rules! known_headers {
    ($($(#[$doc:meta])+ $name:ident: $text:literal;)+) => {
        $($(#[$doc])+ pub(super) const $name: &str = $text;)+

        /// The longest of the names.
        const MAX_NAME_BYTES: usize = {
            let mut max = 0;
            $(if $text.len() > max { max = $text.len() })+
            max
        };

        /// For each length of a name, the third bytes of the known names of that length: one bit
        /// for each letter.
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
        static THIRD_BYTES: [u32; MAX_NAME_BYTES + 1] = {
            let mut bytes = [0; MAX_NAME_BYTES + 1];
            $(bytes[$text.len()] |= bit_of_third_byte($text.as_bytes());)+
            bytes
        };

        /// Returns a known name in the form for header maps.
        pub(super) fn header_name(name: &str) -> Option<&'static HeaderName> {
            match name {
                $($text => {
                    static NAME: HeaderName = HeaderName::from_static($text);
                    Some(&NAME)
                })+
                _ => None,
            }
        }
    };
}

known_headers! {
    /// The low 64 bits of the trace id, in decimal.
    DATADOG_TRACE_ID: "x-datadog-trace-id";
    /// The span id of the caller, in decimal.
    DATADOG_PARENT_ID: "x-datadog-parent-id";
    /// The sampling decision, a signed integer.
    DATADOG_SAMPLING_PRIORITY: "x-datadog-sampling-priority";
    /// The product that started the trace.
    DATADOG_ORIGIN: "x-datadog-origin";
    /// The tags of the whole trace.
    DATADOG_TAGS: "x-datadog-tags";
    /// W3C's trace id, parent id and flags.
    TRACEPARENT: "traceparent";
    /// W3C's list of data that vendors add.
    TRACESTATE: "tracestate";
    /// B3 in one header.
    B3: "b3";
    /// B3's trace id.
    B3_TRACE_ID: "x-b3-traceid";
    /// B3's span id of the caller.
    B3_SPAN_ID: "x-b3-spanid";
    /// B3's sampling decision.
    B3_SAMPLED: "x-b3-sampled";
    /// B3's debug flag.
    B3_FLAGS: "x-b3-flags";
    /// W3C's list of application items.
    BAGGAGE: "baggage";
}

/// A bit for the third byte of a name in lower case; the lowest one if it is shorter.
const fn bit_of_third_byte(name: &[u8]) -> u32 {
    match name {
        [_, _, byte, ..] => 1 << (*byte & 31),
        _ => 1,
    }
}

/// Whether a name in lower case may be a known one: two bytes rule out nearly all others.
#[inline]
fn may_be_known(name: &[u8]) -> bool {
    let of_length = THIRD_BYTES.get(name.len()).copied().unwrap_or(0);
    // Half of the names are told apart by their length.
    of_length != 0 && of_length & bit_of_third_byte(name) != 0
}

/// The value of the first line; `None` if the header is absent.
pub(super) type Line<'a> = Option<&'a [u8]>;
/// The values of all lines; `None` if the header is absent.
pub(super) type List<'a> = Option<Cow<'a, [u8]>>;

/// The values of the known headers, borrowed unless lines had to be joined.
#[derive(Debug, Default)]
pub(super) struct Headers<'a> {
    pub(super) datadog_trace_id: Line<'a>,
    pub(super) datadog_parent_id: Line<'a>,
    pub(super) datadog_sampling_priority: Line<'a>,
    pub(super) datadog_origin: Line<'a>,
    pub(super) traceparent: Line<'a>,
    pub(super) b3: Line<'a>,
    pub(super) b3_trace_id: Line<'a>,
    pub(super) b3_span_id: Line<'a>,
    pub(super) b3_sampled: Line<'a>,
    pub(super) b3_flags: Line<'a>,
    pub(super) datadog_tags: List<'a>,
    pub(super) tracestate: List<'a>,
    pub(super) baggage: List<'a>,
    pub(super) has_any: bool,
}

impl<'a> Headers<'a> {
    pub(super) fn gather(carrier: &'a dyn Carrier) -> Self {
        let mut headers = Self::default();
        // A map is iterated without a call per line, and its names are already in lower case.
        if let Some(map) = carrier.as_header_map() {
            // The names alone are read up to the first known one, for a third of what lines cost: most
            // requests have none, and those of a trace are usually behind the others.
            let mut names = map.keys();
            if let Some(first) = names.find(|name| may_be_known(name.as_str().as_bytes())) {
                for (name, value) in map.iter().skip_while(|(name, _)| !ptr::eq(*name, first)) {
                    let name = name.as_str().as_bytes();
                    if may_be_known(name) {
                        headers.visit(name, value.as_bytes());
                    }
                }
            }
            return headers;
        }
        carrier.for_each(&mut |name, value| {
            let mut lower = [0; MAX_NAME_BYTES];
            if let Some(lower) = lower.get_mut(..name.len()) {
                lower.copy_from_slice(name.as_bytes());
                lower.make_ascii_lowercase();
                headers.visit(lower, value);
            }
        });
        headers
    }

    /// Whether none of the known headers is present.
    pub(super) fn is_empty(&self) -> bool {
        !self.has_any
    }

    /// Takes one line; the name is in lower case.
    fn visit(&mut self, name: &[u8], value: &'a [u8]) {
        let is = |known: &str| name == known.as_bytes();
        // Checks the length first, because most headers of a request are not ours.
        match name.len() {
            2 if is(B3) => first(&mut self.b3, value),
            7 if is(BAGGAGE) => join(&mut self.baggage, value),
            10 if is(TRACESTATE) => join(&mut self.tracestate, value),
            10 if is(B3_FLAGS) => first(&mut self.b3_flags, value),
            11 if is(TRACEPARENT) => only(&mut self.traceparent, value),
            11 if is(B3_SPAN_ID) => first(&mut self.b3_span_id, value),
            12 if is(B3_TRACE_ID) => first(&mut self.b3_trace_id, value),
            12 if is(B3_SAMPLED) => first(&mut self.b3_sampled, value),
            14 if is(DATADOG_TAGS) => join_filled(&mut self.datadog_tags, value),
            16 if is(DATADOG_ORIGIN) => first(&mut self.datadog_origin, value),
            18 if is(DATADOG_TRACE_ID) => first(&mut self.datadog_trace_id, value),
            19 if is(DATADOG_PARENT_ID) => first(&mut self.datadog_parent_id, value),
            27 if is(DATADOG_SAMPLING_PRIORITY) => {
                first(&mut self.datadog_sampling_priority, value)
            }
            _ => return,
        }
        self.has_any = true;
    }
}

/// Repeated lines are ignored.
fn first<'a>(line: &mut Line<'a>, value: &'a [u8]) {
    line.get_or_insert(trim(value));
}

/// A repeated line leaves an empty value, which no grammar accepts.
fn only<'a>(line: &mut Line<'a>, value: &'a [u8]) {
    *line = Some(if line.is_some() { b"" } else { trim(value) });
}

/// Repeated lines are joined with `,`.
#[inline]
fn join<'a>(list: &mut List<'a>, value: &'a [u8]) {
    match list {
        None => *list = Some(Cow::Borrowed(trim(value))),
        Some(joined) => join_again(joined, trim(value)),
    }
}

#[cold]
fn join_again(joined: &mut Cow<'_, [u8]>, value: &[u8]) {
    let joined = joined.to_mut();
    joined.push(b',');
    joined.extend_from_slice(value);
}

/// Repeated lines are joined with `,`, except empty ones.
fn join_filled<'a>(list: &mut List<'a>, value: &'a [u8]) {
    if list.as_deref().is_some_and(<[u8]>::is_empty) {
        *list = None;
    }
    if list.is_none() || !trim(value).is_empty() {
        join(list, value);
    }
}

/// Returns the value without HTTP's optional white space around it: spaces and tabs.
#[inline]
pub(super) fn trim(value: &[u8]) -> &[u8] {
    match value {
        [b' ' | b'\t', ..] | [.., b' ' | b'\t'] => trim_blanks(value),
        _ => value, // Nearly always: servers trim the lines that they receive.
    }
}

#[cold]
fn trim_blanks(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = value {
        value = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// Like [`trim`], of a text.
pub(super) fn trim_text(text: &str) -> &str {
    let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    match text.as_bytes() {
        bytes if is_blank(bytes.first()) || is_blank(bytes.last()) => {
            text.trim_matches([' ', '\t'])
        }
        _ => text, // Nearly always.
    }
}

/// Whether this is a valid origin: printable ASCII, not empty and not longer than the limit.
pub(super) fn is_origin(text: &str) -> bool {
    (1..=SpanContext::MAX_ORIGIN_BYTES).contains(&text.len())
        && byte_class::are_all(text, byte_class::PRINTABLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognises_its_headers_in_any_case_but_no_similar_ones() {
        let known = [
            DATADOG_TRACE_ID,
            DATADOG_PARENT_ID,
            DATADOG_SAMPLING_PRIORITY,
            DATADOG_ORIGIN,
            DATADOG_TAGS,
            TRACEPARENT,
            TRACESTATE,
            B3,
            B3_TRACE_ID,
            B3_SPAN_ID,
            B3_SAMPLED,
            B3_FLAGS,
            BAGGAGE,
        ];
        let lines: Vec<_> =
            known.iter().map(|name| (name.to_ascii_uppercase(), name.as_bytes())).collect();
        let headers = Headers::gather(&lines);
        let values = [
            headers.datadog_trace_id,
            headers.datadog_parent_id,
            headers.datadog_sampling_priority,
            headers.datadog_origin,
            headers.datadog_tags.as_deref(),
            headers.traceparent,
            headers.tracestate.as_deref(),
            headers.b3,
            headers.b3_trace_id,
            headers.b3_span_id,
            headers.b3_sampled,
            headers.b3_flags,
            headers.baggage.as_deref(),
        ];
        assert_eq!(values.map(Option::unwrap), known.map(str::as_bytes));
        for name in known {
            assert_eq!(header_name(name).unwrap().as_str(), name);
            // Alone, so that nothing but its own name tells of it.
            let map = http::HeaderMap::from_iter([(
                header_name(name).unwrap().clone(),
                "a".parse().unwrap(),
            )]);
            assert!(!Headers::gather(&map).is_empty(), "{name}");
        }

        let lines: Vec<(_, &[u8])> = vec![("trace-parent", b"1"), ("trace_state", b"1")];
        let headers = Headers::gather(&lines);
        assert_eq!((headers.traceparent, headers.tracestate), (None, None));
    }

    #[test]
    fn repeated_lines_are_joined_ignored_or_rejected() {
        let lines: Vec<(_, &[u8])> = vec![
            (TRACEPARENT, b"a"),
            (TRACEPARENT, b"a"),
            (TRACESTATE, b""),
            (TRACESTATE, b" a\t"),
            (BAGGAGE, b"a"),
            (BAGGAGE, b""),
            (BAGGAGE, b"b"),
            (DATADOG_TAGS, b""),
            (DATADOG_TAGS, b"a"),
            (DATADOG_TAGS, b" "),
            (DATADOG_TAGS, b"b"),
            (DATADOG_ORIGIN, b""),
            (DATADOG_ORIGIN, b"a"),
        ];
        let headers = Headers::gather(&lines);
        #[rustfmt::skip]
        let table = [
            (headers.traceparent,             ""),
            (headers.tracestate.as_deref(),   ",a"),
            (headers.baggage.as_deref(),      "a,,b"),
            (headers.datadog_tags.as_deref(), "a,b"),
            (headers.datadog_origin,          ""),
        ];
        for (value, expected) in table {
            assert_eq!(value, Some(expected.as_bytes()));
        }
    }

    #[test]
    fn values_are_utf8_with_replacement_and_trimmed() {
        let read = |value| text(trim(value)).into_owned();
        assert_eq!(read(b"\t a b \t"), "a b");
        assert_eq!(read(b" \xff\xc3\xa9 "), "\u{fffd}é");
        assert_eq!(read(b" \r"), "\r");
        for text in ["", " ", "a", " a", "a\t", "\t a b \t"] {
            assert_eq!(trim_text(text).as_bytes(), trim(text.as_bytes()), "{text:?}");
        }
    }
}
