//! The sampling decision of a trace if `traceparent` and `tracestate` disagree. `traceparent` wins,
//! because a service of another vendor between two of ours may have made a new decision.
//!
//! ```text
//! sampled   s          priority   _dd.p.dm
//!    1      none          1       as received
//!    1      above 0       s       as received
//!    1      0 or below    1       `-0`
//!    0      none          0       as received
//!    0      0 or below    s       as received
//!    0      above 0       0       removed
//! ```

use packdog_api::SamplingPriority;

use super::dd_member::{DecisionMaker, Priority};

/// The origin of browsers, which leave the decision to the server.
const RUM: &str = "rum";

pub(super) fn reconcile(
    is_sampled: bool,
    priority: Priority,
    origin: Option<&str>,
) -> (Option<SamplingPriority>, DecisionMaker) {
    let flag = if is_sampled { SamplingPriority::AUTO_KEEP } else { SamplingPriority::AUTO_DROP };
    match priority {
        Priority::Absent if origin == Some(RUM) => (None, DecisionMaker::AsReceived),
        Priority::Absent | Priority::Malformed => (Some(flag), DecisionMaker::AsReceived),
        Priority::Known(priority) if priority.is_kept() == is_sampled => {
            (Some(priority), DecisionMaker::AsReceived)
        }
        Priority::Known(_) if is_sampled => (Some(flag), DecisionMaker::Default),
        Priority::Known(_) => (Some(flag), DecisionMaker::Removed),
    }
}

#[cfg(test)]
mod tests {
    use super::{DecisionMaker::*, *};

    #[test]
    fn traceparent_wins_where_the_two_disagree() {
        let known = |priority| Priority::Known(SamplingPriority::new(priority));
        #[rustfmt::skip]
        let table = [
            // sampled  s                    origin         priority   decision maker
            (true,   Priority::Absent,    None,           Some(1),  AsReceived),
            (true,   Priority::Malformed, None,           Some(1),  AsReceived),
            (true,   known(1),            None,           Some(1),  AsReceived),
            (true,   known(7),            None,           Some(7),  AsReceived),
            (true,   known(0),            None,           Some(1),  Default),
            (true,   known(-2),           None,           Some(1),  Default),
            (false,  Priority::Absent,    None,           Some(0),  AsReceived),
            (false,  Priority::Malformed, None,           Some(0),  AsReceived),
            (false,  known(0),            None,           Some(0),  AsReceived),
            (false,  known(-2),           None,           Some(-2), AsReceived),
            (false,  known(1),            None,           Some(0),  Removed),
            (true,   Priority::Absent,    Some("rum"),    None,     AsReceived),
            (false,  Priority::Absent,    Some("rum"),    None,     AsReceived),
            (true,   Priority::Absent,    Some("rumble"), Some(1),  AsReceived),
            (true,   Priority::Malformed, Some("rum"),    Some(1),  AsReceived),
            (true,   known(2),            Some("rum"),    Some(2),  AsReceived),
            (false,  known(2),            Some("rum"),    Some(0),  Removed),
        ];
        for (is_sampled, priority, origin, expected, maker) in table {
            let expected = expected.map(SamplingPriority::new);
            assert_eq!(
                reconcile(is_sampled, priority, origin),
                (expected, maker),
                "sampled {is_sampled}, s {priority:?}, origin {origin:?}"
            );
        }
    }
}
