//! Splits text into records of cells, at the marks in it: delimiters, line ends and quotation marks.
//!
//! A quotation mark counts only at the beginning of a cell. It ends at the next one that is not doubled, and what follows
//! up to the delimiter belongs to the cell.

use super::places::Places;

/// What separates cells, and what comments begin with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    pub(super) delimiter: u8,
    pub(super) comment: Option<u8>,
}

/// Records of a text. Their cells have the blanks around them.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// The text, of whole records once it is split.
    pub(super) text: Vec<u8>,
    /// Where each cell begins and ends.
    cells: Vec<(u32, u32)>,
    records: Vec<Record>,
}

#[derive(Clone, Copy, Debug)]
struct Record {
    /// The first cell, and the one behind the last.
    cells: (usize, usize),
    line: u64,
}

/// A record.
#[derive(Clone, Copy)]
pub(super) struct Row<'r> {
    text: &'r [u8],
    cells: &'r [(u32, u32)],
    /// The line on which it begins.
    pub(super) line: u64,
}

/// What the text is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// A cell without quotation marks, or its beginning.
    Bare,
    /// A cell whose quotation mark is open.
    Open,
    /// A cell whose quotation mark was closed.
    Closed,
    Comment,
}

impl Rows {
    /// Splits the text, which begins on `line`, and moves `line` behind the whole records. Returns their bytes. Blank
    /// lines are left out.
    pub(super) fn split(&mut self, marks: Marks, line: &mut u64) -> usize {
        self.cells.clear();
        self.records.clear();
        let text = &self.text[..];
        let begun = |at: usize| match text.get(at) {
            Some(byte) if Some(*byte) == marks.comment => State::Comment,
            _ => State::Bare,
        };
        // Where the record and the cell begin, and the record's first cell.
        let (mut record, mut start, mut first) = (0, 0, 0);
        let (mut state, mut within) = (begun(0), 0);
        // Cells with more than one pair of quotation marks around them.
        let (mut is_mixed, mut mixed) = (false, Vec::new());
        let mut places = Places::new(text, [marks.delimiter, b'\n', b'"']);
        while let Some(at) = places.next() {
            let byte = text[at];
            match (state, byte) {
                (State::Open, b'"') if text.get(at + 1) == Some(&b'"') => {
                    places.next();
                    is_mixed = true;
                }
                (State::Open, b'"') => {
                    state = State::Closed;
                    let ends = [marks.delimiter, b'\n'].map(Some);
                    is_mixed |= !ends.contains(&text.get(at + 1).copied());
                }
                (State::Open, _) => within += u64::from(byte == b'\n'),
                (State::Bare, b'"') if at == start => state = State::Open,
                (_, b'"') => {}
                (State::Comment, _) if byte != b'\n' => {}
                _ => {
                    if state != State::Comment && !(byte == b'\n' && at == record) {
                        if is_mixed {
                            mixed.push(self.cells.len());
                        }
                        let quotes = usize::from(state == State::Closed && !is_mixed);
                        let cell = ((start + quotes) as u32, (at - quotes) as u32);
                        self.cells.push(cell);
                        is_mixed = false;
                        state = State::Bare;
                    }
                    start = at + 1;
                    if byte == b'\n' {
                        let cells = (first, self.cells.len());
                        self.records.push(Record { cells, line: *line });
                        (record, first) = (start, cells.1);
                        *line += 1 + std::mem::take(&mut within);
                        state = begun(start);
                    }
                }
            }
        }
        self.cells.truncate(first);
        mixed.retain(|cell| *cell < first);
        self.unquote(&mixed);
        self.retain(|row| row.len() > 1 || !row.is_empty());
        record
    }

    /// Removes the quotation marks that do not belong to these cells.
    fn unquote(&mut self, cells: &[usize]) {
        for &cell in cells {
            let (start, end) = self.cells[cell];
            let cell_text = &mut self.text[start as usize..end as usize];
            self.cells[cell].1 = start + unquote(cell_text) as u32;
        }
    }

    /// Removes the rows that are not to be kept.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(Row) -> bool) {
        let (text, cells) = (&self.text, &self.cells);
        self.records.retain(|record| keep(record.row(text, cells)));
    }

    pub(super) fn remove_first(&mut self) {
        self.records.remove(0);
    }

    /// Returns the number of records.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// Returns the number of cells.
    pub(super) fn cells(&self) -> usize {
        self.cells.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        let records = self.records.iter();
        records.map(|record| record.row(&self.text, &self.cells))
    }
}

impl Record {
    fn row<'r>(&self, text: &'r [u8], cells: &'r [(u32, u32)]) -> Row<'r> {
        Row {
            text,
            cells: &cells[self.cells.0..self.cells.1],
            line: self.line,
        }
    }
}

impl<'r> Row<'r> {
    /// Returns the number of cells.
    pub(super) fn len(self) -> usize {
        self.cells.len()
    }

    /// Returns a cell, which is empty behind the last one.
    pub(super) fn cell(self, c: usize) -> &'r [u8] {
        let (start, end) = self.cells.get(c).copied().unwrap_or_default();
        &self.text[start as usize..end as usize]
    }

    pub(super) fn iter(self) -> impl Iterator<Item = &'r [u8]> {
        (0..self.len()).map(move |c| self.cell(c))
    }

    /// Whether all cells are empty.
    pub(super) fn is_empty(self) -> bool {
        self.iter().all(|cell| cell.trim_ascii().is_empty())
    }
}

/// Moves what a cell in quotation marks holds to its front. Returns its length.
fn unquote(cell: &mut [u8]) -> usize {
    let (mut length, mut at, mut is_open) = (0, 1, true);
    while at < cell.len() {
        let is_mark = is_open && cell[at] == b'"';
        if is_mark && cell.get(at + 1) != Some(&b'"') {
            is_open = false;
            at += 1;
            continue;
        }
        cell[length] = cell[at];
        length += 1;
        at += 1 + usize::from(is_mark);
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Random, Stream};
    use csv::{ReaderBuilder, Terminator};

    /// The line and the cells of each record.
    type Records = Vec<(u64, Vec<Vec<u8>>)>;

    /// Splits a text that is read up to `cut`, and then from the first record that is not whole. Returns the bytes of
    /// whole records, too.
    fn split(text: &[u8], cut: usize, marks: Marks) -> (Records, usize) {
        let (mut records, mut line, mut at) = (Vec::new(), 1, 0);
        for end in [cut, text.len()] {
            let mut rows = Rows {
                text: text[at..end].to_vec(),
                ..Rows::default()
            };
            at += rows.split(marks, &mut line);
            let owned = |row: Row| (row.line, row.iter().map(<[u8]>::to_vec).collect());
            records.extend(rows.iter().map(owned));
        }
        (records, at)
    }

    /// Returns what the crate `csv` makes of a text.
    fn expected(text: &[u8], marks: Marks) -> Records {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .delimiter(marks.delimiter)
            .comment(marks.comment)
            .from_reader(text);
        let (mut records, mut record) = (Vec::new(), csv::ByteRecord::new());
        while reader.read_byte_record(&mut record).unwrap() {
            let within = record.as_slice().iter().filter(|b| **b == b'\n').count();
            let line = reader.position().line() - 1 - within as u64;
            if record.len() > 1 || !record.as_slice().trim_ascii().is_empty() {
                records.push((line, record.iter().map(<[u8]>::to_vec).collect()));
            }
        }
        records
    }

    /// Compares all ways to cut the text.
    fn check(text: &[u8], marks: Marks) {
        let expected = expected(text, marks);
        for cut in 0..=text.len() {
            let (records, whole) = split(text, cut, marks);
            let shown = String::from_utf8_lossy(text);
            let [found, all] = [records.len(), expected.len()];
            assert_eq!(
                records,
                expected[..found],
                "{shown:?} {marks:?}, cut at {cut}"
            );
            // The crate makes a record of what an open quotation leaves.
            let is_open = usize::from(whole < text.len());
            assert!(all - found <= is_open, "{shown:?} {marks:?}, cut at {cut}");
        }
    }

    const COMMAS: Marks = Marks {
        delimiter: b',',
        comment: Some(b'#'),
    };

    #[test]
    fn records_are_those_of_another_parser_wherever_the_text_is_cut() {
        for text in [
            "a,b\n1,2\n",
            "a,b\r\n1,2\r\n\r\n\n3,4\r\n",
            "a\rb,c\n",
            "5\" pipe,6\"\n\"7\"\" pipe\",8\n",
            "\"a\"b\"c,d\"e\n\"f\" ,\"g\"\r\n",
            "\"\"\"\"\n\"\"\n\"\" \n\"\",\"\"\n",
            "x,\"in\nthree\n\nlines, and\",y\nz,1,2\n",
            "# comment, \"open\n#\n1,#2\n \n ,\n\"#\",3\n",
            "é,\"ü\"\",ö\"\n\u{feff},日本\n",
            "1,2,\n1,2,,\n,\n1\n",
            "\"open,1\n2,3\n",
        ] {
            check(text.as_bytes(), COMMAS);
            let long = text.repeat(9);
            check(long.as_bytes(), COMMAS);
        }
    }

    #[test]
    fn records_are_those_of_another_parser_whatever_the_bytes() {
        let alphabet = b"\"\"\"\"\n\n\n,,,;;\r #ab1\xc3\xa9";
        for round in 0..3000u32 {
            let random = Random::new(5, Stream::Data, round);
            let byte = |i: u32| alphabet[random.bits(i) as usize % alphabet.len()];
            let mut text: Vec<u8> = (1..=random.bits(0) % 150).map(byte).collect();
            text.push(b'\n');
            let marks = Marks {
                delimiter: [b',', b';', b' '][round as usize % 3],
                comment: [Some(b'#'), None][round as usize % 2],
            };
            check(&text, marks);
        }
    }
}
