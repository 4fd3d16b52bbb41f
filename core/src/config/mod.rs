//! Configuration: values from code win over those from the environment, and these over defaults.
//!
//! The rule follows from the order in which values are written: [`Config::from_env`] starts from
//! the defaults and reads one option after the other; setters come last.
//!
//! - [`options`] is the table of all options;
//! - [`Config::settings`] lists the values in force, with their [`Source`]s;
//! - [`Config::warnings`] lists the variables that have no effect, with a remedy for each.
//!
//! [`Config::from_env`]: crate::Config::from_env
//! [`Config::settings`]: crate::Config::settings
//! [`Config::warnings`]: crate::Config::warnings

mod declare;

mod agent_url;
mod api_version;
mod env;
mod error;
mod known;
mod log_level;
mod message;
mod nearest;
mod option;
pub(crate) mod options;
mod otel;
mod parse;
mod settings;
mod source;
mod value;
pub(crate) mod values;
mod warning;

pub(crate) use self::message::MessageHook;
pub use self::{
    agent_url::{AgentUrl, AgentUrlError},
    api_version::ApiVersion,
    error::ParseError,
    log_level::{LogFormat, LogLevel},
    message::Message,
    option::{ConfigOption, options, options_table},
    otel::otel_table,
    parse::parse_tags,
    settings::{Setting, TracerSettings},
    source::Source,
    warning::{ConfigProblem, ConfigWarning},
};
#[cfg(feature = "agent")]
pub(crate) use self::{
    env::{Entrypoint, entrypoint},
    nearest::nearest_of,
    parse::short as shown,
};
