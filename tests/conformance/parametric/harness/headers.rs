//! Headers, and tables of headers in and out.

use serde::Deserialize;

use super::app::{App, Ids};

/// The injected headers.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Headers(Vec<(String, String)>);

/// A hop: the rule that it shows, the incoming headers, the outgoing headers.
pub(crate) type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [(&'a str, Expect<'a>)]);

/// The expected value of one outgoing header.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expect<'a> {
    /// This value, in which `{hex}` and `{decimal}` stand for the id of the new span.
    Is(&'a str),
    /// A value without this in it.
    Lacks(&'a str),
    /// No such header.
    Absent,
}

impl Headers {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let value = values.next();
        assert!(values.next().is_none(), "{name} was injected twice: {self:?}");
        value.map(|(_, value)| value.as_str())
    }

    /// The value of `key` in `x-datadog-tags`.
    pub(crate) fn datadog_tag(&self, key: &str) -> Option<&str> {
        let tags = self.get("x-datadog-tags")?.split(',');
        tags.filter_map(|tag| tag.split_once('='))
            .find(|(known, _)| *known == key)
            .map(|(_, value)| value)
    }

    /// The trace id in `traceparent`.
    pub(crate) fn trace_id(&self) -> &str {
        &self.get("traceparent").unwrap()[3..35]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, to send them on.
    pub(crate) fn pairs(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

impl Expect<'_> {
    fn is_met(self, value: Option<&str>, span: Ids) -> bool {
        match (self, value) {
            (Self::Is(expected), Some(value)) => {
                let hex = format!("{:016x}", span.span_id);
                let expected = expected.replace("{hex}", &hex);
                value == expected.replace("{decimal}", &span.span_id.to_string())
            }
            (Self::Lacks(part), Some(value)) => !value.contains(part),
            (Self::Absent, None) => true,
            _ => false,
        }
    }
}

impl App {
    /// Makes the hops of a table, and panics with the rules that do not hold.
    pub(crate) async fn check(&self, rows: &[Row<'_>]) {
        let mut failures = Vec::new();
        for (rule, incoming, outgoing) in rows {
            let (span, injected) = self.hop(incoming).await;
            for (name, expected) in *outgoing {
                let value = injected.get(name);
                if !expected.is_met(value, span) {
                    failures.push(format!("{rule}\n  {name}: {value:?}, expected {expected:?}"));
                }
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }
}
