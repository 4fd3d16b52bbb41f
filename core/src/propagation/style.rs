//! Header styles, and the lists in which they are configured.
//!
//! ```text
//! list = name *( "," name )       names in any case, spaces around them ignored
//! name = "datadog" / "tracecontext" / "b3multi" / "b3" / "b3 single header" / "baggage" / "none"
//! ```
//! Rules: [Datadog, trace context propagation](https://docs.datadoghq.com/tracing/trace_collection/trace_context_propagation/).

use std::fmt;

use super::legacy_baggage;

/// A set of headers that carries context from service to service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Style {
    /// `x-datadog-*`.
    Datadog,
    /// W3C's `traceparent` and `tracestate`.
    TraceContext,
    /// `x-b3-*`.
    B3Multi,
    /// `b3`, a single header.
    B3,
    /// W3C's `baggage`.
    Baggage,
}

impl Style {
    const ALL: [Self; 5] =
        [Self::Datadog, Self::TraceContext, Self::B3Multi, Self::B3, Self::Baggage];

    /// Returns the canonical name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Datadog => "datadog",
            Self::TraceContext => "tracecontext",
            Self::B3Multi => "b3multi",
            Self::B3 => "b3",
            Self::Baggage => "baggage",
        }
    }

    /// Returns the headers that this style may write.
    pub(crate) const fn headers(self) -> &'static [&'static str] {
        use super::headers as name;
        match self {
            Self::Datadog => &[
                name::DATADOG_TRACE_ID,
                name::DATADOG_PARENT_ID,
                name::DATADOG_SAMPLING_PRIORITY,
                name::DATADOG_ORIGIN,
                name::DATADOG_TAGS,
            ],
            Self::TraceContext => &[name::TRACEPARENT, name::TRACESTATE],
            Self::B3Multi => {
                &[name::B3_TRACE_ID, name::B3_SPAN_ID, name::B3_SAMPLED, name::B3_FLAGS]
            }
            Self::B3 => &[name::B3],
            Self::Baggage => &[name::BAGGAGE],
        }
    }

    fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|style| style.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The kind of data that a header of any style carries.
///
/// ```
/// use packdog::propagation::HeaderKind;
///
/// assert_eq!(HeaderKind::of("Traceparent"), Some(HeaderKind::Trace));
/// assert_eq!(HeaderKind::of("ot-baggage-plan"), Some(HeaderKind::Baggage));
/// assert_eq!(HeaderKind::of("authorization"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HeaderKind {
    /// Ids, sampling and other data of the trace.
    Trace,
    /// Items of the application.
    Baggage,
}

impl HeaderKind {
    /// Returns the kind of a header of this name, for all styles; `None` if it is
    /// not one of ours. The name may be in any case.
    pub fn of(name: &str) -> Option<Self> {
        let is_of = |style: &Style| style.headers().iter().any(|n| n.eq_ignore_ascii_case(name));
        match Style::ALL.iter().find(|style| is_of(style)) {
            Some(Style::Baggage) => Some(Self::Baggage),
            Some(_) => Some(Self::Trace),
            None => legacy_baggage::is_item(name).then_some(Self::Baggage),
        }
    }
}

/// An ordered list of styles, each at most once.
///
/// The default is `datadog,tracecontext,baggage`; the empty list switches propagation off.
///
/// ```
/// use packdog::propagation::{Style, Styles};
///
/// let (styles, unknown) = Styles::parse("B3 single header, Datadog, jaeger");
/// assert_eq!(styles, Some(Styles::from_iter([Style::B3, Style::Datadog])));
/// assert_eq!(unknown, ["jaeger"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Styles(Vec<Style>);

impl Styles {
    /// Returns an empty list: nothing is read or written.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Parses a list in the format of `DD_TRACE_PROPAGATION_STYLE` and its two variants; also
    /// returns unknown names.
    ///
    /// `none` counts only if the list has no style. Returns `None` if the list has no valid name:
    /// then it counts as unset.
    pub fn parse(list: &str) -> (Option<Self>, Vec<&str>) {
        Self::read(list, |name| match name {
            _ if name.eq_ignore_ascii_case("b3 single header") => Some(Style::B3),
            _ => Style::by_name(name),
        })
    }

    /// Parses a list in the format of `OTEL_PROPAGATORS`, where `b3` has no second name; otherwise
    /// like [`parse`](Styles::parse).
    pub fn parse_otel(list: &str) -> (Option<Self>, Vec<&str>) {
        Self::read(list, Style::by_name)
    }

    fn read(list: &str, by_name: fn(&str) -> Option<Style>) -> (Option<Self>, Vec<&str>) {
        let (mut styles, mut unknown, mut is_none) = (Self::none(), Vec::new(), false);
        for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match by_name(name) {
                Some(style) => styles.push(style),
                None if name.eq_ignore_ascii_case("none") => is_none = true,
                None => unknown.push(name),
            }
        }
        ((is_none || !styles.0.is_empty()).then_some(styles), unknown)
    }

    fn push(&mut self, style: Style) {
        if !self.contains(style) {
            self.0.push(style);
        }
    }

    /// Whether the style is in the list.
    pub fn contains(&self, style: Style) -> bool {
        self.0.contains(&style)
    }

    /// Whether one of these styles carries a trace.
    pub(super) fn carry_traces(&self) -> bool {
        self.iter().any(|style| style != Style::Baggage)
    }

    /// Returns the styles in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Style> + Clone {
        self.0.iter().copied()
    }
}

/// Writes the names in order, or `none`.
impl fmt::Display for Styles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.iter().map(Style::name).collect::<Vec<_>>();
        f.write_str(if names.is_empty() { "none" } else { "" })?;
        f.write_str(&names.join(","))
    }
}

impl Default for Styles {
    fn default() -> Self {
        Self(vec![Style::Datadog, Style::TraceContext, Style::Baggage])
    }
}

impl FromIterator<Style> for Styles {
    fn from_iter<I: IntoIterator<Item = Style>>(styles: I) -> Self {
        let mut all = Self::none();
        styles.into_iter().for_each(|style| all.push(style));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::{Style::*, *};

    #[test]
    fn reads_lists_and_names_unknown_styles() {
        type Row = (&'static str, Option<&'static [Style]>, &'static [&'static str]);
        #[rustfmt::skip]
        let table: [Row; 11] = [
            // list                              styles                          unknown
            (" B3multi , TraceContext ",         Some(&[B3Multi, TraceContext]), &[]),
            ("b3,B3 Single Header,b3",           Some(&[B3]),                    &[]),
            ("datadog,,datadog, ,baggage",       Some(&[Datadog, Baggage]),      &[]),
            ("none",                             Some(&[]),                      &[]),
            (" NONE ,",                          Some(&[]),                      &[]),
            ("none,Datadog",                     Some(&[Datadog]),               &[]),
            ("none,jaeger",                      Some(&[]),                      &["jaeger"]),
            ("jaeger,b3single",                  None,                           &["jaeger", "b3single"]),
            ("jaeger, datadog",                  Some(&[Datadog]),               &["jaeger"]),
            ("",                                 None,                           &[]),
            (" , ",                              None,                           &[]),
        ];
        for (list, styles, unknown) in table {
            let expected = styles.map(|styles| styles.iter().copied().collect());
            assert_eq!(Styles::parse(list), (expected, unknown.to_vec()), "{list:?}");
        }
    }

    #[test]
    fn opentelemetry_has_only_one_name_for_b3() {
        let (styles, unknown) = Styles::parse_otel("b3 single header,B3,baggage");
        assert_eq!(styles, Some(Styles::from_iter([B3, Baggage])));
        assert_eq!(unknown, ["b3 single header"]);
    }
}
