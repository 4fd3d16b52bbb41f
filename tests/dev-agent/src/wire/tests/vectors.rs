//! Payloads of Datadog's tracer for Python, and the spans in them.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::{
    Chunk, Span, SpanLink,
    wire::{decode_v04, decode_v05},
};

#[test]
fn payloads_of_another_tracer_decode_to_the_expected_spans() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/vectors/agent_wire.json");
    let vectors: Vec<Value> = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert!(!vectors.is_empty());
    for vector in vectors {
        let body = bytes(vector["example_body_hex"].as_str().unwrap());
        let chunks = match vector["format"].as_str().unwrap() {
            "v0.4" => decode_v04(&body),
            "v0.5" => decode_v05(&body),
            format => panic!("unknown format {format}"),
        };
        let decoded: Vec<Vec<Value>> = chunks
            .unwrap_or_else(|refusal| panic!("{}: {refusal}", vector["name"]))
            .into_iter()
            .map(|Chunk { spans, .. }| spans.into_iter().map(as_in_vectors).collect())
            .collect();
        let expected: Vec<Vec<Value>> = vector["expect"]
            .as_array()
            .unwrap()
            .iter()
            .map(|chunk| chunk.as_array().unwrap().iter().map(expected).collect())
            .collect();
        assert_eq!(decoded, expected, "{}", vector["name"]);
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// A decoded span in the words of the vectors; links in their own form, the same for both formats.
fn as_in_vectors(span: Span) -> Value {
    json!({
        "service": span.service, "name": span.name, "resource": span.resource, "type": span.span_type,
        "trace_id": span.trace_id, "span_id": span.span_id, "parent_id": span.parent_id,
        "start": span.start, "duration": span.duration, "error": span.error,
        "meta": span.meta, "metrics": span.metrics,
        "links": span.span_links.into_iter().map(link).collect::<Vec<_>>(),
    })
}

fn link(link: SpanLink) -> Value {
    json!({
        "trace_id": format!("{:032x}", link.trace_id), "span_id": format!("{:016x}", link.span_id),
        "attributes": link.attributes, "tracestate": link.tracestate, "flags": link.flags.unwrap_or(0),
    })
}

fn expected(span: &Value) -> Value {
    let mut span = span.as_object().unwrap().clone();
    let native = span.remove("span_links").unwrap_or(json!([]));
    let json = span.remove("span_links_json").unwrap_or(json!([]));
    let from_native = native.as_array().unwrap().iter().map(|link| {
        let id = |key: &str| link[key].as_u64().unwrap();
        let flags = link["flags"].as_u64().map_or(0, |flags| flags & 0x7fff_ffff);
        let trace_id = format!("{:016x}{:016x}", id("trace_id_high"), id("trace_id"));
        expected_link(link, trace_id.into(), format!("{:016x}", id("span_id")).into(), flags)
    });
    let from_json = json.as_array().unwrap().iter().map(|link| {
        expected_link(
            link,
            link["trace_id"].clone(),
            link["span_id"].clone(),
            link["flags"].as_u64().unwrap_or(0),
        )
    });
    let links: Vec<Value> = from_native.chain(from_json).collect();
    span.insert("links".into(), links.into());
    span.into()
}

fn expected_link(link: &Value, trace_id: Value, span_id: Value, flags: u64) -> Value {
    json!({
        "trace_id": trace_id, "span_id": span_id, "flags": flags,
        "attributes": link.get("attributes").unwrap_or(&json!({})),
        "tracestate": link.get("tracestate").unwrap_or(&json!("")),
    })
}
