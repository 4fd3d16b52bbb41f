//! The layer: the settings of a client, and the service that it makes.

use std::marker::PhantomData;

use http::Uri;
use tower_layer::Layer;

use super::{AtBodyEnd, AtHead, ClientTrace};
use crate::{settings::settings, tracing::ClientTracing};

/// A layer that traces the calls of a client, and sends trace and baggage along.
///
/// It wraps any service that takes an `http::Request` and returns an `http::Response`, and makes a
/// [`ClientTrace`].
///
/// | position | spans | headers of an attempt |
/// |---|---|---|
/// | outside of a retry layer | one for all attempts | those of that span |
/// | inside of it | one for each attempt | those of the attempt |
/// | a layer on both sides | one for the call, with a child for each attempt, counted as `http.retry_count` | those of the attempt |
///
/// A timeout outside drops the call, whose span is then tagged `http.request.cancelled`; inside it is
/// an error of the call. In a `ServiceBuilder` the first layer is the outermost.
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
pub struct ClientTraceLayer<E = AtHead> {
    tracing: ClientTracing,
    end: PhantomData<E>,
}

impl ClientTraceLayer {
    /// Traces with the tracer of the scope in which it is built, else with the installed one,
    /// also if that is installed later.
    pub fn new() -> Self {
        Self { tracing: ClientTracing::new("tower"), end: PhantomData }
    }

    /// Ends each span with the body of the response, and not with its head: when its last frame
    /// was read, it failed, or it is dropped. Responses without a body end with their head.
    ///
    /// gRPC calls need it: their status comes in the trailers, after the body.
    pub fn until_body_end(self) -> ClientTraceLayer<AtBodyEnd> {
        ClientTraceLayer { tracing: self.tracing, end: PhantomData }
    }
}

impl<E> ClientTraceLayer<E> {
    settings!();

    /// Sets the destination of requests whose URI is only a path, as with tonic's channels. Without it,
    /// their host is unknown, because a `Host` header does not decide where a request goes: such
    /// requests get only the headers that every host may get.
    pub fn origin(mut self, origin: Uri) -> Self {
        self.tracing.origin = Some(origin);
        self
    }
}

impl Default for ClientTraceLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S, E> Layer<S> for ClientTraceLayer<E> {
    type Service = ClientTrace<S, E>;

    fn layer(&self, inner: S) -> Self::Service {
        ClientTrace::new(inner, self.tracing.clone())
    }
}
