//! The rates in responses of the Datadog Agent, by service and environment.
//!
//! ```text
//! {"rate_by_service": {"service:users,env:prod": 0.5, "service:,env:": 1}}
//! ```
//! The sender thread replaces the whole table; threads that begin a trace read it.

use std::{cmp::Ordering, collections::BTreeMap, sync::RwLock};

use packdog_api::{TraceId, implementation::Decision, internal::unpoisoned};
use serde::Deserialize;

use super::{SampleRate, decisions::Decisions};

/// The rates of the latest response; empty before the first one.
#[derive(Debug, Default)]
pub(crate) struct AgentRates(RwLock<Option<Table>>);

#[derive(Debug)]
struct Table {
    /// Sorted by key.
    rates: Vec<(String, Decisions)>,
    /// For services that are not in the table, if it has no default: all traces are kept.
    unlisted: Decisions,
}

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
        let rates = rate_by_service.into_iter().filter_map(|(key, rate)| {
            let rate = SampleRate::new(rate.as_f64()?).ok()?;
            Some((key, Decisions::of_agent(rate)))
        });
        let Ok(all) = SampleRate::new(1.0) else { return };
        let table = Table { rates: rates.collect(), unlisted: Decisions::of_agent(all) };
        *unpoisoned(self.0.write()) = Some(table);
    }

    /// Decides by the rate of the service in its environment, else by the default one, else by 1;
    /// `None` until the Agent has sent rates.
    pub(crate) fn decide<'a>(
        &self,
        service: &str,
        env: impl FnOnce() -> &'a str,
        trace_id: TraceId,
    ) -> Option<Decision> {
        let table = unpoisoned(self.0.read());
        let decisions = table.as_ref()?.decisions(service, env());
        Some(decisions.of(trace_id, decisions.rate.keeps(trace_id), true))
    }
}

impl Table {
    fn decisions(&self, service: &str, env: &str) -> &Decisions {
        let listed = self.listed(service, env).or_else(|| self.listed("", ""));
        listed.unwrap_or(&self.unlisted)
    }

    fn listed(&self, service: &str, env: &str) -> Option<&Decisions> {
        let index = self.rates.binary_search_by(|(key, _)| compare(key, service, env)).ok()?;
        self.rates.get(index).map(|(_, decisions)| decisions)
    }
}

/// Compares a key with that of a service and an environment, piece by piece, so that no key is
/// built for each trace.
fn compare(key: &str, service: &str, env: &str) -> Ordering {
    let mut rest = key.as_bytes();
    for piece in ["service:", service, ",env:", env] {
        let (start, behind) = rest.split_at(piece.len().min(rest.len()));
        match start.cmp(piece.as_bytes()) {
            Ordering::Equal => rest = behind,
            different => return different,
        }
    }
    if rest.is_empty() { Ordering::Equal } else { Ordering::Greater }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rate, `None` for an Agent that sent nothing, 9 for a rate that is not in its table.
    fn rate(rates: &AgentRates, service: &str, env: &str) -> Option<f64> {
        let table = rates.0.read().unwrap();
        let table = table.as_ref()?;
        let listed = table.listed(service, env).or_else(|| table.listed("", ""));
        Some(listed.map_or(9.0, |decisions| decisions.rate.to_f64()))
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
    fn keys_are_compared_as_if_they_were_built() {
        let texts = ["", "a", "a,", "a,env:", "a,env:b", "b", "service:", "\u{e9}"];
        let keys = texts.iter().flat_map(|service| {
            texts.map(|env| (format!("service:{service},env:{env}"), *service, env))
        });
        let keys = keys.collect::<Vec<_>>();
        for (wanted, service, env) in &keys {
            for (key, ..) in &keys {
                assert_eq!(compare(key, service, env), key.cmp(wanted), "{key} {wanted}");
            }
        }
        assert_eq!(compare("", "a", "b"), Ordering::Less);
    }

    #[test]
    fn a_service_without_a_rate_keeps_all_traces_by_rate_1() {
        let rates = AgentRates::default();
        rates.replace(br#"{"rate_by_service": {}}"#);
        let id = TraceId::new(u128::MAX).unwrap();
        let decision = rates.decide("users", || "prod", id).unwrap();
        let expected = Decisions::of_agent(SampleRate::new(1.0).unwrap()).of(id, true, true);
        assert_eq!(format!("{decision:?}"), format!("{expected:?}"));
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
