//! The header lines that propagation knows, gathered in one walk over the carrier.
//!
//! Names match in any case; values are UTF-8 with replacement, without the spaces and tabs around
//! them. What happens to repeated lines differs from header to header: see [`Headers::visit`].

use std::borrow::Cow;

use packdog_api::{SpanContext, carrier::Carrier};

/// The low 64 bits of the trace id, in decimal.
pub(super) const DATADOG_TRACE_ID: &str = "x-datadog-trace-id";
/// The span id of the caller, in decimal.
pub(super) const DATADOG_PARENT_ID: &str = "x-datadog-parent-id";
/// The sampling decision, a signed integer.
pub(super) const DATADOG_SAMPLING_PRIORITY: &str = "x-datadog-sampling-priority";
/// The product that started the trace.
pub(super) const DATADOG_ORIGIN: &str = "x-datadog-origin";
/// The tags of the whole trace.
pub(super) const DATADOG_TAGS: &str = "x-datadog-tags";
/// W3C's trace id, parent id and flags.
pub(super) const TRACEPARENT: &str = "traceparent";
/// W3C's list of what vendors add.
pub(super) const TRACESTATE: &str = "tracestate";
/// B3 in one header.
pub(super) const B3: &str = "b3";
/// B3's trace id.
pub(super) const B3_TRACE_ID: &str = "x-b3-traceid";
/// B3's span id of the caller.
pub(super) const B3_SPAN_ID: &str = "x-b3-spanid";
/// B3's sampling decision.
pub(super) const B3_SAMPLED: &str = "x-b3-sampled";
/// B3's debug flag.
pub(super) const B3_FLAGS: &str = "x-b3-flags";
/// W3C's list of application items.
pub(super) const BAGGAGE: &str = "baggage";

/// A header value; `None` if the header is absent.
type Field<'a> = Option<Cow<'a, str>>;

/// The values of the known headers, borrowed unless lines had to be joined or repaired.
#[derive(Debug, Default)]
pub(super) struct Headers<'a> {
    pub(super) datadog_trace_id: Field<'a>,
    pub(super) datadog_parent_id: Field<'a>,
    pub(super) datadog_sampling_priority: Field<'a>,
    pub(super) datadog_origin: Field<'a>,
    pub(super) datadog_tags: Field<'a>,
    pub(super) traceparent: Field<'a>,
    pub(super) tracestate: Field<'a>,
    pub(super) b3: Field<'a>,
    pub(super) b3_trace_id: Field<'a>,
    pub(super) b3_span_id: Field<'a>,
    pub(super) b3_sampled: Field<'a>,
    pub(super) b3_flags: Field<'a>,
    pub(super) baggage: Field<'a>,
}

/// What a repeated line does to the value.
#[derive(Clone, Copy)]
enum Repeated {
    /// It is ignored.
    KeepFirst,
    /// It is joined with `,`.
    Join,
    /// It is joined with `,` unless one of the two is empty.
    JoinFilled,
    /// It leaves an empty value, which no grammar accepts.
    Reject,
}

impl<'a> Headers<'a> {
    pub(super) fn gather(carrier: &'a dyn Carrier) -> Self {
        let mut headers = Self::default();
        carrier.for_each(&mut |name, value| headers.visit(name, value));
        headers
    }

    fn visit(&mut self, name: &str, value: &'a [u8]) {
        use Repeated::{Join, JoinFilled, KeepFirst, Reject};
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        // By length first: most headers of a request are not ours.
        let (field, repeated) = match name.len() {
            2 if is(B3) => (&mut self.b3, KeepFirst),
            7 if is(BAGGAGE) => (&mut self.baggage, Join),
            10 if is(TRACESTATE) => (&mut self.tracestate, Join),
            10 if is(B3_FLAGS) => (&mut self.b3_flags, KeepFirst),
            11 if is(TRACEPARENT) => (&mut self.traceparent, Reject),
            11 if is(B3_SPAN_ID) => (&mut self.b3_span_id, KeepFirst),
            12 if is(B3_TRACE_ID) => (&mut self.b3_trace_id, KeepFirst),
            12 if is(B3_SAMPLED) => (&mut self.b3_sampled, KeepFirst),
            14 if is(DATADOG_TAGS) => (&mut self.datadog_tags, JoinFilled),
            16 if is(DATADOG_ORIGIN) => (&mut self.datadog_origin, KeepFirst),
            18 if is(DATADOG_TRACE_ID) => (&mut self.datadog_trace_id, KeepFirst),
            19 if is(DATADOG_PARENT_ID) => (&mut self.datadog_parent_id, KeepFirst),
            27 if is(DATADOG_SAMPLING_PRIORITY) => (&mut self.datadog_sampling_priority, KeepFirst),
            _ => return,
        };
        let value = text(value);
        match (field, repeated) {
            (field @ None, _) => *field = Some(value),
            (Some(_), KeepFirst) => {}
            (Some(joined), JoinFilled) if joined.is_empty() => *joined = value,
            (Some(_), JoinFilled) if value.is_empty() => {}
            (Some(joined), Join | JoinFilled) => {
                let joined = joined.to_mut();
                joined.push(',');
                joined.push_str(&value);
            }
            (Some(rejected), Reject) => *rejected = Cow::Borrowed(""),
        }
    }
}

/// A header value as text: UTF-8 with replacement, without optional whitespace around it.
pub(super) fn text(value: &[u8]) -> Cow<'_, str> {
    match String::from_utf8_lossy(value) {
        Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
        Cow::Owned(text) => Cow::Owned(trim(&text).to_owned()),
    }
}

/// Without HTTP's optional whitespace around it: spaces and tabs.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// Whether this is an origin: printable ASCII, not empty and not longer than its limit.
pub(super) fn is_origin(text: &str) -> bool {
    (1..=SpanContext::MAX_ORIGIN_BYTES).contains(&text.len()) && text.bytes().all(is_printable)
}

/// The characters that pass through headers unharmed: `%x20-7E`.
pub(super) fn is_printable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_headers_in_any_case_and_no_similar_ones() {
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
            headers.datadog_tags,
            headers.traceparent,
            headers.tracestate,
            headers.b3,
            headers.b3_trace_id,
            headers.b3_span_id,
            headers.b3_sampled,
            headers.b3_flags,
            headers.baggage,
        ];
        assert_eq!(values.map(Option::unwrap), known.map(Cow::Borrowed));

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
            (headers.traceparent,    ""),
            (headers.tracestate,     ",a"),
            (headers.baggage,        "a,,b"),
            (headers.datadog_tags,   "a,b"),
            (headers.datadog_origin, ""),
        ];
        for (value, expected) in table {
            assert_eq!(value.as_deref(), Some(expected));
        }
    }

    #[test]
    fn values_are_utf8_with_replacement_and_trimmed() {
        assert_eq!(text(b"\t a b \t"), "a b");
        assert_eq!(text(b" \xff\xc3\xa9 "), "\u{fffd}é");
        assert_eq!(text(b" \r"), "\r");
    }
}
