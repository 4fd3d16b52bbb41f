//! The style `datadog`: the original headers of Datadog's tracers.
//!
//! ```text
//! x-datadog-trace-id           decimal, 1 to 2^64-1: the low half of the trace id
//! x-datadog-parent-id          decimal; absent or 0: the trace continues without a parent
//! x-datadog-sampling-priority  signed decimal of 32 bits; absent: undecided
//! x-datadog-origin             printable ASCII, kept unchanged
//! x-datadog-tags               see `tags_header`
//! ```
//! Rules: [Datadog, trace context propagation](https://docs.datadoghq.com/tracing/trace_collection/trace_context_propagation/).

use packdog_api::{SamplingPriority, SpanContext, SpanId, TraceId};

use super::{
    Style, digits,
    headers::{
        DATADOG_ORIGIN, DATADOG_PARENT_ID, DATADOG_SAMPLING_PRIORITY, DATADOG_TAGS,
        DATADOG_TRACE_ID, Headers, is_origin,
    },
    incoming::{Incoming, StyleFields},
    malformed::{Header, Malformed},
    outgoing::Outgoing,
    tags_header::{self, TagsError},
};

/// The three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Numbers {
    low_trace_id: u64,
    parent_id: Option<SpanId>,
    priority: Option<SamplingPriority>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NumberError {
    TraceId,
    ParentId,
    Priority,
}

pub(super) fn extract<'a>(
    headers: &'a Headers<'_>,
    tags_max_bytes: usize,
    malformed: &Malformed,
) -> Option<Incoming<'a>> {
    let numbers = numbers(
        headers.datadog_trace_id?,
        headers.datadog_parent_id,
        headers.datadog_sampling_priority,
    );
    let Numbers { low_trace_id, parent_id, priority } =
        malformed.count(Header::Datadog, numbers)?;
    let tags = headers.datadog_tags.as_deref().unwrap_or_default();
    let tags = tags_header::parse(tags, tags_max_bytes);
    if tags.error.as_ref().is_some_and(TagsError::is_malformed) {
        malformed.add(Header::DatadogTags);
    }
    let trace_id = u128::from(tags.high_trace_id) << 64 | u128::from(low_trace_id);
    Some(Incoming {
        style: Style::Datadog,
        trace_id: TraceId::new(trace_id)?,
        parent_id,
        fields: StyleFields::Datadog {
            priority,
            origin: headers.datadog_origin.and_then(origin),
            tags,
        },
    })
}

/// The origins that Datadog's products write.
const PRODUCTS: [&str; 4] = ["rum", "synthetics", "synthetics-browser", "lambda"];

/// Reads an origin. Nearly all are those of products: comparing costs a third of checking.
fn origin(value: &[u8]) -> Option<&str> {
    let product = PRODUCTS.into_iter().find(|product| product.as_bytes() == value);
    product.or_else(|| str::from_utf8(value).ok().filter(|text| is_origin(text)))
}

fn numbers(
    trace_id: &[u8],
    parent_id: Option<&[u8]>,
    priority: Option<&[u8]>,
) -> Result<Numbers, NumberError> {
    let low_trace_id =
        digits::decimal_u64(trace_id).filter(|id| *id != 0).ok_or(NumberError::TraceId)?;
    let parent_id = match parent_id {
        Some(text) => SpanId::new(digits::decimal_u64(text).ok_or(NumberError::ParentId)?),
        None => None,
    };
    let priority = match priority {
        Some(text) => Some(digits::decimal_i32(text).ok_or(NumberError::Priority)?),
        None => None,
    };
    Ok(Numbers { low_trace_id, parent_id, priority: priority.map(SamplingPriority::new) })
}

/// Adds the headers; returns an error as the value of `_dd.propagation_error`.
pub(super) fn inject(
    context: &SpanContext,
    (trace_id, span_id): (TraceId, SpanId),
    tags_max_bytes: usize,
    headers: &mut Outgoing,
) -> Result<(), &'static str> {
    // W3C allows an id whose low half is zero; here it would be a zero, which every reader rejects.
    if trace_id.low() == 0 {
        return Ok(());
    }
    headers.push(DATADOG_TRACE_ID, |text| digits::push_decimal(text, trace_id.low()));
    headers.push(DATADOG_PARENT_ID, |text| digits::push_decimal(text, span_id.to_u64()));
    if let Some(priority) = context.sampling_priority() {
        headers.push(DATADOG_SAMPLING_PRIORITY, |text| {
            digits::push_signed(text, priority.to_i32());
        });
    }
    // Characters that peers reject, such as line breaks, must not reach a header.
    if let Some(origin) = context.origin().filter(|origin| is_origin(origin)) {
        headers.push(DATADOG_ORIGIN, |text| text.push_str(origin));
    }
    let mut result = Ok(());
    headers.push(DATADOG_TAGS, |text| result = tags_header::write(text, context, tags_max_bytes));
    result
}

#[cfg(test)]
mod tests {
    use super::{NumberError::*, *};

    #[test]
    fn one_malformed_number_rejects_the_whole_context() {
        #[rustfmt::skip]
        let table = [
            // trace id               parent id                     priority        why
            ("0",                     Some("1"),                    Some("1"),      TraceId),
            ("",                      Some("1"),                    Some("1"),      TraceId),
            ("-1",                    Some("1"),                    Some("1"),      TraceId),
            ("18446744073709551616",  Some("1"),                    Some("1"),      TraceId),
            ("1",                     Some(""),                     Some("1"),      ParentId),
            ("1",                     Some("-1"),                   Some("1"),      ParentId),
            ("1",                     Some("18446744073709551616"), Some("1"),      ParentId),
            ("1",                     Some("1"),                    Some(""),       Priority),
            ("1",                     Some("1"),                    Some("1.0"),    Priority),
            ("1",                     Some("1"),                    Some("+1"),     Priority),
            ("1",                     None,                         Some("high"),   Priority),
            ("1",                     None,                         Some("2147483648"), Priority),
        ];
        for (trace_id, parent_id, priority, why) in table {
            assert_eq!(
                numbers(
                    trace_id.as_bytes(),
                    parent_id.map(str::as_bytes),
                    priority.map(str::as_bytes)
                ),
                Err(why),
                "{trace_id:?} {parent_id:?} {priority:?}"
            );
        }
    }

    #[test]
    fn a_trace_continues_without_parent_and_decision() {
        #[rustfmt::skip]
        let table = [
            // parent id  priority     parent   decision
            (None,        None,        None,    None),
            (Some("0"),   Some("-2"),  None,    Some(-2)),
            (Some("07"),  Some("-0"),  Some(7), Some(0)),
            (Some("7"),   Some("99"),  Some(7), Some(99)),
        ];
        for (parent_id, priority, parent, decision) in table {
            let expected = Numbers {
                low_trace_id: 5,
                parent_id: parent.and_then(SpanId::new),
                priority: decision.map(SamplingPriority::new),
            };
            let (parent_id, priority) = (parent_id.map(str::as_bytes), priority.map(str::as_bytes));
            assert_eq!(numbers(b"05", parent_id, priority), Ok(expected));
        }
    }

    #[test]
    fn an_origin_is_printable_and_whole() {
        #[rustfmt::skip]
        let table = [
            ("synthetics;=web,z", true),
            ("a b~",              true),
            ("",                  false),
            ("caf\u{e9}",         false),
            ("a\tb",              false),
            ("a\r\nx-evil: 1",    false),
            ("a\u{7f}",           false),
            (&"o".repeat(256),     true),
            (&"o".repeat(257),     false),
        ];
        for (origin, expected) in table {
            assert_eq!(is_origin(origin), expected, "{origin:?}");
        }
    }

    #[test]
    fn an_id_whose_low_half_is_zero_writes_nothing() {
        let trace_id = packdog_api::TraceId::new(7 << 64).unwrap();
        let mut headers = Outgoing::new();
        let ids = (trace_id, SpanId::new(1).unwrap());
        assert_eq!(inject(&SpanContext::new(), ids, 512, &mut headers), Ok(()));
        assert_eq!(headers.iter().count(), 0);
    }

    #[test]
    fn an_origin_of_a_product_is_read_as_any_other_one() {
        for known in PRODUCTS {
            assert!(is_origin(known));
            assert_eq!(origin(known.as_bytes()), Some(known));
        }
        assert_eq!(origin(b"Rum"), Some("Rum"));
        assert_eq!(origin(b"r\xfcm"), None);
        assert_eq!(origin("r\u{fc}m".as_bytes()), None);
        assert_eq!(origin(b""), None);
    }
}
