//! How bytes become text: UTF-8, UTF-16, Latin-1, and what is not text.

use super::*;

fn utf_16(text: &str, to: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to).collect()
}

#[test]
fn utf_16_is_read_with_and_without_a_mark() {
    for to in [u16::to_le_bytes, u16::to_be_bytes] {
        for mark in ["", "\u{feff}"] {
            let data = table(utf_16(&format!("{mark}{PLAIN}"), to));
            assert_plain(&data);
            assert_note(&data, "encoding utf-16");
        }
    }
    let options = in_dialect(DialectOptions {
        encoding: Some("utf-16le".to_owned()),
        ..DialectOptions::default()
    });
    let data = read_as("t.csv", utf_16(PLAIN, u16::to_le_bytes), &options).unwrap();
    assert_plain(&data);
}

#[test]
fn latin_1_is_read_with_a_note_that_names_the_line() {
    let data = table(b"a,b,kind\n1.5,2,x\n2.5,1,caf\xe9\n0.5,2,x\n2.5,2,caf\xe9\n");
    assert_eq!(classes(&data), ["x", "café", "x", "café"]);
    assert_note(&data, "windows-1252");
    assert_note(&data, "line 3 is not UTF-8");
    assert_plain(&table(format!("\u{feff}{PLAIN}")));
}

#[test]
fn a_damaged_letter_among_good_ones_is_no_reason_to_read_them_wrong() {
    let text = b"a,b,kind\n1.5,2,\xc3\xa9t\xc3\xa9\n2.5,1,caf\xe9\n0.5,2,x\n";
    let found = error(text, &ReadOptions::default());
    assert!(
        found.contains("t.csv:3: column kind is not UTF-8 text"),
        "{found}"
    );
}

#[test]
fn bytes_far_behind_the_head_that_are_not_utf_8_are_refused_and_the_cure_works() {
    let mut text = b"a,b,kind\n".to_vec();
    for row in 0..150_000 {
        text.extend_from_slice(format!("{}.5,2,x\n", row % 10).as_bytes());
    }
    text.extend_from_slice(b"1.5,2,caf\xe9\n0.5,2,x\n");
    let found = error(&text, &ReadOptions::default());
    assert!(
        found.starts_with("t.csv:150002: column kind is not UTF-8 text")
            && found.contains("`encoding = windows-1252`"),
        "{found}"
    );
    let options = in_dialect(DialectOptions {
        encoding: Some("windows-1252".to_owned()),
        ..DialectOptions::default()
    });
    let data = read_as("t.csv", &text, &options).unwrap();
    assert_eq!(classes(&data)[150_000], "café");
}

#[test]
fn binary_data_and_unknown_encodings_are_refused() {
    let found = error(b"a,b\n1\x002,\0\0\0x\n", &ReadOptions::default());
    assert!(found.starts_with("t.csv: a binary file"), "{found}");
    let unknown = in_dialect(DialectOptions {
        encoding: Some("klingon".to_owned()),
        ..DialectOptions::default()
    });
    let found = error(PLAIN, &unknown);
    assert!(
        found.starts_with("`encoding = klingon`: no such encoding"),
        "{found}"
    );
    let mut cut = utf_16(PLAIN, u16::to_le_bytes);
    cut.extend([0, 0xd8, b'\n', 0]);
    let options = in_dialect(DialectOptions {
        encoding: Some("utf-16le".to_owned()),
        ..DialectOptions::default()
    });
    let found = error(&cut, &options);
    assert!(found.contains("not all of it is utf-16le text"), "{found}");
}
