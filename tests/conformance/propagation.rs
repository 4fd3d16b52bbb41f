//! Header propagation: every row of the vectors, in both directions.
//!
//! A row that fails is named; a row with a field that this loader does not know is an error, so
//! that no expectation is skipped.

use std::{collections::BTreeMap, fmt::Debug};

use packdog::{
    Baggage, Config,
    config::options,
    propagation::Propagator,
    sampling::SamplingPriority,
    span::{SpanContext, SpanId, SpanLink, TraceId, TraceTags},
};
use serde::Deserialize;

type Pairs = Vec<(String, String)>;
type Env = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExtractRow {
    name: String,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "note")]
    _note: Option<String>,
    env: Env,
    headers: Pairs,
    expect: Option<Extracted>,
}

/// The extracted context, in the words of the vectors.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Extracted {
    trace_id: Option<String>,
    parent_id: Option<String>,
    sampling_priority: Option<i32>,
    origin: Option<String>,
    tags: BTreeMap<String, String>,
    propagation_error: Option<String>,
    last_parent_id: Option<String>,
    tracestate: Option<String>,
    baggage: Pairs,
    baggage_span_tags: BTreeMap<String, String>,
    span_links: Vec<Link>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Link {
    trace_id: String,
    span_id: String,
    flags: u8,
    tracestate: Option<String>,
    attributes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InjectRow {
    name: String,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "note")]
    _note: Option<String>,
    env: Env,
    context: InjectContext,
    expect_headers: BTreeMap<String, String>,
    absent_headers: Vec<String>,
    expect_error: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InjectContext {
    #[serde(default)]
    trace_id: Option<String>,
    span_id: String,
    sampling_priority: Option<i32>,
    origin: Option<String>,
    tags: Pairs,
    tracestate: Option<String>,
    #[serde(default)]
    baggage: Pairs,
    #[serde(default)]
    remote: bool,
    #[serde(default)]
    last_parent_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum BaggageRow {
    Extract {
        name: String,
        #[serde(rename = "source")]
        _source: String,
        #[serde(rename = "note")]
        _note: Option<String>,
        headers: Pairs,
        expect: Pairs,
    },
    Inject {
        name: String,
        #[serde(rename = "source")]
        _source: String,
        #[serde(rename = "note")]
        _note: Option<String>,
        items: Pairs,
        expect_header: Option<String>,
    },
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum TracestateRow {
    Parse {
        name: String,
        #[serde(rename = "source")]
        _source: String,
        #[serde(rename = "note")]
        _note: Option<String>,
        traceparent_sampled: u8,
        tracestate: Vec<String>,
        expect: ParsedTracestate,
    },
    Build {
        name: String,
        #[serde(rename = "source")]
        _source: String,
        #[serde(rename = "note")]
        _note: Option<String>,
        context: InjectContext,
        expect: Option<String>,
    },
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ParsedTracestate {
    sampling_priority: Option<i32>,
    origin: Option<String>,
    last_parent_id: Option<String>,
    tags: BTreeMap<String, String>,
    other_members: Option<String>,
    propagation_error: Option<String>,
}

#[test]
fn extraction_matches_the_vectors() {
    let rows: Vec<ExtractRow> = rows(include_str!("vectors/propagation_extract.json"));
    check(rows, |row| {
        let propagator = propagator(&row.env);
        let context = propagator.extract(&row.headers);
        let extracted = (!context.is_empty()).then(|| extracted(&propagator, &context));
        (row.name, extracted, row.expect)
    });
}

#[test]
fn injection_matches_the_vectors() {
    let rows: Vec<InjectRow> = rows(include_str!("vectors/propagation_inject.json"));
    check(rows, |row| {
        assert!(row.absent_headers.iter().all(|name| !row.expect_headers.contains_key(name)));
        let mut headers = BTreeMap::new();
        let error = propagator(&row.env).inject(&context(row.context), &mut headers);
        (row.name, (headers, error.map(str::to_owned)), (row.expect_headers, row.expect_error))
    });
}

#[test]
fn baggage_matches_the_vectors() {
    let rows: Vec<BaggageRow> = rows(include_str!("vectors/baggage.json"));
    let propagator = Propagator::default();
    check(rows, |row| match row {
        BaggageRow::Extract { name, headers, expect, .. } => {
            let items = pairs(propagator.extract(&headers).baggage().iter());
            (name, format!("{items:?}"), format!("{expect:?}"))
        }
        BaggageRow::Inject { name, items, expect_header, .. } => {
            let context = SpanContext::new().with_baggage(items.into_iter().collect());
            let mut headers = BTreeMap::new();
            propagator.inject(&context, &mut headers);
            let expected: BTreeMap<_, _> =
                expect_header.map(|value| ("baggage".to_owned(), value)).into_iter().collect();
            (name, format!("{headers:?}"), format!("{expected:?}"))
        }
    });
}

#[test]
fn tracestate_matches_the_vectors() {
    let rows: Vec<TracestateRow> = rows(include_str!("vectors/tracestate.json"));
    let env = [("DD_TRACE_PROPAGATION_STYLE".to_owned(), "tracecontext".to_owned())];
    let propagator = propagator(&env.into_iter().collect());
    check(rows, |row| match row {
        TracestateRow::Parse { name, traceparent_sampled, tracestate, expect, .. } => {
            let traceparent = format!("00-{:032x}-{:016x}-0{traceparent_sampled}", 1, 2);
            let mut lines = vec![("traceparent".to_owned(), traceparent)];
            lines.extend(tracestate.into_iter().map(|line| ("tracestate".to_owned(), line)));
            let context = propagator.extract(&lines);
            let Extracted { sampling_priority, origin, last_parent_id, tags, .. } =
                extracted(&propagator, &context);
            let parsed = ParsedTracestate {
                sampling_priority,
                origin,
                last_parent_id,
                tags,
                other_members: context.tracestate().map(str::to_owned),
                propagation_error: context.propagation_error().map(str::to_owned),
            };
            (name, format!("{parsed:?}"), format!("{expect:?}"))
        }
        TracestateRow::Build { name, context: source, expect, .. } => {
            let mut headers = BTreeMap::new();
            propagator.inject(&context(source), &mut headers);
            (name, format!("{:?}", headers.remove("tracestate")), format!("{expect:?}"))
        }
    });
}

fn rows<T: for<'a> Deserialize<'a>>(json: &str) -> Vec<T> {
    let rows: Vec<T> = serde_json::from_str(json).unwrap();
    assert!(!rows.is_empty());
    rows
}

/// Runs all rows and names those that fail.
fn check<R, T: Debug + PartialEq>(rows: Vec<R>, mut run: impl FnMut(R) -> (String, T, T)) {
    let count = rows.len();
    let failures: Vec<_> = rows
        .into_iter()
        .map(&mut run)
        .filter(|(_, actual, expected)| actual != expected)
        .map(|(name, actual, expected)| {
            format!("{name}\n  expected {expected:?}\n  but got  {actual:?}")
        })
        .collect();
    let failed = failures.len();
    assert!(failures.is_empty(), "{failed} of {count} rows failed:\n{}", failures.join("\n"));
}

/// A propagator as these variables configure it. Every variable has to be an option.
fn propagator(env: &Env) -> Propagator {
    let is_option = |name: &String| {
        name == "OTEL_PROPAGATORS"
            || options().any(|option| option.variables.contains(&name.as_str()))
    };
    assert!(env.keys().all(is_option), "not all of {env:?} are options");
    let (config, _) = Config::from_lookup(|name| env.get(name).cloned());
    Propagator::new(config.propagation().clone())
}

fn extracted(propagator: &Propagator, context: &SpanContext) -> Extracted {
    Extracted {
        trace_id: context.trace_id().map(|id| id.to_string()),
        parent_id: context.span_id().map(|id| id.to_string()),
        sampling_priority: context.sampling_priority().map(SamplingPriority::to_i32),
        origin: context.origin().map(str::to_owned),
        tags: pairs(context.trace_tags().iter()).into_iter().collect(),
        propagation_error: context.propagation_error().map(str::to_owned),
        last_parent_id: context.last_parent_id().map(str::to_owned),
        tracestate: context.tracestate().map(str::to_owned),
        baggage: pairs(context.baggage().iter()),
        baggage_span_tags: propagator
            .baggage_tags(context.baggage())
            .map(|(name, value)| (name.into_owned(), value.to_owned()))
            .collect(),
        span_links: context.links().iter().map(link).collect(),
    }
}

fn link(link: &SpanLink) -> Link {
    Link {
        trace_id: link.trace_id().to_string(),
        span_id: link.span_id().to_string(),
        flags: u8::from(link.is_sampled().unwrap()),
        tracestate: link.tracestate().map(str::to_owned),
        attributes: pairs(link.attributes()).into_iter().collect(),
    }
}

/// The context of a span in this process, unless it is marked as remote.
fn context(source: InjectContext) -> SpanContext {
    let trace_id = source.trace_id.as_deref().unwrap_or("1");
    let trace_id = TraceId::new(u128::from_str_radix(trace_id, 16).unwrap());
    let span_id = SpanId::new(u64::from_str_radix(&source.span_id, 16).unwrap());
    let mut context = SpanContext::new()
        .with_local(!source.remote)
        .with_sampling_priority(source.sampling_priority.map(SamplingPriority::new))
        .with_trace_tags(source.tags.into_iter().collect::<TraceTags>())
        .with_baggage(source.baggage.into_iter().collect::<Baggage>());
    if let Some(trace_id) = trace_id {
        context = context.with_trace(trace_id, span_id);
    }
    if let Some(origin) = &source.origin {
        context = context.with_origin(origin);
    }
    if let Some(tracestate) = &source.tracestate {
        context = context.with_tracestate(tracestate);
    }
    match &source.last_parent_id {
        Some(id) => context.with_last_parent_id(id),
        None => context,
    }
}

fn pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Pairs {
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}
