//! How headers are read and written: one field per variable, and how their texts are read.

use super::{Styles, baggage::Limits, digits};

/// Which headers are read and written, and how much of them.
///
/// [`Default`] is what Datadog's tracers do when nothing is configured.
///
/// ```
/// use packdog::propagation::{PropagationConfig, Style, Styles};
///
/// let mut config = PropagationConfig::default();
/// config.style = Some(Styles::from_iter([Style::TraceContext, Style::Baggage]));
/// config.extract_first = true;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PropagationConfig {
    /// `DD_TRACE_PROPAGATION_STYLE_EXTRACT`: the styles that are read, in this order.
    pub extract_style: Option<Styles>,
    /// `DD_TRACE_PROPAGATION_STYLE_INJECT`: the styles that are written.
    pub inject_style: Option<Styles>,
    /// `DD_TRACE_PROPAGATION_STYLE`: used for a direction that has no list of its own.
    pub style: Option<Styles>,
    /// `OTEL_PROPAGATORS`: used where none of the above is set. Without it the default of
    /// [`Styles`] applies.
    pub otel_propagators: Option<Styles>,
    /// `DD_TRACE_PROPAGATION_EXTRACT_FIRST`: stop at the first style that yields a trace; `false`
    /// by default.
    pub extract_first: bool,
    /// `DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT`: what is done with a trace that came.
    pub extract_behavior: ExtractBehavior,
    /// `DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH`: the most bytes of `x-datadog-tags`, 512 by default;
    /// 0 switches the header off.
    pub x_datadog_tags_max_bytes: usize,
    /// `DD_TRACE_BAGGAGE_MAX_ITEMS`: the most items of baggage that travel, 64 by default.
    pub baggage_max_items: usize,
    /// `DD_TRACE_BAGGAGE_MAX_BYTES`: the most bytes of baggage that travel, 8192 by default.
    pub baggage_max_bytes: usize,
    /// `DD_TRACE_BAGGAGE_TAG_KEYS`: the items that become tags of the local root.
    pub baggage_tag_keys: BaggageTagKeys,
    /// `DD_TRACE_PROPAGATION_HTTP_BAGGAGE_ENABLED`: also read and write baggage as `ot-baggage-*`;
    /// `false` by default.
    pub http_baggage_enabled: bool,
    /// `DD_TRACE_ORG_GUARD_ENABLED`: do not let other organisations decide about our traces;
    /// `false` by default. The marker of ours comes from the Datadog Agent: it takes a tracer,
    /// and a [`Propagator`](super::Propagator) alone passes everything on.
    pub org_guard_enabled: bool,
    /// `DD_TRACE_ORG_GUARD_STRICT`: a trace without a marker is as one of another organisation;
    /// `false` by default.
    pub org_guard_strict: bool,
    /// `DD_TRACE_ORG_GUARD_TRUSTED_OPMS`: the markers of organisations that may decide, letter by
    /// letter; none by default.
    pub org_guard_trusted_opms: Vec<String>,
}

impl PropagationConfig {
    /// The default of [`x_datadog_tags_max_bytes`](Self::x_datadog_tags_max_bytes), as in every
    /// Datadog tracer.
    pub const X_DATADOG_TAGS_MAX_BYTES: usize = 512;
    /// The default of [`baggage_max_items`](Self::baggage_max_items): W3C asks for at least that.
    pub const BAGGAGE_MAX_ITEMS: usize = 64;
    /// The default of [`baggage_max_bytes`](Self::baggage_max_bytes): W3C asks for at least that.
    pub const BAGGAGE_MAX_BYTES: usize = 8192;

    /// Reads and writes these styles, whatever else is set.
    pub fn with_style(mut self, styles: Styles) -> Self {
        self.extract_style = Some(styles.clone());
        self.inject_style = Some(styles);
        self
    }

    /// The styles that are read.
    pub fn extracted_styles(&self) -> Styles {
        self.resolved(&self.extract_style)
    }

    /// The styles that are written.
    pub fn injected_styles(&self) -> Styles {
        self.resolved(&self.inject_style)
    }

    fn resolved(&self, of_direction: &Option<Styles>) -> Styles {
        let styles = of_direction.as_ref().or(self.style.as_ref());
        styles.or(self.otel_propagators.as_ref()).cloned().unwrap_or_default()
    }

    pub(super) fn baggage_limits(&self) -> Limits {
        Limits { items: self.baggage_max_items, bytes: self.baggage_max_bytes }
    }
}

impl Default for PropagationConfig {
    fn default() -> Self {
        Self {
            extract_style: None,
            inject_style: None,
            style: None,
            otel_propagators: None,
            extract_first: false,
            extract_behavior: ExtractBehavior::default(),
            x_datadog_tags_max_bytes: Self::X_DATADOG_TAGS_MAX_BYTES,
            baggage_max_items: Self::BAGGAGE_MAX_ITEMS,
            baggage_max_bytes: Self::BAGGAGE_MAX_BYTES,
            baggage_tag_keys: BaggageTagKeys::default(),
            http_baggage_enabled: false,
            org_guard_enabled: false,
            org_guard_strict: false,
            org_guard_trusted_opms: Vec::new(),
        }
    }
}

/// What is done with a trace that came by headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExtractBehavior {
    /// It is continued.
    #[default]
    Continue,
    /// A new trace begins, with a link to the caller's span; baggage is kept.
    Restart,
    /// Headers are not looked at, not even for baggage.
    Ignore,
}

impl ExtractBehavior {
    /// Reads `continue`, `restart` or `ignore` in any case.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        [("continue", Self::Continue), ("restart", Self::Restart), ("ignore", Self::Ignore)]
            .into_iter()
            .find_map(|(name, behavior)| name.eq_ignore_ascii_case(text).then_some(behavior))
    }
}

/// The baggage items that become tags of the local root, named `baggage.<key>`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaggageTagKeys {
    /// Every item.
    All,
    /// The items with these keys, letter by letter; none if the list is empty.
    These(Vec<String>),
}

impl BaggageTagKeys {
    /// Reads keys that are separated by `,`; one that is exactly `*` means all.
    pub fn parse(list: &str) -> Self {
        let keys = || list.split(',').map(str::trim).filter(|key| !key.is_empty());
        if keys().any(|key| key == "*") {
            return Self::All;
        }
        Self::These(keys().map(str::to_owned).collect())
    }
}

impl Default for BaggageTagKeys {
    /// `user.id,session.id,account.id`
    fn default() -> Self {
        Self::parse("user.id,session.id,account.id")
    }
}

/// Reads a limit in items or bytes: a decimal number, 0 if it is negative. `None` if it is no
/// number.
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
    // More than fits is as good as no limit.
    let limit = digits::decimal_u64(digits).unwrap_or(u64::MAX);
    Some(usize::try_from(limit).unwrap_or(usize::MAX))
}
