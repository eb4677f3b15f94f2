//! Images: folders of PNG and JPEG files, and NumPy archives, to learn from and for a model.

use crate::samples::{folder, png};
use png::ColorType::{Grayscale, GrayscaleAlpha, Rgb, Rgba};
use std::path::Path;
use wgrad::dataset::{
    DataError, Dataset, Form, Inputs, ReadOptions, Schema, Targets, read, read_for,
};

pub(crate) const GREY_JPEG: &[u8] = include_bytes!("../data/grey.jpg");
pub(crate) const RED_JPEG: &[u8] = include_bytes!("../data/red.jpg");

pub(crate) fn learn(source: &Path) -> Result<Dataset, DataError> {
    read(source.to_str().unwrap(), &ReadOptions::default(), 0)
}

pub(crate) fn learn_scaled(source: &Path, size: [usize; 2]) -> Result<Dataset, DataError> {
    let options = ReadOptions {
        size: Some(size),
        ..ReadOptions::default()
    };
    read(source.to_str().unwrap(), &options, 0)
}

pub(crate) fn predict(source: &Path, schema: &Schema) -> Result<Dataset, DataError> {
    read_for(source.to_str().unwrap(), schema, &ReadOptions::default())
}

/// Returns a grey image of 1 x 2 pixels.
pub(crate) fn grey(pixels: [u8; 2]) -> Vec<u8> {
    png(2, 1, Grayscale, &pixels)
}

pub(crate) fn form(height: usize, width: usize, channels: usize) -> Form {
    Form::Images {
        height,
        width,
        channels,
    }
}

#[track_caller]
pub(crate) fn pixels(data: &Dataset) -> &[u8] {
    match &data.inputs {
        Inputs::Pixels(pixels) => pixels,
        other => panic!("no pixels: {other:?}"),
    }
}

#[track_caller]
pub(crate) fn classes(data: &Dataset) -> (Vec<u32>, Vec<&str>) {
    match &data.targets {
        Some(Targets::Classes { labels, names }) => {
            (labels.clone(), names.iter().map(String::as_str).collect())
        }
        other => panic!("no classes: {other:?}"),
    }
}

#[test]
fn folders_are_classes_and_files_are_read_in_order_of_their_names() {
    let folder = folder(&[
        ("10/b.png", grey([3, 4])),
        ("10/a.PNG", grey([1, 2])),
        ("9/c.png", grey([5, 6])),
        ("9/.hidden.png", grey([7, 8])),
        ("9/Thumbs.db", vec![0]),
        ("9/notes.txt", vec![0]),
        ("empty/notes.md", vec![0]),
    ]);
    let data = learn(folder.path()).unwrap();
    assert_eq!((data.rows, data.form), (3, form(1, 2, 1)));
    assert_eq!(pixels(&data), [1, 2, 3, 4, 5, 6]);
    // Whole numbers are sorted as such.
    assert_eq!(classes(&data), (vec![1, 1, 0], vec!["9", "10"]));
    let files: Vec<&str> = data.kept[0].cells.iter().map(String::as_str).collect();
    assert!(
        files[0].ends_with("a.PNG") && files[2].ends_with("c.png"),
        "{files:?}"
    );
    let notes = data.notes.join("\n");
    for part in ["notes.txt", "notes.md", "a folder without images"] {
        assert!(notes.contains(part), "no {part:?} in {notes}");
    }
    assert!(
        !notes.contains("hidden") && !notes.contains("Thumbs"),
        "{notes}"
    );
}

#[test]
fn folders_of_sets_are_the_split() {
    let folder = folder(&[
        ("test/a/1.png", grey([9, 9])),
        ("train/a/1.png", grey([1, 1])),
        ("train/b/1.png", grey([2, 2])),
        ("valid/b/1.png", grey([5, 5])),
    ]);
    let data = learn(folder.path()).unwrap();
    assert_eq!(
        (data.rows, data.val_from, data.test_from),
        (4, Some(2), Some(3))
    );
    assert_eq!(pixels(&data), [1, 1, 2, 2, 5, 5, 9, 9]);
    assert_eq!(classes(&data), (vec![0, 1, 1, 0], vec!["a", "b"]));
    let tested = predict(folder.path(), &data.schema()).unwrap();
    assert_eq!((tested.rows, pixels(&tested)), (1, &[9, 9][..]));
}

#[test]
fn a_folder_in_a_folder_is_entered() {
    let folder = folder(&[
        ("pets/cat/1.png", grey([1, 1])),
        ("pets/dog/1.png", grey([2, 2])),
    ]);
    let data = learn(folder.path()).unwrap();
    assert_eq!(classes(&data), (vec![0, 1], vec!["cat", "dog"]));
}

#[test]
fn images_are_grey_if_all_are_and_else_of_three_channels() {
    let without_colour = png(2, 1, Rgb, &[7, 7, 7, 8, 8, 8]);
    let all_grey = folder(&[("a/1.png", grey([1, 2])), ("b/1.png", without_colour)]);
    let data = learn(all_grey.path()).unwrap();
    assert_eq!(
        (data.form, pixels(&data)),
        (form(1, 2, 1), &[1, 2, 7, 8][..])
    );
    let colour = png(2, 1, Rgb, &[1, 2, 3, 4, 5, 6]);
    let mixed = folder(&[("a/1.png", grey([1, 2])), ("b/1.png", colour)]);
    let data = learn(mixed.path()).unwrap();
    assert_eq!((data.form, data.width()), (form(1, 2, 3), 6));
    assert_eq!(pixels(&data), [1, 1, 1, 2, 2, 2, 1, 2, 3, 4, 5, 6]);
    assert!(
        data.notes
            .iter()
            .any(|note| note.contains("1 of 2 images grey")),
        "{:?}",
        data.notes
    );
}

#[test]
fn depths_palettes_and_opacities_are_read_as_eight_bits() {
    let mut deep = Vec::new();
    let mut encoder = png::Encoder::new(&mut deep, 2, 1);
    encoder.set_color(Grayscale);
    encoder.set_depth(png::BitDepth::Sixteen);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[0x12, 0x34, 0xff, 0xff]).unwrap();
    writer.finish().unwrap();
    let mut indexed = Vec::new();
    let mut encoder = png::Encoder::new(&mut indexed, 2, 1);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_palette(vec![5, 5, 5, 9, 9, 9]);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[0b0100_0000]).unwrap();
    writer.finish().unwrap();
    let folder = folder(&[
        ("a/deep.png", deep),
        ("a/indexed.png", indexed),
        ("b/clear.png", png(2, 1, GrayscaleAlpha, &[0, 0, 100, 255])),
        ("b/half.png", png(2, 1, Rgba, &[0, 0, 0, 128, 0, 0, 0, 255])),
    ]);
    let data = learn(folder.path()).unwrap();
    assert_eq!(pixels(&data), [0x12, 255, 5, 9, 255, 100, 127, 0]);
    assert!(
        data.notes
            .iter()
            .any(|note| note.contains("2 of 4 images transparent"))
    );
}

#[test]
fn jpeg_images_are_read_in_grey_and_colour() {
    let folder = folder(&[
        ("grey/1.jpg", GREY_JPEG.to_vec()),
        ("red/1.jpeg", RED_JPEG.to_vec()),
    ]);
    let data = learn(folder.path()).unwrap();
    assert_eq!((data.rows, data.form), (2, form(4, 4, 3)));
    let near = |found: &[u8], expected: &[u8]| {
        let mut pairs = found.iter().zip(expected);
        assert!(
            pairs.all(|(a, b)| a.abs_diff(*b) < 16),
            "{found:?}, expected {expected:?}"
        );
    };
    let found = pixels(&data);
    near(&found[..24], &[200; 24]);
    near(&found[24..48], &[0; 24]);
    near(&found[48..], &[255, 0, 0].repeat(16));
}

#[test]
fn images_of_several_sizes_are_refused_with_two_of_them_and_scaled_when_asked() {
    let files = [
        ("a/1.png", grey([10, 20])),
        ("b/1.png", png(4, 2, Grayscale, &[40; 8])),
    ];
    let folder = folder(&files);
    let error = learn(folder.path()).unwrap_err().message;
    for part in [
        "b/1.png: an image of 2 x 4",
        "a/1.png is of 1 x 2",
        "`size = 2,1`",
    ] {
        assert!(error.contains(part), "no {part:?} in: {error}");
    }
    let data = learn_scaled(folder.path(), [1, 2]).unwrap();
    assert_eq!(
        (data.form, pixels(&data)),
        (form(1, 2, 1), &[10, 20, 40, 40][..])
    );
}

#[test]
fn scaling_is_that_of_pillow() {
    let original: Vec<u8> = (0..30u32).map(|i| (i * 8 % 251) as u8).collect();
    let file = png(5, 6, Grayscale, &original);
    let folder = folder(&[("a/1.png", file.clone()), ("b/1.png", file)]);
    // Image.fromarray(x).resize((3, 3), Image.BILINEAR)
    let expected = SCALED;
    let data = learn_scaled(folder.path(), [3, 3]).unwrap();
    let found = &pixels(&data)[..9];
    let mut pairs = found.iter().zip(&expected);
    assert!(
        pairs.all(|(a, b)| a.abs_diff(*b) <= 1),
        "{found:?}, expected {expected:?}"
    );
}

const SCALED: [u8; 9] = [32, 45, 58, 103, 116, 129, 174, 187, 200];

#[test]
fn a_model_takes_a_folder_with_or_without_classes_or_one_file_in_its_own_size() {
    let files = [("a/1.png", grey([1, 2])), ("b/1.png", grey([3, 4]))];
    let schema = learn(folder(&files).path()).unwrap().schema();
    let plain = folder(&[
        ("2.png", grey([7, 8])),
        ("1.png", png(4, 2, Rgb, &[255, 0, 0].repeat(8))),
    ]);
    let data = predict(plain.path(), &schema).unwrap();
    assert_eq!(
        (data.rows, &data.targets, data.form),
        (2, &None, schema.form)
    );
    // Red is 0.299 of white.
    assert_eq!(pixels(&data), [76, 76, 7, 8]);
    assert!(data.kept[0].cells[0].ends_with("1.png"));
    let notes = data.notes.join("\n");
    for part in ["1 of 2 images scaled to 1 x 2", "1 of 2 images in colour"] {
        assert!(notes.contains(part), "no {part:?} in {notes}");
    }
    let one = predict(&plain.path().join("2.png"), &schema).unwrap();
    assert_eq!((one.rows, pixels(&one)), (1, &[7, 8][..]));
    let known = predict(folder(&[("b/9.png", grey([5, 6]))]).path(), &schema).unwrap();
    assert_eq!(classes(&known), (vec![1], vec!["a", "b"]));
    let other = folder(&[("c/9.png", grey([5, 6]))]);
    let error = predict(other.path(), &schema).unwrap_err();
    assert!(
        error.message.contains("9.png: of the class \"c\""),
        "{error}"
    );
    let error = learn(&plain.path().join("2.png")).unwrap_err();
    assert!(error.message.contains("one image"), "{error}");
}
