//! The server middleware behind real sockets.

mod body;
mod failure;
mod handler;
mod hang_up;
mod harness;
mod route;
mod service;
