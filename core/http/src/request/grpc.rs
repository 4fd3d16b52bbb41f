//! The part of a gRPC call that server and client show alike.

use packdog::{span::SpanBuilder, tags};

use crate::grpc;

/// Shows the method of a call; `operation` is the resource if the path names none.
///
/// The path is shown only if it can be a method, since clients choose paths freely.
pub(super) fn show(builder: SpanBuilder, path: &str, operation: &'static str) -> SpanBuilder {
    let builder = builder.derived_tag(tags::rpc::SYSTEM, "grpc");
    match grpc::service_and_method(path) {
        Some((service, method)) => builder
            .derived_resource_text(path)
            .derived_tag(tags::rpc::SERVICE, service)
            .derived_tag(tags::rpc::METHOD, method),
        None => builder.derived_resource(operation),
    }
}
