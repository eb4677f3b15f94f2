//! How cells are quoted.

use super::*;

/// Checks a table of three rows with commas and marks in its texts.
#[track_caller]
fn check(text: &str, kinds: [&str; 2]) {
    let data = table(text);
    assert_eq!(data.columns, ["len", "wid"], "{text}");
    assert_eq!(numbers(&data, "len"), [0.5, 1.5, 1.5]);
    assert_eq!(numbers(&data, "wid"), [2.5, 2.5, 0.5]);
    assert_eq!(classes(&data), [kinds[0], kinds[1], kinds[0]], "{text}");
}

#[test]
fn blanks_before_a_quotation_mark_do_not_matter() {
    check(
        "len, class, wid\n0.5, \"Austin, TX\", 2.5\n1.5, \"Reno, NV\", 2.5\n1.5, \"Austin, TX\" , 0.5\n",
        ["Austin, TX", "Reno, NV"],
    );
    check(
        "len, wid, class\n0.5, 2.5, \"a\"\n1.5, 2.5, \"b\"\n1.5, 0.5, \"a\"\n",
        ["a", "b"],
    );
}

#[test]
fn a_backslash_stands_before_quotation_marks_and_itself() {
    let text = r#"len,class,wid
0.5,"the \"best\", really",2.5
1.5,"C:\\new, \t",2.5
1.5,"the \"best\", really",0.5
"#;
    check(text, ["the \"best\", really", "C:\\new, \\t"]);
}

#[test]
fn apostrophes_may_quote_cells_and_stand_within_words() {
    check(
        "len,class,wid\n0.5,'Land''s End, UK',2.5\n1.5,'O'Hare, \"IL\"', 2.5\n1.5, 'Land''s End, UK',0.5",
        ["Land's End, UK", "O'Hare, \"IL\""],
    );
    // With the usual marks all lines have the same number of cells.
    check(
        "len,class,wid\n0.5,'tis,2.5\n1.5,'twas,2.5\n1.5,'tis,0.5\n",
        ["'tis", "'twas"],
    );
}
