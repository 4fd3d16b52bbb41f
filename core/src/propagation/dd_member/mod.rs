//! Our member of `tracestate`, `dd=`: the data that `traceparent` has no room for.
//!
//! ```text
//! value = item *( ";" item )        item = key ":" text      ; split at the first ":"
//! key   = "s"                       sampling priority
//!       / "o"                       origin, "~" for "="
//!       / "p"                       the last Datadog span, 16 hex digits
//!       / "t." suffix               the trace tag `_dd.p.<suffix>`, "~" for "="
//! ```
//! Other keys, items without `:` and empty texts are ignored; of a repeated key, the last value
//! counts. Origin and tags follow the same rules as in the headers `x-datadog-*`.

mod read;
mod write;

pub(super) use self::{
    read::{DdMember, DecisionMaker, MemberTags, Priority},
    write::write,
};

/// The beginning of our member.
pub(super) const KEY: &str = "dd=";
