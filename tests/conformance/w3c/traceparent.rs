//! The `traceparent` header: which is continued, and which starts a new trace.

use crate::harness::Harness;

const TRACE: &str = "12345678901234567890123456789012";
const PARENT: &str = "1234567890123456";
const VALID: &str = "00-12345678901234567890123456789012-1234567890123456-01";

/// A rule, the headers that come, whether their trace is continued.
type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], bool);

/// Sends each value, and names the rules that do not hold.
async fn check(rows: &[Row<'_>]) {
    let harness = Harness::start().await;
    let mut failures = Vec::new();
    for (rule, headers, is_continued) in rows {
        let call = harness.call(headers).await;
        let is_same = call.trace_id == TRACE;
        let is_new_parent = call.parent_id != PARENT;
        if is_same != *is_continued || !is_new_parent {
            failures.push(format!("{rule}: sent {}-{}", call.trace_id, call.parent_id));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[tokio::test]
async fn a_request_without_one_starts_a_trace() {
    check(&[("nothing", &[], false), ("an empty one", &[("traceparent", "")], false)]).await;
}

#[tokio::test]
async fn it_is_found_by_its_name_in_any_case() {
    #[rustfmt::skip]
    check(&[
        ("lower case",               &[("traceparent", VALID)],                 true),
        ("capitals",                 &[("TraceParent", VALID)],                 true),
        ("mixed",                    &[("TrAcEpArEnT", VALID)],                 true),
        ("upper case",               &[("TRACEPARENT", VALID)],                 true),
        ("with a dash",              &[("trace-parent", VALID)],                false),
        ("with a point",             &[("trace.parent", VALID)],                false),
    ])
    .await;
}

#[tokio::test]
async fn more_than_one_line_counts_as_none() {
    let other = "00-12345678901234567890123456789011-1234567890123456-01";
    let harness = Harness::start().await;
    for lines in [[VALID, other], [other, VALID], [VALID, VALID]] {
        let call = harness.call(&lines.map(|line| ("traceparent", line))).await;
        assert_ne!(call.trace_id, TRACE, "{lines:?}");
        assert_ne!(call.trace_id, other[3..35], "{lines:?}");
    }
}

#[tokio::test]
async fn versions_are_read_by_the_rules_for_each() {
    #[rustfmt::skip]
    check(&[
        ("00 ends after the flags: .",  &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-01.")], false),
        ("00 ends after the flags: -x", &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like")], false),
        ("cc is read like 00",          &[("traceparent", "cc-12345678901234567890123456789012-1234567890123456-01")], true),
        ("cc may go on after a dash",   &[("traceparent", "cc-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like")], true),
        ("cc may end with a dash",      &[("traceparent", "cc-12345678901234567890123456789012-1234567890123456-01-")], true),
        ("cc goes on with a dash only", &[("traceparent", "cc-12345678901234567890123456789012-1234567890123456-01.what-the-future-will-be-like")], false),
        ("ff is invalid",               &[("traceparent", "ff-12345678901234567890123456789012-1234567890123456-01")], false),
        ("hex, first digit",            &[("traceparent", ".0-12345678901234567890123456789012-1234567890123456-01")], false),
        ("hex, second digit",           &[("traceparent", "0.-12345678901234567890123456789012-1234567890123456-01")], false),
        ("lower case",                  &[("traceparent", "CC-12345678901234567890123456789012-1234567890123456-01")], false),
        ("three digits",                &[("traceparent", "000-12345678901234567890123456789012-1234567890123456-01")], false),
        ("four digits",                 &[("traceparent", "0000-12345678901234567890123456789012-1234567890123456-01")], false),
        ("one digit",                   &[("traceparent", "0-12345678901234567890123456789012-1234567890123456-01")], false),
    ])
    .await;
}

#[tokio::test]
async fn a_trace_id_is_32_lowercase_digits_and_not_zero() {
    let harness = Harness::start().await;
    for id in [
        "00000000000000000000000000000000",
        ".2345678901234567890123456789012",
        "1234567890123456789012345678901.",
        "1234567890123456789012345678901A",
        "123456789012345678901234567890123",
        "1234567890123456789012345678901",
    ] {
        let call = harness.call(&[("traceparent", &format!("00-{id}-{PARENT}-01"))]).await;
        assert_ne!(call.trace_id, id.to_lowercase());
        assert!(!call.trace_id.contains("34567890123456789"), "{id} became {}", call.trace_id);
    }
}

#[tokio::test]
async fn a_parent_id_is_16_lowercase_digits_and_not_zero() {
    let harness = Harness::start().await;
    for id in [
        "0000000000000000",
        ".234567890123456",
        "123456789012345.",
        "123456789012345A",
        "12345678901234567",
        "123456789012345",
    ] {
        let call = harness.call(&[("traceparent", &format!("00-{TRACE}-{id}-01"))]).await;
        assert_ne!(call.trace_id, TRACE, "{id}");
    }
}

#[tokio::test]
async fn flags_are_two_lowercase_digits_of_which_two_bits_count() {
    let harness = Harness::start().await;
    for flags in [".0", "0.", "001", "1", "0A", ""] {
        let call = harness.call(&[("traceparent", &format!("00-{TRACE}-{PARENT}-{flags}"))]).await;
        assert_ne!(call.trace_id, TRACE, "{flags:?}");
    }
    for (flags, sent) in
        [("00", "00"), ("01", "01"), ("02", "02"), ("03", "03"), ("fc", "00"), ("ff", "03")]
    {
        let call = harness.call(&[("traceparent", &format!("00-{TRACE}-{PARENT}-{flags}"))]).await;
        assert_eq!((call.trace_id.as_str(), call.flags.as_str()), (TRACE, sent), "{flags}");
    }
}

#[tokio::test]
async fn blanks_around_it_do_not_count() {
    #[rustfmt::skip]
    check(&[
        ("a space before",        &[("traceparent", " 00-12345678901234567890123456789012-1234567890123456-01")],         true),
        ("a tab before",          &[("traceparent", "\t00-12345678901234567890123456789012-1234567890123456-01")],        true),
        ("a space after",         &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-01 ")],         true),
        ("a tab after",           &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-01\t")],        true),
        ("both on both sides",    &[("traceparent", "\t 00-12345678901234567890123456789012-1234567890123456-01 \t")],    true),
        ("not inside",            &[("traceparent", "00- 12345678901234567890123456789012-1234567890123456-01")],         false),
    ])
    .await;
}

#[tokio::test]
async fn each_call_of_one_request_has_a_parent_of_its_own() {
    let harness = Harness::start().await;
    let valid = [("traceparent", VALID)];
    let invalid = [("traceparent", "00-00000000000000000000000000000000-1234567890123456-01")];
    for (headers, is_continued) in [(&valid[..], true), (&invalid, false), (&[], false)] {
        let calls = harness.calls(headers, 3).await;
        assert!(calls.iter().all(|call| (call.trace_id == TRACE) == is_continued));
        // Beyond the W3C's suite: one request is one trace, also where that begins here.
        assert!(calls.iter().all(|call| call.trace_id == calls[0].trace_id));
        let mut parents: Vec<_> = calls.iter().map(|call| call.parent_id.as_str()).collect();
        parents.sort_unstable();
        parents.dedup();
        assert_eq!(parents.len(), 3);
        assert!(!parents.contains(&PARENT));
    }
}

#[tokio::test]
async fn a_trace_that_begins_here_does_not_claim_a_random_id() {
    let harness = Harness::start().await;
    let invalid = [("traceparent", "00-00000000000000000000000000000000-1234567890123456-03")];
    for headers in [&invalid[..], &[]] {
        let call = harness.call(headers).await;
        assert!(matches!(call.flags.as_str(), "00" | "01"), "{}", call.flags);
    }
}

#[tokio::test]
async fn the_random_flag_goes_into_every_call_of_the_trace() {
    let harness = Harness::start().await;
    for flags in ["02", "03"] {
        let traceparent = format!("00-{TRACE}-{PARENT}-{flags}");
        let calls = harness.calls(&[("traceparent", &traceparent)], 3).await;
        assert!(calls.iter().all(|call| call.flags == flags), "{flags}");
    }
}
