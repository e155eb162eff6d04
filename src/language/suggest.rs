//! "Did you mean": the nearest of some known names.
//!
//! Distance counts insertions, deletions, replacements and swaps of neighbours. It knows nothing of what the names name.

/// The candidate nearest to `name`, if it is near enough to be a slip of the fingers.
///
/// One slip is allowed in names of up to four letters and two in longer ones; names of one or two letters have no near
/// ones. Of equally near candidates the first wins, so the answer depends on the order of `candidates` alone.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = name.chars().count();
    let allowed = match letters {
        0..=2 => return None,
        3..=4 => 1,
        _ => 2,
    };
    let near = |candidate: &&str| candidate.chars().count().abs_diff(letters) <= allowed && *candidate != name;
    let distances = candidates.into_iter().filter(near).map(|candidate| (distance(name, candidate), candidate));
    distances.filter(|(slips, _)| *slips <= allowed).min_by_key(|(slips, _)| *slips).map(|(_, candidate)| candidate)
}

/// Number of slips between two words (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    // Rows of the usual table: distances from the first i letters of `a` to each beginning of `b`.
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_fingers_are_found() {
        let words = ["thread", "var", "mutex", "condvar", "param"];
        assert_eq!(nearest("treahd", words), Some("thread"));
        assert_eq!(nearest("vra", words), Some("var"));
        assert_eq!(nearest("mutx", words), Some("mutex"));
        assert_eq!(nearest("parameter", words), None);
        assert_eq!(nearest("x", words), None);
    }

    #[test]
    fn the_nearest_wins_and_then_the_first() {
        assert_eq!(nearest("readers", ["reader", "leaders"]), Some("reader"));
        assert_eq!(nearest("ab1", ["ab2", "ab3"]), Some("ab2"));
        assert_eq!(nearest("same", ["same"]), None);
    }

    #[test]
    fn distances() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abcd", "abdc"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
