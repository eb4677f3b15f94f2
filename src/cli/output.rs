//! A file that a flag names: opened before the work, and written whole after it.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use wgrad::Error;
use wgrad::file::write_whole;

/// The file. A new one is removed again if nothing is written.
pub(crate) struct Output {
    file: File,
    path: PathBuf,
    /// Whether the file is new.
    new: bool,
}

impl Output {
    /// Opens the file, so that errors show before the work. Keeps its content until [`Output::write`].
    ///
    /// # Errors
    /// Returns an error that names `flag` if the file cannot be written.
    pub(crate) fn create(flag: &str, path: &Path) -> Result<Output, Error> {
        let failed = |why| {
            Error::Config(format!(
                "{flag} {}: cannot be written ({why}); name a file in an existing, writable folder",
                path.display()
            ))
        };
        if path.is_dir() {
            return Err(Error::Config(format!(
                "{flag} {}: a folder; name a file in it",
                path.display()
            )));
        }
        let new = !path.try_exists().map_err(failed)?;
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).open(path);
        let (file, path) = (file.map_err(failed)?, path.to_owned());
        Ok(Output { file, path, new })
    }

    /// Replaces the file's content.
    ///
    /// # Errors
    /// Returns an error if it cannot be written.
    pub(crate) fn write(mut self, text: &str) -> Result<(), Error> {
        let metadata = self.file.metadata().map_err(Error::io(&self.path))?;
        let is_file = metadata.is_file();
        let written = match is_file.then(|| write_whole(&self.path, text.as_bytes())) {
            None => self.file.write_all(text.as_bytes()),
            // The file is writable but cannot be replaced: write it in place.
            Some(Err(why)) if cannot_be_replaced(why.kind()) => {
                let emptied = self.file.set_len(0);
                emptied.and_then(|()| self.file.write_all(text.as_bytes()))
            }
            Some(written) => written,
        };
        written.map_err(Error::io(&self.path))?;
        self.new = false;
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if self.new {
            drop(std::fs::remove_file(&self.path));
        }
    }
}

/// Checks for the errors of a folder in which a file cannot be renamed. On others the file's content stays.
fn cannot_be_replaced(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::PermissionDenied
            | ErrorKind::ResourceBusy
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::InvalidFilename
    )
}
