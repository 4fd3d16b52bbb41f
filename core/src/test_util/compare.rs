//! Compares pictures, and shows the lines in which they differ.

/// Asserts that a [`Collector`](crate::test_util::Collector) or a
/// [`CollectedTrace`](crate::test_util::CollectedTrace) has this picture.
///
/// There are two forms: `assert_picture!(collector, "…")`, and `assert_picture!(collector, ["tag"],
/// "…")`, whose list names further tags to show.
///
/// The expected text may be indented like the surrounding code: the spaces that all of its lines
/// begin with are removed. Blank lines at its start and end are ignored, so that it can begin and end
/// on lines of its own. All other spaces count.
///
/// ```
/// use packdog::{span, test_util::{assert_picture, collect}};
///
/// let (collector, _scope) = collect();
/// span("sandwich.make").in_scope(|span| {
///     span.set_tag("num_ingredients", 3);
///     span.child("butter.spread").in_scope(|_| ());
/// });
/// assert_picture!(
///     collector,
///     "
///     sandwich.make  service=test
///     └─ butter.spread
///     "
/// );
/// assert_picture!(
///     collector,
///     ["num_ingredients"],
///     "
///     sandwich.make  service=test  num_ingredients=3
///     └─ butter.spread
///     "
/// );
/// ```
///
/// # Panics
/// Panics if the picture differs. The message shows missing and unexpected lines.
#[macro_export]
#[doc(hidden)]
macro_rules! __assert_picture {
    ($collected:expr, $expected:literal $(,)?) => {
        $crate::test_util::assert_same_picture(&$collected.picture(), $expected)
    };
    ($collected:expr, $tags:expr, $expected:literal $(,)?) => {
        $crate::test_util::assert_same_picture(&$collected.picture_with_tags(&$tags), $expected)
    };
}

#[doc(inline)]
pub use crate::__assert_picture as assert_picture;

/// Compares a picture with one that may be indented; called by [`assert_picture`].
#[doc(hidden)]
#[expect(clippy::panic, reason = "that is how a test fails")]
#[track_caller]
pub fn assert_same_picture(found: &str, expected: &str) {
    let expected = without_indentation(expected);
    let found = found.lines().collect::<Vec<_>>();
    if found != expected {
        panic!(
            "the picture differs: - expected, + found\n{}",
            difference(&expected, &found).concat()
        );
    }
}

/// Returns the lines from the first to the last that is not blank, without their common
/// indentation.
fn without_indentation(text: &str) -> Vec<&str> {
    let is_blank = |line: &&str| line.trim().is_empty();
    let mut lines = text.lines().skip_while(is_blank).collect::<Vec<_>>();
    while lines.pop_if(|line| is_blank(&&**line)).is_some() {}
    let indentation = |line: &&str| line.len() - line.trim_start_matches(' ').len();
    let common = lines.iter().filter(|line| !is_blank(line)).map(indentation).min().unwrap_or(0);
    lines.into_iter().map(|line| line.get(common..).unwrap_or_default()).collect()
}

/// Returns a diff of the lines, with the longest common subsequence unmarked.
fn difference(mut expected: &[&str], mut found: &[&str]) -> Vec<String> {
    let lengths = common_lengths(expected, found);
    let common = |expected: &[&str], found: &[&str]| {
        lengths.get(expected.len()).and_then(|row| row.get(found.len())).copied().unwrap_or(0)
    };
    let mut lines = Vec::new();
    loop {
        let (mark, line);
        (mark, line, expected, found) = match (expected, found) {
            ([line, rest @ ..], [same, others @ ..]) if line == same => (' ', line, rest, others),
            ([line, rest @ ..], _) if common(rest, found) == common(expected, found) => {
                ('-', line, rest, found)
            }
            (_, [line, rest @ ..]) => ('+', line, expected, rest),
            ([line, rest @ ..], []) => ('-', line, rest, found),
            ([], []) => return lines,
        };
        lines.push(format!("{mark} {line}\n"));
    }
}

/// Returns a table of the longest common subsequences, by the lengths of the two ends that are
/// compared.
fn common_lengths(expected: &[&str], found: &[&str]) -> Vec<Vec<usize>> {
    let mut table = vec![vec![0; found.len() + 1]];
    for line in expected.iter().rev() {
        let above = table.last().cloned().unwrap_or_default();
        let mut row = vec![0];
        for (other, pair) in found.iter().rev().zip(above.windows(2)) {
            let left = row.last().copied().unwrap_or(0);
            row.push(match pair {
                [diagonal, _] if line == other => diagonal + 1,
                [_, above] => left.max(*above),
                _ => left,
            });
        }
        table.push(row);
    }
    table
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::assert_same_picture;

    #[test]
    fn an_expected_picture_may_be_indented() {
        let found = "root\n├─ first\n│  └─ inner\n\nother\n";
        assert_same_picture(found, found);
        assert_same_picture(found, "root\n├─ first\n│  └─ inner\n\nother");
        assert_same_picture(
            found,
            "
            root
            ├─ first
            │  └─ inner

            other
            ",
        );
        assert_same_picture("", "\n   \n");
    }

    #[test]
    fn a_difference_shows_the_lines_that_are_missing_and_those_that_are_too_many() {
        #[rustfmt::skip]
        let table = [
            // found                          shown
            ("root\n├─ first\n└─ last\n",     "  root\n- ├─ one\n+ ├─ first\n  └─ last\n"),
            ("root\n└─ last\n",               "  root\n- ├─ one\n  └─ last\n"),
            ("",                              "- root\n- ├─ one\n- └─ last\n"),
            ("root\n├─ one\n├─ two\n└─ last\n", "  root\n  ├─ one\n+ ├─ two\n  └─ last\n"),
            ("root\n├─ one\n└─ last\nmore\n", "  root\n  ├─ one\n  └─ last\n+ more\n"),
        ];
        for (found, shown) in table {
            let expected = "\n  root\n  ├─ one\n  └─ last\n";
            let failure = catch_unwind(|| assert_same_picture(found, expected)).unwrap_err();
            let message = format!("the picture differs: - expected, + found\n{shown}");
            assert_eq!(failure.downcast_ref::<String>(), Some(&message), "{found:?}");
        }
    }
}
