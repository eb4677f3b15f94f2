//! IDX files: folders and single files, to learn from and for a model.

use std::io::Write;
use std::path::Path;
use wgrad::dataset::{
    DataError, DataErrorKind as Kind, Dataset, Form, Inputs, ReadOptions, Schema, Targets, read,
    read_for,
};
use wgrad::math::{Random, Stream};

/// Returns the bytes of an IDX file.
fn idx(magic: u32, sizes: &[u32], data: &[u8]) -> Vec<u8> {
    let header = [&[magic][..], sizes].concat();
    let header = header.iter().flat_map(|word| word.to_be_bytes());
    header.chain(data.iter().copied()).collect()
}

fn images(count: u32) -> Vec<u8> {
    let pixels: Vec<u8> = (0..count * 6).map(|i| i as u8).collect();
    idx(0x803, &[count, 2, 3], &pixels)
}

fn labels(labels: &[u8]) -> Vec<u8> {
    idx(0x801, &[labels.len() as u32], labels)
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn folder(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

/// Creates a training set of 4 images and a test set of 2, with all variants of file names and compression.
fn whole() -> tempfile::TempDir {
    folder(&[
        ("train-images-idx3-ubyte.gz", packed(&images(4))),
        ("train-labels.idx1-ubyte", labels(&[7, 2, 7, 2])),
        ("t10k-images.idx3-ubyte.gz", packed(&images(2))),
        ("t10k-labels-idx1-ubyte", labels(&[10, 2])),
    ])
}

fn learn(folder: &Path) -> Result<Dataset, DataError> {
    read(folder.to_str().unwrap(), &ReadOptions::default(), 0)
}

fn predict(source: &Path, schema: &Schema) -> Result<Dataset, DataError> {
    read_for(source.to_str().unwrap(), schema, &ReadOptions::default())
}

#[track_caller]
fn fails(files: &[(&str, Vec<u8>)], kind: Kind, parts: &[&str]) {
    let folder = folder(files);
    let error = learn(folder.path()).unwrap_err();
    assert_eq!(error.kind, kind, "{error}");
    for part in parts {
        assert!(error.message.contains(part), "no {part:?} in: {error}");
    }
}

#[test]
fn test_images_follow_the_training_images_and_labels_are_named_by_their_numbers() {
    let folder = whole();
    let data = learn(folder.path()).unwrap();
    let form = Form::Images {
        height: 2,
        width: 3,
        channels: 1,
    };
    assert_eq!((data.rows, data.form, data.test_from), (6, form, Some(4)));
    assert_eq!((data.width(), data.inputs.len()), (6, 36));
    assert!(matches!(&data.inputs, Inputs::Pixels(all) if all[22..26] == [22, 23, 0, 1]));
    let names = ["2", "7", "10"].map(str::to_owned).to_vec();
    let labels = vec![1, 0, 1, 0, 2, 0];
    assert_eq!(data.targets, Some(Targets::Classes { labels, names }));
    assert!(folder.path().ends_with(&data.name), "{}", data.name);
}

#[test]
fn a_folder_without_a_test_set_is_all_for_training() {
    let folder = folder(&[
        ("train-images-idx3-ubyte", images(3)),
        ("train-labels-idx1-ubyte", labels(&[0, 1, 0])),
    ]);
    let data = learn(folder.path()).unwrap();
    assert_eq!((data.rows, data.test_from), (3, None));
    let found = predict(folder.path(), &data.schema()).unwrap();
    assert_eq!(found.rows, 3);
}

#[test]
fn a_model_gets_the_test_set_of_a_folder_with_its_own_class_numbers() {
    let folder = whole();
    let schema = learn(folder.path()).unwrap().schema();
    let data = predict(folder.path(), &schema).unwrap();
    assert_eq!((data.rows, data.test_from), (2, None));
    let names = schema.classes.clone();
    let labels = vec![2, 0];
    assert_eq!(data.targets, Some(Targets::Classes { labels, names }));
}

#[test]
fn a_file_of_images_is_read_with_the_labels_beside_it_if_they_are_there() {
    let folder = whole();
    let schema = learn(folder.path()).unwrap().schema();
    let file = folder.path().join("train-images-idx3-ubyte.gz");
    let data = predict(&file, &schema).unwrap();
    assert_eq!((data.rows, data.name.as_str()), (4, "train-images"));
    assert!(data.targets.is_some());
    assert_eq!(learn(&file).unwrap().rows, 4);
    let alone = folder.path().join("mine.bin");
    std::fs::write(&alone, images(5)).unwrap();
    let data = predict(&alone, &schema).unwrap();
    assert_eq!((data.rows, data.targets), (5, None));
    let error = learn(&alone).unwrap_err();
    assert!(error.message.contains("images without labels"), "{error}");
}

#[test]
fn what_does_not_fit_a_model_is_refused_with_both_sizes() {
    let folder = whole();
    let schema = learn(folder.path()).unwrap().schema();
    let other = Schema {
        form: Form::Images {
            height: 8,
            width: 8,
            channels: 1,
        },
        ..schema.clone()
    };
    let error = predict(folder.path(), &other).unwrap_err();
    assert!(error.message.contains("images of 2 x 3"), "{error}");
    assert!(error.message.contains("takes 8 x 8"), "{error}");
    let fewer = Schema {
        classes: vec!["2".to_owned(), "7".to_owned()],
        ..schema.clone()
    };
    let error = predict(folder.path(), &fewer).unwrap_err();
    assert!(error.message.contains("label 10 of image 1"), "{error}");
    let table = Schema {
        form: Form::Table,
        columns: vec!["a".to_owned()],
        ..schema.clone()
    };
    let file = folder.path().join("train-images-idx3-ubyte.gz");
    for source in [folder.path(), &file] {
        let error = predict(source, &table).unwrap_err();
        assert!(error.message.contains("a table of 1 column (a)"), "{error}");
    }
    for source in ["iris", "-"].map(Path::new) {
        let error = predict(source, &schema).unwrap_err();
        assert!(error.message.contains("images of 2 x 3"), "{error}");
    }
}

#[test]
fn missing_files_are_named_with_what_is_there() {
    fails(
        &[],
        Kind::NotFound,
        &["train-images-idx3-ubyte", "it is empty"],
    );
    fails(
        &[("rows.csv", b"a,b\n".to_vec())],
        Kind::NotFound,
        &["train-labels-idx1-ubyte", "it holds rows.csv"],
    );
    fails(
        &[("train-images-idx3-ubyte", images(1))],
        Kind::NotFound,
        &["no train-labels-idx1-ubyte"],
    );
    fails(
        &[("train-labels.idx1-ubyte", labels(&[1]))],
        Kind::NotFound,
        &["no train-images-idx3-ubyte"],
    );
}

#[test]
fn damaged_files_are_refused_with_what_was_expected() {
    let with_images = |bytes: Vec<u8>, parts: &[&str]| {
        let files = [
            ("train-images-idx3-ubyte", bytes),
            ("train-labels-idx1-ubyte", labels(&[0, 1])),
        ];
        fails(&files, Kind::Format, parts);
    };
    with_images(labels(&[0, 1]), &["0x00000801", "expected 0x00000803"]);
    with_images(Vec::new(), &["0x00000000"]);
    with_images(images(2)[..9].to_vec(), &["ends within its header"]);
    with_images(
        images(2)[..20].to_vec(),
        &[
            "expected 12 bytes after the header, found 4",
            "2 images x 2 rows x 3 columns",
            "found 4",
        ],
    );
    with_images([images(2), vec![0]].concat(), &["found more"]);
    with_images(idx(0x803, &[u32::MAX; 3], &[]), &["far more"]);
    with_images(images(3), &["2 labels for 3 images"]);
    with_images(packed(&images(2))[..25].to_vec(), &["damaged gzip"]);
}

#[test]
fn sets_of_unequal_sizes_and_one_class_are_refused() {
    let train = [
        ("train-images-idx3-ubyte", images(2)),
        ("train-labels-idx1-ubyte", labels(&[3, 3])),
    ];
    fails(&train, Kind::Target, &["one class in all labels (3)"]);
    let test = [
        ("t10k-images-idx3-ubyte", idx(0x803, &[1, 3, 2], &[0; 6])),
        ("t10k-labels-idx1-ubyte", labels(&[1])),
    ];
    fails(&[train, test].concat(), Kind::Format, &["2 x 3", "3 x 2"]);
}

#[test]
fn no_bytes_make_it_panic() {
    let schema = learn(whole().path()).unwrap().schema();
    for round in 0..300u32 {
        let random = Random::new(5, Stream::Data, round);
        let bytes: Vec<u8> = (0..random.bits(0) % 40)
            .map(|i| match (round % 2, i) {
                (0, 0..4) => [0, 0, 8, 3][i as usize],
                (_, 4..16) => (random.bits(i) % 3) as u8 * u8::from(i % 4 == 3),
                _ => random.bits(i) as u8,
            })
            .collect();
        let name = ["train-images-idx3-ubyte", "train-images-idx3-ubyte.gz"][round as usize % 2];
        let folder = folder(&[(name, bytes), ("train-labels-idx1-ubyte", labels(&[0, 1]))]);
        let _ = learn(folder.path());
        let _ = predict(folder.path(), &schema);
        let _ = predict(&folder.path().join(name), &schema);
    }
}
