//! `/trace/span/*`: spans, from start to finish.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use axum::{
    Json, Router,
    routing::{get, post},
};
use packdog::span::{SpanEvent, SpanLink, current_ids};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    attributes,
    id::Id,
    refusal::Refusal,
    server::{ActiveIds, Ids, Server, Shared},
};

pub(crate) fn endpoints() -> Router<Arc<Server>> {
    Router::new()
        .route("/trace/span/start", post(start))
        .route("/trace/span/finish", post(finish))
        .route("/trace/span/current", get(current))
        .route("/trace/span/set_resource", post(set_resource))
        .route("/trace/span/set_meta", post(set_tag))
        .route("/trace/span/set_metric", post(set_tag))
        .route("/trace/span/error", post(set_error))
        .route("/trace/span/add_link", post(add_link))
        .route("/trace/span/add_event", post(add_event))
        .route("/trace/span/manual_keep", post(manual_keep))
        .route("/trace/span/manual_drop", post(manual_drop))
}

/// Names the span that a request is about.
#[derive(Deserialize)]
pub(crate) struct OfSpan {
    pub(crate) span_id: Id,
}

#[derive(Deserialize)]
struct Start {
    name: String,
    service: Option<String>,
    resource: Option<String>,
    #[serde(rename = "type")]
    span_type: Option<String>,
    parent_id: Option<Id>,
    #[serde(default)]
    span_tags: Vec<(String, String)>,
}

async fn start(server: Shared, Json(request): Json<Start>) -> Result<Json<Ids>, Refusal> {
    let mut span = server.tracer().span(request.name);
    if let Some(service) = request.service {
        span = span.service(service);
    }
    if let Some(resource) = request.resource {
        span = span.resource(resource);
    }
    if let Some(span_type) = request.span_type {
        span = span.span_type(span_type);
    }
    for (key, value) in request.span_tags {
        span = span.tag(key, value);
    }
    server.start(span, request.parent_id).map(Json)
}

async fn finish(server: Shared, Json(request): Json<OfSpan>) -> Result<(), Refusal> {
    server.finish(request.span_id, |span| span.finish())
}

/// The span that packdog sees while the active one is current by the API that started it.
async fn current(server: Shared) -> Json<ActiveIds> {
    Json(server.active(|| {
        let (trace_id, span_id) = current_ids()?;
        Some((span_id.to_u64(), trace_id.to_string()))
    }))
}

#[derive(Deserialize)]
struct SetResource {
    span_id: Id,
    resource: String,
}

async fn set_resource(server: Shared, Json(request): Json<SetResource>) -> Result<(), Refusal> {
    server.span(request.span_id)?.set_resource(request.resource);
    Ok(())
}

#[derive(Deserialize)]
struct SetTag {
    span_id: Id,
    key: String,
    #[serde(default)]
    value: Value,
}

/// Null removes the tag; the items of lists are tags of their own.
async fn set_tag(server: Shared, Json(request): Json<SetTag>) -> Result<(), Refusal> {
    let span = server.span(request.span_id)?;
    if request.value.is_null() {
        span.remove_tag(&request.key);
    }
    span.set_tags(attributes::as_tags([(request.key, request.value)]));
    Ok(())
}

/// Empty parts are unknown ones.
#[derive(Deserialize)]
struct SetError {
    span_id: Id,
    #[serde(rename = "type", default)]
    error_type: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    stack: String,
}

async fn set_error(server: Shared, Json(request): Json<SetError>) -> Result<(), Refusal> {
    let known = |part| Some(part).filter(|part: &&str| !part.is_empty());
    server.span(request.span_id)?.set_error_parts(
        known(&request.error_type),
        known(&request.message),
        known(&request.stack),
    );
    Ok(())
}

#[derive(Deserialize)]
struct AddLink {
    span_id: Id,
    #[serde(flatten)]
    link: Link,
}

/// A link to a span or to an extracted context.
#[derive(Deserialize)]
pub(crate) struct Link {
    pub(crate) parent_id: Id,
    #[serde(default)]
    pub(crate) attributes: Option<BTreeMap<String, Value>>,
}

impl Link {
    pub(crate) fn to_span_link(&self, server: &Server) -> Result<SpanLink, Refusal> {
        let context = server.context(self.parent_id)?;
        let mut link = SpanLink::to(&context).ok_or(Refusal::NothingToLink(self.parent_id))?;
        for (key, value) in self.attributes.iter().flatten() {
            if let Some(value) = attributes::nested(value) {
                link = link.with_attribute(key, value);
            }
        }
        Ok(link)
    }
}

async fn add_link(server: Shared, Json(request): Json<AddLink>) -> Result<(), Refusal> {
    let link = request.link.to_span_link(&server)?;
    server.span(request.span_id)?.add_link(link);
    Ok(())
}

#[derive(Deserialize)]
struct AddEvent {
    span_id: Id,
    name: String,
    /// In nanoseconds of Unix time.
    timestamp: u64,
    attributes: Option<BTreeMap<String, Value>>,
}

async fn add_event(server: Shared, Json(request): Json<AddEvent>) -> Result<(), Refusal> {
    let event = SpanEvent::new(request.name)
        .with_time(UNIX_EPOCH + Duration::from_nanos(request.timestamp));
    let event = attributes::of_event(event, request.attributes);
    server.span(request.span_id)?.add_event(event);
    Ok(())
}

async fn manual_keep(server: Shared, Json(request): Json<OfSpan>) -> Result<(), Refusal> {
    server.span(request.span_id)?.manual_keep();
    Ok(())
}

async fn manual_drop(server: Shared, Json(request): Json<OfSpan>) -> Result<(), Refusal> {
    server.span(request.span_id)?.manual_drop();
    Ok(())
}
