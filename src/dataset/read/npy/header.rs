//! The header of an array.

use super::element::Element;
use std::io;
use std::io::Read;

/// The first bytes of a NumPy array.
pub(in crate::dataset) const MAGIC: &[u8] = b"\x93NUMPY";

/// What a header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::dataset) struct Header {
    pub(in crate::dataset) element: Element,
    pub(in crate::dataset) shape: Vec<u64>,
    is_fortran: bool,
}

/// Why a header was not read.
pub(super) enum Failed {
    Io(io::Error),
    Format(String),
}

/// The most bytes of a header. NumPy itself refuses more than 10,000.
const LONGEST: usize = 1 << 16;
const AGAIN: &str = "save or download it again";

impl Header {
    /// Reads a header of version 1, 2 or 3.
    pub(super) fn read(stream: &mut impl Read) -> Result<Header, Failed> {
        let mut head = [0; 8];
        take(stream, &mut head)?;
        if !head.starts_with(MAGIC) {
            return Err(Failed::Format(format!("not a NumPy array; {AGAIN}")));
        }
        let length = match head[6] {
            1 => {
                let mut length = [0; 2];
                take(stream, &mut length)?;
                usize::from(u16::from_le_bytes(length))
            }
            2 | 3 => {
                let mut length = [0; 4];
                take(stream, &mut length)?;
                u32::from_le_bytes(length) as usize
            }
            version => {
                return Err(Failed::Format(format!(
                    "a NumPy array of version {version}, expected 1, 2 or 3; {AGAIN}"
                )));
            }
        };
        if length > LONGEST {
            return Err(Failed::Format(format!(
                "a NumPy array with a header of {length} bytes, expected at most {LONGEST}; {AGAIN}"
            )));
        }
        let mut text = vec![0; length];
        take(stream, &mut text)?;
        let text = String::from_utf8_lossy(&text);
        Header::parse(&text).map_err(Failed::Format)
    }

    fn parse(text: &str) -> Result<Header, String> {
        let damaged = |key: &str| format!("a NumPy array whose header has no valid {key}; {AGAIN}");
        let descr = value(text, "descr").ok_or_else(|| damaged("descr"))?;
        if descr.starts_with('[') {
            return Err("an array of records; save its columns: pandas.DataFrame(a).to_csv(\"table.csv\", index=False)".to_owned());
        }
        let name = quoted(descr).ok_or_else(|| damaged("descr"))?;
        let order = value(text, "fortran_order").ok_or_else(|| damaged("fortran_order"))?;
        let is_fortran = match order {
            _ if order.starts_with("True") => true,
            _ if order.starts_with("False") => false,
            _ => return Err(damaged("fortran_order")),
        };
        let shape = value(text, "shape").and_then(shape);
        let shape = shape.ok_or_else(|| damaged("shape"))?;
        let header = Header {
            element: Element::parse(name)?,
            shape,
            is_fortran,
        };
        match header.shape.is_empty() {
            true => Err("an array of one number, expected rows and columns".to_owned()),
            false => Ok(header),
        }
    }

    /// Returns the size of the first dimension.
    pub(in crate::dataset) fn rows(&self) -> u64 {
        self.shape.first().copied().unwrap_or(0)
    }

    /// Whether the elements of a column are side by side.
    pub(in crate::dataset) fn is_by_column(&self) -> bool {
        self.is_fortran && self.shape.len() > 1
    }

    /// Returns the number of elements, or a number that is larger than any memory.
    pub(in crate::dataset) fn count(&self) -> u128 {
        let sizes = self.shape.iter().map(|size| u128::from(*size));
        sizes.fold(1, |all, size| all.saturating_mul(size))
    }

    /// Returns the shape as NumPy prints it.
    pub(in crate::dataset) fn shape_text(&self) -> String {
        let sizes: Vec<String> = self.shape.iter().map(u64::to_string).collect();
        match sizes.len() {
            1 => format!("({},)", sizes[0]),
            _ => format!("({})", sizes.join(", ")),
        }
    }
}

fn take(stream: &mut impl Read, into: &mut [u8]) -> Result<(), Failed> {
    stream.read_exact(into).map_err(|why| match why.kind() {
        io::ErrorKind::UnexpectedEof => Failed::Format(format!(
            "a NumPy array that ends within its header; {AGAIN}"
        )),
        _ => Failed::Io(why),
    })
}

/// Returns the text behind a key of the dictionary.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let found = ['\'', '"'].iter().find_map(|mark| {
        let (_, rest) = text.split_once(&format!("{mark}{key}{mark}"))?;
        rest.trim_start().strip_prefix(':')
    });
    found.map(str::trim_start)
}

/// Returns the text in quotation marks at the beginning.
fn quoted(text: &str) -> Option<&str> {
    let mark = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text[1..].split_once(mark).map(|(inside, _)| inside)
}

/// Parses a shape: `(150, 5)`, `(150,)` or `()`. Old versions wrote `150L`.
fn shape(text: &str) -> Option<Vec<u64>> {
    let (inside, _) = text.strip_prefix('(')?.split_once(')')?;
    let sizes = inside.split(',').map(str::trim);
    let mut sizes: Vec<&str> = sizes.collect();
    if sizes.last().is_some_and(|last| last.is_empty()) {
        sizes.pop();
    }
    let number = |size: &str| size.trim_end_matches('L').parse().ok();
    sizes.into_iter().map(number).collect()
}
