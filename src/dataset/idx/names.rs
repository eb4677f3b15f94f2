//! Finds the files of a set by their names: `train-images-idx3-ubyte`, `emnist-letters-test-labels.idx1-ubyte.gz`, or a
//! folder of that name with the file in it.

use crate::dataset::error::{DataError, DataErrorKind as Kind, listed};
use crate::dataset::input::{unpacked, unreadable};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What a file holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Images,
    Labels,
}

/// The use of a set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Train,
    Test,
}

/// The name of a file without its end: `emnist-letters-train`, images.
struct Name {
    stem: String,
    what: What,
}

/// A file of a set.
struct Found {
    name: Name,
    path: PathBuf,
}

/// The files of a training and a test set.
pub(super) struct Files(Vec<(Use, Found)>);

impl Use {
    /// Returns the usual name of a set.
    pub(super) fn name(self) -> &'static str {
        match self {
            Use::Train => "train",
            Use::Test => "t10k",
        }
    }
}

impl Name {
    /// Parses a file name, in small or capital letters.
    fn parse(name: &str) -> Option<Name> {
        let lower = unpacked(name).to_ascii_lowercase();
        let kinds = [
            ("images", "idx3-ubyte", What::Images),
            ("labels", "idx1-ubyte", What::Labels),
        ];
        kinds.into_iter().find_map(|(word, end, what)| {
            let rest = lower.strip_suffix(end)?.strip_suffix(['-', '.', '_'])?;
            let stem = rest.strip_suffix(word)?.strip_suffix(['-', '.', '_'])?;
            let stem = stem.to_owned();
            Some(Name { stem, what })
        })
    }

    /// Splits the stem into what is before the name of the set, and its use.
    fn prefix(&self) -> Option<(&str, Use)> {
        let sets = [
            ("train", Use::Train),
            ("t10k", Use::Test),
            ("test", Use::Test),
        ];
        sets.into_iter().find_map(|(word, of)| {
            let prefix = self.stem.strip_suffix(word)?;
            let ends = prefix.is_empty() || prefix.ends_with(['-', '.', '_']);
            ends.then_some((prefix, of))
        })
    }
}

impl Files {
    /// Finds the files of the sets in a folder: those with this prefix, or with the only one there is.
    ///
    /// # Errors
    /// Returns an error if there are several prefixes, and none is asked for.
    pub(super) fn find(folder: &Path, wanted: Option<&str>) -> Result<Files, DataError> {
        let mut files: Vec<(String, Use, Found)> = Vec::new();
        for found in all(folder)? {
            if let Some((prefix, of)) = found.name.prefix() {
                files.push((prefix.to_owned(), of, found));
            }
        }
        let prefixes: BTreeSet<&str> = files.iter().map(|(prefix, ..)| &prefix[..]).collect();
        let prefix = match (wanted, prefixes.len()) {
            (Some(wanted), _) => wanted.to_owned(),
            (None, 0 | 1) => prefixes.first().copied().unwrap_or_default().to_owned(),
            _ => return Err(several(folder, &prefixes, &files)),
        };
        let ours = files.into_iter().filter(|(of, ..)| *of == prefix);
        Ok(Files(ours.map(|(_, of, found)| (of, found)).collect()))
    }

    /// Whether there is no file of a set.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns a file of a set.
    pub(super) fn get(&self, of: Use, what: What) -> Option<&Path> {
        let is_it = |(found_of, found): &&(Use, Found)| *found_of == of && found.name.what == what;
        self.0
            .iter()
            .find(is_it)
            .map(|(_, found)| found.path.as_path())
    }
}

/// Returns the prefix of a file of training images, such as `emnist-letters-`; `None` without one.
pub(super) fn training_prefix(path: &Path) -> Option<String> {
    let name = Name::parse(path.file_name()?.to_str()?)?;
    match name.prefix()? {
        ("", _) | (_, Use::Test) => None,
        (prefix, Use::Train) => Some(prefix.to_owned()),
    }
}

/// Returns the stem of a file of images: `train` of `train-images-idx3-ubyte`.
fn stem(images: &Path) -> Option<String> {
    Some(Name::parse(images.file_name()?.to_str()?)?.stem)
}

/// Returns the name of the labels file for a file of images.
pub(super) fn labels_name(images: &Path) -> Option<String> {
    Some(format!("{}-labels-idx1-ubyte", stem(images)?))
}

/// Finds the labels for a file of images: beside it, or beside its folder if that has the name of a file.
pub(super) fn labels_of(images: &Path) -> Result<Option<PathBuf>, DataError> {
    let Some(stem) = stem(images) else {
        return Ok(None);
    };
    let folder = parent(images);
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let folders = match Name::parse(&name) {
        Some(_) => vec![folder, parent(folder)],
        None => vec![folder],
    };
    for folder in folders {
        let mut found = all(folder)?.into_iter();
        let is_it = |found: &Found| found.name.what == What::Labels && found.name.stem == stem;
        if let Some(found) = found.find(is_it) {
            return Ok(Some(found.path));
        }
    }
    Ok(None)
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Returns the files with the names of IDX files in a folder, by name: first those in the folder itself.
fn all(folder: &Path) -> Result<Vec<Found>, DataError> {
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for path in entries(folder)? {
        let Some(name) = Name::parse(&file_name(&path)) else {
            continue;
        };
        let about = std::fs::metadata(&path);
        let about = about.map_err(|why| unreadable(&path.display().to_string(), &why))?;
        match about.is_dir() {
            false => files.push(Found { name, path }),
            true => folders.push(Found { name, path }),
        }
    }
    for outer in folders {
        let inner = entries(&outer.path)?.into_iter().find(|path| {
            let name = Name::parse(&file_name(path));
            let is_same = |name: Name| name.stem == outer.name.stem && name.what == outer.name.what;
            name.is_some_and(is_same) && path.is_file()
        });
        if let Some(path) = inner {
            let name = outer.name;
            files.push(Found { name, path });
        }
    }
    Ok(files)
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Returns the paths in a folder, sorted: `-` comes before `.`, and a name before the same with `.gz`.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let failed = |why| unreadable(&folder.display().to_string(), &why);
    let listed = std::fs::read_dir(folder).map_err(failed)?;
    let paths = listed.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = paths.collect::<Result<_, _>>().map_err(failed)?;
    paths.sort_unstable();
    Ok(paths)
}

/// Returns the error for a folder with several data sets.
fn several(folder: &Path, prefixes: &BTreeSet<&str>, files: &[(String, Use, Found)]) -> DataError {
    let shown = |prefix: &&str| match prefix.trim_end_matches(['-', '.', '_']) {
        "" => "one without a prefix".to_owned(),
        prefix => prefix.to_owned(),
    };
    let names: Vec<String> = prefixes.iter().map(shown).collect();
    let images = files
        .iter()
        .find(|(_, of, found)| *of == Use::Train && found.name.what == What::Images);
    let example = images.map_or(String::new(), |(.., found)| {
        format!(", such as {}", found.path.display())
    });
    let message = format!(
        "{}: several data sets in this folder: {}; name the training images of one{example}",
        folder.display(),
        listed(&names)
    );
    DataError::new(Kind::Format, message)
}
