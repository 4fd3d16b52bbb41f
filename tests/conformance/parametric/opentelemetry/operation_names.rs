//! Operation names that follow from kind and attributes: one row for each of the suite's cases, set
//! on the builder and afterwards.

use serde_json::{Value, json};

use crate::harness::App;

const INTERNAL: u8 = 0;
const SERVER: u8 = 1;
const CLIENT: u8 = 2;
const PRODUCER: u8 = 3;
const CONSUMER: u8 = 4;

#[tokio::test]
async fn the_operation_name_follows_from_kind_and_attributes() {
    let Some(app) = App::start(&[]).await else { return };
    #[rustfmt::skip]
    let table: [(&str, Option<u8>, Value); 27] = [
        // name                             kind              attributes
        ("http.server.request",             Some(SERVER),     json!({ "http.request.method": "GET" })),
        ("http.client.request",             Some(CLIENT),     json!({ "http.request.method": "GET" })),
        ("redis.query",                     Some(CLIENT),     json!({ "db.system": "Redis" })),
        ("kafka.receive",                   Some(CLIENT),     json!({ "messaging.system": "Kafka", "messaging.operation": "Receive" })),
        ("kafka.receive",                   Some(SERVER),     json!({ "messaging.system": "Kafka", "messaging.operation": "Receive" })),
        ("kafka.receive",                   Some(PRODUCER),   json!({ "messaging.system": "Kafka", "messaging.operation": "Receive" })),
        ("kafka.receive",                   Some(CONSUMER),   json!({ "messaging.system": "Kafka", "messaging.operation": "Receive" })),
        ("aws.s3.request",                  Some(CLIENT),     json!({ "rpc.system": "aws-api", "rpc.service": "S3" })),
        ("aws.client.request",              Some(CLIENT),     json!({ "rpc.system": "aws-api" })),
        ("grpc.client.request",             Some(CLIENT),     json!({ "rpc.system": "GRPC" })),
        ("grpc.server.request",             Some(SERVER),     json!({ "rpc.system": "GRPC" })),
        ("aws.my-function.invoke",          Some(CLIENT),     json!({ "faas.invoked_provider": "aws", "faas.invoked_name": "My-Function" })),
        ("datasource.invoke",               Some(SERVER),     json!({ "faas.trigger": "Datasource" })),
        ("graphql.server.request",          Some(SERVER),     json!({ "graphql.operation.type": "query" })),
        ("amqp.server.request",             Some(SERVER),     json!({ "network.protocol.name": "Amqp" })),
        ("server.request",                  Some(SERVER),     json!({})),
        ("amqp.client.request",             Some(CLIENT),     json!({ "network.protocol.name": "Amqp" })),
        ("client.request",                  Some(CLIENT),     json!({})),
        ("internal",                        Some(INTERNAL),   json!({})),
        ("consumer",                        Some(CONSUMER),   json!({})),
        ("producer",                        Some(PRODUCER),   json!({})),
        ("internal",                        None,             json!({})),
        ("overriden.name",                  Some(CLIENT),     json!({ "http.request.method": "GET", "operation.name": "overriden.name" })),
        ("overriden.name",                  Some(SERVER),     json!({ "http.request.method": "GET", "operation.name": "Overriden.Name" })),
        ("http.client.request",             Some(CLIENT),     json!({ "http.request.method": "GET", "operation.name": "" })),
        ("postgresql.query",                Some(CLIENT),     json!({ "db.system.name": "postgresql" })),
        ("kafka.send",                      Some(PRODUCER),   json!({ "messaging.system": "kafka", "messaging.operation.type": "send" })),
    ];
    let mut expected = Vec::new();
    for (name, kind, attributes) in table {
        let first =
            json!({ "name": "otel_span_name", "span_kind": kind, "attributes": attributes });
        let first = app.otel_span_with(first).await;
        let later = json!({ "name": "otel_span_name", "span_kind": kind });
        let later = app.otel_span_with(later).await;
        for (key, value) in attributes.as_object().unwrap() {
            app.otel_set(later, json!({ key: value })).await;
        }
        for span in [first, later] {
            app.otel_end(span).await;
            expected.push((span.span_id, name, format!("{kind:?} {attributes}")));
        }
    }
    let spans = app.spans().await;
    for (span_id, name, row) in expected {
        let span = spans.iter().find(|span| span.span_id == span_id).unwrap();
        assert_eq!((&*span.name, &*span.resource), (name, "otel_span_name"), "{row}");
    }
}
