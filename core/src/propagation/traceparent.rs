//! The `traceparent` header: trace id, parent id, and flags for sampling and randomness.
//!
//! ```text
//! version "-" trace-id "-" parent-id "-" flags [ "-" anything ]
//!   2 hex      32 hex        16 hex      2 hex     lowercase only
//! ```
//! Rules: [W3C Trace Context, `traceparent`](https://www.w3.org/TR/trace-context/#traceparent-header).

use packdog_api::{SpanId, TraceId};

use super::{
    digits::{self, Hex},
    value_text::ValueText,
};

/// The known flags; all others are ignored, and written as zero.
const SAMPLED: u8 = 1;
const RANDOM: u8 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Traceparent {
    pub(super) trace_id: TraceId,
    pub(super) parent_id: SpanId,
    pub(super) is_sampled: bool,
    /// Whether the trace id is known to be random: a flag of Level 2.
    pub(super) is_random: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TraceparentError {
    /// A field is missing, has the wrong length or is not lowercase hex.
    Malformed,
    /// The version is `ff`, or there are more fields than the version defines.
    Version,
    /// A trace or parent id is zero.
    ZeroId,
}

/// Reads a header that probably has these ids, as a peer writes it in several styles.
///
/// A fast path: the ids are written down and compared, for a quarter of what reading costs.
pub(super) fn parse_expected(
    header: &[u8],
    (trace_id, parent_id): (TraceId, SpanId),
) -> Result<Traceparent, TraceparentError> {
    match header.strip_prefix(prefix(trace_id, parent_id).as_slice()) {
        Some([digit @ b'0'..=b'3']) => {
            let (is_sampled, is_random) = flags(digit - b'0');
            Ok(Traceparent { trace_id, parent_id, is_sampled, is_random })
        }
        _ => parse(header),
    }
}

pub(super) fn parse(header: &[u8]) -> Result<Traceparent, TraceparentError> {
    let (version, rest) = field::<2>(header)?;
    let (trace_id, rest) = field::<32>(dash(rest)?)?;
    let (parent_id, rest) = field::<16>(dash(rest)?)?;
    let (flags, rest) = field::<2>(dash(rest)?)?;
    match (version, rest) {
        (0, []) | (1..=0xfe, [] | [b'-', ..]) => {} // Later versions may append fields.
        _ => return Err(TraceparentError::Version),
    }
    let parent_id = parent_id as u64; // 16 digits fit.
    match (TraceId::new(trace_id), SpanId::new(parent_id)) {
        (Some(trace_id), Some(parent_id)) => {
            let (is_sampled, is_random) = self::flags(flags as u8); // Two digits fit.
            Ok(Traceparent { trace_id, parent_id, is_sampled, is_random })
        }
        _ => Err(TraceparentError::ZeroId),
    }
}

fn field<const N: usize>(text: &[u8]) -> Result<(u128, &[u8]), TraceparentError> {
    digits::lower_hex::<N>(text).ok_or(TraceparentError::Malformed)
}

fn dash(text: &[u8]) -> Result<&[u8], TraceparentError> {
    text.strip_prefix(b"-").ok_or(TraceparentError::Malformed)
}

/// Returns the known flags: sampled, random.
pub(super) fn flags(flags: u8) -> (bool, bool) {
    (flags & SAMPLED != 0, flags & RANDOM != 0)
}

/// Appends version `00` of the header.
pub(super) fn write(text: &mut ValueText, traceparent: Traceparent) {
    let Traceparent { trace_id, parent_id, is_sampled, is_random } = traceparent;
    // Appended in one piece: each of its ids alone would cost as much.
    text.push_digits(&prefix(trace_id, parent_id));
    text.push(match (is_random, is_sampled) {
        (false, false) => b'0',
        (false, true) => b'1',
        (true, false) => b'2',
        (true, true) => b'3',
    });
}

/// Returns version `00` of the header without the last digit of its flags.
fn prefix(trace_id: TraceId, parent_id: SpanId) -> [u8; 54] {
    let mut text = *b"00-tttttttttttttttttttttttttttttttt-pppppppppppppppp-0";
    let numbers = [(3, trace_id.high()), (19, trace_id.low()), (36, parent_id.to_u64())];
    for (start, number) in numbers {
        if let Some(place) = text.get_mut(start..start + 16) {
            place.copy_from_slice(Hex::of(number).as_bytes());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{TraceparentError::*, *};

    #[test]
    fn rejects_text_that_the_grammar_forbids() {
        #[rustfmt::skip]
        let table = [
            // header                                                       why
            ("",                                                            Malformed),
            ("00",                                                          Malformed),
            ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",     Malformed),
            ("0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",      Malformed),
            ("00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",      Malformed),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",      Malformed),
            ("00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",     Malformed),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",     Malformed),
            ("FF-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",     Malformed),
            ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",     Version),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",    Version),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 ",    Version),
            ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.x",   Version),
            ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-010",    Version),
            ("00-00000000000000000000000000000000-00f067aa0ba902b7-01",     ZeroId),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",     ZeroId),
        ];
        for (header, why) in table {
            assert_eq!(parse(header.as_bytes()), Err(why), "{header:?}");
            let trace_id = TraceId::new(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736).unwrap();
            let parent_id = SpanId::new(0x00f0_67aa_0ba9_02b7).unwrap();
            let read = parse_expected(header.as_bytes(), (trace_id, parent_id));
            assert_eq!(read, Err(why), "{header:?}");
        }
        assert_eq!(parse("0".repeat(10_000).as_bytes()), Err(Malformed));
    }

    #[test]
    fn accepts_later_versions_and_reads_two_bits_of_the_flags() {
        let trace_id = TraceId::new(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736).unwrap();
        let parent_id = SpanId::new(0x00f0_67aa_0ba9_02b7).unwrap();
        #[rustfmt::skip]
        let table = [
            // before  after          sampled  random
            ("00",     "01",          true,    false),
            ("00",     "00",          false,   false),
            ("00",     "02",          false,   true),
            ("00",     "03",          true,    true),
            ("00",     "fc",          false,   false),
            ("00",     "fe",          false,   true),
            ("00",     "ff",          true,    true),
            ("01",     "01",          true,    false),
            ("fe",     "00-",         false,   false),
            ("cc",     "03-what-the", true,    true),
        ];
        for (version, end, is_sampled, is_random) in table {
            let header = format!("{version}-{trace_id}-{parent_id}-{end}");
            let expected = Traceparent { trace_id, parent_id, is_sampled, is_random };
            assert_eq!(parse(header.as_bytes()), Ok(expected), "{header:?}");
            let other_id = SpanId::new(1).unwrap();
            for ids in [(trace_id, parent_id), (trace_id, other_id)] {
                assert_eq!(parse_expected(header.as_bytes(), ids), Ok(expected), "{header:?}");
            }
            let mut text = ValueText::new();
            write(&mut text, expected);
            assert_eq!(parse(text.as_bytes()), Ok(expected), "{text:?}");
        }
    }
}
