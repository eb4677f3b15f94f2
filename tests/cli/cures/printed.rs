//! Finds the flags and commands that messages print.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Something to paste.
#[derive(Debug)]
pub(super) enum Cure {
    /// A flag with its value, for the same command.
    Flag(String),
    /// A flag that was given, and is to be left out.
    Without(String),
    /// A whole command.
    Line(String),
    /// What a word of the command is meant to be.
    Word(String),
}

/// The commands with messages that name flags.
const COMMANDS: [&str; 11] = [
    "train", "sweep", "eval", "predict", "inspect", "show", "export", "devices", "bench", "verify",
    "tutorial",
];
/// Words that may follow a flag that is named without a value.
const PROSE: [&str; 15] = [
    "names", "takes", "leaves", "uses", "has", "have", "and", "or", "to", "with", "for", "is",
    "in", "needs", "says",
];

/// The flags of each command, and whether they take a value.
pub(super) struct Flags(BTreeMap<&'static str, BTreeMap<String, bool>>);

impl Flags {
    pub(super) fn of_help(help: impl Fn(&str) -> String) -> Flags {
        let of_line = |line: &str| {
            let text = line.trim_start();
            // Deeper lines are descriptions, which may begin with the name of another flag.
            if line.len() - text.len() > 6 {
                return None;
            }
            let long = text.find("--").filter(|_| text.starts_with('-'))?;
            let name = flag_name(&text[long..]);
            let behind = text[long + name.len()..].trim_start();
            Some((name.to_owned(), behind.starts_with('<')))
        };
        let of_command = |command| {
            let text = help(command);
            (command, text.lines().filter_map(of_line).collect())
        };
        Flags(COMMANDS.into_iter().map(of_command).collect())
    }

    /// Whether a flag of a command takes a value; `None` if there is no such flag.
    pub(super) fn takes_value(&self, command: &str, flag: &str) -> Option<bool> {
        self.0.get(command)?.get(flag).copied()
    }

    /// Returns the words of a command without the flag that `text` begins with.
    pub(super) fn without(&self, words: &[String], text: &str) -> Vec<String> {
        let name = flag_name(text);
        let takes_value = self.takes_value(&words[0], name) == Some(true);
        let mut kept = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word != name {
                kept.push(word.clone());
            } else if takes_value {
                words.next();
            }
        }
        kept
    }
}

/// Returns the flag at the beginning of a text.
fn flag_name(text: &str) -> &str {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    text[..end].trim_end_matches('-')
}

/// Returns the word of a shell at the beginning of a text, with its quotation marks.
fn quoted_word(text: &str) -> &str {
    let mut is_quoted = false;
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '\'' => is_quoted = !is_quoted,
            '\\' if !is_quoted => drop(characters.next()),
            c if c.is_whitespace() && !is_quoted => return &text[..at],
            _ => {}
        }
    }
    text
}

/// Returns the words of a line of a shell, with their quotation marks.
pub(super) fn quoted_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let word = quoted_word(rest);
        words.push(word.to_owned());
        rest = rest[word.len()..].trim_start();
    }
    words
}

/// Returns the value of a flag, without the punctuation of the sentence around it.
fn value(text: &str) -> Option<&str> {
    let word = quoted_word(text);
    // A mark, as in `--decimal ,`.
    let is_mark = word.chars().count() == 1 || word == "''";
    let word = match is_mark {
        true => word,
        false => word.trim_end_matches([',', ';', ':', ')', '?', '.', '`']),
    };
    let is_none = word.is_empty() || word.starts_with(['<', '"']) || PROSE.contains(&word);
    (!is_none).then_some(word)
}

/// Returns what the lines of `text` print to paste, each with its line. `words` is the command that printed it.
pub(super) fn cures(
    text: &str,
    words: &[String],
    flags: &Flags,
) -> Result<Vec<(String, Cure)>, String> {
    let mut cures = Vec::new();
    for line in text.lines().map(str::trim) {
        let after_next = line.strip_prefix("next").map_or(line, str::trim_start);
        if after_next.starts_with("wgrad ") {
            require_known(after_next, flags)?;
            cures.push((line.to_owned(), Cure::Line(after_next.to_owned())));
            continue;
        }
        let mut command = words[0].as_str();
        for (at, _) in line.match_indices("--") {
            let before = &line[..at];
            let name = flag_name(&line[at..]);
            let is_inside = before.ends_with(|c: char| c.is_alphanumeric() || c == '-');
            if name.is_empty() || is_inside || ["--help", "--locked", "--path"].contains(&name) {
                continue;
            }
            if name == "--features" && before.ends_with("--path . ") {
                // Of cargo.
                continue;
            }
            // A sentence may go over to another command.
            if let Some(named) = command_named(before) {
                command = named;
            }
            let Some(takes_value) = flags.takes_value(command, name) else {
                if is_of_prose(before, name, line, flags) {
                    continue;
                }
                return Err(format!("wgrad {command} has no {name}, named in: {line}"));
            };
            if command != words[0] {
                continue;
            }
            let behind = line[at + name.len()..].strip_prefix(['=', ' ']);
            let whole = match takes_value.then(|| value(behind.unwrap_or_default())) {
                None => name.to_owned(),
                Some(Some(value)) => format!("{name} {value}"),
                Some(None) => continue,
            };
            let is_given = format!(" {} ", words.join(" ")).contains(&format!(" {whole} "));
            let is_out = line.contains("leave it out") || line.contains("leave the flag out");
            match (is_given, is_out) {
                (false, _) => cures.push((line.to_owned(), Cure::Flag(whole))),
                (true, true) => cures.push((line.to_owned(), Cure::Without(whole))),
                (true, false) => {}
            }
        }
        cures.extend(meant(line).map(|word| (line.to_owned(), Cure::Word(word))));
    }
    Ok(cures)
}

/// Returns the last command that a text names.
fn command_named(text: &str) -> Option<&'static str> {
    let (_, behind) = text.rsplit_once("wgrad ")?;
    let named = behind.split_whitespace().next();
    let mut commands = COMMANDS.into_iter();
    commands.find(|command| named == Some(command) && !behind.contains([';', ')']))
}

/// Whether another command is said to have a flag.
fn is_of_prose(before: &str, name: &str, line: &str, flags: &Flags) -> bool {
    let is_of = |command: &&str| flags.takes_value(command, name).is_some();
    let named = COMMANDS
        .iter()
        .filter(|command| line.contains(&format!("wgrad {command}")));
    before.contains("unexpected argument '") || named.into_iter().any(is_of)
}

/// Checks that the command of a line and its flags are there.
fn require_known(line: &str, flags: &Flags) -> Result<(), String> {
    let words = quoted_words(line);
    let is_known = |word: &String| {
        !word.starts_with("--") || flags.takes_value(&words[1], flag_name(word)).is_some()
    };
    match words.iter().all(is_known) {
        true => Ok(()),
        false => Err(format!("there is no such command: {line}")),
    }
}

/// Returns what a line takes a word of the user for.
fn meant(line: &str) -> Option<String> {
    let (_, meant) = line.split_once("did you mean ")?;
    let meant = meant.strip_prefix("the built-in ").unwrap_or(meant);
    let meant = match meant.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => meant.trim_end_matches('?'),
    };
    Some(meant.to_owned())
}

/// Settings with a value in messages that only repeat what was given.
const GIVEN: [&str; 5] = ["folds", "from", "val", "test", "weights"];

/// Checks that a cure was followed for each setting that a message of the sources gives a value.
pub(super) fn require_all(followed: &BTreeSet<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let is_followed = |key: &str| {
        let flag = match key {
            "learning_rate" => "--lr".to_owned(),
            "header" | "shuffle" => format!("--no-{key}"),
            key => format!("--{}", key.replace('_', "-")),
        };
        followed.iter().any(|cure| flag_name(cure) == flag)
    };
    let mut missing = BTreeSet::new();
    for text in sources(&root) {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().map(str::trim_start);
        for line in lines.filter(|line| !line.starts_with("//")) {
            let quoted = line.split('`').skip(1).step_by(2);
            let keys = quoted.filter_map(|text| Some(text.split_once(" = ")?.0));
            let keys = keys.filter(|key| !key.contains('{') && !GIVEN.contains(key));
            missing.extend(keys.filter(|key| !is_followed(key)).map(str::to_owned));
        }
    }
    assert_eq!(missing, BTreeSet::new(), "no input prints these settings");
}

fn sources(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).expect("sources") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => texts.extend(sources(&path)),
            false if path.extension().is_none_or(|kind| kind != "rs") => {}
            false => texts.push(std::fs::read_to_string(&path).expect("a source file")),
        }
    }
    texts
}
