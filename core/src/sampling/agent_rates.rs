//! The rates in responses of the Datadog Agent, by service and environment.
//!
//! ```text
//! {"rate_by_service": {"service:users,env:prod": 0.5, "service:,env:": 1}}
//! ```
//! The sender thread replaces the whole table; threads that begin a trace read it.

use std::{cmp::Ordering, collections::BTreeMap, sync::RwLock};

use packdog_api::internal::unpoisoned;
use serde::Deserialize;

use super::SampleRate;

/// The rates of the latest response; empty before the first one.
#[derive(Debug, Default)]
pub(crate) struct AgentRates(RwLock<Option<Table>>);

/// Sorted by key.
#[derive(Debug)]
struct Table(Vec<(String, SampleRate)>);

#[derive(Deserialize)]
struct Response {
    rate_by_service: BTreeMap<String, serde_json::Value>,
}

impl AgentRates {
    /// Takes the rates of a response; one without rates changes nothing.
    ///
    /// An invalid rate is left out; the others are used.
    pub(crate) fn replace(&self, body: &[u8]) {
        let Ok(Response { rate_by_service }) = serde_json::from_slice(body) else { return };
        let rates = rate_by_service
            .into_iter()
            .filter_map(|(key, rate)| Some((key, SampleRate::new(rate.as_f64()?).ok()?)));
        let table = Table(rates.collect());
        *unpoisoned(self.0.write()) = Some(table);
    }

    /// Returns the rate of a service in an environment, else the default one, else 1; `None` until
    /// the Agent has sent rates.
    pub(crate) fn with_rate<T>(
        &self,
        service: &str,
        env: &str,
        then: impl FnOnce(Option<&SampleRate>) -> T,
    ) -> Option<T> {
        let table = unpoisoned(self.0.read());
        let table = table.as_ref()?;
        Some(then(table.rate(service, env).or_else(|| table.rate("", ""))))
    }
}

impl Table {
    /// Compares part by part, so that no key is built for each trace.
    fn rate(&self, service: &str, env: &str) -> Option<&SampleRate> {
        let wanted = ["service:", service, ",env:", env];
        let compare = |key: &str| -> Ordering {
            key.bytes().cmp(wanted.iter().flat_map(|piece| piece.bytes()))
        };
        let index = self.0.binary_search_by(|(key, _)| compare(key)).ok()?;
        self.0.get(index).map(|(_, rate)| rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rate, `None` for an Agent that sent nothing, 9 for a rate that is not in its table.
    fn rate(rates: &AgentRates, service: &str, env: &str) -> Option<f64> {
        rates.with_rate(service, env, |rate| rate.map_or(9.0, SampleRate::to_f64))
    }

    #[test]
    fn the_key_of_service_and_env_wins_over_the_default() {
        let rates = AgentRates::default();
        assert_eq!(rate(&rates, "users", "prod"), None);
        rates.replace(
            br#"{"rate_by_service": {"service:users,env:prod": 0.5, "service:users,env:": 0.25,
                "service:,env:": 0.125, "service:a,env:b,env:c": 0.75, "service:Z,env:": 1}}"#,
        );
        #[rustfmt::skip]
        let table = [
            // service   env      rate
            ("users",    "prod",  0.5),
            ("users",    "",      0.25),
            ("users",    "dev",   0.125),
            ("Users",    "prod",  0.125),
            ("a",        "b,env:c", 0.75),
            ("a,env:b",  "c",     0.75),
            ("Z",        "",      1.0),
            ("",         "",      0.125),
        ];
        for (service, env, expected) in table {
            assert_eq!(rate(&rates, service, env), Some(expected), "{service} {env}");
        }
    }

    #[test]
    fn a_response_replaces_all_rates_or_none() {
        let rates = AgentRates::default();
        rates.replace(br#"{"rate_by_service": {"service:a,env:": 0.5, "service:b,env:": 0.5}}"#);
        for body in ["", "OK", "{}", "[]", r#"{"rate_by_service": 1}"#] {
            rates.replace(body.as_bytes());
            assert_eq!(rate(&rates, "a", ""), Some(0.5), "{body}");
        }
        rates.replace(
            br#"{"rate_by_service": {"service:b,env:": 0.25, "service:c,env:": 1.5,
                "service:d,env:": "1", "service:e,env:": -1}, "more": []}"#,
        );
        let seen = ["a", "b", "c", "d", "e"].map(|service| rate(&rates, service, ""));
        assert_eq!(seen, [Some(9.0), Some(0.25), Some(9.0), Some(9.0), Some(9.0)]);
    }
}
