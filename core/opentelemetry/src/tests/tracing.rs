use opentelemetry::{
    Context,
    trace::{TraceContextExt, TracerProvider as _},
};
use packdog::{
    correlation::LogCorrelation,
    test_util::assert_picture,
    tracing::{CorrelatedText, SpanLayer},
};
use packdog_api::current_span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer as _, fmt, layer::SubscriberExt};

use super::collector;
use crate::TracerProvider;

#[test]
fn spans_of_tracing_that_its_opentelemetry_layer_hands_on_are_in_our_traces() {
    let (collector, _scope) = collector();
    let layer = tracing_opentelemetry::layer().with_tracer(TracerProvider::new().tracer("bakery"));
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        packdog::span("ours").in_scope(|_| {
            tracing::info_span!("outer", otel.kind = "client", db.system = "redis").in_scope(
                || {
                    assert!(current_span().is_recording());
                    packdog::span("inner").in_scope(|_| {
                        tracing::info_span!("innermost").in_scope(|| ());
                    });
                    assert!(tracing::Span::current().context().has_active_span());
                },
            );
        });
    });
    assert_picture!(
        collector,
        "
        ours  service=test
        └─ redis.query  outer  kind=client
           └─ inner
              └─ internal  innermost  kind=internal
        "
    );
}

#[test]
fn what_the_crate_logs_while_its_stack_is_locked_belongs_to_no_span() {
    let (_collector, _scope) = collector();
    let text = CorrelatedText::new(fmt::format(), LogCorrelation::new());
    let written = std::sync::Arc::new(std::sync::Mutex::new(Vec::<u8>::new()));
    let writer = std::sync::Arc::clone(&written);
    let lines = fmt::layer()
        .event_format(text)
        .with_ansi(false)
        .with_writer(move || Lines(std::sync::Arc::clone(&writer)));
    let spans = SpanLayer::new().span_events(true);
    let subscriber = tracing_subscriber::registry().with(spans.boxed()).with(lines);
    tracing::subscriber::with_default(subscriber, || {
        tracing::info_span!("around").in_scope(|| {
            // One more than it has room for: it logs that while its stack is borrowed.
            let attached: Vec<_> = (0..65_536).map(|_| Context::new().attach()).collect();
            tracing::info!("of the application");
            drop(attached);
        });
    });
    let written = String::from_utf8(written.lock().unwrap().clone()).unwrap();
    assert!(
        written
            .lines()
            .any(|line| line.contains("Too many contexts") && !line.contains("dd.span_id")),
        "{written}"
    );
}

/// Keeps what is written.
struct Lines(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
