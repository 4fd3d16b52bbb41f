//! The known name that a misspelled one most likely stands for.

/// Returns the known name that is most like this one, if one is: of two, the first.
pub(crate) fn nearest_of(
    name: &str,
    known: impl IntoIterator<Item = &'static str>,
) -> Option<&'static str> {
    // A typo or two in a short name, more in a long one.
    let most = 1 + name.len() / 8;
    let near = known.into_iter().filter(|known| known.len().abs_diff(name.len()) <= most);
    let (distance, nearest) = near
        .map(|known| (distance(name.as_bytes(), known.as_bytes()), known))
        .min_by_key(|(distance, _)| *distance)?;
    (distance <= most).then_some(nearest)
}

/// The number of letters to insert, remove, replace or swap with their neighbour that makes one
/// text the other (optimal string alignment).
fn distance(left: &[u8], right: &[u8]) -> usize {
    let mut before_last = Vec::new();
    let mut last = (0..=right.len()).collect::<Vec<_>>();
    for (row, letter) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in right.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX);
            let replaced = at(&last, column) + usize::from(letter != other);
            let inserted = at(&current, column) + 1;
            let removed = at(&last, column + 1) + 1;
            let is_swapped = row > 0
                && column > 0
                && left.get(row - 1) == Some(other)
                && right.get(column - 1) == Some(letter);
            let swapped = if is_swapped { at(&before_last, column - 1) + 1 } else { usize::MAX };
            current.push(replaced.min(inserted).min(removed).min(swapped));
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_letters_that_differ() {
        #[rustfmt::skip]
        let table = [
            ("",        "",        0),
            ("",        "ab",      2),
            ("abc",     "abc",     0),
            ("abc",     "abd",     1),
            ("abc",     "acb",     1),
            ("abc",     "ab",      1),
            ("kitten",  "sitting", 3),
        ];
        for (left, right, expected) in table {
            assert_eq!(distance(left.as_bytes(), right.as_bytes()), expected, "{left} {right}");
            assert_eq!(distance(right.as_bytes(), left.as_bytes()), expected, "{right} {left}");
        }
    }
}
