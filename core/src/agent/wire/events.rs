//! Span events in their own field of `v0.4`: each attribute names its type.
//!
//! ```text
//! type  0             1           2          3             4
//! key   string_value  bool_value  int_value  double_value  array_value: {"values": [..]}
//! ```

use packdog_api::{Attribute, SpanEvent};
use serde::{Serialize, Serializer, ser::SerializeMap};

#[derive(Serialize)]
struct Event<'a> {
    time_unix_nano: u64,
    name: &'a str,
    #[serde(skip_serializing_if = "Attributes::is_empty")]
    attributes: Attributes<'a>,
}

/// All events of a span.
pub(super) struct Events<'a>(pub(super) &'a [SpanEvent]);

impl Serialize for Events<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|event| Event {
            time_unix_nano: u64::try_from(event.unix_nanos()).unwrap_or(0),
            name: event.name(),
            attributes: Attributes(event),
        }))
    }
}

struct Attributes<'a>(&'a SpanEvent);

impl Attributes<'_> {
    fn is_empty(&self) -> bool {
        self.0.attributes().len() == 0
    }
}

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.attributes().map(|(key, value)| (key, Typed(value))))
    }
}

struct Typed<'a>(&'a Attribute);

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Attribute::Text(text) => typed(serializer, 0, "string_value", text.as_str()),
            Attribute::Bool(value) => typed(serializer, 1, "bool_value", value),
            Attribute::Int(number) => typed(serializer, 2, "int_value", number),
            Attribute::Float(number) => typed(serializer, 3, "double_value", number),
            Attribute::List(values) => {
                let values = values.iter().map(Typed).collect();
                typed(serializer, 4, "array_value", &List { values })
            }
            _ => typed(serializer, 0, "string_value", ""), // There is no other kind.
        }
    }
}

#[derive(Serialize)]
struct List<'a> {
    values: Vec<Typed<'a>>,
}

fn typed<S: Serializer>(
    serializer: S,
    kind: u8,
    key: &str,
    value: &(impl Serialize + ?Sized),
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(2))?;
    map.serialize_entry("type", &kind)?;
    map.serialize_entry(key, value)?;
    map.end()
}
