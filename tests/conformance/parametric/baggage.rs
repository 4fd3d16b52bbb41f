//! Style `baggage`: [W3C Baggage](https://www.w3.org/TR/baggage/) in headers, by the API, and as tags.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::{App, Env, Ids};

impl App {
    async fn set_baggage(&self, span: Ids, key: &str, value: &str) {
        let request = json!({ "span_id": span.span_id, "key": key, "value": value });
        self.post("/trace/span/set_baggage", request).await;
    }

    async fn baggage(&self, span: Ids, key: &str) -> Value {
        let request = json!({ "span_id": span.span_id, "key": key });
        self.get("/trace/span/get_baggage", request).await["baggage"].take()
    }

    async fn all_baggage(&self, span: Ids) -> Value {
        let request = json!({ "span_id": span.span_id });
        self.get("/trace/span/get_all_baggage", request).await["baggage"].take()
    }
}

#[tokio::test]
async fn a_baggage_header_is_read_by_its_grammar() {
    let Some(app) = App::start(&[]).await else { return };
    #[rustfmt::skip]
    let table = [
        // rule                                             header                                 items
        ("one item",                                        "foo=bar",                             json!({ "foo": "bar" })),
        ("several, with blanks around",                     " foo = bar , a=b\t",                  json!({ "foo": "bar", "a": "b" })),
        ("what is encoded is decoded",                      "user=Am%C3%A9lie,serverNode=DF%2028", json!({ "user": "Amélie", "serverNode": "DF 28" })),
        ("a blank in a value is accepted",                  "serverNode=DF 28",                    json!({ "serverNode": "DF 28" })),
        ("keys are decoded as well",                        "%22%2C%3B%5C%28=1",                   json!({ "\",;\\(": "1" })),
        ("a plus is a plus",                                "a=1+1",                               json!({ "a": "1+1" })),
        ("a broken escape stays",                           "a=%zz%",                              json!({ "a": "%zz%" })),
        ("properties are not part of the value",            "a=1;property=x;y,b=2",                json!({ "a": "1", "b": "2" })),
        ("the value goes from the first =",                 "a=b=c",                               json!({ "a": "b=c" })),
        ("the last of equal keys counts",                   "a=1,a=2",                             json!({ "a": "2" })),
        ("keys differ by case",                             "a=1,A=2",                             json!({ "a": "1", "A": "2" })),
        ("without = there is no baggage at all",            "no-equal-sign,foo=gets-dropped",      json!({})),
        ("nor where it comes later",                        "foo=gets-dropped,no-equal-sign",      json!({})),
        ("an empty key drops all",                          "=no-key,foo=bar",                     json!({})),
        ("an empty value drops all",                        "no-value=,foo=bar",                   json!({})),
        ("an empty member does not count",                  "foo=bar,, ,a=1,",                     json!({ "foo": "bar", "a": "1" })),
        ("an empty header is none",                         "",                                    json!({})),
    ];
    for (rule, header, items) in table {
        let parent = app.extract(&[("baggage", header)]).await;
        assert_eq!(parent.is_some(), items != json!({}), "{rule}");
        let span = app.span_with(json!({ "name": "hop", "parent_id": parent })).await;
        assert_eq!(app.all_baggage(span).await, items, "{rule}: {header}");
    }
}

#[tokio::test]
async fn lines_of_baggage_are_joined_and_names_are_read_in_any_case() {
    let Some(app) = App::start(&[]).await else { return };
    let parent = app.extract(&[("Baggage", "a=1"), ("BAGGAGE", "b=2")]).await.unwrap();
    let span = app.child("hop", parent).await;
    assert_eq!(app.all_baggage(span).await, json!({ "a": "1", "b": "2" }));
}

#[tokio::test]
async fn baggage_is_encoded_where_it_has_to_be_and_keeps_its_order() {
    let Some(app) = App::start(&[]).await else { return };
    let span = app.span("root").await;
    for (key, value) in [
        ("userId", "Amélie"),
        ("z \",;\\()/:<=>?@[]{}", "\",;\\()/:<=>?@[]{}"),
        ("percent", "100%"),
        ("plain", "!#$&'*+-.^_`|~09azAZ"),
    ] {
        app.set_baggage(span, key, value).await;
    }
    let expected = "userId=Am%C3%A9lie,\
        z%20%22%2C%3B%5C%28%29%2F%3A%3C%3D%3E%3F%40%5B%5D%7B%7D=%22%2C%3B%5C()/:<%3D>?@[]{},\
        percent=100%25,plain=!#$&'*+-.^_`|~09azAZ";
    assert_eq!(app.inject(span).await.get("baggage"), Some(expected));
}

#[tokio::test]
async fn baggage_has_limits_in_items_and_bytes() {
    let Some(app) = App::start(&[]).await else { return };
    let many = app.span("many").await;
    for item in 0..66 {
        app.set_baggage(many, &format!("k{item:02}"), "v").await;
    }
    let header = app.inject(many).await;
    assert_eq!(header.get("baggage").unwrap().split(',').count(), 64);
    assert!(header.get("baggage").unwrap().ends_with("k63=v"));

    let long = app.span("long").await;
    app.set_baggage(long, "a", "1").await;
    app.set_baggage(long, "b", &"x".repeat(8192)).await;
    assert_eq!(app.inject(long).await.get("baggage"), Some("a=1"));

    let exact = app.span("exact").await;
    app.set_baggage(exact, "a", &"x".repeat(8190)).await;
    assert_eq!(app.inject(exact).await.get("baggage").map(str::len), Some(8192));
}

#[tokio::test]
async fn limits_of_baggage_can_be_set() {
    let env = [("DD_TRACE_BAGGAGE_MAX_ITEMS", "2"), ("DD_TRACE_BAGGAGE_MAX_BYTES", "8")];
    let Some(app) = App::start(&env).await else { return };
    let (_, injected) = app.hop(&[("baggage", "a=1,b=2,c=3")]).await;
    assert_eq!(injected.get("baggage"), Some("a=1,b=2"));
    let (_, injected) = app.hop(&[("baggage", "a=1,b=23456")]).await;
    assert_eq!(injected.get("baggage"), Some("a=1"));
}

#[tokio::test]
async fn baggage_is_read_changed_and_removed_by_the_api() {
    let Some(app) = App::start(&[]).await else { return };
    let span = app.span("root").await;
    let id = span.span_id;
    assert_eq!(app.all_baggage(span).await, json!({}));
    app.set_baggage(span, "foo", "bar").await;
    app.set_baggage(span, "baz", "qux").await;
    assert_eq!(app.baggage(span, "foo").await, json!("bar"));
    assert_eq!(app.baggage(span, "Foo").await, Value::Null);
    app.post("/trace/span/remove_baggage", json!({ "span_id": id, "key": "foo" })).await;
    assert_eq!(app.all_baggage(span).await, json!({ "baz": "qux" }));
    app.post("/trace/span/remove_all_baggage", json!({ "span_id": id })).await;
    assert_eq!(app.all_baggage(span).await, json!({}));
    assert_eq!(app.inject(span).await.get("baggage"), None);
}

#[tokio::test]
async fn a_span_starts_with_the_baggage_of_its_parent_and_keeps_its_own_to_itself() {
    let Some(app) = App::start(&[]).await else { return };
    let root = app.span("root").await;
    app.set_baggage(root, "a", "1").await;
    let child = app.child("child", root.span_id).await;
    app.set_baggage(child, "b", "2").await;
    app.set_baggage(root, "c", "3").await;
    assert_eq!(app.all_baggage(child).await, json!({ "a": "1", "b": "2" }));
    assert_eq!(app.all_baggage(root).await, json!({ "a": "1", "c": "3" }));
}

#[tokio::test]
async fn baggage_of_a_finished_span_can_still_be_read() {
    let Some(app) = App::start(&[]).await else { return };
    let span = app.span("root").await;
    app.set_baggage(span, "a", "1").await;
    app.finish(span).await;
    assert_eq!(app.baggage(span, "a").await, json!("1"));
    assert_eq!(app.inject(span).await.get("baggage"), Some("a=1"));
}

#[tokio::test]
async fn baggage_without_a_trace_belongs_to_a_new_one() {
    let Some(app) = App::start(&[]).await else { return };
    let (span, injected) = app.hop(&[("baggage", "a=1")]).await;
    assert_eq!(injected.get("baggage"), Some("a=1"));
    let sent = app.only_span().await;
    assert_eq!((sent.trace_id, sent.parent_id), (span.trace_id, 0));
}

#[tokio::test]
async fn baggage_travels_only_where_its_style_is_listed() {
    #[rustfmt::skip]
    let table = [
        // rule                            extract                     inject                sent on
        ("read and written",               "datadog,baggage",          "datadog,baggage",    Some("a=1")),
        ("at any place in the list", "baggage,datadog",          "baggage",            Some("a=1")),
        ("not read",                       "datadog,tracecontext",     "datadog,baggage",    None),
        ("not written",                    "datadog,baggage",          "datadog",            None),
    ];
    for (rule, extract, inject, sent) in table {
        let env = [
            ("DD_TRACE_PROPAGATION_STYLE_EXTRACT", extract),
            ("DD_TRACE_PROPAGATION_STYLE_INJECT", inject),
            ("DD_TRACE_PROPAGATION_EXTRACT_FIRST", "true"),
        ];
        let Some(app) = App::start(&env).await else { return };
        let incoming =
            [("x-datadog-trace-id", "7"), ("x-datadog-parent-id", "8"), ("baggage", "a=1")];
        let (_, injected) = app.hop(&incoming).await;
        assert_eq!(injected.get("baggage"), sent, "{rule}");
        assert_eq!(app.only_span().await.trace_id, 7, "{rule}");
    }
}

#[tokio::test]
async fn received_baggage_becomes_tags_of_the_local_root_as_configured() {
    const KEYS: &str = "DD_TRACE_BAGGAGE_TAG_KEYS";
    #[rustfmt::skip]
    let table: [(&str, Env<'_>, &[&str]); 6] = [
        ("user, session and account by default", &[],                          &["account.id", "session.id", "user.id"]),
        ("none where the list is empty",         &[(KEYS, "")],                &[]),
        ("these alone",                          &[(KEYS, "other, User.id")],  &["other"]),
        ("all",                                  &[(KEYS, "*")],               &["account.id", "feature-flag", "other", "session.id", "user.id"]),
        ("all, also in a list",                  &[(KEYS, "x,*")],             &["account.id", "feature-flag", "other", "session.id", "user.id"]),
        ("a star in a name is a letter",         &[(KEYS, "feature*flag")],    &[]),
    ];
    let header = "user.id=u,session.id=s,account.id=c,other=o,feature-flag=f";
    let items: BTreeMap<_, _> = header.split(',').filter_map(|item| item.split_once('=')).collect();
    for (rule, env, expected) in table {
        let Some(app) = App::start(env).await else { return };
        let parent = app.extract(&[("baggage", header)]).await.unwrap();
        let root = app.child("root", parent).await;
        app.set_baggage(root, "user.id", "later").await;
        let child = app.child("child", root.span_id).await;
        app.finish(child).await;
        app.finish(root).await;
        for span in app.spans().await {
            let tags = span
                .meta
                .iter()
                .filter_map(|(key, value)| Some((key.strip_prefix("baggage.")?, value.as_str())));
            let expected = expected.iter().map(|key| (*key, items[key]));
            let expected: Vec<_> =
                if span.span_id == root.span_id { expected.collect() } else { Vec::new() };
            assert_eq!(tags.collect::<Vec<_>>(), expected, "{rule}");
        }
    }
}

#[tokio::test]
async fn old_baggage_headers_are_read_and_written_where_asked_for() {
    let incoming =
        [("x-datadog-trace-id", "7"), ("x-datadog-parent-id", "8"), ("ot-baggage-Foo", "bar")];
    for (enabled, sent) in [("true", Some("bar")), ("false", None)] {
        let env = [("DD_TRACE_PROPAGATION_HTTP_BAGGAGE_ENABLED", enabled)];
        let Some(app) = App::start(&env).await else { return };
        let (_, injected) = app.hop(&incoming).await;
        assert_eq!(injected.get("ot-baggage-foo"), sent, "{enabled}");
    }
}
