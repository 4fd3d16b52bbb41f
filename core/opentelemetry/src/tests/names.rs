use opentelemetry::{
    KeyValue, Value,
    trace::{Span as _, SpanKind, Tracer as _},
};

use packdog::test_util::CollectedSpan;

use super::{builder, collector, tracer};

type Attributes<'a> = &'a [(&'static str, &'static str)];

fn pairs(attributes: Attributes<'_>) -> Vec<KeyValue> {
    attributes.iter().map(|(key, value)| KeyValue::new(*key, *value)).collect()
}

/// Returns a span that started with the attributes, and one to which they were added.
fn given_both_ways(kind: &SpanKind, attributes: Attributes<'_>) -> [CollectedSpan; 2] {
    let (collector, _scope) = collector();
    drop(builder(kind.clone(), pairs(attributes)).start(&tracer()));
    let mut span = builder(kind.clone(), Vec::new()).start(&tracer());
    for attribute in pairs(attributes) {
        span.set_attribute(attribute);
    }
    drop(span);
    collector.spans().try_into().unwrap()
}

#[test]
fn the_operation_name_is_derived_from_kind_and_attributes() {
    use SpanKind::{Client, Consumer, Internal, Producer, Server};

    const MESSAGE: Attributes<'_> =
        &[("messaging.system", "Kafka"), ("messaging.operation", "Receive")];
    #[rustfmt::skip]
    let table: [(SpanKind, Attributes<'_>, &str); 34] = [
        // kind     attributes                                                                  name
        (Internal,  &[],                                                                        "internal"),
        (Producer,  &[],                                                                        "producer"),
        (Consumer,  &[],                                                                        "consumer"),
        (Server,    &[],                                                                        "server.request"),
        (Client,    &[],                                                                        "client.request"),
        (Server,    &[("http.request.method", "GET")],                                          "http.server.request"),
        (Client,    &[("http.method", "GET")],                                                  "http.client.request"),
        (Internal,  &[("http.request.method", "GET")],                                          "internal"),
        (Client,    &[("db.system", "Redis")],                                                  "redis.query"),
        (Client,    &[("db.system.name", "postgresql")],                                        "postgresql.query"),
        (Client,    &[("db.system", ""), ("db.system.name", "mysql")],                          "mysql.query"),
        (Server,    &[("db.system", "redis")],                                                  "server.request"),
        (Client,    &[("http.request.method", "GET"), ("db.system", "redis")],                  "http.client.request"),
        (Consumer,  MESSAGE,                                                                    "kafka.receive"),
        (Producer,  &[("messaging.system", "sqs"), ("messaging.operation.type", "send")],       "sqs.send"),
        (Client,    MESSAGE,                                                                    "kafka.receive"),
        (Internal,  MESSAGE,                                                                    "internal"),
        (Consumer,  &[("messaging.system", "kafka")],                                           "consumer"),
        (Client,    &[("rpc.system", "aws-api"), ("rpc.service", "S3")],                        "aws.s3.request"),
        (Client,    &[("rpc.system", "aws-api")],                                               "aws.client.request"),
        (Server,    &[("rpc.system", "aws-api"), ("rpc.service", "S3")],                        "aws-api.server.request"),
        (Client,    &[("rpc.system", "GRPC")],                                                  "grpc.client.request"),
        (Server,    &[("rpc.system", "grpc")],                                                  "grpc.server.request"),
        (Client,    &[("faas.invoked_provider", "AWS"), ("faas.invoked_name", "My-Function")],  "aws.my-function.invoke"),
        (Client,    &[("faas.invoked_provider", "aws")],                                        "client.request"),
        (Server,    &[("faas.trigger", "Datasource")],                                          "datasource.invoke"),
        (Client,    &[("faas.trigger", "datasource")],                                          "client.request"),
        (Internal,  &[("graphql.operation.type", "query")],                                     "graphql.server.request"),
        (Server,    &[("network.protocol.name", "AMQP")],                                       "amqp.server.request"),
        (Client,    &[("network.protocol.name", "amqp")],                                       "amqp.client.request"),
        (Internal,  &[("network.protocol.name", "amqp")],                                       "internal"),
        (Server,    &[("operation.name", "Bread.Bake"), ("http.request.method", "GET")],        "bread.bake"),
        (Internal,  &[("operation.name", "")],                                                  "internal"),
        (Client,    &[("operation.name", "a"), ("operation.name", "b")],                        "b"),
    ];
    for (kind, attributes, name) in table {
        for span in given_both_ways(&kind, attributes) {
            assert_eq!((&*span.name, &*span.resource), (name, "bake"), "{kind:?} {attributes:?}");
        }
    }
}

#[test]
fn a_method_of_any_value_makes_a_request_and_other_values_must_be_texts() {
    let table = [
        (KeyValue::new("http.request.method", 1), "http.client.request"),
        (KeyValue::new("db.system", 1), "client.request"),
        (KeyValue::new("operation.name", 1), "client.request"),
    ];
    for (attribute, name) in table {
        let (collector, _scope) = collector();
        drop(builder(SpanKind::Client, vec![attribute]).start(&tracer()));
        assert_eq!(collector.only_span().name, name);
    }
}

#[test]
fn the_type_is_derived_from_kind_and_database() {
    use SpanKind::{Client, Consumer, Internal, Producer, Server};

    #[rustfmt::skip]
    let table: [(SpanKind, Attributes<'_>, &str); 14] = [
        // kind     attributes                                              type
        (Server,    &[],                                                    "web"),
        (Client,    &[],                                                    "http"),
        (Internal,  &[],                                                    ""),
        (Producer,  &[],                                                    ""),
        (Consumer,  &[],                                                    ""),
        (Client,    &[("db.system", "Cassandra")],                          "cassandra"),
        (Client,    &[("db.system", "opensearch")],                         "opensearch"),
        (Client,    &[("db.system", "postgresql")],                         "sql"),
        (Client,    &[("db.system.name", "microsoft.sql_server")],          "sql"),
        (Client,    &[("db.system", "other_sql")],                          "sql"),
        (Client,    &[("db.system", "neo4j")],                              "db"),
        (Server,    &[("db.system", "redis")],                              "web"),
        (Client,    &[("db.system", "redis"), ("span.type", "cache")],      "cache"),
        (Client,    &[("span.type", "")],                                   ""),
    ];
    for (kind, attributes, span_type) in table {
        for span in given_both_ways(&kind, attributes) {
            assert_eq!(span.span_type, span_type, "{kind:?} {attributes:?}");
        }
    }
}

#[test]
fn fields_that_packdog_s_api_set_are_not_derived_again() {
    let (collector, _scope) = collector();
    let mut span = builder(SpanKind::Client, Vec::new()).start(&tracer());
    span.of_packdog().set_operation_name("oven.call");
    span.of_packdog().set_type("oven");
    span.set_attribute(KeyValue::new("db.system", "redis"));
    drop(span);
    let span = collector.only_span();
    assert_eq!([&*span.name, &*span.span_type], ["oven.call", "oven"]);
}

#[test]
fn the_last_of_all_names_is_the_resource() {
    let (collector, _scope) = collector();
    let mut span = tracer().start("first");
    span.set_attribute(KeyValue::new("resource.name", "second"));
    span.of_packdog().set_resource("third");
    assert_eq!(span.of_packdog().resource(), "third");
    span.update_name("fourth");
    assert_eq!(span.of_packdog().resource(), "fourth");
    span.update_name("");
    assert_eq!(span.of_packdog().resource(), "internal", "an empty name is the operation name");
    span.set_attribute(KeyValue::new("resource.name", Value::I64(5)));
    drop(span);
    let span = collector.only_span();
    assert_eq!([&*span.name, &*span.resource], ["internal", "5"]);
}
