//! A request as its span shows it: operation name, resource and tags in one value.
//!
//! ```text
//!          operation name   resource                          tags
//! server   http.request     GET · GET /users/{id} · GET 404   http.method, http.url, http.version, …
//! client   http.request     GET                               http.method, http.url, out.host, …
//! gRPC     grpc.server      /pkg.Service/Method               rpc.system, rpc.service, rpc.method
//!          grpc.client
//! ```

mod ending;
mod grpc;
mod incoming;
mod outgoing;
mod resource;
mod shared_tags;

pub use self::{
    ending::ends_with_head,
    incoming::IncomingRequest,
    outgoing::OutgoingRequest,
    resource::{known_method, resource_of_route, resource_without_route},
};
