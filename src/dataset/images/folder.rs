//! Finds the images of a folder, and their classes.

use crate::dataset::cells::Use;
use crate::dataset::error::{DataError, DataErrorKind as Kind, listed};
use crate::dataset::input::unreadable;
use crate::text::counted;
use std::path::{Path, PathBuf};

/// The images of a folder.
pub(super) struct Tree {
    /// The images: those to learn from, then those for validation and for the test; by class and name.
    pub(super) images: Vec<Found>,
    /// The names of the class folders with images; none if the images are in the folder itself.
    pub(super) classes: Vec<String>,
    pub(super) notes: Vec<String>,
}

/// A file of an image.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) purpose: Use,
    pub(super) class: Option<u32>,
}

/// Names of the folders of a set.
const SETS: [(&str, Use); 8] = [
    ("train", Use::Train),
    ("training", Use::Train),
    ("val", Use::Val),
    ("valid", Use::Val),
    ("validation", Use::Val),
    ("test", Use::Test),
    ("testing", Use::Test),
    ("dev", Use::Val),
];
/// How deep the folder of classes may be in others that hold nothing else, as archives have it.
const DEEPEST: usize = 4;

/// The most folders of a level that are searched for an image.
const MOST_FOLDERS: usize = 1000;

/// What is in a folder, by name.
#[derive(Default)]
struct Listing {
    folders: Vec<PathBuf>,
    images: Vec<PathBuf>,
    /// Files that are no images.
    others: Vec<String>,
}

/// Checks whether a folder has images, or folders that have.
pub(in crate::dataset) fn is_in(folder: &Path) -> Result<bool, DataError> {
    let mut level = vec![folder.to_owned()];
    for _ in 0..DEEPEST {
        let mut below = Vec::new();
        for folder in level.iter().take(MOST_FOLDERS) {
            let listing = Listing::of(folder)?;
            if !listing.images.is_empty() {
                return Ok(true);
            }
            below.extend(listing.folders);
        }
        level = below;
    }
    Ok(false)
}

impl Tree {
    /// Finds the images of a folder: of its class folders, of those in the folders of its sets, or its own.
    pub(super) fn scan(source: &Path) -> Result<Tree, DataError> {
        let mut tree = Tree {
            images: Vec::new(),
            classes: Vec::new(),
            notes: Vec::new(),
        };
        let mut skipped = Vec::new();
        let listing = descended(source)?;
        let sets = sets(&listing)?;
        if sets.is_empty() {
            tree.push_classes(&listing, Use::Train, &mut skipped)?;
        } else {
            skipped.extend(listing.images.iter().map(|path| name(path)));
        }
        for (purpose, folder) in sets {
            let listing = Listing::of(&folder)?;
            tree.push_classes(&listing, purpose, &mut skipped)?;
            skipped.extend(listing.images.iter().map(|path| name(path)));
        }
        if tree.classes.is_empty() {
            tree.images = listing
                .images
                .into_iter()
                .map(Found::without_class)
                .collect();
        }
        if tree.images.is_empty() {
            let message = format!(
                "{}: no PNG or JPEG images, one folder a class",
                source.display()
            );
            return Err(DataError::new(Kind::NotFound, message));
        }
        if !skipped.is_empty() {
            let files = counted(skipped.len(), "file");
            tree.notes.push(format!(
                "{files} left out, no PNG or JPEG images of a class: {}",
                listed(&skipped)
            ));
        }
        Ok(tree)
    }

    /// Adds the images of each folder as a class.
    fn push_classes(
        &mut self,
        listing: &Listing,
        purpose: Use,
        skipped: &mut Vec<String>,
    ) -> Result<(), DataError> {
        skipped.extend(listing.others.iter().cloned());
        for folder in &listing.folders {
            let inside = Listing::of(folder)?;
            let class_name = name(folder);
            skipped.extend(inside.others);
            if !inside.folders.is_empty() {
                let folders: Vec<String> = inside.folders.iter().map(|path| name(path)).collect();
                self.notes.push(format!(
                    "folders within the class {class_name} left out: {}",
                    listed(&folders)
                ));
            }
            if inside.images.is_empty() {
                self.notes.push(format!(
                    "{}: a folder without images, left out",
                    folder.display()
                ));
                continue;
            }
            let known = self.classes.iter().position(|class| *class == class_name);
            let class = known.unwrap_or_else(|| {
                self.classes.push(class_name);
                self.classes.len() - 1
            });
            let found = inside.images.into_iter().map(|path| Found {
                path,
                purpose,
                class: Some(class as u32),
            });
            self.images.extend(found);
        }
        Ok(())
    }

    /// Keeps what a model is to predict: the test set, if there is one.
    pub(super) fn for_model(mut self) -> Tree {
        let is_test = |found: &Found| found.purpose == Use::Test;
        if self.images.iter().any(is_test) {
            self.images.retain(is_test);
        }
        self
    }
}

impl Found {
    fn without_class(path: PathBuf) -> Found {
        Found {
            path,
            purpose: Use::Train,
            class: None,
        }
    }
}

/// Lists a folder, or the only one in it, as archives are unpacked.
fn descended(source: &Path) -> Result<Listing, DataError> {
    let mut listing = Listing::of(source)?;
    for _ in 0..DEEPEST {
        let [only] = &listing.folders[..] else {
            break;
        };
        let inside = Listing::of(only)?;
        if !listing.images.is_empty() || inside.folders.is_empty() || !inside.images.is_empty() {
            break;
        }
        listing = inside;
    }
    Ok(listing)
}

/// Returns the folders of the sets, in their order; none if there is no training folder with class folders.
fn sets(listing: &Listing) -> Result<Vec<(Use, PathBuf)>, DataError> {
    let mut sets = Vec::new();
    let mut has_train = false;
    for folder in &listing.folders {
        let lower = name(folder).to_ascii_lowercase();
        let Some((_, purpose)) = SETS.iter().find(|(set, _)| *set == lower) else {
            continue;
        };
        has_train |= *purpose == Use::Train && !Listing::of(folder)?.folders.is_empty();
        sets.push((*purpose, folder.clone()));
    }
    if !has_train {
        return Ok(Vec::new());
    }
    sets.sort_by_key(|(purpose, _)| *purpose as u8);
    Ok(sets)
}

impl Listing {
    fn of(folder: &Path) -> Result<Listing, DataError> {
        let failed = |why| unreadable(&folder.display().to_string(), &why);
        let entries = std::fs::read_dir(folder).map_err(failed)?;
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        let mut paths: Vec<PathBuf> = paths.collect::<Result<_, _>>().map_err(failed)?;
        paths.sort_unstable();
        let mut listing = Listing::default();
        for path in paths {
            let file = name(&path);
            // Left by the systems of users, beside their own files.
            if file.starts_with('.')
                || ["Thumbs.db", "desktop.ini", "__MACOSX"].contains(&&file[..])
            {
                continue;
            }
            let about = std::fs::metadata(&path);
            let about = about.map_err(|why| unreadable(&path.display().to_string(), &why))?;
            match about.is_dir() {
                true => listing.folders.push(path),
                false if is_named_image(&file) => listing.images.push(path),
                false => listing.others.push(file),
            }
        }
        Ok(listing)
    }
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn is_named_image(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [".png", ".jpg", ".jpeg"]
        .iter()
        .any(|end| lower.ends_with(end))
}
