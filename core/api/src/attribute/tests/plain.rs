//! Functions that are not asynchronous.

use super::*;

#[trace(crate = crate)]
fn inner(fail: bool) -> Result<u8, NoBread> {
    if fail {
        return Err(NoBread);
    }
    Ok(1)
}

#[trace(crate = crate)]
fn outer(fail: bool) -> Result<u8, Box<dyn Error>> {
    let slices = inner(fail)?;
    current_span().set_tag("slices", slices);
    Ok(slices)
}

#[test]
fn the_span_is_current_inside_and_ends_with_the_call() {
    let seen = seen(|_| {
        assert_eq!(outer(false).unwrap(), 1);
        assert!(current_span().is_nothing());
    });
    assert_eq!(names(&seen), ["outer", "inner"]);
    assert_eq!(errors(&seen), [false, false]);
}

#[test]
fn an_early_return_and_a_question_mark_mark_the_span() {
    let seen = seen(|_| outer(true).is_err());
    assert_eq!(errors(&seen), [true, true]);
    assert_eq!(seen[0].3, Some("no bread".into()), "from inside of the box");
}

#[trace(crate = crate)]
fn panics() {
    panic!("no bread");
}

#[test]
fn a_panic_ends_and_marks_the_span() {
    let seen = seen(|_| catch_unwind(panics).is_err());
    assert_eq!((names(&seen), errors(&seen)), (vec!["panics"], vec![true]));
    assert_eq!(seen[0].2, Some("panic".into()));
}

#[trace(crate = crate)]
fn r#match<'a>(words: &[&'a str], _unused: NoBread) -> impl Iterator<Item = &'a str> {
    words.iter().copied()
}

#[trace(crate = crate)]
fn key(long: bool) -> impl Fn(&str) -> usize {
    move |text| text.len() + usize::from(long)
}

#[trace(crate = crate)]
fn rows(bad: bool) -> Result<impl Iterator<Item = u8>, NoBread> {
    if bad { Err(NoBread) } else { Ok((0..3).map(|row| row * 2)) }
}

#[trace(crate = crate)]
fn boxed(n: u8) -> Box<dyn Fn(&str) -> usize> {
    if n == 0 {
        return Box::new(|_| 0);
    }
    Box::new(str::len)
}

#[test]
fn opaque_and_boxed_returns_stay_so() {
    let seen = seen(|_| {
        assert_eq!(r#match(&["a", "b"], NoBread).last(), Some("b"));
        assert_eq!(key(true)("four"), 5);
        assert_eq!(rows(false).unwrap().count(), 3);
        assert!(rows(true).is_err());
        assert_eq!((boxed(0)("four"), boxed(1)("four")), (0, 4));
    });
    assert_eq!(names(&seen), ["match", "key", "rows", "rows", "boxed", "boxed"]);
    assert_eq!(errors(&seen), [false, false, false, true, false, false]);
}
