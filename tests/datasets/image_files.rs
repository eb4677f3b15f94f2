//! Images that are damaged or have no classes, and images in NumPy archives.

use crate::images::{
    GREY_JPEG, RED_JPEG, classes, form, grey, learn, learn_scaled, pixels, predict,
};
use crate::samples::{folder, npy, png, put, zip};
use png::ColorType::Rgb;
use wgrad::dataset::DataErrorKind as Kind;

#[track_caller]
fn refused(files: &[(&str, Vec<u8>)], kind: Kind, parts: &[&str]) {
    let folder = folder(files);
    let error = learn(folder.path()).unwrap_err();
    assert_eq!(error.kind, kind, "{error}");
    for part in parts {
        assert!(error.message.contains(part), "no {part:?} in: {error}");
    }
}

#[test]
fn folders_that_cannot_be_learned_from_are_refused() {
    refused(
        &[("1.png", grey([1, 2]))],
        Kind::Target,
        &["images without classes"],
    );
    refused(
        &[("a/1.png", grey([1, 2]))],
        Kind::Target,
        &["one class, a"],
    );
    refused(
        &[("a/1.gif", vec![0])],
        Kind::NotFound,
        &["PNG or JPEG", "train-images-idx3-ubyte"],
    );
}

#[test]
fn damaged_images_are_named_with_their_file_and_no_part_is_read() {
    let good = || grey([1, 2]);
    let whole = png(3, 3, Rgb, &[7; 27]);
    for (name, file) in [
        ("b/x.png", &whole[..]),
        ("b/x.jpg", RED_JPEG),
        ("b/x.jpg", GREY_JPEG),
    ] {
        let folder = folder(&[("a/1.png", good())]);
        for length in 0..file.len() - 1 {
            put(folder.path(), name, &file[..length]);
            if let Err(error) = learn_scaled(folder.path(), [1, 2]) {
                assert!(error.message.contains(name), "{error}");
            } else {
                // A JPEG image may lack its end mark.
                assert!(
                    length + 12 > file.len() && name.ends_with("jpg"),
                    "{name}: {length}"
                );
            }
        }
    }
    let mut huge = png(3, 3, Rgb, &[7; 27]);
    huge[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
    refused(
        &[("a/1.png", good()), ("b/x.png", huge)],
        Kind::Format,
        &["x.png: "],
    );
    refused(
        &[("a/1.png", good()), ("b/x.png", b"GIF89a".to_vec())],
        Kind::Format,
        &["whatever its name says"],
    );
}

#[test]
fn an_archive_of_images_has_the_sets_and_classes_of_its_arrays() {
    let archive = |channels: &str| {
        zip(
            &[
                (
                    "x_test.npy",
                    npy("|u1", false, &format!("(1, 1, 2{channels})"), &[9, 8]),
                ),
                ("y_test.npy", npy("|u1", false, "(1,)", &[3])),
                (
                    "x_train.npy",
                    npy(
                        "|u1",
                        false,
                        &format!("(3, 1, 2{channels})"),
                        &[1, 2, 3, 4, 5, 6],
                    ),
                ),
                (
                    "y_train.npy",
                    npy(
                        "<i8",
                        false,
                        "(3, 1)",
                        &[
                            [3, 0, 0, 0, 0, 0, 0, 0],
                            [7, 0, 0, 0, 0, 0, 0, 0],
                            [3, 0, 0, 0, 0, 0, 0, 0],
                        ]
                        .concat(),
                    ),
                ),
            ],
            true,
        )
    };
    for channels in ["", ", 1"] {
        let folder = folder(&[("mnist.npz", archive(channels))]);
        let source = folder.path().join("mnist.npz");
        let data = learn(&source).unwrap();
        assert_eq!(
            (data.rows, data.form, data.test_from),
            (4, form(1, 2, 1), Some(3))
        );
        assert_eq!(pixels(&data), [1, 2, 3, 4, 5, 6, 9, 8]);
        assert_eq!(classes(&data), (vec![0, 1, 0, 0], vec!["3", "7"]));
        let tested = predict(&source, &data.schema()).unwrap();
        assert_eq!(
            (tested.rows, pixels(&tested), classes(&tested).0),
            (1, &[9, 8][..], vec![0])
        );
    }
    let floats = npy("<f4", false, "(1, 1, 2)", &[0; 8]);
    let files = [
        ("x.npy", floats),
        ("y.npy", npy("|u1", false, "(1,)", &[0])),
    ];
    let folder = folder(&[("f.npz", zip(&files, false))]);
    let error = learn(&folder.path().join("f.npz")).unwrap_err();
    assert!(error.message.contains("astype(\"uint8\")"), "{error}");
}
