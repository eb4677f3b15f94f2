//! Equations in 80 columns: a name, and what it equals step by step, with the equals signs below one another.

use unicode_width::UnicodeWidthStr;

/// Width of a line.
const WIDTH: usize = 79;
/// What equations are indented by.
const INDENT: usize = 2;
/// Most terms of a sum that are spelled out.
pub(super) const MOST_TERMS: usize = 8;

/// Returns `left` = each of `steps`, one below the other.
pub(super) fn lines(left: &str, steps: &[String]) -> String {
    let mut text = String::new();
    for (n, step) in once(steps).into_iter().enumerate() {
        let name = if n == 0 { left } else { "" };
        let before = format!("{:INDENT$}{name:width$} = ", "", width = left.width());
        text += &wrapped(&before, &step);
    }
    text
}

/// Returns `left` = each of `steps`, on one line if it is wide enough.
pub(super) fn line(left: &str, steps: &[String]) -> String {
    let whole = format!("{:INDENT$}{left} = {}\n", "", once(steps).join(" = "));
    match whole.trim_end().width() <= WIDTH {
        true => whole,
        false => lines(left, steps),
    }
}

/// Returns steps without those that repeat the one before.
fn once(steps: &[String]) -> Vec<String> {
    let mut steps = steps.to_vec();
    steps.dedup();
    steps
}

/// Returns `text` after `before`, in lines that end before a plus.
fn wrapped(before: &str, text: &str) -> String {
    let mut lines = vec![before.to_owned()];
    for (n, term) in text.split(" + ").enumerate() {
        let piece = if n == 0 {
            term.to_owned()
        } else {
            format!(" + {term}")
        };
        let used = lines.last().map_or(0, |line| line.width());
        if n > 0 && used + piece.width() > WIDTH {
            lines.push(format!(
                "{:width$}{}",
                "",
                &piece[1..],
                width = before.width()
            ));
        } else if let Some(line) = lines.last_mut() {
            line.push_str(&piece);
        }
    }
    lines.join("\n") + "\n"
}

/// Returns a sum, without the terms in the middle if there are many.
pub(super) fn sum(terms: &[String]) -> String {
    match terms {
        [] => "0".to_owned(),
        [first @ .., last] if terms.len() > MOST_TERMS => {
            let first = &first[..MOST_TERMS - 2];
            format!("{} + ... + {last}", first.join(" + "))
        }
        all => all.join(" + "),
    }
}

/// Formats a number: as short as it is, or with up to nine decimals; small and large ones with an exponent.
pub fn number(value: f64) -> String {
    // Not -0.
    let value = value + 0.0;
    let short = format!("{value}");
    match value.abs() {
        _ if short.len() <= 8 => short,
        size if !(1e-4..1e6).contains(&size) => format!("{value:.6e}"),
        _ => {
            let nine = format!("{value:.9}");
            nine.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

/// Formats a number that follows an operator.
pub(super) fn operand(value: f64) -> String {
    match value.is_sign_negative() && value != 0.0 {
        true => format!("({})", number(value)),
        false => number(value.abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_signs_are_below_one_another_and_long_sums_end_lines_before_a_plus() {
        let text = lines("ab", &["x".to_owned(), "y".to_owned()]);
        assert_eq!(text, "  ab = x\n     = y\n");
        let terms = vec!["0.123456789 * 0.123456789".to_owned(); 5];
        let text = lines("net", &[sum(&terms)]);
        assert!(text.lines().all(|line| line.width() <= WIDTH), "{text}");
        assert!(
            text.lines()
                .skip(1)
                .all(|line| line.starts_with("        + ")),
            "{text}"
        );
        assert!(sum(&vec!["t".to_owned(); 20]).contains(" + ... + t"));
    }

    #[test]
    fn numbers_are_as_short_as_they_are() {
        for (value, text) in [
            (0.05, "0.05"),
            (2.0, "2"),
            (0.593_269_992_107, "0.593269992"),
            (3.510_187_78e-5, "3.510188e-5"),
            (0.0, "0"),
            (-0.0, "0"),
            (0.392_499_999_999_999_96, "0.3925"),
            (0.358_916_479_7, "0.35891648"),
        ] {
            assert_eq!(number(value), text);
        }
        assert_eq!(operand(-0.5), "(-0.5)");
        assert_eq!(operand(-0.0), "0");
    }
}
