//! Tags on the wire: service, environment, version, git, process, errors, and which span of a trace has them.

use packdog_tests::peers::Span;
use serde_json::json;

use crate::harness::{App, Env, Ids};

/// A root of the default service and a child of another one.
async fn two_services(env: &[(&str, &str)]) -> Option<[Span; 2]> {
    let app = App::start(env).await?;
    let root = app.span("root").await;
    let child = json!({ "name": "child", "parent_id": root.span_id, "service": "other" });
    let child = app.span_with(child).await;
    app.finish(child).await;
    app.finish(root).await;
    let spans = app.spans().await;
    let by = |span: Ids| spans.iter().find(|sent| sent.span_id == span.span_id).unwrap().clone();
    Some([by(root), by(child)])
}

#[tokio::test]
async fn spans_form_a_tree_with_their_fields() {
    let Some(app) = App::start(&[("DD_SERVICE", "shop")]).await else { return };
    let fields = json!({ "name": "operation", "resource": "/", "type": "web", "span_tags": [["a", "1"], ["a", "2"]] });
    let root = app.span_with(fields).await;
    let child = app.child("operation.child", root.span_id).await;
    app.set_meta(child, "key", "val").await;
    let metric = json!({ "span_id": child.span_id, "key": "number", "value": 1.5 });
    app.post("/trace/span/set_metric", metric).await;
    app.finish(child).await;
    app.finish(root).await;

    let traces = app.traces().await;
    let [spans] = traces.as_slice() else { panic!("{traces:#?}") };
    assert_eq!(spans.len(), 2);
    let sent = spans.iter().find(|span| span.span_id == root.span_id).unwrap();
    assert_eq!((sent.name.as_str(), sent.resource.as_str()), ("operation", "/"));
    assert_eq!((sent.service.as_str(), sent.span_type.as_deref()), ("shop", Some("web")));
    assert_eq!(sent.tag("a"), Some("2"));
    assert_eq!(sent.parent_id, 0);
    assert_eq!(sent.metric("_dd.top_level"), Some(1.0));
    assert_eq!(sent.tag("language"), Some("rust"));
    assert!(sent.metric("process_id").is_some_and(|id| id > 0.0));
    assert_eq!(sent.tag("runtime-id").map(str::len), Some(36));
    assert!(sent.duration > 0);

    let sent = spans.iter().find(|span| span.span_id == child.span_id).unwrap();
    assert_eq!(
        (sent.name.as_str(), sent.resource.as_str()),
        ("operation.child", "operation.child")
    );
    assert_eq!((sent.parent_id, sent.service.as_str()), (root.span_id, "shop"));
    assert_eq!((sent.tag("key"), sent.metric("number")), (Some("val"), Some(1.5)));
    assert_eq!(sent.metric("_dd.top_level"), None);
}

#[tokio::test]
async fn env_is_on_every_span_and_version_on_those_of_the_service() {
    let env = [("DD_SERVICE", "shop"), ("DD_ENV", "prod"), ("DD_VERSION", "1.2.3")];
    let Some([root, child]) = two_services(&env).await else { return };
    assert_eq!((root.tag("env"), root.tag("version")), (Some("prod"), Some("1.2.3")));
    assert_eq!((child.tag("env"), child.tag("version")), (Some("prod"), None));
    assert_eq!((root.tag("_dd.base_service"), child.tag("_dd.base_service")), (None, Some("shop")));
}

#[tokio::test]
async fn settings_that_are_unset_leave_no_tags() {
    let Some([root, child]) = two_services(&[]).await else { return };
    for tag in ["env", "version", "_dd.git.repository_url", "_dd.git.commit.sha", "_dd.hostname"] {
        assert_eq!((root.tag(tag), child.tag(tag)), (None, None), "{tag}");
    }
    assert_eq!(root.service, "parametric-server");
}

#[tokio::test]
async fn git_metadata_is_on_the_first_span_of_a_chunk_without_credentials() {
    #[rustfmt::skip]
    let table = [
        // configured                               sent
        ("https://github.com/user/repo",            "https://github.com/user/repo"),
        ("https://user@github.com/user/repo",       "https://github.com/user/repo"),
        ("https://user:secret@github.com/u/r.git",  "https://github.com/u/r.git"),
        ("ssh://user:secret@github.com/u/r.git",    "ssh://github.com/u/r.git"),
        ("git@github.com:user/repo.git",            "git@github.com:user/repo.git"),
    ];
    for (configured, url) in table {
        let env = [("DD_GIT_REPOSITORY_URL", configured), ("DD_GIT_COMMIT_SHA", "b51f08b6")];
        let Some([root, child]) = two_services(&env).await else { return };
        assert_eq!(root.tag("_dd.git.repository_url"), Some(url));
        assert_eq!(root.tag("_dd.git.commit.sha"), Some("b51f08b6"));
        assert_eq!(child.tag("_dd.git.repository_url"), None);
        assert_eq!(child.tag("_dd.git.commit.sha"), None);
    }
}

#[tokio::test]
async fn git_metadata_is_taken_from_dd_tags_too() {
    let tags = "git.repository_url:https://u:p@h/x,git.commit.sha:b51f08b6";
    let Some([root, child]) = two_services(&[("DD_TAGS", tags)]).await else { return };
    assert_eq!(root.tag("_dd.git.repository_url"), Some("https://h/x"));
    assert_eq!(root.tag("_dd.git.commit.sha"), Some("b51f08b6"));
    assert_eq!(child.tag("_dd.git.repository_url"), None);
}

#[tokio::test]
async fn git_metadata_can_be_switched_off() {
    let env = [("DD_GIT_COMMIT_SHA", "b51f08b6"), ("DD_TRACE_GIT_METADATA_ENABLED", "false")];
    let Some([root, _]) = two_services(&env).await else { return };
    assert_eq!(root.tag("_dd.git.commit.sha"), None);
}

#[tokio::test]
async fn the_host_is_on_the_local_root_where_it_was_asked_for() {
    const REPORTED: (&str, &str) = ("DD_TRACE_REPORT_HOSTNAME", "true");
    const NAMED: (&str, &str) = ("DD_HOSTNAME", "box");
    // The output of `uname -n`, which needs no variable.
    let uname = std::process::Command::new("uname").arg("-n").output().unwrap().stdout;
    let system = String::from_utf8(uname).unwrap();
    #[rustfmt::skip]
    let table: [(Env<'_>, Option<&str>); 3] = [
        (&[REPORTED, NAMED], Some("box")),
        (&[REPORTED],        Some(system.trim_end())),
        (&[NAMED],           None),
    ];
    for (env, host) in table {
        let Some([root, child]) = two_services(env).await else { return };
        assert_eq!((root.tag("_dd.hostname"), child.tag("_dd.hostname")), (host, None), "{env:?}");
    }
}

#[tokio::test]
async fn process_tags_are_on_the_first_span_of_a_chunk_unless_switched_off() {
    const VARIABLE: &str = "DD_EXPERIMENTAL_PROPAGATE_PROCESS_TAGS_ENABLED";
    let Some([root, child]) = two_services(&[("DD_SERVICE", "shop"), (VARIABLE, "true")]).await
    else {
        return;
    };
    let tags: Vec<_> = root.tag("_dd.tags.process").unwrap().split(',').collect();
    assert!(tags.is_sorted(), "{tags:?}");
    for expected in
        ["entrypoint.name:parametric-server", "entrypoint.type:executable", "svc.user:true"]
    {
        assert!(tags.contains(&expected), "{expected} is not in {tags:?}");
    }
    for prefix in ["entrypoint.workdir:", "entrypoint.basedir:"] {
        assert!(tags.iter().any(|tag| tag.starts_with(prefix)), "{prefix} is not in {tags:?}");
    }
    assert_eq!(child.tag("_dd.tags.process"), None);

    let Some([root, _]) = two_services(&[(VARIABLE, "false")]).await else { return };
    assert_eq!(root.tag("_dd.tags.process"), None);
}

#[tokio::test]
async fn a_service_without_a_configured_name_is_marked_automatic_in_process_tags() {
    let Some([root, _]) = two_services(&[]).await else { return };
    let tags = root.tag("_dd.tags.process").unwrap();
    assert!(tags.split(',').any(|tag| tag == "svc.auto:parametric-server"), "{tags}");
    assert!(!tags.contains("svc.user"), "{tags}");
}

#[tokio::test]
async fn reserved_tags_change_the_span_or_stay_tags() {
    let Some(app) = App::start(&[]).await else { return };
    let span = app.span("root").await;
    for (key, value) in [
        ("operation.name", "renamed"),
        ("service.name", "shop"),
        ("resource.name", "/users"),
        ("span.type", "web"),
        ("http.status_code", "200"),
        ("span.kind", "server"),
        ("env", "of the span"),
    ] {
        app.set_meta(span, key, value).await;
    }
    let measured = json!({ "span_id": span.span_id, "key": "_dd.measured", "value": 1 });
    app.post("/trace/span/set_metric", measured).await;
    app.finish(span).await;
    let sent = app.only_span().await;
    let fields = (sent.name.as_str(), sent.service.as_str(), sent.resource.as_str());
    assert_eq!(fields, ("renamed", "shop", "/users"));
    assert_eq!(sent.span_type.as_deref(), Some("web"));
    assert_eq!(
        (sent.tag("http.status_code"), sent.tag("span.kind")),
        (Some("200"), Some("server"))
    );
    assert_eq!(sent.tag("env"), Some("of the span"));
    assert_eq!(sent.metric("_dd.measured"), Some(1.0));
    for key in ["operation.name", "service.name", "resource.name", "span.type"] {
        assert_eq!(sent.tag(key), None, "{key}");
    }
}

#[tokio::test]
async fn a_key_is_a_text_or_a_number_whichever_came_last() {
    let Some(app) = App::start(&[]).await else { return };
    let span = app.span("root").await;
    let number = |key: &str| json!({ "span_id": span.span_id, "key": key, "value": 2 });
    app.set_meta(span, "first text", "a").await;
    app.post("/trace/span/set_metric", number("first text")).await;
    app.post("/trace/span/set_metric", number("first number")).await;
    app.set_meta(span, "first number", "a").await;
    app.finish(span).await;
    app.set_meta(span, "after the end", "a").await;
    let sent = app.only_span().await;
    assert_eq!((sent.tag("first text"), sent.metric("first text")), (None, Some(2.0)));
    assert_eq!((sent.tag("first number"), sent.metric("first number")), (Some("a"), None));
    assert_eq!(sent.tag("after the end"), None);
}

#[tokio::test]
async fn the_origin_is_on_every_span() {
    let Some(app) = App::start(&[]).await else { return };
    let incoming =
        [("x-datadog-trace-id", "7"), ("x-datadog-parent-id", "8"), ("x-datadog-origin", "rum")];
    let parent = app.extract(&incoming).await.unwrap();
    let root = app.child("root", parent).await;
    let child = app.child("child", root.span_id).await;
    app.finish(child).await;
    app.finish(root).await;
    let spans = app.spans().await;
    assert_eq!(spans.len(), 2);
    assert!(spans.iter().all(|span| span.tag("_dd.origin") == Some("rum")), "{spans:#?}");
}
