//! Our member of `tracestate`, `dd=`: what `traceparent` has no room for.
//!
//! ```text
//! value = item *( ";" item )        item = key ":" text      ; split at the first ":"
//! key   = "s"                       sampling priority
//!       / "o"                       origin, "~" for "="
//!       / "p"                       the last Datadog span, 16 hex digits
//!       / "t." suffix               the trace tag `_dd.p.<suffix>`, "~" for "="
//! ```
//! Other keys, items without `:` and empty texts are ignored; of a repeated key the last counts.
//! Origin and tags follow the same rules as in the headers `x-datadog-*`.

use std::borrow::Cow;

use packdog_api::{SamplingPriority, SpanContext, SpanId, TraceTags};

use super::{
    digits,
    error::{DECODING_ERROR, EXTRACT_MAX_SIZE},
    headers::{is_origin, is_printable},
    trace_tag::{PREFIX, is_refused, is_tag, travels},
    tracestate::OURS,
};

/// The longest value that is read: as in dd-trace-cpp.
const MAX_RECEIVED_BYTES: usize = 512;
/// The most bytes that the tags take in `x-datadog-tags`: its default limit of 512 without the
/// tags that may be added to them, `_dd.p.tid` and `_dd.p.dm`. More than a member of 256 bytes,
/// the longest that Datadog's tracers write, can hold.
const MAX_TAGS_BYTES: usize = 512 - ",_dd.p.tid=0123456789abcdef".len() - ",_dd.p.dm=-255".len();
/// The longest member that is written, with its key: as in dd-trace-py, dd-trace-go and
/// dd-trace-cpp.
const MAX_WRITTEN_BYTES: usize = 256;
/// The key of the high half of the trace id: `traceparent` has it, so it does not count here.
const TID: &str = "t.tid";

/// What the member says, apart from its tags, which are read when they are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct DdMember<'a> {
    value: &'a str,
    pub(super) priority: Priority,
    /// As received, with `~`.
    origin: Option<&'a str>,
    pub(super) last_parent_id: Option<&'a str>,
    /// The value of `_dd.propagation_error`.
    pub(super) error: Option<&'static str>,
}

/// The item `s`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Priority {
    #[default]
    Absent,
    Malformed,
    Known(SamplingPriority),
}

impl<'a> DdMember<'a> {
    /// Reads what follows `dd=`.
    pub(super) fn parse(value: &'a str) -> Self {
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

    /// The origin, without spaces at its ends, where headers lose them.
    pub(super) fn origin(&self) -> Option<Cow<'a, str>> {
        self.origin.map(|text| text.trim_matches(' ')).filter(|text| is_origin(text)).map(decoded)
    }

    /// The tags of the trace, but for the high half of its id.
    pub(super) fn tags(&self) -> TraceTags {
        let mut tags = TraceTags::new();
        let mut bytes = 0;
        self.each_tag(|name, text| match tag(name, text, &mut bytes) {
            Ok(Some(value)) => tags.set(name, &value),
            Ok(None) | Err(_) => {}
        });
        tags
    }

    /// The last thing that is wrong with a tag.
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

/// The value of a tag that `x-datadog-tags` could carry as well, beside those of `bytes` before it.
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
    value.split(';').filter_map(|item| item.split_once(':')).filter(|(_, text)| !text.is_empty())
}

fn decoded(text: &str) -> Cow<'_, str> {
    if text.contains('~') { Cow::Owned(text.replace('~', "=")) } else { Cow::Borrowed(text) }
}

/// Appends our member of `tracestate` in the order `s`, `o`, `p`, `t.*`; nothing if it would be
/// empty. What does not fit is left out whole, and shorter items behind it are still tried.
pub(super) fn write(text: &mut String, context: &SpanContext) {
    let mut member = Member { start: text.len(), text };
    let last_parent = LastParent::of(context);
    if let Some(priority) = context.sampling_priority() {
        member.item(0, |text| {
            text.push_str("s:");
            digits::push_signed(text, priority.to_i32());
        });
    }
    if let Some(origin) = context.origin().filter(|origin| !origin.is_empty()) {
        member.item(last_parent.map_or(0, LastParent::len), |text| {
            text.push_str("o:");
            push_text(text, origin);
        });
    }
    if let Some(last_parent) = last_parent {
        member.item(0, |text| last_parent.push(text));
    }
    for (name, value) in context.trace_tags().iter() {
        if let Some(suffix) = name.strip_prefix(PREFIX)
            && name != TraceTags::HIGH_TRACE_ID
            && travels(name)
            && !is_refused(name, value)
            && !value.is_empty()
        {
            member.item(0, |text| {
                text.push_str("t.");
                push_suffix(text, suffix);
                text.push(':');
                push_text(text, value);
            });
        }
    }
}

/// The item `p`: the span of this process, or what came by headers when there is none.
#[derive(Clone, Copy)]
enum LastParent<'a> {
    Span(SpanId),
    Received(&'a str),
}

impl<'a> LastParent<'a> {
    fn of(context: &'a SpanContext) -> Option<Self> {
        if context.is_local() {
            return context.span_id().map(Self::Span);
        }
        context.last_parent_id().filter(|id| can_pass(id)).map(Self::Received)
    }

    /// The bytes of the item with its separator.
    fn len(self) -> usize {
        ";p:".len()
            + match self {
                Self::Span(_) => 16,
                Self::Received(id) => id.len(),
            }
    }

    fn push(self, text: &mut String) {
        text.push_str("p:");
        match self {
            Self::Span(id) => digits::push_hex(text, id.to_u64()),
            Self::Received(id) => text.push_str(id),
        }
    }
}

/// A received id is passed on as it came, if it fits next to `s` and cannot break the list.
fn can_pass(id: &str) -> bool {
    let room = MAX_WRITTEN_BYTES - "dd=s:-2147483648;p:".len();
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b',' | b';' | b'=');
    (1..=room).contains(&id.len()) && id.bytes().all(is_plain) && !id.ends_with(' ')
}

/// The member that is being written, from `start` on.
struct Member<'a> {
    text: &'a mut String,
    start: usize,
}

impl Member<'_> {
    /// Appends an item and what separates it, unless fewer than `reserved` bytes would be left.
    fn item(&mut self, reserved: usize, write: impl FnOnce(&mut String)) {
        let before = self.text.len();
        self.text.push_str(if before == self.start { OURS } else { ";" });
        write(self.text);
        if self.text.len() - self.start + reserved > MAX_WRITTEN_BYTES {
            self.text.truncate(before);
        }
    }
}

/// Appends an origin or the value of a tag.
fn push_text(text: &mut String, value: &str) {
    push_printable(text, value, |char| match char {
        ',' | ';' | '~' => '_',
        '=' => '~',
        other => other,
    });
}

/// Appends the name of a tag after its prefix.
fn push_suffix(text: &mut String, suffix: &str) {
    push_printable(text, suffix, |char| match char {
        ' ' | ',' | ';' | '=' | ':' => '_', // The first `:` ends the key of an item.
        other => other,
    });
}

/// Appends `value` with some characters replaced, and one `_` for each run of characters that are
/// not printable ASCII.
fn push_printable(text: &mut String, value: &str, replaced: impl Fn(char) -> char) {
    let mut is_in_run = false;
    for char in value.chars() {
        let is_printable = u8::try_from(char).is_ok_and(is_printable);
        match (is_printable, is_in_run) {
            (true, _) => text.push(replaced(char)),
            (false, false) => text.push('_'),
            (false, true) => {}
        }
        is_in_run = !is_printable;
    }
}

#[cfg(test)]
mod tests {
    use packdog_api::TraceId;

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

    fn written(context: SpanContext) -> String {
        let mut text = String::from("before,");
        write(&mut text, &context);
        text.split_off("before,".len())
    }

    fn context(tags: &[(&str, &str)]) -> SpanContext {
        SpanContext::new()
            .with_trace(TraceId::new(1).unwrap(), SpanId::new(5))
            .with_trace_tags(tags.iter().copied().collect())
    }

    #[test]
    fn replaces_what_would_break_the_list() {
        #[rustfmt::skip]
        let table = [
            // name                  value              item
            ("_dd.p.a",              "a,b;c~d=e f:g",   "t.a:a_b_c_d~e f:g"),
            ("_dd.p.a",              "\u{e9}\u{7f}x\r\n\0y\u{1f415}", "t.a:_x_y_"),
            ("_dd.p.a",              ",,",              "t.a:__"),
            ("_dd.p.a b,c;d=e~\u{e9}\u{e9}", "1",       "t.a_b_c_d_e~_:1"),
            ("_dd.p.a:b",            "c:d",             "t.a_b:c:d"),
            ("_dd.p.dm",             "--128",           ""),
            ("_dd.p.upstream_services", "x",            ""),
            ("_dd.p.tid",            "1",               ""),
            ("_dd.p.a",              "",                ""),
            ("_dd.a",                "1",               ""),
        ];
        for (name, value, item) in table {
            let expected = if item.is_empty() { String::new() } else { format!("dd={item}") };
            assert_eq!(written(context(&[(name, value)])), expected, "{name:?} {value:?}");
        }
    }

    #[test]
    fn names_the_local_span_or_passes_the_last_parent_on() {
        let (room, too_long) = ("x".repeat(237), "x".repeat(238));
        #[rustfmt::skip]
        let table = [
            // local  last parent            member
            (true,    Some("0123456789abcdef"), "dd=p:0000000000000005".to_owned()),
            (false,   Some("0123456789abcdef"), "dd=p:0123456789abcdef".to_owned()),
            (false,   Some("XX!X"),          "dd=p:XX!X".to_owned()),
            (false,   Some("a b"),           "dd=p:a b".to_owned()),
            (false,   Some(&room),           format!("dd=p:{room}")),
            (false,   Some(&too_long),       String::new()),
            (false,   Some("a;s:2"),         String::new()),
            (false,   Some("a\r\nb"),        String::new()),
            (false,   Some(""),              String::new()),
            (false,   None,                  String::new()),
        ];
        for (is_local, last_parent, member) in table {
            let mut context = context(&[]).with_local(is_local);
            if let Some(id) = last_parent {
                context = context.with_last_parent_id(id);
            }
            assert_eq!(written(context), member, "{last_parent:?}");
        }
    }

    #[test]
    fn holds_256_bytes_and_skips_what_does_not_fit() {
        let context = |origin: usize, tag: usize| {
            context(&[("_dd.p.a", &"x".repeat(tag)), ("_dd.p.b", "1")])
                .with_local(true)
                .with_sampling_priority(SamplingPriority::new(i32::MIN))
                .with_origin(&"o".repeat(origin))
        };
        // "dd=s:-2147483648" and ";p:" with 16 digits are 35 bytes, ";o:" and ";t.a:" 3 and 5.
        #[rustfmt::skip]
        let table = [
            // origin  tag    bytes     has origin, a, b
            (218,      300,   256,      [true,  false, false]),
            (219,      1,     47,       [false, true,  true]),
            (1,        212,   256,      [true,  true,  false]),
            (1,        213,   45,       [true,  false, true]),
            (1,        206,   256,      [true,  true,  true]),
        ];
        for (origin, tag, bytes, has) in table {
            let member = written(context(origin, tag));
            assert_eq!(member.len(), bytes, "{member:?}");
            assert_eq!([";o:", ";t.a:", ";t.b:"].map(|item| member.contains(item)), has);
            assert!(member.contains(";p:0000000000000005"));
        }
    }
}
