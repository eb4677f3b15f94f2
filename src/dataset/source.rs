//! Bytes of a file or of stdin, unpacked if they are gzipped.

use super::{DataError, builtin};
use std::io::Read;
use std::path::Path;

/// The name and the bytes of `source`; `-` is stdin.
pub(super) fn read(source: &str) -> Result<(String, Vec<u8>), DataError> {
    if source == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|why| DataError(format!("stdin: {why}")))?;
        return Ok(("stdin".to_owned(), unpack("stdin", bytes)?));
    }
    let path = Path::new(source);
    let bytes = file(path).map_err(|error| match path.exists() {
        true => error,
        false => DataError(format!("{source}: no such file or folder{}", hint(source))),
    })?;
    Ok((stem(path), bytes))
}

/// The bytes of a file, unpacked.
pub(super) fn file(path: &Path) -> Result<Vec<u8>, DataError> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|why| DataError(format!("{name}: {why}")))?;
    unpack(&name, bytes)
}

/// `bytes` unpacked, if they begin like a gzip file.
pub(super) fn unpack(name: &str, bytes: Vec<u8>) -> Result<Vec<u8>, DataError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    flate2::read::MultiGzDecoder::new(&bytes[..])
        .read_to_end(&mut unpacked)
        .map_err(|why| {
            DataError(format!(
                "{name}: a damaged gzip file ({why}); download or pack it again"
            ))
        })?;
    Ok(unpacked)
}

/// A file's name without `.gz` and its extension.
fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let stem = Path::new(name).file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// The built-in that was meant, or all of them.
fn hint(source: &str) -> String {
    match crate::config::nearest(source, builtin::NAMES.into_iter()) {
        Some(name) => format!("; did you mean the built-in {name:?}?"),
        None => format!(
            "; give a CSV file, a folder of IDX files, or a built-in: {}",
            builtin::NAMES.join(", ")
        ),
    }
}
