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
/// `true` on the span of a request that was cancelled before its end.
pub const CANCELLED: &str = "http.request.cancelled";
/// The stage in which a request was cancelled: `head` or `body`.
pub const CANCELLED_IN: &str = "http.request.cancelled_in";
/// The host of the page that led to the request.
pub const REFERRER_HOSTNAME: &str = "http.referrer_hostname";
/// The address of the client behind any proxies.
pub const CLIENT_IP: &str = "http.client_ip";
/// The version of the protocol, such as `1.1` or `2`.
pub const VERSION: &str = "http.version";
/// The route or, if it is unknown, the path without its variable parts.
pub const ENDPOINT: &str = "http.endpoint";
/// The prefix of the names of request headers.
pub const REQUEST_HEADER_PREFIX: &str = "http.request.headers.";
/// The prefix of the names of response headers.
pub const RESPONSE_HEADER_PREFIX: &str = "http.response.headers.";
/// The bytes of the response body that were passed to the server, as a number.
pub const RESPONSE_BYTES: &str = "http.response.body.bytes";
/// Nanoseconds from the start of the span to the first byte of the response body, as a number.
pub const TIME_TO_FIRST_BYTE: &str = "http.response.time_to_first_byte_ns";
/// The number of earlier attempts of the same call.
pub const RETRY_COUNT: &str = "http.retry_count";
/// The number of followed redirects.
pub const REDIRECT_COUNT: &str = "http.redirect_count";
