//! What is wrong with data: one message, and its kind.

/// What kind of thing is wrong. All of them mean exit code 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataErrorKind {
    /// There is no file, folder or built-in of that name.
    NotFound,
    /// The operating system does not let it be read.
    Unreadable,
    /// A damaged gzip or IDX file, a format that is not read, or text that is not UTF-8.
    Format,
    /// No header, too few rows or columns, or a row of another length.
    Shape,
    /// A column that was asked for is not there, or a name stands for two.
    Column,
    /// A cell is not a finite number.
    Cell,
    /// Columns or rows have to be left out first: text, missing values.
    LeaveOut,
    /// The target cannot be learned as it is.
    Target,
    /// The data does not fit the model that it is for.
    Model,
    /// The shares of a split leave nothing to train on.
    Split,
}

/// What is wrong with data: file, line and column, what was expected and found, and the cure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DataError {
    /// What kind of thing is wrong.
    pub kind: DataErrorKind,
    /// The whole message, without a final stop.
    pub message: String,
}

impl DataError {
    pub(super) fn new(kind: DataErrorKind, message: impl Into<String>) -> DataError {
        let message = message.into();
        DataError { kind, message }
    }

    /// The same error with another message.
    pub(crate) fn telling(self, message: String) -> DataError {
        DataError { message, ..self }
    }
}

/// A few names, and how many more.
pub(super) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<&str> = names.iter().take(SHOWN).map(AsRef::as_ref).collect();
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{}, ... and {more} more", shown.join(", ")),
    }
}

/// A cell as it stands in the file, in quotes; the beginning of a long one.
pub(super) fn quoted(cell: &str) -> String {
    const SHOWN: usize = 40;
    match cell.char_indices().nth(SHOWN) {
        None => format!("{cell:?}"),
        Some((end, _)) => format!("{:?}...", &cell[..end]),
    }
}
