//! The error tags that an `Err` sets on the span, by its type.

use super::*;

struct Inside(NoBread);

impl AsRef<dyn Error + Send + Sync> for Inside {
    fn as_ref(&self) -> &(dyn Error + Send + Sync + 'static) {
        &self.0
    }
}

impl AsRef<dyn Error> for Inside {
    fn as_ref(&self) -> &(dyn Error + 'static) {
        &self.0
    }
}

struct Opaque;

#[trace(crate = crate)]
fn returns<E>(error: E) -> Result<(), E> {
    Err(error)
}

#[trace(crate = crate)]
fn returns_printable<E: fmt::Display>(error: E) -> Result<(), E> {
    Err(error)
}

#[trace(crate = crate)]
fn returns_any<T>(value: T) -> T {
    value
}

macro_rules! returning {
    ($error:ty) => {{
        #[trace(crate = crate)]
        fn failing(error: $error) -> Result<(), $error> {
            Err(error)
        }
        failing
    }};
}

#[test]
fn each_kind_of_error_sets_the_tags_that_it_knows() {
    let seen = seen(|_| {
        _ = returning!(NoBread)(NoBread);
        _ = returning!(Inside)(Inside(NoBread));
        _ = returning!(Box<dyn Error + Send + Sync>)(Box::new(NoBread));
        _ = returning!(Box<dyn Error>)(Box::new(NoBread));
        _ = returning!(String)("no bread".to_owned());
        _ = returning!(Opaque)(Opaque);
        _ = returns(NoBread);
        _ = returns_printable(NoBread);
    });
    assert_eq!(errors(&seen), [true; 8]);
    let path = |name| Some(format!("packdog_api::attribute::tests::{name}").into());
    let types = seen.iter().map(|seen| seen.2.clone()).collect::<Vec<_>>();
    let text = Some("alloc::string::String".into());
    let [bread, inside] = [path("NoBread"), path("errors::Inside")];
    assert_eq!(types, [bread.clone(), inside, None, None, text, None, None, bread]);
    let says = |seen: &Seen| seen.3 == Some("no bread".into());
    let messages = seen.iter().map(says).collect::<Vec<_>>();
    assert_eq!(messages, [true, true, true, true, true, false, false, true]);
}

#[test]
fn returns_that_are_no_results_are_left_alone() {
    let seen = seen(|_| {
        returns_any(None::<NoBread>);
        returns_any(NoBread);
        _ = returns_any(Err::<(), _>(NoBread)); // Nothing says that it may be a `Result`.
    });
    assert_eq!(errors(&seen), [false; 3]);
}
