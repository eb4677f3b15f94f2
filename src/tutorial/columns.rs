//! Text in terminal columns. A Chinese character takes two columns.

use unicode_width::UnicodeWidthStr;

/// Width of a paragraph in columns.
const WIDTH: usize = 78;

/// Formats a count with thousands separators.
pub(super) fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Pads `text` on the right to `width` columns.
pub(super) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// Pads `text` on the left to `width` columns.
pub(super) fn lead(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.width())))
}

/// Wraps `text` to lines of at most 78 columns, indented by `indent` spaces. Breaks at spaces, and between
/// Chinese characters unless the next one is a mark that cannot begin a line.
pub fn wrap(text: &str, indent: usize) -> String {
    let mut lines = vec![String::new()];
    for piece in pieces(text) {
        let used = lines.last().map_or(0, |line| line.width());
        if indent + used + piece.trim_end().width() > WIDTH {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(piece);
        }
    }
    let line = |line: String| format!("{:indent$}{}\n", "", line.trim_end());
    lines.into_iter().map(line).collect()
}

/// Splits `text` wherever a line may end.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before = ' ';
    for (at, next) in text.char_indices() {
        let wide = |c: char| c > '\u{2E7F}';
        let bound = "，。、；：！？）”".contains(next) || "（“".contains(before);
        let may_end = before == ' ' || (wide(before) || wide(next)) && !bound;
        if at > start && next != ' ' && may_end {
            pieces.push(&text[start..at]);
            start = at;
        }
        before = next;
    }
    pieces.push(&text[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_spaces_and_between_chinese_characters_but_not_before_their_marks() {
        let words = wrap(&"word ".repeat(40), 4);
        assert!(words.lines().all(|line| line.starts_with("    word")));
        assert!(words.lines().all(|line| line.width() <= WIDTH));
        let chinese = wrap(&"反向传播（E_total），".repeat(20), 0);
        assert!(chinese.lines().all(|line| line.width() <= WIDTH));
        assert!(!chinese.lines().any(|line| line.starts_with(['，', '）'])));
        assert_eq!(
            chinese.replace('\n', ""),
            "反向传播（E_total），".repeat(20)
        );
    }
}
