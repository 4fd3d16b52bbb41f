//! Which statuses make an exchange an error: inclusive ranges.

use std::{borrow::Cow, ops::RangeInclusive};

use http::StatusCode;

/// Statuses that mark a span as an error.
///
/// ```
/// use http::StatusCode;
/// use packdog::http::StatusRanges;
///
/// assert!(StatusRanges::SERVER_ERRORS.contains(StatusCode::BAD_GATEWAY));
/// assert!(!StatusRanges::SERVER_ERRORS.contains(StatusCode::NOT_FOUND));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusRanges(Cow<'static, [RangeInclusive<u16>]>);

impl StatusRanges {
    /// What a server answers when the fault is its own; the default of server spans.
    pub const SERVER_ERRORS: Self = Self(Cow::Borrowed(&[500..=599]));
    /// What a client is told when the fault is its own; the default of client spans.
    pub const CLIENT_ERRORS: Self = Self(Cow::Borrowed(&[400..=499]));

    /// Whether `status` lies in one of the ranges.
    pub fn contains(&self, status: StatusCode) -> bool {
        self.0.iter().any(|range| range.contains(&status.as_u16()))
    }
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
}
