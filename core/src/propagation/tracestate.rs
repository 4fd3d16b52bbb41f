//! The `tracestate` header: one list member of ours, and those of other vendors.
//!
//! ```text
//! list   = member *( "," member )                  ; spaces, tabs around members; empty ones
//! member = key "=" value                           ; ours: "dd=" and anything, see `dd_member`
//! key    = [a-z0-9] *255[a-z0-9_-*/@]
//! value  = 1*256( %x20-7E except "," and "=" )     ; not ending in a space
//! ```
//! Members of others travel untouched, but for those that break the grammar.
//! Rules: [W3C Trace Context, `tracestate`](https://www.w3.org/TR/trace-context/#tracestate-header).

use super::{
    dd_member::DdMember,
    headers::{is_printable, trim},
};

/// How our member begins.
pub(super) const OURS: &str = "dd=";

/// The most members of a list: W3C, "there can be a maximum of 32 list-members".
const MAX_MEMBERS: usize = 32;
/// The most bytes of an outgoing list. W3C asks for at least 512; dd-trace-go writes 4096.
const MAX_BYTES: usize = 4096;
/// Members longer than this go first when a list is too long: W3C's advice.
const LONG_MEMBER_BYTES: usize = 128;
/// The longest key and the longest value of another vendor: W3C.
const MAX_PART_BYTES: usize = 256;

/// A received list.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tracestate<'a> {
    header: &'a str,
    /// Whether there were so many members that others' are discarded.
    is_overfull: bool,
    /// Our member; the last one, if there are several.
    pub(super) ours: DdMember<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TracestateError {
    /// A character is not printable ASCII: the whole list is as if absent.
    NotPrintable,
}

pub(super) fn parse(header: &str) -> Result<Tracestate<'_>, TracestateError> {
    let (mut count, mut ours) = (0, None);
    for member in members(header) {
        if !member.bytes().all(is_printable) {
            return Err(TracestateError::NotPrintable);
        }
        count += 1;
        ours = member.strip_prefix(OURS).or(ours);
    }
    let ours = ours.map(DdMember::parse).unwrap_or_default();
    Ok(Tracestate { header, is_overfull: count > MAX_MEMBERS, ours })
}

impl Tracestate<'_> {
    /// The last span of a Datadog tracer.
    pub(super) fn last_parent_id(&self) -> Option<&str> {
        self.ours.last_parent_id
    }

    /// The members of other vendors, joined; `None` if there are none.
    pub(super) fn vendors(&self) -> Option<String> {
        self.joined(is_vendors)
    }

    /// All members that count, joined, ours in their places; `None` if there are none.
    pub(super) fn normalized(&self) -> Option<String> {
        self.joined(|member| is_ours(member) || is_vendors(member))
    }

    fn joined(&self, is_wanted: impl Fn(&str) -> bool) -> Option<String> {
        let mut joined = String::new();
        for member in members(self.header).filter(|member| is_wanted(member)) {
            if !self.is_overfull || is_ours(member) {
                push_member(&mut joined, member);
            }
        }
        (!joined.is_empty()).then_some(joined)
    }
}

/// Appends a list: our member, which is at the end of `text` from `start` on already, and as many
/// of the vendors' as may follow it.
pub(super) fn write_vendors(text: &mut String, start: usize, vendors: &str) {
    let ours = text.len() - start;
    let kept = Kept::of(vendors, usize::from(ours > 0), ours);
    let (mut long, mut short) = (0, 0);
    for member in members(vendors).filter(|member| is_vendors(member)) {
        let (seen, kept) =
            if is_long(member) { (&mut long, kept.long) } else { (&mut short, kept.short) };
        *seen += 1;
        if *seen <= kept {
            if text.len() > start {
                text.push(',');
            }
            text.push_str(member);
        }
    }
}

/// How many of the first long and of the first short members an outgoing list keeps.
#[derive(Clone, Copy, Default)]
struct Kept {
    long: usize,
    short: usize,
}

impl Kept {
    /// `members_before` and `bytes_before` belong to ours.
    fn of(vendors: &str, members_before: usize, bytes_before: usize) -> Self {
        let others = || members(vendors).filter(|member| is_vendors(member));
        let (mut kept, mut bytes) = (Self::default(), bytes_before);
        for member in others() {
            *kept.place(is_long(member)) += 1;
            bytes += member.len() + 1;
        }
        bytes -= usize::from(members_before == 0 && bytes > 0); // The first has no comma.
        for is_long_turn in [true, false] {
            for member in others().rev().filter(|member| is_long(member) == is_long_turn) {
                if members_before + kept.long + kept.short <= MAX_MEMBERS && bytes <= MAX_BYTES {
                    return kept;
                }
                *kept.place(is_long_turn) -= 1;
                bytes = bytes.saturating_sub(member.len() + 1);
            }
        }
        kept
    }

    fn place(&mut self, is_long: bool) -> &mut usize {
        if is_long { &mut self.long } else { &mut self.short }
    }
}

fn members(list: &str) -> impl DoubleEndedIterator<Item = &str> {
    list.split(',').map(trim).filter(|member| !member.is_empty())
}

fn push_member(list: &mut String, member: &str) {
    if !list.is_empty() {
        list.push(',');
    }
    list.push_str(member);
}

fn is_ours(member: &str) -> bool {
    member.starts_with(OURS)
}

fn is_long(member: &str) -> bool {
    member.len() > LONG_MEMBER_BYTES
}

/// Whether this is a well-formed member of another vendor.
fn is_vendors(member: &str) -> bool {
    let Some((key, value)) = member.split_once('=') else { return false };
    let is_key =
        |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/' | b'@');
    let is_value = |byte: u8| is_printable(byte) && byte != b',' && byte != b'=';
    !is_ours(member)
        && key.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
        && key.len() <= MAX_PART_BYTES
        && key.bytes().all(is_key)
        && (1..=MAX_PART_BYTES).contains(&value.len())
        && value.bytes().all(is_value)
        && !value.ends_with(' ')
}
