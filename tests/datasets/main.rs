//! Tests of reading data through the library: formats, splits, and that no input panics.

mod check;
mod columns;
mod csv;
mod dialect;
mod formats;
mod fuzz;
mod idx;
mod idx_names;
mod image_files;
mod images;
mod inspect;
mod json_lines;
mod leaks;
mod others;
mod rows;
mod samples;
mod scale;
mod sources;
mod split;

use samples::cells;
use std::io::Write;
use std::path::Path;
use wgrad::dataset;
use wgrad::dataset::{
    ColumnValues, DataError, Dataset, Form, Inputs, MissingRows, ReadOptions, Split, SplitOptions,
    Targets, Task,
};
use wgrad::math::{Random, Stream};

/// Splits `data` by the shares for validation and test.
fn shared_out(data: &Dataset, [val, test]: [f64; 2], seed: u64) -> Result<Split, DataError> {
    dataset::split(data, &options(val, test, seed))
}

fn options(val: f64, test: f64, seed: u64) -> SplitOptions {
    SplitOptions {
        val,
        test,
        seed,
        shuffle: true,
    }
}

fn read(dir: &Path, name: &str, bytes: &[u8]) -> Result<Dataset, String> {
    read_with(dir, name, bytes, &ReadOptions::default())
}

fn read_with(
    dir: &Path,
    name: &str,
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<Dataset, String> {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    dataset::read(&path.display().to_string(), options, 0).map_err(|why| why.to_string())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Returns an IDX file with this magic number, sizes and bytes.
fn idx(magic: u32, sizes: &[u32], bytes: &[u8]) -> Vec<u8> {
    let words = [magic].into_iter().chain(sizes.iter().copied());
    words
        .flat_map(u32::to_be_bytes)
        .chain(bytes.iter().copied())
        .collect()
}

#[test]
fn text_and_few_integers_are_classes_and_other_numbers_are_values() {
    let dir = folder();
    let target = |cells: &[String]| {
        let rows: String = cells.iter().map(|cell| format!("1,{cell}\n")).collect();
        let data = read(dir.path(), "t.csv", format!("x,y\n{rows}").as_bytes());
        data.unwrap().targets.unwrap()
    };
    let cells = |cell: fn(usize) -> String| (0..42).map(cell).collect::<Vec<_>>();
    let text = target(&cells(|i| ["b", "a"][i % 2].to_owned()));
    assert!(matches!(text, Targets::Classes { names, .. } if names == ["a", "b"]));
    let integers = target(&cells(|i| (i % 20).to_string()));
    assert!(
        matches!(integers, Targets::Classes { names, .. } if names[2] == "2" && names[10] == "10")
    );
    assert!(matches!(
        target(&cells(|i| (i % 21).to_string())),
        Targets::Values { .. }
    ));
    assert!(matches!(
        target(&cells(|i| format!("{}.5", i % 3))),
        Targets::Values { .. }
    ));
}

#[test]
fn the_task_overrules_what_the_target_looks_like() {
    let dir = folder();
    let table = b"x,y\n1,0\n2,1\n3,0\n";
    let with = |task| {
        let options = ReadOptions {
            task: Some(task),
            ..ReadOptions::default()
        };
        read_with(dir.path(), "t.csv", table, &options)
            .unwrap()
            .targets
            .unwrap()
    };
    assert!(matches!(with(Task::Regress), Targets::Values { values } if values == [0.0, 1.0, 0.0]));
    assert!(matches!(with(Task::Classify), Targets::Classes { labels, .. } if labels == [0, 1, 0]));
}

#[test]
fn several_targets_are_values_side_by_side() {
    let dir = folder();
    let options = ReadOptions {
        target: vec!["b".to_owned(), "a".to_owned()],
        ..ReadOptions::default()
    };
    let data = read_with(dir.path(), "t.csv", b"a,x,b\n1,2,3\n4,5,6\n", &options).unwrap();
    assert_eq!(cells(&data), [2.0, 5.0]);
    assert_eq!(
        data.targets,
        Some(Targets::Values {
            values: vec![3.0, 1.0, 6.0, 4.0]
        })
    );
}

#[test]
fn gzip_is_recognised_by_its_first_bytes() {
    let dir = folder();
    let table = b"x,y\n1,a\n2,b\n";
    let plain = read(dir.path(), "t.csv", table).unwrap();
    assert_eq!(read(dir.path(), "t.csv.gz", &gzip(table)).unwrap(), plain);
    let cut = &gzip(table)[..20];
    let error = read(dir.path(), "cut.csv.gz", cut).unwrap_err();
    assert!(error.contains("gzip"), "{error}");
}

#[test]
fn quotes_spaces_and_blank_lines_do_not_matter_and_line_numbers_stay_right() {
    let dir = folder();
    let data = read(dir.path(), "t.csv", b"\"x\" , y\n\n 1 ,\"a\"\n\n2,b\n").unwrap();
    assert_eq!(data.columns, ["x"]);
    assert_eq!(cells(&data), [1.0, 2.0]);
    let error = read(dir.path(), "t.csv", b"x,y\n\n1,a\n\n2\n").unwrap_err();
    assert!(
        error.contains("t.csv:5: expected 2 columns, found 1"),
        "{error}"
    );
    let comma = read(dir.path(), "t.csv", b"x;y\n1;a\n2,5;b\n3;a\n").unwrap();
    assert_eq!(cells(&comma), [1.0, 2.5, 3.0]);
}

#[test]
fn idx_folders_are_read_by_any_of_their_names() {
    let images = |count: u32| {
        let pixels: Vec<u8> = (0..count * 6).map(|p| p as u8).collect();
        idx(0x803, &[count, 2, 3], &pixels)
    };
    for (train, test) in [("-idx", "-idx"), (".idx", "-idx")] {
        let dir = folder();
        let put =
            |name: String, bytes: Vec<u8>| std::fs::write(dir.path().join(name), bytes).unwrap();
        put(format!("train-images{train}3-ubyte"), images(4));
        put(
            format!("train-labels{train}1-ubyte.gz"),
            gzip(&idx(0x801, &[4], &[0, 1, 2, 1])),
        );
        put(format!("t10k-images{test}3-ubyte"), images(2));
        put(
            format!("t10k-labels{test}1-ubyte"),
            idx(0x801, &[2], &[3, 0]),
        );
        let data = dataset::read(
            &dir.path().display().to_string(),
            &ReadOptions::default(),
            0,
        )
        .unwrap();
        assert_eq!(
            data.form,
            Form::Images {
                height: 2,
                width: 3,
                channels: 1
            }
        );
        assert_eq!((data.rows, data.test_from), (6, Some(4)));
        assert!(matches!(&data.inputs, Inputs::Pixels(all) if all[7] == 7));
        assert!(matches!(&data.targets, Some(Targets::Classes { names, .. }) if names.len() == 4));
        let split = shared_out(&data, [0.0, 0.5], 0).unwrap();
        assert_eq!((split.train.len(), split.test), (4, vec![4, 5]));
    }
}

#[test]
fn damaged_idx_files_are_named_with_what_was_expected() {
    let dir = folder();
    let good = idx(0x803, &[2, 1, 2], &[1, 2, 3, 4]);
    let labels = idx(0x801, &[2], &[0, 1]);
    let cases: [(Vec<u8>, Vec<u8>, &str); 5] = [
        (
            good[..18].to_vec(),
            labels.clone(),
            "expected 4 bytes after the header, found 2",
        ),
        (good[..9].to_vec(), labels.clone(), "ends within its header"),
        (
            idx(0x801, &[4], &[1, 2, 3, 4]),
            labels.clone(),
            "expected 0x00000803",
        ),
        (
            good.clone(),
            idx(0x801, &[3], &[0, 1, 2]),
            "3 labels for 2 images",
        ),
        (
            idx(0x803, &[u32::MAX, u32::MAX, u32::MAX], &[]),
            labels,
            "bytes after the header",
        ),
    ];
    for (images, labels, part) in cases {
        std::fs::write(dir.path().join("train-images-idx3-ubyte"), images).unwrap();
        std::fs::write(dir.path().join("train-labels-idx1-ubyte"), labels).unwrap();
        let source = dir.path().display().to_string();
        let error = dataset::read(&source, &ReadOptions::default(), 0)
            .unwrap_err()
            .to_string();
        assert!(error.contains(part), "{part}: {error}");
    }
    let empty = folder();
    let error = dataset::read(
        &empty.path().display().to_string(),
        &ReadOptions::default(),
        0,
    );
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("train-images-idx3-ubyte")
    );
}

#[test]
fn splits_keep_each_class_in_proportion_and_use_every_row_once() {
    let data = dataset::read("digits", &ReadOptions::default(), 0).unwrap();
    let split = shared_out(&data, [0.1, 0.2], 7).unwrap();
    let Some(Targets::Classes { labels, .. }) = &data.targets else {
        panic!("digits has classes");
    };
    for class in 0..10 {
        let count = |rows: &[u32]| {
            rows.iter()
                .filter(|&&r| labels[r as usize] == class)
                .count()
        };
        let all = labels.iter().filter(|&&label| label == class).count() as f64;
        assert!((count(&split.test) as f64 - 0.2 * all).abs() <= 1.0);
        assert!((count(&split.val) as f64 - 0.1 * all).abs() <= 1.0);
    }
    let mut rows: Vec<u32> = [&split.train, &split.val, &split.test]
        .into_iter()
        .flatten()
        .copied()
        .collect();
    rows.sort_unstable();
    assert_eq!(rows, (0..data.rows as u32).collect::<Vec<_>>());
    assert_eq!(shared_out(&data, [0.1, 0.2], 7).unwrap(), split);
    assert_ne!(shared_out(&data, [0.1, 0.2], 8).unwrap(), split);
}

#[test]
fn a_class_of_one_row_is_for_training() {
    let dir = folder();
    let rows: String = (0..40)
        .map(|i| format!("{i},{}\n", if i == 17 { "rare" } else { "often" }))
        .collect();
    let data = read(dir.path(), "t.csv", format!("x,y\n{rows}").as_bytes()).unwrap();
    for seed in 0..20 {
        let split = shared_out(&data, [0.3, 0.3], seed).unwrap();
        assert!(split.train.contains(&17));
    }
}

#[test]
fn no_input_panics() {
    let dir = folder();
    let pieces: [&[u8]; 12] = [
        b"x",
        b",",
        b";",
        b"\n",
        b"\r\n",
        b"\"",
        b"1",
        b"-2.5e3",
        b"NA",
        b"\xff",
        b"\xef\xbb\xbf",
        b"a b",
    ];
    for case in 0..1000 {
        let random = Random::new(case, Stream::Data, 1);
        let length = random.bits(0) % 40;
        let bytes: Vec<u8> = (1..=length)
            .flat_map(|i| {
                pieces[random.bits(i) as usize % pieces.len()]
                    .iter()
                    .copied()
            })
            .collect();
        for missing_rows in MissingRows::ALL {
            let options = ReadOptions {
                missing_rows,
                ..ReadOptions::default()
            };
            if let Ok(data) = read_with(dir.path(), "t.csv", &bytes, &options) {
                assert_eq!(data.inputs.len(), data.rows * data.width());
                let Inputs::Columns(columns) = &data.inputs else {
                    panic!("{:?}", data.inputs);
                };
                for column in columns {
                    if let ColumnValues::Numbers(all) = &column.values {
                        assert!(!all.iter().any(|v| v.is_infinite()), "{bytes:?}");
                    }
                }
                let _ = shared_out(&data, [0.2, 0.2], case);
            }
        }
    }
}
