//! Built-in data sets, so that a first run needs no download.
//!
//! `digits`: 1,797 images of 8 x 8 as 64 columns, 0 to 16 (Alpaydin and Kaynak, *Optical recognition of handwritten
//! digits*, UCI, 1998; test part). `iris`: 150 flowers of 3 species (Fisher, 1936). `xor`: its four rows. `spirals`:
//! two arms with noise, generated from a seed.

use crate::math::{Random, Stream};
use std::fmt::Write;

/// The names of the built-in data sets.
pub(super) const NAMES: [&str; 4] = ["digits", "iris", "xor", "spirals"];

const DIGITS: &[u8] = include_bytes!("data/digits.csv.gz");
const IRIS: &[u8] = include_bytes!("data/iris.csv");
const XOR: &[u8] = b"a,b,xor\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n";
const SPIRAL_ROWS: u32 = 400;

/// Checks whether `name` is a built-in.
pub fn is_built_in(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Checks whether `name` is a built-in that does not depend on the seed.
pub fn is_fixed(name: &str) -> bool {
    NAMES.contains(&name) && name != "spirals"
}

/// Returns the built-in `name` as CSV, if it exists.
pub(super) fn open(name: &str, seed: u64) -> Option<Vec<u8>> {
    let bytes = match name {
        "digits" => DIGITS.to_vec(),
        "iris" => IRIS.to_vec(),
        "xor" => XOR.to_vec(),
        "spirals" => spirals(seed).into_bytes(),
        _ => return None,
    };
    Some(bytes)
}

/// Generates two spiral arms of one turn, with normal noise.
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
