//! What comes before the first line of a table: blank lines, comments, and Excel's `sep=` line.

/// The mark of a comment that is found without being asked for.
pub(super) const MARK: &str = "#";

/// The lines before the table.
#[derive(Debug, Default)]
pub(super) struct Preamble {
    /// Their bytes.
    pub(super) bytes: usize,
    /// Their number.
    pub(super) lines: u64,
    /// The comments among them.
    pub(super) comments: usize,
    /// The delimiter that a `sep=` line sets.
    pub(super) separator: Option<u8>,
    /// The last comment: where its text begins, and the lines before it.
    pub(super) last: Option<(usize, u64)>,
}

impl Preamble {
    /// Finds the lines before the table. Without `comment`, lines that begin with # are comments, unless all lines do.
    pub(super) fn find(head: &[u8], end: u8, comment: Option<&str>) -> Preamble {
        let mark = comment.unwrap_or(MARK).as_bytes();
        let mut found = Preamble::default();
        while found.bytes < head.len() {
            let rest = &head[found.bytes..];
            let length = rest.iter().position(|byte| *byte == end);
            let line = &rest[..length.unwrap_or(rest.len())];
            let text = line.trim_ascii();
            if let Some(separator) = separator(text).filter(|_| found.lines == 0) {
                found.separator = Some(separator);
            } else if !mark.is_empty() && text.starts_with(mark) {
                found.comments += 1;
                let start = line.len() - line.trim_ascii_start().len() + mark.len();
                found.last = Some((found.bytes + start, found.lines));
            } else if text.is_empty() {
                // A blank line between: the comment above does not belong to the table.
                found.last = None;
            } else {
                return found;
            }
            found.bytes += length.map_or(rest.len(), |length| length + 1);
            found.lines += 1;
        }
        match comment {
            None if found.comments > 0 => Preamble::default(),
            _ => found,
        }
    }
}

/// Returns the delimiter that a line such as `sep=;` sets.
fn separator(line: &[u8]) -> Option<u8> {
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let line = line.strip_suffix(b"\"").unwrap_or(line);
    let (name, value) = line.split_at_checked(4)?;
    match value {
        _ if !name.eq_ignore_ascii_case(b"sep=") => None,
        // A tab or a space at the end of a line is trimmed with it.
        [] => Some(b'\t'),
        [byte] if byte.is_ascii_punctuation() && *byte != b'"' => Some(*byte),
        _ => None,
    }
}
