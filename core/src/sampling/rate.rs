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
        Ok(Self { rate, text: rounded.to_string() })
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

    /// Whether a trace, given the low half of its id, or a span with this id is kept.
    pub(crate) fn keeps_hash_of(&self, id: u64) -> bool {
        let hash = id.wrapping_mul(HASH_FACTOR);
        // The cast rounds down, and saturates at both ends.
        self.rate >= 1.0 || (self.rate > 0.0 && hash <= (self.rate * MAX_HASH) as u64)
    }
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
    fn only_the_low_half_of_the_id_counts() {
        let rate = SampleRate::new(0.5).unwrap();
        for low in 1..100 {
            let [narrow, wide] = [low, (7 << 64) | low].map(|id| TraceId::new(id).unwrap());
            assert_eq!(rate.keeps(narrow), rate.keeps(wide), "{low}");
        }
    }
}
