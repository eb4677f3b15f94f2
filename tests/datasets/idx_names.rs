//! IDX files under their names in the world: prefixes, other names of the test set, folders of the name of the file.

use crate::samples::folder;
use std::path::Path;
use wgrad::dataset::{DataError, Dataset, ReadOptions, read, read_for};

fn learn(source: &Path) -> Result<Dataset, DataError> {
    read(source.to_str().unwrap(), &ReadOptions::default(), 0)
}

/// Returns an IDX file of `count` images of 1 x 2 pixels.
fn images(count: u8) -> Vec<u8> {
    let head = [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 1, 0, 0, 0, 2];
    [&head[..], &vec![7; 2 * usize::from(count)]].concat()
}

/// Returns an IDX file of labels.
fn labels(labels: &[u8]) -> Vec<u8> {
    [&[0, 0, 8, 1, 0, 0, 0, labels.len() as u8], labels].concat()
}

#[test]
fn the_test_set_may_be_called_test() {
    let folder = folder(&[
        ("train-images-idx3-ubyte", images(3)),
        ("train-labels-idx1-ubyte", labels(&[0, 1, 0])),
        ("test-images-idx3-ubyte", images(2)),
        ("test-labels-idx1-ubyte", labels(&[1, 0])),
    ]);
    let data = learn(folder.path()).unwrap();
    assert_eq!((data.rows, data.test_from), (5, Some(3)));
}

#[test]
fn folders_of_the_name_of_the_file_are_entered() {
    let folder = folder(&[
        ("train-images-idx3-ubyte/train-images-idx3-ubyte", images(3)),
        (
            "train-labels-idx1-ubyte/train-labels-idx1-ubyte",
            labels(&[0, 1, 0]),
        ),
        ("t10k-images-idx3-ubyte/t10k-images.idx3-ubyte", images(1)),
        ("t10k-labels-idx1-ubyte", labels(&[1])),
    ]);
    let data = learn(folder.path()).unwrap();
    assert_eq!((data.rows, data.test_from), (4, Some(3)));
    let file = folder
        .path()
        .join("train-images-idx3-ubyte/train-images-idx3-ubyte");
    assert_eq!(learn(&file).unwrap().rows, 3);
    let schema = data.schema();
    let found = read_for(file.to_str().unwrap(), &schema, &ReadOptions::default()).unwrap();
    assert_eq!((found.rows, found.targets.is_some()), (3, true));
}

#[test]
fn one_prefix_is_read_and_of_several_one_has_to_be_named() {
    let set = |prefix: &str, count: u8| {
        let classes: Vec<u8> = (0..count).map(|n| n % 2).collect();
        [
            (format!("{prefix}train-images-idx3-ubyte"), images(count)),
            (format!("{prefix}train-labels-idx1-ubyte"), labels(&classes)),
            (format!("{prefix}test-images-idx3-ubyte"), images(2)),
            (format!("{prefix}test-labels-idx1-ubyte"), labels(&[0, 1])),
        ]
    };
    let put = |sets: Vec<(String, Vec<u8>)>| {
        let files: Vec<(&str, Vec<u8>)> = sets
            .iter()
            .map(|(name, bytes)| (&name[..], bytes.clone()))
            .collect();
        folder(&files)
    };
    let letters = put(set("emnist-letters-", 4).to_vec());
    let data = learn(letters.path()).unwrap();
    assert_eq!((data.rows, data.test_from), (6, Some(4)));
    let both = put([set("emnist-letters-", 4), set("emnist-digits-", 3)].concat());
    let error = learn(both.path()).unwrap_err().message;
    for part in [
        "emnist-digits, emnist-letters",
        "name the training images of one, such as ",
    ] {
        assert!(error.contains(part), "no {part:?} in: {error}");
    }
    let (_, named) = error.split_once("such as ").unwrap();
    let data = learn(Path::new(named)).unwrap();
    assert_eq!((data.rows, data.test_from), (5, Some(3)));
}
