//! Files that are written whole, and the folder of the cache.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;
use wgrad::file::{create_folder, folder, lock, remove_stale, write_whole};

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
fn what_a_killed_writer_left_is_removed_and_another_writer_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let [there, beside] = ["there", ".there.wgrad"].map(|name| folder.path().join(name));
    let names = || std::fs::read_dir(folder.path()).unwrap().count();
    std::fs::write(&beside, "half").unwrap();
    write_whole(&there, b"whole").unwrap();
    assert_eq!(
        (std::fs::read(&there).unwrap(), names()),
        (b"whole".to_vec(), 1)
    );
    std::fs::write(&beside, "half").unwrap();
    remove_stale(&there).unwrap();
    remove_stale(&there).unwrap();
    assert_eq!(names(), 1);
    let other = lock(&beside).unwrap().unwrap();
    assert!(lock(&beside).unwrap().is_none());
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| write_whole(&there, b"second").unwrap());
        std::thread::sleep(Duration::from_millis(50));
        assert!(!writer.is_finished());
        drop(other);
    });
    assert_eq!(
        (std::fs::read(&there).unwrap(), names()),
        (b"second".to_vec(), 1)
    );
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_a_temporary_file_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let [there, beside, other] = ["there", ".there.wgrad", "other"].map(|n| folder.path().join(n));
    std::fs::write(&other, "precious").unwrap();
    std::os::unix::fs::symlink(&other, &beside).unwrap();
    let refused = write_whole(&there, b"whole").unwrap_err().to_string();
    assert!(refused.contains("a link"), "{refused}");
    assert_eq!(std::fs::read(&other).unwrap(), b"precious");
}

#[test]
fn folders_are_created_with_those_above() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("a/b/c");
    create_folder(&deep).unwrap();
    create_folder(&deep).unwrap();
    assert!(deep.is_dir());
    std::fs::write(folder.path().join("file"), "").unwrap();
    assert!(create_folder(&folder.path().join("file/below")).is_err());
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
