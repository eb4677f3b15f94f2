//! Reads the files of a set.
//!
//! A file holds a magic number (0, 0, type, number of dimensions), one big-endian u32 per dimension, and the bytes.

use super::names::{Files, Use, What, labels_of};
use crate::dataset::{
    Form,
    error::{DataError, DataErrorKind as Kind},
    input::Input,
    memory,
};
use crate::text::counted;
use std::path::Path;

/// Magic number of unsigned bytes in three dimensions; below, in one dimension.
const IMAGES: u32 = 0x0803;
const LABELS: u32 = 0x0801;

/// Images, and their labels if there are any.
pub(super) struct Set {
    pub(super) count: usize,
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) pixels: Vec<u8>,
    pub(super) labels: Option<Vec<u8>>,
    /// The path of the labels.
    pub(super) labels_file: String,
}

impl Set {
    /// Returns the form of an image.
    pub(super) fn form(&self) -> Form {
        Form::Images {
            height: self.height,
            width: self.width,
            channels: 1,
        }
    }
}

/// Reads the images and labels of a set. Returns `None` if both are missing.
pub(super) fn set(files: &Files, of: Use) -> Result<Option<Set>, DataError> {
    let (images, labels) = (files.get(of, What::Images), files.get(of, What::Labels));
    let (found, missing) = match (images, labels) {
        (None, None) => return Ok(None),
        (Some(images), Some(labels)) => {
            let set = images_of(images, open(images)?)?;
            return with_labels(set, labels).map(Some);
        }
        (Some(found), None) => (found, format!("{}-labels-idx1-ubyte", of.name())),
        (None, Some(found)) => (found, format!("{}-images-idx3-ubyte", of.name())),
    };
    let message = format!("{}: no {missing} (.gz or not) beside it", found.display());
    Err(DataError::new(Kind::NotFound, message))
}

/// Reads the images of a set. Returns `None` if there are none.
pub(super) fn only_images(files: &Files, of: Use) -> Result<Option<Set>, DataError> {
    let images = files.get(of, What::Images);
    images
        .map(|images| images_of(images, open(images)?))
        .transpose()
}

/// Reads a file of images, with the labels file next to it, if there is one.
pub(super) fn images_with_labels(path: &Path, input: Input) -> Result<Set, DataError> {
    let set = images_of(path, input)?;
    match labels_of(path)? {
        Some(labels) => with_labels(set, &labels),
        None => Ok(set),
    }
}

fn open(path: &Path) -> Result<Input, DataError> {
    Input::open(&path.to_string_lossy())
}

/// Reads a file of images.
pub(super) fn images_of(path: &Path, input: Input) -> Result<Set, DataError> {
    let (sizes, pixels) = content(path, input, IMAGES, ["images", "rows", "columns"])?;
    if sizes.contains(&0) {
        let message = format!("{}: no images in it", path.display());
        return Err(DataError::new(Kind::Shape, message));
    }
    let [count, height, width] = sizes;
    Ok(Set {
        count,
        height,
        width,
        pixels,
        labels: None,
        labels_file: String::new(),
    })
}

fn with_labels(mut set: Set, path: &Path) -> Result<Set, DataError> {
    let ([count], labels) = content(path, open(path)?, LABELS, ["labels"])?;
    if count != set.count {
        let message = format!(
            "{}: {} for {}; take both files from one data set",
            path.display(),
            counted(count, "label"),
            counted(set.count, "image")
        );
        return Err(DataError::new(Kind::Format, message));
    }
    set.labels = Some(labels);
    set.labels_file = path.display().to_string();
    Ok(set)
}

/// Copies of the pixels that training holds at a time, in bytes per pixel: as bytes, and in f32 here and on the device.
const COPIES: u64 = 10;

/// Reads the sizes in a file's header, and as many bytes below as these say. `names` are the names of the dimensions.
fn content<const D: usize>(
    path: &Path,
    mut input: Input,
    magic: u32,
    names: [&str; D],
) -> Result<([usize; D], Vec<u8>), DataError> {
    let header = input.take(4 * (D as u64 + 1))?;
    let fail = |message: String| {
        let message = format!("{}: {message}", path.display());
        Err(DataError::new(Kind::Format, message))
    };
    let word = |i: usize| -> Option<u32> {
        let word = header.get(4 * i..4 * i + 4)?;
        Some(u32::from_be_bytes(word.try_into().ok()?))
    };
    let found = word(0).unwrap_or(0);
    if found != magic {
        return fail(format!(
            "not an IDX file of {} in unsigned bytes: it begins with {found:#010x}, expected {magic:#010x}",
            names[0]
        ));
    }
    let mut sizes = [0; D];
    for (i, size) in sizes.iter_mut().enumerate() {
        match word(i + 1) {
            Some(word) => *size = word as usize,
            None => return fail("it ends within its header; download it again".to_owned()),
        }
    }
    let expected = sizes.iter().try_fold(1u64, |a, b| a.checked_mul(*b as u64));
    let limit = memory::free() / COPIES;
    let bytes = input.take(expected.unwrap_or(u64::MAX).min(limit).saturating_add(1))?;
    let found = bytes.len() as u64;
    if found > limit {
        let what = format!(
            "{}: {} of {}",
            path.display(),
            memory::size(found.into()),
            names[0]
        );
        return Err(memory::too_large(&what, limit, "take fewer of them"));
    }
    if expected != Some(found) {
        let sizes = sizes
            .iter()
            .zip(names)
            .map(|(size, name)| format!("{size} {name}"));
        let sizes: Vec<String> = sizes.collect();
        let found = match expected.is_some_and(|expected| found > expected) {
            true => "more".to_owned(),
            false => found.to_string(),
        };
        return fail(format!(
            "expected {} bytes after the header, found {found} ({}); download it again",
            expected.map_or("far more".to_owned(), |bytes| bytes.to_string()),
            sizes.join(" x ")
        ));
    }
    Ok((sizes, bytes))
}
