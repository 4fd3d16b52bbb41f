//! Do we follow the specifications? Tables of inputs and expected outputs.

// Clippy lets functions beside the tests unwrap only below `cfg(test)`.
#[cfg(test)]
mod accounting_properties;
#[cfg(test)]
mod agent;
#[cfg(test)]
mod client_ip;
#[cfg(test)]
mod config;
#[cfg(test)]
mod config_sources;
#[cfg(test)]
mod dependencies;
#[cfg(test)]
mod egress;
#[cfg(test)]
mod error_statuses;
#[cfg(test)]
#[cfg(test)]
mod otel_tracestate;
#[cfg(test)]
mod propagation;
#[cfg(test)]
mod propagation_properties;
#[cfg(test)]
mod propagation_rules;
#[cfg(test)]
mod query_obfuscation;
#[cfg(test)]
mod sampling;
#[cfg(test)]
mod sampling_rules;
#[cfg(test)]
mod sql_comments;
#[cfg(test)]
mod stats;
#[cfg(test)]
mod surface;
#[cfg(test)]
mod wire;
