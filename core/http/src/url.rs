//! The URL of a request as the tag `http.url` shows it.

use packdog::internal::find_byte;

/// `scheme://host[:port]/path`, without user info, query and fragment.
///
/// User info ends at the last `@` of the authority. The query is left out, because it may hold
/// secrets.
pub fn url(scheme: &str, authority: &str, path: &str) -> String {
    url_with_query(scheme, authority, path, None)
}

/// The URL with its query, which [`HttpConfig::server_query`] or [`HttpConfig::client_query`] has
/// redacted. An empty query keeps its `?`.
///
/// [`HttpConfig::server_query`]: packdog::http::HttpConfig::server_query
/// [`HttpConfig::client_query`]: packdog::http::HttpConfig::client_query
pub fn url_with_query(scheme: &str, authority: &str, path: &str, query: Option<&str>) -> String {
    pieces(scheme, without_user_info(authority), path, query).concat()
}

/// A URL in pieces: a span copies them once, and none of them needs a buffer.
pub(crate) type UrlPieces<'a> = [&'a str; 6];

/// The pieces of the URL that [`url_with_query`] returns, given a host and port without user info.
fn pieces<'a>(
    scheme: &'a str,
    place: &'a str,
    path: &'a str,
    query: Option<&'a str>,
) -> UrlPieces<'a> {
    let path_end = [b'?', b'#'].into_iter().filter_map(|byte| find_byte(path, byte)).min();
    let path = path_end.and_then(|end| path.get(..end)).unwrap_or(path);
    pieces_of_path(scheme, place, path, query)
}

/// Like [`pieces`], with a path that has neither query nor fragment, such as that of a
/// [`Uri`](http::Uri).
pub(crate) fn pieces_of_path<'a>(
    scheme: &'a str,
    place: &'a str,
    path: &'a str,
    query: Option<&'a str>,
) -> UrlPieces<'a> {
    let (separator, query) = query.map_or(("", ""), |query| ("?", query));
    [scheme, "://", place, path, separator, query]
}

/// The host and the port of an authority. User info ends at its last `@`.
pub(crate) fn without_user_info(authority: &str) -> &str {
    if find_byte(authority, b'@').is_none() {
        return authority; // Nearly always.
    }
    let at = authority.bytes().rposition(|byte| byte == b'@');
    at.and_then(|at| authority.get(at + 1..)).unwrap_or(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_neither_user_info_nor_query_nor_fragment() {
        #[rustfmt::skip]
        let table = [
            // scheme   authority            path            url
            ("http",  "example.com",         "/",            "http://example.com/"),
            ("https", "example.com:8443",    "/a/b?token=x", "https://example.com:8443/a/b"),
            ("http",  "user:pa@ss@[::1]:80", "/a#part",      "http://[::1]:80/a"),
        ];
        for (scheme, authority, path, expected) in table {
            assert_eq!(url(scheme, authority, path), expected);
        }
    }
}
