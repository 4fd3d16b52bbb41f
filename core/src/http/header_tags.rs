//! Headers that become tags, as configured by the application.
//!
//! ```text
//! list   = entry *( "," entry )
//! entry  = header [ ":" tag ]          split at the last colon
//!
//! x-tenant           http.request.headers.x-tenant, http.response.headers.x-tenant
//! x-tenant:tenant    tenant, for requests and responses
//! ```
//! Rules: [Datadog, `DD_TRACE_HEADER_TAGS`](https://docs.datadoghq.com/tracing/trace_collection/library_config/).

use std::fmt;

use http::{HeaderMap, HeaderName};

use crate::tags;

/// The most bytes of one value: a tag holds no more.
const MAX_VALUE_BYTES: usize = packdog_api::MAX_TAG_VALUE_BYTES;

/// Headers that become tags of server and client spans.
///
/// A tag with a reserved name, such as `service.name` or `error`, sets the field of the span or its
/// error mark, unless the application sets it.
///
/// ```
/// use http::HeaderMap;
/// use packdog::http::HeaderTags;
///
/// let (tags, _) = HeaderTags::parse("x-tenant, X-Plan:plan");
/// let headers = HeaderMap::from_iter([("x-plan".parse()?, "pro".parse()?)]);
/// assert_eq!(tags.of_request(&headers).collect::<Vec<_>>(), [("plan", "pro".to_owned())]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderTags(Vec<HeaderTag>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct HeaderTag {
    header: HeaderName,
    request: String,
    response: String,
}

impl HeaderTags {
    /// Parses a list; returns the valid entries as headers, and the invalid ones.
    pub fn parse(text: &str) -> (Self, Vec<&str>) {
        let mut tags = Vec::new();
        let mut invalid = Vec::new();
        for piece in text.split(',').map(str::trim).filter(|piece| !piece.is_empty()) {
            match HeaderTag::parse(piece) {
                Some(tag) => tags.push(tag),
                None => invalid.push(piece),
            }
        }
        (Self(tags), invalid)
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the tags from the headers of a request: name and value.
    pub fn of_request(&self, headers: &HeaderMap) -> impl Iterator<Item = (&str, String)> {
        self.0.iter().filter_map(|tag| Some((tag.request.as_str(), value(headers, &tag.header)?)))
    }

    /// Returns the tags from the headers of a response: name and value.
    pub fn of_response(&self, headers: &HeaderMap) -> impl Iterator<Item = (&str, String)> {
        self.0.iter().filter_map(|tag| Some((tag.response.as_str(), value(headers, &tag.header)?)))
    }
}

/// Writes only the headers, for messages.
impl fmt::Display for HeaderTags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers = self.0.iter().map(|tag| tag.header.as_str()).collect::<Vec<_>>();
        f.write_str(&headers.join(","))
    }
}

impl HeaderTag {
    fn parse(entry: &str) -> Option<Self> {
        let (header, tag) = match entry.rsplit_once(':') {
            Some((header, tag)) => (header.trim(), Some(tag.trim())),
            None => (entry, None),
        };
        let header = HeaderName::try_from(header).ok()?;
        Some(match tag {
            Some("") => return None,
            Some(tag) => Self { header, request: tag.to_owned(), response: tag.to_owned() },
            None => {
                let name = normalized(&header);
                let [request, response] =
                    [tags::http::REQUEST_HEADER_PREFIX, tags::http::RESPONSE_HEADER_PREFIX]
                        .map(|prefix| format!("{prefix}{name}"));
                Self { header, request, response }
            }
        })
    }
}

/// Returns the name as part of a tag's name; it is in lower case already.
fn normalized(header: &HeaderName) -> String {
    let is_kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':' | '/');
    header.as_str().chars().map(|c| if is_kept(c) { c } else { '_' }).collect()
}

/// Returns all values of a header, joined by `,`; invalid UTF-8 is replaced by `U+FFFD`.
fn value(headers: &HeaderMap, header: &HeaderName) -> Option<String> {
    let mut joined: Option<String> = None;
    for value in headers.get_all(header) {
        let bytes = value.as_bytes();
        let bytes = bytes.get(..MAX_VALUE_BYTES).unwrap_or(bytes);
        let text = String::from_utf8_lossy(bytes);
        match &mut joined {
            None => joined = Some(text.trim().to_owned()),
            Some(joined) if joined.len() >= MAX_VALUE_BYTES => break,
            Some(joined) => {
                joined.push(',');
                joined.push_str(text.trim());
            }
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_name_a_header_and_perhaps_a_tag() {
        const REQUEST: &str = "http.request.headers.";
        #[rustfmt::skip]
        let table = [
            // list                  tag of `x-tenant` or `a.b`                     invalid
            ("x-tenant",             Some("http.request.headers.x-tenant".to_owned()), vec![]),
            (" X-Tenant ",           Some(format!("{REQUEST}x-tenant")),            vec![]),
            ("X-Tenant:My Tag",      Some("My Tag".to_owned()),                     vec![]),
            (" x-tenant : tag ,, ",  Some("tag".to_owned()),                        vec![]),
            ("a.b",                  Some(format!("{REQUEST}a_b")),                 vec![]),
            ("other",                None,                                          vec![]),
            (":tag",                 None,                                          vec![":tag"]),
            ("x-tenant:",            None,                                          vec!["x-tenant:"]),
            ("x tenant:tag",         None,                                          vec!["x tenant:tag"]),
            ("x-tenant:a:b",         None,                                          vec!["x-tenant:a:b"]),
            ("*",                    None,                                          vec![]),
        ];
        let headers = HeaderMap::from_iter(
            ["x-tenant", "a.b"].map(|name| (name.parse().unwrap(), "7".parse().unwrap())),
        );
        for (list, tag, invalid) in table {
            let (tags, rest) = HeaderTags::parse(list);
            let found = tags.of_request(&headers).map(|(name, value)| {
                assert_eq!(value, "7");
                name.to_owned()
            });
            assert_eq!(found.collect::<Vec<_>>(), Vec::from_iter(tag), "{list:?}");
            assert_eq!(rest, invalid, "{list:?}");
        }
    }

    #[test]
    fn repeated_headers_are_trimmed_and_joined() {
        let (tags, _) = HeaderTags::parse("a");
        let mut headers = HeaderMap::new();
        for value in [&b" 1 "[..], b"\xff", b""] {
            headers.append("a", value.try_into().unwrap());
        }
        let name = "http.response.headers.a";
        assert_eq!(tags.of_response(&headers).collect::<Vec<_>>(), [(name, "1,\u{fffd},".into())]);
    }

    #[test]
    fn large_headers_are_not_copied_in_full() {
        let (tags, _) = HeaderTags::parse("a");
        let mut headers = HeaderMap::new();
        for _ in 0..100 {
            headers.append("a", "x".repeat(100_000).parse().unwrap());
        }
        let (_, value) = tags.of_request(&headers).next().unwrap();
        assert_eq!(value.len(), MAX_VALUE_BYTES);
    }
}
