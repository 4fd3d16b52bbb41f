//! Builds a tracer from its parts, and installs it.

use std::{
    any::Any,
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use crate::recording::{Backing, Extensions, NoHeaders, Propagator, Recorder, Tracer};

/// The parts from which a tracer is built.
#[derive(Debug)]
#[must_use = "there is no tracer before `build`"]
pub struct TracerParts {
    recorder: Arc<dyn Recorder>,
    propagator: Arc<dyn Propagator>,
    extensions: Extensions,
}

impl TracerParts {
    /// Returns the parts of a tracer that records, and neither reads nor writes headers.
    pub fn new<R: Recorder>(recorder: Arc<R>) -> Self {
        Self { recorder, propagator: Arc::new(NoHeaders), extensions: Extensions::default() }
    }

    /// Sets the propagator, which reads and writes headers.
    pub fn propagator<P: Propagator>(mut self, propagator: Arc<P>) -> Self {
        self.propagator = propagator;
        self
    }

    /// Adds a value that packages above this one find with [`Tracer::extension`]; it replaces an
    /// earlier one of the same type.
    pub fn extension<T>(mut self, value: T) -> Self
    where
        T: Any + Send + Sync + UnwindSafe + RefUnwindSafe,
    {
        self.extensions.insert(value);
        self
    }

    /// Builds the tracer.
    pub fn build(self) -> Tracer {
        Tracer::new(Backing::new(self.recorder, self.propagator, self.extensions))
    }
}

impl Tracer {
    /// Returns the extension of type `T` that the tracer was built with.
    pub fn extension<T: Any>(&self) -> Option<&T> {
        self.backing()?.extensions.get()
    }
}

/// Installs a tracer for the whole process. This cannot be undone.
///
/// # Errors
/// Returns an error if a tracer is already installed.
pub fn install(tracer: Tracer) -> Result<(), AlreadyInstalled> {
    Tracer::install(tracer)
}

/// Notes that the application starts without a tracer, because its configuration says so. An
/// implementation calls it in place of [`install`], so that middlewares do not warn about a forgotten
/// tracer.
pub fn decline() {
    DECLINED.store(true, Relaxed);
}

/// Whether the application has started without a tracer on purpose.
pub fn is_declined() -> bool {
    DECLINED.load(Relaxed)
}

static DECLINED: AtomicBool = AtomicBool::new(false);

/// The error of installing a second tracer in one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlreadyInstalled;

impl fmt::Display for AlreadyInstalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a tracer of packdog is already installed in this process")
    }
}

impl std::error::Error for AlreadyInstalled {}

#[cfg(test)]
mod tests {
    use crate::recorder::tracer_of;

    #[test]
    fn an_extension_is_found_by_its_type_and_replaced_by_a_later_one() {
        let (parts, _recorder) = tracer_of();
        let tracer = parts.extension(1_u8).extension("text").extension(2_u8).build();
        assert_eq!(tracer.extension::<u8>(), Some(&2));
        assert_eq!(tracer.extension::<&str>(), Some(&"text"));
        assert_eq!(tracer.extension::<u16>(), None);
        assert_eq!(crate::Tracer::disabled().extension::<u8>(), None);
    }
}
