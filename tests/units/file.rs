//! Files that are written whole, and the folder of the cache.

use std::ffi::OsString;
use std::path::PathBuf;
use wgrad::file::{folder, write_whole};

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

#[test]
fn the_folder_follows_the_environment() {
    let with = |set: &'static [(&str, &str)]| {
        folder(move |name| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    };
    let own = with(&[("WGRAD_CACHE_DIR", "/own"), ("HOME", "/home/a")]);
    assert_eq!(own, Some(PathBuf::from("/own")));
    assert_eq!(with(&[]), None);
    if cfg!(target_os = "linux") {
        let xdg = with(&[("XDG_CACHE_HOME", "/cache"), ("HOME", "/home/a")]);
        assert_eq!(xdg, Some(PathBuf::from("/cache/wgrad")));
        let home = with(&[("XDG_CACHE_HOME", "not/absolute"), ("HOME", "/home/a")]);
        assert_eq!(home, Some(PathBuf::from("/home/a/.cache/wgrad")));
    }
}
