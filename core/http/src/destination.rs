//! The destination of an outgoing request.
//!
//! ```text
//! scheme "://" [user-info "@"] host [":" port] path
//!                              └── out.host, network.destination.port
//! ```

use http::{HeaderMap, HeaderName, Uri, header::HOST};

use packdog::{
    http::host::{Endpoint, Host},
    internal::find_byte,
};

use crate::{
    LentEndpoint,
    host::place_of_host,
    url::{UrlPieces, pieces_of_path, without_user_info},
};

/// The language of a tracer that talks to the Datadog Agent; nothing else carries this header.
static META_LANG: HeaderName = HeaderName::from_static("datadog-meta-lang");

/// Whether a request with these headers goes to the Datadog Agent. Such requests are not traced:
/// each would cause the next one.
pub fn is_agent_call(headers: &HeaderMap) -> bool {
    headers.contains_key(&META_LANG)
}

/// The destination of a request: the parts of its URL, as they stand there.
#[derive(Clone, Copy, Debug)]
pub struct Destination<'a> {
    scheme: &'a str,
    authority: &'a str,
    /// The authority without user info.
    place: &'a str,
    path: &'a str,
    /// Without its port and brackets; empty if unknown.
    host: &'a str,
    port: Option<u16>,
}

impl<'a> Destination<'a> {
    /// The destination with these parts: `http` or `https`, `[user-info@]host[:port]`, which is
    /// empty if it is unknown, and the path without query and fragment.
    pub fn new(scheme: &'a str, authority: &'a str, path: &'a str) -> Self {
        let place = without_user_info(authority);
        let (host, port) = host_and_port(place);
        let port = match (host, port, scheme) {
            ("", ..) => None,
            (_, "", "http") => Some(80),
            (_, "", "https") => Some(443),
            (_, port, _) => port.parse().ok(),
        };
        Self { scheme, authority, place, path, host, port }
    }

    /// The destination of a request, whose `Host` header counts where the URI is only a path.
    pub fn of(uri: &'a Uri, headers: &'a HeaderMap) -> Self {
        let destination = Self::of_uri(uri);
        match headers.get(HOST).and_then(|host| host.to_str().ok()) {
            Some(host) if destination.authority.is_empty() && place_of_host(host).is_some() => {
                Self::new(destination.scheme, host, destination.path)
            }
            _ => destination,
        }
    }

    /// The destination that a URI names. Unlike a `Host` header, it is always the place that is
    /// called.
    pub fn of_uri(uri: &'a Uri) -> Self {
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        Self::new(uri.scheme_str().unwrap_or("http"), authority, uri.path())
    }

    /// The same place with another path.
    pub fn with_path(self, path: &'a str) -> Self {
        Self { path, ..self }
    }

    /// Host and port as rules compare them.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint { host: self.host().and_then(Host::parse), port: self.port }
    }

    /// Like [`endpoint`](Self::endpoint), for a call: the thread keeps those of its last calls.
    pub fn lent_endpoint(&self) -> LentEndpoint {
        LentEndpoint::of(self.host, self.port)
    }

    /// The value of `http.url`: without user info and fragment, with the query that
    /// [`HttpConfig::client_query`](packdog::http::HttpConfig::client_query) has redacted; only
    /// path and query if the host is unknown.
    pub fn url(&self, query: Option<&str>) -> String {
        self.url_pieces(query).concat()
    }

    /// The pieces of the URL that [`url`](Self::url) returns.
    pub(crate) fn url_pieces<'u>(&'u self, query: Option<&'u str>) -> UrlPieces<'u> {
        if self.authority.is_empty() {
            let (separator, query) = query.map_or(("", ""), |query| ("?", query));
            return [self.path, separator, query, "", "", ""];
        }
        pieces_of_path(self.scheme, self.place, self.path, query)
    }

    /// The path, which may be empty.
    pub fn path(&self) -> &'a str {
        self.path
    }

    /// The host without its port, IPv6 addresses without brackets; `None` if unknown.
    pub fn host(&self) -> Option<&'a str> {
        (!self.host.is_empty()).then_some(self.host)
    }

    /// The port that is connected to: the one in the URL, or the default of the scheme.
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

fn host_and_port(place: &str) -> (&str, &str) {
    match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, port)) => (host, port.strip_prefix(':').unwrap_or_default()),
        None => {
            let (host, port) = find_byte(place, b':')
                .and_then(|at| place.split_at_checked(at))
                .unwrap_or((place, ""));
            (host, port.strip_prefix(':').unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn destination<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> (Option<&'a str>, Option<u16>) {
        let destination = Destination::of(uri, headers);
        (destination.host(), destination.port())
    }

    #[test]
    fn host_and_effective_port_of_a_uri() {
        #[rustfmt::skip]
        let table = [
            // uri                               host             port
            ("http://example.com/a",             "example.com",   Some(80)),
            ("https://example.com",              "example.com",   Some(443)),
            ("https://example.com:/",            "example.com",   Some(443)),
            ("http://example.com:8126/",         "example.com",   Some(8126)),
            ("http://[::1]/",                    "::1",           Some(80)),
            ("https://[2001:db8::7]:8443/",      "2001:db8::7",   Some(8443)),
            ("http://user:secret@10.0.0.1:81/",  "10.0.0.1",      Some(81)),
            ("http://allowed@evil.example/",     "evil.example",  Some(80)),
            ("ftp://example.com/",               "example.com",   None),
            ("example.com:443",                  "example.com",   Some(443)), // CONNECT
        ];
        for (uri, host, port) in table {
            let uri = uri.parse().unwrap();
            assert_eq!(destination(&uri, &HeaderMap::new()), (Some(host), port), "{uri}");
        }
    }

    #[test]
    fn the_host_header_names_the_destination_of_a_bare_path() {
        let uri = "/a?token=x".parse().unwrap();
        let mut headers = HeaderMap::new();
        assert_eq!(destination(&uri, &headers), (None, None));
        assert_eq!(Destination::of(&uri, &headers).url(None), "/a");
        assert_eq!(Destination::of(&uri, &headers).url(Some("b=1")), "/a?b=1");
        headers.insert(HOST, "example.com:81".parse().unwrap());
        assert_eq!(destination(&uri, &headers), (Some("example.com"), Some(81)));
        let destination = Destination::of(&uri, &headers);
        assert_eq!(destination.url(None), "http://example.com:81/a");
        assert_eq!(destination.url(Some("b=1")), "http://example.com:81/a?b=1");
    }

    #[test]
    fn a_host_header_that_is_no_host_names_nothing() {
        let uri = "/a".parse().unwrap();
        for host in ["", "b.test/?t=x", "u:p@", ":80", "a.test b"] {
            let headers = HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
            assert_eq!(destination(&uri, &headers), (None, None), "{host}");
            assert_eq!(Destination::of(&uri, &headers).url(None), "/a", "{host}");
        }
    }

    #[test]
    fn the_host_header_does_not_hide_where_an_absolute_uri_goes() {
        let uri = "http://10.0.0.1/".parse().unwrap();
        let headers = HeaderMap::from_iter([(HOST, "example.com".parse().unwrap())]);
        assert_eq!(destination(&uri, &headers), (Some("10.0.0.1"), Some(80)));
    }

    #[test]
    fn only_calls_to_the_agent_carry_its_header() {
        let mut headers = HeaderMap::new();
        assert!(!is_agent_call(&headers));
        headers.insert("Datadog-Meta-Lang", "rust".parse().unwrap());
        assert!(is_agent_call(&headers));
    }
}
