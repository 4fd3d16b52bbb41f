//! Everything that is refused, with its reason.

use serde_json::json;

use super::*;
use crate::wire::{Refusal, decode_v04, decode_v05, strict::MAX_DEPTH};

fn malformed(at: &str, reason: &str) -> Refusal {
    Refusal::Malformed { at: at.into(), reason: reason.into() }
}

/// `nil`.
const NIL: &[u8] = &[0xc0];

#[test]
fn types_that_serde_would_accept_are_refused() {
    let key = || msgpack("k".into());
    let f32 = vec![0xca, 0x3f, 0x80, 0, 0];
    let bin = vec![0xc4, 1, b'x'];
    #[rustfmt::skip]
    let table = [
        // field          value                                  where             why
        ("meta",          NIL.to_vec(),                          "[0][0].meta",    "invalid type: unit value, expected a map"),
        ("meta",          map(&[(key(), NIL.to_vec())]),         "[0][0].meta.k",  "invalid type: unit value, expected a string"),
        ("meta",          map(&[(key(), bin.clone())]),          "[0][0].meta.k",  "invalid type: byte array, expected a string"),
        ("meta",          map(&[(key(), vec![1])]),              "[0][0].meta.k",  "invalid type: integer `1`, expected a string"),
        ("meta",          map(&[(vec![1], key())]),              "[0][0].meta.1",  "invalid type: integer `1`, expected a string"),
        ("meta",          map(&[(key(), key()), (key(), key())]),"[0][0].meta",    "repeated key"),
        ("metrics",       map(&[(key(), vec![1])]),              "[0][0].metrics.k", "invalid type: integer `1`, expected a 64-bit float"),
        ("metrics",       map(&[(key(), f32)]),                  "[0][0].metrics.k", "invalid type: 32-bit float, expected a 64-bit float"),
        ("metrics",       map(&[(key(), NIL.to_vec())]),         "[0][0].metrics.k", "invalid type: unit value, expected a 64-bit float"),
        ("parent_id",     NIL.to_vec(),                          "[0][0].parent_id", "invalid type: unit value, expected u64"),
        ("parent_id",     vec![0xff],                            "[0][0].parent_id", "invalid value: integer `-1`, expected u64"),
        ("parent_id",     msgpack(json!(1.0)),                   "[0][0].parent_id", "invalid type: floating point `1.0`, expected u64"),
        ("error",         msgpack(json!(true)),                  "[0][0].error",   "invalid type: boolean `true`, expected i32"),
        ("type",          NIL.to_vec(),                          "[0][0].type",    "invalid type: unit value, expected a string"),
        ("span_links",    bin.clone(),                           "[0][0].span_links", "invalid type: byte array, expected an array"),
        ("span_links",    array([&array([&[7], &[9]])]),         "[0][0].span_links[0]", "invalid type: sequence, expected a map"),
        ("span_links",    msgpack(json!([{"trace_id": 1, "span_id": 2, "flags": 1}])),
                          "[0][0].span_links[0].flags", "known flags must have bit 31, unknown flags must be left out"),
        ("span_links",    msgpack(json!([{"trace_id": 1, "span_id": 2, "flags": null}])),
                          "[0][0].span_links[0].flags", "invalid type: unit value, expected u32"),
        ("meta_struct",   map(&[(key(), key())]),                "[0][0].meta_struct.k", "invalid type: string \"k\", expected binary data"),
        ("meta_struct",   map(&[(key(), vec![0xc4, 2, 1, 1])]),  "[0][0].meta_struct.k", "not one msgpack document: 1 bytes follow the payload"),
    ];
    for (field, value, at, reason) in table {
        let refusal = decode_v04(&v04_with(field, &value)).unwrap_err();
        assert_eq!(refusal, malformed(at, reason), "{field} {value:x?}");
    }
}

#[test]
fn attributes_of_events_with_a_wrong_type_are_refused() {
    const ONE_VALUE: &str = "an attribute must have the one value that its type announces";
    const ONE_KIND: &str = "values of an array must be of one kind and no arrays";
    let (whole, text) =
        (json!({"type": 2, "int_value": 1}), json!({"type": 0, "string_value": ""}));
    let array = |values: Value| json!({"type": 4, "array_value": {"values": values}});
    #[rustfmt::skip]
    let table = [
        (json!({"type": 0, "int_value": 1}),                      ONE_VALUE),
        (json!({"type": 0}),                                      ONE_VALUE),
        (json!({"type": 5, "int_value": 1}),                      ONE_VALUE),
        (json!({"type": 2, "int_value": 1, "bool_value": true}),  ONE_VALUE),
        (array(json!([whole, text])),                             ONE_KIND),
        (array(json!([array(json!([whole]))])),                   ONE_KIND),
    ];
    for (value, why) in table {
        let events =
            msgpack(json!([{"time_unix_nano": 1, "name": "e", "attributes": {"k": value}}]));
        match decode_v04(&v04_with("span_events", &events)) {
            Err(Refusal::Malformed { at, reason }) => {
                assert!(at.starts_with("[0][0].span_events[0].attributes.k"), "{at}");
                assert_eq!(reason, why, "{value}");
            }
            other => panic!("{value}: {other:?}"),
        }
    }
}

#[test]
fn deeply_nested_values_are_refused() {
    let nested = |levels: usize| {
        let document = [vec![0x91; levels - 1], vec![0x90]].concat(); // [[[…]]]
        let bin = [&[0xc5][..], &(document.len() as u16).to_be_bytes(), &document].concat();
        decode_v04(&v04_with("meta_struct", &map(&[(msgpack("k".into()), bin)])))
    };
    assert!(nested(MAX_DEPTH - 1).is_ok());
    for levels in [MAX_DEPTH, 60_000] {
        match nested(levels) {
            Err(Refusal::Malformed { at, reason }) => {
                assert_eq!(at, "[0][0].meta_struct.k");
                assert!(reason.ends_with(": depth limit exceeded"), "{reason}");
            }
            other => panic!("{levels}: {other:?}"),
        }
    }
}

#[test]
fn keys_that_are_unknown_or_not_text_are_refused() {
    let Err(Refusal::Malformed { at, reason }) = decode_v04(&v04_with("tags", &[0x80])) else {
        panic!("accepted")
    };
    assert_eq!(at, "[0][0]");
    assert!(reason.starts_with("unknown field `tags`, expected one of `service`, "), "{reason}");

    // A derived struct takes the number of a field for its name.
    let mut numbered = least();
    numbered[0].0 = vec![0];
    let refusal = decode_v04(&array([&array([&map(&numbered)])])).unwrap_err();
    assert_eq!(refusal, malformed("[0][0].0", "invalid type: integer `0`, expected a string"));
}

#[test]
fn each_required_field_is_required_and_may_come_once() {
    let fields = ["service", "name", "resource", "trace_id", "span_id", "start", "duration"];
    for (index, field) in fields.into_iter().enumerate() {
        let mut without = least();
        let removed = without.remove(index);
        let refusal = decode_v04(&array([&array([&map(&without)])])).unwrap_err();
        assert_eq!(refusal, malformed("[0][0]", &format!("missing field `{field}`")));

        let mut twice = least();
        twice.push(removed);
        let refusal = decode_v04(&array([&array([&map(&twice)])])).unwrap_err();
        assert!(
            matches!(&refusal, Refusal::Malformed { reason, .. } if *reason == format!("duplicate field `{field}`")),
            "{refusal}"
        );
    }
}

#[test]
fn payloads_of_a_wrong_shape_are_refused() {
    let span = map(&least());
    let as_array = array([&msgpack("s".into()), &msgpack("n".into())]);
    let whole = array([&array([&span])]);
    let followed = [&whole[..], &[0xc0, 0xc0]].concat();
    #[rustfmt::skip]
    let table = [
        (vec![0x80],                  malformed(".", "invalid type: map, expected an array")),
        (vec![0xc4, 0],               malformed(".", "invalid type: byte array, expected an array")),
        (array([NIL]),                malformed("[0]", "invalid type: unit value, expected an array")),
        (array([&span]),              malformed("[0]", "invalid type: map, expected an array")),
        (array([&array([&as_array])]),malformed("[0][0]", "invalid type: sequence, expected a map")),
        (followed,                    Refusal::TrailingBytes { count: 2 }),
    ];
    for (payload, refusal) in table {
        assert_eq!(decode_v04(&payload), Err(refusal), "{payload:x?}");
    }
    for length in 0..whole.len() {
        assert!(decode_v04(&whole[..length]).is_err(), "cut after {length} bytes");
    }
}

#[test]
fn malformed_chunks_are_refused() {
    let changed = |changes: &[(usize, u8)]| {
        let mut fields = least();
        for (field, value) in changes {
            fields[*field].1 = vec![*value];
        }
        map(&fields)
    };
    let (trace_id, span_id) = (3, 4); // Places in `least`.
    let high = |value: &str| {
        let mut fields = least();
        fields.push((msgpack("meta".into()), msgpack(json!({"_dd.p.tid": value}))));
        map(&fields)
    };
    let tid = |value: &str| Refusal::TraceIdHigh { chunk: 1, value: value.into() };
    let fine = changed(&[]);
    #[rustfmt::skip]
    let table = [
        (array([]),                                      Refusal::EmptyChunk { chunk: 1 }),
        (array([&fine, &changed(&[(trace_id, 9)])]),     Refusal::MixedTraceIds { chunk: 1 }),
        (array([&changed(&[(trace_id, 0)])]),            Refusal::ZeroId { chunk: 1, span: 0 }),
        (array([&fine, &changed(&[(span_id, 0)])]),      Refusal::ZeroId { chunk: 1, span: 1 }),
        (array([&high("640CFD8D00000000")]),             tid("640CFD8D00000000")),
        (array([&high("640cfd8d0000000")]),              tid("640cfd8d0000000")),
        (array([&high("+40cfd8d00000000")]),             tid("+40cfd8d00000000")),
    ];
    for (chunk, refusal) in table {
        assert_eq!(decode_v04(&array([&array([&fine]), &chunk])), Err(refusal));
    }
}

#[test]
fn malformed_string_tables_and_spans_of_v05_are_refused() {
    let (none, strings) = (&[0x80][..], || json!(["", "s", "n"]));
    let no_such = |index| Refusal::NoSuchString { index, strings: 3 };
    let short = array([
        &msgpack(strings()),
        &array([&array([&[0x9b, 1, 2, 2, 1, 2, 0, 3, 4, 0, 0x80, 0x80]])]),
    ]);
    let long = array([
        &msgpack(strings()),
        &array([&array([&[0x9d, 1, 2, 2, 1, 2, 0, 3, 4, 0, 0x80, 0x80, 0, 0]])]),
    ]);
    #[rustfmt::skip]
    let table = [
        (v05_with(json!(["s", "n", ""]), none, none),      Refusal::FirstString),
        (v05_with(json!(["", "s", "s"]), none, none),      Refusal::RepeatedString { text: "s".into() }),
        (v05_with(strings(), &[0x81, 1, 3], none),         no_such(3)),
        (v05_with(strings(), none, &[0x81, 7, 0xcb, 0, 0, 0, 0, 0, 0, 0, 0]), no_such(7)),
        (v05_with(strings(), none, &[0x81, 1, 1]),         malformed("[1][0][0][10].1", "invalid type: integer `1`, expected a 64-bit float")),
        (v05_with(strings(), &[0x82, 1, 1, 1, 2], none),   malformed("[1][0][0][9]", "repeated key")),
        (short,                                            malformed("[1][0][0]", "invalid length 11, expected tuple struct WireSpan with 12 elements")),
        (long,                                             malformed("[1][0][0]", "array had incorrect length, expected 12")),
        (array([&array([&msgpack("".into())])]),           malformed(".", "invalid length 1, expected a tuple of size 2")),
        (v05_with(json!(["", "s", "_dd.span_links", "[{}]"]), &[0x81, 2, 3], none),
                              malformed("meta._dd.span_links", "missing field `trace_id` at line 1 column 3")),
    ];
    for (payload, refusal) in table {
        assert_eq!(decode_v05(&payload), Err(refusal), "{payload:x?}");
    }
}

#[test]
fn a_string_table_that_expands_too_far_is_refused() {
    let mebibyte = "x".repeat(1024 * 1024);
    let strings = msgpack(json!(["", mebibyte]));
    let span = [0x9c, 0, 0, 1, 1, 2, 0, 3, 4, 0, 0x80, 0x80, 0]; // The resource is a mebibyte.
    let payload = |spans: u16| {
        let chunk = [&[0xdc][..], &spans.to_be_bytes(), &span.repeat(spans.into())].concat();
        array([&strings, &array([&chunk])])
    };
    assert_eq!(
        decode_v05(&payload(100)).map(|chunks| chunks[0].spans.len()),
        Ok(100),
        "at the limit"
    );
    assert_eq!(
        decode_v05(&payload(101)),
        Err(Refusal::TooLarge { limit_bytes: 100 * 1024 * 1024 })
    );
}
