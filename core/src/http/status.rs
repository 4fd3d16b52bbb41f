//! The statuses that make an exchange an error: inclusive ranges.
//!
//! ```text
//! list   = entry *( "," entry )        spaces may stand anywhere around
//! entry  = status [ "-" status ]       404   500-599   599-500
//! ```
//! Rules: [Datadog, `DD_TRACE_HTTP_SERVER_ERROR_STATUSES`](https://docs.datadoghq.com/tracing/trace_collection/library_config/).

use std::{borrow::Cow, fmt, ops::RangeInclusive};

use http::StatusCode;

/// Statuses that mark a span as an error.
///
/// ```
/// use http::StatusCode;
/// use packdog::http::StatusRanges;
///
/// assert!(StatusRanges::SERVER_ERRORS.contains(StatusCode::BAD_GATEWAY));
/// assert!(!StatusRanges::SERVER_ERRORS.contains(StatusCode::NOT_FOUND));
///
/// let ranges = StatusRanges::from_iter([404..=404, 500..=599]);
/// assert!(ranges.contains(StatusCode::NOT_FOUND));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusRanges(Cow<'static, [RangeInclusive<u16>]>);

impl StatusRanges {
    /// 500 to 599, the errors of a server; the default of server spans.
    pub const SERVER_ERRORS: Self = Self(Cow::Borrowed(&[500..=599]));
    /// 400 to 499, the errors of a client; the default of client spans. A response with 500 is an
    /// error of the service that sent it, and is marked there.
    pub const CLIENT_ERRORS: Self = Self(Cow::Borrowed(&[400..=499]));

    /// Parses a list such as `404, 500-599`; returns the valid ranges, if any, and the invalid
    /// entries. The ends of a range may be in either order.
    pub fn parse(text: &str) -> (Option<Self>, Vec<&str>) {
        let mut ranges = Vec::new();
        let mut invalid = Vec::new();
        for piece in text.split(',').map(str::trim) {
            match entry(piece) {
                Some(range) => ranges.push(range),
                None => invalid.push(piece),
            }
        }
        ((!ranges.is_empty()).then(|| ranges.into_iter().collect()), invalid)
    }

    /// Whether `status` lies in one of the ranges.
    pub fn contains(&self, status: StatusCode) -> bool {
        self.0.iter().any(|range| range.contains(&status.as_u16()))
    }
}

impl FromIterator<RangeInclusive<u16>> for StatusRanges {
    fn from_iter<I: IntoIterator<Item = RangeInclusive<u16>>>(ranges: I) -> Self {
        Self(ranges.into_iter().collect())
    }
}

/// Writes the format that [`parse`](StatusRanges::parse) reads.
impl fmt::Display for StatusRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, range) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            match (range.start(), range.end()) {
                (start, end) if start == end => write!(f, "{comma}{start}")?,
                (start, end) => write!(f, "{comma}{start}-{end}")?,
            }
        }
        Ok(())
    }
}

fn entry(text: &str) -> Option<RangeInclusive<u16>> {
    let Some((first, last)) = text.split_once('-') else {
        let status = status(text)?;
        return Some(status..=status);
    };
    let (first, last) = (status(first)?, status(last)?);
    Some(first.min(last)..=first.max(last))
}

/// Parses three digits, as in HTTP.
fn status(text: &str) -> Option<u16> {
    let text = text.trim();
    let is_status = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|status| is_status && *status >= 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_include_both_ends() {
        #[rustfmt::skip]
        let table = [
            // status  server  client
            (399,      false,  false),
            (400,      false,  true),
            (499,      false,  true),
            (500,      true,   false),
            (599,      true,   false),
            (600,      false,  false),
        ];
        for (status, server, client) in table {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(StatusRanges::SERVER_ERRORS.contains(status), server, "{status}");
            assert_eq!(StatusRanges::CLIENT_ERRORS.contains(status), client, "{status}");
        }
    }

    #[test]
    fn lists_are_read_entry_by_entry() {
        #[rustfmt::skip]
        let table: [(_, _, &[&str]); 9] = [
            // list              usable                 invalid
            ("500-599",          Some("500-599"),       &[]),
            (" 404 , 500 - 599", Some("404,500-599"),   &[]),
            ("599-500",          Some("500-599"),       &[]),
            ("404-404",          Some("404"),           &[]),
            ("400,abc,500",      Some("400,500"),       &["abc"]),
            ("404,",             Some("404"),           &[""]),
            ("99,1000,+50",      None,                  &["99", "1000", "+50"]),
            ("500-",             None,                  &["500-"]),
            ("100-999",          Some("100-999"),       &[]),
        ];
        for (list, usable, invalid) in table {
            let (ranges, rest) = StatusRanges::parse(list);
            assert_eq!(ranges.map(|ranges| ranges.to_string()).as_deref(), usable, "{list}");
            assert_eq!(rest, invalid, "{list}");
        }
    }
}
