//! The rows of the table: an operation, and the contenders that do it.

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
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Goal {
    pub(crate) calling: Option<f64>,
    pub(crate) all: Option<f64>,
    pub(crate) allocations: Option<f64>,
}

impl Goal {
    pub(crate) const fn calling(instructions: f64) -> Self {
        Self { calling: Some(instructions), all: None, allocations: None }
    }

    pub(crate) const fn all(instructions: f64) -> Self {
        Self { calling: None, all: Some(instructions), allocations: None }
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

    /// The same spans by packdog's own API.
    pub(crate) fn own_api(self, start: fn(&str) -> Step, sends: &'static [Sends]) -> Self {
        let (key, name, sends) = ("own", "packdog's own API", Some(sends));
        self.contender(Contender { key, name, start, sends, leaves_out: "" })
    }

    /// Another contender, which sends nothing.
    #[cfg(feature = "peers")]
    pub(crate) fn peer(
        self,
        (key, name): (&'static str, &'static str),
        start: fn(&str) -> Step,
        leaves_out: &'static str,
    ) -> Self {
        self.contender(Contender { key, name, start, sends: None, leaves_out })
    }

    /// Another contender, which sends to the Agent.
    #[cfg(feature = "peers")]
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
