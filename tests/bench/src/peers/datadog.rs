//! datadog-opentelemetry, which delivers to the Agent; its propagator is the global one.

use axum::Router;
use datadog_opentelemetry::configuration::Config;
use http::HeaderMap;

use super::{Delivered, PATIENCE, sdk};
use crate::{row::Step, subject::Recorder};

pub(crate) const NAME: (&str, &str) = ("datadog-opentelemetry", "datadog-opentelemetry");
pub(crate) const AXUM: (&str, &str) =
    ("datadog-opentelemetry", "axum-tracing-opentelemetry, datadog-opentelemetry");
pub(crate) const SERVER: &str = "time of the response's body";

pub(crate) fn start(agent: &str) -> sdk::Provider {
    let mut config = Config::builder();
    config.set_service("bench".to_owned()).set_trace_agent_url(agent.to_owned());
    config.set_telemetry_enabled(false).set_remote_config_enabled(false);
    let provider = datadog_opentelemetry::tracing().with_config(config.build()).init();
    Delivered(provider, |provider| {
        provider.shutdown_with_timeout(PATIENCE).expect("the Agent takes everything");
    })
}

pub(crate) fn extract(agent: &str, headers: HeaderMap) -> Step {
    sdk::extract(start(agent), headers)
}

pub(crate) fn inject(agent: &str) -> Step {
    sdk::inject(start(agent))
}

pub(crate) fn trace(agent: &str, children: usize) -> Step {
    sdk::trace(start(agent), children)
}

pub(crate) fn dropped(agent: &str) -> Step {
    sdk::dropped(start(agent))
}

pub(crate) fn active(agent: &str) -> Step {
    sdk::active(start(agent))
}

pub(crate) fn disabled() -> Step {
    let mut config = Config::builder();
    config.set_enabled(false).set_telemetry_enabled(false).set_remote_config_enabled(false);
    let provider = datadog_opentelemetry::tracing().with_config(config.build()).init();
    sdk::trace(Delivered(provider, |_| ()), 0)
}

pub(crate) fn recorder(agent: &str) -> Recorder {
    sdk::recorder(start(agent))
}

pub(crate) fn layered(agent: &str) -> (Router, sdk::Provider) {
    let provider = start(agent);
    (sdk::layered(&provider), provider)
}

pub(crate) fn server(agent: &str, headers: HeaderMap) -> Step {
    sdk::server(start(agent), headers)
}
