//! Data without an end: refused within little memory, in words, and never by a crash.

use crate::rig::{Run, folder, read, write};
use std::io::Write;
use std::path::Path;
use std::process::Command;

/// The address space of each run, in KiB.
const SPACE: u32 = 1 << 20;

/// Runs `wgrad` on the CPU device in `dir`, within a small address space.
fn within(dir: &Path, args: &[&str]) -> Run {
    let output = Command::new("sh")
        .args(["-c", &format!("ulimit -v {SPACE}; exec \"$@\""), "sh"])
        .arg(env!("CARGO_BIN_EXE_wgrad"))
        .args(args)
        .args(["--device", "cpu"])
        .current_dir(dir)
        .output();
    read(output.expect("the binary runs"))
}

/// Packs parts, each so many times.
fn packed(parts: &[(&[u8], usize)]) -> Vec<u8> {
    let pack = |(bytes, times): &(&[u8], usize)| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap().repeat(*times)
    };
    parts.iter().flat_map(pack).collect()
}

#[test]
#[cfg(target_os = "linux")]
fn streams_without_an_end_are_refused() {
    let dir = folder();
    const MIB: usize = 1 << 20;
    let zeros = vec![0; 16 * MIB];
    let rows = b"1,2\n".repeat(4 * MIB);
    let image = [&[0, 0, 8, 3][..], &[0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2]].concat();
    let images = |times| packed(&[(&image, 1), (&zeros, times)]);
    let files: [(&str, Vec<u8>, &str); 6] = [
        ("zeros.csv.gz", packed(&[(&zeros, 640)]), "a binary file"),
        (
            "name.csv.gz",
            packed(&[(&b"n".repeat(16 * MIB), 64), (b",y\n1,2\n", 1)]),
            "a line of more than 24 MiB",
        ),
        (
            "columns.csv.gz",
            packed(&[(&b"x,".repeat(8 * MIB), 25), (b"y\n", 1)]),
            "a line of more than 24 MiB",
        ),
        (
            "many.csv.gz",
            packed(&[(&b"x,".repeat(2 * MIB), 1), (b"y\n", 1)]),
            "2097153 columns, expected at most 1000000",
        ),
        (
            "rows.csv.gz",
            packed(&[(b"a,y\n", 1), (&rows, 640)]),
            "do not fit into memory",
        ),
        (
            "one.idx3-ubyte.gz",
            images(640),
            "found more (1 images x 2 rows x 2 columns)",
        ),
    ];
    for (name, bytes, part) in files {
        write(dir.path(), name, bytes);
        within(dir.path(), &["train", name]).fails(3, &[name, part]);
    }
    within(dir.path(), &["train", "/dev/zero"]).fails(3, &["/dev/zero", "a binary file"]);
    within(dir.path(), &["train", "iris", "--config", "/dev/zero"]).fails(3, &["--config"]);
    within(dir.path(), &["predict", "/dev/zero", "iris"]).fails(3, &["/dev/zero"]);
}

#[test]
#[cfg(target_os = "linux")]
fn what_flags_ask_for_is_refused_if_it_does_not_fit() {
    let dir = folder();
    let of = |command: &str| {
        let args: Vec<&str> = command.split(' ').collect();
        within(dir.path(), &args)
    };
    of("sweep iris --hidden 2048-2048 --seeds 5000").fails(3, &["5000 networks", "--seeds"]);
    of("sweep digits --hidden 0 --folds 1700").fails(3, &["1700 folds", "--folds"]);
    of("train iris --hidden 20000,20000").fails(3, &["400180003 parameters", "--hidden"]);
    of("train digits --batch-size 2000 --hidden 120000")
        .fails(3, &["batches of 1258", "--batch-size"]);
    let deep = ["1"; 20_000].join("-");
    of(&format!("train iris --hidden {deep}")).fails(3, &["20001 layers", "--hidden"]);
}
