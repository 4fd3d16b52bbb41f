//! Which traces are kept.
//!
//! ```text
//! who decides                              mechanism  keep, drop  numbers of the root    _dd.p.ksr
//! DD_TRACE_SAMPLE_RATE, then the limiter   3          2, -1       rule_psr, limit_psr    yes
//! a rate of the Datadog Agent              1          1, 0        agent_psr              yes
//! nobody: the Agent has not answered yet   0          1           -                      no
//! ```
//! The first row that has something to say decides, once per trace, with the local root as it is
//! at that moment. What was received, or decided by hand, is not asked about here.

#[cfg(feature = "agent")]
mod agent_rates;
#[cfg(feature = "agent")]
mod limiter;
mod rate;
#[cfg(feature = "agent")]
mod sampler;

pub use self::rate::{NotARate, SampleRate};
#[cfg(feature = "agent")]
pub(crate) use self::{agent_rates::AgentRates, sampler::Sampler};
