//! Datadog tracing for servers: a tower layer and axum extractors that continue traces and baggage.
