//! The settings of a layer, which its services share.

use std::{borrow::Cow, fmt, sync::Arc};

use http::HeaderName;
use packdog::{Span, Tracer, http::HttpConfig};
use packdog_http::ResponseHook;

use crate::{Ingress, RequestHead, ignore::Ignored};

type Hook = dyn Fn(&Span, &RequestHead<'_>) + Send + Sync;

/// A hook that sees the head of each request with the span.
#[derive(Clone)]
pub(crate) struct RequestHook(pub(crate) Arc<Hook>);

impl fmt::Debug for RequestHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestHook(..)")
    }
}

/// The settings of one layer.
#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) operation_name: Option<Cow<'static, str>>,
    pub(crate) service: Option<Cow<'static, str>>,
    pub(crate) tracer: Option<Tracer>,
    pub(crate) http: Option<Arc<HttpConfig>>,
    pub(crate) ingress: Ingress,
    pub(crate) ignored: Ignored,
    pub(crate) has_body_metrics: bool,
    pub(crate) trace_id_header: Option<HeaderName>,
    pub(crate) on_request: Option<RequestHook>,
    pub(crate) on_response: Option<ResponseHook>,
}

/// Without rules: layers are printed as parts of other values, on lines of a log.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, tracer, .. } = self;
        let mut fields = f.debug_struct("Config");
        fields.field("service", service).field("tracer", tracer).finish_non_exhaustive()
    }
}

impl Config {
    /// The defaults, with the tracer that is current now.
    pub(crate) fn new() -> Self {
        Self {
            operation_name: None,
            service: None,
            tracer: Some(Tracer::current()).filter(Tracer::is_enabled),
            http: None,
            ingress: Ingress::default(),
            ignored: Ignored::default(),
            has_body_metrics: false,
            trace_id_header: None,
            on_request: None,
            on_response: None,
        }
    }

    pub(crate) fn tracer(&self) -> Tracer {
        self.tracer.clone().unwrap_or_else(Tracer::current)
    }

    pub(crate) fn http(&self, tracer: &Tracer) -> Arc<HttpConfig> {
        self.http.clone().unwrap_or_else(|| HttpConfig::of(tracer))
    }

    pub(crate) fn operation_name(&self, default: &'static str) -> Cow<'static, str> {
        self.operation_name.clone().unwrap_or(Cow::Borrowed(default))
    }
}
