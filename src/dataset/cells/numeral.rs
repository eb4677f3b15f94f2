//! Numbers as tables write them.

/// A number in plain form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::dataset) struct Numeral {
    pub(in crate::dataset) value: f64,
    /// The number of digits behind the decimal mark.
    pub(in crate::dataset) decimals: u8,
    /// Whether the text is that of the value: `1.5`, `1.0` and `-3`, but not `01`, `+1`, `1e3` or `1.50`.
    pub(in crate::dataset) is_usual: bool,
}

/// Powers of ten that f64 holds exactly.
const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];
const WHOLE_TENS: [u64; 9] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
];
/// Eight digits of zero.
const ZEROS: u64 = 0x3030_3030_3030_3030;
/// Below this, every integer is an f64.
const EXACT: u64 = 1 << 53;

/// Reads a number: digits, maybe with a sign, one decimal mark and an exponent. Returns `None` for other text, and for
/// numbers that are not finite.
#[inline]
pub(in crate::dataset) fn plain(cell: &[u8], mark: u8) -> Option<Numeral> {
    let (negative, digits) = match cell.first()? {
        b'-' => (true, &cell[1..]),
        b'+' => (false, &cell[1..]),
        _ => (false, cell),
    };
    let first = *digits.first()?;
    if !first.is_ascii_digit() && first != mark {
        return None;
    }
    let found = short(digits, mark).or_else(|| long(digits, mark))?;
    let Digits {
        mantissa,
        count,
        decimals,
        ..
    } = found;
    let exact = count <= 19 && mantissa < EXACT && decimals < TENS.len() && !found.has_exponent;
    let value = match exact {
        // Exact numbers, one rounding: the nearest f64.
        true => mantissa as f64 / TENS[decimals],
        false => parsed(digits, mark)?,
    };
    let value = if negative { -value } else { value };
    let usual_start = first != mark && (first != b'0' || digits.len() == 1 || digits[1] == mark);
    let usual_end = match decimals {
        0 => !found.has_mark,
        1 => true,
        _ => digits.last() != Some(&b'0'),
    };
    let sign = cell[0] != b'+';
    Some(Numeral {
        value,
        decimals: decimals.min(255) as u8,
        is_usual: exact && count <= 15 && usual_start && usual_end && sign,
    })
}

/// The digits of a number without a sign.
#[derive(Debug, PartialEq)]
struct Digits {
    /// The number that they make without the mark; wrong if they are more than 19.
    mantissa: u64,
    count: usize,
    decimals: usize,
    has_mark: bool,
    has_exponent: bool,
}

/// Reads up to eight digits before the mark and up to eight behind it, all at once: numbers vary in length, and a loop
/// would end where the processor does not expect it. Returns `None` for anything else.
#[inline]
fn short(digits: &[u8], mark: u8) -> Option<Digits> {
    let length = digits.len();
    let (first, last) = ends(digits);
    let before = others(first).trailing_zeros() as usize / 8;
    let has_mark = before < length;
    if has_mark && (before == 8 || digits[before] != mark) {
        return None;
    }
    let decimals = length - before - usize::from(has_mark);
    let behind = last & highest(decimals)?;
    if others(behind | (ZEROS & !highest(decimals)?)) != 0 || length == usize::from(has_mark) {
        return None;
    }
    let whole = first.unbounded_shl(64 - 8 * before as u32);
    Some(Digits {
        mantissa: eight(whole) * WHOLE_TENS[decimals] + eight(behind),
        count: before + decimals,
        decimals,
        has_mark,
        has_exponent: false,
    })
}

/// Returns the first and the last eight bytes: the first one in the lowest byte, and the last one in the highest. With
/// fewer bytes, the rest is 0.
#[inline]
fn ends(text: &[u8]) -> (u64, u64) {
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    }
    let length = text.len();
    let all = match (text.first_chunk(), text.last_chunk()) {
        // What is in both halves is the same.
        (Some(first), Some(last)) => {
            let [first, last] = [first, last].map(|half| u64::from(u32::from_le_bytes(*half)));
            first | last << (8 * (length - 4))
        }
        _ => [0, length / 2, length - 1]
            .into_iter()
            .fold(0, |all, at| all | u64::from(text[at]) << (8 * at)),
    };
    (all, all << (64 - 8 * length))
}

/// Returns the highest bit of each byte that is no digit.
#[inline]
fn others(text: u64) -> u64 {
    let values = text ^ ZEROS;
    (((values & 0x7f7f_7f7f_7f7f_7f7f) + 0x7676_7676_7676_7676) | values) & 0x8080_8080_8080_8080
}

/// Returns a mask of the highest bytes, at most eight.
#[inline]
fn highest(count: usize) -> Option<u64> {
    (count <= 8).then(|| u64::MAX.unbounded_shl(64 - 8 * count as u32))
}

/// Returns the number that eight bytes make, the first digit in the lowest. Bytes of 0 are zeros, too.
#[inline]
fn eight(digits: u64) -> u64 {
    let digits = digits & 0x0f0f_0f0f_0f0f_0f0f;
    let pairs = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    (fours * 10_000 + (fours >> 32)) & 0xffff_ffff
}

/// Reads any number of digits, maybe with a mark and an exponent.
fn long(digits: &[u8], mark: u8) -> Option<Digits> {
    let (mut mantissa, mut at) = (0u64, 0);
    let mut add = |at: usize| match digits.get(at) {
        Some(byte @ b'0'..=b'9') => {
            let digit = u64::from(byte - b'0');
            mantissa = mantissa.wrapping_mul(10).wrapping_add(digit);
            true
        }
        _ => false,
    };
    while add(at) {
        at += 1;
    }
    let whole = at;
    let has_mark = digits.get(at) == Some(&mark);
    if has_mark {
        at += 1;
        while add(at) {
            at += 1;
        }
    }
    let count = at - usize::from(has_mark);
    let has_exponent = at < digits.len();
    if count == 0 || has_exponent && !is_exponent(&digits[at..]) {
        return None;
    }
    Some(Digits {
        mantissa,
        count,
        decimals: count - whole,
        has_mark,
        has_exponent,
    })
}

/// Returns whether the bytes are `e`, maybe a sign, and digits.
fn is_exponent(bytes: &[u8]) -> bool {
    let Some(([b'e' | b'E'], rest)) = bytes.split_at_checked(1) else {
        return false;
    };
    let digits = rest.strip_prefix(b"-").or_else(|| rest.strip_prefix(b"+"));
    let digits = digits.unwrap_or(rest);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

fn parsed(digits: &[u8], mark: u8) -> Option<f64> {
    let text = std::str::from_utf8(digits).ok()?;
    let value = match mark {
        b'.' => text.parse::<f64>(),
        _ => text.replacen(char::from(mark), ".", 1).parse::<f64>(),
    };
    value.ok().filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Random, Stream};

    #[test]
    fn numbers_are_the_nearest_f64_and_the_usual_spelling_is_told() {
        for text in [
            "0",
            "-1",
            "1.5",
            "1.0",
            "0.1",
            "123456789012345",
            "-0.25",
            "12.34",
            "0.3",
            "1e22",
            "-2.5E-3",
            "+7",
            "007",
            "1.50",
            "1.",
            ".5",
            "-0",
            "00",
            "9007199254740993",
            "0.30000000000000004",
            "1e-320",
            "98765432109876543210",
            "1.7976931348623157e308",
            "4.35",
            "0.000001",
            "1e3",
        ] {
            let found = plain(text.as_bytes(), b'.').unwrap();
            assert_eq!(
                found.value.to_bits(),
                text.parse::<f64>().unwrap().to_bits(),
                "{text}"
            );
            let again = format!("{}", found.value);
            let is_usual = text == again || text.strip_suffix(".0") == Some(&again);
            assert!(!found.is_usual || is_usual, "{text}");
            let long = text.len() > 15 || text == "0.30000000000000004";
            assert!(found.is_usual || !is_usual || long, "{text}");
        }
        for text in [
            "", "-", ".", "1e", "e5", "1,5", "1.2.3", "0x1", "inf", "nan", "1e999", "1 2", "--1",
            "1e+", "é",
        ] {
            assert_eq!(plain(text.as_bytes(), b'.'), None, "{text}");
        }
        assert_eq!(plain(b"1,25", b',').unwrap().value, 1.25);
        assert_eq!(plain(b"1,25e2", b',').unwrap().value, 125.0);
        assert_eq!(plain(b"1.25", b','), None);
    }

    #[test]
    fn short_numbers_are_read_as_long_ones_are() {
        let alphabet = b"0123456789012345678900.,-e \xb0\xff\x00/:";
        let mut read = 0;
        for round in 0..200_000u32 {
            let random = Random::new(3, Stream::Data, round);
            let letters = if round % 2 == 0 { 21 } else { alphabet.len() };
            let letter = |i: u32| alphabet[random.bits(i) as usize % letters];
            let mut digits: Vec<u8> = (1..=1 + random.bits(0) % 18).map(letter).collect();
            if round % 3 == 0 {
                let at = random.bits(100) as usize % digits.len();
                digits[at] = b'.';
            }
            if let Some(found) = short(&digits, b'.') {
                read += 1;
                assert_eq!(Some(found), long(&digits, b'.'), "{digits:?}");
            }
        }
        assert!(read > 50_000, "{read}");
    }
}
