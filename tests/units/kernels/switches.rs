//! What `WGRAD_TUNE` turns off.

use wgrad::kernels::{Switches, switches::PATHS};

#[test]
fn paths_are_on_unless_they_are_turned_off() {
    let none = Switches::read(" ").unwrap();
    assert!(PATHS.iter().all(|path| none.has(path)) && none == Switches::default());
    let some = Switches::read("blocks=off, tile_large=off,lane-workgroup=32").unwrap();
    let off: Vec<_> = PATHS.iter().filter(|path| !some.has(path)).collect();
    assert_eq!(off, [&"blocks", &"tile_large"]);
    assert_eq!(
        (some.size("lane-workgroup"), some.size("submission")),
        (Some(32), None)
    );
    assert!(some.has("plain"), "it cannot be turned off");
    assert!(
        Switches::read("blocks=off,blocks=on")
            .unwrap()
            .has("blocks")
    );
}

#[test]
fn what_is_not_there_is_refused_with_what_is() {
    for (text, part) in [
        ("blok=off", "one of autotune=off, blocks=off"),
        ("blocks", "blocks=off or blocks=on"),
        ("blocks=0", "found \"blocks=0\""),
        ("submission=0", "submission=N, N from 1 to 4096"),
        ("submission=many", "found \"submission=many\""),
    ] {
        let why = Switches::read(text).unwrap_err().to_string();
        assert!(
            why.starts_with("WGRAD_TUNE: expected ") && why.contains(part),
            "{why}"
        );
    }
}
