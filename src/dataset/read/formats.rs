//! Tells formats by their first bytes: those with a reader here, and others, which are named with a cure.

mod text;

use super::npy;
use crate::dataset::error::{DataError, DataErrorKind as Kind, listed};
use crate::dataset::input::{Input, unpacked};
use crate::dataset::options::ReadOptions;

/// A format of tables with a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// CSV and the like.
    Text,
    /// Objects of JSON.
    Json,
    /// One NumPy array.
    Array,
    /// A zip file of NumPy arrays.
    Zip,
    #[cfg(feature = "parquet")]
    Parquet,
}

/// The most bytes that are looked at.
const HEAD: u64 = 1 << 12;

const AS_CSV: &str = "save it as CSV";
const UNPACK: &str = "unpack it, or pack it with gzip or zstd";
const ARROW: &str =
    "save it as CSV: pandas.read_feather(\"FILE\").to_csv(\"table.csv\", index=False)";
const EXCEL: &str = "save the sheet as CSV";
const ARRAYS: &str = "save its arrays: numpy.savez(\"data.npz\", x=inputs, y=targets)";
const HDF5: &str =
    "save its arrays with h5py and numpy: numpy.savez(\"data.npz\", x=inputs, y=targets)";
const IMAGE: &str = "name a folder that has a folder of images for each class";

/// First bytes, what they are of, and the cure.
const FORMATS: [(&[u8], &str, &str); 29] = [
    (b"ARROW1", "an Arrow (Feather) file", ARROW),
    (b"FEA1", "an Arrow (Feather) file", ARROW),
    (b"\xff\xff\xff\xff", "an Arrow stream", ARROW),
    (b"ORC", "an ORC file", AS_CSV),
    (b"Obj\x01", "an Avro file", AS_CSV),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an Excel file (.xls)",
        EXCEL,
    ),
    (b"\xfd7zXZ\x00", "an xz file", UNPACK),
    (b"BZh", "a bzip2 file", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    (b"\x04\x22\x4d\x18", "an lz4 file", UNPACK),
    (b"\x1f\x9d", "a file of compress (.Z)", UNPACK),
    (b"\x89PNG\r\n\x1a\n", "a PNG image", IMAGE),
    (b"\xff\xd8\xff", "a JPEG image", IMAGE),
    (b"GIF8", "a GIF image", IMAGE),
    (b"II*\x00", "a TIFF image", IMAGE),
    (b"\xff\xfe\x00\x00", "UTF-32 text", "save it in UTF-8"),
    (b"\x00\x00\xfe\xff", "UTF-32 text", "save it in UTF-8"),
    (b"MM\x00*", "a TIFF image", IMAGE),
    (b"BM", "a BMP image", IMAGE),
    (
        b"SQLite format 3\x00",
        "an SQLite database",
        "save a query as CSV: sqlite3 -header -csv",
    ),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", HDF5),
    (b"CDF", "a NetCDF file", AS_CSV),
    (b"MATLAB 5.0 MAT-file", "a MATLAB file", ARRAYS),
    (b"%PDF-", "a PDF file", AS_CSV),
    (
        b"RDX3\n",
        "a file of R",
        "save the table as CSV: write.csv(table, \"table.csv\", row.names = FALSE)",
    ),
    (b"$FL2", "an SPSS file", AS_CSV),
    (b"<stata_dta>", "a Stata file", AS_CSV),
    (b"\x7fELF", "a program", "name a table"),
];

/// Checks whether a file begins as a zip file does.
pub(in crate::dataset) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// Tells the format of a file.
///
/// # Errors
/// Returns an error that names the format of a file that has no reader.
pub(super) fn format(input: &mut Input, options: &ReadOptions) -> Result<Format, DataError> {
    let head = input.peek(HEAD)?;
    let file = &input.origin.file;
    if head.starts_with(npy::MAGIC) {
        return Ok(Format::Array);
    }
    if is_zip(&head) {
        return Ok(Format::Zip);
    }
    if head.starts_with(b"PAR1") {
        return parquet(file);
    }
    if let Some((what, cure)) = binary(&head) {
        return Err(refused(file, what, cure));
    }
    let ends = |end: &str| unpacked(file).to_ascii_lowercase().ends_with(end);
    let is_named_json = [".json", ".jsonl", ".ndjson"].into_iter().any(ends);
    if is_named_json || text::is_json(&head) {
        return Ok(Format::Json);
    }
    for (end, what) in [
        (".npy", "a NumPy array"),
        (".npz", "a zip file"),
        (".parquet", "a Parquet file"),
    ] {
        if ends(end) {
            let message = format!(
                "{file}: its name ends in {end}, but it is not {what}; download it again, or rename it"
            );
            return Err(DataError::new(Kind::Format, message));
        }
    }
    if let Some((what, cure)) = text::other(&head) {
        return Err(refused(file, what, cure));
    }
    if options.dialect.encoding.is_none() && text::is_binary(&head) {
        return Err(refused(file, "a binary file of an unknown kind", AS_CSV));
    }
    Ok(Format::Text)
}

#[cfg(feature = "parquet")]
fn parquet(_: &str) -> Result<Format, DataError> {
    Ok(Format::Parquet)
}

#[cfg(not(feature = "parquet"))]
fn parquet(file: &str) -> Result<Format, DataError> {
    let cure = "build wgrad with Parquet (cargo install --locked --path . --features parquet), or save it as CSV: pandas.read_parquet(\"FILE\").to_csv(\"table.csv\", index=False)";
    Err(refused(file, "a Parquet file", cure))
}

/// Recognises a file in binary. Returns what it is, and the cure.
fn binary(head: &[u8]) -> Option<(&'static str, &'static str)> {
    let is_pickle = |head: &[u8]| {
        matches!(
            head,
            [
                0x80,
                2..=5,
                b'c' | b'}' | b']' | b'(' | 0x95 | b'q' | b'X' | b'K' | b'N',
                ..
            ]
        )
    };
    if is_pickle(head) {
        return Some(("a Python pickle, which only Python can read", ARRAYS));
    }
    if head.get(257..262) == Some(b"ustar") {
        return Some(("a tar archive", "unpack it, and name a file in it"));
    }
    let found = FORMATS.iter().find(|(magic, ..)| head.starts_with(magic))?;
    // Two letters may begin a header, too.
    let is_text = found.0 == b"BM" && !head.contains(&0)
        || found.0 == b"CDF" && !matches!(head.get(3), Some(1 | 2 | 5));
    let is_word = matches!(found.0, b"ORC" | b"BZh" | b"GIF8" | b"FEA1")
        && std::str::from_utf8(head).is_ok()
        && !head.contains(&0);
    (!is_text && !is_word).then_some((found.1, found.2))
}

/// Returns the error for a zip file without arrays: names what it is by the `names` of its files.
pub(super) fn zip(file: &str, names: &[String]) -> DataError {
    let has = |name: &str| names.iter().any(|found| found.starts_with(name));
    let (what, cure) = match () {
        () if has("xl/") => ("an Excel file", EXCEL),
        () if has("[Content_Types].xml") => ("an Office file", AS_CSV),
        () if has("mimetype") && has("content.xml") => ("an OpenDocument file", EXCEL),
        () if names.iter().any(|name| name.ends_with("data.pkl")) => ("a file of PyTorch", ARRAYS),
        () => {
            let message = format!(
                "{file}: a zip file of {}, expected a table, or arrays of NumPy (.npz); unpack it, and name a file or a folder of it",
                match names.is_empty() {
                    true => "no files".to_owned(),
                    false => listed(&names[..names.len().min(10_000)]),
                }
            );
            return DataError::new(Kind::Format, message);
        }
    };
    refused(file, what, cure)
}

fn refused(file: &str, what: &str, cure: &str) -> DataError {
    let cure = cure.replace("FILE", file);
    let message = format!("{file}: {what}, expected a table such as CSV; {cure}");
    DataError::new(Kind::Format, message)
}
