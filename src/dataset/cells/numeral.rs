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
/// Below this, every integer is an f64.
const EXACT: u64 = 1 << 53;

/// Reads a number: digits, maybe with a sign, one decimal mark and an exponent. Returns `None` for other text, and for
/// numbers that are not finite.
pub(in crate::dataset) fn plain(cell: &[u8], mark: u8) -> Option<Numeral> {
    let (negative, digits) = match cell.first()? {
        b'-' => (true, &cell[1..]),
        b'+' => (false, &cell[1..]),
        _ => (false, cell),
    };
    let (mut mantissa, mut at) = (0u64, 0);
    // More than 19 digits overflow; such numbers are read anew below.
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
    let seen_mark = digits.get(at) == Some(&mark);
    if seen_mark {
        at += 1;
        while add(at) {
            at += 1;
        }
    }
    let count = at - usize::from(seen_mark);
    let decimals = count - whole;
    if count == 0 {
        return None;
    }
    let has_exponent = at < digits.len();
    if has_exponent && !is_exponent(&digits[at..]) {
        return None;
    }
    let exact = count <= 19 && mantissa < EXACT && decimals < TENS.len() && !has_exponent;
    let value = match exact {
        // Exact numbers, one rounding: the nearest f64.
        true => mantissa as f64 / TENS[decimals],
        false => parsed(digits, mark)?,
    };
    let value = if negative { -value } else { value };
    let first = digits[0];
    let usual_start = first != mark && (first != b'0' || digits.len() == 1 || digits[1] == mark);
    let usual_end = match decimals {
        0 => !seen_mark,
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
}
