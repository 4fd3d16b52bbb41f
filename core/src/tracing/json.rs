//! JSON logs of `tracing_subscriber::fmt` with our fields at the root of each object.

use std::fmt::{self, Write};

use tracing_core::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, Json, Writer},
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

use super::belongs::span_of;
use crate::correlation::{LogCorrelation, LogFields};

/// The JSON format of `tracing_subscriber::fmt`, and `dd.trace_id`, `dd.span_id`, `dd.service`,
/// `dd.env` and `dd.version` at the root of each line.
///
/// The ids are those of the current span, whether packdog or `tracing` opened it; of an event with
/// a parent of its own (`parent: &span`) those of that span, unless a filter has disabled it.
/// Without a span they are left out.
///
/// ```
/// use packdog::{correlation::LogCorrelation, tracing::CorrelatedJson};
///
/// let correlation = LogCorrelation::new().with_service("users");
/// let subscriber = tracing_subscriber::fmt()
///     .json()
///     .flatten_event(true)
///     .map_event_format(|json| CorrelatedJson::new(json, correlation))
///     .finish();
/// # drop(subscriber);
/// ```
#[derive(Clone, Debug)]
pub struct CorrelatedJson<T = SystemTime> {
    json: Format<Json, T>,
    correlation: LogCorrelation,
}

impl<T> CorrelatedJson<T> {
    /// Adds the fields of `correlation` to this format.
    pub fn new(json: Format<Json, T>, correlation: LogCorrelation) -> Self {
        Self { json, correlation }
    }
}

impl<S, N, T> FormatEvent<S, N> for CorrelatedJson<T>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    T: FormatTime,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let fields = self.correlation.fields_of(&span_of(context, event));
        let mut opened = Opened::new(&mut writer, members(&fields)?);
        self.json.format_event(context, Writer::new(&mut opened), event)
    }
}

/// Returns the fields as members of a JSON object, without its braces.
fn members(fields: &LogFields) -> Result<String, fmt::Error> {
    let mut object = serde_json::to_string(fields).map_err(|_| fmt::Error)?;
    object.pop();
    object.remove(0);
    Ok(object)
}

/// A writer that passes a JSON object on, with our members after its opening brace.
struct Opened<W> {
    to: W,
    members: String,
    at: At,
}

#[derive(PartialEq)]
enum At {
    Start,
    /// After our members: a comma follows if the object has others.
    Members,
    Rest,
}

impl<W: Write> Opened<W> {
    fn new(to: W, members: String) -> Self {
        Self { to, members, at: At::Start }
    }
}

impl<W: Write> Write for Opened<W> {
    fn write_str(&mut self, mut text: &str) -> fmt::Result {
        if self.at == At::Start
            && let Some(rest) = text.strip_prefix('{')
        {
            self.to.write_char('{')?;
            self.to.write_str(&self.members)?;
            self.at = if self.members.is_empty() { At::Rest } else { At::Members };
            text = rest;
        }
        if self.at == At::Members && !text.is_empty() {
            if !text.starts_with('}') {
                self.to.write_char(',')?;
            }
            self.at = At::Rest;
        }
        self.to.write_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_first_however_the_object_is_written() {
        #[rustfmt::skip]
        let table = [
            // members    written in pieces                    expected
            ("\"a\":1",   &["{", "\"b\"", ":2", "}", "\n"][..], "{\"a\":1,\"b\":2}\n"),
            ("\"a\":1",   &["{\"b\":{}}\n"],                    "{\"a\":1,\"b\":{}}\n"),
            ("\"a\":1",   &["{", "", "}"],                      "{\"a\":1}"),
            ("\"a\":1",   &["{}"],                              "{\"a\":1}"),
            ("",          &["{", "\"b\":2", "}"],               "{\"b\":2}"),
            ("",          &["{}"],                              "{}"),
        ];
        for (members, pieces, expected) in table {
            let mut written = String::new();
            let mut opened = Opened::new(&mut written, members.to_owned());
            for piece in pieces {
                opened.write_str(piece).unwrap();
            }
            assert_eq!(written, expected, "{members:?} {pieces:?}");
        }
    }
}
