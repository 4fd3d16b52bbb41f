//! Options of DogStatsD. They are read and told; nothing is sent there yet.

use super::ConfigOption;
use crate::config::parse::{agent_host, positive_integer};

pub(super) static OPTIONS: &[ConfigOption] = &[
    ConfigOption {
        env: &["DD_DOGSTATSD_HOST"],
        default: "`DD_AGENT_HOST`",
        about: "Host of DogStatsD, to which no metrics are sent yet.",
        takes_empty: false,
        read: |config, text| {
            config.dogstatsd_host = Some(agent_host(text)?);
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_DOGSTATSD_PORT"],
        default: "`8125`",
        about: "Port of DogStatsD, to which no metrics are sent yet.",
        takes_empty: false,
        read: |config, text| {
            config.dogstatsd_port = positive_integer(text)?;
            Ok(())
        },
    },
];
