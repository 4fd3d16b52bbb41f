//! The hosts that get one kind of header: listed ones, and those that match a condition of the
//! application.

use std::{fmt, sync::Arc};

use packdog::http::{Endpoint, HostRules};

/// A condition of the application.
type Condition = Arc<dyn Fn(&Endpoint) -> bool + Send + Sync>;

#[derive(Clone)]
pub(super) struct Receivers {
    rules: HostRules,
    conditions: Vec<Condition>,
}

impl Receivers {
    pub(super) fn new(rules: HostRules) -> Self {
        Self { rules, conditions: Vec::new() }
    }

    /// Adds entries as the variables have them; gives back those that cannot be read.
    pub(super) fn add<T: AsRef<str>>(&mut self, hosts: impl IntoIterator<Item = T>) -> Vec<String> {
        let mut unreadable = Vec::new();
        for list in hosts {
            let (rules, wrong) = std::mem::take(&mut self.rules).with(list.as_ref());
            self.rules = rules;
            unreadable.extend(wrong.into_iter().map(str::to_owned));
        }
        unreadable
    }

    pub(super) fn add_condition(
        &mut self,
        condition: impl Fn(&Endpoint) -> bool + Send + Sync + 'static,
    ) {
        self.conditions.push(Arc::new(condition));
    }

    pub(super) fn contain(&self, endpoint: &Endpoint) -> bool {
        self.rules.matches(endpoint) || self.conditions.iter().any(|condition| condition(endpoint))
    }
}

impl fmt::Debug for Receivers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receivers")
            .field("rules", &self.rules.to_string())
            .field("conditions", &self.conditions.len())
            .finish()
    }
}
