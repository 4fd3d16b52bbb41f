//! Metrics of the tracer, and the address of DogStatsD.

use crate::{
    Config,
    config::{agent_url::DEFAULT_HOST, declare::options, parse::agent_host},
};

options! {
    /// Metrics of the tracer, and the address of DogStatsD.
    #[derive(Clone, Debug)]
    pub(crate) struct DogStatsdSettings at |config| config.dogstatsd;

    /// Whether the tracer sends counts of its spans to DogStatsD. It needs the feature
    /// `health-metrics`.
    has_health_metrics: bool = false, {
        variables: ["DD_TRACE_HEALTH_METRICS_ENABLED"],
        default: "`false`",
        /// Sets whether the tracer sends counts of its spans to DogStatsD. It needs the feature
        /// `health-metrics`.
        set: with_health_metrics(has_health_metrics: bool) => has_health_metrics,
        get: has_health_metrics -> bool = |has_health_metrics| *has_health_metrics,
    }

    /// The host of DogStatsD, for metrics of the tracer.
    host: Option<String> = None, {
        variables: ["DD_DOGSTATSD_HOST"],
        default: "`DD_AGENT_HOST`",
        read: |config, text| {
            config.dogstatsd.host = Some(agent_host(text)?);
            Ok(())
        },
        show: |config| Some(config.dogstatsd_host().to_owned()),
    }

    /// The port of DogStatsD, for metrics of the tracer.
    port: u16 = 8125, {
        variables: ["DD_DOGSTATSD_PORT"],
        default: "`8125`",
        get: dogstatsd_port -> u16 = |port| *port,
    }
}

impl Config {
    /// The host of DogStatsD (`DD_DOGSTATSD_HOST`): its own, else that of the Datadog Agent.
    pub fn dogstatsd_host(&self) -> &str {
        let host = self.dogstatsd.host.as_deref().or(self.agent.host.as_deref());
        host.unwrap_or(DEFAULT_HOST)
    }
}
