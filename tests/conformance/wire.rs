//! The payloads for the Datadog Agent: spans of the vectors, encoded in both formats, and decoded
//! again by the development Agent's own structs.

use std::collections::BTreeMap;

use packdog::{
    config::ApiVersion,
    internal::wire::{PlainTags, WireSpan, encode},
    span::{SpanId, SpanLink, TagValue, TraceId},
};
use packdog_api::{Attribute, SpanEvent};
use packdog_dev_agent::{
    AttributeValue, Chunk, Span as Decoded, SpanLink as DecodedLink, decode_v04, decode_v05,
};
use serde::Deserialize;

/// A row of `agent_wire.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    format: String,
    chunks: Vec<Vec<VectorSpan>>,
    expect: Vec<Vec<Expected>>,
    #[serde(rename = "example_body_hex")]
    _example_body_hex: String,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "note")]
    _note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VectorSpan {
    service: String,
    name: String,
    resource: String,
    #[serde(rename = "type")]
    span_type: String,
    trace_id: String,
    span_id: String,
    parent_id: Option<String>,
    start: i64,
    duration: i64,
    error: i32,
    meta: BTreeMap<String, String>,
    metrics: BTreeMap<String, f64>,
    span_links: Vec<VectorLink>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VectorLink {
    trace_id: String,
    span_id: String,
    flags: Option<u32>,
    tracestate: Option<String>,
    attributes: BTreeMap<String, String>,
}

/// A missing field counts as empty, as it does after decoding.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    service: String,
    name: String,
    resource: String,
    #[serde(default, rename = "type")]
    span_type: String,
    trace_id: u64,
    span_id: u64,
    #[serde(default)]
    parent_id: u64,
    start: i64,
    duration: i64,
    #[serde(default)]
    error: i32,
    #[serde(default)]
    meta: BTreeMap<String, String>,
    #[serde(default)]
    metrics: BTreeMap<String, f64>,
    #[serde(default)]
    span_links: Vec<ExpectedLink>,
    #[serde(default)]
    span_links_json: Vec<ExpectedJsonLink>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedLink {
    trace_id: u64,
    #[serde(default)]
    trace_id_high: u64,
    span_id: u64,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    tracestate: String,
    /// With bit 31 if known.
    flags: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedJsonLink {
    trace_id: String,
    span_id: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    tracestate: String,
    /// Zero may be left out.
    #[serde(default)]
    flags: u32,
}

fn trace_id(hex: &str) -> TraceId {
    TraceId::new(u128::from_str_radix(hex, 16).unwrap()).unwrap()
}

fn span_id(hex: &str) -> SpanId {
    SpanId::new(u64::from_str_radix(hex, 16).unwrap()).unwrap()
}

/// The parts of a span that are borrowed while it is encoded.
struct Parts {
    tags: Vec<(String, TagValue<'static>)>,
    links: Vec<SpanLink>,
}

impl VectorSpan {
    fn parts(&self) -> Parts {
        let meta =
            self.meta.iter().map(|(key, text)| (key.clone(), TagValue::from(text).into_owned()));
        let metrics = self.metrics.iter().map(|(key, number)| (key.clone(), (*number).into()));
        Parts {
            tags: meta.chain(metrics).collect(),
            links: self.span_links.iter().map(link).collect(),
        }
    }

    fn on_the_wire<'a>(&'a self, parts: &'a Parts) -> WireSpan<'a, PlainTags<'a>> {
        WireSpan {
            service: &self.service,
            name: &self.name,
            resource: &self.resource,
            span_type: &self.span_type,
            trace_id: trace_id(&self.trace_id).low(),
            span_id: span_id(&self.span_id).to_u64(),
            parent_id: self.parent_id.as_deref().map_or(0, |id| span_id(id).to_u64()),
            start: self.start,
            duration: self.duration,
            is_error: match self.error {
                0 => false,
                1 => true,
                error => panic!("no error flag: {error}"),
            },
            tags: PlainTags(&parts.tags),
            links: &parts.links,
            events: &[],
        }
    }
}

fn link(link: &VectorLink) -> SpanLink {
    let mut made = SpanLink::new(trace_id(&link.trace_id), span_id(&link.span_id));
    if let Some(flags) = link.flags {
        made = made.with_sampled(flags == 1);
    }
    if let Some(tracestate) = &link.tracestate {
        made = made.with_tracestate(tracestate);
    }
    link.attributes.iter().fold(made, |made, (key, value)| made.with_attribute(key, value.as_str()))
}

impl Expected {
    /// The span as the development Agent decodes it, which has one form of links for all formats.
    fn decoded(self) -> Decoded {
        let native = self.span_links.into_iter().map(|link| DecodedLink {
            trace_id: u128::from(link.trace_id_high) << 64 | u128::from(link.trace_id),
            span_id: link.span_id,
            attributes: link.attributes,
            tracestate: link.tracestate,
            flags: link.flags.map(|flags| {
                assert_ne!(flags & 1 << 31, 0, "known flags have bit 31 set");
                flags & !(1 << 31)
            }),
        });
        let json = self.span_links_json.into_iter().map(|link| DecodedLink {
            trace_id: trace_id(&link.trace_id).to_u128(),
            span_id: span_id(&link.span_id).to_u64(),
            attributes: link.attributes,
            tracestate: link.tracestate,
            flags: Some(link.flags).filter(|flags| *flags != 0),
        });
        Decoded {
            service: self.service,
            name: self.name,
            resource: self.resource,
            span_type: self.span_type,
            trace_id: self.trace_id,
            span_id: self.span_id,
            parent_id: self.parent_id,
            start: self.start,
            duration: self.duration,
            error: self.error,
            meta: self.meta,
            metrics: self.metrics,
            span_links: native.chain(json).collect(),
            ..Decoded::default()
        }
    }
}

/// The traces that an Agent decodes from these chunks.
fn round_trip(
    version: ApiVersion,
    takes_span_events: bool,
    chunks: &[Vec<WireSpan<'_, PlainTags<'_>>>],
) -> Vec<Vec<Decoded>> {
    let body = encode(version, takes_span_events, chunks);
    let decoded = match version {
        ApiVersion::V04 => decode_v04(&body),
        ApiVersion::V05 => decode_v05(&body),
        other => panic!("no decoder for {other}"),
    };
    decoded.unwrap().into_iter().map(|Chunk { spans, .. }| spans).collect()
}

#[test]
fn the_vectors_are_encoded_as_by_other_tracers() {
    let rows: Vec<Row> = serde_json::from_str(include_str!("vectors/agent_wire.json")).unwrap();
    assert!(rows.len() >= 8, "only {} rows were read", rows.len());
    let mut formats = BTreeMap::<_, u32>::new();
    let mut wrong = Vec::new();
    for Row { name, format, chunks, expect, .. } in rows {
        let version = format.parse().unwrap();
        *formats.entry(format).or_default() += 1;
        let parts =
            chunks.iter().map(|chunk| chunk.iter().map(VectorSpan::parts).collect::<Vec<_>>());
        let parts = parts.collect::<Vec<_>>();
        let chunks = chunks.iter().zip(&parts).map(|(chunk, parts)| {
            chunk.iter().zip(parts).map(|(span, parts)| span.on_the_wire(parts)).collect()
        });
        let sent = round_trip(version, true, &chunks.collect::<Vec<_>>());
        let expected: Vec<Vec<_>> = expect
            .into_iter()
            .map(|chunk| chunk.into_iter().map(Expected::decoded).collect())
            .collect();
        if sent != expected {
            wrong.push(format!("{name}: {sent:#?}\nand not: {expected:#?}"));
        }
    }
    assert!(formats.values().all(|rows| *rows >= 4), "{formats:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Two events: one with every kind of attribute, one without any.
fn events() -> [SpanEvent; 2] {
    // Events keep nothing while there is no tracer in the process.
    let _collector = packdog::test_util::collect();
    let event = SpanEvent::new("cache.miss")
        .with_time(
            std::time::UNIX_EPOCH + std::time::Duration::from_nanos(1_700_000_000_000_000_001),
        )
        .with_attribute("text", "é")
        .with_attribute("bool", true)
        .with_attribute("int", i64::MIN)
        .with_attribute("whole", Attribute::Float(2.0))
        .with_attribute("list", vec!["a", "b"])
        .with_attribute("numbers", vec![1, -2])
        .with_attribute("mixed", Attribute::List(vec![1.into(), true.into()]))
        .with_attribute("too large", u64::MAX)
        .with_attribute("not finite", f64::NAN);
    [event, SpanEvent::new("plain")]
}

fn with_events(events: &[SpanEvent]) -> WireSpan<'_, PlainTags<'_>> {
    WireSpan {
        service: "s",
        name: "n",
        resource: "n",
        span_type: "",
        trace_id: 1,
        span_id: 2,
        parent_id: 0,
        start: 1,
        duration: 1,
        is_error: false,
        tags: PlainTags(&[]),
        links: &[],
        events,
    }
}

#[test]
fn events_as_a_field_and_as_json_are_equal() {
    use AttributeValue::{Array, Bool, Double, Int, String as Text};

    let attributes = [
        ("text", Text("é".to_owned())),
        ("bool", Bool(true)),
        ("int", Int(i64::MIN)),
        ("whole", Double(2.0)),
        ("list", Array(vec![Text("a".to_owned()), Text("b".to_owned())])),
        ("numbers", Array(vec![Int(1), Int(-2)])),
    ];
    let attributes = BTreeMap::from_iter(attributes.map(|(key, value)| (key.to_owned(), value)));
    for (version, takes_span_events) in
        [(ApiVersion::V04, true), (ApiVersion::V04, false), (ApiVersion::V05, true)]
    {
        let chunks = round_trip(version, takes_span_events, &[vec![with_events(&events())]]);
        let span = &chunks[0][0];
        // In `v0.4`, the decoder leaves JSON where it is.
        let events = match span.meta.get("events") {
            Some(json) => {
                assert!(!takes_span_events, "{version}: both a field and JSON");
                assert!(span.span_events.is_empty(), "{version}: both a field and JSON");
                json
            }
            None => {
                let [event, plain] = &span.span_events[..] else { panic!("{version}: {span:?}") };
                assert_eq!(event.name, "cache.miss", "{version}");
                assert_eq!(event.time_unix_nano, 1_700_000_000_000_000_001, "{version}");
                assert_eq!(event.attributes, attributes, "{version}");
                assert_eq!((&*plain.name, plain.attributes.len()), ("plain", 0), "{version}");
                continue;
            }
        };
        assert_eq!(
            events,
            concat!(
                r#"[{"name":"cache.miss","time_unix_nano":1700000000000000001,"attributes":{"#,
                r#""text":"é","bool":true,"int":-9223372036854775808,"whole":2.0,"#,
                r#""list":["a","b"],"numbers":[1,-2]}},{"name":"plain","time_unix_nano":0}]"#
            )
        );
    }
}
