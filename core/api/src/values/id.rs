//! Trace ids of 128 bits and span ids of 64 bits. Their types exclude zero.

use std::{
    fmt,
    num::{NonZeroU64, NonZeroU128},
};

use crate::random::random;

/// The id that all spans of one trace share, across services: 128 bits, never zero.
///
/// The low 64 bits are the trace id of Datadog's own headers and payloads; the high
/// 64 bits travel beside them in the trace tag `_dd.p.tid` and may be zero.
/// [`Display`](fmt::Display) writes 32 lowercase hex digits, as W3C's `traceparent` does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId(NonZeroU128);

impl TraceId {
    /// Returns the trace id with this value; `None` for zero, which is invalid.
    pub const fn new(id: u128) -> Option<Self> {
        match NonZeroU128::new(id) {
            Some(id) => Some(Self(id)),
            None => None,
        }
    }

    /// Returns a new id that begins with `seconds` of Unix time; 64 random bits alone unless
    /// `is_128_bit`.
    ///
    /// The form of 128 bits is `<32 bits of seconds> <32 zero bits> <64 random bits>`, as in every
    /// Datadog SDK.
    ///
    /// `now` is the current time, and `process` the running process.
    pub(crate) fn random(process: u32, seconds: u32, is_128_bit: bool, now: i64) -> Self {
        let low = SpanId::random(process, now).0;
        let high = if is_128_bit { u128::from(seconds) << 96 } else { 0 };
        Self(NonZeroU128::from(low) | high)
    }

    /// Returns the whole id.
    #[inline]
    pub const fn to_u128(self) -> u128 {
        self.0.get()
    }

    /// Returns the low 64 bits: Datadog's trace id.
    #[inline]
    pub const fn low(self) -> u64 {
        self.to_u128() as u64
    }

    /// Returns the high 64 bits; zero if the trace was started with a 64-bit id.
    #[inline]
    pub const fn high(self) -> u64 {
        (self.to_u128() >> 64) as u64
    }
}

/// The id of one span: 64 bits, never zero.
///
/// [`Display`](fmt::Display) writes 16 lowercase hex digits; Datadog's own headers write it in
/// decimal ([`to_u64`](SpanId::to_u64)).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId(NonZeroU64);

impl SpanId {
    /// The lowest id.
    pub(crate) const MIN: Self = Self(NonZeroU64::MIN);

    /// Returns the span id with this value; `None` for zero, which means "no parent" in headers.
    pub const fn new(id: u64) -> Option<Self> {
        match NonZeroU64::new(id) {
            Some(id) => Some(Self(id)),
            None => None,
        }
    }

    /// Returns a random id below 2^63, which fits signed integers of other runtimes.
    ///
    /// `now` is the current time, and `process` the running process.
    pub(crate) fn random(process: u32, now: i64) -> Self {
        loop {
            if let Some(id) = Self::new(random(process, now) >> 1) {
                return id;
            }
        }
    }

    /// Returns the id as a number.
    #[inline]
    pub const fn to_u64(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceId({self})")
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpanId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_no_id() {
        assert_eq!(TraceId::new(0), None);
        assert_eq!(SpanId::new(0), None);
    }

    #[test]
    fn halves_and_text_of_an_id_of_128_bits() {
        let id = TraceId::new(0x0123_4567_89ab_cdef_0000_0000_0000_000a).unwrap();
        assert_eq!((id.high(), id.low()), (0x0123_4567_89ab_cdef, 10));
        assert_eq!(id.to_string(), "0123456789abcdef000000000000000a");
        assert_eq!(SpanId::new(10).unwrap().to_string(), "000000000000000a");
    }

    #[test]
    fn a_new_id_of_128_bits_holds_its_seconds_and_32_zero_bits() {
        let id = TraceId::random(1, 0x6710_0001, true, 0);
        assert_eq!(id.high(), 0x6710_0001_0000_0000);
        assert_eq!(TraceId::random(1, 0x6710_0001, false, 0).high(), 0);
    }
}
