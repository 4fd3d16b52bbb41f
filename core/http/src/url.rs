//! The URL of a request as the tag `http.url` shows it.

/// `scheme://host[:port]/path`, without user info, query and fragment.
///
/// User info ends at the last `@` of the authority. The query is left out, because it may hold
/// secrets.
pub fn url(scheme: &str, authority: &str, path: &str) -> String {
    let host = authority.rsplit('@').next().unwrap_or_default();
    let path = path.split(['?', '#']).next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

/// The URL with its query, which [`HttpConfig::server_query`] or [`HttpConfig::client_query`] has
/// redacted. An empty query keeps its `?`.
///
/// [`HttpConfig::server_query`]: packdog::http::HttpConfig::server_query
/// [`HttpConfig::client_query`]: packdog::http::HttpConfig::client_query
pub fn url_with_query(scheme: &str, authority: &str, path: &str, query: Option<&str>) -> String {
    let mut url = url(scheme, authority, path);
    if let Some(query) = query {
        url.push('?');
        url.push_str(query);
    }
    url
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
