//! Comments in SQL statements, by which Datadog connects a query in the database with its trace.
//!
//! ```text
//! /*dddb='shop',dddbs='shop-db',dde='prod',ddps='users',traceparent='00-…-01'*/ SELECT 1
//!
//! dddb         the name of the database: the tag `db.name`
//! dddbs        the database, as Datadog shows it: the service of the span; or `db.name`, if the span
//!              has it and `DD_TRACE_PEER_SERVICE_DEFAULTS_ENABLED` is on
//! dde          the environment
//! ddh          the host of the database: the tag `out.host`
//! ddprs        the called service, if the application has named it: the tag `peer.service`
//! ddps         the service of the process
//! ddpv         the version of the process
//! traceparent  the ids of the span; only in the mode `full`
//! ```
//! Keys are sorted, and absent values are left out. Values are percent-encoded, and each `%` is
//! written twice, because some drivers read a single `%` as a placeholder.
//!
//! Rules: [Connect Database Monitoring and
//! traces](https://docs.datadoghq.com/database_monitoring/connect_dbm_and_apm/).

use std::{borrow::Cow, fmt, sync::Arc};

use packdog_api::{Span, Tracer};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::tags::{
    internal::DBM_TRACE_INJECTED,
    network::{DB_NAME, OUT_HOST, PEER_SERVICE},
};

/// The characters that are encoded in values.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~').remove(b'/');

/// The comment that SQL statements get (`DD_DBM_PROPAGATION_MODE`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PropagationMode {
    /// None.
    #[default]
    Disabled,
    /// The names of the services.
    Service,
    /// The names of the services, and the ids of the span. Each statement has a text of its own
    /// then, which a cache of prepared statements does not find again.
    Full,
}

impl fmt::Display for PropagationMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disabled => "disabled",
            Self::Service => "service",
            Self::Full => "full",
        })
    }
}

/// Returns the statement with a comment in front that refers to `span`, the span of the query.
///
/// Returns the statement unchanged if the current tracer has no comment configured
/// (`DD_DBM_PROPAGATION_MODE`), or if the span does not record. In the mode `full`, this makes the
/// sampling decision of the trace, and sets the tag `_dd.dbm_trace_injected`.
///
/// Set service and tags of the span first: `out.host`, `db.name` and `peer.service` are part of the
/// comment.
///
/// ```
/// use packdog::{Config, sql, test_util};
///
/// let config = Config::new().with_service("users").with_sql_comments(sql::PropagationMode::Service);
/// let (_collector, _scope) = test_util::collect_with(&config);
/// packdog::span("postgres.query").service("users-db").span_type("sql").in_scope(|span| {
///     span.set_tag("db.name", "accounts");
///     let statement = sql::with_comment("SELECT 1", span);
///     assert_eq!(statement, "/*dddb='accounts',dddbs='users-db',ddps='users'*/ SELECT 1");
/// });
/// ```
pub fn with_comment<'s>(statement: &'s str, span: &Span) -> Cow<'s, str> {
    let tracer = Tracer::current();
    match tracer.extension::<SqlComments>().and_then(|comments| comments.about(span)) {
        Some(comment) => Cow::Owned(format!("/*{comment}*/ {statement}")),
        None => Cow::Borrowed(statement),
    }
}

/// The settings of one tracer.
#[derive(Clone, Debug)]
pub(crate) struct SqlComments {
    mode: PropagationMode,
    service: Arc<str>,
    env: Option<Arc<str>>,
    version: Option<Arc<str>>,
    /// Whether the database is known by its name, and not by the service of the span.
    has_peer_service: bool,
}

impl SqlComments {
    #[cfg(any(test, feature = "agent", feature = "test-util"))]
    pub(crate) fn of(config: &crate::Config) -> Self {
        Self {
            mode: config.sql_comments(),
            service: config.service().into(),
            env: config.env().map(Arc::from),
            version: config.version().map(Arc::from),
            has_peer_service: config.http().client.has_peer_service,
        }
    }

    fn about(&self, span: &Span) -> Option<String> {
        if self.mode == PropagationMode::Disabled || !span.is_recording() {
            return None;
        }
        let tag = |name| {
            let text = span.tag(name)?.as_str()?.to_owned();
            Some(text).filter(|text| !text.is_empty())
        };
        let database = tag(DB_NAME);
        let traceparent = (self.mode == PropagationMode::Full).then(|| {
            span.set_tag(DBM_TRACE_INJECTED, "true");
            traceparent(span)
        });
        let named = database.clone().filter(|_| self.has_peer_service);
        let pairs = [
            ("dddb", database),
            ("dddbs", Some(named.unwrap_or_else(|| span.service()))),
            ("dde", self.env.as_deref().map(str::to_owned)),
            ("ddh", tag(OUT_HOST)),
            ("ddprs", tag(PEER_SERVICE)),
            ("ddps", Some((*self.service).to_owned())),
            ("ddpv", self.version.as_deref().map(str::to_owned)),
            ("traceparent", traceparent.flatten()),
        ];
        let pairs = pairs.into_iter().filter_map(|(key, value)| Some((key, value?)));
        Some(pairs.map(|(key, value)| pair(key, &value)).collect::<Vec<_>>().join(","))
    }
}

fn pair(key: &str, value: &str) -> String {
    let value = utf8_percent_encode(value, ENCODED).to_string().replace('%', "%%");
    format!("{key}='{value}'")
}

/// Returns the ids of the span, after the decision about its trace.
fn traceparent(span: &Span) -> Option<String> {
    span.inject(&mut Vec::new());
    let context = span.context();
    let is_kept = context.sampling_priority().is_some_and(|priority| priority.is_kept());
    let (trace_id, span_id) = (context.trace_id()?, context.span_id()?);
    Some(format!("00-{trace_id}-{span_id}-{:02x}", u8::from(is_kept)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, test_util::collect_with};

    fn config(mode: PropagationMode) -> Config {
        Config::new().with_service("users").with_sql_comments(mode)
    }

    #[test]
    fn values_are_encoded_and_absent_ones_are_left_out() {
        let config = config(PropagationMode::Service).with_env("prod' */ DROP").with_version("1/2");
        let (_collector, _scope) = collect_with(&config);
        let span = packdog_api::span("postgres.query").service("users db").start();
        span.set_tag(OUT_HOST, "10.1.2.3");
        assert_eq!(
            with_comment("SELECT 1", &span),
            "/*dddbs='users%%20db',dde='prod%%27%%20%%2A/%%20DROP',ddh='10.1.2.3',ddps='users',\
             ddpv='1/2'*/ SELECT 1"
        );
        assert_eq!(span.tag(DBM_TRACE_INJECTED), None);
    }

    #[test]
    fn in_full_it_has_the_ids_and_the_decision() {
        for flags in ["00", "01"] {
            let (_collector, _scope) = collect_with(&config(PropagationMode::Full));
            let span = packdog_api::span("postgres.query").start();
            if flags == "00" {
                span.manual_drop()
            } else {
                span.manual_keep()
            }
            let (trace, id) = (span.trace_id().unwrap(), span.span_id().unwrap());
            assert_eq!(
                with_comment("SELECT 1", &span),
                format!(
                    "/*dddbs='users',ddps='users',traceparent='00-{trace}-{id}-{flags}'*/ \
                     SELECT 1"
                )
            );
            assert_eq!(span.tag(DBM_TRACE_INJECTED), Some("true".into()));
        }
    }

    #[test]
    fn without_the_setting_or_a_span_that_records_the_statement_stays() {
        let (_collector, _scope) = collect_with(&config(PropagationMode::Disabled));
        let span = packdog_api::span("postgres.query").start();
        assert!(matches!(with_comment("SELECT 1", &span), Cow::Borrowed("SELECT 1")));
        let (_collector, _scope) = collect_with(&config(PropagationMode::Full));
        assert!(matches!(with_comment("SELECT 1", &Span::nothing()), Cow::Borrowed("SELECT 1")));
    }
}
