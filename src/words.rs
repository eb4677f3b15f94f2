//! Numbers in words for people.

/// `1 row`, `2 rows`, `3 classes`.
pub fn counted(count: usize, what: &str) -> String {
    match (count, what.ends_with('s')) {
        (1, _) => format!("1 {what}"),
        (_, false) => format!("{count} {what}s"),
        (_, true) => format!("{count} {what}es"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_none_and_more_are_plural() {
        let words = |count| ["row", "class"].map(|what| counted(count, what));
        assert_eq!(words(0), ["0 rows", "0 classes"]);
        assert_eq!(words(1), ["1 row", "1 class"]);
        assert_eq!(words(2), ["2 rows", "2 classes"]);
    }
}
