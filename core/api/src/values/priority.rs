//! The sampling decision as it travels: keep or drop, and the mechanism that made it.

use std::fmt;

use smol_str::{SmolStr, format_smolstr};

/// Whether a trace is kept: zero and below drop it, above zero keep it.
///
/// Four values have names; any other 32-bit integer that a peer sent passes through unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SamplingPriority(i32);

impl SamplingPriority {
    /// `-1`: the user, or a rule of the user's, drops the trace.
    pub const USER_DROP: Self = Self(-1);
    /// `0`: the tracer drops the trace.
    pub const AUTO_DROP: Self = Self(0);
    /// `1`: the tracer keeps the trace.
    pub const AUTO_KEEP: Self = Self(1);
    /// `2`: the user, or a rule of the user's, keeps the trace.
    pub const USER_KEEP: Self = Self(2);

    /// Returns the priority with this number.
    pub const fn new(priority: i32) -> Self {
        Self(priority)
    }

    /// Returns the number that goes into headers and payloads.
    pub const fn to_i32(self) -> i32 {
        self.0
    }

    /// Whether a trace with this priority is kept.
    pub const fn is_kept(self) -> bool {
        self.0 > 0
    }
}

impl fmt::Display for SamplingPriority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The mechanism that made a sampling decision. It travels as the trace tag `_dd.p.dm`, with a `-`
/// before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SamplingMechanism(u8);

impl SamplingMechanism {
    /// `0`: no rate is configured or received.
    pub const DEFAULT: Self = Self(0);
    /// `1`: a rate that the Datadog Agent sent.
    pub const AGENT_RATE: Self = Self(1);
    /// `3`: a rule or rate configured in this process.
    pub const RULE: Self = Self(3);
    /// `4`: the application, manually.
    pub const MANUAL: Self = Self(4);

    /// Returns the mechanism with this number.
    pub const fn new(mechanism: u8) -> Self {
        Self(mechanism)
    }

    /// Returns the number, without the `-` that it has in the trace tag.
    pub const fn to_u8(self) -> u8 {
        self.0
    }
}

impl SamplingMechanism {
    /// Returns the text that [`Display`](fmt::Display) writes. Each trace needs it once, so the
    /// usual ones are not formatted.
    pub(crate) fn to_text(self) -> SmolStr {
        const USUAL: [&str; 6] = ["-0", "-1", "-2", "-3", "-4", "-5"];
        match USUAL.get(usize::from(self.0)) {
            Some(text) => SmolStr::new_static(text),
            None => format_smolstr!("{self}"),
        }
    }
}

impl fmt::Display for SamplingMechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "-{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mechanism_has_the_text_that_it_displays() {
        for number in 0..=u8::MAX {
            let mechanism = SamplingMechanism::new(number);
            assert_eq!(mechanism.to_text(), format!("-{number}"));
            assert_eq!(mechanism.to_string(), format!("-{number}"));
        }
    }
}
