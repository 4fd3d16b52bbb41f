//! The spans that all contenders record.

use crate::row::Sends;

/// Tags of a root span.
pub(crate) const ROOT_TAGS: [(&str, &str); 7] = [
    ("span.kind", "server"),
    ("component", "tower"),
    ("http.method", "GET"),
    ("http.url", "http://users.example.com/users/42"),
    ("http.route", "/users/{id}"),
    ("http.status_code", "200"),
    ("http.useragent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0)"),
];
/// Tags of a span below.
pub(crate) const CHILD_TAGS: [(&str, &str); 3] =
    [("db.system", "postgresql"), ("db.name", "users"), ("db.operation", "select")];
/// Spans below the root in a trace of ten.
pub(crate) const CHILDREN: usize = 9;

const ROOT: Sends = Sends { tags: &ROOT_TAGS, per_step: 1, besides: 0 };
/// One root span per iteration.
pub(crate) const ROOTS: &[Sends] = &[ROOT];
/// A trace of ten spans per iteration.
pub(crate) const TRACES: &[Sends] =
    &[ROOT, Sends { tags: &CHILD_TAGS, per_step: CHILDREN, besides: 0 }];
/// A span of a server per iteration.
pub(crate) const REQUESTS: &[Sends] =
    &[Sends { tags: &[("http.status_code", "200")], per_step: 1, besides: 0 }];
