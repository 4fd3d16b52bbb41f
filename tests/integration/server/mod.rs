//! The server middleware behind real sockets.

mod body;
mod exchange;
mod failure;
mod grpc;
mod handed_error;
mod handler;
mod hang_up;
mod harness;
mod hostile;
mod http2;
mod ignored;
mod ingress;
mod parity;
mod route;
mod runtime;
mod service;
mod shown;
