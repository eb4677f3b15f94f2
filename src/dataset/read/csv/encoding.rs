//! The encoding of a text: by its mark, by the pattern of its NUL bytes, or by whether it is UTF-8.

use crate::dataset::error::{DataError, DataErrorKind as Kind};
use crate::dataset::input::{Input, NotText};
use encoding_rs::{Decoder, DecoderResult, Encoding, REPLACEMENT, UTF_8, WINDOWS_1252};
use encoding_rs::{UTF_16BE, UTF_16LE};
use std::io;
use std::io::Read;

/// The bytes of a text that tell how it is written.
const HEAD: u64 = 1 << 20;
/// The number of first bytes that tell UTF-16 and binary data apart.
const PATTERN: usize = 4096;
/// The bytes that are decoded at once.
const CHUNK: usize = 1 << 16;

/// The beginning of a text in UTF-8.
pub(super) struct Head {
    pub(super) bytes: Vec<u8>,
    /// Whether the text goes on behind it.
    pub(super) is_cut: bool,
    /// What is unusual about the encoding.
    pub(super) note: Option<String>,
}

/// Turns the stream of `input` into UTF-8 without a byte-order mark, and returns its beginning.
///
/// # Errors
/// Returns an error for an unknown encoding, binary data, and text that is not in its encoding.
pub(super) fn decode(input: &mut Input, asked: Option<&str>) -> Result<Head, DataError> {
    let head = input.peek(HEAD)?;
    let (encoding, mark) = match (asked, Encoding::for_bom(&head)) {
        (Some(name), mark) => {
            let encoding = named(name)?;
            (encoding, mark.filter(|(found, _)| *found == encoding))
        }
        (None, Some(found)) => (found.0, Some(found)),
        (None, None) => (detected(&head, &input.origin.file)?, None),
    };
    let note = (asked.is_none() && encoding != UTF_8).then(|| noted(encoding, &head));
    let marked = mark.map_or(0, |(_, bytes)| bytes);
    let skipped = input.stream.read_exact(&mut vec![0; marked]);
    skipped.map_err(|why| input.origin.failed(&why))?;
    let bytes = match encoding == UTF_8 {
        true => head[marked..].to_vec(),
        false => {
            let stream = std::mem::replace(&mut input.stream, Box::new(io::empty()));
            input.stream = Box::new(Transcoder::new(stream, encoding));
            input.peek(HEAD)?
        }
    };
    Ok(Head {
        is_cut: (bytes.len() + marked) as u64 >= HEAD,
        bytes,
        note,
    })
}

fn named(name: &str) -> Result<&'static Encoding, DataError> {
    let found = Encoding::for_label(name.as_bytes()).filter(|found| *found != REPLACEMENT);
    found.ok_or_else(|| {
        let message = format!(
            "`encoding = {name}`: no such encoding; expected utf-8, utf-16le, windows-1252 or another label of the WHATWG"
        );
        DataError::new(Kind::Format, message)
    })
}

fn detected(head: &[u8], file: &str) -> Result<&'static Encoding, DataError> {
    let first = &head[..head.len().min(PATTERN)];
    if let Some(at) = first.iter().position(|byte| *byte == 0) {
        return utf_16(first).ok_or_else(|| {
            let message = format!(
                "{file}: binary data (byte {} is NUL), expected a table as text; save it as CSV in UTF-8",
                at + 1
            );
            DataError::new(Kind::Format, message)
        });
    }
    let (valid, invalid) = sequences(head);
    // A text that is mostly UTF-8 is damaged: in another encoding, its good letters would be wrong.
    Ok(match invalid > valid {
        true => WINDOWS_1252,
        false => UTF_8,
    })
}

/// Returns the kind of UTF-16 whose letters have NUL bytes where these have them.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let bytes = &bytes[..bytes.len() & !1];
    let zeros = |odd: usize| bytes.chunks(2).filter(|pair| pair[odd] == 0).count();
    let most = bytes.len() / 2;
    let encoding = match [zeros(0), zeros(1)] {
        [0, low] if low * 4 > most => UTF_16LE,
        [high, 0] if high * 4 > most => UTF_16BE,
        _ => return None,
    };
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    (!text.contains(is_control)).then_some(encoding)
}

/// Counts the letters beyond ASCII that are UTF-8, and the places that are not.
fn sequences(head: &[u8]) -> (usize, usize) {
    if head.is_ascii() {
        return (0, 0);
    }
    let (mut valid, mut invalid, mut at) = (0, 0, 0);
    for chunk in head.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        at += chunk.valid().len() + chunk.invalid().len();
        let is_open =
            || std::str::from_utf8(chunk.invalid()).is_err_and(|why| why.error_len().is_none());
        // The end of the head may be within a letter.
        let is_cut = at == head.len() && at as u64 >= HEAD && is_open();
        invalid += usize::from(!chunk.invalid().is_empty() && !is_cut);
    }
    (valid, invalid)
}

fn noted(encoding: &'static Encoding, head: &[u8]) -> String {
    let name = encoding.name().to_ascii_lowercase();
    match std::str::from_utf8(head) {
        Err(why) if encoding == WINDOWS_1252 => {
            let before = head[..why.valid_up_to()].iter();
            let line = 1 + before.filter(|byte| **byte == b'\n').count();
            format!("encoding {name} (Latin-1): line {line} is not UTF-8")
        }
        _ => format!("encoding {name}"),
    }
}

/// A stream of UTF-8, from one in another encoding.
struct Transcoder {
    stream: Box<dyn Read + Send>,
    encoding: &'static Encoding,
    decoder: Decoder,
    raw: Vec<u8>,
    /// The part of `raw` that is not decoded yet.
    left: std::ops::Range<usize>,
    text: Vec<u8>,
    /// The part of `text` that is not read yet.
    ready: std::ops::Range<usize>,
    ended: bool,
}

impl Transcoder {
    fn new(stream: Box<dyn Read + Send>, encoding: &'static Encoding) -> Transcoder {
        Transcoder {
            stream,
            encoding,
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: vec![0; CHUNK],
            left: 0..0,
            text: vec![0; CHUNK],
            ready: 0..0,
            ended: false,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.left.is_empty() {
            let count = self.stream.read(&mut self.raw)?;
            self.left = 0..count;
            self.ended = count == 0;
        }
        let raw = &self.raw[self.left.clone()];
        let (result, read, written) =
            self.decoder
                .decode_to_utf8_without_replacement(raw, &mut self.text, self.ended);
        self.left.start += read;
        self.ready = 0..written;
        match result {
            DecoderResult::Malformed(..) => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                NotText(self.encoding.name().to_ascii_lowercase()),
            )),
            _ => Ok(()),
        }
    }
}

impl Read for Transcoder {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.ready.is_empty() && !self.ended {
            self.fill()?;
        }
        let count = self.ready.len().min(into.len());
        into[..count].copy_from_slice(&self.text[self.ready.start..][..count]);
        self.ready.start += count;
        Ok(count)
    }
}
