//! The line that a tracer writes when it starts, if `DD_TRACE_STARTUP_LOGS` is on: its settings,
//! and whether the Datadog Agent can be reached.
//!
//! The form is that of Datadog's other SDKs, so that one search finds the lines of all services.

use std::env::consts::{ARCH, OS};

use serde_json::{Map, Value, json};

use crate::{
    Config,
    config::{Setting, shown},
};

/// The start of the line with the settings, for which a search looks.
const CONFIGURATION: &str = "DATADOG TRACER CONFIGURATION";
const DIAGNOSTIC: &str = "DATADOG TRACER DIAGNOSTIC";

/// The settings of a tracer, until it is known whether the Agent can be reached.
#[derive(Debug)]
pub(crate) struct Startup {
    fields: Map<String, Value>,
    agent_url: String,
}

impl Startup {
    /// Returns the settings to write; `None` if the option is off.
    pub(crate) fn of(config: &Config) -> Option<Self> {
        let agent_url = || config.agent_url().to_string();
        config.has_startup_logs().then(|| Self { fields: fields(config), agent_url: agent_url() })
    }

    /// Returns the lines: the settings, and an error if the Agent cannot be reached.
    pub(crate) fn lines(self, is_agent_there: bool) -> Vec<String> {
        let Self { mut fields, agent_url } = self;
        let agent_error = (!is_agent_there)
            .then(|| format!("the Datadog Agent at {agent_url} cannot be reached"));
        fields.insert("agent_error".to_owned(), agent_error.clone().unwrap_or_default().into());
        let mut lines = vec![format!("{CONFIGURATION} - {}", Value::from(fields))];
        lines.extend(agent_error.map(|error| format!("{DIAGNOSTIC} - Agent Error: {error}")));
        lines
    }
}

fn fields(config: &Config) -> Map<String, Value> {
    let settings = config.settings();
    let value = |name: &str| {
        let setting = settings.iter().find(|setting| setting.name == name);
        setting.and_then(|setting| setting.value.as_deref()).map(shown)
    };
    let mut fields = Map::new();
    let mut field = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    field("version", env!("CARGO_PKG_VERSION").into());
    field("lang", "rust".into());
    field("lang_version", env!("PACKDOG_RUSTC_VERSION").into());
    field("os_name", OS.into());
    field("architecture", ARCH.into());
    for (name, option) in [
        ("service", "DD_SERVICE"),
        ("env", "DD_ENV"),
        ("dd_version", "DD_VERSION"),
        ("agent_url", "DD_TRACE_AGENT_URL"),
        ("sample_rate", "DD_TRACE_SAMPLE_RATE"),
        ("sampling_rules", "DD_TRACE_SAMPLING_RULES"),
        ("tags", "DD_TAGS"),
        ("propagation_style_extract", "DD_TRACE_PROPAGATION_STYLE_EXTRACT"),
        ("propagation_style_inject", "DD_TRACE_PROPAGATION_STYLE_INJECT"),
    ] {
        field(name, value(option).into());
    }
    field("enabled", config.is_enabled().into());
    field("debug", config.is_debug().into());
    let settings = settings.iter().map(|Setting { name, value, source, .. }| {
        let value = value.as_deref().map(shown);
        ((*name).to_owned(), json!({ "value": value, "source": source.as_str() }))
    });
    field("settings", Value::from(settings.collect::<Map<_, _>>()));
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Value {
        let (start, json) = line.split_once(" - ").unwrap();
        assert_eq!(start, CONFIGURATION);
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_line_has_settings_with_sources_and_the_error_of_the_agent() {
        let config = Config::new().with_startup_logs(true).with_service("users");
        let lines = Startup::of(&config).unwrap().lines(true);
        assert_eq!(lines.len(), 1);
        let line = parsed(&lines[0]);
        assert_eq!(line["service"], "users");
        assert_eq!(line["env"], Value::Null);
        assert_eq!(line["lang"], "rust");
        assert_eq!(line["agent_url"], "http://localhost:8126");
        assert_eq!(line["agent_error"], "");
        let service = &line["settings"]["DD_SERVICE"];
        assert_eq!(service, &json!({ "value": "users", "source": "code" }));

        let lines = Startup::of(&config).unwrap().lines(false);
        let error = "the Datadog Agent at http://localhost:8126 cannot be reached";
        assert_eq!(parsed(&lines[0])["agent_error"], error);
        assert_eq!(lines[1..], [format!("DATADOG TRACER DIAGNOSTIC - Agent Error: {error}")]);
    }

    #[test]
    fn without_the_option_there_is_no_line() {
        assert!(Startup::of(&Config::new()).is_none());
    }

    #[test]
    fn passwords_are_not_in_the_line() {
        let (config, _) = Config::from_lookup(|name| {
            let value = match name {
                "DD_TRACE_STARTUP_LOGS" => "true",
                "DD_TRACE_AGENT_URL" => "http://user:hunter2@agent:8126",
                "DD_GIT_REPOSITORY_URL" => "https://user:hunter2@example.com/x",
                "DD_TAGS" => "a:b,git.repository_url:https://user:hunter2@example.com/x",
                _ => return None,
            };
            Some(value.to_owned())
        });
        let lines = Startup::of(&config).unwrap().lines(true);
        assert!(!lines[0].contains("hunter2"), "{}", lines[0]);
        assert!(lines[0].contains("http://agent:8126"), "{}", lines[0]);
    }
}
