//! Applications under a subscriber with our layer, and pictures of the traces that they leave.

mod errors;
mod fields;
mod logs;
mod parents;
mod picture;
mod tasks;

use std::sync::{Arc, Mutex};

use tracing_subscriber::{Layer, Registry, prelude::*, registry};

use crate::{
    SpanContext, Tracer,
    implementation::{self, Chunk, Settings, TraceStart, TracerParts},
};

/// Keeps what leaves.
#[derive(Debug)]
struct Recorder {
    settings: Arc<Settings>,
    chunks: Mutex<Vec<Chunk>>,
}

fn tracer() -> (Tracer, Arc<Recorder>) {
    let settings = Arc::new(Settings::new("users"));
    let recorder = Arc::new(Recorder { settings, chunks: Mutex::default() });
    (TracerParts::new(Arc::clone(&recorder)).build(), recorder)
}

/// Runs the application under [`layer`](super::layer); gives a picture of its traces in the order
/// in which they ended.
fn traces(application: impl FnOnce()) -> String {
    traces_with(super::layer(), application)
}

fn traces_with<L>(layer: L, application: impl FnOnce()) -> String
where
    L: Layer<Registry> + Send + Sync,
{
    let (tracer, recorder) = tracer();
    let _tracer = tracer.enter();
    ::tracing::subscriber::with_default(registry().with(layer), application);
    recorder.picture()
}

impl Recorder {
    fn chunks(&self) -> Vec<Chunk> {
        std::mem::take(&mut self.chunks.lock().unwrap())
    }

    fn picture(&self) -> String {
        self.chunks().iter().map(picture::draw).collect::<Vec<_>>().join("\n")
    }
}

impl implementation::Recorder for Recorder {
    fn begin(&self, _: &SpanContext) -> Option<TraceStart> {
        Some(TraceStart::new(Arc::clone(&self.settings)))
    }

    fn collect(&self, chunk: Chunk) {
        self.chunks.lock().unwrap().push(chunk);
    }
}
