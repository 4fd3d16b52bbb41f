//! The settings of HTTP spans: how a layer finds them, and what follows from several of them.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use packdog_api::Tracer;

pub use crate::config::options::HttpConfig;

impl HttpConfig {
    /// What `tracer` was configured with; the defaults for one that knows nothing of HTTP.
    pub fn of(tracer: &Tracer) -> Arc<Self> {
        static DEFAULT: LazyLock<Arc<HttpConfig>> = LazyLock::new(Arc::default);
        let config = tracer.extension::<Arc<Self>>();
        Arc::clone(config.unwrap_or_else(|| &DEFAULT))
    }

    /// The query that the URL of a server span shows, without its secrets; `None` for none.
    pub fn server_query<'q>(&self, query: Option<&'q str>) -> Option<Cow<'q, str>> {
        let is_shown = self.server_query_enabled && !self.server_query_disabled;
        self.query_redaction.redact(query.filter(|_| is_shown)?)
    }

    /// The query that the URL of a client span shows, without its secrets; `None` for none.
    pub fn client_query<'q>(&self, query: Option<&'q str>) -> Option<Cow<'q, str>> {
        self.query_redaction.redact(query.filter(|_| self.client_query_enabled)?)
    }
}
