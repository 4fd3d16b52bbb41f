//! The findings of an examination, and the page that shows them.

use std::fmt;

use crate::config::{AgentUrl, ConfigWarning, Setting, Source, shown};

/// The findings of an [examination](crate::doctor()). Shown as a page of text.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Diagnosis {
    /// The address of the Datadog Agent.
    pub agent_url: AgentUrl,
    /// The state of the Datadog Agent, and its endpoints.
    pub agent: AgentStatus,
    /// Whether a span arrived there.
    pub test_span: TestSpan,
    /// The variables that have no effect, or not the one that was meant.
    pub warnings: Vec<ConfigWarning>,
    /// The value of each option that is in force, with its source.
    pub settings: Vec<Setting>,
}

/// The state of the Datadog Agent, and its endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AgentStatus {
    /// It describes itself.
    Responds {
        /// Its version.
        version: Option<String>,
        /// The paths that it has.
        endpoints: Vec<String>,
    },
    /// It responds, but not to `/info`: it accepts traces in the format `v0.4`.
    Old,
    /// It cannot be reached.
    Unreachable,
}

/// Whether a span arrived at the Datadog Agent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TestSpan {
    /// The Datadog Agent accepted it.
    Arrived,
    /// It was lost, with these messages of the tracer.
    Lost(Vec<String>),
    /// None was sent, because tracing is off.
    TracingIsOff,
}

impl Diagnosis {
    /// Whether a span arrived and no variable has a warning.
    ///
    /// A warning alone makes it `false`, although traces arrive: the variable may be one that other
    /// software reads.
    pub fn is_healthy(&self) -> bool {
        self.test_span == TestSpan::Arrived && self.warnings.is_empty()
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = &self.agent_url;
        writeln!(f, "Datadog Agent at {url}")?;
        match &self.agent {
            AgentStatus::Responds { version, endpoints } => {
                writeln!(f, "  responds, version {}", version.as_deref().unwrap_or("unknown"))?;
                writeln!(f, "  offers {}", endpoints.join(" "))?;
            }
            AgentStatus::Old => writeln!(f, "  responds, but not to /info")?,
            AgentStatus::Unreachable => {
                writeln!(f, "  cannot be reached")?;
                writeln!(f, "  Start it, or set DD_TRACE_AGENT_URL to its address.")?;
            }
        }
        writeln!(f, "\nTest span")?;
        match &self.test_span {
            TestSpan::Arrived => writeln!(f, "  arrived")?,
            TestSpan::Lost(messages) => {
                writeln!(f, "  did not arrive")?;
                messages.iter().try_for_each(|message| writeln!(f, "  {message}"))?;
            }
            TestSpan::TracingIsOff => writeln!(f, "  was not sent, because tracing is off")?,
        }
        writeln!(f, "\nWarnings about variables")?;
        if self.warnings.is_empty() {
            writeln!(f, "  none")?;
        }
        self.warnings.iter().try_for_each(|warning| writeln!(f, "  {warning}"))?;
        let is_set = |setting: &&Setting| setting.source != Source::Default;
        writeln!(f, "\nSettings")?;
        if !self.settings.iter().any(|setting| is_set(&setting)) {
            writeln!(f, "  none")?;
        }
        self.settings.iter().filter(is_set).try_for_each(|setting| write_setting(f, setting))?;
        writeln!(f, "\nSettings by default")?;
        let by_default = self.settings.iter().filter(|setting| !is_set(setting));
        by_default
            .filter(|setting| setting.value.is_some())
            .try_for_each(|setting| write_setting(f, setting))
    }
}

fn write_setting(f: &mut fmt::Formatter<'_>, setting: &Setting) -> fmt::Result {
    let value = setting.value.as_deref().map(shown).unwrap_or_default();
    match setting.source {
        Source::Default => writeln!(f, "  {}={value}", setting.name),
        source => writeln!(f, "  {}={value} ({source})", setting.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, test_util::agent::FakeAgent};

    #[test]
    fn the_page_shows_a_span_that_arrived_and_the_settings() {
        let agent = FakeAgent::responding(|| 200);
        let config = Config::new().with_agent_url(agent.url()).with_service("users");
        let diagnosis = config.examine();
        assert_eq!(diagnosis.test_span, TestSpan::Arrived);
        assert!(diagnosis.is_healthy());
        let page = diagnosis.to_string();
        for part in [
            &format!("Datadog Agent at {}\n", agent.url()),
            "Test span\n  arrived\n",
            "Warnings about variables\n  none\n",
            "Settings\n  DD_SERVICE=users (code)\n",
            "Settings by default\n",
            "  DD_TRACE_RATE_LIMIT=100\n",
        ] {
            assert!(page.contains(part), "{part:?} is not in\n{page}");
        }
    }

    #[test]
    fn an_agent_that_is_away_and_variables_without_effect_are_named() {
        let variables = [
            ("DD_TRACE_AGENT_URL".to_owned(), "http://127.0.0.1:1".to_owned()),
            ("DD_SERIVCE".to_owned(), "users".to_owned()),
        ];
        let diagnosis = Config::from_variables(variables).0.examine();
        assert_eq!(diagnosis.agent, AgentStatus::Unreachable);
        assert!(!diagnosis.is_healthy());
        let TestSpan::Lost(messages) = &diagnosis.test_span else { panic!("{diagnosis}") };
        assert!(messages[0].contains("http://127.0.0.1:1"), "{messages:?}");
        let page = diagnosis.to_string();
        assert!(page.contains("  cannot be reached\n"), "{page}");
        assert!(page.contains("  did not arrive\n"), "{page}");
        assert!(
            page.contains("  DD_SERIVCE is unknown and has no effect. Did you mean DD_SERVICE?"),
            "{page}"
        );
    }

    #[test]
    fn tracing_that_is_off_sends_no_test_span() {
        let agent = FakeAgent::responding(|| 200);
        let config = Config::new().with_agent_url(agent.url()).with_enabled(false);
        assert_eq!(config.examine().test_span, TestSpan::TracingIsOff);
    }
}
