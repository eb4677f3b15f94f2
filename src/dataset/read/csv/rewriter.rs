//! Rewrites lines for the CSV parser, which knows neither line ends of CR alone, nor cells between any number of blanks,
//! nor comments that begin with several characters, nor other ways to quote than doubled quotation marks.

use std::io;
use std::io::Read;

/// How cells are quoted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Quoting {
    /// Between quotation marks, which are doubled within.
    #[default]
    Doubled,
    /// The same, with blanks before the first quotation mark.
    AfterBlanks,
    /// Between quotation marks, with a backslash before those within.
    Backslash,
    /// Between apostrophes.
    Apostrophes,
}

impl Quoting {
    /// Those that are tried where the usual one does not give all lines the same number of cells.
    pub(super) const OTHERS: [Quoting; 3] = [
        Quoting::AfterBlanks,
        Quoting::Backslash,
        Quoting::Apostrophes,
    ];
}

/// What to rewrite.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    /// Line ends are CR alone.
    pub(super) returns: bool,
    /// Blanks between cells become one space.
    pub(super) blanks: bool,
    /// Lines that begin so become empty.
    pub(super) comment: Vec<u8>,
    /// How cells are quoted: they become cells between quotation marks, which are doubled within.
    pub(super) quoting: Quoting,
    /// What separates cells.
    pub(super) delimiter: u8,
}

impl Rules {
    /// Whether there is nothing to rewrite.
    pub(super) fn are_none(&self) -> bool {
        let is_usual = self.quoting == Quoting::Doubled;
        !self.returns && !self.blanks && self.comment.is_empty() && is_usual
    }
}

/// A stream whose lines are rewritten. There are as many lines as before.
pub(super) struct Rewriter<R> {
    stream: R,
    rules: Rules,
    out: Vec<u8>,
    at: usize,
    raw: Vec<u8>,
    /// How much of the comment's mark was found, at the beginning of a line.
    matched: Option<usize>,
    is_comment: bool,
    is_quoted: bool,
    /// Whether a quotation mark was just closed: another one opens it again.
    is_closed: bool,
    /// Whether the last byte of a quoted cell was a backslash or an apostrophe, whose meaning the next one decides.
    is_open: bool,
    has_gap: bool,
    at_line: bool,
    at_cell: bool,
}

impl<R: Read> Rewriter<R> {
    pub(super) fn new(stream: R, rules: Rules) -> Rewriter<R> {
        let matched = (!rules.comment.is_empty()).then_some(0);
        Rewriter {
            stream,
            rules,
            out: Vec::new(),
            at: 0,
            raw: vec![0; 1 << 16],
            matched,
            is_comment: false,
            is_quoted: false,
            is_closed: false,
            is_open: false,
            has_gap: false,
            at_line: true,
            at_cell: true,
        }
    }

    fn step(&mut self, byte: u8) {
        let byte = match byte {
            b'\r' if self.rules.returns => b'\n',
            byte => byte,
        };
        if self.is_comment {
            if byte == b'\n' {
                self.end_line();
            }
            return;
        }
        if let Some(count) = self.matched {
            if byte == self.rules.comment[count] {
                self.is_comment = count + 1 == self.rules.comment.len();
                self.matched = (!self.is_comment).then_some(count + 1);
                return;
            }
            self.matched = None;
            for i in 0..count {
                self.put(self.rules.comment[i]);
            }
        }
        self.put(byte);
    }

    fn put(&mut self, byte: u8) {
        if self.is_quoted {
            return match self.rules.quoting {
                Quoting::Backslash => self.put_escaped(byte),
                Quoting::Apostrophes => self.put_apostrophes(byte),
                Quoting::Doubled | Quoting::AfterBlanks => self.put_quoted(byte),
            };
        }
        match byte {
            b'\n' => return self.end_line(),
            b' ' | b'\t' | b'\r' if self.rules.blanks => self.has_gap = true,
            // Cells are read without the blanks around them.
            b' ' if self.at_cell && self.rules.quoting != Quoting::Doubled => {}
            b'\'' if self.at_cell && self.rules.quoting == Quoting::Apostrophes => {
                self.is_quoted = true;
                (self.at_cell, self.at_line) = (false, false);
                self.out.push(b'"');
            }
            _ => {
                if std::mem::take(&mut self.has_gap) && !self.at_line {
                    self.out.push(b' ');
                    self.at_cell = true;
                }
                self.is_quoted = byte == b'"' && (self.at_cell || self.is_closed);
                self.at_cell = byte == self.rules.delimiter;
                self.at_line = false;
                self.out.push(byte);
            }
        }
        self.is_closed = false;
    }

    fn put_quoted(&mut self, byte: u8) {
        self.is_quoted = byte != b'"';
        self.is_closed = !self.is_quoted;
        self.out.push(byte);
    }

    fn put_escaped(&mut self, byte: u8) {
        match (std::mem::take(&mut self.is_open), byte) {
            (false, b'\\') => self.is_open = true,
            (false, _) => self.put_quoted(byte),
            (true, b'"') => self.out.extend(b"\"\""),
            (true, b'\\') => self.out.push(b'\\'),
            (true, _) => self.out.extend([b'\\', byte]),
        }
    }

    fn put_apostrophes(&mut self, byte: u8) {
        if std::mem::take(&mut self.is_open) {
            match byte {
                b'\'' => return self.out.push(b'\''),
                b'\n' | b'\r' => return self.close(byte),
                _ if byte == self.rules.delimiter => return self.close(byte),
                // One within a word.
                _ => self.out.push(b'\''),
            }
        }
        match byte {
            b'\'' => self.is_open = true,
            b'"' => self.out.extend(b"\"\""),
            _ => self.out.push(byte),
        }
    }

    /// Ends a cell between apostrophes, before the byte that follows it.
    fn close(&mut self, next: u8) {
        self.is_quoted = false;
        self.out.push(b'"');
        self.put(next);
    }

    fn end_line(&mut self) {
        self.out.push(b'\n');
        self.matched = (!self.rules.comment.is_empty()).then_some(0);
        (self.is_comment, self.is_closed, self.has_gap) = (false, false, false);
        (self.at_line, self.at_cell) = (true, true);
    }
}

impl<R: Read> Read for Rewriter<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.out.len() {
            self.out.clear();
            self.at = 0;
            let mut raw = std::mem::take(&mut self.raw);
            let count = self.stream.read(&mut raw);
            for &byte in count.as_ref().map_or(&[][..], |count| &raw[..*count]) {
                self.step(byte);
            }
            self.raw = raw;
            if count? == 0 {
                return Ok(0);
            }
        }
        let count = (self.out.len() - self.at).min(into.len());
        into[..count].copy_from_slice(&self.out[self.at..][..count]);
        self.at += count;
        Ok(count)
    }
}
