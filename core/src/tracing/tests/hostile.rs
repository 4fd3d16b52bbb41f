//! Values of `tracing` whose conversion to text fails, panics or never ends.

use std::{error::Error, fmt, iter};

use ::tracing::{error, info, info_span};

use super::{collector, traces_with};
use crate::tracing::SpanLayer;

/// A value whose `Debug` and `Display` write a text, and then do this.
struct Broken(fn(&mut fmt::Formatter<'_>) -> fmt::Result);

impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no bread")?;
        (self.0)(f)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl Error for Broken {}

const FAILS: Broken = Broken(|_| Err(fmt::Error));
const PANICS: Broken = Broken(|_| panic!("in the middle"));
const ENDLESS: Broken = Broken(|f| iter::repeat("!").try_for_each(|text| f.write_str(text)));

#[test]
fn texts_that_fail_panic_or_never_end_are_kept_until_then() {
    for broken in [FAILS, PANICS, ENDLESS] {
        let layer = SpanLayer::new().span_events(true);
        let collector = collector();
        traces_with(layer.tracer(collector.tracer()), || {
            info_span!("fields", shown = %broken, debugged = ?broken).in_scope(|| {});
            info_span!("error", error = &broken as &dyn Error).in_scope(|| {});
            info_span!("text", error = %broken).in_scope(|| {});
            info_span!("event").in_scope(|| info!(shown = %broken, debugged = ?broken, "{broken}"));
            info_span!("failure").in_scope(|| error!(error = &broken as &dyn Error));
            info_span!("message").in_scope(|| error!(exception = ?broken, "{broken}"));
        });
        let spans = collector.spans();
        assert_eq!(spans.len(), 6);
        for span in spans {
            let picture = format!("{span:?}");
            assert!(picture.contains("no bread"), "{picture}");
            assert!(picture.len() < 120_000, "{}", picture.len());
        }
    }
}
