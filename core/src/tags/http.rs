//! Tags of HTTP requests.

/// The method in upper case.
pub const METHOD: &str = "http.method";
/// The URL without user info and fragment.
pub const URL: &str = "http.url";
/// The route as declared, such as `/users/{id}`.
pub const ROUTE: &str = "http.route";
/// The status as decimal text.
pub const STATUS_CODE: &str = "http.status_code";
/// The `User-Agent` of the caller.
pub const USER_AGENT: &str = "http.useragent";
/// `true` on the span of a request that was given up before its end.
pub const CANCELLED: &str = "http.request.cancelled";
/// How far a given up request had come: `head` or `body`.
pub const CANCELLED_IN: &str = "http.request.cancelled_in";
