//! Does it work together? Real services, real clients, and the test double of the Datadog Agent.

// Clippy lets functions beside the tests unwrap only below `cfg(test)`.
#[cfg(test)]
mod chains;
#[cfg(test)]
mod client;
#[cfg(test)]
mod continuation;
#[cfg(test)]
mod ddtrace;
#[cfg(test)]
mod delivery;
#[cfg(test)]
mod ended_body;
#[cfg(test)]
mod example;
#[cfg(test)]
mod exchange;
#[cfg(test)]
mod faults;
#[cfg(all(test, unix))]
mod fork;
#[cfg(test)]
mod full_headers;
#[cfg(test)]
mod growth;
#[cfg(test)]
mod hang_up;
#[cfg(test)]
mod instrumentation;
#[cfg(test)]
mod load;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod muted;
#[cfg(test)]
mod opentelemetry;
#[cfg(test)]
mod page;
#[cfg(test)]
mod peers;
#[cfg(test)]
mod printed;
#[cfg(test)]
mod python;
#[cfg(test)]
mod queue;
#[cfg(test)]
mod server;
#[cfg(test)]
mod shop;
#[cfg(test)]
mod transport;
