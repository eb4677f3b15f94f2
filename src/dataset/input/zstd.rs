//! Decompresses zstd as a stream of frames.

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io;
use std::io::{BufRead, BufReader, Read};

/// The most bytes of a window, which is kept in memory: what `zstd --long=27` makes.
const WINDOW: u64 = 128 << 20;

/// Checks whether a file begins with a frame, or with one to be skipped.
pub(super) fn is_frame(head: &[u8]) -> bool {
    match head {
        [0x28, 0xb5, 0x2f, 0xfd, ..] => true,
        [first, 0x2a, 0x4d, 0x18, ..] => first >> 4 == 5,
        _ => false,
    }
}

/// A stream of bytes out of a stream of frames.
pub(super) struct Decoder<R: Read> {
    source: BufReader<R>,
    frame: FrameDecoder,
    within: bool,
}

impl<R: Read> Decoder<R> {
    pub(super) fn new(source: R) -> Decoder<R> {
        let mut frame = FrameDecoder::new();
        frame.set_max_window_size(WINDOW);
        Decoder {
            source: BufReader::with_capacity(1 << 16, source),
            frame,
            within: false,
        }
    }

    /// Begins the next frame. Returns false at the end.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.frame.reset(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    let skipped = io::copy(&mut (&mut self.source).take(length), &mut io::sink())?;
                    if skipped < length {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(why) => return Err(damaged(why)),
            }
        }
        Ok(false)
    }

    /// Checks the sum at the end of a frame, if it has one.
    fn end(&self) -> io::Result<()> {
        match self.frame.get_checksum_from_data() {
            Some(sum) if self.frame.get_calculated_checksum() != Some(sum) => {
                Err(damaged("its checksum is wrong"))
            }
            _ => Ok(()),
        }
    }
}

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while !into.is_empty() {
            if !self.within {
                if !self.begin()? {
                    return Ok(0);
                }
                self.within = true;
            }
            while self.frame.can_collect() == 0 && !self.frame.is_finished() {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                let read = self.frame.decode_blocks(&mut self.source, one);
                read.map_err(damaged)?;
            }
            let count = self.frame.read(into)?;
            if count > 0 {
                return Ok(count);
            }
            self.end()?;
            self.within = false;
        }
        Ok(0)
    }
}

fn damaged(why: impl ToString) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_string())
}
