//! Models as source code: a C header and a Rust module, each without dependencies.
//!
//! Both have the same parts: tables, which are written here, and functions on them, which are in `source/c.txt` and
//! `source/rust.txt`. Functions that a model does not need are left out. All is computed in f64.

mod c;
mod names;
mod parts;
mod rust;

use super::pipeline::Pipeline;
use crate::Error;
use crate::text::counted;
use names::Names;

/// The largest number of parameters: compilers are slow on long tables, and these make some 12 MB.
const MOST_PARAMETERS: usize = 1_000_000;

/// Returns a C header. Its names begin with `name`, as far as that can be.
///
/// # Errors
/// Returns an error if the networks are too large, or a text has a character that C has no place for.
pub fn c(pipeline: &Pipeline, name: &str) -> Result<Vec<u8>, Error> {
    require_small(pipeline)?;
    let levels = pipeline.texts();
    let levels = levels.iter().flat_map(|(_, levels)| levels.iter());
    let mut all = levels
        .chain(pipeline.answer.classes())
        .chain(pipeline.targets);
    if let Some(text) = all.find(|text| text.contains('\0')) {
        return Err(Error::Model(format!(
            "{text:?} has a NUL character, where texts end in C; export Rust"
        )));
    }
    Ok(c::source(pipeline, &names::prefix(name), &Names::of(pipeline)).into_bytes())
}

/// Returns a Rust module.
///
/// # Errors
/// Returns an error if the networks are too large.
pub fn rust(pipeline: &Pipeline) -> Result<Vec<u8>, Error> {
    require_small(pipeline)?;
    Ok(rust::source(pipeline, &Names::of(pipeline)).into_bytes())
}

fn require_small(pipeline: &Pipeline) -> Result<(), Error> {
    match pipeline.parameters() {
        0..=MOST_PARAMETERS => Ok(()),
        found => Err(Error::Model(format!(
            "{}, expected at most {MOST_PARAMETERS} in source code; export ONNX",
            counted(found, "parameter")
        ))),
    }
}
