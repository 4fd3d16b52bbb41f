//! The `tracestate` header: members of other vendors go on in their order, all of them or none.

use crate::harness::Harness;

const TRACEPARENT: (&str, &str) =
    ("traceparent", "00-12345678901234567890123456789012-1234567890123456-00");
const TRACE: &str = "12345678901234567890123456789012";

/// Sends lines beside a valid traceparent, and names the rules that do not hold.
async fn check(rows: &[(&str, &[&str], &[&str])]) {
    let harness = Harness::start().await;
    let mut failures = Vec::new();
    for (rule, lines, expected) in rows {
        let mut headers = vec![TRACEPARENT];
        headers.extend(lines.iter().map(|line| ("tracestate", *line)));
        let call = harness.call(&headers).await;
        // A trace never suffers from its tracestate.
        if call.members != *expected || call.trace_id != TRACE {
            failures.push(format!("{rule}: {lines:?} became {:?}", call.members));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[tokio::test]
async fn without_a_valid_traceparent_it_is_ignored() {
    let harness = Harness::start().await;
    let invalid = ("traceparent", "00-00000000000000000000000000000000-1234567890123456-01");
    for headers in [&[("tracestate", "foo=1")][..], &[invalid, ("tracestate", "foo=1")]] {
        assert!(harness.call(headers).await.members.is_empty());
    }
}

#[tokio::test]
async fn it_is_found_by_its_name_in_any_case() {
    let harness = Harness::start().await;
    for (name, is_found) in [
        ("tracestate", true),
        ("TraceState", true),
        ("TrAcEsTaTe", true),
        ("TRACESTATE", true),
        ("trace-state", false),
        ("trace.state", false),
    ] {
        let call = harness.call(&[TRACEPARENT, (name, "foo=1")]).await;
        assert_eq!(!call.members.is_empty(), is_found, "{name}");
        assert_eq!(call.trace_id, TRACE, "{name}");
    }
}

#[tokio::test]
async fn lines_are_joined_in_their_order() {
    #[rustfmt::skip]
    check(&[
        ("one line",                   &["foo=1,bar=2"],                                &["foo=1", "bar=2"]),
        ("three lines",                &["foo=1,bar=2", "rojo=1,congo=2", "baz=3"],     &["foo=1", "bar=2", "rojo=1", "congo=2", "baz=3"]),
        ("an empty line",              &["foo=1", ""],                                  &["foo=1"]),
        ("an empty line first",        &["", "foo=1"],                                  &["foo=1"]),
        ("nothing but an empty line",  &[""],                                           &[]),
        ("empty members",              &["foo=1,,bar=2,", ",baz=3"],                    &["foo=1", "bar=2", "baz=3"]),
        ("repeated keys pass",         &["foo=1,foo=1"],                                &["foo=1", "foo=1"]),
        ("also with other values",     &["foo=1,foo=2"],                                &["foo=1", "foo=2"]),
        ("also in two lines",          &["foo=1", "foo=2"],                             &["foo=1", "foo=2"]),
    ])
    .await;
}

#[tokio::test]
async fn blanks_around_members_do_not_count() {
    #[rustfmt::skip]
    check(&[
        ("between, spaces first",  &["foo=1 \t , \t bar=2, \t baz=3"],       &["foo=1", "bar=2", "baz=3"]),
        ("between, tabs first",    &["foo=1\t \t,\t \tbar=2,\t \tbaz=3"],    &["foo=1", "bar=2", "baz=3"]),
        ("a space before",         &[" foo=1"],                              &["foo=1"]),
        ("a tab before",           &["\tfoo=1"],                             &["foo=1"]),
        ("a space after",          &["foo=1 "],                              &["foo=1"]),
        ("a tab after",            &["foo=1\t"],                             &["foo=1"]),
        ("both on both sides",     &["\t foo=1 \t"],                         &["foo=1"]),
        ("a line of blanks",       &[" \t ", "foo=1"],                       &["foo=1"]),
    ])
    .await;
}

#[tokio::test]
async fn all_allowed_characters_pass() {
    let key = "abcdefghijklmnopqrstuvwxyz0123456789_-*/";
    let value: String = (0x20..=0x7e_u8).map(char::from).filter(|c| !",=".contains(*c)).collect();
    // A blank at the start of a value belongs to it, one at the end does not.
    let of_key = format!("{key}={value}");
    let of_tenant = format!("{key}@a0_-*/={value}");
    let digits = format!("0{key}=1");
    #[rustfmt::skip]
    check(&[
        ("a simple key",              &[&of_key],                  &[&of_key]),
        ("a key with a tenant",       &[&of_tenant],               &[&of_tenant]),
        ("a key beginning with 0",    &[&digits],                  &[&digits]),
        ("both",                      &[&of_key, &of_tenant],      &[&of_key, &of_tenant]),
    ])
    .await;
}

#[tokio::test]
async fn one_member_with_a_wrong_key_discards_the_list() {
    #[rustfmt::skip]
    check(&[
        ("a blank",               &["foo =1,bar=2"],     &[]),
        ("upper case",            &["FOO=1,bar=2"],      &[]),
        ("a point",               &["foo.bar=1,bar=2"],  &[]),
        ("an empty tenant",       &["@foo=1,bar=2"],     &[]),
        ("an empty key",          &["=1,bar=2"],         &[]),
        ("no =",                  &["foo,bar=2"],        &[]),
        ("a first underscore",    &["_foo=1,bar=2"],     &[]),
    ])
    .await;
}

#[tokio::test]
async fn a_key_has_256_characters_at_most() {
    let longest = format!("{}=1", "z".repeat(256));
    let too_long = format!("{}=1", "z".repeat(257));
    let tenant = format!("{}@{}=1", "t".repeat(241), "v".repeat(14));
    let long_tenant = format!("{}@{}=1", "t".repeat(242), "v".repeat(14));
    #[rustfmt::skip]
    check(&[
        ("256",                    &["foo=1", &longest],        &["foo=1", &longest]),
        ("257",                    &["foo=1", &too_long],       &[]),
        ("241 and 14 of a tenant", &["foo=1", &tenant],         &["foo=1", &tenant]),
        ("257 with a tenant",      &["foo=1", &long_tenant],    &[]),
    ])
    .await;
}

#[tokio::test]
async fn one_member_with_a_wrong_value_discards_the_list() {
    let longest = format!("foo={}", "v".repeat(256));
    let too_long = format!("foo={}", "v".repeat(257));
    #[rustfmt::skip]
    check(&[
        ("an =",              &["foo=bar=baz,bar=3"],    &[]),
        ("empty",             &["foo=,bar=3"],           &[]),
        ("256 characters",    &[&longest, "bar=3"],      &[&longest, "bar=3"]),
        ("257 characters",    &[&too_long, "bar=3"],     &[]),
    ])
    .await;
}

#[tokio::test]
async fn there_are_32_members_at_most_with_ours() {
    let members = |range: std::ops::RangeInclusive<usize>| {
        range.map(|n| format!("bar{n:02}={n:02}")).collect::<Vec<_>>().join(",")
    };
    let harness = Harness::start().await;
    for (lines, sent) in [
        (vec![members(1..=31)], 31),
        // Ours is the 32nd, for which the last one makes room.
        (vec![members(1..=32)], 31),
        (vec![members(1..=10), members(11..=32)], 31),
        // More than W3C allows is none.
        (vec![members(1..=33)], 0),
        (vec![members(1..=10), members(11..=33)], 0),
    ] {
        let mut headers = vec![TRACEPARENT];
        headers.extend(lines.iter().map(|line| ("tracestate", line.as_str())));
        let call = harness.call(&headers).await;
        let expected = members(1..=31);
        let expected: Vec<_> = expected.split(',').take(sent).collect();
        assert_eq!(call.members, expected, "{lines:?}");
        assert_eq!(call.trace_id, TRACE);
    }
}

#[tokio::test]
async fn our_own_member_is_never_sent_twice() {
    #[rustfmt::skip]
    check(&[
        ("first",  &["dd=s:0;p:0123456789abcdef,foo=1"],    &["foo=1"]),
        ("last",   &["foo=1", "dd=s:0"],                    &["foo=1"]),
        ("twice",  &["dd=s:0,foo=1,dd=s:-1"],               &["foo=1"]),
    ])
    .await;
}

#[tokio::test]
async fn a_malformed_member_is_found_in_any_place_and_line() {
    #[rustfmt::skip]
    check(&[
        ("first",              &["@foo=1,bar=2"],            &[]),
        ("last",               &["bar=2,@foo=1"],            &[]),
        ("in the first line",  &["@foo=1", "bar=2"],         &[]),
        ("in the last line",   &["bar=2", "@foo=1"],         &[]),
        ("beside ours",        &["dd=s:0,bar=2,@foo=1"],     &[]),
        ("ours is not judged", &["dd=s:0;x:a=b,bar=2"],      &["bar=2"]),
    ])
    .await;
}
