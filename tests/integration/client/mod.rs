//! The client layer and the client middleware, against a server that returns what it received.

mod server;

mod body;
mod call;
mod egress;
mod example;
mod gateway;
mod grpc;
mod life;
mod options;
mod peers;
mod redirects;
mod reqwest;
mod retries;
mod rules;
mod shown;
mod tower;
