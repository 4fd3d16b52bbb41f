//! The spans of HTTP servers and clients.

use super::ClientConfig;
use crate::{
    Config,
    config::{ParseError, declare::options},
    http::{ClientIp, HeaderTags, QueryRedaction, StatusRanges},
};

options! {
    /// The settings of the spans of HTTP servers and clients.
    ///
    /// [`Default`] is the behavior of Datadog's tracers without configuration.
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
    pub struct HttpConfig at |config| config.http;

    /// The statuses of responses that mark a server span as an error.
    pub server_error_statuses: StatusRanges = StatusRanges::SERVER_ERRORS, {
        variables: ["DD_TRACE_HTTP_SERVER_ERROR_STATUSES"],
        format: "Format: statuses and ranges, separated by commas.",
        default: "`500-599`",
    }

    /// The statuses of responses that mark a client span as an error.
    pub client_error_statuses: StatusRanges = StatusRanges::CLIENT_ERRORS, {
        variables: ["DD_TRACE_HTTP_CLIENT_ERROR_STATUSES"],
        format: "Format: that of `DD_TRACE_HTTP_SERVER_ERROR_STATUSES`.",
        default: "`400-499`",
    }

    /// Whether `http.url` of server spans has a query.
    pub server_query_enabled: bool = true, {
        variables: ["DD_HTTP_SERVER_TAG_QUERY_STRING", "DD_TRACE_HTTP_SERVER_TAG_QUERY_STRING"],
        default: "`true`",
    }

    /// Whether the query is left out of `http.url` of server spans, even if
    /// `DD_HTTP_SERVER_TAG_QUERY_STRING` is `true`.
    pub server_query_disabled: bool = false, {
        variables: ["DD_TRACE_HTTP_URL_QUERY_STRING_DISABLED"],
        default: "`false`",
    }

    /// Whether `http.url` of client spans has a query.
    pub client_query_enabled: bool = true, {
        variables: ["DD_TRACE_HTTP_CLIENT_TAG_QUERY_STRING"],
        default: "`true`",
    }

    /// The regular expression of the parts that are redacted in the query of `http.url`.
    pub query_redaction: QueryRedaction = QueryRedaction::default(), {
        variables: ["DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP"],
        format: "Empty redacts nothing.",
        default: "the secrets that all Datadog tracers redact",
        takes_empty: true,
        read: |config, text| {
            if text.is_empty() {
                config.http.query_redaction = QueryRedaction::nothing();
                return Ok(());
            }
            // The parts to redact are unknown, so the whole query is left out.
            config.http.query_redaction = QueryRedaction::whole_query();
            config.http.query_redaction =
                QueryRedaction::pattern(text).map_err(ParseError::Pattern)?;
            Ok(())
        },
        show: |config| Some(config.http.query_redaction.to_string()),
    }

    /// The headers that become tags.
    pub header_tags: HeaderTags = HeaderTags::default(), {
        variables: ["DD_TRACE_HEADER_TAGS"],
        format: "Format: `header` or `header:tag`, separated by commas.",
        default: "none",
    }

    /// Whether server spans have the address of the client.
    pub client_ip_enabled: bool = false, {
        variables: ["DD_TRACE_CLIENT_IP_ENABLED"],
        default: "`false`",
    }

    /// The one header that is searched for the address of the client.
    pub client_ip: ClientIp = ClientIp::Usual, {
        variables: ["DD_TRACE_CLIENT_IP_HEADER"],
        format: "By default, it is the first of these that is present: `x-forwarded-for`, `x-real-ip`, `true-client-ip`, `x-client-ip`, `forwarded`, `forwarded-for`, `x-cluster-client-ip`, `fastly-client-ip`, `cf-connecting-ip`, `cf-connecting-ipv6`.",
        default: "the headers that proxies usually write",
        show: |config| match &config.http.client_ip {
            ClientIp::Usual => None,
            ClientIp::Header(name) => Some(name.to_string()),
        },
    }

    /// Whether server spans have a tag `http.endpoint`: the route, else a simplified path.
    pub resource_renaming_enabled: bool = false, {
        variables: ["DD_TRACE_RESOURCE_RENAMING_ENABLED"],
        default: "`false`",
    }

    also {
        /// The settings of clients alone.
        pub client: ClientConfig = ClientConfig::default(),
    }
}

impl Config {
    /// Sets the content of spans of HTTP servers and clients (`DD_TRACE_HTTP_SERVER_ERROR_STATUSES`
    /// and others), and the headers of outgoing requests.
    pub fn with_http(mut self, http: HttpConfig) -> Self {
        let options = [HttpConfig::OPTIONS, ClientConfig::OPTIONS].into_iter().flatten();
        self.set_group(options, |config| config.http = http);
        self
    }

    /// The content of spans of HTTP servers and clients, and of outgoing requests.
    pub fn http(&self) -> &HttpConfig {
        &self.http
    }
}
