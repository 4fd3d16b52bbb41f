//! Variables that are set and have no effect: those that other software of Datadog reads, and
//! misspelled ones.

use super::{
    nearest::nearest_of,
    option::options,
    otel,
    warning::{ConfigProblem, ConfigWarning},
};

/// The names that Datadog's SDKs, its Agent and OpenTelemetry's SDKs read and packdog does not,
/// one a line. A `*` at the end stands for any rest.
///
/// From the lists of supported configurations in ddtrace for Python and dd-trace for Node, and
/// from the documentation of the others.
const KNOWN: &str = include_str!("known.txt");

/// The most variables that are named, so that an environment full of them does not fill the log.
const MAX_NAMED: usize = 30;

/// Returns a warning for each of these variables that has no effect.
pub(super) fn warnings<'n>(names: impl Iterator<Item = &'n str>) -> Vec<ConfigWarning> {
    let mut names = names.filter(|name| is_ours(name) && !is_read(name)).collect::<Vec<_>>();
    names.sort_unstable();
    names
        .into_iter()
        .take(MAX_NAMED)
        .map(|name| {
            let is_known = KNOWN.lines().any(|known| match known.strip_suffix('*') {
                Some(start) => name.starts_with(start),
                None => name == known,
            });
            let problem = match is_known {
                true => ConfigProblem::Unsupported,
                false => ConfigProblem::Unknown { nearest: nearest(name) },
            };
            ConfigWarning { variable: super::parse::short(name), problem }
        })
        .collect()
}

fn is_ours(name: &str) -> bool {
    let is_ours = ["DD_", "OTEL_", "PACKDOG_"].iter().any(|start| name.starts_with(start));
    // Kubernetes sets these for each of its services, such as one with the name `dd-agent`.
    let is_of_kubernetes = name.ends_with("_SERVICE_HOST")
        || ["_SERVICE_PORT", "_PORT_"].iter().any(|part| name.contains(part));
    is_ours && !is_of_kubernetes
}

fn is_read(name: &str) -> bool {
    read().any(|read| read == name)
}

/// The names of all variables that are read.
fn read() -> impl Iterator<Item = &'static str> {
    options().flat_map(|option| option.variables).copied().chain(otel::names())
}

/// Returns the known name that is most like this one, if one is: of two, the one that is read.
fn nearest(name: &str) -> Option<&'static str> {
    let known = KNOWN.lines().filter(|known| !known.ends_with('*'));
    nearest_of(name, read().chain(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_one_that_could_be_meant() {
        #[rustfmt::skip]
        let table = [
            // set                            meant
            ("DD_SERIVCE",                    Some("DD_SERVICE")),
            ("DD_TRACE_ENABLE",               Some("DD_TRACE_ENABLED")),
            ("DD_TRACE_AGENT_URI",            Some("DD_TRACE_AGENT_URL")),
            ("OTEL_SERVICENAME",              Some("OTEL_SERVICE_NAME")),
            ("PACKDOG_EGRESS_BAGAGE",         Some("PACKDOG_EGRESS_BAGGAGE")),
            ("DD_TRACE_PROPOGATION_STYLE",    Some("DD_TRACE_PROPAGATION_STYLE")),
            ("DD_ENTITY_IDS",                 Some("DD_ENTITY_ID")),
            ("DD_NOTHING_LIKE_ANY_OTHER",     None),
            ("DD_",                           None),
        ];
        for (set, meant) in table {
            assert_eq!(nearest(set), meant, "{set}");
        }
    }

    #[test]
    fn each_known_name_is_one_of_a_prefix_that_is_looked_at() {
        for known in KNOWN.lines() {
            assert!(is_ours(known), "{known}");
        }
    }
}
