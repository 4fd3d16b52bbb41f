//! Chained sampling: which traces a rate keeps, and how the rate is written where it travels.

use packdog::{sampling::SampleRate, span::TraceId};
use serde::Deserialize;

/// A row of `sampling.json`.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum Row {
    Knuth {
        name: String,
        trace_id: String,
        rate: f64,
        sampled: bool,
        #[serde(rename = "source")]
        _source: String,
        #[serde(rename = "note")]
        _note: Option<String>,
    },
    FormatKsr {
        name: String,
        rate: f64,
        expect: String,
        #[serde(rename = "source")]
        _source: String,
        #[serde(rename = "note")]
        _note: Option<String>,
    },
}

fn rows() -> Vec<Row> {
    serde_json::from_str(include_str!("vectors/sampling.json")).unwrap()
}

#[test]
fn a_rate_keeps_the_traces_that_every_datadog_tracer_keeps() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for row in rows() {
        let Row::Knuth { name, trace_id, rate, sampled, .. } = row else { continue };
        count += 1;
        let trace_id = TraceId::new(u128::from_str_radix(&trace_id, 16).unwrap()).unwrap();
        if SampleRate::new(rate).unwrap().keeps(trace_id) != sampled {
            wrong.push(format!("{name}: {trace_id:?} at {rate} is to be sampled: {sampled}"));
        }
    }
    assert!(count >= 116, "only {count} rows were read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_rate_travels_with_six_decimals_at_most() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for row in rows() {
        let Row::FormatKsr { name, rate, expect, .. } = row else { continue };
        count += 1;
        let text = SampleRate::new(rate).unwrap().to_string();
        if text != expect {
            wrong.push(format!("{name}: {rate} gave {text:?}, not {expect:?}"));
        }
    }
    assert!(count >= 12, "only {count} rows were read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
