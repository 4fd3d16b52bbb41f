//! The layer: how calls are traced, and what makes the service.

use ::tower::Layer;
use packdog::Tracer;

use super::ClientTrace;
use crate::span::ClientTracing;

/// Traces the calls of a client, and sends trace and baggage along.
///
/// For any service over `http::Request` that answers with `http::Response`; it makes a
/// [`ClientTrace`].
///
/// Outside of a retry layer it shows one span for all attempts, which then share its headers;
/// inside, one span for each. A timeout belongs outside: it drops the call, whose span is then
/// tagged `http.request.cancelled`. In a `ServiceBuilder` the first layer is the outermost.
///
/// ```
/// use packdog_client::ClientTraceLayer;
/// use tower::{BoxError, Service, ServiceBuilder, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), BoxError> {
/// // In its place: hyper-util's client, a channel of tonic, ..
/// let client = service_fn(async |_request: http::Request<String>| {
///     Ok::<_, BoxError>(http::Response::new(String::new()))
/// });
/// let mut client = ServiceBuilder::new().layer(ClientTraceLayer::new()).service(client);
/// let request = http::Request::get("http://pantry/ingredients").body(String::new())?;
/// let response = client.ready().await?.call(request).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ClientTraceLayer {
    tracing: ClientTracing,
}

impl ClientTraceLayer {
    /// Traces with the tracer of the scope in which it is built, else with the installed one,
    /// also if that is installed later.
    pub fn new() -> Self {
        Self { tracing: ClientTracing::new("tower") }
    }

    /// Begins traces with this tracer. Calls below a span stay in the trace of that span.
    pub fn tracer(self, tracer: &Tracer) -> Self {
        Self { tracing: self.tracing.with_tracer(tracer.clone()) }
    }
}

impl Default for ClientTraceLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for ClientTraceLayer {
    type Service = ClientTrace<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ClientTrace::new(inner, self.tracing.clone())
    }
}
