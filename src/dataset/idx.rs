//! IDX, the format of MNIST and similar data sets (LeCun, Cortes and Burges): a folder with images and labels for
//! training and test, or one file of images.

mod files;
mod names;

use super::error::{DataError, DataErrorKind as Kind, listed};
use super::input::{Input, unpacked};
use super::mismatch::{not_a_table, of_another_size};
use crate::dataset::{Dataset, Form, Inputs, Schema, Targets};
use files::{Set, images_of, images_with_labels, only_images, set};
use names::{Files, Use, entries, labels_name, training_prefix};
use std::path::{Path, PathBuf};

/// Checks whether a file has the name of an IDX file, or its first bytes.
pub(super) fn is_idx(path: &str, head: &[u8]) -> bool {
    let name = unpacked(path).to_ascii_lowercase();
    let is_named = (1..=4).any(|n| name.ends_with(&format!("idx{n}-ubyte")));
    is_named || head.starts_with(&[0, 0, 0x08])
}

/// Checks whether a folder has files with the names of a training or test set.
pub(super) fn is_in(folder: &Path) -> Result<bool, DataError> {
    Ok(!Files::find(folder, None)?.is_empty())
}

/// Reads a folder to learn from: the training rows, followed by the test rows.
pub(super) fn read_folder(folder: &Path) -> Result<Dataset, DataError> {
    sets_to_learn(folder, folder, &Files::find(folder, None)?)
}

/// Reads a training set to learn from, followed by the test set if there is one.
fn sets_to_learn(source: &Path, folder: &Path, files: &Files) -> Result<Dataset, DataError> {
    let Some(train) = set(files, Use::Train)? else {
        return Err(missing(folder));
    };
    let test = set(files, Use::Test)?;
    let test_from = test.is_some().then_some(train.count);
    let sets: Vec<Set> = [train].into_iter().chain(test).collect();
    require_one_size(folder, &sets)?;
    let mut data = to_learn(source, sets)?;
    data.test_from = test_from;
    if test_from.is_none() {
        let note = "no t10k files: the test rows are taken from the training rows";
        data.notes.push(note.to_owned());
    }
    Ok(data)
}

/// Reads a file of images to learn from, with the labels file next to it; and with the test set, if the name says which
/// of several data sets it belongs to.
pub(super) fn read_file(path: &Path, input: Input) -> Result<Dataset, DataError> {
    if let (Some(prefix), Some(folder)) = (training_prefix(path), path.parent()) {
        let folder = match folder.as_os_str().is_empty() {
            true => Path::new("."),
            false => folder,
        };
        return sets_to_learn(path, folder, &Files::find(folder, Some(&prefix))?);
    }
    let set = images_with_labels(path, input)?;
    if set.labels.is_none() {
        let message = format!(
            "{}: images without labels, expected {} beside it; name the folder that holds both",
            path.display(),
            labels_name(path).unwrap_or_else(|| "a file of labels".to_owned())
        );
        return Err(DataError::new(Kind::NotFound, message));
    }
    to_learn(path, vec![set])
}

/// Reads images for a model from a folder: the test set, or the training set if there is no test set. Labels are read
/// if the schema has a target.
pub(super) fn read_folder_for(folder: &Path, schema: &Schema) -> Result<Dataset, DataError> {
    let files = Files::find(folder, None)?;
    let read = match schema.target_names.is_empty() {
        true => only_images,
        false => set,
    };
    let found = match read(&files, Use::Test)? {
        None => read(&files, Use::Train)?,
        test => test,
    };
    let set = found.ok_or_else(|| missing(folder))?;
    for_model(folder, set, schema)
}

/// Reads a file of images for a model, with the labels file next to it, if there is one.
pub(super) fn read_file_for(
    path: &Path,
    input: Input,
    schema: &Schema,
) -> Result<Dataset, DataError> {
    let set = match schema.target_names.is_empty() {
        true => images_of(path, input)?,
        false => images_with_labels(path, input)?,
    };
    for_model(path, set, schema)
}

/// Creates a data set with classes named after the label numbers that occur.
fn to_learn(source: &Path, sets: Vec<Set>) -> Result<Dataset, DataError> {
    let labels = || {
        sets.iter()
            .flat_map(|set| set.labels.iter().flatten().copied())
    };
    let mut number = [None; 256];
    labels().for_each(|label| number[usize::from(label)] = Some(0));
    let used: Vec<usize> = (0..256).filter(|&label| number[label].is_some()).collect();
    for (n, &label) in used.iter().enumerate() {
        number[label] = Some(n as u32);
    }
    if let [] | [_] = used[..] {
        let message = format!(
            "{}: one class in all labels ({}); expected at least two",
            source.display(),
            used.first().map_or("none".to_owned(), usize::to_string)
        );
        return Err(DataError::new(Kind::Target, message));
    }
    let targets = Targets::Classes {
        labels: labels()
            .filter_map(|label| number[usize::from(label)])
            .collect(),
        names: used.iter().map(usize::to_string).collect(),
    };
    Ok(dataset(source, &sets, Some(targets)))
}

/// Converts images and labels to the schema of a model.
fn for_model(source: &Path, set: Set, schema: &Schema) -> Result<Dataset, DataError> {
    if schema.form == Form::Table {
        return Err(not_a_table(&source.display().to_string(), schema));
    }
    let form = set.form();
    if form != schema.form {
        return Err(of_another_size(&source.display().to_string(), form, schema));
    }
    let targets = match &set.labels {
        Some(labels) => Some(known_classes(&set.labels_file, labels, schema)?),
        None => None,
    };
    let mut data = dataset(source, &[set], targets);
    data.target_names.clone_from(&schema.target_names);
    Ok(data)
}

fn known_classes(file: &str, labels: &[u8], schema: &Schema) -> Result<Targets, DataError> {
    let number = |label: usize| {
        let name = label.to_string();
        schema.classes.iter().position(|class| *class == name)
    };
    let numbers: Vec<Option<usize>> = (0..256).map(number).collect();
    let mut known = Vec::with_capacity(labels.len());
    for (row, label) in labels.iter().enumerate() {
        let Some(number) = numbers[usize::from(*label)] else {
            let message = format!(
                "{file}: label {label} of image {}, a class that the model does not know; it knows {}; train on data that has this class",
                row + 1,
                listed(&schema.classes)
            );
            return Err(DataError::new(Kind::Model, message));
        };
        known.push(number as u32);
    }
    Ok(Targets::Classes {
        labels: known,
        names: schema.classes.clone(),
    })
}

/// Joins the rows of all `sets`, whose images have the same size.
fn dataset(source: &Path, sets: &[Set], targets: Option<Targets>) -> Dataset {
    let mut inputs = Vec::with_capacity(sets.iter().map(|set| set.pixels.len()).sum());
    for set in sets {
        inputs.extend_from_slice(&set.pixels);
    }
    Dataset {
        name: name(source),
        form: sets.first().map_or(Form::Table, Set::form),
        rows: sets.iter().map(|set| set.count).sum(),
        columns: Vec::new(),
        inputs: Inputs::Pixels(inputs),
        target_names: vec!["label".to_owned()],
        targets,
        ..Dataset::default()
    }
}

/// Returns the folder's name, or the file's without its extension.
fn name(source: &Path) -> String {
    let whole = source.canonicalize();
    let whole = whole.as_deref().unwrap_or(source);
    let name = whole.file_name().unwrap_or_default().to_string_lossy();
    let stem = unpacked(&name);
    let stem = stem.strip_suffix("idx3-ubyte").unwrap_or(stem);
    match stem.trim_end_matches(['-', '.']) {
        "" => "images".to_owned(),
        stem => stem.to_owned(),
    }
}

fn require_one_size(folder: &Path, sets: &[Set]) -> Result<(), DataError> {
    match sets {
        [a, b] if a.form() != b.form() => Err(DataError::new(
            Kind::Format,
            format!(
                "{}: training images of {} and test images of {}; expected one size",
                folder.display(),
                a.form(),
                b.form()
            ),
        )),
        _ => Ok(()),
    }
}

/// Returns the error for a folder without images: names what is expected, and what is there.
pub(super) fn missing(folder: &Path) -> DataError {
    let name = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    let there: Vec<String> = match entries(folder) {
        Ok(paths) => paths.iter().map(name).collect(),
        Err(why) => return why,
    };
    let there = match there.is_empty() {
        true => "it is empty".to_owned(),
        false => format!("it holds {}; name a file to read a table", listed(&there)),
    };
    let message = format!(
        "{}: no train-images-idx3-ubyte and no train-labels-idx1-ubyte (.gz or not) in this folder, and no folders of PNG or JPEG images, one a class; {there}",
        folder.display()
    );
    DataError::new(Kind::NotFound, message)
}
