//! The headers by which a trace and its baggage travel.

use crate::{
    Config,
    config::{
        declare::options,
        parse::{limit, not_negative},
    },
    propagation::{BaggageTagKeys, ExtractBehavior, Styles},
};

options! {
    /// The headers that are read and written, and their limits.
    ///
    /// [`Default`] is the behavior of Datadog's tracers without configuration.
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
    pub struct PropagationConfig at |config| config.propagation;

    /// The header styles that are read and written.
    pub style: Option<Styles> = None, {
        variables: ["DD_TRACE_PROPAGATION_STYLE"],
        format: "Format: `datadog`, `tracecontext`, `b3multi`, `b3` and `baggage`, separated by commas; or `none`.",
        default: "`datadog,tracecontext,baggage`",
        show: |config| {
            Some(config.propagation.style.as_ref().unwrap_or(&Styles::default()).to_string())
        },
    }

    /// The header styles that are read. The first one that has a trace decides.
    pub extract_style: Option<Styles> = None, {
        variables: ["DD_TRACE_PROPAGATION_STYLE_EXTRACT"],
        default: "`DD_TRACE_PROPAGATION_STYLE`",
        show: |config| Some(config.propagation.extracted_styles().to_string()),
    }

    /// The header styles that are written.
    pub inject_style: Option<Styles> = None, {
        variables: ["DD_TRACE_PROPAGATION_STYLE_INJECT"],
        default: "`DD_TRACE_PROPAGATION_STYLE`",
        show: |config| Some(config.propagation.injected_styles().to_string()),
    }

    /// Whether reading stops at the first style that has a trace.
    pub extract_first: bool = false, {
        variables: ["DD_TRACE_PROPAGATION_EXTRACT_FIRST"],
        default: "`false`",
    }

    /// The treatment of a trace that is received in headers: `continue`, `restart` (a new trace
    /// with a link to it) or `ignore`.
    pub extract_behavior: ExtractBehavior = ExtractBehavior::Continue, {
        variables: ["DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT"],
        default: "`continue`",
    }

    /// The most bytes of `x-datadog-tags`. `0` disables the header.
    pub x_datadog_tags_max_bytes: usize = Self::X_DATADOG_TAGS_MAX_BYTES, {
        variables: ["DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH"],
        default: "`512`",
    }

    /// The most items of baggage in the headers that are read and written. Later items are left
    /// out.
    pub baggage_max_items: usize = Self::BAGGAGE_MAX_ITEMS, {
        variables: ["DD_TRACE_BAGGAGE_MAX_ITEMS"],
        default: "`64`",
        read: |config, text| {
            config.propagation.baggage_max_items = limit(text)?;
            not_negative(text)
        },
    }

    /// The most bytes of baggage in the headers that are read and written. The first item that
    /// does not fit is left out, and all items after it.
    pub baggage_max_bytes: usize = Self::BAGGAGE_MAX_BYTES, {
        variables: ["DD_TRACE_BAGGAGE_MAX_BYTES"],
        default: "`8192`",
        read: |config, text| {
            config.propagation.baggage_max_bytes = limit(text)?;
            not_negative(text)
        },
    }

    /// The baggage items that become tags `baggage.<key>` of the local root.
    pub baggage_tag_keys: BaggageTagKeys = BaggageTagKeys::default(), {
        variables: ["DD_TRACE_BAGGAGE_TAG_KEYS"],
        format: "Format: separated by commas; `*` for all, empty for none.",
        default: "`user.id,session.id,account.id`",
        takes_empty: true,
    }

    /// Whether baggage is also read from and written to the old headers `ot-baggage-*`.
    pub http_baggage_enabled: bool = false, {
        variables: ["DD_TRACE_PROPAGATION_HTTP_BAGGAGE_ENABLED"],
        default: "`false`",
    }

    /// Whether priority, origin and tags of a trace from another organisation are dropped. The
    /// Datadog Agent names the organisation of this service, so this needs a tracer that is
    /// connected to it.
    pub org_guard_enabled: bool = false, {
        variables: ["DD_TRACE_ORG_GUARD_ENABLED"],
        default: "`false`",
    }

    /// Whether a trace that names no organisation counts as one from another organisation.
    pub org_guard_strict: bool = false, {
        variables: ["DD_TRACE_ORG_GUARD_STRICT"],
        default: "`false`",
    }

    /// The other organisations that are trusted, by their markers (OPM): an Agent shows
    /// that of its organisation at `/info`, as `org_prop_marker`.
    pub org_guard_trusted_opms: Vec<String> = Vec::new(), {
        variables: ["DD_TRACE_ORG_GUARD_TRUSTED_OPMS"],
        format: "Format: separated by commas.",
        default: "none",
        show: |config| {
            let trusted = &config.propagation.org_guard_trusted_opms;
            (!trusted.is_empty()).then(|| trusted.join(","))
        },
    }
}

impl PropagationConfig {
    /// The default of [`x_datadog_tags_max_bytes`](Self::x_datadog_tags_max_bytes), as in every
    /// Datadog tracer.
    pub const X_DATADOG_TAGS_MAX_BYTES: usize = 512;
    /// The default of [`baggage_max_items`](Self::baggage_max_items): W3C asks for at least that.
    pub const BAGGAGE_MAX_ITEMS: usize = 64;
    /// The default of [`baggage_max_bytes`](Self::baggage_max_bytes): W3C asks for at least that.
    pub const BAGGAGE_MAX_BYTES: usize = 8192;

    /// Reads and writes these styles, even if others are set.
    pub fn with_style(mut self, styles: Styles) -> Self {
        self.extract_style = Some(styles.clone());
        self.inject_style = Some(styles);
        self
    }

    /// The styles that are read.
    pub fn extracted_styles(&self) -> Styles {
        self.extract_style.as_ref().or(self.style.as_ref()).cloned().unwrap_or_default()
    }

    /// The styles that are written.
    pub fn injected_styles(&self) -> Styles {
        self.inject_style.as_ref().or(self.style.as_ref()).cloned().unwrap_or_default()
    }
}

impl Config {
    /// Sets the headers that are read and written (`DD_TRACE_PROPAGATION_STYLE` and others).
    pub fn with_propagation(mut self, propagation: PropagationConfig) -> Self {
        self.set_group(PropagationConfig::OPTIONS, |config| config.propagation = propagation);
        self
    }

    /// The headers that are read and written.
    pub fn propagation(&self) -> &PropagationConfig {
        &self.propagation
    }
}
