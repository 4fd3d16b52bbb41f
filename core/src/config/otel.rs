//! Variables of OpenTelemetry, which stand in for options that are unset.
//!
//! They are read before the variables of the options themselves, so that these win.
//! Rules: [Datadog, OpenTelemetry environment variables](https://docs.datadoghq.com/opentelemetry/config/environment_variable_support/).

use std::fmt::Write;

use percent_encoding::percent_decode_str;

use super::{
    ConfigOption, ParseError, Source,
    option::options,
    parse::{distinct, partly, short_line},
    warning::{ConfigProblem, ConfigWarning, Unusable},
};
use crate::{Config, propagation::Styles};

/// The most resource attributes that become tags, beside those with an option of their own.
const MAX_ATTRIBUTES: usize = 10;

type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A variable of OpenTelemetry.
struct OtelVariable {
    name: &'static str,
    /// The options that it stands in for. If all of a group are set, it has no effect.
    stands_in_for: &'static [&'static [&'static str]],
    about: &'static str,
    read: fn(&mut Config, &str, Lookup<'_>) -> Result<(), ParseError>,
}

static VARIABLES: &[OtelVariable] = &[
    OtelVariable {
        name: "OTEL_SERVICE_NAME",
        stands_in_for: &[&["DD_SERVICE"]],
        about: "the same value",
        read: |config, text, _| config.stand_in("DD_SERVICE", text),
    },
    OtelVariable {
        name: "OTEL_RESOURCE_ATTRIBUTES",
        stands_in_for: &[&["DD_TAGS"]],
        about: "`key=value,key=value`; `service.name`, `deployment.environment` and `service.version` stand in for service, environment and version; at most 10 others become tags",
        read: |config, text, _| resource_attributes(config, text),
    },
    OtelVariable {
        name: "OTEL_TRACES_EXPORTER",
        stands_in_for: &[&["DD_TRACE_ENABLED"]],
        about: "`none` means `false`; other values are ignored with a warning",
        read: |config, text, _| match () {
            () if text.eq_ignore_ascii_case("none") => config.stand_in("DD_TRACE_ENABLED", "false"),
            () => Err(ParseError::Exporter),
        },
    },
    OtelVariable {
        name: "OTEL_TRACES_SAMPLER",
        stands_in_for: &[&["DD_TRACE_SAMPLE_RATE"]],
        about: "`parentbased_always_on` means `1`, `parentbased_always_off` means `0`, `parentbased_traceidratio` means the value of `OTEL_TRACES_SAMPLER_ARG`",
        read: sampler,
    },
    OtelVariable {
        name: "OTEL_TRACES_SAMPLER_ARG",
        stands_in_for: &[&["DD_TRACE_SAMPLE_RATE"]],
        about: "the rate of `parentbased_traceidratio`, from `0` to `1`; `1` by default",
        read: |_, text, _| super::parse::sample_rate(text).map(drop),
    },
    OtelVariable {
        name: "OTEL_PROPAGATORS",
        stands_in_for: &[
            &["DD_TRACE_PROPAGATION_STYLE"],
            &["DD_TRACE_PROPAGATION_STYLE_EXTRACT", "DD_TRACE_PROPAGATION_STYLE_INJECT"],
        ],
        about: "a list of `tracecontext`, `baggage`, `b3`, `b3multi` and `datadog`, or `none`",
        read: |config, text, _| {
            let (styles, unknown) = Styles::parse_otel(text);
            if let Some(styles) = styles {
                config.stand_in("DD_TRACE_PROPAGATION_STYLE", &styles.to_string())?;
            }
            partly(unknown)
        },
    },
    OtelVariable {
        name: "OTEL_LOG_LEVEL",
        stands_in_for: &[&["DD_TRACE_LOG_LEVEL"]],
        about: "the same value; `debug` also stands in for `DD_TRACE_DEBUG`",
        read: |config, text, _| {
            config.stand_in("DD_TRACE_LOG_LEVEL", text)?;
            match () {
                () if text.eq_ignore_ascii_case("debug") => {
                    config.stand_in("DD_TRACE_DEBUG", "true")
                }
                () => Ok(()),
            }
        },
    },
    OtelVariable {
        name: "OTEL_SDK_DISABLED",
        stands_in_for: &[&["DD_TRACE_OTEL_ENABLED"]],
        about: "the opposite: `true` means `false`, and `false` means `true`",
        read: |config, text, _| {
            let is_disabled = super::parse::boolean(text)?;
            config.stand_in("DD_TRACE_OTEL_ENABLED", &(!is_disabled).to_string())
        },
    },
    OtelVariable {
        name: "OTEL_METRICS_EXPORTER",
        stands_in_for: &[],
        about: "packdog exports no metrics; every value but `none` is ignored with a warning",
        read: exporter,
    },
    OtelVariable {
        name: "OTEL_LOGS_EXPORTER",
        stands_in_for: &[],
        about: "packdog exports no logs; every value but `none` is ignored with a warning",
        read: exporter,
    },
];

/// Returns the variables of OpenTelemetry as a Markdown table: variable, option, meaning.
pub fn otel_table() -> String {
    let mut table = String::from("| variable | stands in for | meaning |\n|---|---|---|\n");
    for OtelVariable { name, stands_in_for, about, .. } in VARIABLES {
        let option = stands_in_for.first().and_then(|group| group.first());
        let option = option.map_or_else(|| "nothing".to_owned(), |option| format!("`{option}`"));
        // Writing to a string cannot fail.
        let _ = writeln!(table, "| `{name}` | {option} | {about} |");
    }
    table
}

/// Returns the names of the variables of OpenTelemetry that are read.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    VARIABLES.iter().map(|variable| variable.name)
}

impl Config {
    /// Reads the variables of OpenTelemetry.
    pub(super) fn read_otel(&mut self, lookup: Lookup<'_>) {
        for variable in VARIABLES {
            let Some(text) = lookup(variable.name).filter(|text| !text.trim().is_empty()) else {
                continue;
            };
            if let Some(by) = variable.overridden_by(lookup) {
                let problem = ConfigProblem::Overridden { by };
                let warning = ConfigWarning { variable: variable.name.to_owned(), problem };
                self.other_warnings.push(warning);
            } else if let Err(error) = (variable.read)(self, text.trim(), lookup) {
                self.unusable.push(Unusable::new(variable.option(), variable.name, &text, error));
            }
        }
    }

    /// Takes a value in place of a variable of the option.
    fn stand_in(&mut self, option: &str, text: &str) -> Result<(), ParseError> {
        match ConfigOption::named(option) {
            Some(option) => self.read_text(option, text, Source::OpenTelemetry),
            None => Ok(()),
        }
    }
}

impl OtelVariable {
    /// Returns the option that it stands in for.
    fn option(&self) -> Option<&'static ConfigOption> {
        let name = self.stands_in_for.first()?.first()?;
        ConfigOption::named(name)
    }

    /// Returns the variable because of which this one has no effect.
    fn overridden_by(&self, lookup: Lookup<'_>) -> Option<&'static str> {
        let set = |name: &&'static str| {
            options()
                .find(|option| option.name() == *name)?
                .find(lookup)
                .map(|(variable, _)| variable)
        };
        let mut groups = self.stands_in_for.iter();
        groups.find_map(|group| {
            let set = group.iter().map(set).collect::<Option<Vec<_>>>()?;
            set.first().copied()
        })
    }
}

/// Takes `key=value,key=value` as tags. Values may be percent-encoded.
fn resource_attributes(config: &mut Config, text: &str) -> Result<(), ParseError> {
    let (mut attributes, mut unknown) = (Vec::new(), Vec::new());
    for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        match entry.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => {
                attributes.push((key, percent_decode_str(value).decode_utf8_lossy()));
            }
            _ => unknown.push(entry),
        }
    }
    let name = |key: &str| match key {
        "service.name" => Some("service"),
        "deployment.environment" | "deployment.environment.name" => Some("env"),
        "service.version" => Some("version"),
        _ => None,
    };
    let pairs = attributes.iter().map(|(key, value)| (*key, value.as_ref()));
    let mut tags = distinct(pairs);
    let mut others = 0;
    let mut left_out = Vec::new();
    tags.retain_mut(|(key, _)| {
        if let Some(name) = name(key) {
            name.clone_into(key);
            return true;
        }
        others += 1;
        if others > MAX_ATTRIBUTES {
            left_out.push(std::mem::take(key));
        }
        others <= MAX_ATTRIBUTES
    });
    config.sources.set("DD_TAGS", Source::OpenTelemetry);
    config.set_tags(tags, Source::OpenTelemetry)?;
    partly(unknown)?;
    if left_out.is_empty() {
        return Ok(());
    }
    Err(ParseError::TooManyEntries(short_line(&left_out.join(","))))
}

/// Takes the rate of a sampler. Decisions of callers are always respected.
fn sampler(config: &mut Config, text: &str, lookup: Lookup<'_>) -> Result<(), ParseError> {
    let name = text.to_ascii_lowercase();
    let (name, respects_callers) = match name.strip_prefix("parentbased_") {
        Some(name) => (name, true),
        None => (name.as_str(), false),
    };
    let argument = || {
        let argument = lookup("OTEL_TRACES_SAMPLER_ARG").unwrap_or_default();
        let rate = super::parse::sample_rate(argument.trim());
        rate.map_or_else(|_| "1".to_owned(), |rate| rate.to_string())
    };
    let rate = match name {
        "always_on" => "1".to_owned(),
        "always_off" => "0".to_owned(),
        "traceidratio" => argument(),
        _ => return Err(ParseError::Sampler),
    };
    config.stand_in("DD_TRACE_SAMPLE_RATE", &rate)?;
    if respects_callers { Ok(()) } else { Err(ParseError::NotParentBased) }
}

fn exporter(_: &mut Config, text: &str, _: Lookup<'_>) -> Result<(), ParseError> {
    if text.eq_ignore_ascii_case("none") { Ok(()) } else { Err(ParseError::Exporter) }
}
