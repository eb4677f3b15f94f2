//! Errors for data in another form than the model expects.

use super::error::{DataError, DataErrorKind, listed};
use super::types::{Form, Schema};
use crate::text::counted;

/// Returns the error for images where the model expects a table.
pub(super) fn not_a_table(source: &str, schema: &Schema) -> DataError {
    let columns = listed(&schema.columns);
    let count = counted(schema.columns.len(), "column");
    let message = format!(
        "{source}: a folder or images, and the model takes a table of {count} ({columns}); name a CSV file"
    );
    DataError::new(DataErrorKind::Model, message)
}

/// Returns the error for a table where the model expects images.
pub(super) fn not_images(source: &str, schema: &Schema) -> DataError {
    let size = match schema.form {
        Form::Images { .. } => schema.form.to_string(),
        Form::Table => schema.inputs.to_string(),
    };
    let message = format!(
        "{source}: not images, and the model takes images of {size}; name a folder of images or of IDX files, or one file of images"
    );
    DataError::new(DataErrorKind::Model, message)
}

/// Returns the error for images of another size than the model takes.
pub(super) fn of_another_size(source: &str, form: Form, schema: &Schema) -> DataError {
    let message = format!(
        "{source}: images of {form}, and the model takes {}; scale them, or train on images of this size",
        schema.form
    );
    DataError::new(DataErrorKind::Model, message)
}
