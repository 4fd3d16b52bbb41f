//! The tracer's own messages, as an application gets them.

use std::{sync::mpsc::channel, thread, time::Duration};

use packdog::{
    Config,
    config::{LogLevel, Source, TracerSettings as _},
};

const LONG: Duration = Duration::from_secs(60);

#[test]
fn a_hook_gets_the_messages_on_a_thread_of_the_tracer() {
    let (sink, messages) = channel();
    let config = Config::new()
        .with_agent_url("http://127.0.0.1:1")
        .with_sample_rate(7.0)
        .with_messages(move |message| {
            let _ = sink.send((message.level, message.text.clone(), thread::current().id()));
        });
    let packdog = config.build().unwrap();
    let (level, text, thread) = messages.recv_timeout(LONG).unwrap();
    assert_eq!(level, LogLevel::Warn);
    assert!(text.starts_with("DD_TRACE_SAMPLE_RATE \"7\" is not a number from 0 to 1"), "{text}");
    assert_ne!(thread, thread::current().id());

    packdog.tracer().span("lost").start().finish();
    packdog.shutdown(LONG);
    let (level, text, thread) = messages.recv_timeout(LONG).unwrap();
    assert_eq!(level, LogLevel::Error);
    assert!(text.contains("http://127.0.0.1:1"), "{text}");
    assert_ne!(thread, thread::current().id());
}

#[test]
fn a_level_that_is_off_silences_the_hook() {
    let (sink, messages) = channel();
    let config = Config::new()
        .with_agent_url("http://127.0.0.1:1")
        .with_log_level(LogLevel::Off)
        .with_sample_rate(7.0)
        .with_messages(move |message| drop(sink.send(message.text.clone())));
    let packdog = config.build().unwrap();
    packdog.tracer().span("lost").start().finish();
    packdog.shutdown(LONG);
    drop(packdog);
    // The hook goes with the last thread of the tracer.
    assert_eq!(messages.recv_timeout(LONG).ok(), None);
}

#[test]
fn a_tracer_lists_the_settings_that_it_was_built_with() {
    let config = Config::new().with_service("users").with_enabled(true);
    let packdog = config.with_agent_url("http://127.0.0.1:1").build().unwrap();
    let settings = packdog.tracer().settings();
    assert_eq!(settings, packdog.settings());
    let service = settings.iter().find(|setting| setting.name == "DD_SERVICE").unwrap();
    assert_eq!((service.value.as_deref(), service.source), (Some("users"), Source::Code));
    assert_eq!(packdog::Tracer::disabled().settings(), []);
}
