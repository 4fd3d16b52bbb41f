//! Accepted values, and the model that they become.

use serde_json::json;

use super::*;
use crate::{
    AttributeValue, Chunk, Span, SpanEvent, SpanLink,
    wire::{decode_v04, decode_v05},
};

fn only_span(chunks: Vec<Chunk>) -> Span {
    let [Chunk { spans, .. }] = <[Chunk; 1]>::try_from(chunks).unwrap();
    let [span] = <[Span; 1]>::try_from(spans).unwrap();
    span
}

fn least_span() -> Span {
    Span {
        service: "s".into(),
        name: "n".into(),
        resource: "r".into(),
        trace_id: 1,
        span_id: 2,
        start: 3,
        duration: 4,
        ..Span::default()
    }
}

fn v04(key: &str, value: Value) -> Span {
    only_span(decode_v04(&v04_with(key, &msgpack(value))).unwrap())
}

#[test]
fn optional_fields_that_are_missing_are_empty() {
    let payload = array([&array([&map(&least())])]);
    assert_eq!(only_span(decode_v04(&payload).unwrap()), least_span());
    assert_eq!(decode_v04(&[0x90]), Ok(vec![]), "no chunks");
}

#[test]
fn the_upper_half_of_the_trace_id_is_a_tag_of_the_first_span() {
    let tagged = {
        let mut fields = least();
        fields.push((msgpack("meta".into()), msgpack(json!({"_dd.p.tid": "640cfd8d00000000"}))));
        map(&fields)
    };
    let bare = map(&least());
    let ids = |payload: &[u8]| {
        decode_v04(payload).unwrap().iter().map(|chunk| chunk.trace_id).collect::<Vec<_>>()
    };
    assert_eq!(
        ids(&array([&array([&tagged, &bare]), &array([&bare])])),
        [0x640c_fd8d_0000_0000_0000_0000_0000_0001, 1]
    );
    assert_eq!(ids(&array([&array([&bare, &tagged])])), [1], "not of a later span");
}

#[test]
fn links_of_both_formats_are_the_same() {
    let link = SpanLink {
        trace_id: 5 << 64 | 7,
        span_id: 9,
        attributes: [("a".into(), "b".into())].into(),
        tracestate: "dd=s:1".into(),
        flags: Some(1),
    };
    let native = json!([{"trace_id": 7, "trace_id_high": 5, "span_id": 9, "attributes": {"a": "b"},
                         "tracestate": "dd=s:1", "flags": 0x8000_0001_u32}]);
    assert_eq!(v04("span_links", native).span_links, vec![link.clone()]);

    let json = r#"[{"trace_id":"00000000000000050000000000000007","span_id":"0000000000000009",
                    "attributes":{"a":"b"},"tracestate":"dd=s:1","flags":1}]"#;
    let payload = v05_with(json!(["", "s", "n", "_dd.span_links", json]), &[0x81, 3, 4], &[0x80]);
    let span = only_span(decode_v05(&payload).unwrap());
    assert_eq!((span.span_links, span.meta.len()), (vec![link], 0));
}

#[test]
fn events_of_both_formats_are_the_same() {
    let event = SpanEvent {
        time_unix_nano: 8,
        name: "e".into(),
        attributes: [
            ("text".into(), AttributeValue::String("t".into())),
            ("flag".into(), AttributeValue::Bool(true)),
            ("whole".into(), AttributeValue::Int(-1)),
            ("real".into(), AttributeValue::Double(2.0)),
            (
                "list".into(),
                AttributeValue::Array(vec![AttributeValue::Int(1), AttributeValue::Int(2)]),
            ),
        ]
        .into(),
    };
    let native = json!([{"time_unix_nano": 8, "name": "e", "attributes": {
        "text": {"type": 0, "string_value": "t"},
        "flag": {"type": 1, "bool_value": true},
        "whole": {"type": 2, "int_value": -1},
        "real": {"type": 3, "double_value": 2.0},
        "list": {"type": 4, "array_value": {"values": [{"type": 2, "int_value": 1}, {"type": 2, "int_value": 2}]}},
    }}]);
    assert_eq!(v04("span_events", native).span_events, vec![event.clone()]);

    let json = r#"[{"name":"e","time_unix_nano":8,
                    "attributes":{"text":"t","flag":true,"whole":-1,"real":2.0,"list":[1,2]}}]"#;
    let payload = v05_with(json!(["", "s", "n", "events", json]), &[0x81, 3, 4], &[0x80]);
    let span = only_span(decode_v05(&payload).unwrap());
    assert_eq!((span.span_events, span.meta.len()), (vec![event], 0));
}

#[test]
fn structured_tags_stay_documents() {
    let document = msgpack(json!({"a": [1, null]}));
    let bin = [&[0xc4, document.len() as u8][..], &document].concat();
    let span = only_span(
        decode_v04(&v04_with("meta_struct", &map(&[(msgpack("k".into()), bin)]))).unwrap(),
    );
    assert_eq!(span.meta_struct, [("k".into(), document)].into());
}
