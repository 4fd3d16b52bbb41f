//! The `tracestate` header: list members of Datadog, OpenTelemetry and other vendors.
//!
//! ```text
//! list   = member *( "," member )                  ; spaces, tabs around members; empty ones
//! member = key "=" value                           ; ours: "dd=" and anything, see `dd_member`
//! key    = [a-z0-9] *255[a-z0-9_-*/@]
//! value  = 1*256( %x20-7E except "," and "=" )     ; not ending in a space
//! ```
//! Members of other vendors are passed on unchanged, except OpenTelemetry's: see `ot_member`. If one
//! of them breaks the grammar, all are discarded: W3C, "a list that cannot be parsed". Our member is
//! checked separately. Rules: [W3C Trace Context,
//! `tracestate`](https://www.w3.org/TR/trace-context/#tracestate-header).

use std::borrow::Cow;

use packdog_api::implementation::Probability;

use super::{
    byte_class::{PRINTABLE, TAG_VALUE, VENDOR_KEY, VENDOR_VALUE, are_all, leading},
    dd_member::{self, DdMember},
    headers::trim_text,
    ot_member,
    split::{pair, pieces},
    value_text::ValueText,
};

/// The most members of a list: W3C, "there can be a maximum of 32 list-members".
const MAX_MEMBERS: usize = 32;
/// The most bytes of an outgoing list. W3C asks for at least 512; dd-trace-go writes 4096.
const MAX_BYTES: usize = 4096;
/// Members longer than this are removed first if a list is too long, as W3C advises.
const LONG_MEMBER_BYTES: usize = 128;
/// The key of OpenTelemetry's member.
const OT: &str = "ot";
/// The most members before those of other vendors.
const OWN_MEMBERS: usize = 2;
/// The longest key and the longest value of another vendor: W3C.
const MAX_PART_BYTES: usize = 256;

/// A received list, whose parts are printable ASCII. They become texts where they are read: most are
/// only compared or passed on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tracestate<'a> {
    header: &'a [u8],
    /// The value of our member; the last one, if there are several.
    ours: Option<&'a [u8]>,
    /// The value of OpenTelemetry's member; the last one, if there are several.
    ot: Option<&'a [u8]>,
    /// Whether members of other vendors count: they are well-formed and not too many.
    has_vendors: bool,
    /// Whether a member of another vendor is malformed.
    pub(super) is_malformed: bool,
    /// The members of other vendors, if they need no joining: the lists of most peers do not.
    joined_vendors: Option<&'a [u8]>,
    count: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TracestateError {
    /// A character is not printable ASCII: the whole list is ignored.
    NotPrintable,
}

pub(super) fn parse(header: &[u8]) -> Result<Tracestate<'_>, TracestateError> {
    match as_written(header) {
        Some(list) => Ok(list),
        None => parse_any(str::from_utf8(header).map_err(|_| TracestateError::NotPrintable)?),
    }
}

/// A fast path for lists as nearly all peers write them: our member first or absent, and no blanks,
/// empty or malformed members. It takes one pass.
fn as_written(header: &[u8]) -> Option<Tracestate<'_>> {
    let (mut ours, mut ot, mut count, mut rest) = (None, None, 0, Some(header));
    if header.starts_with(dd_member::KEY.as_bytes()) {
        let (member, behind) = header.split_at_checked(leading(header, TAG_VALUE))?;
        ours = member.strip_prefix(dd_member::KEY.as_bytes());
        ours = ours.filter(|value| !value.ends_with(b" "));
        ours?;
        count = 1;
        rest = if behind.is_empty() { None } else { Some(behind.strip_prefix(b",")?) };
    }
    let joined_vendors = rest.unwrap_or_default();
    while let Some(list) = rest {
        let ((key, value), behind) = pair(list, VENDOR_KEY, VENDOR_VALUE)?;
        let fits = key.len() <= MAX_PART_BYTES && value.len() <= MAX_PART_BYTES;
        if !fits || !is_first_of_key(key) || value.ends_with(b" ") || key == b"dd" {
            return None;
        }
        if key == OT.as_bytes() {
            ot = Some(value);
        }
        rest = behind;
        count += 1;
    }
    Some(Tracestate {
        header,
        ours,
        ot,
        has_vendors: count <= MAX_MEMBERS,
        is_malformed: false,
        joined_vendors: Some(joined_vendors),
        count,
    })
}

fn is_first_of_key(key: &[u8]) -> bool {
    matches!(key, [b'a'..=b'z' | b'0'..=b'9', ..])
}

fn parse_any(header: &str) -> Result<Tracestate<'_>, TracestateError> {
    let all = header.as_bytes();
    let mut list = Tracestate { header: all, joined_vendors: Some(all), ..Tracestate::default() };
    for (index, piece) in pieces(header, b',').enumerate() {
        let member = trim_text(piece);
        if !member.is_empty() {
            list.count += 1;
            match member.strip_prefix(dd_member::KEY) {
                Some(value) => list.ours = Some(value.as_bytes()),
                None if is_vendors(member) => {
                    list.ot = member.strip_prefix(ot_member::KEY).map(str::as_bytes).or(list.ot)
                }
                None => list.is_malformed = true,
            }
            // Others are printable by their grammar.
            if (list.is_malformed || is_ours(member)) && !are_all(member, PRINTABLE) {
                return Err(TracestateError::NotPrintable);
            }
        }
        if is_ours(piece) && index == 0 {
            list.joined_vendors = all.get(piece.len() + 1..);
        } else if is_ours(member) || member.len() != piece.len() || member.is_empty() {
            list.joined_vendors = None;
        }
    }
    list.has_vendors = !list.is_malformed && list.count <= MAX_MEMBERS;
    Ok(list)
}

impl<'a> Tracestate<'a> {
    /// Reads our member.
    pub(super) fn ours(&self) -> DdMember<'a> {
        self.ours.map(|value| DdMember::parse(text(value))).unwrap_or_default()
    }

    /// Returns the members of other vendors, joined; `None` if there are none.
    pub(super) fn vendors(&self) -> Option<Cow<'a, [u8]>> {
        match self.joined_vendors {
            _ if !self.has_vendors => None,
            Some([]) => None,
            Some(joined) => Some(Cow::Borrowed(joined)),
            None => {
                self.joined(|member| !is_ours(member)).map(|list| Cow::Owned(list.into_bytes()))
            }
        }
    }

    /// Returns all members that count, joined, with ours in its place; `None` if there are none.
    pub(super) fn normalized(&self) -> Option<String> {
        self.joined(|member| is_ours(member) || self.has_vendors)
    }

    fn joined(&self, is_wanted: impl Fn(&str) -> bool) -> Option<String> {
        let mut joined = String::new();
        for member in members(text(self.header)).filter(|member| is_wanted(member)) {
            push_member(&mut joined, member);
        }
        (!joined.is_empty()).then_some(joined)
    }
}

/// A part of a list, which was checked to be ASCII.
fn text(part: &[u8]) -> &str {
    str::from_utf8(part).unwrap_or_default()
}

/// Appends a list: our member, which is already at the end of `text` from `start` on,
/// OpenTelemetry's, and as many members of other vendors as may follow them.
pub(super) fn write_others(
    text: &mut ValueText,
    start: usize,
    vendors: &str,
    probability: Probability,
) {
    // One malformed member discards the whole list, as in reading.
    let list = parse(vendors.as_bytes()).ok().filter(|list| !list.is_malformed).unwrap_or_default();
    if list.ot.is_some() || probability != Probability::Received {
        let received = self::text(list.ot.unwrap_or_default());
        ot_member::write(text, start, received, probability);
    }
    if list.header.is_empty() {
        return;
    }
    let bytes = text.len() - start + 1 + vendors.len();
    let is_whole = list.joined_vendors == Some(vendors.as_bytes()) && list.ot.is_none();
    // A list from a peer nearly always fits unchanged.
    if is_whole && list.count + OWN_MEMBERS <= MAX_MEMBERS && bytes <= MAX_BYTES {
        if text.len() > start {
            text.push(b',');
        }
        text.push_str(vendors);
        return;
    }
    let before = text.text(start, text.len());
    let kept = Kept::of(vendors, members(before).count(), before.len());
    let (mut long, mut short) = (0, 0);
    for member in others(vendors) {
        let (seen, kept) =
            if is_long(member) { (&mut long, kept.long) } else { (&mut short, kept.short) };
        *seen += 1;
        if *seen <= kept {
            if text.len() > start {
                text.push(b',');
            }
            text.push_str(member);
        }
    }
}

/// The numbers of long and of short members that an outgoing list keeps, from the first on.
#[derive(Clone, Copy, Default)]
struct Kept {
    long: usize,
    short: usize,
}

impl Kept {
    /// `members_before` and `bytes_before` count our member and OpenTelemetry's.
    fn of(vendors: &str, members_before: usize, bytes_before: usize) -> Self {
        let (mut kept, mut bytes) = (Self::default(), bytes_before);
        for member in others(vendors) {
            *kept.place(is_long(member)) += 1;
            bytes += member.len() + 1;
        }
        bytes -= usize::from(members_before == 0 && bytes > 0); // The first has no comma.
        for is_long_turn in [true, false] {
            for member in others(vendors).rev().filter(|member| is_long(member) == is_long_turn) {
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
    list.split(',').map(trim_text).filter(|member| !member.is_empty())
}

/// Returns the members that are neither ours nor OpenTelemetry's.
fn others(list: &str) -> impl DoubleEndedIterator<Item = &str> {
    members(list).filter(|member| !is_ours(member) && !member.starts_with(ot_member::KEY))
}

fn push_member(list: &mut String, member: &str) {
    if !list.is_empty() {
        list.push(',');
    }
    list.push_str(member);
}

fn is_ours(member: &str) -> bool {
    member.starts_with(dd_member::KEY)
}

fn is_long(member: &str) -> bool {
    member.len() > LONG_MEMBER_BYTES
}

/// Whether this is a well-formed member of another vendor, if it is not ours.
fn is_vendors(member: &str) -> bool {
    let Some((key, value)) = member.split_at_checked(leading(member, VENDOR_KEY)) else {
        return false;
    };
    let Some(value) = value.strip_prefix('=') else { return false };
    is_first_of_key(key.as_bytes())
        && key.len() <= MAX_PART_BYTES
        && (1..=MAX_PART_BYTES).contains(&value.len())
        && are_all(value, VENDOR_VALUE)
        && !value.ends_with(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_text(header: &str) -> Result<Tracestate<'_>, TracestateError> {
        parse(header.as_bytes())
    }

    fn vendors(header: &str) -> Option<String> {
        let vendors = parse_text(header).unwrap().vendors();
        vendors.map(|list| String::from_utf8(list.into_owned()).unwrap())
    }

    #[test]
    fn members_of_other_vendors_stay_if_all_fit_the_grammar() {
        let (key, value) = ("k".repeat(256), "v".repeat(256));
        let longest = format!("{key}={value}");
        #[rustfmt::skip]
        let table = [
            // header                          members of others
            (" foo=1 \t,\tbar=2 ",             Some("foo=1,bar=2")),
            ("foo=1,,bar=2, ,",                Some("foo=1,bar=2")),
            ("foo=1,foo=2",                    Some("foo=1,foo=2")),
            ("foo= 1 2",                       Some("foo= 1 2")),
            ("0a_-*/@z=!~",                    Some("0a_-*/@z=!~")),
            (&longest,                         Some(longest.as_str())),
            ("dd=s:1,foo=1,dd=s:2",            Some("foo=1")),
            ("ddx=1,d=2",                      Some("ddx=1,d=2")),
            ("dd=\"=~,foo=1",                  Some("foo=1")), // Our member is checked on its own.
            ("",                               None),
        ];
        for (header, expected) in table {
            assert_eq!(vendors(header).as_deref(), expected, "{header:?}");
        }
    }

    #[test]
    fn one_malformed_member_discards_those_of_all_other_vendors_and_keeps_ours() {
        let (key, value) = ("k".repeat(257), "v".repeat(257));
        let (long_key, long_value) = (format!("{key}=1"), format!("k={value}"));
        #[rustfmt::skip]
        let malformed = [
            "DD=1", "foo", "foo=", "foo= ", "foo=1=2", "foo =1", "=1", "_a=1", "@a=1", "Foo=1",
            "f.o=1", "dd", "Dd=1", &long_key, &long_value,
        ];
        for member in malformed {
            for list in [
                format!("{member},dd=p:5,bar=2"),
                format!("dd=p:5,bar=2,{member}"),
                format!("bar=2,{member},dd=p:5"),
            ] {
                let tracestate = parse_text(&list).unwrap();
                // A value loses the blanks at its end, and may be empty then.
                assert!(tracestate.is_malformed, "{list:?}");
                assert_eq!(tracestate.vendors(), None, "{list:?}");
                assert_eq!(tracestate.ours().last_parent_id, Some("5"), "{list:?}");
                assert_eq!(tracestate.normalized().as_deref(), Some("dd=p:5"), "{list:?}");
            }
            assert_eq!(outgoing("dd=s:1", &["foo=1".to_owned(), member.to_owned()]), "dd=s:1");
        }
    }

    #[test]
    fn one_unprintable_character_discards_the_list() {
        for header in ["dd=s:2,foo=\u{e9}", "foo=a\tb", "foo=1\r\n", "\u{7f}", "foo=1,\0"] {
            assert_eq!(
                parse_text(header).unwrap_err(),
                TracestateError::NotPrintable,
                "{header:?}"
            );
        }
        assert_eq!(parse(b"foo=\xff").unwrap_err(), TracestateError::NotPrintable);
    }

    #[test]
    fn of_more_than_32_members_only_ours_is_kept() {
        let list = |count: usize| {
            let others: Vec<_> = (1..count).map(|number| format!("k{number}=1")).collect();
            format!("{},,dd=p:5", others.join(","))
        };
        for (count, members_of_others) in [(31, 30), (32, 31), (33, 0)] {
            let list = list(count);
            let tracestate = parse_text(&list).unwrap();
            let vendors = tracestate.vendors().unwrap_or_default();
            assert_eq!(members(text(&vendors)).count(), members_of_others, "{count} members");
            assert_eq!(tracestate.ours().last_parent_id, Some("5"));
            assert!(tracestate.normalized().unwrap().ends_with("dd=p:5"));
        }
    }

    #[test]
    fn a_link_carries_all_members_that_count() {
        let tracestate = parse_text(" foo=1 ,, dd=s:1,dd=s:2,bar=2").unwrap();
        assert_eq!(tracestate.normalized().unwrap(), "foo=1,dd=s:1,dd=s:2,bar=2");
        assert_eq!(parse_text(" , ").unwrap().normalized(), None);
    }

    /// Returns a member of exactly this many bytes.
    fn sized(key: &str, bytes: usize) -> String {
        format!("{key}={}", "x".repeat(bytes - key.len() - 1))
    }

    fn outgoing(ours: &str, others: &[String]) -> String {
        let mut text = ValueText::from(&*format!("before{ours}"));
        write_others(&mut text, "before".len(), &others.join(","), Probability::Received);
        text.text("before".len(), text.len()).to_owned()
    }

    #[test]
    fn beyond_32_members_long_ones_are_left_out_first_and_then_the_last() {
        let short = |count| (0..count).map(|number| format!("s{number}=1")).collect::<Vec<_>>();
        let with = |mut list: Vec<String>, at: usize, bytes: usize| {
            list.insert(at, sized("l", bytes));
            list
        };
        let without_last = |mut list: Vec<String>| {
            list.pop();
            list
        };
        #[rustfmt::skip]
        let table = [
            // ours     members of others                 kept
            ("dd=s:1",  short(31),                        short(31)),
            ("dd=s:1",  short(32),                        short(31)),
            ("",        short(32),                        short(32)),
            ("",        short(33),                        short(32)),
            ("dd=s:1",  with(short(30), 3, 129),          with(short(30), 3, 129)),
            ("dd=s:1",  with(short(31), 0, 129),          short(31)),
            ("dd=s:1",  with(short(31), 0, 128),          without_last(with(short(31), 0, 128))),
            ("dd=s:1",  with(with(short(30), 9, 200), 0, 129), with(short(30), 0, 129)),
            ("dd=s:1",  with(with(short(33), 9, 200), 0, 129), short(31)),
        ];
        for (ours, others, kept) in table {
            let ours_first = (!ours.is_empty()).then(|| ours.to_owned());
            let expected: Vec<_> = ours_first.into_iter().chain(kept).collect();
            assert_eq!(outgoing(ours, &others), expected.join(","), "{ours:?} {others:?}");
        }
    }

    #[test]
    fn the_member_of_opentelemetry_is_second_and_never_left_out() {
        let short = |count| (0..count).map(|number| format!("s{number}=1")).collect::<Vec<_>>();
        let long = format!("ot=th:c;x:{}", "x".repeat(200));
        let own = Probability::Decided { randomness: 1, threshold: 0 };
        let written = "ot=rv:00000000000001;th:0";
        #[rustfmt::skip]
        let table = [
            // member   received ones   probability            members kept
            ("",        short(30),      own,                   [vec![written.to_owned()], short(30)]),
            ("",        short(31),      own,                   [vec![written.to_owned()], short(30)]),
            ("",        short(31),      Probability::Received, [vec![], short(31)]),
            (&*long,    short(30),      Probability::Received, [vec![long.clone()], short(30)]),
            (&*long,    short(31),      Probability::Received, [vec![long.clone()], short(30)]),
            ("ot=th:C", short(31),      Probability::Received, [vec![], short(31)]),
        ];
        for (member, others, probability, kept) in table {
            let mut list = others.clone();
            list.extend((!member.is_empty()).then(|| member.to_owned()));
            let mut text = ValueText::from("dd=s:1");
            write_others(&mut text, 0, &list.join(","), probability);
            let expected = [vec!["dd=s:1".to_owned()], kept.concat()].concat();
            assert_eq!(
                text.into_string(),
                expected.join(","),
                "{member:?} {} members",
                others.len()
            );
        }
        // Nothing of ours before it: then it is the first.
        let mut text = ValueText::new();
        write_others(&mut text, 0, "foo=1,ot=th:c", Probability::Received);
        assert_eq!(text.into_string(), "ot=th:c,foo=1");
    }

    #[test]
    fn beyond_4096_bytes_long_ones_are_left_out_first_and_then_the_last() {
        // 31 members take 31 * 128 bytes and 30 commas: 3998.
        let bulk: Vec<_> = (10..41).map(|number| sized(&format!("k{number}"), 128)).collect();
        let with_long = |bytes: usize| {
            let mut list = bulk[..30].to_vec();
            list.insert(0, sized("l", bytes));
            list
        };
        let with_last = |bytes: usize| [bulk.as_slice(), &[sized("z", bytes)]].concat();
        #[rustfmt::skip]
        let table = [
            // ours           members of others  bytes kept
            (sized("dd", 97),  bulk.clone(),      4096),
            (sized("dd", 98),  bulk.clone(),      4097 - 129),
            (String::new(),    with_last(97),     4096),
            (String::new(),    with_last(98),     3998),
            (sized("dd", 96),  with_long(129),    4096),
            (sized("dd", 97),  with_long(129),    4097 - 130),
        ];
        for (ours, others, bytes) in table {
            let text = outgoing(&ours, &others);
            assert_eq!(text.len(), bytes, "{} bytes of ours, {others:?}", ours.len());
            assert!(text.starts_with(&ours));
        }
    }

    #[test]
    fn the_fast_path_and_the_slow_one_agree() {
        let many = vec!["k=1"; 33].join(",");
        let long = format!("k={}", "v".repeat(257));
        #[rustfmt::skip]
        let lists = [
            "", "dd=", "dd=s:1", "dd=s:1 ", "dd=s:1,", "dd=s:1,foo=1", "foo=1", "foo=1,dd=s:1",
            "dd=s:1,dd=s:2", "dd=s:1=2,foo=1", "foo=1,bar=2", "foo=1 ,bar=2", "foo= 1,bar=2",
            "foo=,bar=2", "dd=s:1,ot=th:1,foo=1,ot=th:2", "dd=s:1,otx=th:1", "@foo=1", "Foo=1", "ddx=1", "foo=1,,bar=2", "dd=\t,foo=1", &many, &long,
        ];
        for list in lists {
            let any = parse_any(list);
            let Some(fast) = as_written(list.as_bytes()) else { continue };
            let any = any.unwrap();
            assert_eq!((fast.ours, fast.vendors()), (any.ours, any.vendors()), "{list:?}");
            assert_eq!(fast.normalized(), any.normalized(), "{list:?}");
            assert_eq!((fast.count, fast.is_malformed), (any.count, any.is_malformed), "{list:?}");
            assert_eq!(fast.ot, any.ot, "{list:?}");
        }
        let usual = ["dd=s:1;p:1,foo=1", "foo=1,bar=2", "dd=s:1"];
        assert!(usual.iter().all(|list| as_written(list.as_bytes()).is_some()));
    }
}
