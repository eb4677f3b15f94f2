//! Formats in text, and binary files without a known beginning.

/// Words at the beginning, in small letters; what they are of, and the cure.
const WORDS: [(&str, &str, &str); 8] = [
    ("<!doctype html", PAGE, DOWNLOAD),
    ("<html", PAGE, DOWNLOAD),
    ("<head", PAGE, DOWNLOAD),
    ("<?xml", "an XML file", "save it as CSV"),
    (
        "version https://git-lfs.github.com",
        POINTER,
        "fetch the file: git lfs pull",
    ),
    ("@relation", "an ARFF file", ARFF),
    (
        "{\\rtf",
        "a text with formats (RTF)",
        "save it as plain text",
    ),
    ("-----begin", "a key or a message", "name a table"),
];

const PAGE: &str = "a web page, not a table";
const DOWNLOAD: &str = "download the file again by the link to its raw data";
const POINTER: &str = "a pointer of Git LFS, not the file itself";
const ARFF: &str = "replace all lines up to @data by one with the names of the attributes";
const LIBSVM: &str = "convert it: x, y = sklearn.datasets.load_svmlight_file(\"FILE\"); numpy.savez(\"data.npz\", x=x.toarray(), y=y)";

/// Checks whether text is JSON: an object, or an array of objects or arrays.
pub(super) fn is_json(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut bytes = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    match (bytes.next(), bytes.next()) {
        (Some(b'{'), second) => matches!(second, Some(b'"' | b'}') | None),
        (Some(b'['), second) => matches!(second, Some(b'{' | b'[' | b']')),
        _ => false,
    }
}

/// Recognises other formats in text. Returns what it is, and the cure.
pub(super) fn other(head: &[u8]) -> Option<(&'static str, &'static str)> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let mut lines = lines.filter(|line| !line.is_empty());
    let first = lines.next()?;
    let starts = |line: &[u8], word: &str| {
        let start = line.get(..word.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
    };
    let found = WORDS.iter().find(|(word, ..)| starts(first, word));
    if let Some((_, what, cure)) = found {
        return Some((what, cure));
    }
    // ARFF may begin with comments.
    if first.starts_with(b"%") && lines.any(|line| starts(line, "@relation")) {
        return Some(("an ARFF file", ARFF));
    }
    is_libsvm(first).then_some(("a table of the kind of libsvm", LIBSVM))
}

/// Checks a line for a number and pairs of a number and a value: `1 3:0.5 7:1`.
fn is_libsvm(line: &[u8]) -> bool {
    let Ok(line) = std::str::from_utf8(line) else {
        return false;
    };
    let mut words = line.split_ascii_whitespace();
    let is_label = |word: &str| word.split(',').all(|label| label.parse::<f64>().is_ok());
    if !words.next().is_some_and(is_label) {
        return false;
    }
    let is_pair = |word: &str| {
        let parts = word.split_once(':');
        parts.is_some_and(|(key, value)| {
            (key == "qid" || key.parse::<u32>().is_ok()) && value.parse::<f64>().is_ok()
        })
    };
    let pairs: Vec<bool> = words.map(is_pair).collect();
    // The last may be cut off.
    pairs.len() >= 2 && pairs[..pairs.len() - 1].iter().all(|is_pair| *is_pair) || pairs == [true]
}

/// Checks for zero bytes that UTF-16 does not have: at even and at odd places.
pub(super) fn is_binary(head: &[u8]) -> bool {
    let is_marked = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    let zeros = |start: usize| head.iter().skip(start).step_by(2).any(|byte| *byte == 0);
    !is_marked && zeros(0) && zeros(1)
}
