//! Whole tracers, for what rows of operations do not show: servers under load, an Agent that is
//! gone, several threads.

use std::{any::Any, fmt};

use axum::Router;

#[cfg(feature = "peers")]
use crate::peers::{datadog, fast, otel};
use crate::{ours, row::BARE, row::OURS, serve};

/// A tracer, or none.
#[derive(Debug)]
pub(crate) struct Subject {
    /// The word that selects it on the command line.
    pub(crate) key: &'static str,
    /// Makes a traced server, given the URL of an Agent, and what must live as long.
    pub(crate) server: fn(&str) -> (Router, Box<dyn Any>),
    /// Makes a recorder of spans, given the URL of an Agent.
    pub(crate) recorder: Option<fn(&str) -> Recorder>,
    /// The part of the work of ours that it leaves out.
    pub(crate) leaves_out: &'static str,
}

/// Records root spans with seven tags, from any thread.
pub(crate) struct Recorder {
    pub(crate) record: Box<dyn Fn() + Send + Sync>,
    /// Waits until the recorded spans have been handed on.
    pub(crate) flush: Box<dyn Fn() + Send + Sync>,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

/// All tracers that this build has, the bare server first.
pub(crate) fn all() -> Vec<Subject> {
    vec![
        Subject {
            key: BARE,
            server: |_| (serve::router(), Box::new(())),
            recorder: None,
            leaves_out: "all",
        },
        Subject {
            key: OURS,
            server: |agent| kept(ours::layered(agent)),
            recorder: Some(ours::recorder),
            leaves_out: "",
        },
        #[cfg(feature = "peers")]
        Subject {
            key: fast::NAME.0,
            server: |_| kept(fast::layered()),
            recorder: Some(|_| fast::recorder()),
            leaves_out: fast::SERVER,
        },
        #[cfg(feature = "peers")]
        Subject {
            key: otel::NAME.0,
            server: |_| kept(otel::layered()),
            recorder: Some(|_| otel::recorder()),
            leaves_out: otel::SERVER,
        },
        #[cfg(feature = "peers")]
        Subject {
            key: datadog::NAME.0,
            server: |agent| kept(datadog::layered(agent)),
            recorder: Some(datadog::recorder),
            leaves_out: datadog::SERVER,
        },
    ]
}

fn kept((app, tracer): (Router, impl Any)) -> (Router, Box<dyn Any>) {
    (app, Box::new(tracer))
}
