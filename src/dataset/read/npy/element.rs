//! The elements of an array: their types, and each as a cell.

use crate::dataset::cells::CellColumn;

/// The type of the elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dataset) struct Element {
    pub(in crate::dataset) kind: Kind,
    /// Bytes of one.
    pub(in crate::dataset) size: usize,
    /// Whether the first byte is the highest.
    is_big: bool,
}

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dataset) enum Kind {
    Bool,
    Signed,
    Unsigned,
    Float,
    /// Bytes of text, up to a zero.
    Bytes,
    /// Characters of four bytes.
    Unicode,
}

/// The most bytes of a text.
const LONGEST: usize = 24 << 20;
/// From here on, f64 does not hold all integers.
const EXACT: u64 = 1 << 53;

impl Element {
    /// Parses NumPy's name of a type, such as `<f8`.
    ///
    /// # Errors
    /// Returns what it is instead, and the cure.
    pub(super) fn parse(name: &str) -> Result<Element, String> {
        let (is_big, rest) = match name.as_bytes().first() {
            Some(b'>') => (true, &name[1..]),
            Some(b'<' | b'|') => (false, &name[1..]),
            Some(b'=') => (cfg!(target_endian = "big"), &name[1..]),
            _ => (false, name),
        };
        let letter = rest.chars().next().unwrap_or(' ');
        let count = rest.get(letter.len_utf8()..).unwrap_or("");
        let refused =
            |what: &str, cure: &str| Err(format!("an array of {what} ({name:?}); {cure}"));
        let size = count.parse::<usize>().ok();
        let (kind, size) = match (letter, size) {
            ('O', _) => return refused("Python objects, which only Python can read", NUMBERS),
            ('b' | '?', Some(1) | None) => (Kind::Bool, 1),
            ('i', Some(size @ (1 | 2 | 4 | 8))) => (Kind::Signed, size),
            ('u', Some(size @ (1 | 2 | 4 | 8))) => (Kind::Unsigned, size),
            ('f', Some(size @ (2 | 4 | 8))) => (Kind::Float, size),
            ('S' | 'a', Some(size @ 1..=LONGEST)) => (Kind::Bytes, size),
            ('U', Some(count @ 1..)) if count <= LONGEST / 4 => (Kind::Unicode, 4 * count),
            ('c', _) => return refused("complex numbers", "save their parts: a.real, a.imag"),
            ('M' | 'm', _) => return refused("dates or times", "save it as text: a.astype(str)"),
            _ => return refused("an unknown type", NUMBERS),
        };
        Ok(Element { kind, size, is_big })
    }

    /// Whether elements are numbers of one byte, 0 to 255.
    pub(in crate::dataset) fn is_pixel(&self) -> bool {
        self.kind == Kind::Unsigned && self.size == 1
    }

    /// Pushes an element into a column. `text` is room for it.
    pub(super) fn push(&self, bytes: &[u8], text: &mut String, column: &mut CellColumn) {
        match self.kind {
            Kind::Bool => column.push_number(f64::from(u8::from(bytes[0] != 0))),
            Kind::Unsigned => match self.bits(bytes) {
                // As CSV has it: a long identifier is not rounded.
                value @ EXACT.. => column.push(&value.to_string()),
                value => column.push_number(value as f64),
            },
            Kind::Signed => match self.signed(bytes) {
                value if value.unsigned_abs() >= EXACT => column.push(&value.to_string()),
                value => column.push_number(value as f64),
            },
            Kind::Float => column.push_number(self.float(bytes)),
            Kind::Bytes | Kind::Unicode => {
                self.read_text(bytes, text);
                column.push(text.trim());
            }
        }
    }

    /// Returns the bits of a number, the lowest first.
    fn bits(&self, bytes: &[u8]) -> u64 {
        let shifted = |all: u64, byte: &u8| all << 8 | u64::from(*byte);
        match self.is_big {
            true => bytes.iter().fold(0, shifted),
            false => bytes.iter().rev().fold(0, shifted),
        }
    }

    fn signed(&self, bytes: &[u8]) -> i64 {
        let unused = 64 - 8 * bytes.len() as u32;
        (self.bits(bytes) << unused) as i64 >> unused
    }

    fn float(&self, bytes: &[u8]) -> f64 {
        let bits = self.bits(bytes);
        match self.size {
            2 => half(bits as u16),
            4 => f64::from(f32::from_bits(bits as u32)),
            _ => f64::from_bits(bits),
        }
    }

    fn read_text(&self, bytes: &[u8], text: &mut String) {
        text.clear();
        if self.kind == Kind::Bytes {
            let end = bytes
                .iter()
                .rposition(|byte| *byte != 0)
                .map_or(0, |at| at + 1);
            text.push_str(&String::from_utf8_lossy(&bytes[..end]));
            return;
        }
        for word in bytes.chunks_exact(4) {
            let code = self.bits(word) as u32;
            text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        text.truncate(text.trim_end_matches('\0').len());
    }
}

const NUMBERS: &str = "save it as numbers or text: a.astype(float), a.astype(str)";

/// Returns the value of a number of 16 bits: a sign, 5 bits of exponent, 10 of mantissa.
fn half(bits: u16) -> f64 {
    let (exponent, mantissa) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    let value = match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (mantissa + 1024.0) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 1 { -value } else { value }
}
