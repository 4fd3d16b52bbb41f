//! Tracers, ours and those of peers, set up as an application would.

use std::time::Duration;

use datadog_opentelemetry::configuration::Config;
use fastrace::collector::{Reporter, SpanRecord};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{
        BatchConfigBuilder, BatchSpanProcessor, SdkTracer, SdkTracerProvider, SpanData,
        SpanExporter,
    },
};
use tracing_subscriber::layer::SubscriberExt;

/// Longer than any delivery takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// Sends what it holds when dropped, so that the delivery is part of what is measured.
#[derive(Debug)]
pub struct Sent<T>(T, fn(&T));

impl<T> Drop for Sent<T> {
    fn drop(&mut self) {
        (self.1)(&self.0);
    }
}

impl<T> std::ops::Deref for Sent<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// packdog, which delivers to the Agent; nothing may get lost.
pub fn packdog(agent: &str) -> Sent<packdog::Guard> {
    let url = agent.parse().expect("the URL of an Agent");
    let guard = packdog::Config::new().with_service("bench").with_agent_url(url).build();
    Sent(guard.expect("a thread for the delivery"), |guard| {
        let report = guard.flush(PATIENCE);
        assert_eq!((report.dropped, report.queued), (0, 0), "{report:?}");
    })
}

/// datadog-opentelemetry, which delivers to the Agent; its propagator is the global one.
pub fn datadog_opentelemetry(agent: &str) -> Sent<SdkTracerProvider> {
    let mut config = Config::builder();
    config.set_service("bench".to_owned()).set_trace_agent_url(agent.to_owned());
    config.set_telemetry_enabled(false).set_remote_config_enabled(false);
    let provider = datadog_opentelemetry::tracing().with_config(config.build()).init();
    Sent(provider, |provider| {
        provider.shutdown_with_timeout(PATIENCE).expect("the Agent takes everything");
    })
}

/// datadog-opentelemetry with tracing switched off.
pub fn disabled_datadog_opentelemetry() -> SdkTracerProvider {
    let mut config = Config::builder();
    config.set_enabled(false).set_telemetry_enabled(false).set_remote_config_enabled(false);
    datadog_opentelemetry::tracing().with_config(config.build()).init()
}

/// The SDK of OpenTelemetry with a batch exporter that drops everything.
pub fn opentelemetry() -> Sent<SdkTracerProvider> {
    // With the default queue most spans would be thrown away, which costs less.
    let config = BatchConfigBuilder::default().with_max_queue_size(1 << 20).build();
    let processor = BatchSpanProcessor::builder(Dropping).with_batch_config(config).build();
    let provider = SdkTracerProvider::builder().with_span_processor(processor).build();
    Sent(provider, |provider| {
        provider.shutdown_with_timeout(PATIENCE).expect("dropping works");
    })
}

#[derive(Debug)]
struct Dropping;

impl SpanExporter for Dropping {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

/// fastrace with a reporter that drops everything.
pub fn fastrace() -> Sent<()> {
    fastrace::set_reporter(Null, fastrace::collector::Config::default());
    Sent((), |()| fastrace::flush())
}

struct Null;

impl Reporter for Null {
    fn report(&mut self, _: Vec<SpanRecord>) {}
}

/// Spans of the crate `tracing` become those of this tracer, in the whole process.
pub fn bridge(provider: &SdkTracerProvider) {
    let tracer: SdkTracer = provider.tracer("bench");
    let layer = tracing_opentelemetry::layer().with_tracer(tracer);
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::set_global_default(subscriber).expect("the only one in this process");
}

/// Spans of the crate `tracing` are kept while they are open, and then forgotten.
pub fn registry() {
    let subscriber = tracing_subscriber::registry();
    tracing::subscriber::set_global_default(subscriber).expect("the only one in this process");
}
