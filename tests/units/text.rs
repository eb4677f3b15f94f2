//! Numbers as people read them.

use wgrad::text::{cell, counted, figure, from_cell, is_hidden, short, shown, shown_json, spread};

#[test]
fn one_is_singular_and_none_and_more_are_plural() {
    let words = |count| ["row", "class"].map(|what| counted(count, what));
    assert_eq!(words(0), ["0 rows", "0 classes"]);
    assert_eq!(words(1), ["1 row", "1 class"]);
    assert_eq!(words(2), ["2 rows", "2 classes"]);
}

#[test]
fn figures_keep_four_digits_that_tell_something() {
    let written = [0.0, 0.001, 0.27415, 1.0, 999_999.0].map(figure);
    assert_eq!(
        written,
        ["0.0000", "0.0010", "0.2742", "1.0000", "999999.0000"]
    );
    let written = [2.5e19, 1e6, 4.87654e-4, -3.25e-9, 0.000_999_9].map(figure);
    assert_eq!(
        written,
        ["2.500e19", "1.000e6", "4.877e-4", "-3.250e-9", "9.999e-4"]
    );
    let written = [0.01, 0.316_227_8, 1.0, 2e-4, 1e-5, 3.162_27e-7, 1e30].map(short);
    assert_eq!(
        written,
        ["0.01", "0.3162", "1", "0.0002", "1e-5", "3.162e-7", "1e30"]
    );
    assert_eq!(figure(f64::NAN), "NaN");
    assert_eq!(spread(0.0812, 0.0342), "0.0812 ± 0.0342");
    assert_eq!(spread(2.5e-4, 1.21e-5), "2.500e-4 ± 1.2e-5");
    assert_eq!(spread(9.5e5, 1.9e6), "9.500e5 ± 1.9e6");
}

/// Names that a terminal or a spreadsheet would obey.
const HOSTILE: [&str; 22] = [
    "\u{1b}[31mred",
    "bell\u{7}",
    "a\nb",
    "a\rb\tc",
    "\u{7f}\u{80}\u{9b}2J\u{9f}",
    "\u{202e}txt.exe",
    "zero\u{200b}width\u{feff}",
    "tag\u{e0041}",
    "=1+1",
    "+cmd",
    "-x",
    "@sum",
    "\tx",
    "\rx",
    "'=x",
    "''-1",
    "'-1",
    "\\u{1b}",
    "\\\\u{1b}\\u{41}",
    "\\\u{1b}",
    "'",
    "",
];

#[test]
fn no_hidden_character_reaches_a_terminal() {
    for name in HOSTILE {
        assert!(!shown(name).contains(is_hidden), "{name:?}");
        assert_eq!(shown(&shown(name)), shown(name), "{name:?}");
        let json = serde_json::json!({ name: name }).to_string();
        let told = shown_json(&json);
        assert!(!told.contains(is_hidden), "{name:?}");
        let back: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(back.to_string(), json);
    }
    assert_eq!(shown("a\n\u{1b}\u{202e}"), "a\\n\\u{1b}\\u{202e}");
    // Persian and emoji have joiners.
    for name in [
        "Längen-µ 大 'é'",
        "می\u{200c}خواهم",
        "👨\u{200d}👩\u{200d}👧",
    ] {
        assert_eq!([shown(name), cell(name)], [name, name]);
    }
}

#[test]
fn cells_that_a_spreadsheet_would_run_are_text_and_come_back() {
    for name in HOSTILE
        .iter()
        .chain(&["-1", "+2.5e3", "1", "setosa", "a=b"])
    {
        let written = cell(name);
        assert_eq!(from_cell(&written), *name, "{written:?}");
        assert!(
            !written.contains(|c| is_hidden(c) && c != '\n' && c != '\t'),
            "{written:?}"
        );
        let runs = written.starts_with(['=', '+', '-', '@', '\t', '\r']);
        assert!(!runs || written.parse::<f64>().is_ok(), "{written:?}");
    }
    assert_eq!(
        [cell("-1"), cell("=1+1"), cell("a=b")],
        ["-1", "'=1+1", "a=b"]
    );
}
