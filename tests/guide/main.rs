//! Tests of README and the guide: their commands run, and their links lead to files.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A data set that the pages use, by its path in a checkout.
const TABLE: &str = "tests/data/penguins.csv";

/// Returns the files with relative links: README, the guide, and the README of each folder.
fn pages() -> Vec<PathBuf> {
    let mut pages = commanded();
    for folder in ["src", "shaders", "tests", "benches", "benches/peers"] {
        pages.push(root().join(folder).join("README.md"));
    }
    pages
}

/// Returns the files whose commands run.
fn commanded() -> Vec<PathBuf> {
    let guide = std::fs::read_dir(root().join("src/guide")).expect("the guide is there");
    let mut pages: Vec<PathBuf> = guide.map(|entry| entry.expect("an entry").path()).collect();
    pages.push(root().join("README.md"));
    pages.sort();
    pages
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(page: &Path) -> String {
    std::fs::read_to_string(page).unwrap_or_else(|why| panic!("{}: {why}", page.display()))
}

/// Returns the lines `$ wgrad ...` of a page's `console` blocks, without `$ `. Other blocks do not run, including
/// `console,ignore`.
fn commands(page: &str) -> Vec<&str> {
    let mut commands = Vec::new();
    let mut block = None;
    for line in page.lines() {
        match (block, line.strip_prefix("```")) {
            (None, Some(kind)) => block = Some(kind),
            (Some(_), Some(_)) => block = None,
            (Some("console"), None) => {
                commands.extend(line.strip_prefix("$ ").filter(|c| c.starts_with("wgrad ")));
            }
            _ => {}
        }
    }
    commands
}

/// Returns the targets of a page's links `[text](target)` and `[name]: target`, outside code blocks.
fn links(page: &str) -> Vec<&str> {
    let mut links = Vec::new();
    let mut in_block = false;
    for line in page.lines() {
        if line.starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            let ends = line.split("](").skip(1);
            links.extend(ends.filter_map(|end| end.split_once(')').map(|(target, _)| target)));
            if let Some(("", name)) = line.split_once('[') {
                links.extend(name.split_once("]: ").map(|(_, target)| target));
            }
        }
    }
    links
}

#[test]
fn the_commands_of_each_page_run() {
    let pages = Mutex::new(commanded().into_iter());
    let next = || pages.lock().expect("no thread panics with it").next();
    let count = AtomicUsize::new(0);
    // Two pages at a time: some commands have one thread, or wait for a driver.
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(page) = next() {
                    count.fetch_add(run_all(&page), Ordering::Relaxed);
                }
            });
        }
    });
    let count = count.into_inner();
    assert!(count > 10, "{count} commands were found");
}

/// Runs the commands of a page in a folder of its own. Returns their number.
fn run_all(page: &Path) -> usize {
    let text = text(page);
    let commands = commands(&text);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let table = folder.path().join(TABLE);
    std::fs::create_dir_all(table.parent().expect("it is in a folder")).expect("a folder");
    std::fs::copy(root().join(TABLE), table).expect("the table is copied");
    for command in &commands {
        run(page, command, folder.path());
    }
    commands.len()
}

/// Runs a command in `folder`. Spaces separate its words: pages use no quotation marks.
fn run(page: &Path, command: &str, folder: &Path) {
    assert!(!command.contains(['\'', '"', '|', '>', '\\']), "{command}");
    let output = Command::new(env!("CARGO_BIN_EXE_wgrad"))
        .args(command.split_whitespace().skip(1))
        .current_dir(folder)
        .env("WGRAD_CACHE_DIR", folder)
        .output()
        .expect("the binary runs");
    assert!(
        output.status.success(),
        "{}: {command}: {}\n{}",
        page.display(),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn relative_links_lead_to_files() {
    for page in pages() {
        let text = text(&page);
        let folder = page.parent().expect("a page is in a folder");
        for link in links(&text) {
            let path = link.split('#').next().unwrap_or_default();
            let is_relative = !path.is_empty() && !link.contains("://");
            assert!(
                !is_relative || folder.join(path).exists(),
                "{}: no {link}",
                page.display()
            );
        }
    }
}

#[test]
fn commands_and_links_are_found() {
    let page = "[a](b.md), [c](d#e)\n[f.md]: f.md\n```console\n$ wgrad one\noutput\n$ ls\n```\n\
                ```console,ignore\n$ wgrad two\n```\n```text\n$ wgrad three\n[x](y)\n```\n$ wgrad four\n";
    assert_eq!(commands(page), ["wgrad one"]);
    assert_eq!(links(page), ["b.md", "d#e", "f.md"]);
}
