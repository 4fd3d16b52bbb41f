//! The styles `b3multi` and `b3`: the same context in four headers or in one.
//!
//! ```text
//! x-b3-traceid: trace-id      b3: trace-id "-" span-id [ "-" sampling [ "-" anything ] ]
//! x-b3-spanid:  span-id       b3: sampling
//! x-b3-sampled: 0 / 1
//! x-b3-flags:   1             trace-id = 1*32 hex, not zero      sampling = "0" / "1" / "d"
//!                             span-id  = 1*16 hex
//! ```
//! A decision without any id applies to the trace that begins here. Rules: [B3
//! propagation](https://github.com/openzipkin/b3-propagation).

use packdog_api::{SamplingPriority, SpanContext, SpanId, TraceId};

use super::{
    Style, digits,
    headers::{B3, B3_FLAGS, B3_SAMPLED, B3_SPAN_ID, B3_TRACE_ID, Headers},
    incoming::{Incoming, StyleFields},
    malformed::{Header, Malformed},
    outgoing::Outgoing,
    value_text::ValueText,
};

/// The longest trace id and the longest span id, in hex digits.
const MAX_TRACE_ID_DIGITS: usize = 32;
const MAX_SPAN_ID_DIGITS: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum B3Error {
    TraceId,
    SpanId,
    /// A single field that is not a sampling decision.
    Sampling,
}

/// The span id is `None` if the trace continues without a parent.
type Ids = (TraceId, Option<SpanId>);

pub(super) fn extract_multi<'a>(
    headers: &Headers<'_>,
    malformed: &Malformed,
) -> Option<Incoming<'a>> {
    let ids = ids(headers.b3_trace_id?, headers.b3_span_id);
    let (trace_id, parent_id) = malformed.count(Header::B3, ids)?;
    let fields = StyleFields::B3 { priority: multi_sampling(headers) };
    Some(Incoming { style: Style::B3Multi, trace_id, parent_id, fields })
}

pub(super) fn extract<'a>(headers: &Headers<'_>, malformed: &Malformed) -> Option<Incoming<'a>> {
    match malformed.count(Header::B3, parse(headers.b3?))? {
        Single::Decision(_) => None,
        Single::Context((trace_id, parent_id), priority) => Some(Incoming {
            style: Style::B3,
            trace_id,
            parent_id,
            fields: StyleFields::B3 { priority },
        }),
    }
}

fn multi_sampling(headers: &Headers<'_>) -> Option<SamplingPriority> {
    match headers.b3_flags {
        Some(b"1") => Some(SamplingPriority::USER_KEEP),
        _ => headers.b3_sampled.filter(|text| *text != b"d").and_then(sampling),
    }
}

/// Returns the decision of `x-b3-*` headers without ids; a malformed id does not count as missing.
pub(super) fn multi_decision_alone(headers: &Headers<'_>) -> Option<SamplingPriority> {
    let has_ids = headers.b3_trace_id.is_some() || headers.b3_span_id.is_some();
    if has_ids { None } else { multi_sampling(headers) }
}

/// Returns the decision of a `b3` header without ids.
pub(super) fn decision_alone(headers: &Headers<'_>) -> Option<SamplingPriority> {
    match parse(headers.b3?) {
        Ok(Single::Decision(priority)) => Some(priority),
        _ => None,
    }
}

/// The content of the single header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Single {
    Decision(SamplingPriority),
    Context(Ids, Option<SamplingPriority>),
}

fn parse(header: &[u8]) -> Result<Single, B3Error> {
    let mut fields = header.split(|byte| *byte == b'-');
    let (first, span_id) = (fields.next().unwrap_or_default(), fields.next());
    if span_id.is_none() {
        return sampling(first).map(Single::Decision).ok_or(B3Error::Sampling);
    }
    Ok(Single::Context(ids(first, span_id)?, fields.next().and_then(sampling)))
}

fn ids(trace_id: &[u8], span_id: Option<&[u8]>) -> Result<Ids, B3Error> {
    let trace_id = digits::hex(trace_id, MAX_TRACE_ID_DIGITS)
        .and_then(TraceId::new)
        .ok_or(B3Error::TraceId)?;
    let span_id = match span_id {
        Some(text) => digits::hex(text, MAX_SPAN_ID_DIGITS).ok_or(B3Error::SpanId)?,
        None => 0,
    };
    Ok((trace_id, SpanId::new(span_id as u64))) // 16 digits fit.
}

fn sampling(text: &[u8]) -> Option<SamplingPriority> {
    match text {
        b"0" => Some(SamplingPriority::AUTO_DROP),
        b"1" => Some(SamplingPriority::AUTO_KEEP),
        b"d" => Some(SamplingPriority::USER_KEEP),
        _ => None,
    }
}

pub(super) fn inject_multi(
    context: &SpanContext,
    (trace_id, span_id): (TraceId, SpanId),
    headers: &mut Outgoing,
) {
    headers.push(B3_TRACE_ID, |text| push_trace_id(text, trace_id));
    headers.push(B3_SPAN_ID, |text| digits::push_hex(text, span_id.to_u64()));
    match letter(context) {
        Some(b'd') => headers.push(B3_FLAGS, |text| text.push(b'1')),
        Some(digit) => headers.push(B3_SAMPLED, |text| text.push(digit)),
        None => {}
    }
}

pub(super) fn inject(
    context: &SpanContext,
    (trace_id, span_id): (TraceId, SpanId),
    headers: &mut Outgoing,
) {
    headers.push(B3, |text| {
        push_trace_id(text, trace_id);
        text.push(b'-');
        digits::push_hex(text, span_id.to_u64());
        if let Some(letter) = letter(context) {
            text.push(b'-');
            text.push(letter);
        }
    });
}

/// Appends 16 digits if the high half is zero, else 32.
fn push_trace_id(text: &mut ValueText, trace_id: TraceId) {
    if trace_id.high() != 0 {
        digits::push_hex(text, trace_id.high());
    }
    digits::push_hex(text, trace_id.low());
}

/// Returns the decision in the form of the single header.
fn letter(context: &SpanContext) -> Option<u8> {
    context.sampling_priority().map(|priority| match priority {
        dropped if !dropped.is_kept() => b'0',
        SamplingPriority::AUTO_KEEP => b'1',
        _ => b'd',
    })
}

#[cfg(test)]
mod tests {
    use super::{B3Error as Error, *};

    fn id(trace_id: u128, span_id: u64) -> Ids {
        (TraceId::new(trace_id).unwrap(), SpanId::new(span_id))
    }

    #[test]
    fn reads_one_to_four_fields() {
        use Single::{Context, Decision};
        #[rustfmt::skip]
        let table = [
            // header                 meaning
            ("0",                     Ok(Decision(SamplingPriority::AUTO_DROP))),
            ("1",                     Ok(Decision(SamplingPriority::AUTO_KEEP))),
            ("d",                     Ok(Decision(SamplingPriority::USER_KEEP))),
            ("",                      Err(Error::Sampling)),
            ("D",                     Err(Error::Sampling)),
            ("463ac35c9f6413ad",      Err(Error::Sampling)),
            ("a-b",                   Ok(Context(id(10, 11), None))),
            ("A-B-0",                 Ok(Context(id(10, 11), Some(SamplingPriority::AUTO_DROP)))),
            ("a-b-1-c",               Ok(Context(id(10, 11), Some(SamplingPriority::AUTO_KEEP)))),
            ("a-b-d-zz-?",            Ok(Context(id(10, 11), Some(SamplingPriority::USER_KEEP)))),
            ("a-b-2",                 Ok(Context(id(10, 11), None))),
            ("a-b-",                  Ok(Context(id(10, 11), None))),
            ("a-0-1",                 Ok(Context(id(10, 0), Some(SamplingPriority::AUTO_KEEP)))),
            ("0-b-1",                 Err(Error::TraceId)),
            ("-b-1",                  Err(Error::TraceId)),
            ("a--1",                  Err(Error::SpanId)),
            ("a-x-1",                 Err(Error::SpanId)),
            ("a-00000000000000001-1", Err(Error::SpanId)),
        ];
        for (header, meaning) in table {
            assert_eq!(parse(header.as_bytes()), meaning, "{header:?}");
        }
    }

    #[test]
    fn ids_have_at_most_32_and_16_digits() {
        #[rustfmt::skip]
        let table = [
            // digits of trace id, of span id, why
            (31, 15, None),
            (32, 16, None),
            (33, 16, Some(Error::TraceId)),
            (32, 17, Some(Error::SpanId)),
        ];
        for (trace_digits, span_digits, why) in table {
            let (trace_id, span_id) = ("1".repeat(trace_digits), "1".repeat(span_digits));
            assert_eq!(
                ids(trace_id.as_bytes(), Some(span_id.as_bytes())).err(),
                why,
                "{trace_digits} {span_digits}"
            );
        }
    }

    #[test]
    fn the_debug_flag_wins_over_sampled_and_d_is_not_a_value_of_sampled() {
        #[rustfmt::skip]
        let table = [
            // flags     sampled      priority
            (Some("1"),  Some("0"),   Some(2)),
            (Some("0"),  Some("0"),   Some(0)),
            (Some("3"),  Some("1"),   Some(1)),
            (None,       Some("d"),   None),
            (None,       Some("true"), None),
            (Some("1"),  None,        Some(2)),
            (None,       None,        None),
        ];
        for (flags, sampled, priority) in table {
            let headers = Headers {
                b3_trace_id: Some(b"a"),
                b3_flags: flags.map(str::as_bytes),
                b3_sampled: sampled.map(str::as_bytes),
                ..Headers::default()
            };
            let incoming = extract_multi(&headers, &Malformed::default()).unwrap();
            assert_eq!(incoming.priority(), priority.map(SamplingPriority::new));
            assert_eq!(incoming.parent_id, None);
        }
    }
}
