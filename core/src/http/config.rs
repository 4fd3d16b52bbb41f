//! What is configured about HTTP spans: one field per variable, and how a layer finds them.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use packdog_api::Tracer;

use super::{ClientConfig, ClientIp, HeaderTags, QueryRedaction, StatusRanges};

/// What is configured about the spans of HTTP servers and clients.
///
/// [`Default`] is what Datadog's tracers do when nothing is configured.
///
/// ```
/// use packdog::http::{HttpConfig, StatusRanges};
///
/// let mut config = HttpConfig::default();
/// config.server_error_statuses = StatusRanges::from_iter([404..=404, 500..=599]);
/// config.client_ip_enabled = true;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HttpConfig {
    /// `DD_TRACE_HTTP_SERVER_ERROR_STATUSES`: the answers that mark a server span as an error;
    /// 500 to 599 by default.
    pub server_error_statuses: StatusRanges,
    /// `DD_TRACE_HTTP_CLIENT_ERROR_STATUSES`: the answers that mark a client span as an error;
    /// 400 to 499 by default.
    pub client_error_statuses: StatusRanges,
    /// `DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP`: what is redacted in the query of a URL.
    pub query_redaction: QueryRedaction,
    /// `DD_HTTP_SERVER_TAG_QUERY_STRING`: whether URLs of server spans have a query; `true` by
    /// default.
    pub server_query_enabled: bool,
    /// `DD_TRACE_HTTP_CLIENT_TAG_QUERY_STRING`: whether URLs of client spans have a query; `true`
    /// by default.
    pub client_query_enabled: bool,
    /// `DD_TRACE_HEADER_TAGS`: headers that become tags.
    pub header_tags: HeaderTags,
    /// `DD_TRACE_CLIENT_IP_ENABLED`: whether server spans tell the address of the client; `false`
    /// by default.
    pub client_ip_enabled: bool,
    /// `DD_TRACE_CLIENT_IP_HEADER`: where that address is looked for.
    pub client_ip: ClientIp,
    /// `DD_TRACE_RESOURCE_RENAMING_ENABLED`: whether server spans have a tag `http.endpoint`;
    /// `false` by default.
    pub resource_renaming_enabled: bool,
    /// What client spans show besides, and what outgoing requests may carry.
    pub client: ClientConfig,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            server_error_statuses: StatusRanges::SERVER_ERRORS,
            client_error_statuses: StatusRanges::CLIENT_ERRORS,
            query_redaction: QueryRedaction::default(),
            server_query_enabled: true,
            client_query_enabled: true,
            header_tags: HeaderTags::default(),
            client_ip_enabled: false,
            client_ip: ClientIp::default(),
            resource_renaming_enabled: false,
            client: ClientConfig::default(),
        }
    }
}

impl HttpConfig {
    /// What `tracer` was configured with; the defaults for one that knows nothing of HTTP.
    pub fn of(tracer: &Tracer) -> Arc<Self> {
        static DEFAULT: LazyLock<Arc<HttpConfig>> = LazyLock::new(Arc::default);
        let config = tracer.extension::<Arc<Self>>();
        Arc::clone(config.unwrap_or_else(|| &DEFAULT))
    }

    /// The query that the URL of a server span shows, without its secrets; `None` for none.
    pub fn server_query<'q>(&self, query: Option<&'q str>) -> Option<Cow<'q, str>> {
        self.query_redaction.redact(query.filter(|_| self.server_query_enabled)?)
    }

    /// The query that the URL of a client span shows, without its secrets; `None` for none.
    pub fn client_query<'q>(&self, query: Option<&'q str>) -> Option<Cow<'q, str>> {
        self.query_redaction.redact(query.filter(|_| self.client_query_enabled)?)
    }
}
