//! `/trace/otel/*`: spans of OpenTelemetry's API, through `packdog-opentelemetry`.
//!
//! Times are microseconds of Unix time. Each request takes a context of its span and calls the API.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use opentelemetry::{
    Context, KeyValue,
    baggage::{Baggage, BaggageExt},
    global,
    trace::{self, SpanKind, Status, TraceContextExt, Tracer, get_active_span},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::{Value, json};

use crate::{
    attributes, control,
    id::Id,
    refusal::Refusal,
    server::{ActiveIds, Ids, Server, Shared},
    span::{Link, OfSpan},
};

/// The name of the tracer.
const SCOPE: &str = "parametric-server";
/// The type of exceptions, which the API for Rust cannot name.
const EXCEPTION_TYPE: &str = "Exception";

pub(crate) fn endpoints() -> Router<Arc<Server>> {
    Router::new()
        .route("/trace/otel/start_span", post(start_span))
        .route("/trace/otel/end_span", post(end_span))
        .route("/trace/otel/set_attributes", post(set_attributes))
        .route("/trace/otel/set_name", post(set_name))
        .route("/trace/otel/set_status", post(set_status))
        .route("/trace/otel/add_event", post(add_event))
        .route("/trace/otel/record_exception", post(record_exception))
        .route("/trace/otel/is_recording", post(is_recording))
        .route("/trace/otel/span_context", post(span_context))
        .route("/trace/otel/current_span", get(current_span))
        .route("/trace/otel/otel_set_baggage", post(set_baggage))
        .route("/trace/otel/flush", post(flush))
}

type Attributes = BTreeMap<String, Value>;

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
    attributes: Option<Attributes>,
}

/// The kinds by number.
fn span_kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SpanKind>, D::Error> {
    Ok(match Option::<u8>::deserialize(deserializer)? {
        None => None,
        Some(0) => Some(SpanKind::Internal),
        Some(1) => Some(SpanKind::Server),
        Some(2) => Some(SpanKind::Client),
        Some(3) => Some(SpanKind::Producer),
        Some(4) => Some(SpanKind::Consumer),
        Some(other) => return Err(D::Error::custom(format!("{other} is not a kind of span"))),
    })
}

async fn start_span(server: Shared, Json(request): Json<StartSpan>) -> Result<Json<Ids>, Refusal> {
    let tracer = global::tracer(SCOPE);
    let attributes = attributes::of_opentelemetry(request.attributes.unwrap_or_default());
    let mut builder = tracer.span_builder(request.name).with_attributes(attributes);
    builder.span_kind = request.span_kind;
    builder.start_time = request.timestamp.map(SystemTime::from);
    let links = request.links.unwrap_or_default();
    let links = links.iter().map(|link| to_link(&server, link)).collect::<Result<Vec<_>, _>>()?;
    builder = builder.with_links(links);
    let events = request.events.unwrap_or_default().into_iter().map(|event| {
        trace::Event::new(
            event.name,
            event.timestamp.map_or_else(SystemTime::now, SystemTime::from),
            attributes::of_opentelemetry_event(event.attributes.unwrap_or_default()),
            0,
        )
    });
    builder = builder.with_events(events.collect());
    server
        .start_opentelemetry(request.parent_id, |cx| {
            cx.with_span(builder.start_with_context(&tracer, cx))
        })
        .map(Json)
}

fn to_link(server: &Server, link: &Link) -> Result<trace::Link, Refusal> {
    let target = server.target_cx(link.parent_id)?.span().span_context().clone();
    if !target.is_valid() {
        return Err(Refusal::NothingToLink(link.parent_id));
    }
    let attributes = attributes::of_opentelemetry(link.attributes.clone().unwrap_or_default());
    Ok(trace::Link::new(target, attributes, 0))
}

#[derive(Deserialize)]
struct EndSpan {
    id: Id,
    timestamp: Option<Micros>,
}

async fn end_span(server: Shared, Json(request): Json<EndSpan>) -> Result<(), Refusal> {
    let cx = server.cx(request.id)?;
    server.finish(request.id, |_| match request.timestamp {
        Some(time) => cx.span().end_with_timestamp(time.into()),
        None => cx.span().end(),
    })
}

#[derive(Deserialize)]
struct SetAttributes {
    span_id: Id,
    attributes: Attributes,
}

/// Sets attributes; the API has no null, so that removes a tag by our own.
async fn set_attributes(server: Shared, Json(request): Json<SetAttributes>) -> Result<(), Refusal> {
    for (key, _) in request.attributes.iter().filter(|(_, value)| value.is_null()) {
        server.span(request.span_id)?.remove_tag(key);
    }
    let attributes = attributes::of_opentelemetry(request.attributes);
    server.cx(request.span_id)?.span().set_attributes(attributes);
    Ok(())
}

#[derive(Deserialize)]
struct SetName {
    span_id: Id,
    name: String,
}

async fn set_name(server: Shared, Json(request): Json<SetName>) -> Result<(), Refusal> {
    server.cx(request.span_id)?.span().update_name(request.name);
    Ok(())
}

#[derive(Deserialize)]
struct SetStatus {
    span_id: Id,
    code: Code,
    #[serde(default)]
    description: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Code {
    Unset,
    Ok,
    Error,
}

async fn set_status(server: Shared, Json(request): Json<SetStatus>) -> Result<(), Refusal> {
    let status = match request.code {
        Code::Unset => Status::Unset,
        Code::Ok => Status::Ok,
        Code::Error => Status::error(request.description),
    };
    server.cx(request.span_id)?.span().set_status(status);
    Ok(())
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
    attributes: Option<Attributes>,
}

async fn add_event(server: Shared, Json(request): Json<AddEvent>) -> Result<(), Refusal> {
    let Event { name, timestamp, attributes } = request.event;
    let attributes = attributes::of_opentelemetry_event(attributes.unwrap_or_default());
    let cx = server.cx(request.span_id)?;
    match timestamp {
        Some(time) => cx.span().add_event_with_timestamp(name, time.into(), attributes),
        None => cx.span().add_event(name, attributes),
    }
    Ok(())
}

#[derive(Deserialize)]
struct RecordException {
    span_id: Id,
    message: String,
    attributes: Option<Attributes>,
}

/// Adds the event of the API's `record_error`, which takes no attributes.
async fn record_exception(
    server: Shared,
    Json(request): Json<RecordException>,
) -> Result<(), Refusal> {
    let mut attributes: Attributes = [
        ("exception.message".to_owned(), request.message.into()),
        ("exception.type".to_owned(), EXCEPTION_TYPE.into()),
    ]
    .into();
    attributes.extend(request.attributes.unwrap_or_default());
    let attributes = attributes::of_opentelemetry_event(attributes);
    server.cx(request.span_id)?.span().add_event("exception", attributes);
    Ok(())
}

async fn is_recording(server: Shared, Json(request): Json<OfSpan>) -> Result<Json<Value>, Refusal> {
    let is_recording = server.cx(request.span_id)?.span().is_recording();
    Ok(Json(json!({ "is_recording": is_recording })))
}

#[derive(Serialize)]
struct SpanContext {
    /// In the form of `start_span`.
    span_id: Id,
    trace_id: String,
    trace_flags: String,
    trace_state: String,
    remote: bool,
}

async fn span_context(
    server: Shared,
    Json(request): Json<OfSpan>,
) -> Result<Json<SpanContext>, Refusal> {
    let cx = server.cx(request.span_id)?;
    let span = cx.span();
    let context = span.span_context();
    Ok(Json(SpanContext {
        span_id: Id(u64::from_be_bytes(context.span_id().to_bytes())),
        trace_id: context.trace_id().to_string(),
        trace_flags: format!("{:02x}", context.trace_flags()),
        trace_state: context.trace_state().header(),
        remote: context.is_remote(),
    }))
}

/// The span that OpenTelemetry's API sees while the active one is current by the API that started it.
async fn current_span(server: Shared) -> Json<ActiveIds> {
    Json(server.active(|| {
        get_active_span(|span| {
            let context = span.span_context();
            let span_id = u64::from_be_bytes(context.span_id().to_bytes());
            context.is_valid().then(|| (span_id, context.trace_id().to_string()))
        })
    }))
}

#[derive(Deserialize)]
struct SetBaggage {
    span_id: Id,
    key: String,
    value: String,
}

async fn set_baggage(
    server: Shared,
    Json(request): Json<SetBaggage>,
) -> Result<Json<Value>, Refusal> {
    let cx = with_item(&server.cx(request.span_id)?, &request.key, request.value);
    let value = cx.baggage().get(&request.key).map(ToString::to_string);
    server.keep_cx(request.span_id, cx);
    Ok(Json(json!({ "value": value })))
}

fn with_item(cx: &Context, key: &str, value: String) -> Context {
    let items = cx.baggage().iter().map(|(key, value)| (key.clone(), value.clone()));
    let mut baggage: Baggage = items.collect();
    let KeyValue { key, .. } = KeyValue::new(key.to_owned(), "");
    baggage.insert(key, value);
    cx.with_baggage(baggage)
}

#[derive(Deserialize)]
struct Flush {
    #[serde(default)]
    seconds: u32,
}

async fn flush(State(server): Shared, Json(request): Json<Flush>) -> Json<Value> {
    let timeout = Duration::from_secs(request.seconds.into());
    let flushed = control::flush_opentelemetry(server, timeout).await;
    Json(json!({ "success": flushed.is_ok() }))
}
