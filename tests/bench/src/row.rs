//! The rows of the table: an operation, and the contenders that do it.

use crate::{callgrind::Counts, process::Cost};

/// One iteration; dropping it ends what the contender has begun, such as by flushing.
pub(crate) type Step = Box<dyn FnMut()>;

/// An operation that contenders are compared by.
#[derive(Debug)]
pub(crate) struct Row {
    /// The word that selects it on the command line.
    pub(crate) key: &'static str,
    /// The operation, as the table shows it.
    pub(crate) name: &'static str,
    /// The target for our implementation.
    pub(crate) goal: Goal,
    /// Operations that one iteration does, such as the ten spans of one encoded trace.
    pub(crate) per_step: f64,
    /// Those that do it. The costs of the one with the key [`BARE`] are subtracted from all others.
    pub(crate) contenders: Vec<Contender>,
}

/// The key of the contender that does everything but tracing.
pub(crate) const BARE: &str = "bare";

/// The key of packdog.
pub(crate) const OURS: &str = "ours";

/// The contender that does the same by packdog's own API, with its name in the table.
pub(crate) const OWN_API: (&str, &str) = ("own", "packdog's own API");

/// A way to do the operation of a row.
#[derive(Debug)]
pub(crate) struct Contender {
    /// The word that selects it on the command line.
    pub(crate) key: &'static str,
    /// Its name, as the table shows it.
    pub(crate) name: &'static str,
    /// Sets up, given the URL of a Datadog Agent.
    pub(crate) start: fn(&str) -> Step,
    /// The spans that must have arrived at the Agent; `None` for one that sends nothing.
    pub(crate) sends: Option<&'static [Sends]>,
    /// The part of the work of ours that it leaves out.
    pub(crate) leaves_out: &'static str,
}

/// Equal spans that a contender sends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sends {
    /// Tags that each of these spans must have.
    pub(crate) tags: &'static [(&'static str, &'static str)],
    /// The number of them that one iteration sends.
    pub(crate) per_step: usize,
    /// The number that the contender sends in addition during its life.
    pub(crate) besides: usize,
}

/// The most that one operation of ours may take, per column of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal {
    pub(crate) calling: Option<f64>,
    pub(crate) all: Option<f64>,
    pub(crate) allocations: Option<f64>,
    /// Instructions on both, as a multiple of those of [`OWN_API`] in the same row.
    pub(crate) times_own: Option<f64>,
}

impl Goal {
    const NONE: Self = Self { calling: None, all: None, allocations: None, times_own: None };

    pub(crate) const fn calling(instructions: f64) -> Self {
        Self { calling: Some(instructions), ..Self::NONE }
    }

    pub(crate) const fn all(instructions: f64) -> Self {
        Self { all: Some(instructions), ..Self::NONE }
    }

    pub(crate) const fn times_own(times: f64) -> Self {
        Self { times_own: Some(times), ..Self::NONE }
    }

    /// Returns the goal in instructions, where those of [`OWN_API`] are known.
    pub(crate) fn beside(self, own: Option<Cost>) -> Self {
        let Some((times, own)) = self.times_own.zip(own) else { return self };
        let most = |counts: Counts<f64>| Some(times * counts.instructions);
        Self { calling: most(own.calling), all: most(own.all), ..self }
    }

    pub(crate) const fn with_allocations(self, allocations: f64) -> Self {
        Self { allocations: Some(allocations), ..self }
    }
}

impl Row {
    pub(crate) fn new(key: &'static str, name: &'static str, goal: Goal) -> Self {
        Self { key, name, goal, per_step: 1.0, contenders: Vec::new() }
    }

    pub(crate) fn per_step(self, per_step: f64) -> Self {
        Self { per_step, ..self }
    }

    pub(crate) fn bare(self, start: fn(&str) -> Step) -> Self {
        self.contender(Contender { key: BARE, name: BARE, start, sends: None, leaves_out: "" })
    }

    pub(crate) fn ours(self, start: fn(&str) -> Step, sends: Option<&'static [Sends]>) -> Self {
        self.contender(Contender { key: OURS, name: "**packdog**", start, sends, leaves_out: "" })
    }

    /// Another contender, which sends nothing.
    pub(crate) fn peer(
        self,
        (key, name): (&'static str, &'static str),
        start: fn(&str) -> Step,
        leaves_out: &'static str,
    ) -> Self {
        self.contender(Contender { key, name, start, sends: None, leaves_out })
    }

    /// Another contender, which sends to the Agent.
    pub(crate) fn sending_peer(
        self,
        (key, name): (&'static str, &'static str),
        start: fn(&str) -> Step,
        sends: &'static [Sends],
        leaves_out: &'static str,
    ) -> Self {
        self.contender(Contender { key, name, start, sends: Some(sends), leaves_out })
    }

    fn contender(mut self, contender: Contender) -> Self {
        self.contenders.push(contender);
        self
    }
}
