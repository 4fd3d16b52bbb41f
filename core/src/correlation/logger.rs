//! A logger of the `log` crate that adds our fields to each record.

use log::{
    Log, Metadata, Record,
    kv::{Error, Key, Source, Value, VisitSource},
};

use super::{LogCorrelation, is_of_opentelemetry};
use crate::Span;

/// A logger of the `log` crate that adds `dd.trace_id`, `dd.span_id`, `dd.service`, `dd.env` and
/// `dd.version` to the key-values of each record and passes it on.
///
/// The inner logger must write key-values, as most structured ones do. Key-values of the record
/// itself come first.
///
/// ```
/// use log::{Log, Metadata, Record};
/// use packdog::correlation::{CorrelatedLog, LogCorrelation};
///
/// struct Lines;
///
/// impl Log for Lines {
///     fn enabled(&self, _: &Metadata) -> bool {
///         true
///     }
///     fn log(&self, record: &Record) {
///         let service = record.key_values().get("dd.service".into());
///         println!("{} service={}", record.args(), service.unwrap());
///     }
///     fn flush(&self) {}
/// }
///
/// let correlation = LogCorrelation::new().with_service("users");
/// log::set_boxed_logger(Box::new(CorrelatedLog::new(Lines, correlation)))?;
/// log::set_max_level(log::LevelFilter::Info);
/// log::info!("bread is out"); // bread is out service=users
/// # Ok::<(), log::SetLoggerError>(())
/// ```
#[derive(Clone, Debug)]
pub struct CorrelatedLog<L> {
    logger: L,
    correlation: LogCorrelation,
}

impl<L> CorrelatedLog<L> {
    /// Wraps `logger` and adds the fields of `correlation`.
    pub fn new(logger: L, correlation: LogCorrelation) -> Self {
        Self { logger, correlation }
    }
}

impl<L: Log> Log for CorrelatedLog<L> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.logger.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if !self.logger.enabled(record.metadata()) {
            return;
        }
        let fields = if is_of_opentelemetry(record.target()) {
            self.correlation.fields_of(&Span::nothing())
        } else {
            self.correlation.fields()
        };
        let fields = fields.iter().map(|(name, value)| (name, value.to_string())).collect();
        let both = Both { first: record.key_values(), fields };
        self.logger.log(&record.to_builder().key_values(&both).build());
    }

    fn flush(&self) {
        self.logger.flush();
    }
}

/// The key-values of a record, and our fields as texts, because ids do not fit into the numbers of
/// JSON.
struct Both<'a> {
    first: &'a dyn Source,
    fields: Vec<(&'static str, String)>,
}

impl Source for Both<'_> {
    fn visit<'kvs>(&'kvs self, visitor: &mut dyn VisitSource<'kvs>) -> Result<(), Error> {
        self.first.visit(visitor)?;
        self.fields.iter().try_for_each(|(name, value)| {
            visitor.visit_pair(Key::from_str(name), Value::from(value.as_str()))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::BTreeMap};

    use super::*;
    use crate::{
        Tracer,
        span::{SpanContext, SpanId, TraceId},
    };

    /// Keeps the key-values of each record of this thread.
    struct Kept;

    thread_local! {
        static KEPT: RefCell<Vec<BTreeMap<String, String>>> = const { RefCell::new(Vec::new()) };
    }

    struct Collect(BTreeMap<String, String>);

    impl<'kvs> VisitSource<'kvs> for Collect {
        fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
            self.0.insert(key.to_string(), value.to_string());
            Ok(())
        }
    }

    impl Log for Kept {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.target() != "quiet"
        }

        fn log(&self, record: &Record<'_>) {
            let mut pairs = Collect(BTreeMap::new());
            record.key_values().visit(&mut pairs).unwrap();
            KEPT.with_borrow_mut(|kept| kept.push(pairs.0));
        }

        fn flush(&self) {}
    }

    fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
    }

    #[test]
    fn each_record_has_its_own_pairs_and_ours() {
        let logger = CorrelatedLog::new(Kept, LogCorrelation::new().with_service("users"));
        let record = Record::builder().key_values(&("plan", "pro")).build();
        logger.log(&record);
        logger.log(
            &record.to_builder().metadata(Metadata::builder().target("quiet").build()).build(),
        );

        let (_collector, _scope) = crate::test_util::collect();
        let context = SpanContext::new().with_trace(TraceId::new(10).unwrap(), SpanId::new(11));
        assert!(Tracer::current().is_enabled());
        Span::passing(context).in_scope(|| logger.log(&record));

        let expected = [
            pairs([("plan", "pro"), ("dd.service", "users")]),
            pairs([
                ("plan", "pro"),
                ("dd.service", "users"),
                ("dd.trace_id", "10"),
                ("dd.span_id", "11"),
            ]),
        ];
        assert_eq!(KEPT.take(), expected);
    }
}
