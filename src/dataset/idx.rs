//! IDX, the format of MNIST and similar data sets (LeCun, Cortes and Burges): a folder with images and labels for
//! training and test, or one file of images.

mod files;

use super::error::{DataError, DataErrorKind as Kind, listed};
use super::input::{Input, unreadable};
use super::mismatch::not_a_table;
use crate::dataset::{Dataset, Form, Inputs, Schema, Targets};
use files::{Set, images_with_labels, labels_name, set};
use std::path::Path;

/// Checks whether a file has the name of an IDX file, or its first bytes.
pub(super) fn is_idx(path: &str, head: &[u8]) -> bool {
    let name = path.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let is_named = (1..=4).any(|n| name.ends_with(&format!("idx{n}-ubyte")));
    is_named || head.starts_with(&[0, 0, 0x08])
}

/// Reads a folder to learn from: the training rows, followed by the test rows.
pub(super) fn read_folder(folder: &Path) -> Result<Dataset, DataError> {
    let Some(train) = set(folder, "train")? else {
        return Err(missing(folder));
    };
    let test = set(folder, "t10k")?;
    let test_from = test.is_some().then_some(train.count);
    let sets: Vec<Set> = [train].into_iter().chain(test).collect();
    require_one_size(folder, &sets)?;
    let mut data = to_learn(folder, sets)?;
    data.test_from = test_from;
    if test_from.is_none() {
        let note = "no t10k files: the test rows are taken from the training rows";
        data.notes.push(note.to_owned());
    }
    Ok(data)
}

/// Reads a file of images to learn from, with the labels file next to it.
pub(super) fn read_file(path: &Path, input: Input) -> Result<Dataset, DataError> {
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

/// Reads images for a model from a folder: the test set, or the training set if there is no test set.
pub(super) fn read_folder_for(folder: &Path, schema: &Schema) -> Result<Dataset, DataError> {
    let found = match set(folder, "t10k")? {
        None => set(folder, "train")?,
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
    for_model(path, images_with_labels(path, input)?, schema)
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
    let Form::Images { height, width } = schema.form else {
        return Err(not_a_table(&source.display().to_string(), schema));
    };
    if (set.height, set.width) != (height, width) {
        let message = format!(
            "{}: images of {} x {}, and the model takes {height} x {width}; scale them, or train on images of this size",
            source.display(),
            set.height,
            set.width
        );
        return Err(DataError::new(Kind::Model, message));
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
    let (height, width) = sets.first().map_or((0, 0), |set| (set.height, set.width));
    let mut inputs = Vec::with_capacity(sets.iter().map(|set| set.pixels.len()).sum());
    for set in sets {
        inputs.extend_from_slice(&set.pixels);
    }
    Dataset {
        name: name(source),
        form: Form::Images { height, width },
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
    let stem = ["idx3-ubyte.gz", "idx3-ubyte"].iter();
    let stem = stem.fold(&name[..], |name, end| {
        name.strip_suffix(end).unwrap_or(name)
    });
    match stem.trim_end_matches(['-', '.']) {
        "" => "images".to_owned(),
        stem => stem.to_owned(),
    }
}

fn require_one_size(folder: &Path, sets: &[Set]) -> Result<(), DataError> {
    match sets {
        [a, b] if (a.height, a.width) != (b.height, b.width) => Err(DataError::new(
            Kind::Format,
            format!(
                "{}: training images of {} x {} and test images of {} x {}; expected one size",
                folder.display(),
                a.height,
                a.width,
                b.height,
                b.width
            ),
        )),
        _ => Ok(()),
    }
}

/// Returns the error for a folder without complete IDX files: names the missing and the existing files.
fn missing(folder: &Path) -> DataError {
    let name = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let entries = std::fs::read_dir(folder);
    let listed_all = entries.and_then(|all| all.map(|entry| entry.map(name)).collect());
    let mut there: Vec<String> = match listed_all {
        Ok(there) => there,
        Err(why) => return unreadable(&folder.display().to_string(), &why),
    };
    there.sort_unstable();
    let there = match there.is_empty() {
        true => "it is empty".to_owned(),
        false => format!("it holds {}; name a file to read a table", listed(&there)),
    };
    let message = format!(
        "{}: no train-images-idx3-ubyte and no train-labels-idx1-ubyte (.gz or not) in this folder; {there}",
        folder.display()
    );
    DataError::new(Kind::NotFound, message)
}
