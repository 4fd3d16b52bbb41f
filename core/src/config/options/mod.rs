//! The options, by topic. An option is added in one of these files, and nowhere else.

mod agent;
mod client;
mod database;
mod dogstatsd;
mod http;
mod messages;
mod opentelemetry;
mod process;
mod propagation;
mod recording;
mod sampling;
mod service;
mod stats;

pub(crate) use self::{
    agent::AgentSettings, database::DatabaseSettings, dogstatsd::DogStatsdSettings,
    messages::MessageSettings, opentelemetry::OpenTelemetrySettings, process::ProcessSettings,
    recording::RecordingSettings, sampling::SamplingSettings, service::ServiceSettings,
    stats::StatsSettings,
};
pub use self::{client::ClientConfig, http::HttpConfig, propagation::PropagationConfig};
use super::ConfigOption;

/// The options in the order of the README.
pub(super) static GROUPS: [&[ConfigOption]; 13] = [
    ServiceSettings::OPTIONS,
    ProcessSettings::OPTIONS,
    RecordingSettings::OPTIONS,
    AgentSettings::OPTIONS,
    MessageSettings::OPTIONS,
    OpenTelemetrySettings::OPTIONS,
    DogStatsdSettings::OPTIONS,
    SamplingSettings::OPTIONS,
    StatsSettings::OPTIONS,
    PropagationConfig::OPTIONS,
    ClientConfig::OPTIONS,
    HttpConfig::OPTIONS,
    DatabaseSettings::OPTIONS,
];
