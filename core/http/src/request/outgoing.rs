//! A request that is sent from here.

use http::{HeaderMap, Method};
use packdog::{http::HttpConfig, span::SpanBuilder, tags};

use super::{
    grpc as call,
    resource::{OPERATION, standard_method},
    shared_tags::{SharedTags, Target},
};
use crate::{destination::Destination, grpc};

/// A request that is sent from here, as its span shows it.
#[derive(Clone, Copy, Debug)]
pub struct OutgoingRequest<'a> {
    /// The method.
    pub method: &'a Method,
    /// The place that it goes to.
    pub destination: Destination<'a>,
    /// The query as it stands in the URL, without its `?`.
    pub query: Option<&'a str>,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The component that sends the request, such as `reqwest`.
    pub component: &'static str,
    /// Whether this is a gRPC call.
    pub is_grpc: bool,
}

impl OutgoingRequest<'_> {
    /// The operation name, unless the application chooses another.
    pub fn operation_name(&self) -> &'static str {
        if self.is_grpc { grpc::CLIENT_OPERATION } else { OPERATION }
    }

    /// Adds type, resource and tags to the span that is about to start.
    pub fn show(&self, builder: SpanBuilder, config: &HttpConfig) -> SpanBuilder {
        let standard = standard_method(self.method);
        let builder = SharedTags {
            is_server: false,
            component: self.component,
            method: standard.filter(|_| !self.is_grpc),
            version: None,
            target: self.destination.host().map(|host| Target::Host(host, self.destination.port())),
        }
        .show(builder);
        let builder = if self.is_grpc {
            call::show(builder, self.destination.path(), grpc::CLIENT_OPERATION)
        } else {
            self.show_http(builder, config, standard)
        };
        config
            .header_tags
            .of_request(self.headers)
            .fold(builder, |builder, (name, value)| builder.derived_tag(name.to_owned(), value))
    }

    fn show_http(
        &self,
        builder: SpanBuilder,
        config: &HttpConfig,
        standard: Option<&'static str>,
    ) -> SpanBuilder {
        let query = config.client_query(self.query);
        let builder = match standard {
            Some(_) => builder, // Among the shared tags.
            None => {
                let method = self.method.as_str();
                builder.derived_resource_text(method).derived_texts([(tags::http::METHOD, method)])
            }
        };
        builder.derived_pieces(tags::http::URL, self.destination.url_pieces(query.as_deref()))
    }
}
