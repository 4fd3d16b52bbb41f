//! The names of an incoming request, and whether its response has a body.
//!
//! ```text
//! resource = method [ " " route ]      GET /users/{id}
//!          / method " 404"             GET 404           no route matched
//! ```
//! Never the raw path: each client could make up resources without end.

use std::borrow::Cow;

use http::{HeaderMap, Method, StatusCode, Uri, Version, header::HOST, uri::Scheme};

use crate::url_with_query;

/// Stands for every method that is not in the registry, since clients choose methods freely.
/// [OpenTelemetry](https://opentelemetry.io/docs/specs/semconv/http/http-spans/) uses this name.
const OTHER_METHOD: &str = "_OTHER";

/// The method as it is tagged: one of a known few, or `_OTHER`.
pub fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "QUERY" => "QUERY",
        "CONNECT" => "CONNECT",
        "TRACE" => "TRACE",
        _ => OTHER_METHOD,
    }
}

/// The resource of a request whose route is known.
pub fn resource_of_route(method: &str, route: &str) -> String {
    format!("{method} {route}")
}

/// The resource of a request whose route is unknown; the status is so too until there is an
/// answer.
pub fn resource_without_route(
    method: &'static str,
    status: Option<StatusCode>,
) -> Cow<'static, str> {
    match status {
        Some(StatusCode::NOT_FOUND) => format!("{method} 404").into(),
        _ => method.into(),
    }
}

/// The URL that was asked for, without user info, with the query as it is given: redacted.
///
/// The host comes from the header `Host`, else from the URI (where HTTP/2 puts `:authority`),
/// else it is `localhost`. A URI has no scheme in HTTP/1.1: then it is what the server knows of
/// the connection, else `http`.
pub fn request_url(
    uri: &Uri,
    known_scheme: Option<&Scheme>,
    headers: &HeaderMap,
    query: Option<&str>,
) -> String {
    let scheme = uri.scheme().or(known_scheme).unwrap_or(&Scheme::HTTP);
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let authority = host
        .or_else(|| uri.authority().map(|authority| authority.as_str()))
        .filter(|authority| !authority.is_empty())
        .unwrap_or("localhost");
    // `OPTIONS *` asks about the server as a whole.
    let path = if uri.path() == "*" { "" } else { uri.path() };
    url_with_query(scheme.as_str(), authority, path, query)
}

/// The version of the protocol as it is tagged; `None` for one that is unheard of.
pub fn version(version: Version) -> Option<&'static str> {
    match version {
        Version::HTTP_09 => Some("0.9"),
        Version::HTTP_10 => Some("1.0"),
        Version::HTTP_11 => Some("1.1"),
        Version::HTTP_2 => Some("2"),
        Version::HTTP_3 => Some("3"),
        _ => None,
    }
}

/// The host of a `Referer`, without port and user info; `None` if that is no URL of the web.
pub fn referrer_hostname(referrer: &str) -> Option<String> {
    let uri: Uri = referrer.parse().ok()?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    let host = uri.host().filter(|host| is_web && !host.is_empty())?;
    Some(host.to_owned())
}

/// Whether the answer ends with its head, whatever body it was given: nobody reads that body.
///
/// Rules: [RFC 9112, message body length](https://www.rfc-editor.org/rfc/rfc9112#section-6.3).
pub fn ends_with_head(method: &Method, status: StatusCode) -> bool {
    method == Method::HEAD
        || status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
        || (method == Method::CONNECT && status.is_success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_outside_the_registry_is_other() {
        #[rustfmt::skip]
        let table = [
            // sent      tagged
            ("GET",      "GET"),
            ("QUERY",    "QUERY"),
            ("get",      "_OTHER"), // Methods are case-sensitive.
            ("MADE-UP",  "_OTHER"),
        ];
        for (sent, tagged) in table {
            assert_eq!(method(&Method::from_bytes(sent.as_bytes()).unwrap()), tagged);
        }
    }

    #[test]
    fn a_resource_has_the_route_or_the_status_404_or_neither() {
        assert_eq!(resource_of_route("GET", "/users/{id}"), "GET /users/{id}");
        assert_eq!(resource_without_route("GET", None), "GET");
        assert_eq!(resource_without_route("GET", Some(StatusCode::OK)), "GET");
        assert_eq!(resource_without_route("GET", Some(StatusCode::NOT_FOUND)), "GET 404");
    }

    #[test]
    fn the_host_is_that_of_the_header_else_of_the_uri_else_localhost() {
        #[rustfmt::skip]
        let table = [
            // uri                        Host               url
            ("/a?token=x",                Some("example.com"), "http://example.com/a"),
            ("https://example.com:1/a",   None,                "https://example.com:1/a"),
            ("https://example.com/a",     Some("proxy.test"),  "https://proxy.test/a"),
            ("/a",                        None,                "http://localhost/a"),
            ("/a",                        Some(""),            "http://localhost/a"),
            ("/a",                        Some("\u{e9}"),      "http://localhost/a"),
            ("*",                         Some("example.com"), "http://example.com"),
        ];
        for (uri, host, url) in table {
            let mut headers = HeaderMap::new();
            if let Some(host) = host {
                headers.insert(HOST, host.as_bytes().try_into().unwrap());
            }
            let uri: Uri = uri.parse().unwrap();
            assert_eq!(request_url(&uri, None, &headers, None), url, "{uri} {host:?}");
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
            assert_eq!(request_url(&uri, scheme.as_ref(), &HeaderMap::new(), None), url);
        }
    }

    #[test]
    fn the_referrer_is_the_host_of_a_page() {
        #[rustfmt::skip]
        let table = [
            // Referer                         host
            ("https://example.com/a?b#c",      Some("example.com")),
            ("http://user:pass@example.com:1", Some("example.com")),
            ("http://[::1]:1/",                Some("[::1]")),
            ("ftp://example.com/",             None),
            ("example.com",                    None),
            ("/a",                             None),
            ("http://",                        None),
            ("http:///a",                      None),
            ("",                               None),
        ];
        for (referrer, expected) in table {
            assert_eq!(referrer_hostname(referrer).as_deref(), expected, "{referrer}");
        }
    }

    #[test]
    fn some_answers_end_with_their_head() {
        #[rustfmt::skip]
        let table = [
            // method         status  ends
            (Method::GET,     200,    false),
            (Method::HEAD,    200,    true),
            (Method::GET,     101,    true),
            (Method::GET,     204,    true),
            (Method::GET,     205,    false),
            (Method::GET,     304,    true),
            (Method::CONNECT, 200,    true),
            (Method::CONNECT, 299,    true),
            (Method::CONNECT, 403,    false),
        ];
        for (method, status, ends) in table {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(ends_with_head(&method, status), ends, "{method} {status}");
        }
    }
}
