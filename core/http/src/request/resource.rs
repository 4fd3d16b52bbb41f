//! The operation name of requests, and the resource of an incoming one.
//!
//! ```text
//! resource = method [ " " route ]      GET /users/{id}
//!          / method " 404"             GET 404           no route matched
//! ```
//! Never the raw path: each client could create any number of resources.

use std::borrow::Cow;

use http::{Method, StatusCode};

/// The operation name of requests that are not gRPC calls.
pub(super) const OPERATION: &str = "http.request";

/// Stands for every method that is not in the registry, since clients choose methods freely.
/// [OpenTelemetry](https://opentelemetry.io/docs/specs/semconv/http/http-spans/) uses this name.
const OTHER_METHOD: &str = "_OTHER";

/// The methods as they are tagged, the most frequent ones first.
pub(super) const METHODS: [&str; 11] = [
    "GET",
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "HEAD",
    "OPTIONS",
    "QUERY",
    "CONNECT",
    "TRACE",
    OTHER_METHOD,
];

/// The method as it is tagged: one of a known few, or `_OTHER`.
pub fn known_method(method: &Method) -> &'static str {
    standard_method(method).unwrap_or(OTHER_METHOD)
}

/// The method, if it is a registered one.
pub(super) fn standard_method(method: &Method) -> Option<&'static str> {
    let standard = METHODS.into_iter().find(|known| *known == method.as_str());
    standard.filter(|known| *known != OTHER_METHOD)
}

/// The resource of a request whose route is known.
pub fn resource_of_route(method: &str, route: &str) -> String {
    let mut resource = String::new();
    write_resource_of_route(&mut resource, method, route);
    resource
}

/// Appends the resource that [`resource_of_route`] returns.
pub(super) fn write_resource_of_route(resource: &mut String, method: &str, route: &str) {
    resource.reserve(method.len() + 1 + route.len());
    resource.push_str(method);
    resource.push(' ');
    resource.push_str(route);
}

/// The resource of a request whose route is unknown; its status is unknown too until there is a
/// response.
pub fn resource_without_route(
    method: &'static str,
    status: Option<StatusCode>,
) -> Cow<'static, str> {
    match status {
        Some(StatusCode::NOT_FOUND) => [method, "404"].join(" ").into(),
        _ => method.into(),
    }
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
            assert_eq!(known_method(&Method::from_bytes(sent.as_bytes()).unwrap()), tagged);
        }
    }

    #[test]
    fn a_resource_has_the_route_or_the_status_404_or_neither() {
        assert_eq!(resource_of_route("GET", "/users/{id}"), "GET /users/{id}");
        assert_eq!(resource_without_route("GET", None), "GET");
        assert_eq!(resource_without_route("GET", Some(StatusCode::OK)), "GET");
        assert_eq!(resource_without_route("GET", Some(StatusCode::NOT_FOUND)), "GET 404");
    }
}
