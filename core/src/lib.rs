//! The Datadog tracer for Rust: spans, baggage, Datadog and W3C propagation, delivery to the Datadog Agent.
