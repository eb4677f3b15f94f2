//! Small files of each format, written by the tests.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use wgrad::dataset::{ColumnValues, DataError, Dataset, Inputs, ReadOptions, read};

/// Returns a NumPy array of version 1 with this type, order and shape.
pub(crate) fn npy(descr: &str, is_fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    let order = if is_fortran { "True" } else { "False" };
    let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}");
    npy_with_header(1, &header, data)
}

/// Returns a NumPy array of any version with this header.
pub(crate) fn npy_with_header(version: u8, header: &str, data: &[u8]) -> Vec<u8> {
    let length = header.len() + 1;
    let length = match version {
        1 => (length as u16).to_le_bytes().to_vec(),
        _ => (length as u32).to_le_bytes().to_vec(),
    };
    let head = [b"\x93NUMPY", &[version, 0][..], &length].concat();
    [&head, header.as_bytes(), b"\n", data].concat()
}

/// Returns the bytes of numbers, the lowest byte first.
pub(crate) fn doubles(values: &[f64]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

/// Returns a zip file, packed as `numpy.savez_compressed` does it, or not packed.
pub(crate) fn zip(files: &[(&str, Vec<u8>)], is_packed: bool) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let method = match is_packed {
        true => zip::CompressionMethod::Deflated,
        false => zip::CompressionMethod::Stored,
    };
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in files {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Returns a PNG image of eight bits.
pub(crate) fn png(width: u32, height: u32, color: png::ColorType, pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(pixels).unwrap();
    writer.finish().unwrap();
    bytes
}

/// Returns bytes packed with zstd.
pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// Writes files into a new folder, with the folders in their names.
pub(crate) fn folder(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        put(folder.path(), name, bytes);
    }
    folder
}

/// Writes a file, with the folders in its name. Returns its path.
pub(crate) fn put(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

/// A table as CSV, whose numbers have no other form.
pub(crate) const CSV: &str = "column1,column2,column3\n1.5,-2,0\n0.25,3,1\n-7,1000000,1\n";
/// Its numbers.
pub(crate) const NUMBERS: [f64; 9] = [1.5, -2.0, 0.0, 0.25, 3.0, 1.0, -7.0, 1e6, 1.0];

/// Reads a file to learn from.
pub(crate) fn of(path: &Path) -> Result<Dataset, DataError> {
    read(path.to_str().unwrap(), &ReadOptions::default(), 0)
}

/// Reads a file of this name and these bytes.
pub(crate) fn table(name: &str, bytes: &[u8]) -> Result<Dataset, DataError> {
    let folder = folder(&[]);
    of(&put(folder.path(), name, bytes))
}

/// Checks that a file is refused with an error that has all parts.
#[track_caller]
pub(crate) fn refused(name: &str, bytes: &[u8], parts: &[&str]) {
    let error = table(name, bytes).expect_err(name);
    for part in parts.iter().chain(&[name]) {
        assert!(error.message.contains(part), "no {part:?} in: {error}");
    }
}

/// Checks that a file gives the inputs and targets of `csv`.
#[track_caller]
pub(crate) fn same(csv: &str, name: &str, bytes: &[u8]) {
    let expected = table("t.csv", csv.as_bytes()).unwrap();
    let found = table(name, bytes).unwrap_or_else(|why| panic!("{name}: {why}"));
    assert_eq!(found.columns, expected.columns, "{name}");
    // A cell that is no number is NaN, which equals nothing.
    let inputs = [found.inputs, expected.inputs].map(|inputs| format!("{inputs:?}"));
    assert_eq!(inputs[0], inputs[1], "{name}");
    assert_eq!(found.target_names, expected.target_names, "{name}");
    assert_eq!(found.targets, expected.targets, "{name}");
}

/// Returns the numbers of a column; NaN is missing.
#[track_caller]
pub(crate) fn numbers<'d>(data: &'d Dataset, name: &str) -> &'d [f64] {
    let Inputs::Columns(columns) = &data.inputs else {
        panic!("{:?}", data.inputs);
    };
    let column = columns.iter().find(|column| column.name == name);
    match column.map(|column| &column.values) {
        Some(ColumnValues::Numbers(values)) => values,
        other => panic!("{name} has {other:?}"),
    }
}

/// Returns the numbers of a table (rows, columns).
#[track_caller]
pub(crate) fn cells(data: &Dataset) -> Vec<f64> {
    let columns = data.columns.iter().map(|name| numbers(data, name));
    let columns: Vec<&[f64]> = columns.collect();
    let row = |row: usize| columns.iter().map(move |column| column[row]);
    (0..data.rows).flat_map(row).collect()
}
