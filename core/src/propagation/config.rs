//! Values of the options in [`PropagationConfig`], and their parsers.

use std::fmt;

use super::{baggage::Limits, digits};
pub use crate::config::options::PropagationConfig;

impl PropagationConfig {
    pub(super) fn baggage_limits(&self) -> Limits {
        Limits { items: self.baggage_max_items, bytes: self.baggage_max_bytes }
    }
}

/// The treatment of a trace that is received in headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExtractBehavior {
    /// The trace is continued.
    #[default]
    Continue,
    /// A new trace begins, with a link to the caller's span; baggage is kept.
    Restart,
    /// Headers are not read, not even for baggage.
    Ignore,
}

impl ExtractBehavior {
    /// Parses `continue`, `restart` or `ignore` in any case.
    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::Continue, Self::Restart, Self::Ignore];
        all.into_iter().find(|behavior| behavior.name().eq_ignore_ascii_case(text.trim()))
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Continue => "continue",
            Self::Restart => "restart",
            Self::Ignore => "ignore",
        }
    }
}

impl fmt::Display for ExtractBehavior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The baggage items that become tags of the local root, named `baggage.<key>`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaggageTagKeys {
    /// Every item.
    All,
    /// The items with exactly these keys; none if the list is empty.
    These(Vec<String>),
}

impl BaggageTagKeys {
    /// Parses keys separated by `,`; a key that is exactly `*` means all.
    pub fn parse(list: &str) -> Self {
        let keys = || list.split(',').map(str::trim).filter(|key| !key.is_empty());
        if keys().any(|key| key == "*") {
            return Self::All;
        }
        Self::These(keys().map(str::to_owned).collect())
    }
}

/// Writes the format that [`parse`](BaggageTagKeys::parse) reads.
impl fmt::Display for BaggageTagKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::These(keys) => f.write_str(&keys.join(",")),
        }
    }
}

impl Default for BaggageTagKeys {
    /// Returns `user.id,session.id,account.id`.
    fn default() -> Self {
        Self::These(DEFAULT_BAGGAGE_TAGS.map(|(key, _)| key.to_owned()).into())
    }
}

/// The keys of baggage that become tags by default, with the names of their tags: constants, since
/// a name is needed for each trace.
pub(super) const DEFAULT_BAGGAGE_TAGS: [(&str, &str); 3] = [
    ("user.id", "baggage.user.id"),
    ("session.id", "baggage.session.id"),
    ("account.id", "baggage.account.id"),
];

/// Parses a limit in items or bytes: a decimal number, 0 if it is negative. Returns `None` if it is
/// not a number.
///
/// ```
/// use packdog::propagation::parse_limit;
///
/// assert_eq!(parse_limit("512"), Some(512));
/// assert_eq!(parse_limit("-1"), Some(0));
/// assert_eq!(parse_limit("many"), None);
/// ```
pub fn parse_limit(text: &str) -> Option<usize> {
    let text = text.trim();
    let (digits, is_negative) = match text.strip_prefix('-') {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if is_negative {
        return Some(0);
    }
    // A number that does not fit is as good as no limit.
    let limit = digits::decimal_u64(digits).unwrap_or(u64::MAX);
    Some(usize::try_from(limit).unwrap_or(usize::MAX))
}
