//! Payloads built by hand, byte by byte where it matters, and real ones of another tracer.

mod rejected;
mod values;
mod vectors;

use serde_json::Value;

/// One value, without any of the library's conveniences: maps as maps, numbers as they are.
fn msgpack(value: Value) -> Vec<u8> {
    rmp_serde::to_vec(&value).unwrap()
}

/// An array of up to 15 encoded values.
fn array<const N: usize>(values: [&[u8]; N]) -> Vec<u8> {
    [&[0x90 | N as u8][..], &values.concat()].concat()
}

/// A map of up to 15 encoded keys and values.
fn map(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut out = vec![0x80 | entries.len() as u8];
    for (key, value) in entries {
        out.extend_from_slice(key);
        out.extend_from_slice(value);
    }
    out
}

/// The required fields of a v0.4 span.
fn least() -> Vec<(Vec<u8>, Vec<u8>)> {
    let fields = [
        ("service", Value::from("s")),
        ("name", "n".into()),
        ("resource", "r".into()),
        ("trace_id", 1.into()),
        ("span_id", 2.into()),
        ("start", 3.into()),
        ("duration", 4.into()),
    ];
    fields.map(|(key, value)| (msgpack(key.into()), msgpack(value))).into()
}

/// A v0.4 payload of one span that has one more field, already encoded.
fn v04_with(key: &str, value: &[u8]) -> Vec<u8> {
    let mut fields = least();
    fields.push((msgpack(key.into()), value.to_vec()));
    array([&array([&map(&fields)])])
}

/// A v0.5 payload of one span with these tags, by index.
fn v05_with(strings: Value, meta: &[u8], metrics: &[u8]) -> Vec<u8> {
    let numbers = [1, 2, 2, 1, 2, 0, 3, 4, 0]; // service, name, resource, ids, times, error
    let mut span = vec![0x9c];
    span.extend(numbers);
    span.extend_from_slice(meta);
    span.extend_from_slice(metrics);
    span.push(0); // type
    array([&msgpack(strings), &array([&array([&span])])])
}
