//! The settings of one call, which take precedence over those of its client: an extension of the
//! request.

use std::borrow::Cow;

use packdog::span::TagValue;

/// The settings of one call, where they differ from those of its client. They go into the
/// extensions of the request.
///
/// ```
/// use packdog_client::CallOptions;
///
/// # fn request() -> http::Result<http::Request<()>> {
/// let request = http::Request::get("http://pantry/ingredients/7")
///     .extension(CallOptions::new().resource("GET /ingredients/{id}").tag("aisle", 3))
///     .body(())?;
/// # Ok(request)
/// # }
/// ```
/// With reqwest-middleware: `client.get(url).with_extension(CallOptions::new().untraced())`.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    pub(crate) operation_name: Option<Cow<'static, str>>,
    pub(crate) resource: Option<Cow<'static, str>>,
    pub(crate) service: Option<Cow<'static, str>>,
    pub(crate) peer_service: Option<Cow<'static, str>>,
    pub(crate) tags: Vec<(Cow<'static, str>, TagValue<'static>)>,
    pub(crate) is_untraced: bool,
    pub(crate) is_without_baggage: bool,
}

impl CallOptions {
    /// Options that change nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the operation name of the span.
    pub fn operation_name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.operation_name = Some(name.into());
        self
    }

    /// Sets the resource of the span, such as `GET /ingredients/{id}`; by default the method, or the
    /// path of a gRPC call.
    pub fn resource(mut self, resource: impl Into<Cow<'static, str>>) -> Self {
        self.resource = Some(resource.into());
        self
    }

    /// Sets the service of the span.
    pub fn service(mut self, service: impl Into<Cow<'static, str>>) -> Self {
        self.service = Some(service.into());
        self
    }

    /// Sets the service that is called, as the tag `peer.service`.
    pub fn peer_service(mut self, service: impl Into<Cow<'static, str>>) -> Self {
        self.peer_service = Some(service.into());
        self
    }

    /// Adds a tag to the span.
    pub fn tag<'v>(
        mut self,
        key: impl Into<Cow<'static, str>>,
        value: impl Into<TagValue<'v>>,
    ) -> Self {
        self.tags.push((key.into(), value.into().into_owned()));
        self
    }

    /// Leaves the call alone: it has no span, and its headers stay as they are.
    pub fn untraced(mut self) -> Self {
        self.is_untraced = true;
        self
    }

    /// Sends no baggage along, to any host.
    pub fn without_baggage(mut self) -> Self {
        self.is_without_baggage = true;
        self
    }
}
