//! Datadog tracing for HTTP clients: a tower layer and a reqwest middleware that carry traces and baggage.
