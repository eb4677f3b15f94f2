//! What can go wrong, with the exit code that it means.

use crate::dataset::DataError;
use thiserror::Error;

/// An error of the library. Each message says what it is about, what was expected, what was found, and the cure.
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
    /// There is no adapter, or not the one asked for, or it cannot hold the job.
    #[error("{0}")]
    Adapter(String),
    /// The adapter stopped working, or refused a command.
    #[error("{0}")]
    Device(String),
    /// Training left the finite numbers.
    #[error("{0}")]
    Diverged(String),
    /// The user interrupted the run.
    #[error("interrupted")]
    Interrupted,
    /// A file could not be read or written.
    #[error("{path}: {why}")]
    Io {
        /// The file.
        path: String,
        /// Why. Not called `source`: the message has it already.
        why: std::io::Error,
    },
}

impl Error {
    /// The exit code of the command line.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Data(_) | Error::Config(_) | Error::Model(_) => 3,
            Error::Adapter(_) => 4,
            Error::Diverged(_) => 5,
            Error::Interrupted => 130,
            Error::Device(_) | Error::Io { .. } => 1,
        }
    }

    /// For `map_err`: an input or output error of the file at `path`.
    pub fn io(path: impl AsRef<std::path::Path>) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.as_ref().display().to_string();
        move |why| Error::Io { path, why }
    }
}
