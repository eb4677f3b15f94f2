//! Breaks lines that are wider than the terminal, between words.

use std::io::IsTerminal;
use unicode_width::UnicodeWidthStr;

/// In narrower terminals, lines stay as they are.
const NARROWEST: usize = 40;

/// Returns the lines that show `line` in a terminal of `width` columns; the line as it is if there is no terminal.
pub(super) fn fitted(line: &str, width: Option<usize>) -> Vec<String> {
    match width {
        Some(width) => broken(line, width),
        None => vec![line.to_owned()],
    }
}

/// Returns the columns of the terminal that stderr goes to, if it is one.
pub(super) fn stderr_width() -> Option<usize> {
    columns(
        std::io::stderr().is_terminal(),
        terminal_size::terminal_size_of(std::io::stderr()),
    )
}

/// Returns the columns of the terminal that stdout goes to, if it is one.
pub(super) fn stdout_width() -> Option<usize> {
    columns(
        std::io::stdout().is_terminal(),
        terminal_size::terminal_size_of(std::io::stdout()),
    )
}

fn columns(
    is_terminal: bool,
    size: Option<(terminal_size::Width, terminal_size::Height)>,
) -> Option<usize> {
    let (terminal_size::Width(columns), _) = size.filter(|_| is_terminal)?;
    Some(columns.into())
}

/// Breaks a line into lines of at most `width` columns where a word ends. Those that follow are indented by two more than it.
fn broken(line: &str, width: usize) -> Vec<String> {
    if line.width() <= width || width < NARROWEST {
        return vec![line.to_owned()];
    }
    let indent = line.len() - line.trim_start().len();
    let mut lines = vec![" ".repeat(indent)];
    let mut is_empty = true;
    for word in line.trim_start().split(' ') {
        let last = lines.last_mut().expect("there is a line");
        if is_empty {
            last.push_str(word);
            is_empty = false;
        } else if last.width() + 1 + word.width() <= width {
            last.push(' ');
            last.push_str(word);
        } else {
            lines.push(" ".repeat(indent + 2) + word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_indented() {
        let line = "  recipe tabular, numbers in up to 8 bins; after 25 epochs";
        assert_eq!(
            fitted(line, Some(40)),
            [
                "  recipe tabular, numbers in up to 8",
                "    bins; after 25 epochs"
            ]
        );
        assert_eq!(fitted(line, None), [line]);
        assert_eq!(fitted(line, Some(80)), [line]);
        assert_eq!(fitted(line, Some(10)), [line]);
        let word = "x".repeat(50);
        assert_eq!(fitted(&word, Some(40)), [word.as_str()]);
        // What is aligned by several spaces stays so, as far as it fits.
        let table = format!("device   cpu   {}", "y".repeat(30));
        let expected = ["device   cpu  ".to_owned(), format!("  {}", "y".repeat(30))];
        assert_eq!(fitted(&table, Some(40)), expected);
    }
}
