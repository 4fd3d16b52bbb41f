//! The tools of the cases: the server as a process, and tables of headers in and out.

mod agent;
mod app;
mod headers;
mod opentelemetry;
mod process;

pub(crate) use self::{
    app::{App, Env, Ids},
    headers::{Expect, Headers, Row},
};
