//! `/trace/span/*`: headers in and out, and baggage.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json, Router,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};

use crate::{
    id::Id,
    refusal::Refusal,
    server::{Server, Shared},
    span::OfSpan,
};

pub(crate) fn endpoints() -> Router<Arc<Server>> {
    Router::new()
        .route("/trace/span/extract_headers", post(extract_headers))
        .route("/trace/span/inject_headers", post(inject_headers))
        .route("/trace/span/set_baggage", post(set_baggage))
        .route("/trace/span/get_baggage", get(get_baggage))
        .route("/trace/span/get_all_baggage", get(get_all_baggage))
        .route("/trace/span/remove_baggage", post(remove_baggage))
        .route("/trace/span/remove_all_baggage", post(remove_all_baggage))
}

/// Header lines in their order, names in any case and repeated, values as they came.
#[derive(Deserialize, Serialize)]
struct Headers {
    http_headers: Vec<(String, String)>,
}

#[derive(Serialize)]
struct Extracted {
    span_id: Option<Id>,
}

async fn extract_headers(server: Shared, Json(request): Json<Headers>) -> Json<Extracted> {
    Json(Extracted { span_id: server.extract(&request.http_headers) })
}

async fn inject_headers(
    server: Shared,
    Json(request): Json<OfSpan>,
) -> Result<Json<Headers>, Refusal> {
    let mut http_headers = Vec::new();
    server.span(request.span_id)?.inject(&mut http_headers);
    Ok(Json(Headers { http_headers }))
}

#[derive(Deserialize)]
struct SetBaggage {
    span_id: Id,
    key: String,
    value: String,
}

async fn set_baggage(server: Shared, Json(request): Json<SetBaggage>) -> Result<(), Refusal> {
    server.span(request.span_id)?.baggage().set(request.key, request.value);
    Ok(())
}

#[derive(Deserialize)]
struct OfBaggage {
    span_id: Id,
    key: String,
}

#[derive(Serialize)]
struct Baggage<T> {
    baggage: T,
}

async fn get_baggage(
    server: Shared,
    Json(request): Json<OfBaggage>,
) -> Result<Json<Baggage<Option<String>>>, Refusal> {
    let baggage = server.span(request.span_id)?.baggage().get(&request.key);
    Ok(Json(Baggage { baggage }))
}

async fn get_all_baggage(
    server: Shared,
    Json(request): Json<OfSpan>,
) -> Result<Json<Baggage<BTreeMap<String, String>>>, Refusal> {
    let items = server.span(request.span_id)?.baggage().items();
    let baggage = items.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    Ok(Json(Baggage { baggage }))
}

async fn remove_baggage(server: Shared, Json(request): Json<OfBaggage>) -> Result<(), Refusal> {
    server.span(request.span_id)?.baggage().remove(&request.key);
    Ok(())
}

async fn remove_all_baggage(server: Shared, Json(request): Json<OfSpan>) -> Result<(), Refusal> {
    server.span(request.span_id)?.baggage().clear();
    Ok(())
}
