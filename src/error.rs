//! The errors of the library, with their exit codes.

use crate::dataset::DataError;
use std::io::ErrorKind;
use thiserror::Error;

/// An error of the library. The message names the subject, what was expected, what was found, and a remedy.
#[derive(Debug, Error)]
pub enum Error {
    /// The data cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A setting cannot be used.
    #[error("{0}")]
    Config(String),
    /// A model file cannot be used.
    #[error("{0}")]
    Model(String),
    /// There is no adapter, or not the requested one, or it cannot hold the job.
    #[error("{0}")]
    Adapter(String),
    /// The adapter stopped working, or refused a command.
    #[error("{0}")]
    Device(String),
    /// Training produced values that are not finite.
    #[error("{0}")]
    Diverged(String),
    /// Another process of a distributed run has ended or cannot be reached.
    #[error("{0}")]
    Ranks(String),
    /// The user interrupted the run.
    #[error("interrupted")]
    Interrupted,
    /// A file could not be read or written.
    #[error("{path}: {why}")]
    Io {
        /// The file.
        path: String,
        /// The cause. Not called `source`, because the message includes it.
        why: std::io::Error,
    },
}

impl Error {
    /// Returns the exit code of the command line.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Data(_) | Error::Config(_) | Error::Model(_) => 3,
            Error::Adapter(_) => 4,
            Error::Diverged(_) => 5,
            Error::Interrupted => 130,
            Error::Device(_) | Error::Ranks(_) | Error::Io { .. } => 1,
        }
    }

    /// For `map_err`: wraps an I/O error of the file at `path`, and adds a remedy.
    pub fn io(path: impl AsRef<std::path::Path>) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.as_ref().display().to_string();
        move |why| match cure(why.kind()) {
            None => Error::Io { path, why },
            Some(cure) => Error::Io {
                path,
                why: std::io::Error::new(why.kind(), format!("{why}; {cure}")),
            },
        }
    }
}

/// Returns what helps against an I/O error.
fn cure(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::StorageFull => Some("free space there, or write elsewhere"),
        ErrorKind::FileTooLarge | ErrorKind::QuotaExceeded => {
            Some("raise the limit (ulimit -f, quota), or write elsewhere")
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            Some("make it and its folder writable for you, or write elsewhere")
        }
        ErrorKind::StaleNetworkFileHandle | ErrorKind::NotFound => {
            Some("the folder was removed or mounted anew: open it again, or write elsewhere")
        }
        // The reader of a pipe is gone: nobody reads the message. The others say what helps.
        ErrorKind::BrokenPipe | ErrorKind::InvalidInput | ErrorKind::ResourceBusy => None,
        _ => Some("check the disk or its connection, or write elsewhere"),
    }
}
