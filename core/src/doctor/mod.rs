//! Finds out why traces do not arrive.

mod report;

use std::{
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

pub use self::report::{AgentStatus, Diagnosis, TestSpan};
use crate::{
    Config, Guard,
    agent::{self, InfoError},
    config::LogLevel,
};

/// The longest time that the test span may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The operation name of the test span.
const TEST_SPAN: &str = "packdog.doctor";

/// Examines the configuration of the environment: the Datadog Agent and its endpoints, the settings
/// in force, the warnings about variables, and the arrival of a test span.
///
/// It sends one span with the operation name `packdog.doctor`. Blocks if the Agent does not respond:
/// at most 10 seconds for the span, and before that one `DD_TRACE_AGENT_TIMEOUT_SECONDS` for `/info`.
///
/// ```no_run
/// println!("{}", packdog::doctor());
/// ```
pub fn doctor() -> Diagnosis {
    Config::from_env().examine()
}

impl Config {
    /// Examines this configuration as [`doctor()`] does that of the environment.
    pub fn examine(&self) -> Diagnosis {
        Diagnosis {
            agent_url: self.agent_url(),
            agent: self.ask_agent(),
            test_span: self.send_test_span(),
            warnings: self.warnings(),
            settings: self.settings(),
        }
    }

    fn ask_agent(&self) -> AgentStatus {
        match agent::ask(self) {
            Ok((version, endpoints)) => AgentStatus::Responds { version, endpoints },
            Err(InfoError::Unsupported) => AgentStatus::Old,
            Err(InfoError::Unreachable) => AgentStatus::Unreachable,
        }
    }

    fn send_test_span(&self) -> TestSpan {
        if !self.is_enabled() {
            return TestSpan::TracingIsOff;
        }
        let (sink, messages) = channel();
        let config = self
            .clone()
            .with_log_level(LogLevel::Error)
            .with_debug(false)
            .with_startup_logs(false)
            .with_messages(move |message| drop(sink.send(message.text.clone())));
        match config.build() {
            Ok(guard) => arrival(&guard, &messages),
            Err(error) => TestSpan::Lost(vec![error.to_string()]),
        }
    }
}

fn arrival(guard: &Guard, messages: &Receiver<String>) -> TestSpan {
    let span = guard.tracer().span(TEST_SPAN).start();
    span.manual_keep();
    span.finish();
    let report = guard.shutdown(PATIENCE);
    match report.sent {
        0 => TestSpan::Lost(messages.try_iter().collect()),
        _ => TestSpan::Arrived,
    }
}
