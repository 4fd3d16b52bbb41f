//! The handle to a tracer; its methods are in [`crate::tracer`].

use std::{fmt, sync::Arc};

use super::{Backing, Recorder};
use crate::awake::wake;

/// The destination of spans; a cheap handle.
///
/// Several tracers with different settings can live in one process. A span that begins a trace uses
/// the tracer it is started from, else that of the [scope](Tracer::enter), else the installed one;
/// its descendants use the same tracer.
#[derive(Clone, Default)]
pub struct Tracer(Option<Arc<Backing>>);

impl Tracer {
    /// Returns a tracer that records nothing.
    pub const fn disabled() -> Self {
        Self(None)
    }

    /// Whether the tracer records, unlike a disabled one.
    pub fn is_enabled(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn new(backing: Backing) -> Self {
        wake();
        Self(Some(Arc::new(backing)))
    }

    pub(crate) fn of(backing: Arc<Backing>) -> Self {
        Self(Some(backing))
    }

    pub(crate) fn backing(&self) -> Option<&Arc<Backing>> {
        self.0.as_ref()
    }

    pub(crate) fn recorder(&self) -> Option<&dyn Recorder> {
        self.0.as_ref().map(|backing| &*backing.recorder)
    }
}

/// Only whether it records, and not its configuration.
impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_enabled() { "Tracer(enabled)" } else { "Tracer(disabled)" })
    }
}
