//! The message about a misuse: what happened, where, and what to do about it.

use std::{fmt, panic::Location};

use packdog_api::Misuse;

/// The message about the first misuse of its kind.
pub(super) struct MisuseMessage {
    pub(super) misuse: Misuse,
    pub(super) place: Option<&'static Location<'static>>,
}

impl fmt::Display for MisuseMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.misuse.fmt(f)?;
        if let Some(place) = self.place {
            write!(f, ", at {place}")?;
        }
        if let Some(advice) = advice(self.misuse) {
            write!(f, ". {advice}")?;
        }
        f.write_str(". Logged once; later cases are only counted.")
    }
}

/// Returns a sentence about the likely cause, without its full stop.
fn advice(misuse: Misuse) -> Option<&'static str> {
    match misuse {
        Misuse::BaggageWithoutSpan => Some(
            "Set it while a span is current. In a middleware, the layer that opens the request's span must \
             be outside: in axum, add ServerTraceLayer after the middleware; in a ServiceBuilder, \
             before it",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_place_and_the_likely_cause_where_they_are_known() {
        let place = Location::caller();
        let misuse = Misuse::BaggageWithoutSpan;
        let said = MisuseMessage { misuse, place: Some(place) }.to_string();
        let (file, line) = (place.file(), place.line());
        let start = format!("baggage was set while no span was current, at {file}:{line}:");
        assert!(said.starts_with(&start), "{said}");
        assert!(said.contains(". Set it while a span is current. In a middleware, "), "{said}");
        assert!(said.ends_with("before it. Logged once; later cases are only counted."), "{said}");
        assert_eq!(
            MisuseMessage { misuse: Misuse::TooManyTags, place: None }.to_string(),
            "a span has too many tags. Logged once; later cases are only counted."
        );
    }
}
