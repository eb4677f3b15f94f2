//! Files that are there whole or not at all.

use std::io::Result;
use std::path::Path;

/// Writes a file beside `path`, and puts it in the place of what is there.
///
/// # Errors
/// If it cannot be written or put there: then nothing of it is left, and `path` is as it was.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut beside = path.as_os_str().to_owned();
    // Another process may write the same file.
    beside.push(format!(".{}.tmp", std::process::id()));
    let written = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        drop(std::fs::remove_file(&beside));
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_put_in_its_place_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let [there, taken] = ["there", "taken"].map(|name| folder.path().join(name));
        for text in ["a longer text", "short"] {
            write_whole(&there, text.as_bytes()).unwrap();
            assert_eq!(std::fs::read_to_string(&there).unwrap(), text);
        }
        std::fs::create_dir_all(taken.join("by a folder")).unwrap();
        assert!(write_whole(&taken, b"no").is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
