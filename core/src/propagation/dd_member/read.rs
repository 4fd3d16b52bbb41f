//! Reads our member: priority, origin and last parent at once, tags on demand.

use std::borrow::Cow;

use packdog_api::{SamplingPriority, TraceTags};

use super::super::{
    digits,
    error::{DECODING_ERROR, EXTRACT_MAX_SIZE},
    headers::is_origin,
    split::{pieces, split_once},
    trace_tag::{PREFIX, is_refused, is_tag, travels},
};

/// The longest value that is read: as in dd-trace-cpp.
const MAX_RECEIVED_BYTES: usize = 512;
/// The most bytes that the tags take in `x-datadog-tags`: its default limit of 512 without the
/// tags that may be added to them, `_dd.p.tid` and `_dd.p.dm`. More than a member of 256 bytes,
/// the longest that Datadog's tracers write, can hold.
const MAX_TAGS_BYTES: usize = 512 - ",_dd.p.tid=0123456789abcdef".len() - ",_dd.p.dm=-255".len();
/// The key of the high half of the trace id: `traceparent` has it, so it does not count here.
const TID: &str = "t.tid";

/// The content of the member, except its tags, which are read on demand.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in super::super) struct DdMember<'a> {
    value: &'a str,
    pub(in super::super) priority: Priority,
    /// As received, with `~`.
    origin: Option<&'a str>,
    pub(in super::super) last_parent_id: Option<&'a str>,
    /// The value of `_dd.propagation_error`.
    pub(in super::super) error: Option<&'static str>,
}

/// The item `s`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) enum Priority {
    #[default]
    Absent,
    Malformed,
    Known(SamplingPriority),
}

impl<'a> DdMember<'a> {
    /// Reads what follows `dd=`.
    pub(in super::super) fn parse(value: &'a str) -> Self {
        if value.len() > MAX_RECEIVED_BYTES {
            return Self { error: Some(EXTRACT_MAX_SIZE), ..Self::default() };
        }
        let mut member = Self { value, ..Self::default() };
        for (key, text) in items(value) {
            match key {
                "s" => match digits::decimal_i32(text).map(SamplingPriority::new) {
                    Some(priority) => member.priority = Priority::Known(priority),
                    None if member.priority == Priority::Absent => {
                        member.priority = Priority::Malformed;
                    }
                    None => {}
                },
                "o" => member.origin = Some(text),
                "p" => member.last_parent_id = Some(text),
                _ => {}
            }
        }
        member.error = member.tags_error();
        member
    }

    /// Returns the origin without spaces at its ends, which headers would lose.
    pub(in super::super) fn origin(&self) -> Option<Cow<'a, str>> {
        self.origin.map(|text| text.trim_matches(' ')).filter(|text| is_origin(text)).map(decoded)
    }

    /// Returns the tags of the trace, except the high half of its id.
    pub(in super::super) fn tags(&self) -> TraceTags {
        let mut tags = TraceTags::new();
        let mut bytes = 0;
        self.each_tag(|name, text| {
            if let Ok(Some(value)) = tag(name, text, &mut bytes) {
                tags.set(name, &value);
            }
        });
        tags
    }

    /// Returns the error of the last malformed tag.
    fn tags_error(&self) -> Option<&'static str> {
        let (mut error, mut bytes) = (None, 0);
        self.each_tag(|name, text| error = tag(name, text, &mut bytes).err().or(error));
        error
    }

    fn each_tag(&self, mut visit: impl FnMut(&str, &str)) {
        let mut name = String::from(PREFIX);
        for (key, text) in items(self.value).filter(|(key, _)| *key != TID) {
            if let Some(suffix) = key.strip_prefix("t.") {
                name.truncate(PREFIX.len());
                name.push_str(suffix);
                visit(&name, text);
            }
        }
    }
}

/// Returns the value of a tag that would also fit into `x-datadog-tags`, after `bytes` of other
/// tags.
fn tag<'a>(
    name: &str,
    text: &'a str,
    bytes: &mut usize,
) -> Result<Option<Cow<'a, str>>, &'static str> {
    let value = text.trim_matches(' ');
    if !travels(name) {
        return Ok(None);
    }
    if !is_tag(name, value) || is_refused(name, value) {
        return Err(DECODING_ERROR);
    }
    *bytes += name.len() + value.len() + ",=".len();
    if *bytes > MAX_TAGS_BYTES { Err(EXTRACT_MAX_SIZE) } else { Ok(Some(decoded(value))) }
}

fn items(value: &str) -> impl Iterator<Item = (&str, &str)> {
    let items = pieces(value, b';').filter_map(|item| split_once(item, b':'));
    items.filter(|(_, text)| !text.is_empty())
}

fn decoded(text: &str) -> Cow<'_, str> {
    if text.contains('~') { Cow::Owned(text.replace('~', "=")) } else { Cow::Borrowed(text) }
}

/// The treatment of `_dd.p.dm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum DecisionMaker {
    AsReceived,
    Default,
    Removed,
}

/// The tags of a member, and the treatment of the decision maker among them.
#[derive(Debug)]
pub(in super::super) struct MemberTags<'a>(
    pub(in super::super) DdMember<'a>,
    pub(in super::super) DecisionMaker,
);

impl MemberTags<'_> {
    pub(in super::super) fn read(&self) -> TraceTags {
        let mut tags = self.0.tags();
        match self.1 {
            DecisionMaker::AsReceived => {}
            DecisionMaker::Default => tags.set(TraceTags::DECISION_MAKER, "-0"),
            DecisionMaker::Removed => tags.remove(TraceTags::DECISION_MAKER),
        }
        tags
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_items_in_any_order() {
        let known = |priority| Priority::Known(SamplingPriority::new(priority));
        #[rustfmt::skip]
        let table = [
            // value                     s                    o               p
            ("s:2;o:rum;p:XX!X",         known(2),            Some("rum"),    Some("XX!X")),
            ("p:1;o:a~b:c;s:-1",         known(-1),           Some("a=b:c"),  Some("1")),
            (";;s;x:1;o:rum;:y",         Priority::Absent,    Some("rum"),    None),
            ("s:;o:;p:",                 Priority::Absent,    None,           None),
            ("s:keep",                   Priority::Malformed, None,           None),
            ("s:+1",                     Priority::Malformed, None,           None),
            ("s:2147483648",             Priority::Malformed, None,           None),
            ("s:1;s:2;s:x;p:1;p:2",      known(2),            None,           Some("2")),
            ("S:1; s:1",                 Priority::Absent,    None,           None),
            ("",                         Priority::Absent,    None,           None),
        ];
        for (value, priority, origin, last_parent_id) in table {
            let member = DdMember::parse(value);
            assert_eq!(member.priority, priority, "{value:?}");
            assert_eq!(member.origin().as_deref(), origin, "{value:?}");
            assert_eq!(member.last_parent_id, last_parent_id, "{value:?}");
        }
    }

    #[test]
    fn reads_tags_but_not_the_high_half() {
        let tags = DdMember::parse("t.b:1;t.tid:x;t.a:x~~:y;tid:1;t.c:;t.b:2").tags();
        assert_eq!(tags.iter().collect::<Vec<_>>(), [("_dd.p.b", "2"), ("_dd.p.a", "x==:y")]);
    }

    #[test]
    fn a_value_of_more_than_512_bytes_is_not_read() {
        for (bytes, is_too_long) in [(511, false), (512, false), (513, true)] {
            let value = format!("s:2;p:{}", "1".repeat(bytes - 6));
            let member = DdMember::parse(&value);
            assert_eq!(member.error, is_too_long.then_some(EXTRACT_MAX_SIZE), "{bytes}");
            assert_eq!(member.last_parent_id.is_none(), is_too_long, "{bytes}");
        }
    }

    #[test]
    fn a_tag_follows_the_rules_of_the_other_header_or_goes_alone() {
        #[rustfmt::skip]
        let table = [
            // tag                       error
            ("t.dm:--128",               Some(DECODING_ERROR)),
            ("t.dm:4",                   Some(DECODING_ERROR)),
            ("t.dm:-256",                Some(DECODING_ERROR)),
            ("t.a b:1",                  Some(DECODING_ERROR)),
            ("t.a=b:1",                  Some(DECODING_ERROR)),
            ("t.a:  ",                   Some(DECODING_ERROR)),
            ("t.upstream_services:x",    None),
            ("t.tid:x",                  None),
        ];
        for (tag, error) in table {
            let value = format!("t.b:1;{tag};t.c: 2 ");
            let member = DdMember::parse(&value);
            let tags = member.tags();
            let tags: Vec<_> = tags.iter().collect();
            assert_eq!(tags, [("_dd.p.b", "1"), ("_dd.p.c", "2")], "{tag:?}");
            assert_eq!(member.error, error, "{tag:?}");
        }
    }

    #[test]
    fn tags_that_would_not_fit_the_other_header_are_left_out() {
        // "_dd.p.a=" and a comma are 9 bytes.
        for (bytes, is_kept) in [(MAX_TAGS_BYTES, true), (MAX_TAGS_BYTES + 1, false)] {
            let value = format!("t.a:{}", "x".repeat(bytes - 9));
            let member = DdMember::parse(&value);
            assert_eq!(member.tags().is_empty(), !is_kept, "{bytes}");
            assert_eq!(member.error, (!is_kept).then_some(EXTRACT_MAX_SIZE), "{bytes}");
        }
        let many: String = (10..80).map(|number| format!("t.{number}:1;")).collect();
        let member = DdMember::parse(&many);
        let bytes: usize =
            member.tags().iter().map(|(key, value)| key.len() + value.len() + 2).sum();
        assert!((MAX_TAGS_BYTES - 11..=MAX_TAGS_BYTES).contains(&bytes), "{bytes}");
        assert_eq!(member.error, Some(EXTRACT_MAX_SIZE));
    }

    #[test]
    fn an_origin_follows_the_rules_of_the_other_header() {
        let (longest, too_long) = ("o".repeat(256), "o".repeat(257));
        #[rustfmt::skip]
        let table = [
            // origin        read
            ("rum",          Some("rum")),
            (" a b ",        Some("a b")),
            ("   ",          None),
            (&longest,       Some(longest.as_str())),
            (&too_long,      None),
        ];
        for (origin, read) in table {
            let value = format!("o:{origin}");
            assert_eq!(DdMember::parse(&value).origin().as_deref(), read, "{origin:?}");
        }
    }
}
