//! ddapm-test-agent, lent to one test at a time: it takes a second to start, and forgets in a millisecond.

use std::{ops::Deref, sync::Mutex};

use packdog_tests::peers::TestAgent;
use serde_json::Value;

/// Agents that no test uses now, with the additional members of their `/info`.
static FREE: Mutex<Vec<(Value, TestAgent)>> = Mutex::new(Vec::new());

/// An agent for one test; free again when it drops.
pub(super) struct Lent {
    agent: Option<(Value, TestAgent)>,
}

impl Lent {
    /// An agent that has received nothing, or `None` where Python is missing.
    pub(super) async fn with_info(info: &Value) -> Option<Self> {
        let free = {
            let mut free = FREE.lock().unwrap();
            let known = free.iter().position(|(known, _)| known == info);
            known.map(|index| free.swap_remove(index))
        };
        let agent = match free {
            Some(agent) => agent,
            None => (info.clone(), TestAgent::start_with_info(info).await?),
        };
        agent.1.forget().await;
        Some(Self { agent: Some(agent) })
    }
}

impl Deref for Lent {
    type Target = TestAgent;

    fn deref(&self) -> &TestAgent {
        &self.agent.as_ref().unwrap().1
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(agent), Ok(mut free)) = (self.agent.take(), FREE.lock()) {
            free.push(agent);
        }
    }
}
