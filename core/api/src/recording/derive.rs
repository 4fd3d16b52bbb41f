//! Values that a layer derives, such as a resource from a route. Values that the application sets
//! take precedence, whether they are set before or after.

use std::borrow::Cow;

use super::{Field, Span, State, choice};
use crate::{names, render::MAX_MESSAGE_BYTES, text::cut, values::TagValue};

// For the layers of packdog. Hidden, because applications use the setters without `derived`.
impl Span {
    /// Sets the operation name, unless the application has set it.
    #[doc(hidden)]
    pub fn set_derived_name(&self, name: impl Into<Cow<'static, str>>) {
        self.derive(Field::Name, name);
    }

    /// Sets the service, unless the application has set it.
    #[doc(hidden)]
    pub fn set_derived_service(&self, service: impl Into<Cow<'static, str>>) {
        self.derive(Field::Service, service);
    }

    /// Sets the resource, unless the application has set it.
    #[doc(hidden)]
    pub fn set_derived_resource(&self, resource: impl Into<Cow<'static, str>>) {
        self.derive(Field::Resource, resource);
    }

    /// Sets the type, unless the application has set it.
    #[doc(hidden)]
    pub fn set_derived_type(&self, span_type: impl Into<Cow<'static, str>>) {
        self.derive(Field::Type, span_type);
    }

    /// Sets a tag, unless the application set it on this span.
    #[doc(hidden)]
    pub fn set_derived_tag<'v>(
        &self,
        key: impl Into<Cow<'static, str>>,
        value: impl Into<TagValue<'v>>,
    ) {
        if self.is_recording() {
            let (key, value) = (key.into(), value.into());
            self.edit(|state| state.derive_tag(&key, &value));
        }
    }

    /// Like [`set_derived_tag`](Span::set_derived_tag), with a text whose name is not reserved.
    #[doc(hidden)]
    pub fn set_derived_text(&self, key: &'static str, text: &str) {
        if self.is_recording() {
            self.edit(|state| state.derive_text(key, text));
        }
    }

    /// Marks the span as an error with these parts, unless the application set the error mark. A part
    /// that is `None` stays as it was.
    #[doc(hidden)]
    pub fn set_derived_error<'a>(
        &self,
        error_type: impl Into<Option<&'a str>>,
        message: impl Into<Option<&'a str>>,
    ) {
        self.derive_error([error_type.into(), message.into(), None], |_, _| {});
    }

    /// Like [`set_derived_error`](Span::set_derived_error), with these parts alone: a part that was
    /// derived before and is `None` now is removed.
    #[doc(hidden)]
    pub fn replace_derived_error(
        &self,
        error_type: Option<&str>,
        message: Option<&str>,
        stack: Option<&str>,
    ) {
        self.derive_error([error_type, message, stack], |state, key| {
            if !state.tags.is_chosen(key) {
                state.tags.remove(key);
            }
        });
    }

    /// Derives type, message and stack; `absent` is called with the tag of each that is `None`.
    fn derive_error(
        &self,
        [error_type, message, stack]: [Option<&str>; 3],
        absent: impl Fn(&mut State, &str),
    ) {
        if !self.is_recording() {
            return;
        }
        let message = message.map(|message| cut(message, MAX_MESSAGE_BYTES));
        let parts = [
            (names::ERROR_TYPE, error_type),
            (names::ERROR_MESSAGE, message),
            (names::ERROR_STACK, stack),
        ];
        self.change(|state| {
            if state.is_chosen(choice::ERROR) {
                return;
            }
            state.is_error = true;
            for (key, part) in parts {
                match part {
                    Some(part) => _ = state.derive_tag(key, &part.into()),
                    None => absent(state, key),
                }
            }
        });
    }

    fn derive(&self, field: Field, value: impl Into<Cow<'static, str>>) {
        if self.is_recording() {
            let value = value.into();
            self.change(|state| {
                if !state.is_chosen(field.choice()) {
                    state.set_field(field, value);
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        names::is_reserved, recorder::tracer, text::MAX_TAG_VALUE_BYTES, values::SamplingPriority,
    };

    #[test]
    fn values_of_the_application_win_whenever_they_are_set() {
        for application_is_first in [true, false] {
            let (tracer, recorder) = tracer();
            let span = tracer.span("http.request").start();
            let application = || {
                span.set_operation_name("order");
                span.set_service("kitchen");
                span.set_tag("resource.name", "club");
                span.set_type("worker");
                span.set_tag("http.route", "/mine");
                span.set_is_error(false);
            };
            let layer = || {
                span.set_derived_name("http.server");
                span.set_derived_service("gateway");
                span.set_derived_resource("GET /derived");
                span.set_derived_type("web");
                span.set_derived_tag("http.route", "/derived");
                span.set_derived_error("500", "internal server error");
            };
            if application_is_first {
                application();
                layer();
            } else {
                layer();
                application();
            }
            drop(span);
            let chunks = recorder.chunks();
            let span = chunks[0].spans().next().unwrap();
            assert_eq!(
                [span.name(), span.service(), span.resource()],
                ["order", "kitchen", "club"]
            );
            assert_eq!((span.span_type(), span.is_error()), ("worker", false));
            assert_eq!(span.tag("http.route").unwrap().as_str(), Some("/mine"));
        }
    }

    #[test]
    fn derived_values_apply_where_the_application_sets_none_and_the_last_one_wins() {
        let (tracer, recorder) = tracer();
        let span = tracer.span("http.request").start();
        for route in ["/", "/users/{id}"] {
            span.set_derived_resource(route);
            span.set_derived_tag("http.route", route);
        }
        span.set_derived_error("500", "internal server error");
        drop(span);
        let chunks = recorder.chunks();
        let span = chunks[0].spans().next().unwrap();
        assert_eq!((span.resource(), span.is_error()), ("/users/{id}", true));
        assert_eq!(span.tag("http.route").unwrap().as_str(), Some("/users/{id}"));
        assert_eq!(span.tag("error.type").unwrap().as_str(), Some("500"));
    }

    #[test]
    fn derived_texts_replace_each_other_and_nothing_that_the_application_set() {
        let (tracer, recorder) = tracer();
        let long = "v".repeat(MAX_TAG_VALUE_BYTES + 1);
        let builder = tracer.span("http.request").tag("http.route", "/mine").tag("size", 1);
        let builder = builder.derived_texts([("http.route", "/derived"), ("size", "derived")]);
        let builder = builder.derived_texts([("http.url", "a"), ("http.url", "b"), ("x", &long)]);
        drop(builder.start());
        let chunks = recorder.chunks();
        let span = chunks[0].spans().next().unwrap();
        let text = |key| span.tag(key).and_then(|value| value.as_str().map(str::len));
        assert_eq!(span.tag("http.route").unwrap().as_str(), Some("/mine"));
        assert_eq!(span.tag("size").unwrap().as_f64(), Some(1.0));
        assert_eq!(span.tag("http.url").unwrap().as_str(), Some("b"));
        assert_eq!(text("x"), Some(MAX_TAG_VALUE_BYTES));
    }

    #[test]
    fn a_derived_error_that_replaces_another_keeps_what_the_application_set() {
        let (tracer, _recorder) = tracer();
        let text = |span: &crate::Span, key: &str| {
            span.tag(key).map(|value| value.as_str().unwrap_or_default().to_owned())
        };
        let span = tracer.span("http.request").start();
        span.set_tag("error.type", "NoBread");
        span.replace_derived_error(Some("Early"), Some("early"), Some("early stack"));
        span.replace_derived_error(None, Some("late"), None);
        let parts = ["error.type", "error.message", "error.stack"].map(|key| text(&span, key));
        assert_eq!(parts, [Some("NoBread".to_owned()), Some("late".to_owned()), None]);

        span.set_error_parts("NoButter", "no butter", None);
        span.replace_derived_error(Some("Later"), Some("later"), Some("later stack"));
        let parts = ["error.type", "error.message", "error.stack"].map(|key| text(&span, key));
        assert_eq!(parts, [Some("NoButter".to_owned()), Some("no butter".to_owned()), None]);
    }

    #[test]
    fn a_derived_tag_of_a_reserved_name_sets_the_field_and_no_tag() {
        let (tracer, recorder) = tracer();
        let span = tracer.span("http.request").derived_tag("service.name", "kitchen").start();
        span.set_derived_tag("resource.name", "club");
        span.set_derived_tag("operation.name", "order");
        span.set_derived_tag("span.type", "worker");
        span.set_derived_tag("error", "no bread");
        span.set_derived_tag("manual.keep", "");
        // What a layer finds out later is less specific than a list in the configuration.
        span.set_derived_resource("GET /derived");
        span.set_derived_service("gateway");
        assert_eq!(span.sampling().priority, Some(SamplingPriority::USER_KEEP));
        drop(span);
        let chunks = recorder.chunks();
        let span = chunks[0].spans().next().unwrap();
        assert_eq!([span.service(), span.resource()], ["kitchen", "club"]);
        assert_eq!([span.name(), span.span_type()], ["order", "worker"]);
        assert!(span.is_error());
        assert_eq!(span.tag("error.message").unwrap().as_str(), Some("no bread"));
        assert!(span.tags().all(|(key, _)| !is_reserved(key)));
    }

    #[test]
    fn a_derived_mark_gives_way_to_an_error_and_to_the_application() {
        let (tracer, _recorder) = tracer();
        let text = |span: &crate::Span| {
            let message = span.tag("error.message");
            message.and_then(|message| message.as_str().map(str::to_owned))
        };
        let span = tracer.span("http.request").derived_tag("error", "false").start();
        assert_eq!(text(&span), None);
        span.set_derived_tag("error", "from a header");
        span.replace_derived_error(None, Some("no bread"), None);
        assert_eq!(text(&span).as_deref(), Some("no bread"));
        span.set_error_parts(None, "no butter", None);
        span.set_derived_tag("error", "from a header");
        assert_eq!(text(&span).as_deref(), Some("no butter"));
        span.set_service("kitchen");
        span.set_derived_tag("service.name", "gateway");
        assert_eq!(span.service(), "kitchen");
    }

    #[test]
    fn a_derived_field_without_a_value_changes_nothing() {
        let (tracer, _recorder) = tracer();
        let span = tracer.span("http.request").service("kitchen").start();
        let other = tracer.span("http.request").derived_tag("service.name", "").start();
        span.set_derived_tag("service.name", "");
        assert_eq!(span.service(), "kitchen");
        assert_ne!(other.service(), "");
    }

    #[test]
    fn the_service_and_resource_of_a_builder_count_as_set_by_the_application() {
        let (tracer, recorder) = tracer();
        let span = tracer.span("http.request").service("kitchen").resource("club").start();
        span.set_derived_resource("GET /derived");
        span.set_derived_service("gateway");
        drop(span);
        let chunks = recorder.chunks();
        let span = chunks[0].spans().next().unwrap();
        assert_eq!([span.service(), span.resource()], ["kitchen", "club"]);
    }
}
