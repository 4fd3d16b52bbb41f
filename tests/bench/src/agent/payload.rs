//! Compares the received spans with the recorded ones: the same number, all equal, with all their tags.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::row::Sends;

/// Tags that only the first span of a chunk has, and one that repeats the id of the trace.
const OF_CHUNK: [&str; 4] = ["language", "otel.trace_id", "process_id", "runtime-id"];

/// A span without its ids and times.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
struct Span {
    name: String,
    resource: String,
    service: String,
    #[serde(default)]
    error: i32,
    #[serde(default)]
    meta: BTreeMap<String, String>,
    #[serde(default)]
    metrics: BTreeMap<String, Number>,
}

/// A number whose bits are compared.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(from = "f64")]
struct Number(u64);

impl From<f64> for Number {
    fn from(number: f64) -> Self {
        Self(number.to_bits())
    }
}

/// The number of traces in a payload: the length of its outermost array.
pub(super) fn traces(payload: &[u8]) -> u64 {
    match *payload {
        [fixed @ 0x90..=0x9f, ..] => u64::from(fixed & 0x0f),
        [0xdc, a, b, ..] => u64::from(u16::from_be_bytes([a, b])),
        [0xdd, a, b, c, d, ..] => u64::from(u32::from_be_bytes([a, b, c, d])),
        _ => 0,
    }
}

/// Whether the payloads hold exactly these spans, after so many iterations.
pub(super) fn verify(payloads: &[Vec<u8>], sends: &[Sends], steps: usize) -> Result<(), String> {
    let mut kinds = BTreeMap::<Span, usize>::new();
    for payload in payloads {
        let traces: Vec<Vec<Span>> =
            rmp_serde::from_slice(payload).map_err(|error| error.to_string())?;
        for trace in traces {
            match trace.first() {
                Some(first) if first.metrics.contains_key("_sampling_priority_v1") => {}
                first => return Err(format!("no sampling priority: {first:?}")),
            }
            trace.into_iter().for_each(|span| *kinds.entry(without_chunk(span)).or_default() += 1);
        }
    }
    if kinds.len() != sends.len() {
        return Err(format!(
            "{} kinds of spans instead of {}: {kinds:#?}",
            kinds.len(),
            sends.len()
        ));
    }
    for (span, count) in &kinds {
        let fits = |sends: &&Sends| {
            *count == sends.per_step * steps + sends.besides
                && sends.tags.iter().all(|(key, value)| span.has_tag(key, value))
        };
        sends.iter().find(fits).ok_or_else(|| format!("{count} times in {steps}: {span:#?}"))?;
    }
    Ok(())
}

impl Span {
    /// Whether it has this tag; Datadog's OpenTelemetry sends whole numbers as numbers.
    fn has_tag(&self, key: &str, value: &str) -> bool {
        let number = value.parse().ok().map(|number: f64| number.into());
        self.meta.get(key).is_some_and(|own| own == value)
            || number.is_some_and(|number| self.metrics.get(key) == Some(&number))
    }
}

fn without_chunk(mut span: Span) -> Span {
    let is_own = |key: &str| !OF_CHUNK.contains(&key) && !key.starts_with("_");
    span.meta.retain(|key, _| is_own(key));
    span.metrics.retain(|key, _| is_own(key));
    span
}
