//! The settings of HTTP spans, as layers read them from a tracer.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use packdog_api::Tracer;

pub use crate::config::options::HttpConfig;

impl HttpConfig {
    /// Returns the settings of `tracer`; the defaults if it has none.
    pub fn of(tracer: &Tracer) -> Arc<Self> {
        static DEFAULT: LazyLock<Arc<HttpConfig>> = LazyLock::new(Arc::default);
        let config = tracer.extension::<Arc<Self>>();
        Arc::clone(config.unwrap_or_else(|| &DEFAULT))
    }

    /// Returns the query for the URL of a server span, with secrets redacted; `None` to leave it
    /// out.
    pub fn server_query<'q>(&self, query: Option<&'q str>) -> Option<Cow<'q, str>> {
        let is_shown = self.server_query_enabled && !self.server_query_disabled;
        self.query_redaction.redact(query.filter(|_| is_shown)?)
    }

    /// Returns the query for the URL of a client span, with secrets redacted; `None` to leave it
    /// out.
    pub fn client_query<'q>(&self, query: Option<&'q str>) -> Option<Cow<'q, str>> {
        self.query_redaction.redact(query.filter(|_| self.client_query_enabled)?)
    }
}
