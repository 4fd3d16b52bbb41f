//! Warnings that packages above this one log.

use std::fmt;

use crate::recording::Tracer;

impl Tracer {
    /// Logs a warning among the messages of the tracer; does nothing on a disabled one.
    pub fn warn(&self, message: &dyn fmt::Display) {
        if let Some(recorder) = self.recorder() {
            recorder.warn(message);
        }
    }

    /// Logs a warning the first time that this tracer sees `topic` with `key`; returns whether it
    /// did.
    ///
    /// The tracer remembers at most
    /// [`MAX_REMEMBERED_WARNINGS`](crate::MAX_REMEMBERED_WARNINGS) of them and leaves out later ones.
    pub fn warn_once(&self, topic: &'static str, key: &str, message: &dyn fmt::Display) -> bool {
        let is_first =
            self.backing().is_some_and(|backing| backing.given_warnings.is_first(topic, key));
        if is_first {
            self.warn(message);
        }
        is_first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{recorder::tracer, recording::MAX_REMEMBERED_WARNINGS};

    #[test]
    fn a_warning_is_written_once_for_each_topic_and_key_of_a_tracer() {
        let (tracer, recorder) = tracer();
        for _ in 0..2 {
            tracer.clone().warn_once("egress", "a.example", &"baggage stays");
            tracer.warn_once("egress", "b.example", &"baggage stays");
            tracer.warn_once("layer", "a.example", &"no span");
        }
        assert_eq!(recorder.warnings(), ["baggage stays", "baggage stays", "no span"]);
        assert!(!Tracer::disabled().warn_once("egress", "a.example", &"unheard"));
    }

    #[test]
    fn the_memory_for_warnings_is_bounded() {
        let (tracer, recorder) = tracer();
        for number in 0..2 * MAX_REMEMBERED_WARNINGS {
            tracer.warn_once("egress", &number.to_string(), &number);
        }
        assert_eq!(recorder.warnings().len(), MAX_REMEMBERED_WARNINGS);
    }
}
