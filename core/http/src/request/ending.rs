//! Responses that end with their head.

use http::StatusCode;

/// Whether a response ends with its head, whatever body it was given: no client reads that body.
///
/// Rules: [RFC 9112, message body length](https://www.rfc-editor.org/rfc/rfc9112#section-6.3).
pub fn ends_with_head(method: &str, status: StatusCode) -> bool {
    method == "HEAD"
        || status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
        || (method == "CONNECT" && status.is_success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_responses_end_with_their_head() {
        #[rustfmt::skip]
        let table = [
            // method         status  ends
            ("GET",           200,    false),
            ("HEAD",          200,    true),
            ("GET",           101,    true),
            ("GET",           204,    true),
            ("GET",           205,    false),
            ("GET",           304,    true),
            ("CONNECT",       200,    true),
            ("CONNECT",       299,    true),
            ("CONNECT",       403,    false),
        ];
        for (method, status, ends) in table {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(ends_with_head(method, status), ends, "{method} {status}");
        }
    }
}
