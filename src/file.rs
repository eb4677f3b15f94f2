//! Writes files durably: each is old or new at any instant, and new for good once it is said to be written.

use crate::Error;
use std::ffi::{OsStr, OsString};
use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Result, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long to wait for another process that writes the same file, in steps of 10 ms.
const PATIENCE: usize = 1000;

/// Writes `bytes` to the file at `path`, which is the old one until the new one is whole and on the disk: writes a
/// temporary file next to it, synchronises it, renames it over `path`, and synchronises the folder.
///
/// # Errors
/// Returns an error if a step fails. The temporary file is removed. `path` is unchanged, unless the error says that it is
/// in place.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let (beside, mut file) = temporary(path)?;
    let written = file.write_all(bytes).and_then(|()| synced(&file));
    if let Err(why) = written.and_then(|()| std::fs::rename(&beside, path)) {
        // What remains of it, the next write removes.
        drop(std::fs::remove_file(&beside));
        return Err(why);
    }
    sync_folder_of(path).map_err(|why| {
        let risk = "it is in place, but may not survive a power failure";
        std::io::Error::new(why.kind(), format!("{why}: {risk}"))
    })
}

/// Opens the temporary file for `path`, empty and locked. Removes the one that a killed process left.
fn temporary(path: &Path) -> Result<(PathBuf, File)> {
    let beside = beside(path);
    for _ in 0..PATIENCE {
        match lock(&beside)? {
            None => std::thread::sleep(Duration::from_millis(10)),
            Some(file) if file.metadata()?.len() == 0 => return Ok((beside, file)),
            Some(_) => std::fs::remove_file(&beside)?,
        }
    }
    let busy = format!("another process is writing it, to {}", beside.display());
    Err(std::io::Error::new(ErrorKind::ResourceBusy, busy))
}

/// Returns the path of the temporary file for `path`.
fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".wgrad");
    path.with_file_name(name)
}

/// Checks whether a file in a folder has the name of a temporary file.
pub fn is_temporary(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b".") && name.ends_with(b".wgrad")
}

/// Removes the temporary file for `path` that a killed process left.
///
/// # Errors
/// Returns an error if there is one, and it cannot be removed.
pub fn remove_stale(path: &Path) -> Result<()> {
    let beside = beside(path);
    if is_there(&beside)? && lock(&beside)?.is_some() {
        std::fs::remove_file(&beside)?;
    }
    Ok(())
}

/// Opens and locks the file at `path`, without a change to its content. Creates it if nothing is there. Returns `None` if
/// another process has locked it.
///
/// # Errors
/// Returns an error if the file cannot be opened, or `path` is a link, a folder or a device.
pub fn lock(path: &Path) -> Result<Option<File>> {
    loop {
        let file = open(path)?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Ok(None);
        }
        // Other errors: some file systems do not support locks. A process that just ended may have removed the file.
        if is_at(&file, path)? {
            return Ok(Some(file));
        }
    }
}

/// Opens the file at `path` to write, or creates it.
fn open(path: &Path) -> Result<File> {
    loop {
        match File::options().write(true).create_new(true).open(path) {
            Err(why) if why.kind() == ErrorKind::AlreadyExists => {}
            opened => return opened,
        }
        let opened = match std::fs::symlink_metadata(path) {
            Ok(found) if !found.is_file() => {
                let what = "a link, a folder or a device, where wgrad writes a file of its own; move it away";
                return Err(std::io::Error::new(ErrorKind::InvalidInput, what));
            }
            found => found.and_then(|_| File::options().write(true).open(path)),
        };
        match opened {
            // Another process just removed it.
            Err(why) if why.kind() == ErrorKind::NotFound => {}
            opened => return opened,
        }
    }
}

/// Checks whether an open file is still the one at `path`.
fn is_at(file: &File, path: &Path) -> Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let number = |found: std::fs::Metadata| (found.dev(), found.ino());
        match std::fs::symlink_metadata(path) {
            Ok(found) => Ok(number(found) == number(file.metadata()?)),
            Err(why) if why.kind() == ErrorKind::NotFound => Ok(false),
            Err(why) => Err(why),
        }
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        is_there(path)
    }
}

/// Checks whether there is anything at `path`, a link included.
///
/// # Errors
/// Returns an error if the operating system cannot tell.
pub fn is_there(path: &Path) -> Result<bool> {
    match std::fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(why) if why.kind() == ErrorKind::NotFound => Ok(false),
        Err(why) => Err(why),
    }
}

/// Removes the file at `path`, if there is one.
///
/// # Errors
/// Returns an error if it cannot be removed.
pub fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(why) if why.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Creates the folder at `path` and those above it, durably. Nothing for the empty path, the current folder.
///
/// # Errors
/// Returns an error if one cannot be created.
pub fn create_folder(path: &Path) -> Result<()> {
    if path.as_os_str().is_empty() {
        return Ok(());
    }
    match std::fs::create_dir(path) {
        Ok(()) => return sync_folder_of(path),
        Err(why) if why.kind() == ErrorKind::NotFound => {}
        // It exists, or `create_dir_all` finds the same error.
        Err(_) => return std::fs::create_dir_all(path),
    }
    match path.parent() {
        Some(parent) => create_folder(parent)?,
        None => return Err(ErrorKind::NotFound.into()),
    }
    // Not by this function: where no folder can be made, as in /proc, the error is the same again.
    std::fs::create_dir_all(path)?;
    sync_folder_of(path)
}

/// Synchronises the folder that `path` is in.
fn sync_folder_of(path: &Path) -> Result<()> {
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => sync_folder(Path::new(".")),
        Some(folder) => sync_folder(folder),
        None => Ok(()),
    }
}

/// Writes the names in a folder to the disk, as after files in it were renamed.
///
/// # Errors
/// Returns an error if that fails.
pub fn sync_folder(path: &Path) -> Result<()> {
    // Windows has no such call.
    if cfg!(not(unix)) {
        return Ok(());
    }
    match File::open(path) {
        // A folder that may be written but not read cannot be opened, and so not synchronised.
        Err(why) if why.kind() == ErrorKind::PermissionDenied => Ok(()),
        opened => synced(&opened?),
    }
}

/// Writes a file to the disk.
///
/// # Errors
/// Returns an error if that fails. Some file systems, network ones among them, have no way to do it: that is no error.
pub fn synced(file: &File) -> Result<()> {
    match file.sync_all() {
        Err(why) if matches!(why.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => {
            Ok(())
        }
        synced => synced,
    }
}

pub(crate) fn unwritten(path: &Path, why: std::io::Error) -> Error {
    let cure =
        "make its folder writable, with free space, or name another folder in WGRAD_CACHE_DIR";
    Error::Io {
        path: path.display().to_string(),
        why: std::io::Error::new(why.kind(), format!("cannot be written ({why}); {cure}")),
    }
}

/// Writes a file that wgrad keeps between runs, durably.
pub(crate) fn place(path: &Path, text: &str) -> std::result::Result<(), Error> {
    let failed = |why| unwritten(path, why);
    if let Some(folder) = path.parent() {
        create_folder(folder).map_err(failed)?;
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
