//! Hosts in URLs, and rules that match them.
//!
//! Names are compared with names and addresses with addresses; names are never resolved.

mod local;
mod name;
mod rule;

pub use self::{
    local::{LOCAL_SUFFIXES, METADATA_LABELS, METADATA_NAMES, METADATA_NETWORKS},
    name::{Endpoint, Host},
    rule::{HostRule, HostRuleError, HostRules},
};
