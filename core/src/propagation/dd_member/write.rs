//! Writes our member, which holds 256 bytes; an item that does not fit is left out entirely.

use packdog_api::{SpanContext, SpanId, TraceTags};

use super::{
    super::{
        byte_class::{OUR_TEXT, are_all},
        digits,
        split::pieces,
        trace_tag::{PREFIX, is_refused, travels},
        value_text::ValueText,
    },
    KEY,
};

/// The longest member that is written, with its key: as in dd-trace-py, dd-trace-go and
/// dd-trace-cpp.
const MAX_WRITTEN_BYTES: usize = 256;

/// Appends our member of `tracestate` in the order `s`, `o`, `p`, `t.*`; nothing if it would be
/// empty. An item that does not fit is left out entirely, and shorter items after it are still
/// tried.
pub(in super::super) fn write(text: &mut ValueText, context: &SpanContext) {
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
    match context.trace_tags().as_received() {
        Some(received) => push_received_tags(&mut member, received),
        None => push_tags(&mut member, context.trace_tags()),
    }
}

fn push_tags(member: &mut Member<'_>, tags: &TraceTags) {
    for (name, value) in tags.iter() {
        if let Some(suffix) = name.strip_prefix(PREFIX)
            && name != TraceTags::HIGH_TRACE_ID
            && travels(name)
            && !is_refused(name, value)
            && !value.is_empty()
        {
            member.item(0, |text| {
                text.push_str("t.");
                push_suffix(text, suffix);
                text.push(b':');
                push_text(text, value);
            });
        }
    }
}

/// A fast path for tags as they were received: they were checked then, travel and have values, so that
/// only their bytes are looked at.
fn push_received_tags(member: &mut Member<'_>, received: &str) {
    for tag in pieces(received, b',') {
        let Some(tag) = tag.strip_prefix(PREFIX).filter(|tag| !tag.starts_with("tid=")) else {
            continue;
        };
        member.item(0, |text| {
            text.push_str("t.");
            let mut is_in_value = false;
            for byte in tag.bytes() {
                text.push(match byte {
                    _ if is_in_value => in_value(byte),
                    b'=' => b':',
                    _ => in_suffix(byte),
                });
                is_in_value |= byte == b'=';
            }
        });
    }
}

/// The item `p`: the span of this process, or the received one if there is none.
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

    /// Returns the bytes of the item with its separator.
    fn len(self) -> usize {
        ";p:".len()
            + match self {
                Self::Span(_) => 16,
                Self::Received(id) => id.len(),
            }
    }

    fn push(self, text: &mut ValueText) {
        text.push_str("p:");
        match self {
            Self::Span(id) => digits::push_hex(text, id.to_u64()),
            Self::Received(id) => text.push_str(id),
        }
    }
}

/// Whether a received id can be passed on unchanged: it fits next to `s` and does not break the
/// list.
fn can_pass(id: &str) -> bool {
    let room = MAX_WRITTEN_BYTES - "dd=s:-2147483648;p:".len();
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b',' | b';' | b'=');
    (1..=room).contains(&id.len()) && id.bytes().all(is_plain) && !id.ends_with(' ')
}

/// The member that is being written, from `start` on.
struct Member<'a> {
    text: &'a mut ValueText,
    start: usize,
}

impl Member<'_> {
    /// Appends an item with its separator, unless fewer than `reserved` bytes would be left.
    fn item(&mut self, reserved: usize, write: impl FnOnce(&mut ValueText)) {
        let before = self.text.len();
        self.text.push_str(if before == self.start { KEY } else { ";" });
        write(self.text);
        if self.text.len() - self.start + reserved > MAX_WRITTEN_BYTES {
            self.text.truncate(before);
        }
    }
}

/// Appends an origin or the value of a tag.
fn push_text(text: &mut ValueText, value: &str) {
    if are_all(value, OUR_TEXT) {
        text.push_str(value); // Nearly always.
        return;
    }
    push_printable(text, value, in_value);
}

/// Appends the name of a tag after its prefix.
fn push_suffix(text: &mut ValueText, suffix: &str) {
    push_printable(text, suffix, in_suffix);
}

/// Returns the byte that stands for this one in an origin or in the value of a tag.
fn in_value(byte: u8) -> u8 {
    match byte {
        b',' | b';' | b'~' => b'_',
        b'=' => b'~',
        other => other,
    }
}

/// Returns the byte that stands for this one in the name of a tag.
fn in_suffix(byte: u8) -> u8 {
    match byte {
        b' ' | b',' | b';' | b'=' | b':' => b'_', // The first `:` ends the key of an item.
        other => other,
    }
}

/// Appends `value` with some characters replaced, and one `_` for each run of characters that are
/// not printable ASCII.
fn push_printable(text: &mut ValueText, value: &str, replaced: impl Fn(u8) -> u8) {
    let mut is_in_run = false;
    for byte in value.bytes() {
        let is_printable = (b' '..=b'~').contains(&byte);
        match (is_printable, is_in_run) {
            (true, _) => text.push(replaced(byte)),
            (false, false) => text.push(b'_'),
            (false, true) => {}
        }
        is_in_run = !is_printable;
    }
}

#[cfg(test)]
mod tests {
    use packdog_api::{SamplingPriority, TraceId};

    use super::*;
    use crate::propagation::Propagator;

    fn written(context: SpanContext) -> String {
        let mut text = ValueText::from("before,");
        write(&mut text, &context);
        text.text("before,".len(), text.len()).to_owned()
    }

    fn context(tags: &[(&str, &str)]) -> SpanContext {
        SpanContext::new()
            .with_trace(TraceId::new(1).unwrap(), SpanId::new(5))
            .with_trace_tags(tags.iter().copied().collect())
    }

    #[test]
    fn replaces_characters_that_would_break_the_list() {
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
    fn tags_as_they_were_received_are_written_like_a_list_of_them() {
        let propagator = Propagator::default();
        for tags in [
            "_dd.p.dm=-1",
            "_dd.p.dm=-1,_dd.p.tid=640cfd8d00000000",
            "_dd.p.tid=640cfd8d00000000,_dd.p.tide=1,_dd.p.tid.x=2",
            "_dd.p.a;b:c=d=e~f;g h,_dd.p.=1,_dd.p.b==",
        ] {
            let headers = vec![
                ("x-datadog-trace-id", "1"),
                ("x-datadog-parent-id", "5"),
                ("x-datadog-tags", tags),
            ];
            let received = propagator.extract(&headers);
            assert_eq!(received.trace_tags().as_received(), Some(tags));
            let list: TraceTags = received.trace_tags().iter().collect();
            assert_eq!(list.as_received(), None);
            let changed = received.clone().with_trace_tags(list);
            assert!(written(received.clone()).contains("t."), "{tags}");
            assert_eq!(written(received), written(changed), "{tags}");
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
