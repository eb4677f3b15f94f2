//! Errors about data: a message, and its kind.

/// The kind of a data error. All kinds have exit code 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataErrorKind {
    /// There is no file, folder or built-in with that name.
    NotFound,
    /// The operating system refuses to read it.
    Unreadable,
    /// A damaged gzip or IDX file, an unsupported format, or text that is not UTF-8.
    Format,
    /// It has a longer line or name, or more columns, than wgrad reads, or needs more memory than is free.
    TooLarge,
    /// No header, too few rows or columns, or rows of different lengths.
    Shape,
    /// A requested column does not exist, or two columns share a name.
    Column,
    /// A cell is not a finite number.
    Cell,
    /// Text or missing values: columns or rows have to be dropped first.
    LeaveOut,
    /// The target cannot be learned.
    Target,
    /// The data does not fit the model.
    Model,
    /// The shares of a split leave nothing to train on.
    Split,
}

/// An error about data. Names file, line and column, what was expected and found, and a remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DataError {
    /// The kind of the error.
    pub kind: DataErrorKind,
    /// The whole message, without a full stop at the end.
    pub message: String,
}

impl DataError {
    pub(super) fn new(kind: DataErrorKind, message: impl Into<String>) -> DataError {
        let message = message.into();
        DataError { kind, message }
    }

    /// Returns the error with another message.
    pub(crate) fn telling(self, message: String) -> DataError {
        DataError { message, ..self }
    }
}

/// Lists a few names, and counts the rest.
pub(super) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<&str> = names.iter().take(SHOWN).map(AsRef::as_ref).collect();
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{}, ... and {more} more", shown.join(", ")),
    }
}

/// Quotes a cell as it is in the file, shortened if it is long.
pub(super) fn quoted(cell: &str) -> String {
    const SHOWN: usize = 40;
    match cell.char_indices().nth(SHOWN) {
        None => format!("{cell:?}"),
        Some((end, _)) => format!("{:?}...", &cell[..end]),
    }
}
