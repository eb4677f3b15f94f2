//! Cuts a stream of JSON into its outermost objects.

use crate::dataset::error::{DataError, DataErrorKind as Kind};
use crate::dataset::input::InputOrigin;
use std::io::{BufRead, BufReader, Read};

/// Maximum number of bytes of an object.
const LONGEST: usize = 24 << 20;

/// The objects of a stream: one below the other, or in one array.
pub(super) struct Objects<'a, R: Read> {
    origin: &'a InputOrigin,
    stream: BufReader<R>,
    line: u64,
    object: Vec<u8>,
    /// Whether they are in an array, and what may come next there.
    array: Option<Next>,
    is_first: bool,
}

/// What may come next in an array.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    FirstObject,
    Object,
    Comma,
    Nothing,
}

impl<'a, R: Read> Objects<'a, R> {
    pub(super) fn new(origin: &'a InputOrigin, stream: R) -> Objects<'a, R> {
        Objects {
            origin,
            stream: BufReader::with_capacity(1 << 16, stream),
            line: 1,
            object: Vec::new(),
            array: None,
            is_first: true,
        }
    }

    /// Returns the bytes of the object.
    pub(super) fn text(&self) -> &[u8] {
        &self.object
    }

    /// Advances to the next object. Returns its line, or `None` at the end.
    pub(super) fn advance(&mut self) -> Result<Option<u64>, DataError> {
        if std::mem::take(&mut self.is_first) {
            self.skip_mark()?;
        }
        loop {
            let Some(byte) = self.next()? else {
                return match self.array {
                    None | Some(Next::Nothing) => Ok(None),
                    Some(_) => Err(self.fail("it ends within its array; download it again")),
                };
            };
            use Next::{Comma, FirstObject, Nothing, Object};
            self.array = match (byte, self.array) {
                (b' ' | b'\t' | b'\r' | b'\n', same) => same,
                (b'[', None) if self.object.is_empty() => Some(FirstObject),
                (b',', Some(Comma)) => Some(Object),
                (b']', Some(Comma | FirstObject)) => Some(Nothing),
                (b'{', None) => return self.object().map(Some),
                (b'{', Some(Object | FirstObject)) => {
                    self.array = Some(Comma);
                    return self.object().map(Some);
                }
                (_, Some(Nothing)) => {
                    return Err(self.fail("more behind its array; expected one array of objects"));
                }
                (_, Some(Comma)) => {
                    return Err(self.fail("expected a comma or ] behind an object"));
                }
                (byte, _) => {
                    let found = char::from(byte).escape_default();
                    return Err(self.fail(&format!(
                        "expected an object, {{\"name\": value, ...}}, found {found}; write each row as one object on a line of its own"
                    )));
                }
            };
        }
    }

    fn skip_mark(&mut self) -> Result<(), DataError> {
        let head = self.stream.fill_buf();
        let head = head.map_err(|why| self.origin.failed(&why))?;
        let mark = b"\xef\xbb\xbf";
        let skipped = if head.starts_with(mark) {
            mark.len()
        } else {
            0
        };
        self.stream.consume(skipped);
        Ok(())
    }

    /// Returns the next byte, and counts lines.
    fn next(&mut self) -> Result<Option<u8>, DataError> {
        let head = self.stream.fill_buf();
        let head = head.map_err(|why| self.origin.failed(&why))?;
        let Some(&byte) = head.first() else {
            return Ok(None);
        };
        self.stream.consume(1);
        self.line += u64::from(byte == b'\n');
        Ok(Some(byte))
    }

    /// Reads an object up to its closing brace. Returns its line.
    fn object(&mut self) -> Result<u64, DataError> {
        let line = self.line;
        self.object.clear();
        self.object.push(b'{');
        let (mut depth, mut is_text, mut is_escaped) = (1usize, false, false);
        while depth > 0 {
            let head = self.stream.fill_buf();
            let head = head.map_err(|why| self.origin.failed(&why))?;
            let mut taken = 0;
            for &byte in head {
                taken += 1;
                self.line += u64::from(byte == b'\n');
                match (byte, is_text) {
                    _ if is_escaped => is_escaped = false,
                    (b'\\', true) => is_escaped = true,
                    (b'"', _) => is_text = !is_text,
                    (b'{', false) => depth += 1,
                    (b'}', false) => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
            self.object.extend_from_slice(&head[..taken]);
            self.stream.consume(taken);
            if taken == 0 {
                self.line = line;
                return Err(
                    self.fail("an object that is not closed by }; mend or download it again")
                );
            }
            if self.object.len() > LONGEST {
                self.line = line;
                let message = format!("an object of more than {} MiB", LONGEST >> 20);
                return Err(self.fail(&message));
            }
        }
        Ok(line)
    }

    fn fail(&self, why: &str) -> DataError {
        let message = format!("{}:{}: {why}", self.origin.file, self.line);
        DataError::new(Kind::Format, message)
    }
}
