//! Formats of tables beside CSV: each gives what the same table gives as CSV, and damage gives an error.

use crate::samples::{
    CSV, NUMBERS, doubles, folder, npy, npy_with_header, of, put, refused, same, table, zip, zstd,
};
use wgrad::dataset::DataErrorKind as Kind;

/// Checks that no beginning of a file is read, except those of `allowed` lengths, and that none panics.
#[track_caller]
fn no_part_is_read(name: &str, bytes: &[u8], allowed: impl Fn(usize) -> bool) {
    let folder = folder(&[]);
    for length in (0..bytes.len()).filter(|length| !allowed(*length)) {
        let found = of(&put(folder.path(), name, &bytes[..length]));
        assert!(found.is_err(), "{name}: {length} of {} bytes", bytes.len());
    }
}

#[test]
fn arrays_of_any_order_of_bytes_and_elements_are_the_same_table() {
    let by_column: Vec<f64> = (0..9).map(|i| NUMBERS[i % 3 * 3 + i / 3]).collect();
    let big: Vec<u8> = NUMBERS
        .iter()
        .flat_map(|value| value.to_be_bytes())
        .collect();
    let single = NUMBERS
        .iter()
        .flat_map(|value| (*value as f32).to_le_bytes());
    let single: Vec<u8> = single.collect();
    same(
        CSV,
        "t.npy",
        &npy("<f8", false, "(3, 3)", &doubles(&NUMBERS)),
    );
    same(
        CSV,
        "t.npy",
        &npy("<f8", true, "(3, 3)", &doubles(&by_column)),
    );
    same(CSV, "t.npy", &npy(">f8", false, "(3, 3)", &big));
    same(CSV, "t.npy", &npy("<f4", false, "(3L, 3L)", &single));
    for version in [1, 2, 3] {
        let header = "{\"descr\": \"<f8\", \"shape\": (3, 3), \"fortran_order\": False}";
        let bytes = npy_with_header(version, header, &doubles(&NUMBERS));
        same(CSV, "t.npy", &bytes);
        same(CSV, "t.npy.zst", &zstd(&bytes));
    }
}

#[test]
fn integers_halves_flags_and_texts_of_arrays_are_what_they_are_in_csv() {
    let csv = "column1,column2\n-3,7\n127,-128\n";
    same(
        csv,
        "t.npy",
        &npy("|i1", false, "(2, 2)", &[253, 7, 127, 128]),
    );
    let csv = "column1,column2\n1,0\n0,1\n";
    same(csv, "t.npy", &npy("|b1", false, "(2, 2)", &[1, 0, 0, 1]));
    let csv = "column1,column2\n1.5,-2\n0.000000059604644775390625,65504\n";
    let halves: Vec<u8> = [0x3e00u16, 0xc000, 1, 0x7bff]
        .iter()
        .flat_map(|half| half.to_be_bytes())
        .collect();
    same(csv, "t.npy", &npy(">f2", false, "(2, 2)", &halves));
    let csv = "column1,column2\n1.5,ä\n2,b\n";
    let texts = ["1.5", "ä", "2", "b"];
    let words = texts.iter().flat_map(|text| {
        let mut words: Vec<u32> = text.chars().map(u32::from).collect();
        words.resize(3, 0);
        words.into_iter().flat_map(u32::to_le_bytes)
    });
    same(
        csv,
        "t.npy",
        &npy("<U3", false, "(2, 2)", &words.collect::<Vec<u8>>()),
    );
    same(
        "column1,column2\n1,a\n2,b\n",
        "t.npy",
        &npy("|S2", false, "(2, 2)", b"1\0a\x002\0b\0"),
    );
    let csv = "column1,column2\n1,9007199254740993\n2,18446744073709551615\n";
    let long: Vec<u8> = [1, 9_007_199_254_740_993, 2, u64::MAX]
        .iter()
        .flat_map(|value: &u64| value.to_le_bytes())
        .collect();
    same(csv, "t.npy", &npy("<u8", false, "(2, 2)", &long));
}

#[test]
fn arrays_that_are_no_table_are_named() {
    refused(
        "t.npy",
        &npy("|O", false, "(2, 2)", b"\x80\x04]"),
        &["Python objects"],
    );
    refused(
        "t.npy",
        &npy("<c16", false, "(2, 2)", &[]),
        &["complex", "a.real"],
    );
    refused(
        "t.npy",
        &npy("<M8[ns]", false, "(2, 2)", &[]),
        &["dates", "astype(str)"],
    );
    refused(
        "t.npy",
        &npy("|u1", false, "(2, 2, 2)", &[0; 8]),
        &["(2, 2, 2)", "numpy.savez"],
    );
    refused("t.npy", &npy("<f8", false, "()", &[0; 8]), &["one number"]);
    refused(
        "t.npy",
        &npy("<f8", false, "(0, 3)", &[]),
        &["empty", "(0, 3)"],
    );
    refused("t.npy", &npy_with_header(9, "{}", &[]), &["version 9"]);
    let records = "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }";
    refused(
        "t.npy",
        &npy_with_header(1, records, &[0; 8]),
        &["records", "to_csv"],
    );
    refused("t.npy", b"a,b\n1,2\n", &["not a NumPy array"]);
    let more = [npy("|u1", false, "(1, 2)", &[0, 1]), vec![0]].concat();
    refused("t.npy", &more, &["more bytes"]);
}

#[test]
fn huge_shapes_are_refused_before_memory_is_taken() {
    for shape in [
        "(99999999999999, 3)",
        "(18446744073709551615, 18446744073709551615)",
    ] {
        let error = table("t.npy", &npy("<f8", false, shape, &[0; 64])).unwrap_err();
        assert_eq!(error.kind, Kind::TooLarge, "{error}");
    }
    let wide = npy("<f8", false, "(3, 99999999)", &[0; 64]);
    refused("t.npy", &wide, &["expected at most 1000000"]);
    refused(
        "t.npy",
        &npy("<U999999999999", false, "(2, 2)", &[]),
        &["an unknown type"],
    );
    let long = npy_with_header(2, &" ".repeat(1 << 17), &[]);
    refused("t.npy", &long, &["header of 131073 bytes"]);
}

#[test]
fn an_archive_of_inputs_and_targets_is_a_table() {
    let csv = "x1,x2,y\n1.5,-2,0\n0.25,3,1\n-7,1000000,1\n";
    let x = npy(
        "<f8",
        false,
        "(3, 2)",
        &doubles(&[1.5, -2.0, 0.25, 3.0, -7.0, 1e6]),
    );
    let y = npy("<i2", false, "(3,)", &[0, 0, 1, 0, 1, 0]);
    for (inputs, targets) in [
        ("x", "y"),
        ("X", "Y"),
        ("data", "target"),
        ("arr_0", "arr_1"),
    ] {
        for is_packed in [false, true] {
            let names = [inputs, targets].map(|name| format!("{name}.npy"));
            let files = [(&names[1][..], y.clone()), (&names[0][..], x.clone())];
            same(csv, "t.npz", &zip(&files, is_packed));
        }
    }
    let column = npy(
        "<f8",
        true,
        "(3, 2)",
        &doubles(&[1.5, 0.25, -7.0, -2.0, 3.0, 1e6]),
    );
    same(
        csv,
        "t.npz",
        &zip(&[("x.npy", column), ("y.npy", y.clone())], true),
    );
    let one = npy("<f8", false, "(3, 3)", &doubles(&NUMBERS));
    let csv = CSV.replace("column", "x");
    same(&csv, "t.npz", &zip(&[("table.npy", one)], true));
    let files = [
        ("x.npy", x.clone()),
        ("y.npy", y.clone()),
        ("names.npy", npy("|O", false, "(1,)", &[])),
    ];
    let data = table("t.npz", &zip(&files, true)).unwrap();
    assert!(
        data.notes
            .iter()
            .any(|note| note.contains("not used: \"names\"")),
        "{:?}",
        data.notes
    );
}

#[test]
fn archives_without_a_role_for_each_array_are_refused_with_what_is_there() {
    let x = || npy("<f8", false, "(2, 1)", &doubles(&[1.0, 2.0]));
    let cases: [(&[&str], &str); 4] = [
        (
            &["a.npy", "b.npy", "c.npy"],
            "no array of inputs; the arrays are a (2, 1), b (2, 1)",
        ),
        (&["x.npy", "data.npy"], "two arrays of inputs, x and data"),
        (&["y.npy", "z.npy"], "targets (y) without inputs"),
        (&["readme.txt"], "a zip file of readme.txt"),
    ];
    for (names, part) in cases {
        let files: Vec<(&str, Vec<u8>)> = names.iter().map(|name| (*name, x())).collect();
        refused("t.npz", &zip(&files, true), &[part]);
    }
    let files = [
        ("x.npy", x()),
        ("y.npy", npy("|u1", false, "(3,)", &[0, 1, 1])),
    ];
    refused(
        "t.npz",
        &zip(&files, true),
        &["2 rows of inputs and 3 targets"],
    );
    refused(
        "t.xlsx",
        &zip(&[("xl/workbook.xml", vec![])], true),
        &["an Excel file", "save the sheet as CSV"],
    );
    let files = [("mimetype", vec![]), ("content.xml", vec![])];
    refused("t.ods", &zip(&files, true), &["an OpenDocument file"]);
}

#[test]
fn no_part_of_a_file_is_taken_for_the_whole() {
    let array = npy("<f8", false, "(3, 3)", &doubles(&NUMBERS));
    no_part_is_read("t.npy", &array, |_| false);
    let files = [
        ("x.npy", array.clone()),
        ("y.npy", npy("|u1", false, "(3,)", &[0, 1, 1])),
    ];
    for is_packed in [false, true] {
        no_part_is_read("t.npz", &zip(&files, is_packed), |_| false);
    }
    no_part_is_read(
        "t.json",
        b"[{\"a\":1,\"y\":2},\n{\"a\":2,\"y\":3}]\n",
        |length| length == 30,
    );
    // A whole line is a table.
    no_part_is_read(
        "t.jsonl",
        b"{\"a\":1,\"y\":2}\n{\"a\":2,\"y\":3}\n",
        |length| matches!(length, 13 | 14 | 27),
    );
    no_part_is_read("t.csv.zst", &zstd(&CSV.repeat(9).into_bytes()), |_| false);
}

#[test]
fn zstd_is_read_in_frames_and_a_wrong_name_is_refused() {
    let (head, tail) = CSV.split_at(40);
    let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
    let frames = [zstd(head.as_bytes()), skipped, zstd(tail.as_bytes())].concat();
    same(CSV, "t.csv.zst", &frames);
    same(CSV, "t.csv", &frames);
    assert_eq!(table("t.csv.zst", &frames).unwrap().name, "t");
    refused("t.csv.zst", CSV.as_bytes(), &["not a zstd file"]);
    let mut damaged = zstd(&CSV.repeat(50).into_bytes());
    let end = damaged.len() - 1;
    damaged[end] ^= 1;
    refused("t.csv.zst", &damaged, &["damaged zstd file", "checksum"]);
}
