//! Images in a NumPy archive: an array (images, height, width) or (images, height, width, channels), and classes.

use super::Pictures;
use crate::dataset::cells::Use;
use crate::dataset::error::{DataError, DataErrorKind as Kind};
use crate::dataset::mismatch::of_another_size;
use crate::dataset::read::npz::{Archive, ArraySet, Purpose};
use crate::dataset::{Dataset, Form, Schema};
use std::collections::HashMap;

/// Reads images to learn from: the training set, and those for validation and the test.
pub(in crate::dataset) fn to_learn(mut archive: Archive) -> Result<Dataset, DataError> {
    let arrays = archive.arrays()?;
    let mut pictures = read(&mut archive, &arrays.sets)?;
    pictures.notes.extend(archive.unused(&arrays));
    pictures.into_rows_to_learn()
}

/// Reads images for a model: the test set, or the only one.
pub(in crate::dataset) fn for_model(
    mut archive: Archive,
    schema: &Schema,
) -> Result<Dataset, DataError> {
    let mut set = archive.arrays()?.for_model();
    if let (Some(set), true) = (&mut set, schema.target_names.is_empty()) {
        set.targets = None;
    }
    let sets: Vec<ArraySet> = set.into_iter().collect();
    let pictures = read(&mut archive, &sets)?;
    if pictures.form != schema.form {
        return Err(of_another_size(&archive.origin.file, pictures.form, schema));
    }
    pictures.for_model(schema)
}

fn read(archive: &mut Archive, sets: &[ArraySet]) -> Result<Pictures, DataError> {
    let mut pictures = Pictures {
        name: archive.origin.name.clone(),
        form: Form::Table,
        pixels: Vec::new(),
        purposes: Vec::new(),
        labels: sets.iter().all(|set| set.targets.is_some()).then(Vec::new),
        classes: Vec::new(),
        files: Vec::new(),
        notes: Vec::new(),
    };
    let mut numbers = HashMap::new();
    for set in sets {
        let (form, count) = form(archive, set.inputs)?;
        if pictures.form != Form::Table && pictures.form != form {
            let message = format!(
                "{}: images of {} and of {form}; expected one size",
                archive.origin.file, pictures.form
            );
            return Err(DataError::new(Kind::Shape, message));
        }
        pictures.form = form;
        let pixels = archive.with(set.inputs, |array| array.bytes())?;
        pictures.pixels.extend_from_slice(&pixels);
        let purpose = match set.purpose {
            Purpose::All | Purpose::Train => Use::Train,
            Purpose::Val => Use::Val,
            Purpose::Test => Use::Test,
        };
        let rows = pictures.purposes.len() + count;
        pictures.purposes.resize(rows, purpose);
        let (Some(labels), Some(targets)) = (&mut pictures.labels, set.targets) else {
            continue;
        };
        let column = archive.with(targets, |array| array.column())?;
        if column.len() != count {
            return Err(archive.unequal(count as u64, column.len() as u64));
        }
        for row in 0..count {
            let name = column.text(row);
            let number = numbers.get(&*name).copied().unwrap_or_else(|| {
                let number = pictures.classes.len() as u32;
                pictures.classes.push(name.to_string());
                numbers.insert(name.to_string(), number);
                number
            });
            labels.push(number);
        }
    }
    Ok(pictures)
}

/// Returns the form of the images in an array, and their number.
fn form(archive: &Archive, member: usize) -> Result<(Form, usize), DataError> {
    let header = archive.header_of(member)?;
    let fail = |why: &str| {
        let message = format!(
            "{}: images of the shape {}, {why}",
            archive.origin.file,
            header.shape_text()
        );
        Err(DataError::new(Kind::Shape, message))
    };
    let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let (count, height, width, channels) = match header.shape[..] {
        [count, height, width] => (count, height, width, 1),
        [count, height, width, channels @ 1..=4] => (count, height, width, channels),
        _ => {
            return fail(
                "expected (images, height, width) or (images, height, width, channels); reshape them, or save a table: x.reshape(len(x), -1)",
            );
        }
    };
    if header.shape.contains(&0) {
        return fail("which are empty");
    }
    if !header.element.is_pixel() {
        return fail(
            "expected pixels from 0 to 255: x.astype(\"uint8\"); or save a table: x.reshape(len(x), -1)",
        );
    }
    if header.is_by_column() {
        return fail("in the order of Fortran; save numpy.ascontiguousarray(x)");
    }
    let form = Form::Images {
        height: size(height),
        width: size(width),
        channels: size(channels),
    };
    Ok((form, size(count)))
}
