//! A caller's headers, down to raw bytes: a trace is continued, or a new one starts, and the request is always served.
//!
//! ```text
//! test ──bytes──▶ axum under ServerTraceLayer ──▶ handler: returns what it saw
//!                                             └─▶ DevAgent: has the span
//! ```
//! Rules: [Datadog, trace context propagation](https://docs.datadoghq.com/tracing/trace_collection/trace_context_propagation/),
//! [`traceparent`](https://www.w3.org/TR/trace-context/#traceparent-header), [`baggage`](https://www.w3.org/TR/baggage/#header-content).

mod accepted;
mod malformed;
mod service;
