//! The grammar and the limits of outgoing headers, written again and independently of core.

use packdog::propagation::PropagationConfig;

/// The most members, and the most bytes, of `tracestate` and of our member in it.
const TRACESTATE_MAX_MEMBERS: usize = 32;
const TRACESTATE_MAX_BYTES: usize = 4096;
const DD_MEMBER_MAX_BYTES: usize = 256;

/// Checks all headers of one injection.
pub(crate) fn check(headers: &[(String, String)]) {
    for (index, (name, value)) in headers.iter().enumerate() {
        assert!(!headers[..index].iter().any(|(other, _)| other == name), "{name} twice");
        assert!(!value.is_empty(), "{name} is empty");
        assert!(value.bytes().all(is_printable), "{name}: {value:?}");
        assert!(follows_its_grammar(name, value), "{name}: {value}");
    }
}

fn follows_its_grammar(name: &str, value: &str) -> bool {
    match name {
        "x-datadog-trace-id" | "x-datadog-parent-id" => {
            value.parse::<u64>().is_ok_and(|id| id != 0)
        }
        "x-datadog-sampling-priority" => value.parse::<i32>().is_ok(),
        "x-datadog-origin" => value.len() <= 256,
        "x-datadog-tags" => {
            value.len() <= PropagationConfig::X_DATADOG_TAGS_MAX_BYTES
                && value.split(',').all(|tag| tag.starts_with("_dd.p.") && tag.contains('='))
        }
        "traceparent" => is_traceparent(value),
        "tracestate" => {
            value.len() <= TRACESTATE_MAX_BYTES
                && value.split(',').count() <= TRACESTATE_MAX_MEMBERS
                && value.split(',').all(is_member)
        }
        "b3" => {
            let ids: Vec<_> = value.splitn(3, '-').collect();
            let decision = ids.get(2).is_none_or(|it| matches!(*it, "0" | "1" | "d"));
            ids.len() >= 2 && is_trace_id(ids[0]) && is_hex(ids[1], 16) && decision
        }
        "x-b3-traceid" => is_trace_id(value),
        "x-b3-spanid" => is_hex(value, 16),
        "x-b3-sampled" => matches!(value, "0" | "1"),
        "x-b3-flags" => value == "1",
        "baggage" => {
            value.len() <= PropagationConfig::BAGGAGE_MAX_BYTES
                && value.split(',').count() <= PropagationConfig::BAGGAGE_MAX_ITEMS
                && value.split(',').all(is_item)
        }
        _ => {
            let key = name.strip_prefix("ot-baggage-").unwrap_or_default();
            !key.is_empty() && !name.bytes().any(|byte| byte.is_ascii_uppercase())
        }
    }
}

fn is_traceparent(value: &str) -> bool {
    let fields: Vec<_> = value.split('-').collect();
    matches!(fields[..], ["00", trace_id, parent_id, "00" | "01" | "02" | "03"]
        if is_hex(trace_id, 32) && is_hex(parent_id, 16))
}

/// A list member of W3C; ours may have the characters that Datadog's tracers put there.
fn is_member(member: &str) -> bool {
    let Some((key, value)) = member.split_once('=') else { return false };
    match key {
        "dd" => (1..=DD_MEMBER_MAX_BYTES).contains(&member.len()) && !value.contains('='),
        _ => {
            let is_key = |byte: u8| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-*/@".contains(&byte)
            };
            (1..=256).contains(&key.len())
                && key.bytes().all(is_key)
                && (1..=256).contains(&value.len())
                && !value.contains('=')
                && !value.ends_with(' ')
        }
    }
}

/// An item of baggage: a token, and octets that W3C allows.
fn is_item(item: &str) -> bool {
    let Some((key, value)) = item.split_once('=') else { return false };
    let is_octet = |byte: u8| byte.is_ascii_graphic() && !b"\",;\\=".contains(&byte);
    let is_token = |byte: u8| is_octet(byte) && !b"()/:<>?@[]{}".contains(&byte);
    !key.is_empty() && key.bytes().all(is_token) && !value.is_empty() && value.bytes().all(is_octet)
}

fn is_trace_id(text: &str) -> bool {
    is_hex(text, 16) || is_hex(text, 32)
}

/// So many lowercase digits, not all of them zero.
fn is_hex(text: &str, digits: usize) -> bool {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    text.len() == digits && text.bytes().all(is_digit) && text.bytes().any(|byte| byte != b'0')
}

fn is_printable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}
