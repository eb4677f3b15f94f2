//! Data sets inside the program, so that a first run needs no download.
//!
//! `digits`: 1,797 images of 8 x 8, 0 to 16 (Alpaydin and Kaynak, UCI, 1998). `iris`: 150 flowers of 3 species (Fisher,
//! 1936). `xor`: its four rows. `spirals`: two arms with noise, generated from the seed.

use super::{DataError, Dataset, ReadOptions, csv, source};
use crate::random::{Random, Stream};
use std::fmt::Write;

/// Their names.
pub(super) const NAMES: [&str; 4] = ["digits", "iris", "xor", "spirals"];

const XOR: &str = "a,b,xor\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n";
const SPIRAL_ROWS: u32 = 400;

/// The built-in `name` to learn from, if there is one.
pub(super) fn read(
    name: &str,
    options: &ReadOptions,
    seed: u64,
) -> Option<Result<Dataset, DataError>> {
    let text = match name {
        "spirals" => spirals(seed).into_bytes(),
        _ => text(name)?,
    };
    Some(csv::read(name, name, &text, options))
}

/// The built-in `name` as CSV, if there is one; spirals of seed 0.
pub(super) fn text(name: &str) -> Option<Vec<u8>> {
    match name {
        "digits" => source::unpack(name, include_bytes!("data/digits.csv.gz").to_vec()).ok(),
        "iris" => Some(include_bytes!("data/iris.csv").to_vec()),
        "xor" => Some(XOR.as_bytes().to_vec()),
        "spirals" => Some(spirals(0).into_bytes()),
        _ => None,
    }
}

/// Two arms of one turn, with normal noise.
fn spirals(seed: u64) -> String {
    let random = Random::new(seed, Stream::Data, 0);
    let mut text = "x,y,arm\n".to_owned();
    for i in 0..SPIRAL_ROWS {
        let (arm, along) = (i % 2, f64::from(i) / f64::from(SPIRAL_ROWS));
        let angle = std::f64::consts::TAU * along + std::f64::consts::PI * f64::from(arm);
        let radius = 0.2 + along;
        let x = radius * angle.cos() + 0.03 * random.normal(2 * i);
        let y = radius * angle.sin() + 0.03 * random.normal(2 * i + 1);
        let _ = writeln!(text, "{x},{y},{}", ["a", "b"][arm as usize]);
    }
    text
}
