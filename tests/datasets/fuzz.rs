//! Random changes to small files of each format: reading them gives data or an error, and never panics.
//!
//! `WGRAD_FUZZ_SECONDS` is the time for each format, half a second if it is not set.

use crate::samples::{CSV, NUMBERS, doubles, folder, npy, png, put, zip, zstd};
use std::time::{Duration, Instant};
use wgrad::dataset::{ReadOptions, read};
use wgrad::math::{Random, Stream};

/// Changes some bytes: other values, others put in, some left out, or a part repeated.
fn mutated(bytes: &[u8], random: &Random) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let number = |i: u32| random.bits(i) as usize;
    for change in 0..1 + random.bits(0) % 6 {
        if changed.is_empty() {
            break;
        }
        let first = 1 + 4 * change;
        let at = number(first) % changed.len();
        match number(first + 1) % 8 {
            0 => changed.truncate(at),
            1 => drop(changed.remove(at)),
            2 => changed.insert(at, random.bits(first + 2) as u8),
            3 => {
                let end = (at + number(first + 2) % 16).min(changed.len());
                let part = changed[at..end].to_vec();
                let to = number(first + 3) % (changed.len() + 1);
                changed.splice(to..to, part);
            }
            4 => changed[at] = [0, 1, 0x7f, 0x80, 0xff][number(first + 2) % 5],
            5 => changed[at] ^= 1 << (random.bits(first + 2) % 8),
            6 => {
                let end = (at + 4).min(changed.len());
                changed[at..end].fill([0, 0xff][number(first + 2) % 2]);
            }
            _ => changed[at] = random.bits(first + 2) as u8,
        }
    }
    changed
}

fn fuzz(name: &str, samples: &[Vec<u8>]) {
    let seconds = std::env::var("WGRAD_FUZZ_SECONDS");
    let seconds = seconds.map_or(0.5, |text| text.parse().unwrap());
    let folder = folder(&[]);
    let source = folder.path().join(name);
    let options = ReadOptions::default();
    // A folder of images has two classes.
    if let Some(rest) = name.strip_prefix("a/") {
        put(folder.path(), &format!("b/{rest}"), &samples[0]);
    }
    let (end, seed) = (
        Instant::now() + Duration::from_secs_f64(seconds),
        name.len() as u64,
    );
    let (mut runs, mut good) = (0, 0);
    while Instant::now() < end {
        let random = Random::new(seed, Stream::Data, runs);
        let sample = &samples[runs as usize % samples.len()];
        put(folder.path(), name, &mutated(sample, &random));
        let of_folder = name.contains('/');
        let source = if of_folder { folder.path() } else { &source };
        good += u32::from(read(source.to_str().unwrap(), &options, 0).is_ok());
        runs += 1;
    }
    println!("{name}: {runs} runs, {good} of them read");
    assert!(runs > 10);
}

#[test]
fn arrays_and_archives() {
    let text = b"a\0\0\0\0\0\0\0b\0\0\0c\0\0\0";
    let arrays = [
        npy("<f8", false, "(3, 3)", &doubles(&NUMBERS)),
        npy(">i2", true, "(2, 2)", &[0, 1, 0, 2, 1, 0, 2, 0]),
        npy("<U2", false, "(2, 1)", text),
    ];
    fuzz("t.npy", &arrays);
    let y = || ("y.npy", npy("|u1", false, "(3,)", &[0, 1, 1]));
    let images = || ("x.npy", npy("|u1", false, "(3, 2, 1)", &[1, 2, 3, 4, 5, 6]));
    let archives = [
        zip(&[("x.npy", arrays[0].clone()), y()], true),
        zip(&[("x.npy", arrays[0].clone()), y()], false),
        zip(&[images(), y()], false),
        zip(&[images(), y()], true),
    ];
    fuzz("t.npz", &archives);
}

#[test]
fn json_and_zstd() {
    let lines =
        b"{\"a\": 1.5, \"b\": \"x\\u00e4\", \"c\": null}\n{\"a\": 2, \"c\": true, \"d\": \"\"}\n";
    let array = b"[{\"a\": 1, \"y\": 2},\n {\"a\": -1e3, \"y\": 3}]\n";
    fuzz("t.jsonl", &[lines.to_vec(), array.to_vec()]);
    let packed = [zstd(CSV.as_bytes()), zstd(&CSV.repeat(20).into_bytes())];
    fuzz("t.csv.zst", &packed);
}

#[test]
fn images() {
    let grey = png(3, 3, png::ColorType::Grayscale, &[7; 9]);
    let colour = png(2, 2, png::ColorType::Rgba, &[9; 16]);
    fuzz("a/x.png", &[grey.clone(), colour]);
    let jpeg = [
        include_bytes!("../data/grey.jpg").to_vec(),
        include_bytes!("../data/red.jpg").to_vec(),
    ];
    fuzz("a/x.jpg", &jpeg);
}

#[test]
fn idx() {
    let images = [
        &[0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2][..],
        &[7; 6],
    ]
    .concat();
    fuzz("train-images-idx3-ubyte", &[images]);
}

#[test]
fn any_text() {
    let others = [
        b"1 3:0.5 7:1\n-1 2:4 3:1\n".to_vec(),
        b"@relation x\n".to_vec(),
        CSV.as_bytes().to_vec(),
        b"\x80\x04\x95\x10".to_vec(),
        vec![0; 16],
    ];
    fuzz("t.csv", &others);
}

#[cfg(feature = "parquet")]
#[test]
fn parquet() {
    fuzz(
        "t.parquet",
        &[include_bytes!("../data/table.parquet").to_vec()],
    );
}
