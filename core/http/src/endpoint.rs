//! The endpoint of a request whose route is unknown: its path with placeholders for variable
//! segments.
//!
//! ```text
//! /users/42/orders/0af7651916cd43dd   ─▶   /users/{param:int}/orders/{param:hex}
//! ```
//! At most [`MAX_SEGMENTS`] segments are shown, so that clients cannot create any number of
//! endpoints.

/// The most segments of a path that are shown.
const MAX_SEGMENTS: usize = 8;
/// The length from which a segment is not taken for a name.
const LONG: usize = 20;

/// The path with placeholders for numbers, ids and long texts.
///
/// ```
/// assert_eq!(packdog_http::endpoint("/users/42"), "/users/{param:int}");
/// ```
pub fn endpoint(path: &str) -> String {
    let segments = path.split('/').filter(|segment| !segment.is_empty()).take(MAX_SEGMENTS);
    let mut endpoint = String::new();
    for segment in segments {
        endpoint.push('/');
        endpoint.push_str(placeholder(segment).unwrap_or(segment));
    }
    if endpoint.is_empty() { "/".to_owned() } else { endpoint }
}

fn placeholder(segment: &str) -> Option<&'static str> {
    let bytes = segment.as_bytes();
    let all = |is: fn(&u8) -> bool| bytes.iter().all(is);
    let has_digit = bytes.iter().any(u8::is_ascii_digit);
    let is_joint = |byte: &u8| matches!(byte, b'.' | b'_' | b'-');
    let is_odd = |byte: &u8| b"%&'()*+,:=@".contains(byte);
    let length = bytes.len();
    if length >= 2 && all(u8::is_ascii_digit) && bytes.first() != Some(&b'0') {
        Some("{param:int}")
    } else if has_digit && length >= 3 && bytes.iter().all(|b| b.is_ascii_digit() || is_joint(b)) {
        Some("{param:int_id}")
    } else if has_digit && length >= 6 && all(u8::is_ascii_hexdigit) {
        Some("{param:hex}")
    } else if has_digit && length >= 6 && bytes.iter().all(|b| b.is_ascii_hexdigit() || is_joint(b))
    {
        Some("{param:hex_id}")
    } else if length >= LONG || bytes.iter().any(is_odd) {
        Some("{param:str}")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variable_segments_become_placeholders() {
        #[rustfmt::skip]
        let table = [
            // path                             endpoint
            ("/",                               "/"),
            ("",                                "/"),
            ("/users/42",                       "/users/{param:int}"),
            ("/v1/users//7",                    "/v1/users/7"),
            ("/2024-01-02",                     "/{param:int_id}"),
            ("/0af765",                         "/{param:hex}"),
            ("/abcdef",                         "/abcdef"),
            ("/0af7-6519",                      "/{param:hex_id}"),
            ("/a%20b",                          "/{param:str}"),
            ("/abcdefghijklmnopqrst",           "/{param:str}"),
            ("/abcdefghijklmnopqrs",            "/abcdefghijklmnopqrs"),
            ("/a/b/c/d/e/f/g/h/i",              "/a/b/c/d/e/f/g/h"),
        ];
        for (path, expected) in table {
            assert_eq!(endpoint(path), expected, "{path}");
        }
    }
}
