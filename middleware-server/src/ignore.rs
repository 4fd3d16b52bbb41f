//! Requests without a span, such as health checks.

use std::{borrow::Cow, fmt, sync::Arc};

use http::Method;

use crate::RequestHead;

/// The requests that leave no span; any rule that fits is enough.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ignored(Vec<Rule>);

#[derive(Clone)]
pub(crate) enum Rule {
    Path(Cow<'static, str>),
    Route(Cow<'static, str>),
    Method(Method),
    If(Arc<dyn Fn(&RequestHead<'_>) -> bool + Send + Sync>),
}

impl Ignored {
    pub(crate) fn add(&mut self, rule: Rule) {
        self.0.push(rule);
    }

    pub(crate) fn contains(&self, head: &RequestHead<'_>) -> bool {
        self.0.iter().any(|rule| match rule {
            Rule::Path(path) => head.uri().path() == path,
            Rule::Route(route) => head.route() == Some(route),
            Rule::Method(method) => head.method() == method,
            Rule::If(is_ignored) => is_ignored(head),
        })
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => f.debug_tuple("Path").field(path).finish(),
            Self::Route(route) => f.debug_tuple("Route").field(route).finish(),
            Self::Method(method) => f.debug_tuple("Method").field(method).finish(),
            Self::If(_) => f.write_str("If(..)"),
        }
    }
}
