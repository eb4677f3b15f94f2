//! Files of formats without a reader: each is named, with a cure. And Parquet, which only some builds read.

use crate::samples::{folder, put};
use wgrad::dataset::{DataErrorKind as Kind, ReadOptions, read};

fn error(name: &str, bytes: &[u8]) -> String {
    let folder = folder(&[]);
    let path = put(folder.path(), name, bytes);
    let error = read(path.to_str().unwrap(), &ReadOptions::default(), 0).unwrap_err();
    assert_eq!(error.kind, Kind::Format, "{error}");
    error.message
}

#[test]
fn a_format_without_a_reader_is_named_with_a_cure() {
    let tar = [&[b'a'; 257][..], b"ustar\0"].concat();
    let cases: [(&[u8], &str, &str); 24] = [
        (b"ARROW1\0\0", "Arrow", "read_feather"),
        (
            b"\xff\xff\xff\xff\x10\0\0\0",
            "Arrow stream",
            "read_feather",
        ),
        (b"\xfd7zXZ\0\0", "an xz file", "unpack it"),
        (b"BZh91AY&SY\xff", "a bzip2 file", "unpack it"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it"),
        (
            b"SQLite format 3\0",
            "an SQLite database",
            "sqlite3 -header -csv",
        ),
        (b"\x80\x04\x95\x10", "a Python pickle", "numpy.savez"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file", "h5py"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "an Excel file",
            "save the sheet as CSV",
        ),
        (
            b"MATLAB 5.0 MAT-file, Platform",
            "a MATLAB file",
            "numpy.savez",
        ),
        (b"%PDF-1.7", "a PDF file", "CSV"),
        (b"Obj\x01\x04", "an Avro file", "CSV"),
        (b"ORC\x01\0", "an ORC file", "CSV"),
        (b"GIF89a\x01\0\xff", "a GIF image", "a folder of images"),
        (&tar, "a tar archive", "unpack it"),
        (
            b"\n <!DOCTYPE html>\n<html>",
            "a web page, not a table",
            "raw data",
        ),
        (b"<?xml version=\"1.0\"?>", "an XML file", "CSV"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid",
            "a pointer of Git LFS",
            "git lfs pull",
        ),
        (
            b"% iris\n@RELATION iris\n@attribute a numeric\n",
            "an ARFF file",
            "@data",
        ),
        (b"1 3:0.5 7:1\n-1 2:4 3:1\n", "libsvm", "load_svmlight_file"),
        (b"+1 qid:3 1:0.5\n", "libsvm", "load_svmlight_file"),
        (
            b"a\0\0b\x01\0\0\0",
            "a binary file of an unknown kind",
            "CSV",
        ),
        (b"RDX3\nX\n", "a file of R", "write.csv"),
        (b"\x7fELF\x02", "a program", "name a table"),
    ];
    for (bytes, what, cure) in cases {
        let message = error("t.dat", bytes);
        assert!(
            message.contains(what) && message.contains(cure),
            "{what}, {cure}: {message}"
        );
        assert!(message.contains("t.dat: "), "{message}");
    }
}

#[test]
fn tables_that_begin_as_other_formats_do_are_read() {
    for text in [
        "BM,y\n1,a\n2,b\n",
        "ORC,y\n1,a\n2,b\n",
        "CDF,y\n1,a\n2,b\n",
        "[m],y\n1,a\n2,b\n",
        "1 2 3\n4 5 6\n",
        "time:1,y\n1,a\n2,b\n",
    ] {
        let folder = folder(&[]);
        let path = put(folder.path(), "t.csv", text.as_bytes());
        let found = read(path.to_str().unwrap(), &ReadOptions::default(), 0);
        let error = found.map_or_else(|why| why.message, |_| String::new());
        assert!(
            !error.contains("expected a table such as CSV"),
            "{text:?}: {error}"
        );
    }
}

#[test]
fn a_file_that_is_not_what_its_name_says_is_refused() {
    for name in ["t.npz", "t.parquet"] {
        assert!(
            error(name, b"a,b\n1,2\n").contains("its name ends in"),
            "{name}"
        );
    }
}

const TABLE: &[u8] = include_bytes!("../data/table.parquet");

#[cfg(not(feature = "parquet"))]
#[test]
fn a_parquet_file_is_named_with_the_feature_that_reads_it() {
    let message = error("t.parquet", TABLE);
    for part in ["a Parquet file", "--features parquet", "read_parquet"] {
        assert!(message.contains(part), "no {part:?} in: {message}");
    }
}

#[cfg(feature = "parquet")]
mod parquet {
    use super::*;
    use wgrad::dataset::Dataset;

    fn table(name: &str, bytes: &[u8]) -> Result<Dataset, String> {
        let folder = folder(&[]);
        let path = put(folder.path(), name, bytes);
        let data = read(path.to_str().unwrap(), &ReadOptions::default(), 0);
        data.map_err(|why| why.message)
    }

    #[test]
    fn a_parquet_file_is_the_table_that_csv_is() {
        let csv = "x,count,day,at,price,small,kind\n1.5,1,2020-01-01,2020-01-01T00:00:00,1.50,0,b\n,2,1969-12-31,2021-02-03T04:05:06,-0.05,200,a\n-7,9007199254740993,,,,255,b\n";
        let expected = table("t.csv", csv.as_bytes()).unwrap();
        let found = table("t.parquet", TABLE).unwrap();
        assert_eq!(
            (found.columns, found.targets),
            (expected.columns, expected.targets)
        );
        // Cells that are no numbers are NaN here.
        assert_eq!(
            format!("{:?}", found.inputs),
            format!("{:?}", expected.inputs)
        );
    }

    #[test]
    fn columns_that_are_not_flat_and_codecs_in_c_are_refused() {
        let nested = include_bytes!("../data/nested.parquet");
        let message = table("t.parquet", nested).unwrap_err();
        assert!(
            message.contains("\"x\" holds lists or records"),
            "{message}"
        );
        let zstd = include_bytes!("../data/zstd.parquet");
        let message = table("t.parquet", zstd).unwrap_err();
        assert!(
            message.contains("packed with zstd") && message.contains("compression=\"snappy\""),
            "{message}"
        );
    }

    #[test]
    fn no_part_of_a_parquet_file_is_read() {
        for length in 0..TABLE.len() {
            assert!(table("t.parquet", &TABLE[..length]).is_err(), "{length}");
        }
    }
}
