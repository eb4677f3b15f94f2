//! IDX: the format of MNIST and its relatives (LeCun, Cortes and Burges): a folder with images and labels, for
//! training and for the test.

use super::source::file;
use super::{DataError, Dataset, Form, Targets};
use std::path::{Path, PathBuf};

/// Unsigned bytes in three and in one dimension.
const IMAGES: u32 = 0x0803;
const LABELS: u32 = 0x0801;

struct Images {
    count: usize,
    form: Form,
    pixels: Vec<u8>,
}

/// Whether a file's name is that of an IDX file.
pub(super) fn is_idx(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    ["idx3-ubyte", "idx1-ubyte", "idx3-ubyte.gz", "idx1-ubyte.gz"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// Reads the folder to learn from: the training rows, then the test rows.
pub(super) fn read_folder(folder: &Path) -> Result<Dataset, DataError> {
    let (images, labels) = pair(folder, "train")?.ok_or_else(|| missing(folder))?;
    let mut data = dataset(folder, &images, labels);
    if let Some((test, labels)) = pair(folder, "t10k")? {
        if test.form != images.form {
            return Err(DataError(format!(
                "{}: training and test images differ in size",
                folder.display()
            )));
        }
        data.test_from = Some(data.rows);
        append(&mut data, dataset(folder, &test, labels));
    }
    let (rows, classes) = (data.rows, class_count(&data));
    if classes < 2 {
        return Err(DataError(format!(
            "{}: one class in all {rows} labels; expected at least two",
            folder.display()
        )));
    }
    let Form::Images { height, width } = images.form else {
        return Ok(data);
    };
    data.notes.push(format!(
        "{rows} images of {height} x {width}, {classes} classes"
    ));
    Ok(data)
}

/// Reads the folder's test set or, without one, its training set.
pub(super) fn read_test(folder: &Path) -> Result<Dataset, DataError> {
    let found = match pair(folder, "t10k")? {
        None => pair(folder, "train")?,
        test => test,
    };
    let (images, labels) = found.ok_or_else(|| missing(folder))?;
    Ok(dataset(folder, &images, labels))
}

/// Reads one file of images, with the labels beside it if they are there.
pub(super) fn read_images(path: &Path) -> Result<Dataset, DataError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let images = images(path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let labels = match name.split_once("-images") {
        Some((prefix, _)) => find(folder, prefix, "labels", 1),
        None => None,
    };
    match labels {
        Some(labels) => Ok(dataset(path, &images, self::labels(&labels, images.count)?)),
        None => {
            let mut data = dataset(path, &images, vec![0; images.count]);
            data.targets = None;
            Ok(data)
        }
    }
}

fn missing(folder: &Path) -> DataError {
    DataError(format!(
        "{}: expected train-images-idx3-ubyte and train-labels-idx1-ubyte (dots or dashes, .gz or not), and t10k-... for the test",
        folder.display()
    ))
}

/// The images and labels of a set; none if there is neither.
fn pair(folder: &Path, set: &str) -> Result<Option<(Images, Vec<u8>)>, DataError> {
    match (
        find(folder, set, "images", 3),
        find(folder, set, "labels", 1),
    ) {
        (None, None) => Ok(None),
        (Some(images), Some(labels)) => {
            let images = self::images(&images)?;
            let labels = self::labels(&labels, images.count)?;
            Ok(Some((images, labels)))
        }
        (Some(found), None) => Err(DataError(format!(
            "{}: no {set}-labels-idx1-ubyte beside it",
            found.display()
        ))),
        (None, Some(found)) => Err(DataError(format!(
            "{}: no {set}-images-idx3-ubyte beside it",
            found.display()
        ))),
    }
}

/// The file of a set, by any of its usual names.
fn find(folder: &Path, set: &str, what: &str, dimensions: u8) -> Option<PathBuf> {
    let names = ["-", "."].into_iter().flat_map(|dot| {
        ["", ".gz"].map(|gz| format!("{set}-{what}{dot}idx{dimensions}-ubyte{gz}"))
    });
    names
        .map(|name| folder.join(name))
        .find(|path| path.is_file())
}

/// The sizes in the header, and what follows it.
fn header<'b>(
    path: &Path,
    bytes: &'b [u8],
    magic: u32,
    sizes: usize,
) -> Result<(Vec<usize>, &'b [u8]), DataError> {
    let name = path.display();
    let word = |i: usize| -> Option<u32> {
        let bytes = bytes.get(4 * i..4 * i + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    let found = word(0).unwrap_or(0);
    if found != magic {
        return Err(DataError(format!(
            "{name}: not an IDX file of this kind: it begins with {found:#010x}, expected {magic:#010x}"
        )));
    }
    let sizes: Option<Vec<usize>> = (1..=sizes).map(|i| word(i).map(|w| w as usize)).collect();
    let sizes = sizes.ok_or_else(|| DataError(format!("{name}: ends within its header")))?;
    let rest = &bytes[4 * (sizes.len() + 1)..];
    let expected = sizes.iter().try_fold(1usize, |a, b| a.checked_mul(*b));
    if expected != Some(rest.len()) {
        return Err(DataError(format!(
            "{name}: expected {} bytes after the header, found {}; download it again",
            expected.map_or("far more".to_owned(), |e| e.to_string()),
            rest.len()
        )));
    }
    Ok((sizes, rest))
}

fn images(path: &Path) -> Result<Images, DataError> {
    let bytes = file(path)?;
    let (sizes, pixels) = header(path, &bytes, IMAGES, 3)?;
    if sizes.contains(&0) {
        return Err(DataError(format!("{}: no images in it", path.display())));
    }
    Ok(Images {
        count: sizes[0],
        form: Form::Images {
            height: sizes[1],
            width: sizes[2],
        },
        pixels: pixels.to_vec(),
    })
}

fn labels(path: &Path, images: usize) -> Result<Vec<u8>, DataError> {
    let bytes = file(path)?;
    let (sizes, labels) = header(path, &bytes, LABELS, 1)?;
    if sizes[0] != images {
        return Err(DataError(format!(
            "{}: {} labels for {images} images",
            path.display(),
            sizes[0]
        )));
    }
    Ok(labels.to_vec())
}

fn dataset(source: &Path, images: &Images, labels: Vec<u8>) -> Dataset {
    let stem = source.file_stem().unwrap_or_default().to_string_lossy();
    let most = labels.iter().copied().max().unwrap_or(0);
    Dataset {
        name: if stem.is_empty() {
            "images".into()
        } else {
            stem.into_owned()
        },
        form: images.form,
        rows: images.count,
        columns: Vec::new(),
        inputs: images.pixels.iter().map(|p| f32::from(*p)).collect(),
        target_names: vec!["label".to_owned()],
        targets: Some(Targets::Classes {
            labels: labels.into_iter().map(u32::from).collect(),
            names: (0..=most).map(|class| class.to_string()).collect(),
        }),
        test_from: None,
        notes: Vec::new(),
    }
}

fn append(data: &mut Dataset, more: Dataset) {
    data.rows += more.rows;
    data.inputs.extend(more.inputs);
    if let (
        Some(Targets::Classes { labels, names }),
        Some(Targets::Classes {
            labels: more,
            names: others,
        }),
    ) = (&mut data.targets, more.targets)
    {
        labels.extend(more);
        if others.len() > names.len() {
            *names = others;
        }
    }
}

fn class_count(data: &Dataset) -> usize {
    match &data.targets {
        Some(Targets::Classes { names, .. }) => names.len(),
        _ => 0,
    }
}
