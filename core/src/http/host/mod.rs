//! Hosts: as URLs name them, and rules that say which of them are meant.
//!
//! A name is compared with names and an address with addresses: nothing is ever looked up.

mod local;
mod name;
mod rule;

pub use self::{
    local::{LOCAL_SUFFIXES, METADATA_LABELS, METADATA_NAMES, METADATA_NETWORKS},
    name::{Endpoint, Host},
    rule::{HostRule, HostRuleError, HostRules},
};
