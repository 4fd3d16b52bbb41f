//! The address of DogStatsD. No metrics are sent there yet.

use crate::{
    Config,
    config::{agent_url::DEFAULT_HOST, declare::options, parse::agent_host},
};

options! {
    /// The address of DogStatsD.
    #[derive(Clone, Debug)]
    pub(crate) struct DogStatsdSettings at |config| config.dogstatsd;

    /// The host of DogStatsD, to which no metrics are sent yet.
    host: Option<String> = None, {
        variables: ["DD_DOGSTATSD_HOST"],
        default: "`DD_AGENT_HOST`",
        read: |config, text| {
            config.dogstatsd.host = Some(agent_host(text)?);
            Ok(())
        },
        show: |config| Some(config.dogstatsd_host().to_owned()),
    }

    /// The port of DogStatsD, to which no metrics are sent yet.
    port: u16 = 8125, {
        variables: ["DD_DOGSTATSD_PORT"],
        default: "`8125`",
        get: dogstatsd_port -> u16 = |port| *port,
    }
}

impl Config {
    /// The host of DogStatsD (`DD_DOGSTATSD_HOST`): its own, else that of the Datadog Agent.
    /// No metrics are sent there yet.
    pub fn dogstatsd_host(&self) -> &str {
        let host = self.dogstatsd.host.as_deref().or(self.agent.host.as_deref());
        host.unwrap_or(DEFAULT_HOST)
    }
}
