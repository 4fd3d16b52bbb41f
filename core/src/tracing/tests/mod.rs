//! Applications under a subscriber with our layer, and pictures of their traces.

mod errors;
mod fields;
mod hostile;
mod logs;
mod parents;
mod picture;
mod tasks;

use tracing_subscriber::{Layer, Registry, prelude::*, registry};

use crate::{Config, test_util::Collector};

fn collector() -> Collector {
    Collector::new(&Config::new().with_service("users"))
}

/// Runs the application under [`layer`](super::layer), and returns a picture of its traces.
fn traces(application: impl FnOnce()) -> String {
    traces_with(super::layer(), application)
}

fn traces_with<L>(layer: L, application: impl FnOnce()) -> String
where
    L: Layer<Registry> + Send + Sync,
{
    let collector = collector();
    let _tracer = collector.tracer().enter();
    ::tracing::subscriber::with_default(registry().with(layer), application);
    picture(&collector)
}

fn picture(collector: &Collector) -> String {
    collector.traces().iter().map(picture::draw).collect::<Vec<_>>().join("\n")
}
