//! What is compared: an operation of ours with that of peers, and the goal of each comparison.

/// One iteration; dropping it ends what the case has begun, such as by flushing.
pub type Step = Box<dyn FnMut()>;

/// Something whose iterations are measured.
#[derive(Debug)]
pub struct Case {
    /// Whose it is.
    pub name: &'static str,
    /// Sets up, given the URL of a Datadog Agent.
    pub start: fn(&str) -> Step,
}

/// Somebody else's way of doing the same.
#[derive(Debug)]
pub struct Peer {
    /// The peer.
    pub case: Case,
    /// What is aimed at; nothing where it is shown for orientation.
    pub goals: Vec<Goal>,
}

impl Peer {
    /// A peer that is shown for orientation.
    pub fn new(name: &'static str, start: fn(&str) -> Step) -> Self {
        Self { case: Case { name, start }, goals: Vec::new() }
    }

    /// A goal more of the comparison with this peer.
    pub fn with_goal(mut self, goal: Goal) -> Self {
        self.goals.push(goal);
        self
    }
}

/// The highest quotient of ours and the peer's instructions.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// Those of the calling thread.
    Calling(f64),
    /// Those of all threads.
    All(f64),
}

/// One row of the table, and the rows of peers below it.
#[derive(Debug)]
pub struct Operation {
    /// What is done.
    pub name: &'static str,
    /// What all cases do besides, which is taken off.
    pub bare: Option<Case>,
    /// How packdog does it.
    pub ours: Case,
    /// The most instructions of ours on the calling thread.
    pub max_instructions: Option<f64>,
    /// The most allocations of ours on the calling thread.
    pub max_allocations: Option<f64>,
    /// How others do it.
    pub peers: Vec<Peer>,
}

impl Operation {
    /// All cases by number: bare, ours, peers.
    pub(crate) fn cases(&self) -> impl Iterator<Item = &Case> {
        let peers = self.peers.iter().map(|peer| &peer.case);
        self.bare.iter().chain([&self.ours]).chain(peers)
    }
}
