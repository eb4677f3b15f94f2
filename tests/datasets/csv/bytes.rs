use super::*;
use wgrad::math::{Random, Stream};

#[test]
fn what_is_no_text_is_refused_with_what_it_is() {
    let of = |bytes: &[u8]| error(bytes, &ReadOptions::default());
    assert!(of(b"PK\x03\x04rest").contains("zip"));
    assert!(of(b"\xff\xfe\0\0a\0\0\0").contains("UTF-32"));
    assert!(of(b"a,b\n1,\0\0\0\n").contains("t.csv: a binary file"));
    assert!(of(&[0x1f, 0x8b, 1, 2, 3]).contains("t.csv: a damaged gzip file"));
}

#[test]
fn no_bytes_make_it_panic() {
    let options = [
        ReadOptions::default(),
        skipping(),
        aiming(&["y"], Some(Task::Classify)),
    ];
    let (schema, folder) = (schema(), tempfile::tempdir().unwrap());
    let alphabet = b"ay1,;\t|\"\n\r \x00\xff.e-N?";
    for round in 0..4000u32 {
        let random = Random::new(11, Stream::Data, round);
        let length = random.bits(0) % 80;
        let byte = |i: u32| match round % 3 {
            0 => random.bits(i) as u8,
            _ => alphabet[random.bits(i) as usize % alphabet.len()],
        };
        let mut text = if round % 2 == 0 {
            b"a,b,y\n".to_vec()
        } else {
            Vec::new()
        };
        text.extend((1..=length).map(byte));
        // A new file each: to write one anew waits for the disk.
        let path = folder.path().join(format!("{round}.csv"));
        std::fs::write(&path, &text).unwrap();
        let path = path.to_str().unwrap();
        for options in &options {
            let _ = dataset::read(path, options, 0);
            let _ = dataset::read_for(path, &schema, options);
        }
    }
}

#[test]
fn long_lines_names_and_classes_are_refused_and_shorter_ones_read() {
    let long = "n".repeat(4097);
    let name = error(format!("a,{long}\n1,2\n3,4\n"), &ReadOptions::default());
    assert!(
        name.contains("t.csv:1: the name of column 2 has 4097 bytes"),
        "{name}"
    );
    let class = error(format!("a,y\n1,{long}\n3,4\n"), &ReadOptions::default());
    assert!(class.contains("t.csv:2: y has 4097 bytes"), "{class}");
    assert!(table(format!("a,{}\n1,2\n3,4\n", &long[1..])).is_ok());
    let open = format!("a,y\n1,\"{}\n", "x\n".repeat(13 << 20));
    let open = error(open, &ReadOptions::default());
    assert!(open.contains("a line of more than 24 MiB"), "{open}");
}

#[test]
fn a_table_of_many_blocks_has_its_cells_and_its_lines() {
    let rows = 60_000usize;
    let (mut text, mut lines, mut texts) = ("number,text\n".to_owned(), Vec::new(), Vec::new());
    let mut line = 2;
    for row in 0..rows {
        let (before, end) = match row % 13 {
            0 => ("\n", "\n"),
            1 => ("# left, \"out\n", "\r\n"),
            2 => (",\n", "\n"),
            _ => ("", "\n"),
        };
        let (cell, name) = match row % 7 {
            0 => ("\"a \"\"b\"\"\nb, c\"", "a \"b\"\nb, c"),
            1 => ("\"Zürich\"", "Zürich"),
            _ => ("5\" pipe", "5\" pipe"),
        };
        line += before.len().min(1) as u64;
        lines.push(line);
        texts.push(name);
        text += &format!("{before}{row}.25,{cell}{end}");
        line += 1 + cell.matches('\n').count() as u64;
    }
    let options = ReadOptions {
        dialect: DialectOptions {
            comment: Some("#".to_owned()),
            ..DialectOptions::default()
        },
        ..aiming(&["text"], None)
    };
    let data = read(&text, &options).unwrap();
    let numbers: Vec<f64> = (0..rows).map(|row| f64::from(row as u32) + 0.25).collect();
    assert_eq!(cells(&data), numbers);
    assert_eq!(data.lines, lines.into_iter().collect());
    let (labels, names) = labels(&data);
    assert!(labels.iter().map(|label| names[*label as usize]).eq(texts));
    for (bad, what) in [
        (&b"1,2,3\n"[..], "expected 2 columns, found 3"),
        (b"1,\xff\n", "column text is not UTF-8 text"),
        (b"1,\"2\n3,4\n", "a quotation mark is left open"),
    ] {
        let bytes = [text.as_bytes(), bad, b"1,2\n"].concat();
        let (found, start) = (error(bytes, &options), format!("t.csv:{line}: {what}"));
        assert!(found.starts_with(&start), "{found}, expected {start}");
    }
}
