//! A request that is served here.

use std::{borrow::Cow, net::IpAddr};

use http::{HeaderMap, Method, Uri, Version, header, uri::Scheme};
use packdog::{http::HttpConfig, internal::lossy, span::SpanBuilder, tags};

use super::{
    grpc as call, known_method,
    resource::OPERATION,
    shared_tags::{SharedTags, Target},
};
use crate::{
    endpoint, grpc,
    host::{place_of_host, referrer_hostname},
    url::{UrlPieces, pieces_of_path, without_user_info},
};

/// A request that is served here, as its span shows it.
#[derive(Clone, Copy, Debug)]
pub struct IncomingRequest<'a> {
    /// The method.
    pub method: &'a Method,
    /// The URI as it came.
    pub uri: &'a Uri,
    /// The version of the protocol.
    pub version: Version,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The scheme of the connection, where the server knows it.
    pub scheme: Option<&'a Scheme>,
    /// The address of the other end of the connection, where it is known.
    pub peer: Option<IpAddr>,
    /// The component that took the request, such as `axum`.
    pub component: &'static str,
    /// The route, where it is known already.
    pub route: Option<&'a str>,
    /// Whether this is a gRPC call.
    pub is_grpc: bool,
}

impl IncomingRequest<'_> {
    /// The operation name, unless the application chooses another.
    pub fn operation_name(&self) -> &'static str {
        if self.is_grpc { grpc::SERVER_OPERATION } else { OPERATION }
    }

    /// Adds type, resource and tags to the span that is about to start.
    pub fn show(&self, builder: SpanBuilder, config: &HttpConfig) -> SpanBuilder {
        let builder = SharedTags {
            is_server: true,
            component: self.component,
            method: (!self.is_grpc).then(|| known_method(self.method)),
            version: (!self.is_grpc).then_some(self.version),
            target: self.route.filter(|_| !self.is_grpc).map(Target::Route),
        }
        .show(builder);
        let builder = if self.is_grpc {
            call::show(builder, self.uri.path(), grpc::SERVER_OPERATION)
        } else {
            self.show_http(builder, config)
        };
        let builder = self.show_client_ip(builder, config);
        config
            .header_tags
            .of_request(self.headers)
            .fold(builder, |builder, (name, value)| builder.derived_tag(name.to_owned(), value))
    }

    fn show_http(&self, builder: SpanBuilder, config: &HttpConfig) -> SpanBuilder {
        let query = config.server_query(self.uri.query());
        let agent = self.headers.get(header::USER_AGENT).map(|agent| lossy(agent.as_bytes()));
        let referrer = self.headers.get(header::REFERER).and_then(|value| value.to_str().ok());
        let endpoint = config.resource_renaming_enabled.then(|| match self.route {
            Some(route) => Cow::Borrowed(route),
            None => Cow::Owned(endpoint(self.uri.path())),
        });
        let texts = [
            (tags::http::USER_AGENT, agent.as_deref()),
            (tags::http::REFERRER_HOSTNAME, referrer.and_then(referrer_hostname)),
            (tags::http::ENDPOINT, endpoint.as_deref()),
        ];
        builder
            .derived_pieces(tags::http::URL, self.url(query.as_deref()))
            .derived_texts(texts.into_iter().filter_map(|(key, text)| Some((key, text?))))
    }

    /// The URL, without user info, with the query as it is given: redacted.
    ///
    /// The host comes from the URI, where an absolute target and the `:authority` of HTTP/2 are, else
    /// from the header `Host`, else it is `localhost`. A URI has no scheme in HTTP/1.1: then it is the
    /// one of the connection, if the server knows it, else `http`.
    fn url<'u>(&'u self, query: Option<&'u str>) -> UrlPieces<'u> {
        let scheme = self.uri.scheme().or(self.scheme).unwrap_or(&Scheme::HTTP);
        // `OPTIONS *` asks about the server as a whole.
        let path = if self.uri.path() == "*" { "" } else { self.uri.path() };
        let place = match self.uri.authority() {
            Some(authority) => without_user_info(authority.as_str()),
            None => {
                let host = self.headers.get(header::HOST).and_then(|host| host.to_str().ok());
                host.and_then(place_of_host).unwrap_or("localhost")
            }
        };
        pieces_of_path(scheme.as_str(), place, path, query)
    }

    fn show_client_ip(&self, builder: SpanBuilder, config: &HttpConfig) -> SpanBuilder {
        let Some(peer) = self.peer.filter(|_| config.client_ip_enabled) else { return builder };
        let builder = builder.derived_tag(tags::network::CLIENT_IP, peer.to_string());
        match config.client_ip.find(self.headers, peer) {
            Some(client) => builder.derived_tag(tags::http::CLIENT_IP, client.to_string()),
            None => builder,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::header::HOST;

    use super::*;

    fn request_url(uri: &Uri, scheme: Option<&Scheme>, headers: &HeaderMap) -> String {
        let (method, version, component) = (&Method::GET, Version::HTTP_11, "tower");
        let (peer, route, is_grpc) = (None, None, false);
        let request = IncomingRequest {
            method,
            uri,
            version,
            headers,
            scheme,
            peer,
            component,
            route,
            is_grpc,
        };
        request.url(None).concat()
    }

    #[test]
    fn the_host_is_that_of_the_uri_else_of_the_header_else_localhost() {
        #[rustfmt::skip]
        let table = [
            // uri                        Host               url
            ("/a?token=x",                Some("example.com"), "http://example.com/a"),
            ("https://example.com:1/a",   None,                "https://example.com:1/a"),
            ("https://example.com/a",     Some("evil.test"),   "https://example.com/a"),
            ("/a",                        None,                "http://localhost/a"),
            ("/a",                        Some(""),            "http://localhost/a"),
            ("/a",                        Some("\u{e9}"),      "http://localhost/a"),
            ("*",                         Some("example.com"), "http://example.com"),
            ("*",                         None,                "http://localhost"),
            ("example.com:443",           Some("evil.test"),   "http://example.com:443"), // CONNECT
            ("http://u:p@example.com/a",  Some("evil.test"),   "http://example.com/a"),
            ("http://[::1]:1/a",          Some("evil.test"),   "http://[::1]:1/a"),
            ("/a",                        Some("[::1]:1"),     "http://[::1]:1/a"),
            ("/a",                        Some("u:p@b.test"),  "http://b.test/a"),
            // These are no hosts, and would make other parts of the URL.
            ("/a",                        Some("u:p@"),        "http://localhost/a"),
            ("/a",                        Some(":80"),         "http://localhost/a"),
            ("/a",                        Some("b.test/?t=x"), "http://localhost/a"),
            ("/a",                        Some("b.test#"),     "http://localhost/a"),
            ("/a",                        Some("a.test b"),    "http://localhost/a"),
        ];
        for (uri, host, url) in table {
            let mut headers = HeaderMap::new();
            // Proxies vouch for these, and callers write them as well.
            headers.insert("x-forwarded-host", "forwarded.test".parse().unwrap());
            headers.insert(header::FORWARDED, "host=forwarded.test".parse().unwrap());
            if let Some(host) = host {
                headers.insert(HOST, host.as_bytes().try_into().unwrap());
            }
            let uri: Uri = uri.parse().unwrap();
            assert_eq!(request_url(&uri, None, &headers), url, "{uri} {host:?}");
        }
    }

    #[test]
    fn the_scheme_is_that_of_the_uri_else_of_the_connection_else_http() {
        #[rustfmt::skip]
        let table = [
            // uri                  connection           url
            ("/a",                  None,                "http://localhost/a"),
            ("/a",                  Some(Scheme::HTTPS), "https://localhost/a"),
            ("https://test/a",      Some(Scheme::HTTP),  "https://test/a"),
        ];
        for (uri, scheme, url) in table {
            let uri: Uri = uri.parse().unwrap();
            assert_eq!(request_url(&uri, scheme.as_ref(), &HeaderMap::new()), url);
        }
    }
}
