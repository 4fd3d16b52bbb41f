//! `/trace/otel/*`: the part of OpenTelemetry's API that the tests of span events use, served by our own.
//!
//! Times are microseconds of Unix time. The name of a span is its operation name and its resource.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{Json, Router, extract::State, routing::post};
use packdog::span::{SpanEvent, SpanKind};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::{Value, json};

use crate::{
    attributes, control,
    id::Id,
    refusal::Refusal,
    server::{Ids, Server, Shared},
    span::Link,
};

pub(crate) fn endpoints() -> Router<Arc<Server>> {
    Router::new()
        .route("/trace/otel/start_span", post(start_span))
        .route("/trace/otel/end_span", post(end_span))
        .route("/trace/otel/add_event", post(add_event))
        .route("/trace/otel/flush", post(flush))
}

/// A moment.
#[derive(Clone, Copy, Deserialize)]
struct Micros(u64);

impl From<Micros> for SystemTime {
    fn from(Micros(micros): Micros) -> Self {
        UNIX_EPOCH + Duration::from_micros(micros)
    }
}

#[derive(Deserialize)]
struct StartSpan {
    name: String,
    timestamp: Option<Micros>,
    parent_id: Option<Id>,
    #[serde(default, deserialize_with = "span_kind")]
    span_kind: Option<SpanKind>,
    links: Option<Vec<Link>>,
    events: Option<Vec<Event>>,
    attributes: Option<BTreeMap<String, Value>>,
}

/// OpenTelemetry's kinds by number.
fn span_kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SpanKind>, D::Error> {
    Ok(match Option::<u8>::deserialize(deserializer)? {
        None => None,
        Some(0) => Some(SpanKind::Internal),
        Some(1) => Some(SpanKind::Server),
        Some(2) => Some(SpanKind::Client),
        Some(3) => Some(SpanKind::Producer),
        Some(4) => Some(SpanKind::Consumer),
        Some(other) => return Err(D::Error::custom(format!("{other} is no kind of span"))),
    })
}

async fn start_span(server: Shared, Json(request): Json<StartSpan>) -> Result<Json<Ids>, Refusal> {
    let mut span = server.tracer().span(request.name);
    if let Some(time) = request.timestamp {
        span = span.start_at(time.into());
    }
    if let Some(kind) = request.span_kind {
        span = span.kind(kind);
    }
    for link in request.links.unwrap_or_default() {
        span = span.link(link.to_span_link(&server)?);
    }
    for (key, value) in attributes::as_tags(request.attributes.unwrap_or_default()) {
        span = span.tag(key, value);
    }
    let ids = server.start(span, request.parent_id)?;
    let started = server.span(ids.span_id)?;
    for event in request.events.unwrap_or_default() {
        started.add_event(event.into());
    }
    Ok(Json(ids))
}

#[derive(Deserialize)]
struct EndSpan {
    id: Id,
    timestamp: Option<Micros>,
}

async fn end_span(server: Shared, Json(request): Json<EndSpan>) -> Result<(), Refusal> {
    server.finish(request.id, |span| match request.timestamp {
        Some(time) => span.finish_at(time.into()),
        None => span.finish(),
    })
}

#[derive(Deserialize)]
struct AddEvent {
    span_id: Id,
    #[serde(flatten)]
    event: Event,
}

#[derive(Deserialize)]
struct Event {
    name: String,
    timestamp: Option<Micros>,
    attributes: Option<BTreeMap<String, Value>>,
}

impl From<Event> for SpanEvent {
    fn from(event: Event) -> Self {
        let mut made = Self::new(event.name);
        if let Some(time) = event.timestamp {
            made = made.with_time(time.into());
        }
        attributes::of_event(made, event.attributes)
    }
}

async fn add_event(server: Shared, Json(request): Json<AddEvent>) -> Result<(), Refusal> {
    server.span(request.span_id)?.add_event(request.event.into());
    Ok(())
}

#[derive(Deserialize)]
struct Flush {
    #[serde(default)]
    seconds: u32,
}

async fn flush(State(server): Shared, Json(request): Json<Flush>) -> Json<Value> {
    let flushed = control::flush(server, Duration::from_secs(request.seconds.into())).await;
    Json(json!({ "success": flushed.is_ok() }))
}
