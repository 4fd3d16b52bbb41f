//! The probability with which a trace was kept, as OpenTelemetry's samplers describe it.

/// The probability behind the sampling decision of a trace, for the member `ot` of `tracestate`.
///
/// The numbers have 56 bits: a trace is kept if its randomness is not below the threshold. Rules:
/// [OpenTelemetry, `tracestate` probability sampling](https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Probability {
    /// No decision was made in this process: the received member counts, if there is one.
    #[default]
    Received,
    /// A rate of this process decided. A received member that has one of the numbers takes
    /// precedence.
    Decided {
        /// The random number of the trace, `rv`.
        randomness: u64,
        /// The number below which traces are dropped, `th`.
        threshold: u64,
    },
    /// The decision was made without a rate, so no threshold describes it.
    None {
        /// The randomness that this process has given the trace before.
        randomness: Option<u64>,
    },
}

impl Probability {
    /// Returns the state after a decision without a rate. Randomness belongs to the trace and
    /// stays.
    pub(crate) fn without_threshold(self) -> Self {
        let randomness = match self {
            Self::Received => None,
            Self::Decided { randomness, .. } => Some(randomness),
            Self::None { randomness } => randomness,
        };
        Self::None { randomness }
    }
}
