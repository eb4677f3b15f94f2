//! Writes files atomically.

use crate::Error;
use std::ffi::OsString;
use std::io::Result;
use std::path::{Path, PathBuf};

/// Writes a temporary file next to `path`, and renames it over `path`.
///
/// # Errors
/// Returns an error if a step fails. Then the temporary file is removed, and `path` is unchanged.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut beside = path.as_os_str().to_owned();
    // The process id keeps apart processes that write the same file.
    beside.push(format!(".{}.tmp", std::process::id()));
    let written = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        drop(std::fs::remove_file(&beside));
    }
    written
}

pub(crate) fn unwritten(path: &Path, why: std::io::Error) -> Error {
    let cure = "make its folder writable, or name another folder in WGRAD_CACHE_DIR";
    Error::Io {
        path: path.display().to_string(),
        why: std::io::Error::new(why.kind(), format!("cannot be written ({why}); {cure}")),
    }
}

/// Writes a file that wgrad keeps between runs, atomically.
pub(crate) fn place(path: &Path, text: &str) -> std::result::Result<(), Error> {
    let failed = |why| unwritten(path, why);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    write_whole(path, format!("{text}\n").as_bytes()).map_err(failed)
}

/// Returns the path of the user's file `name`, which wgrad keeps between runs.
///
/// # Errors
/// Returns an error if the environment names no home folder.
pub fn kept(name: &str) -> std::result::Result<PathBuf, Error> {
    let folder = folder(|name| std::env::var_os(name)).ok_or_else(|| {
        Error::Config(
            "calibration: no folder for it, neither home nor cache is known; name one in WGRAD_CACHE_DIR"
                .to_owned(),
        )
    })?;
    Ok(folder.join(name))
}

/// Returns the folder for files that wgrad keeps between runs.
pub fn folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name| {
        variable(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if let Some(own) = set("WGRAD_CACHE_DIR") {
        return Some(own);
    }
    let caches = if cfg!(windows) {
        set("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        set("HOME").map(|home| home.join("Library/Caches"))
    } else {
        let xdg = set("XDG_CACHE_HOME").filter(|path| path.is_absolute());
        xdg.or_else(|| set("HOME").map(|home| home.join(".cache")))
    };
    caches.map(|caches| caches.join("wgrad"))
}
