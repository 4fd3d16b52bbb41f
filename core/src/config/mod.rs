//! Configuration: what the code sets wins over the environment, and that over the defaults.
//!
//! The rule follows from the order in which values are written: [`Config::from_env`] starts from
//! the defaults and applies one row of the options table after the other; setters come last.

mod agent_url;
mod api_version;
mod env;
mod options;
mod parse;
mod setters;
pub(crate) mod values;
mod warning;

#[cfg(feature = "agent")]
pub(crate) use self::env::{Entrypoint, entrypoint};
pub use self::{
    agent_url::{AgentUrl, AgentUrlError},
    api_version::ApiVersion,
    options::{ConfigOption, options, options_table},
    parse::{ParseError, parse_tags},
    warning::ConfigWarning,
};
#[cfg(doc)]
use crate::Config;
