//! Tests of `wgrad inspect`, and of predictions for images, which need no labels.

use crate::rig::{folder, wgrad, with_cpu, write};
use std::path::Path;

/// Writes a set of 2 x 2 images in IDX, of two classes.
fn idx(dir: &Path, set: &str, count: u8) {
    let pixels = (0..4 * count).map(|i| i * 5);
    let images = [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 2];
    let labels = [0, 0, 8, 1, 0, 0, 0, count];
    let images: Vec<u8> = images.into_iter().chain(pixels).collect();
    let labels: Vec<u8> = labels
        .into_iter()
        .chain((0..count).map(|i| i % 2))
        .collect();
    write(dir, &format!("{set}-images-idx3-ubyte"), images);
    write(dir, &format!("{set}-labels-idx1-ubyte"), labels);
}

/// Writes a folder with a folder of grey images for each class.
pub(crate) fn pictures(dir: &Path, name: &str, size: [u32; 2]) {
    for class in ["cat", "dog"] {
        let folder = dir.join(name).join(class);
        std::fs::create_dir_all(&folder).unwrap();
        for n in 0..12u8 {
            let grey = if class == "cat" { n } else { 255 - n };
            let pixels = vec![grey; (size[0] * size[1]) as usize];
            let file = folder.join(format!("{n}.png"));
            let file = std::fs::File::create(file).unwrap();
            let mut encoder = png::Encoder::new(file, size[0], size[1]);
            encoder.set_color(png::ColorType::Grayscale);
            encoder.set_depth(png::BitDepth::Eight);
            let mut writer = encoder.write_header().unwrap();
            writer.write_image_data(&pixels).unwrap();
        }
    }
}

#[test]
fn a_table_is_shown_with_rounded_shares_and_the_notes_of_training() {
    let dir = folder();
    let mut text = "a,kind,y\n".to_owned();
    for n in 0..30 {
        let y = if n % 10 == 3 { "NA" } else { ["0", "1"][n % 2] };
        let kind = ["x", "y", "z"][n % 3];
        let a = if n % 8 == 0 { -999.0 } else { n as f64 / 4.0 };
        text += &format!("{a},{kind},{y}\n");
    }
    write(dir.path(), "t.csv", &text);
    let run = wgrad(dir.path(), &["inspect", "t.csv"]).ok();
    // A third is 33.3 %, and 12 of 27 rows are 44.4 %.
    for part in [
        "x 33%",
        "2 classes",
        "44.4 %",
        "--missing -999",
        "3 rows without a target",
    ] {
        assert!(run.out.contains(part), "no {part:?} in: {}", run.out);
    }
    let run = wgrad(dir.path(), &["inspect", "t.csv", "--json"]).ok();
    let found: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(found["classes"].as_array().unwrap().len(), 2);
    assert_eq!(found["columns"][2]["missing"], 3);
}

#[test]
fn what_keeps_training_from_a_table_is_told_with_exit_code_3() {
    let dir = folder();
    let names = |n: usize| format!("n{n},{}\n", n % 2);
    let text: String = (0..30).map(names).collect();
    write(dir.path(), "names.csv", format!("name,y\n{text}"));
    for command in ["inspect", "train"] {
        let run = wgrad(dir.path(), &[command, "names.csv"]);
        assert_eq!(run.code, 3, "{}", run.err);
        let told = run.out + &run.err;
        for part in ["no column is left to learn from", "--features name"] {
            assert!(told.contains(part), "{command}: no {part:?} in: {told}");
        }
    }
}

#[test]
fn images_without_a_test_set_of_their_own_are_not_said_to_have_none() {
    let dir = folder();
    pictures(dir.path(), "pets", [3, 2]);
    let run = wgrad(dir.path(), &["inspect", "pets"]).ok();
    assert!(run.out.contains("24 images of 2 x 3\n"), "{}", run.out);
    std::fs::create_dir(dir.path().join("idx")).unwrap();
    idx(&dir.path().join("idx"), "train", 24);
    idx(&dir.path().join("idx"), "t10k", 8);
    let run = wgrad(dir.path(), &["inspect", "idx"]).ok();
    let told = "32 images of 2 x 2, 8 of them for the test";
    assert!(run.out.contains(told), "{}", run.out);
}

#[test]
fn images_are_predicted_whether_or_not_they_have_known_labels() {
    let dir = folder();
    std::fs::create_dir(dir.path().join("idx")).unwrap();
    idx(&dir.path().join("idx"), "train", 24);
    pictures(dir.path(), "pets", [2, 2]);
    let rows = |args: &[&str]| {
        let run = wgrad(dir.path(), &with_cpu(args)).ok();
        run.out.lines().count() - 1
    };
    for (data, model) in [("idx", "a"), ("pets", "b")] {
        let train = ["train", data, "--epochs", "1", "--out", model];
        wgrad(dir.path(), &with_cpu(&train)).ok();
        assert_eq!(rows(&["predict", model, data]), 24, "{data}");
        wgrad(dir.path(), &with_cpu(&["eval", model, data])).ok();
    }
    assert_eq!(rows(&["predict", "a", "idx/train-images-idx3-ubyte"]), 24);
    assert_eq!(rows(&["predict", "b", "pets/cat"]), 12);
    assert_eq!(rows(&["predict", "b", "pets/dog/3.png"]), 1);
    // A class that the model does not know.
    let pets = dir.path().join("pets");
    std::fs::rename(pets.join("cat"), pets.join("cow")).unwrap();
    assert_eq!(rows(&["predict", "b", "pets"]), 24);
    wgrad(dir.path(), &with_cpu(&["eval", "b", "pets"])).fails(3, &["cow", "cat"]);
    std::fs::remove_file(dir.path().join("idx/train-labels-idx1-ubyte")).unwrap();
    assert_eq!(rows(&["predict", "a", "idx"]), 24);
}

#[test]
fn a_size_for_what_is_no_folder_of_images_has_no_effect() {
    let dir = folder();
    std::fs::create_dir(dir.path().join("idx")).unwrap();
    idx(&dir.path().join("idx"), "train", 24);
    pictures(dir.path(), "pets", [4, 4]);
    let told = "--size 3,2 has no effect";
    for data in ["idx", "iris", "pets"] {
        for command in [
            &["inspect"][..],
            &["train", "--epochs", "1", "--device", "cpu"],
        ] {
            let run = wgrad(dir.path(), &[command, &[data, "--size", "3,2"]].concat()).ok();
            assert_eq!(
                run.err.contains(told),
                data != "pets",
                "{data}: {}",
                run.err
            );
        }
    }
}

#[test]
fn an_unknown_column_to_keep_is_named_by_its_flag() {
    let dir = folder();
    let train = ["train", "iris", "--epochs", "1", "--out", "m"];
    wgrad(dir.path(), &with_cpu(&train)).ok();
    let predict = ["predict", "m", "iris", "--keep", "specis"];
    let run = wgrad(dir.path(), &predict).fails(3, &["--keep specis", "species"]);
    assert!(!run.err.contains('`'), "{}", run.err);
}
