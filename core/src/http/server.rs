//! How a request that is answered here is named, and whether its answer has a body.
//!
//! ```text
//! resource = method [ " " route ]      GET /users/{id}
//!          / method " 404"             GET 404           no route matched
//! ```
//! Never the raw path: each client could make up resources without end.

use std::borrow::Cow;

use http::{HeaderMap, Method, StatusCode, Uri, header::HOST};

use super::url;

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

/// The URL that was asked for, without user info and query.
///
/// The host comes from the header `Host`, else from the URI (where HTTP/2 puts `:authority`),
/// else it is `localhost`. A URI without a scheme, as in HTTP/1.1, is taken as `http`.
pub fn request_url(uri: &Uri, headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let authority = host
        .or_else(|| uri.authority().map(|authority| authority.as_str()))
        .filter(|authority| !authority.is_empty())
        .unwrap_or("localhost");
    // `OPTIONS *` asks about the server as a whole.
    let path = if uri.path() == "*" { "" } else { uri.path() };
    url(uri.scheme_str().unwrap_or("http"), authority, path)
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
            assert_eq!(request_url(&uri.parse().unwrap(), &headers), url, "{uri} {host:?}");
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
