//! Images: a folder of folders of PNG or JPEG files, one file, or arrays of pixels.

mod arrays;
mod decode;
mod folder;
mod load;
mod resize;

pub(super) use arrays::{for_model as arrays_for_model, to_learn as arrays_to_learn};
pub(super) use decode::is_image;
pub(super) use folder::is_in;

use super::cells::Use;
use super::columns::sort_classes;
use super::error::{DataError, DataErrorKind as Kind, listed};
use super::input::Input;
use crate::dataset::{Dataset, Form, Inputs, KeptColumn, Schema, Targets};
use folder::Tree;
use load::{Wanted, load};
use std::path::{Path, PathBuf};

/// Images of one form.
struct Pictures {
    name: String,
    form: Form,
    pixels: Vec<u8>,
    /// The set of each image: training comes before validation, and the test last.
    purposes: Vec<Use>,
    /// The class of each image: numbers of `classes`.
    labels: Option<Vec<u32>>,
    classes: Vec<String>,
    /// The file of each image, if each has one.
    files: Vec<String>,
    notes: Vec<String>,
}

/// Reads a folder to learn from: the names of the folders in it are the classes. Scales the images to `size`, height
/// and width.
pub(super) fn read_folder(source: &Path, size: Option<[usize; 2]>) -> Result<Dataset, DataError> {
    let tree = Tree::scan(source)?;
    if tree.classes.is_empty() {
        let message = format!(
            "{}: images without classes; put the images of each class into a folder with its name",
            source.display()
        );
        return Err(DataError::new(Kind::Target, message));
    }
    Pictures::load(source, tree, Wanted::ToLearn(size))?.into_rows_to_learn()
}

/// Reads a folder for a model: the test set, or all images. Scales them to the size that the model takes.
pub(super) fn read_folder_for(source: &Path, schema: &Schema) -> Result<Dataset, DataError> {
    let wanted = Wanted::for_model(&source.display().to_string(), schema)?;
    let tree = Tree::scan(source)?.for_model();
    Pictures::load(source, tree, wanted)?.for_model(schema)
}

/// Reads one file of an image for a model.
pub(super) fn read_file_for(
    source: &Path,
    mut input: Input,
    schema: &Schema,
) -> Result<Dataset, DataError> {
    let wanted = Wanted::for_model(&source.display().to_string(), schema)?;
    let bytes = input.whole(4)?;
    let loaded = load(1, wanted, |_| Ok((source.to_owned(), bytes.clone())))?;
    let pictures = Pictures {
        name: input.origin.name,
        form: loaded.form,
        pixels: loaded.pixels,
        purposes: vec![Use::Train],
        labels: None,
        classes: Vec::new(),
        files: vec![input.origin.file],
        notes: loaded.notes,
    };
    pictures.for_model(schema)
}

/// Returns the error for an image where rows are to be learned from.
pub(super) fn one_image(source: &str) -> DataError {
    let message = format!(
        "{source}: one image, expected a table, or a folder that has a folder of images for each class"
    );
    DataError::new(Kind::Format, message)
}

impl Pictures {
    fn load(source: &Path, tree: Tree, wanted: Wanted) -> Result<Pictures, DataError> {
        let loaded = load(tree.images.len(), wanted, |n| {
            let path: &PathBuf = &tree.images[n].path;
            let bytes = Input::open(&path.to_string_lossy())?.whole(8)?;
            Ok((path.clone(), bytes))
        })?;
        let mut notes = tree.notes;
        notes.extend(loaded.notes);
        let labels = tree.images.iter().map(|image| image.class);
        let whole = source.canonicalize();
        let whole = whole.as_deref().unwrap_or(source);
        let file = |image: &folder::Found| image.path.display().to_string();
        Ok(Pictures {
            name: whole
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            form: loaded.form,
            pixels: loaded.pixels,
            purposes: tree.images.iter().map(|image| image.purpose).collect(),
            labels: labels.collect(),
            classes: tree.classes,
            files: tree.images.iter().map(file).collect(),
            notes,
        })
    }

    /// Creates a data set with the classes that occur.
    fn into_rows_to_learn(self) -> Result<Dataset, DataError> {
        let Some(labels) = &self.labels else {
            let message = format!(
                "{}: images without classes; give each image a class",
                self.name
            );
            return Err(DataError::new(Kind::Target, message));
        };
        let mut names: Vec<&String> = self.classes.iter().collect();
        sort_classes(&mut names, |name| *name);
        if names.len() < 2 {
            let message = format!(
                "{}: one class, {}, of all images; expected at least two",
                self.name,
                names.first().map_or("none", |name| name)
            );
            return Err(DataError::new(Kind::Target, message));
        }
        let numbers = numbers(&self.classes, |class| {
            names.iter().position(|name| *name == class)
        });
        let labels = labels
            .iter()
            .filter_map(|label| numbers[*label as usize])
            .collect();
        let names = names.into_iter().cloned().collect();
        let targets = Some(Targets::Classes { labels, names });
        let first = |of: &[Use]| {
            self.purposes
                .iter()
                .position(|purpose| of.contains(purpose))
        };
        let (val_from, test_from) = (first(&[Use::Val]), first(&[Use::Test]));
        let data = Dataset {
            val_from,
            test_from,
            ..self.dataset(targets, vec!["label".to_owned()])
        };
        data.check()?;
        Ok(data)
    }

    /// Converts images and labels to the schema of a model. Labels are left out if it has no target.
    fn for_model(self, schema: &Schema) -> Result<Dataset, DataError> {
        let targets = match &self.labels {
            None => None,
            Some(_) if schema.target_names.is_empty() => None,
            Some(labels) => {
                let known = |class: &String| schema.classes.iter().position(|name| name == class);
                let numbers = numbers(&self.classes, known);
                if let Some(row) = labels
                    .iter()
                    .position(|label| numbers[*label as usize].is_none())
                {
                    return Err(self.unknown(row, &self.classes[labels[row] as usize], schema));
                }
                let labels = labels.iter().filter_map(|label| numbers[*label as usize]);
                Some(Targets::Classes {
                    labels: labels.collect(),
                    names: schema.classes.clone(),
                })
            }
        };
        Ok(self.dataset(targets, schema.target_names.clone()))
    }

    fn unknown(&self, row: usize, class: &str, schema: &Schema) -> DataError {
        let place = match self.files.get(row) {
            Some(file) => file.clone(),
            None => format!("{}: image {}", self.name, row + 1),
        };
        let message = format!(
            "{place}: of the class {class:?}, which the model does not know; it knows {}; train on data that has this class",
            listed(&schema.classes)
        );
        DataError::new(Kind::Model, message)
    }

    fn dataset(self, targets: Option<Targets>, target_names: Vec<String>) -> Dataset {
        let rows = self.purposes.len();
        let kept = match self.files.len() == rows {
            true => vec![KeptColumn {
                name: "file".to_owned(),
                cells: self.files,
            }],
            false => Vec::new(),
        };
        Dataset {
            name: self.name,
            form: self.form,
            rows,
            inputs: Inputs::Pixels(self.pixels),
            target_names,
            targets,
            kept,
            notes: self.notes,
            ..Dataset::default()
        }
    }
}

/// Returns the number of each class by `number_of`.
fn numbers(classes: &[String], number_of: impl Fn(&String) -> Option<usize>) -> Vec<Option<u32>> {
    classes
        .iter()
        .map(|class| number_of(class).map(|n| n as u32))
        .collect()
}
