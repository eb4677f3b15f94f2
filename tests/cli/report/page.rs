//! Reads a page, and checks that it is whole and stands alone.

use std::collections::BTreeSet;
use std::path::Path;
use wgrad::text::is_hidden;

pub(super) struct Page {
    pub(super) text: String,
}

/// Elements without an end.
const VOID: [&str; 3] = ["br", "img", "meta"];
/// Elements that a page may have.
const KNOWN: &[&str] = &[
    "html",
    "head",
    "title",
    "style",
    "body",
    "header",
    "main",
    "section",
    "footer",
    "nav",
    "a",
    "h1",
    "h2",
    "h3",
    "p",
    "b",
    "code",
    "pre",
    "span",
    "small",
    "div",
    "dl",
    "dt",
    "dd",
    "ul",
    "li",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "figure",
    "figcaption",
    "details",
    "summary",
    "svg",
    "g",
    "line",
    "polyline",
    "path",
    "rect",
    "circle",
    "text",
    "br",
    "img",
    "meta",
];

/// Reads the page at `path`.
///
/// # Panics
/// Panics if a tag is not closed, unknown or has an attribute without quotes; if a link leads nowhere, or out of the page; if
/// a drawing has no words for those who do not see it; or if there is a hidden character or a number that is none.
#[track_caller]
pub(super) fn read(path: &Path) -> Page {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    assert!(
        text.starts_with("<!DOCTYPE html><html lang=\"en\">"),
        "{}",
        &text[..60]
    );
    assert!(text.contains("default-src 'none'"));
    let hidden = |c: char| is_hidden(c) && c != '\n';
    assert!(!text.contains(hidden), "{:?}", text.find(hidden));
    let (mut ids, mut links) = (BTreeSet::new(), Vec::new());
    for (name, attributes) in tags(&text) {
        for (key, value) in attributes {
            match key.as_str() {
                "id" => assert!(ids.insert(value.clone()), "{value} is there twice"),
                "href" => links.push(value),
                "src" => assert!(
                    value.starts_with("data:image/png;base64,"),
                    "{name}: {value}"
                ),
                key => assert!(!key.starts_with("on"), "{name} has {key}"),
            }
        }
    }
    for link in links {
        let target = link
            .strip_prefix('#')
            .unwrap_or_else(|| panic!("{link} leads out"));
        assert!(ids.contains(target), "no {target}");
    }
    let drawings = text.matches("<svg class=\"chart\"").count();
    let named = text.matches("role=\"img\" aria-label=\"").count();
    assert_eq!(drawings, named, "each drawing has words");
    for noise in ["NaN", ">inf<", "url(", "@import"] {
        assert!(!text.contains(noise), "{noise}");
    }
    Page { text }
}

/// Returns the tags that begin, each with its attributes.
fn tags(text: &str) -> Vec<(&str, Vec<(String, String)>)> {
    let (mut open, mut found): (Vec<&str>, Vec<_>) = (Vec::new(), Vec::new());
    let mut rest = &text["<!DOCTYPE html>".len()..];
    while let Some((before, after)) = rest.split_once('<') {
        let in_style = open.last() == Some(&"style");
        assert!(in_style || !before.contains('>'), "{before:?}");
        let (tag, behind) = after.split_once('>').expect("a tag ends");
        rest = behind;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "before {:.60}", behind);
            continue;
        }
        let is_closed = tag.ends_with('/');
        let tag = tag.trim_end_matches('/');
        let (name, attributes) = tag.split_once([' ', '\n']).unwrap_or((tag, ""));
        assert!(KNOWN.contains(&name), "<{name}>");
        found.push((name, pairs(attributes)));
        if !is_closed && !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} are open");
    found
}

/// Splits attributes, `key="value"` each.
fn pairs(mut text: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    while !text.trim().is_empty() {
        let (key, after) = text.split_once("=\"").unwrap_or_else(|| panic!("{text:?}"));
        let (value, behind) = after.split_once('"').expect("a value ends");
        pairs.push((key.trim().to_owned(), value.to_owned()));
        text = behind;
    }
    pairs
}

impl Page {
    /// Returns the names of the sections.
    pub(super) fn sections(&self) -> Vec<&str> {
        let begins = self.text.split("<section id=\"").skip(1);
        begins
            .filter_map(|begin| Some(begin.split_once('"')?.0))
            .collect()
    }
}
