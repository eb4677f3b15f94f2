//! A stream of bytes from a file, stdin or a built-in, decompressed if it is packed with gzip or zstd.

mod zstd;

use super::builtin;
use super::error::{DataError, DataErrorKind as Kind};
use super::memory;
use super::progress::Counted;
use std::fs::File;
use std::io;
use std::io::Read;
use std::path::Path;

/// The origin of a stream.
#[derive(Clone)]
pub(super) struct InputOrigin {
    /// Name of the data set: the file's stem, or the built-in.
    pub(super) name: String,
    /// File name for errors.
    pub(super) file: String,
    /// What it is packed with.
    packed: Option<&'static str>,
}

/// The cause of an I/O error: bytes that are no text of this encoding.
#[derive(Debug, thiserror::Error)]
#[error("not {0} text")]
pub(super) struct NotText(pub(super) String);

/// The first bytes of a gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// Names of packed files, and what packs them.
const PACKED: [(&str, &str); 3] = [(".gz", "gzip"), (".zst", "zstd"), (".zstd", "zstd")];

/// A stream of bytes.
pub(super) struct Input {
    pub(super) origin: InputOrigin,
    pub(super) stream: Box<dyn Read + Send>,
}

impl Input {
    /// Opens a file, or stdin for `-`.
    pub(super) fn open(source: &str) -> Result<Input, DataError> {
        if source == "-" {
            return Input::new("stdin", "stdin", Box::new(io::stdin()));
        }
        let path = Path::new(source);
        let file = File::open(path).map_err(|why| match why.kind() {
            io::ErrorKind::NotFound => DataError::new(
                Kind::NotFound,
                format!("{source}: no such file or folder{}", hint(source)),
            ),
            _ => unreadable(source, &why),
        })?;
        Input::new(&stem(path), source, Box::new(Counted::new(file)))
    }

    /// Opens the bytes of the built-in `name`.
    pub(super) fn built_in(name: &str, bytes: Vec<u8>) -> Result<Input, DataError> {
        Input::new(name, name, Box::new(io::Cursor::new(bytes)))
    }

    /// Opens bytes in memory as they are, even if they look packed.
    pub(super) fn bytes(name: &str, bytes: Vec<u8>) -> Input {
        Input {
            origin: InputOrigin {
                name: name.to_owned(),
                file: name.to_owned(),
                packed: None,
            },
            stream: Box::new(io::Cursor::new(bytes)),
        }
    }

    fn new(name: &str, file: &str, stream: Box<dyn Read + Send>) -> Result<Input, DataError> {
        let mut input = Input {
            origin: InputOrigin {
                name: name.to_owned(),
                file: file.to_owned(),
                packed: None,
            },
            stream,
        };
        let magic = input.peek(4)?;
        let lower = file.to_ascii_lowercase();
        if magic.starts_with(&GZIP) {
            input.origin.packed = Some("gzip");
            input.stream = Box::new(flate2::read::MultiGzDecoder::new(input.stream));
        } else if zstd::is_frame(&magic) {
            input.origin.packed = Some("zstd");
            input.stream = Box::new(zstd::Decoder::new(input.stream));
        } else if let Some((end, what)) = PACKED.iter().find(|(end, _)| lower.ends_with(end)) {
            let message = format!(
                "{file}: its name ends in {end}, but it is not a {what} file; rename it, or pack it with {what}"
            );
            return Err(DataError::new(Kind::Format, message));
        }
        Ok(input)
    }

    /// Reads all bytes.
    ///
    /// # Errors
    /// Returns an error if they take more than `1 / share` of the free memory.
    pub(super) fn whole(&mut self, share: u64) -> Result<Vec<u8>, DataError> {
        let limit = memory::free() / share;
        let bytes = self.take(limit.saturating_add(1))?;
        match bytes.len() as u64 > limit {
            false => Ok(bytes),
            true => {
                let what = format!("{}: a file of more bytes", self.origin.file);
                Err(memory::too_large(&what, limit, "take a part of it"))
            }
        }
    }

    /// Returns the first bytes, at most `count`, without consuming them.
    pub(super) fn peek(&mut self, count: u64) -> Result<Vec<u8>, DataError> {
        let head = self.take(count)?;
        let rest = std::mem::replace(&mut self.stream, Box::new(io::empty()));
        self.stream = Box::new(io::Cursor::new(head.clone()).chain(rest));
        Ok(head)
    }

    /// Reads the next bytes, at most `count`.
    pub(super) fn take(&mut self, count: u64) -> Result<Vec<u8>, DataError> {
        let mut bytes = Vec::new();
        let read = self.stream.by_ref().take(count).read_to_end(&mut bytes);
        read.map_err(|why| self.origin.failed(&why))?;
        Ok(bytes)
    }
}

impl InputOrigin {
    /// Returns the origin of a part of the file, such as an array of an archive.
    pub(super) fn part(&self, name: &str) -> InputOrigin {
        InputOrigin {
            name: self.name.clone(),
            file: format!("{}: {name}", self.file),
            packed: None,
        }
    }

    /// Returns the data error for an I/O error.
    pub(super) fn failed(&self, why: &io::Error) -> DataError {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        if let Some(NotText(encoding)) = why.get_ref().and_then(|why| why.downcast_ref()) {
            let message = format!(
                "{}: not all of it is {encoding} text; name its `encoding`, or save it in UTF-8",
                self.file
            );
            return DataError::new(Kind::Format, message);
        }
        match (why.kind(), self.packed) {
            (InvalidData | InvalidInput | UnexpectedEof, Some(packer)) => DataError::new(
                Kind::Format,
                format!(
                    "{}: a damaged {packer} file ({why}); download or pack it again",
                    self.file
                ),
            ),
            _ => unreadable(&self.file, why),
        }
    }
}

/// Checks whether there is a folder at `source`.
pub(super) fn is_folder(source: &str) -> Result<bool, DataError> {
    match std::fs::metadata(source) {
        Ok(found) => Ok(found.is_dir()),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(why) => Err(unreadable(source, &why)),
    }
}

/// Returns the error for a file that the operating system refuses to read.
pub(super) fn unreadable(file: &str, why: &io::Error) -> DataError {
    DataError::new(Kind::Unreadable, format!("{file}: cannot be read: {why}"))
}

/// Returns a name without `.gz`, `.zst` or `.zstd`.
pub(super) fn unpacked(name: &str) -> &str {
    let lower = name.to_ascii_lowercase();
    let found = PACKED.iter().find(|(end, _)| lower.ends_with(end));
    found.map_or(name, |(end, _)| &name[..name.len() - end.len()])
}

/// Returns a file's name without its extension, and without that of a packer.
fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = Path::new(unpacked(&name)).file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// Suggests a similar name, or lists the built-ins. Prefers files for a name that looks like a file.
fn hint(source: &str) -> String {
    let built_in = crate::text::nearest(source, builtin::NAMES.into_iter());
    let built_in = built_in.map(|name| format!("the built-in {name:?}"));
    let file = neighbour(Path::new(source)).map(|path| format!("{path:?}"));
    let meant = match source.contains(['.', '/', '\\']) {
        true => file.or(built_in),
        false => built_in.or(file),
    };
    match meant {
        Some(meant) => format!("; did you mean {meant}?"),
        None => format!(
            "; give a table such as a CSV file, a folder of images or of IDX files, or a built-in: {}",
            builtin::NAMES.join(", ")
        ),
    }
}

/// Finds the file with the most similar name in the folder of `path`.
fn neighbour(path: &Path) -> Option<String> {
    let folder = match path.parent()? {
        parent if parent.as_os_str().is_empty() => Path::new("."),
        parent => parent,
    };
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let files = entries.filter(|entry| entry.path().is_file());
    let mut names: Vec<String> = files
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort_unstable();
    let typed = path.file_name()?.to_str()?;
    let name = crate::text::nearest(typed, names.iter().map(String::as_str))?;
    Some(path.with_file_name(name).display().to_string())
}
