use opentelemetry::{
    Array, InstrumentationScope, KeyValue, Value,
    trace::{Span as _, SpanKind, Tracer as _, TracerProvider as _},
};
use packdog::test_util::CollectedSpan;
use packdog_api::{MAX_TAGS_PER_SPAN, SamplingPriority, TagValue};

use super::{builder, collector, start, tracer};
use crate::TracerProvider;

/// The spans that get the same attributes from a builder, and one by one.
fn both(attributes: &[KeyValue]) -> [CollectedSpan; 2] {
    let (collector, _scope) = collector();
    drop(builder(SpanKind::Internal, attributes.to_vec()).start(&tracer()));
    let mut span = start("bake");
    span.set_attributes(attributes.to_vec());
    drop(span);
    collector.spans().try_into().unwrap()
}

fn strings(values: &[&'static str]) -> Value {
    Value::Array(Array::String(values.iter().map(|value| (*value).into()).collect()))
}

#[test]
fn a_value_becomes_a_text_or_a_number() {
    #[rustfmt::skip]
    let table: [(Value, Option<TagValue<'_>>); 12] = [
        // value                            tag
        ("rye".into(),                      Some("rye".into())),
        ("".into(),                         Some("".into())),
        (true.into(),                       Some("true".into())),
        (false.into(),                      Some("false".into())),
        (7_i64.into(),                      Some(7.0.into())),
        (((1_i64 << 53) - 1).into(),        Some(9_007_199_254_740_991.0.into())),
        ((1_i64 << 53).into(),              Some("9007199254740992".into())),
        (i64::MIN.into(),                   Some("-9223372036854775808".into())),
        (2.0.into(),                        Some(2.0.into())),
        (f64::NAN.into(),                   None),
        (f64::INFINITY.into(),              None),
        (strings(&[]),                      None),
    ];
    for (value, tag) in table {
        for span in both(&[KeyValue::new("key", value.clone())]) {
            assert_eq!(span.tags.get("key"), tag.as_ref(), "{value:?}");
        }
    }
}

#[test]
fn an_array_is_one_tag_for_each_element() {
    let attributes = [
        KeyValue::new("texts", strings(&["a", "", "c"])),
        KeyValue::new("bools", Value::Array(vec![true, false].into())),
        KeyValue::new("integers", Value::Array(vec![1_i64, i64::MAX].into())),
        KeyValue::new("floats", Value::Array(vec![1.5, f64::NAN].into())),
    ];
    for span in both(&attributes) {
        #[rustfmt::skip]
        let table: [(&str, Option<TagValue<'_>>); 14] = [
            ("texts",       None),
            ("texts.0",     Some("a".into())),
            ("texts.1",     Some("".into())),
            ("texts.2",     Some("c".into())),
            ("texts.3",     None),
            ("bools",       None),
            ("bools.0",     Some("true".into())),
            ("bools.1",     Some("false".into())),
            ("integers",    None),
            ("integers.0",  Some(1.0.into())),
            ("integers.1",  Some("9223372036854775807".into())),
            ("floats",      None),
            ("floats.0",    Some(1.5.into())),
            ("floats.1",    None),
        ];
        for (key, tag) in table {
            assert_eq!(span.tags.get(key), tag.as_ref(), "{key}");
        }
    }
}

#[test]
fn a_later_value_wins_and_a_shorter_array_leaves_what_is_beyond_it() {
    let attributes = [
        KeyValue::new("key", "first"),
        KeyValue::new("key", 2),
        KeyValue::new("list", strings(&["a", "b"])),
        KeyValue::new("list", strings(&["c"])),
    ];
    for span in both(&attributes) {
        assert_eq!(span.tags.get("key"), Some(&2.into()));
        assert_eq!(span.tags.get("list.0"), Some(&"c".into()));
        assert_eq!(span.tags.get("list.1"), Some(&"b".into()));
    }
}

#[test]
fn reserved_names_set_fields_and_are_not_stored() {
    let attributes = [
        KeyValue::new("operation.name", "Bread.Bake"),
        KeyValue::new("service.name", "bakery"),
        KeyValue::new("resource.name", "rye"),
        KeyValue::new("span.type", "oven"),
        KeyValue::new("service.name", ""),
        KeyValue::new("error", "a plain tag"),
        KeyValue::new("error.message", "another"),
    ];
    for span in both(&attributes) {
        assert_eq!(
            [&*span.name, &span.service, &span.resource, &span.span_type],
            ["bread.bake", "bakery", "rye", "oven"]
        );
        for key in ["operation.name", "service.name", "resource.name", "span.type"] {
            assert_eq!(span.tags.get(key), None, "{key}");
        }
        assert_eq!(span.tags.get("error"), Some(&"a plain tag".into()));
        assert_eq!(span.tags.get("error.message"), Some(&"another".into()));
        assert!(!span.is_error);
    }
}

#[test]
fn a_field_takes_a_number_as_its_text() {
    for span in both(&[KeyValue::new("service.name", 7), KeyValue::new("span.type", true)]) {
        assert_eq!([&*span.service, &*span.span_type], ["7", "true"]);
    }
}

#[test]
fn analytics_are_switched_as_go_parses_booleans() {
    #[rustfmt::skip]
    let table: [(Value, Option<f64>); 18] = [
        (true.into(), Some(1.0)), (false.into(), Some(0.0)),
        ("true".into(), Some(1.0)), ("True".into(), Some(1.0)), ("TRUE".into(), Some(1.0)),
        ("t".into(), Some(1.0)), ("T".into(), Some(1.0)), ("1".into(), Some(1.0)),
        ("false".into(), Some(0.0)), ("False".into(), Some(0.0)), ("FALSE".into(), Some(0.0)),
        ("f".into(), Some(0.0)), ("F".into(), Some(0.0)), ("0".into(), Some(0.0)),
        ("trUe".into(), None), ("fAlse".into(), None), ("something-else".into(), None), ("".into(), None),
    ];
    for (value, metric) in table {
        for span in both(&[KeyValue::new("analytics.event", value.clone())]) {
            let metric = metric.map(TagValue::from);
            assert_eq!(span.tags.get("_dd1.sr.eausr"), metric.as_ref(), "{value:?}");
            assert_eq!(span.tags.get("analytics.event"), None);
        }
    }
}

#[test]
fn the_status_of_a_response_is_a_decimal_text() {
    let given = [
        KeyValue::new("http.response.status_code", 200),
        KeyValue::new("http.status_code", 200),
        KeyValue::new("http.response.status_code", "200"),
    ];
    for attribute in given {
        for span in both(&[attribute]) {
            assert_eq!(span.tags.get("http.status_code"), Some(&"200".into()));
            assert_eq!(span.tags.get("http.response.status_code"), None);
        }
    }
}

#[test]
fn manual_decisions_are_those_of_packdog() {
    for (key, priority) in
        [("manual.keep", SamplingPriority::USER_KEEP), ("manual.drop", SamplingPriority::USER_DROP)]
    {
        let (collector, _scope) = collector();
        drop(builder(SpanKind::Internal, vec![KeyValue::new(key, true)]).start(&tracer()));
        let mut span = start("bake");
        span.set_attribute(KeyValue::new(key, true));
        drop(span);
        for trace in collector.traces() {
            assert_eq!(trace.sampling_priority, Some(priority), "{key}");
        }
        assert_eq!(collector.traces().len(), 2);
    }
}

#[test]
fn an_attribute_takes_the_place_of_kind_or_scope() {
    for list in [0, 1] {
        let attributes = [
            KeyValue::new("span.kind", "mine"),
            KeyValue::new("otel.scope.name", 7),
            KeyValue::new("list", strings(&["a"][..list])),
        ];
        for span in both(&attributes) {
            assert_eq!(span.tags.get("span.kind"), Some(&"mine".into()));
            assert_eq!(span.tags.get("otel.scope.name"), Some(&7.into()));
        }
    }
    #[rustfmt::skip]
    let others: [(Value, TagValue<'_>); 3] = [
        // value        tag
        (7_i64.into(),  7.0.into()),
        (true.into(),   "true".into()),
        (strings(&[]),  "internal".into()),
    ];
    for (value, tag) in others {
        for span in both(&[KeyValue::new("span.kind", value.clone())]) {
            assert_eq!(span.tags.get("span.kind"), Some(&tag), "{value:?}");
        }
    }
    for span in both(&[KeyValue::new("span.kind", strings(&["mine"]))]) {
        assert_eq!(span.tags.get("span.kind"), Some(&"internal".into()));
        assert_eq!(span.tags.get("span.kind.0"), Some(&"mine".into()));
    }
    for span in both(&[KeyValue::new("span.kind", f64::NAN)]) {
        assert_eq!(span.tags.get("span.kind"), Some(&"internal".into()));
    }
}

#[test]
fn kind_and_scope_are_tags_of_a_span_with_too_many_attributes() {
    let many = (0..=MAX_TAGS_PER_SPAN).map(|number| KeyValue::new(format!("key{number}"), "value"));
    let elements = Value::Array(vec![true; MAX_TAGS_PER_SPAN].into());
    for attributes in [many.collect(), vec![KeyValue::new("list", elements)]] {
        for span in both(&attributes) {
            assert_eq!(span.tags.len(), MAX_TAGS_PER_SPAN);
            assert_eq!(span.tags.get("span.kind"), Some(&"internal".into()));
            assert_eq!(span.tags.get("otel.scope.name"), Some(&"bakery".into()));
        }
    }
}

#[test]
fn kind_and_scope_are_tags() {
    let (collector, _scope) = collector();
    let scope = InstrumentationScope::builder("oven").with_version("1.2.3").build();
    TracerProvider::new().tracer_with_scope(scope).start("bake").end();
    TracerProvider::new()
        .tracer("")
        .span_builder("bake")
        .with_kind(SpanKind::Consumer)
        .start(&TracerProvider::new().tracer(""))
        .end();
    let [with_scope, without] = collector.spans().try_into().unwrap();
    let tags = |span: &CollectedSpan| {
        ["span.kind", "otel.scope.name", "otel.scope.version"]
            .map(|key| span.tags.get(key).and_then(TagValue::as_str).map(str::to_owned))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(tags(&with_scope), [some("internal"), some("oven"), some("1.2.3")]);
    assert_eq!(tags(&without), [some("consumer"), None, None]);
}
