//! The settings of one tracer.

use std::collections::HashMap;

use super::{
    AgentUrl, ConfigOption, ConfigWarning, ParseError, Source, env, known,
    option::options,
    options::{
        AgentSettings, DatabaseSettings, DogStatsdSettings, HttpConfig, MessageSettings,
        OpenTelemetrySettings, ProcessSettings, PropagationConfig, RecordingSettings,
        SamplingSettings, ServiceSettings, StatsSettings,
    },
    source::Sources,
    warning::Unusable,
};

#[cfg(feature = "agent")]
use crate::processor::Processor;

/// The Unix socket of an Agent on the same host.
const DEFAULT_SOCKET: &str = "/var/run/datadog/apm.socket";

/// The settings of a tracer: from code, else from the environment, else by default.
///
/// ```
/// use packdog::Config;
///
/// let config = Config::from_env().with_service("users").with_env("staging");
/// assert_eq!(config.service(), "users");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub(super) service: ServiceSettings,
    pub(super) process: ProcessSettings,
    pub(super) recording: RecordingSettings,
    pub(super) agent: AgentSettings,
    pub(super) dogstatsd: DogStatsdSettings,
    pub(super) messages: MessageSettings,
    pub(super) opentelemetry: OpenTelemetrySettings,
    pub(super) database: DatabaseSettings,
    pub(super) sampling: SamplingSettings,
    pub(crate) stats: StatsSettings,
    pub(super) propagation: PropagationConfig,
    pub(super) http: HttpConfig,
    /// A function, so that there is no variable for it.
    #[cfg(feature = "agent")]
    pub(crate) processor: Option<Processor>,
    pub(super) sources: Sources,
    pub(super) unusable: Vec<Unusable>,
    pub(super) other_warnings: Vec<ConfigWarning>,
}

impl Config {
    /// Returns the defaults. The environment is not read.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the environment of the process.
    ///
    /// A variable of OpenTelemetry, such as `OTEL_SERVICE_NAME`, stands in for an option that is
    /// unset.
    ///
    /// Unusable values are as if unset, and there are [`warnings`](Config::warnings) about them.
    pub fn from_env() -> Self {
        let (mut config, _) = Self::from_variables(env::variables());
        config.read_span_rules_file(env::file);
        if let Some(name) = env::executable_name() {
            config.service.default_name = name;
        }
        if env::exists(DEFAULT_SOCKET) {
            config.agent.default_url = AgentUrl::of_socket(DEFAULT_SOCKET);
        }
        config
    }

    /// Reads an environment with these variables, names and values.
    ///
    /// Variables that look like options but are not are among the warnings.
    ///
    /// ```
    /// let variables = [("DD_SERIVCE".to_owned(), "users".to_owned())];
    /// let (_, warnings) = packdog::Config::from_variables(variables);
    /// assert_eq!(
    ///     warnings[0].to_string(),
    ///     "DD_SERIVCE is unknown and has no effect. Did you mean DD_SERVICE?"
    /// );
    /// ```
    pub fn from_variables(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> (Self, Vec<ConfigWarning>) {
        let variables = variables.into_iter().collect::<HashMap<_, _>>();
        let (mut config, _) = Self::from_lookup(|name| variables.get(name).cloned());
        let is_set = |(_, value): &(&String, &String)| !value.trim().is_empty();
        let names = variables.iter().filter(is_set).map(|(name, _)| name.as_str());
        config.other_warnings.extend(known::warnings(names));
        let warnings = config.warnings();
        (config, warnings)
    }

    /// Reads an environment in which `lookup` finds the variables.
    ///
    /// ```
    /// let (config, warnings) = packdog::Config::from_lookup(|name| match name {
    ///     "DD_SERVICE" => Some("users".to_owned()),
    ///     "DD_TRACE_ENABLED" => Some("perhaps".to_owned()),
    ///     _ => None,
    /// });
    /// assert_eq!(config.service(), "users");
    /// assert!(config.is_enabled());
    /// assert_eq!(warnings[0].variable, "DD_TRACE_ENABLED");
    /// ```
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> (Self, Vec<ConfigWarning>) {
        let mut config = Self::default();
        config.read_otel(&lookup);
        for option in options() {
            if let Some((variable, text)) = option.find(&lookup) {
                config.read(option, variable, &text);
            }
        }
        let warnings = config.warnings();
        (config, warnings)
    }

    /// Returns a warning for each variable that has no effect, or not the one that was meant.
    /// They are written to the log when a tracer starts.
    pub fn warnings(&self) -> Vec<ConfigWarning> {
        let unusable = self.unusable.iter().map(|unusable| unusable.warning(self));
        unusable.chain(self.other_warnings.iter().cloned()).collect()
    }

    /// Takes the value of a variable.
    fn read(&mut self, option: &'static ConfigOption, variable: &'static str, text: &str) {
        if let Err(error) = self.read_text(option, text, Source::Environment) {
            self.unusable.push(Unusable::new(Some(option), variable, text, error));
        }
    }

    /// Takes a value of the code that may be unusable.
    pub(super) fn read_by_code(&mut self, name: &'static str, text: &str) {
        let Some(option) = ConfigOption::named(name) else { return };
        if let Err(error) = self.read_text(option, text, Source::Code) {
            self.unusable.push(Unusable::new(Some(option), name, text, error));
        }
    }

    /// Takes the value of a text. An unusable text changes neither value nor source.
    pub(super) fn read_text(
        &mut self,
        option: &'static ConfigOption,
        text: &str,
        source: Source,
    ) -> Result<(), ParseError> {
        let before = option.show(self);
        let result = (option.read)(self, text.trim());
        if result.is_ok() || option.show(self) != before {
            self.sources.set(option.name(), source);
        }
        result
    }

    pub(super) fn set_by_code(&mut self, name: &'static str) {
        self.sources.set(name, Source::Code);
    }

    /// Replaces a group of values. The source of those that differ afterwards is the code.
    pub(super) fn set_group(
        &mut self,
        options: impl IntoIterator<Item = &'static ConfigOption>,
        replace: impl FnOnce(&mut Self),
    ) {
        let before = options.into_iter().map(|option| (option, option.show(self)));
        let before = before.collect::<Vec<_>>();
        replace(self);
        for (option, value) in before {
            if option.show(self) != value {
                self.set_by_code(option.name());
            }
        }
    }
}
