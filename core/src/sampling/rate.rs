//! A sample rate. It keeps the same traces in every tracer of a trace.
//!
//! ```text
//! hash = low half of the trace id * 1111111111111111111   mod 2^64
//! kept = rate >= 1, or rate > 0 and hash <= rate * (2^64 - 1)
//! ```
//! Of two services with the same rate, the second keeps the traces that the first kept; with a
//! lower rate, a subset of them.

use std::fmt;

use packdog_api::TraceId;

/// Knuth's multiplicative hash, with the factor that Datadog's tracers share.
const HASH_FACTOR: u64 = 1_111_111_111_111_111_111;
/// 2^64 - 1 as a float.
const MAX_HASH: f64 = u64::MAX as f64;
/// 2^56: the numbers that describe a probability in `tracestate` have 56 bits.
const PROBABILITY_RANGE: f64 = (1_u64 << 56) as f64;
/// The largest number of 56 bits.
const MAX_THRESHOLD: u64 = (1 << 56) - 1;
/// The decimals of a rate that travels as a text.
const DECIMALS: f64 = 1e6;

/// The fraction of traces that is kept, from 0 to 1.
///
/// Its text form is that of the trace tag `_dd.p.ksr`: at most six decimals.
///
/// ```
/// use packdog::sampling::{NotARate, SampleRate};
///
/// # fn main() -> Result<(), NotARate> {
/// assert_eq!(SampleRate::new(1.0 / 3.0)?.to_string(), "0.333333");
/// assert!(SampleRate::new(7.0).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SampleRate {
    rate: f64,
    /// Formatted once, because each trace carries it.
    text: String,
    /// The share of dropped traces, in 2^56ths.
    threshold: u64,
}

/// The error of a number that is not from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotARate;

impl SampleRate {
    /// Returns the rate of a number from 0 to 1.
    ///
    /// # Errors
    /// Returns an error if the number is below 0, above 1, or NaN.
    pub fn new(rate: f64) -> Result<Self, NotARate> {
        if !(0.0..=1.0).contains(&rate) {
            return Err(NotARate);
        }
        let rounded = (rate.abs() * DECIMALS).round() / DECIMALS; // There is a zero with a sign.
        let threshold = ((1.0 - rate) * PROBABILITY_RANGE).round() as u64;
        Ok(Self { rate, text: rounded.to_string(), threshold: threshold.min(MAX_THRESHOLD) })
    }

    /// Returns the rate nearest to a number.
    ///
    /// # Errors
    /// Returns an error if it is NaN.
    pub fn clamped(rate: f64) -> Result<Self, NotARate> {
        Self::new(rate.clamp(0.0, 1.0))
    }

    /// Returns the rate as a number from 0 to 1.
    pub fn to_f64(&self) -> f64 {
        self.rate
    }

    /// Returns the rate as a text with at most six decimals.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a trace with this id is kept.
    pub fn keeps(&self, trace_id: TraceId) -> bool {
        self.keeps_hash_of(trace_id.low())
    }

    /// Returns randomness and threshold of the decision about a trace, for the member `ot` of
    /// `tracestate`; `None` if the rate is 0, which no threshold can express.
    ///
    /// The randomness agrees with the decision even where 56 bits of the hash do not.
    pub(crate) fn probability(&self, trace_id: TraceId, is_sampled: bool) -> Option<(u64, u64)> {
        let randomness = match is_sampled {
            true => randomness(trace_id).max(self.threshold),
            false => randomness(trace_id).min(self.threshold.saturating_sub(1)),
        };
        (self.rate > 0.0).then_some((randomness, self.threshold))
    }

    /// Whether a trace, given the low half of its id, or a span with this id is kept.
    pub(crate) fn keeps_hash_of(&self, id: u64) -> bool {
        let hash = id.wrapping_mul(HASH_FACTOR);
        // The cast rounds down, and saturates at both ends.
        self.rate >= 1.0 || (self.rate > 0.0 && hash <= (self.rate * MAX_HASH) as u64)
    }
}

/// Returns the randomness of a trace, 56 bits: the higher, the lower the rates that keep it.
pub(crate) fn randomness(trace_id: TraceId) -> u64 {
    !trace_id.low().wrapping_mul(HASH_FACTOR) >> 8
}

impl fmt::Display for SampleRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for NotARate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a number from 0 to 1")
    }
}

impl std::error::Error for NotARate {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_from_0_to_1() {
        for rate in [-0.1, 1.1, f64::INFINITY, f64::NAN] {
            assert_eq!(SampleRate::new(rate), Err(NotARate), "{rate}");
        }
        #[rustfmt::skip]
        let table = [
            // number             rate
            (-3.0,                Ok(0.0)),
            (0.25,                Ok(0.25)),
            (1.5,                 Ok(1.0)),
            (f64::INFINITY,       Ok(1.0)),
            (f64::NAN,            Err(NotARate)),
        ];
        for (number, expected) in table {
            assert_eq!(SampleRate::clamped(number).map(|rate| rate.to_f64()), expected, "{number}");
        }
    }

    #[test]
    fn a_negative_zero_is_written_without_its_sign() {
        assert_eq!(SampleRate::clamped(-0.0).unwrap().as_str(), "0");
    }

    #[test]
    fn a_threshold_is_the_share_of_dropped_traces() {
        #[rustfmt::skip]
        let table = [
            // rate     threshold
            (1.0,       0x00_0000_0000_0000),
            (0.75,      0x40_0000_0000_0000),
            (0.3,       0xb3_3333_3333_3330),
            (1e-19,     0xff_ffff_ffff_ffff),
        ];
        for (rate, threshold) in table {
            let probability =
                SampleRate::new(rate).unwrap().probability(TraceId::new(42).unwrap(), true);
            assert_eq!(probability.unwrap().1, threshold, "{rate}");
        }
        assert_eq!(
            SampleRate::new(0.0).unwrap().probability(TraceId::new(42).unwrap(), false),
            None
        );
    }

    #[test]
    fn the_randomness_is_the_inverted_hash_and_agrees_with_the_decision() {
        let id = |low: u64| TraceId::new(low.into()).unwrap();
        let rate = SampleRate::new(0.5).unwrap();
        let half = 1 << 55;
        // `(!hash) >> 8` of 42, as dd-trace-py writes it.
        assert_eq!(rate.probability(id(42), false), Some((0x78_5eb1_ead1_c555, half)));
        assert_eq!(rate.probability(id(42), true), Some((half, half)));
        for low in 1..1000 {
            let is_sampled = rate.keeps(id(low));
            let (randomness, threshold) = rate.probability(id(low), is_sampled).unwrap();
            assert_eq!(randomness >= threshold, is_sampled, "{low}");
            let opposite = rate.probability(id(low), !is_sampled).unwrap().0;
            assert_eq!(opposite, if is_sampled { half - 1 } else { half }, "{low}");
        }
    }

    #[test]
    fn only_the_low_half_of_the_id_counts() {
        let rate = SampleRate::new(0.5).unwrap();
        for low in 1..100 {
            let [narrow, wide] = [low, (7 << 64) | low].map(|id| TraceId::new(id).unwrap());
            assert_eq!(rate.keeps(narrow), rate.keeps(wide), "{low}");
        }
    }
}
