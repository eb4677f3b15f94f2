//! A file that a flag asks for, or - for stdout: written when its content is known.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;
use wgrad::Error;
use wgrad::file::write_whole;

/// A file to write.
pub(crate) struct FileOrStdout<'a> {
    /// The flag that names it, for errors.
    pub(crate) flag: &'static str,
    /// Its path, or - for stdout.
    pub(crate) path: &'a Path,
    /// Its content.
    pub(crate) bytes: Vec<u8>,
}

impl FileOrStdout<'_> {
    /// Whether it goes to stdout.
    pub(crate) fn is_stdout(&self) -> bool {
        self.path == Path::new("-")
    }

    /// Writes it: a file as a whole, or into a pipe or device.
    pub(crate) fn write(&self) -> anyhow::Result<()> {
        if self.is_stdout() {
            let mut out = std::io::stdout().lock();
            out.write_all(&self.bytes)?;
            return Ok(out.flush()?);
        }
        let failed = |why: std::io::Error| match why.kind() {
            ErrorKind::NotFound
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem => Error::Config(format!(
                "{} {}: cannot be written ({why}); name a file in an existing, writable folder",
                self.flag,
                self.path.display()
            )),
            _ => Error::io(self.path)(why),
        };
        // A pipe or a device is no file to replace.
        let is_special = std::fs::metadata(self.path).is_ok_and(|found| !found.is_file());
        let written = match is_special {
            true => OpenOptions::new()
                .write(true)
                .open(self.path)
                .and_then(|mut file| file.write_all(&self.bytes)),
            false => write_whole(self.path, &self.bytes),
        };
        Ok(written.map_err(failed)?)
    }
}
