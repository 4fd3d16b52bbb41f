//! The schema of both formats as structs, and a test that the encoders write the same bytes.
//!
//! It holds the order and names of fields, and those that are left out when empty.

use packdog_api::{SpanEvent, SpanId, SpanLink, TagValue, TraceId};
use serde::{Serialize, Serializer};

use super::{
    events::Events,
    format::Format,
    inline_texts::InlineTexts,
    link::Links,
    plain::{PlainTags, WireSpan},
    strings::Strings,
    v04, v05,
};
use crate::config::ApiVersion;

#[derive(Serialize)]
struct Span<'a> {
    service: &'a str,
    name: &'a str,
    resource: &'a str,
    trace_id: u64,
    span_id: u64,
    parent_id: u64,
    start: i64,
    duration: i64,
    #[serde(skip_serializing_if = "is_zero")]
    error: i32,
    #[serde(skip_serializing_if = "Map::is_empty")]
    meta: Map<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    metrics: Map<&'a str, f64>,
    #[serde(rename = "type", skip_serializing_if = "str::is_empty")]
    span_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    span_links: Option<Links<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span_events: Option<Events<'a>>,
}

#[derive(Serialize)]
struct SpanV05(
    u32,           // service
    u32,           // name
    u32,           // resource
    u64,           // trace_id, the low half
    u64,           // span_id
    u64,           // parent_id
    i64,           // start
    i64,           // duration
    i32,           // error
    Map<u32, u32>, // meta
    Map<u32, f64>, // metrics
    u32,           // type
);

/// Pairs in their order.
struct Map<K, V>(Vec<(K, V)>);

impl<K, V> Map<K, V> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Serialize, V: Serialize> Serialize for Map<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

fn is_zero(number: &i32) -> bool {
    *number == 0
}

type PlainSpan<'a> = WireSpan<'a, PlainTags<'a>>;

fn texts<'a>(span: &PlainSpan<'a>, inlined: &'a InlineTexts) -> Vec<(&'a str, &'a str)> {
    let own = span.tags.0.iter().filter_map(|(key, value)| Some((&**key, value.as_str()?)));
    let links = inlined.links.as_deref().map(|text| ("_dd.span_links", text));
    let events = inlined.events.as_deref().map(|text| ("events", text));
    own.chain(links).chain(events).collect()
}

fn numbers<'a>(span: &PlainSpan<'a>) -> Vec<(&'a str, f64)> {
    span.tags.0.iter().filter_map(|(key, value)| Some((&**key, value.as_f64()?))).collect()
}

fn by_schema_v04(span: &PlainSpan<'_>, format: Format) -> Vec<u8> {
    let inlined = InlineTexts::of(span.links, span.events, format);
    let has_events = format.has_events() && !span.events.is_empty();
    let span = Span {
        service: span.service,
        name: span.name,
        resource: span.resource,
        trace_id: span.trace_id,
        span_id: span.span_id,
        parent_id: span.parent_id,
        start: span.start,
        duration: span.duration,
        error: span.is_error.into(),
        meta: Map(texts(span, &inlined)),
        metrics: Map(numbers(span)),
        span_type: span.span_type,
        span_links: (!span.links.is_empty()).then_some(Links(span.links)),
        span_events: has_events.then_some(Events(span.events)),
    };
    rmp_serde::to_vec_named(&span).unwrap()
}

fn by_schema_v05(span: &PlainSpan<'_>, format: Format, strings: &mut Strings) -> Vec<u8> {
    let inlined = InlineTexts::of(span.links, span.events, format);
    let [service, name, resource] =
        [span.service, span.name, span.resource].map(|text| strings.index(text));
    let (mut meta, mut metrics) = (Vec::new(), Vec::new());
    for (key, value) in span.tags.0 {
        let key = strings.index(key);
        match value.as_str() {
            Some(text) => meta.push((key, strings.index(text))),
            None => metrics.push((key, value.as_f64().unwrap())),
        }
    }
    for (key, text) in texts(span, &inlined).into_iter().skip(meta.len()) {
        meta.push((strings.index(key), strings.index(text)));
    }
    let span = SpanV05(
        service,
        name,
        resource,
        span.trace_id,
        span.span_id,
        span.parent_id,
        span.start,
        span.duration,
        span.is_error.into(),
        Map(meta),
        Map(metrics),
        strings.index(span.span_type),
    );
    rmp_serde::to_vec(&span).unwrap()
}

/// Numbers that look random and are the same in each run.
struct Numbers(u64);

impl Numbers {
    /// Returns a number of any length in bits.
    fn number(&mut self) -> u64 {
        self.bits() >> self.below(64)
    }

    fn below(&mut self, end: usize) -> usize {
        self.bits() as usize % end
    }

    fn is_heads(&mut self) -> bool {
        self.below(2) == 0
    }

    fn text(&mut self) -> String {
        let length = [0, 1, 7, 31, 32, 300][self.below(6)];
        (0..length).map(|_| ['a', 'm', 'z', '~', '\u{7f}', 'é'][self.below(6)]).collect()
    }

    /// The upper half of a linear congruential generator, twice: its lower bits repeat soon.
    fn bits(&mut self) -> u64 {
        let mut half = || {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            self.0 >> 32
        };
        half() << 32 | half()
    }
}

#[test]
fn the_encoders_write_the_bytes_of_the_schema() {
    let mut numbers = Numbers(7);
    for case in 0..500 {
        let tags = (0..numbers.below(40))
            .map(|index| {
                let key = format!("{index}{}", numbers.text());
                let value = match numbers.is_heads() {
                    true => TagValue::from(numbers.text()),
                    false => TagValue::from(numbers.number() as f64 / 7.0),
                };
                (key, value)
            })
            .collect::<Vec<_>>();
        let link = SpanLink::new(TraceId::new(5 << 64 | 7).unwrap(), SpanId::new(9).unwrap());
        let links = [link.clone(), link.with_sampled(true).with_attribute("key", "value")];
        let event = SpanEvent::new("event").with_attribute("list", vec![1, -2]);
        let events = [event.with_attribute("text", "é")];
        let [service, name, resource, span_type] = [(); 4].map(|()| numbers.text());
        let span = WireSpan {
            service: &service,
            name: &name,
            resource: &resource,
            span_type: &span_type,
            trace_id: numbers.number(),
            span_id: numbers.number(),
            parent_id: numbers.number(),
            start: numbers.number() as i64,
            duration: numbers.number() as i64,
            is_error: numbers.is_heads(),
            tags: PlainTags(&tags),
            links: &links[..numbers.below(3)],
            events: &events[..numbers.below(2)],
        };
        let (mut scratch, mut ours) = (vec![1], Vec::new());

        let takes_span_events = numbers.is_heads();
        let format = Format { version: ApiVersion::V04, takes_span_events };
        v04::encode(&span, format, usize::MAX, &mut v04::Scratch::default(), &mut ours).unwrap();
        assert_eq!(ours, by_schema_v04(&span, format), "{case}");

        ours.clear();
        let format = Format { version: ApiVersion::V05, takes_span_events };
        let (mut table, mut expected_table) = (Strings::new(), Strings::new());
        v05::encode(&span, format, usize::MAX, &mut table, &mut scratch, &mut ours);
        assert_eq!(ours, by_schema_v05(&span, format, &mut expected_table), "{case}");
        assert_eq!(table.finish(), expected_table.finish(), "{case}");
    }
}
