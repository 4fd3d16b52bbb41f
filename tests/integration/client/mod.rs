//! The client layer and the client middleware, towards a server that answers what it received.

mod server;

mod call;
mod egress;
mod life;
mod redirects;
mod reqwest;
mod rules;
mod tower;
