//! The first records of a text, split in one way.

use super::rewriter::{Quoting, Rewriter, Rules};
use super::rows::Marks;
use crate::dataset::options::Delimiter;
use csv::{ByteRecord, ReaderBuilder, Terminator};
use std::io::Read;

/// The most records of a sample.
const MOST: usize = 10_000;

/// How a text is split into cells.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    pub(super) delimiter: Delimiter,
    pub(super) comment: Option<String>,
    pub(super) quoting: Quoting,
    /// Whether lines end in CR alone.
    pub(super) returns: bool,
}

impl Dialect {
    /// Returns what separates cells for the parser.
    fn byte(&self) -> u8 {
        match self.delimiter {
            Delimiter::Byte(byte) => byte,
            Delimiter::Blanks => b' ',
        }
    }

    /// Returns what separates cells and begins comments in `rewritten` text.
    pub(super) fn marks(&self) -> Marks {
        Marks {
            delimiter: self.byte(),
            comment: match self.comment.as_deref().map(str::as_bytes) {
                Some([mark]) => Some(*mark),
                _ => None,
            },
        }
    }

    /// Returns `stream` with lines that end in LF, and cells between single bytes.
    pub(super) fn rewritten<'s>(&self, stream: impl Read + Send + 's) -> Box<dyn Read + Send + 's> {
        let rules = self.rules();
        match rules.are_none() {
            true => Box::new(stream),
            false => Box::new(Rewriter::new(stream, rules)),
        }
    }

    /// Returns the first records of `text`, without the last one if the text `is_cut`.
    pub(super) fn sample(&self, text: &[u8], is_cut: bool) -> Vec<ByteRecord> {
        let mut reader = self.builder().from_reader(self.rewritten(text));
        let records = reader.byte_records().map_while(Result::ok);
        let is_blank = |r: &ByteRecord| r.as_slice().trim_ascii().is_empty();
        let mut records: Vec<ByteRecord> = records.filter(|r| !is_blank(r)).take(MOST).collect();
        if is_cut && records.len() < MOST && records.len() > 1 {
            records.pop();
        }
        records.iter_mut().for_each(ByteRecord::trim);
        records
    }

    fn builder(&self) -> ReaderBuilder {
        let mut builder = ReaderBuilder::new();
        builder
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .delimiter(self.byte())
            .comment(self.marks().comment)
            .buffer_capacity(1 << 16);
        builder
    }

    fn rules(&self) -> Rules {
        let comment = self.comment.as_deref().unwrap_or_default().as_bytes();
        Rules {
            returns: self.returns,
            blanks: self.delimiter == Delimiter::Blanks,
            // The parser knows comments of one character, but a quotation mark in one must not count here.
            comment: match (comment.len(), self.quoting) {
                (0 | 1, Quoting::Doubled) => Vec::new(),
                _ => comment.to_vec(),
            },
            quoting: self.quoting,
            delimiter: self.byte(),
        }
    }
}
