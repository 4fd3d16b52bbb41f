//! Starting, flushing and shutting down a tracer that delivers to the Datadog Agent.

mod agent_backend;
mod guarded_propagator;
mod misuse_message;
#[cfg(test)]
mod tests;

use std::{fmt, io, sync::Arc, time::Duration};

use packdog_api::{
    Report, Tracer,
    implementation::{self, AlreadyInstalled},
};

use self::agent_backend::AgentBackend;
use crate::{
    Config,
    config::Setting,
    log::{Log, Startup},
};

/// The time for which a guard waits when it is dropped.
const DROP_TIMEOUT: Duration = Duration::from_secs(2);

/// Installs a tracer for the whole process, configured by the environment (`DD_*` variables).
///
/// Keep the guard for the life of the application, usually in `main`. Neither an unusable setting
/// nor an Agent that is not there makes it fail: there is a warning, to the logger of the `log` crate
/// if one is installed already, else to standard error (see
/// [`no_traces`](crate::recipes::no_traces)).
///
/// ```no_run
/// fn main() -> Result<(), packdog::InitError> {
///     let _packdog = packdog::init()?;
///     packdog::span("hello").in_scope(|span| span.set_tag("who", "world"));
///     Ok(())
/// }
/// ```
///
/// # Errors
/// Another tracer is installed in this process, or the thread that sends spans cannot be started.
pub fn init() -> Result<Guard, InitError> {
    Config::from_env().init()
}

impl Config {
    /// Installs a tracer with this configuration for the whole process.
    ///
    /// A configuration that turns tracing off installs nothing: then all calls do nothing, also
    /// those on the guard.
    ///
    /// ```standalone_crate
    /// use packdog::{Config, InitError};
    ///
    /// # fn main() -> Result<(), InitError> {
    /// let _packdog = Config::new().with_service("users").init()?;
    /// assert!(matches!(Config::new().init(), Err(InitError::AlreadyInstalled)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Another tracer is installed in this process, or the thread that sends spans cannot be
    /// started.
    pub fn init(self) -> Result<Guard, InitError> {
        let guard = self.build()?;
        if guard.tracer.is_enabled() {
            implementation::install(guard.tracer.clone())?;
        } else {
            implementation::decline();
        }
        Ok(guard)
    }

    /// Starts a tracer with this configuration and installs nothing: for several tracers in one
    /// process.
    ///
    /// ```
    /// # fn main() -> Result<(), packdog::InitError> {
    /// let packdog = packdog::Config::new().with_service("users").with_enabled(false).build()?;
    /// packdog.tracer().span("hello").in_scope(|span| span.set_tag("who", "world"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The thread that sends spans cannot be started.
    pub fn build(self) -> Result<Guard, InitError> {
        let settings = self.settings();
        if !self.is_enabled() {
            report_settings(&self);
            return Ok(Guard { tracer: Tracer::disabled(), backend: None, settings });
        }
        let backend = Arc::new(AgentBackend::start(&self)?);
        Ok(Guard { tracer: backend.tracer(&self), backend: Some(backend), settings })
    }
}

/// Writes the first log lines of a tracer although there is no tracer.
fn report_settings(config: &Config) {
    let log = Log::of(config);
    for warning in config.warnings() {
        log.line(&warning);
    }
    if let Some(startup) = Startup::of(config) {
        log.startup(startup, true);
    }
}

/// Holds a started tracer; when dropped, it flushes, and waits at most 2 seconds for delivery.
///
/// The tracer goes on afterwards for the spans and handles that still exist, until it is shut down or
/// the last of them is dropped. A tracer that [`init`] installed stays for the life of the process.
///
/// So name the guard: `let _packdog = packdog::init()?`. With `let _ = packdog::init()?` it is
/// dropped at once. Spans are recorded and sent all the same, about once a second, but those of the
/// last second are lost when `main` returns. The compiler does not warn about `let _`; clippy does,
/// with `#![warn(clippy::let_underscore_must_use)]`.
#[must_use = "dropping it at once flushes at once, and not at the end of the application"]
pub struct Guard {
    tracer: Tracer,
    /// `None` if the tracer is disabled.
    backend: Option<Arc<AgentBackend>>,
    settings: Vec<Setting>,
}

/// Without the configuration, which may hold secrets.
impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("tracer", &self.tracer).finish_non_exhaustive()
    }
}

impl Guard {
    /// Returns the tracer, which is disabled if the configuration disables it.
    pub fn tracer(&self) -> &Tracer {
        &self.tracer
    }

    /// Returns the value of each option that is in force, with its source.
    ///
    /// ```
    /// # fn main() -> Result<(), packdog::InitError> {
    /// let packdog = packdog::Config::new().with_service("users").with_enabled(false).build()?;
    /// for setting in packdog.settings() {
    ///     println!("{setting}"); // DD_SERVICE=users (code)
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// Waits for the Datadog Agent's first response to `/info`, at most `timeout`, and returns
    /// whether it responded. Blocks the thread.
    ///
    /// It is asked when the tracer starts, beside the delivery of spans. Only tests that look at the
    /// form of the very first spans need to wait for that.
    pub fn wait_for_agent(&self, timeout: Duration) -> bool {
        self.backend.as_ref().is_some_and(|backend| backend.wait_for_agent(timeout))
    }

    /// Sends all finished spans and waits for that, at most `timeout`. Blocks the thread.
    pub fn flush(&self, timeout: Duration) -> Report {
        self.tracer.flush(timeout)
    }

    /// [`flush`](Guard::flush) without blocking the calling thread, on any runtime.
    ///
    /// # Cancellation
    /// Dropping the future only stops the wait; the spans are still sent.
    pub fn flush_async(&self, timeout: Duration) -> impl Future<Output = Report> + Send + use<> {
        self.tracer.flush_async(timeout)
    }

    /// Like [`flush`](Guard::flush), and records nothing from then on: what is not sent by then
    /// is dropped.
    pub fn shutdown(&self, timeout: Duration) -> Report {
        self.tracer.shutdown(timeout)
    }

    /// [`shutdown`](Guard::shutdown) without blocking the calling thread, on any runtime: for a
    /// [graceful shutdown](crate::recipes::shutdown).
    ///
    /// # Cancellation
    /// Dropping the future only stops the wait; the tracer is still shut down.
    pub fn shutdown_async(&self, timeout: Duration) -> impl Future<Output = Report> + Send + use<> {
        self.tracer.shutdown_async(timeout)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.tracer.flush(DROP_TIMEOUT);
    }
}

/// The reason why a tracer could not be started.
///
/// `Debug` writes a sentence, since a `main` that returns the error shows nothing else.
#[non_exhaustive]
pub enum InitError {
    /// Another tracer is installed in this process already.
    AlreadyInstalled,
    /// The thread that sends spans cannot be started.
    Thread(io::Error),
}

impl From<AlreadyInstalled> for InitError {
    fn from(_: AlreadyInstalled) -> Self {
        Self::AlreadyInstalled
    }
}

impl From<io::Error> for InitError {
    fn from(error: io::Error) -> Self {
        Self::Thread(error)
    }
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyInstalled => {
                f.write_str("a tracer of packdog is already installed in this process")
            }
            Self::Thread(_) => f.write_str("the thread that sends spans cannot be started"),
        }
    }
}

impl fmt::Debug for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyInstalled => write!(f, "{self}"),
            Self::Thread(error) => write!(f, "packdog: {self}: {error}"),
        }
    }
}

impl std::error::Error for InitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::AlreadyInstalled => None,
            Self::Thread(error) => Some(error),
        }
    }
}
