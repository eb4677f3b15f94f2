//! Finds out how the text of a table is written, from its beginning.

use super::delimiter::{has_row_names, quoting_and_delimiter, surplus, titles, trailing};
use super::encoding::Head;
use super::kinds::{is_plain, why_row};
use super::preamble::{MARK, Preamble};
use super::rewriter::Quoting;
use super::sample::Dialect;
use crate::dataset::error::quoted;
use crate::dataset::options::{Delimiter, DialectOptions};
use crate::text::counted;
use csv::ByteRecord;

const BOM: &[u8] = "\u{feff}".as_bytes();

/// How a text is written, and where its table begins.
pub(super) struct Found {
    pub(super) dialect: Dialect,
    /// The bytes before the table.
    pub(super) skip: usize,
    /// The lines before the table.
    pub(super) lines: u64,
    /// The first records.
    pub(super) sample: Vec<ByteRecord>,
    /// The number of empty cells that rows have behind the last name.
    pub(super) trailing: usize,
    /// The number of empty cells that the first line has behind those of the rows.
    pub(super) surplus: usize,
    /// Whether the name of the first column is missing.
    pub(super) row_names: bool,
    /// What is unusual.
    pub(super) notes: Vec<String>,
}

/// Finds the dialect of a text.
pub(super) fn detect(head: &Head, options: &DialectOptions, prefers_tabs: bool) -> Found {
    let returns = has_returns(&head.bytes);
    let end = if returns { b'\r' } else { b'\n' };
    let preamble = Preamble::find(&head.bytes, end, options.comment.as_deref());
    let body = &head.bytes[preamble.bytes..];
    let given = preamble.separator.map(Delimiter::Byte);
    let mut dialect = Dialect {
        delimiter: Delimiter::Byte(b','),
        comment: options.comment.clone().filter(|mark| !mark.is_empty()),
        quoting: Quoting::default(),
        returns,
    };
    let marked = options.comment.is_none() && has_marked_lines(body, end);
    if marked {
        dialect.comment = Some(MARK.to_owned());
    }
    let given = options.delimiter.or(given);
    (dialect.quoting, dialect.delimiter) =
        quoting_and_delimiter(body, head.is_cut, &dialect, given, prefers_tabs);
    let mut sample = dialect.sample(body, head.is_cut);
    if marked && !are_comments(&dialect, body, &sample) {
        dialect.comment = None;
        sample = dialect.sample(body, head.is_cut);
    }
    let above = titles(&sample);
    let (bytes, lines) = above_table(body, end, above, &dialect);
    let titles: Vec<ByteRecord> = sample.drain(..above).collect();
    let mut found = Found {
        // A byte-order mark may be where files were put together.
        skip: preamble.bytes + bytes.max(if body.starts_with(BOM) { BOM.len() } else { 0 }),
        lines: preamble.lines + lines,
        trailing: trailing(&sample),
        surplus: surplus(&sample),
        row_names: options.header != Some(false) && has_row_names(&sample),
        notes: notes(&dialect, &preamble, options),
        sample,
        dialect,
    };
    if above > 0 {
        let text = titles.iter().flatten().find(|cell| !cell.is_empty());
        let text = text.unwrap_or_default();
        let text = quoted(&String::from_utf8_lossy(text));
        let lines = counted(above, "line");
        found
            .notes
            .push(format!("{lines} above the header passed over: {text}"));
    }
    if options.comment.is_none() && options.header.is_none() {
        found.take_names(&preamble, &head.bytes, end);
    }
    found
}

impl Found {
    /// Takes the comment right above rows as their names, if it has as many cells: so NumPy writes a header.
    fn take_names(&mut self, preamble: &Preamble, head: &[u8], end: u8) {
        let Some(((start, lines), (first, rows))) = preamble.last.zip(self.sample.split_first())
        else {
            return;
        };
        let line = &head[start..];
        let length = line.iter().position(|byte| *byte == end);
        let names = self.dialect.sample(&line[..length.unwrap_or(0)], false);
        let [names] = &names[..] else {
            return;
        };
        let fits = names.len() == first.len() && names.len() > 1 && !names.iter().all(is_plain);
        let are_names = fits && why_row(names, &self.sample).is_none();
        if are_names && why_row(first, rows).is_some() {
            self.sample.insert(0, names.clone());
            (self.skip, self.lines) = (start, lines);
            let line = lines + 1;
            self.notes.push(format!(
                "the comment in line {line} has the names of the columns"
            ));
        }
    }
}

/// Returns the bytes and the lines of so many titles, and of the blank lines and comments around them.
fn above_table(body: &[u8], end: u8, titles: usize, dialect: &Dialect) -> (usize, u64) {
    let comment = dialect.comment.as_deref().map(str::as_bytes);
    let delimiter = dialect.marks().delimiter;
    let is_blank = |line: &[u8]| {
        let mut bytes = line.iter();
        bytes.all(|byte| byte.is_ascii_whitespace() || *byte == delimiter)
    };
    let (mut bytes, mut lines, mut left) = (0, 0, titles);
    for line in body.split_inclusive(|byte| *byte == end) {
        let is_title = !is_blank(line) && !comment.is_some_and(|mark| line.starts_with(mark));
        if titles == 0 || left == 0 && is_title {
            break;
        }
        left -= usize::from(is_title);
        bytes += line.len();
        lines += 1;
    }
    (bytes, lines)
}

/// Whether lines end in CR alone.
fn has_returns(head: &[u8]) -> bool {
    let ends = head.iter().filter(|byte| **byte == b'\n').count();
    let alone = head
        .windows(2)
        .filter(|pair| pair[0] == b'\r' && !matches!(pair[1], b'\n' | b'\r'));
    alone.count() > ends
}

/// Whether some lines of the table begin with #, but not most of them.
fn has_marked_lines(body: &[u8], end: u8) -> bool {
    let lines = body.split(|byte| *byte == end);
    let (mut marked, mut all) = (0, 0);
    for line in lines {
        marked += usize::from(line.starts_with(MARK.as_bytes()));
        all += 1;
    }
    marked > 0 && marked * 2 < all
}

/// Whether no line that begins with # has as many cells as a row of the `sample`, which is without these lines.
fn are_comments(dialect: &Dialect, body: &[u8], sample: &[ByteRecord]) -> bool {
    let Some(columns) = sample.last().map(ByteRecord::len) else {
        return false;
    };
    let plain = Dialect {
        comment: None,
        ..dialect.clone()
    };
    let all = plain.sample(body, true);
    let is_marked = |record: &&ByteRecord| record.as_slice().starts_with(MARK.as_bytes());
    let marked: Vec<&ByteRecord> = all.iter().filter(is_marked).collect();
    !marked.is_empty() && marked.iter().all(|record| record.len() != columns)
}

fn notes(dialect: &Dialect, preamble: &Preamble, options: &DialectOptions) -> Vec<String> {
    let mut notes = Vec::new();
    if dialect.returns {
        notes.push("lines end in CR alone".to_owned());
    }
    if let Some(separator) = preamble.separator {
        let separator = Delimiter::Byte(separator);
        notes.push(format!("line 1, sep=, sets the delimiter: {separator}"));
    }
    let mark = options.comment.as_deref().unwrap_or(MARK);
    if preamble.comments > 0 {
        let lines = counted(preamble.comments, "comment line");
        notes.push(format!("{lines} ({mark}) above the table skipped"));
    }
    if options.comment.is_none() && dialect.comment.is_some() {
        notes.push(format!(
            "lines that begin with {mark} are skipped as comments"
        ));
    }
    match dialect.quoting {
        Quoting::Doubled | Quoting::AfterBlanks => {}
        Quoting::Backslash => {
            notes.push("quotation marks within cells are read as \\\"".to_owned())
        }
        Quoting::Apostrophes => notes.push("cells are quoted by apostrophes".to_owned()),
    }
    let is_usual = matches!(dialect.delimiter, Delimiter::Byte(b',' | b';' | b'\t'));
    if options.delimiter.is_none() && preamble.separator.is_none() && !is_usual {
        notes.push(format!("cells are separated by {}", dialect.delimiter));
    }
    notes
}
