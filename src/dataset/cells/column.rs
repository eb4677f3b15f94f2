//! The cells of one column.

use super::numeral::plain;
use super::texts::Texts;
use crate::dataset::limits::{LARGEST, MOST_CLASSES};
use std::borrow::Cow;
use std::collections::HashMap;

/// The cells of a column. A cell is a number, or a NaN whose lower bits are the number of its text.
#[derive(Clone)]
pub(crate) struct CellColumn {
    pub(crate) name: String,
    cells: Vec<f64>,
    texts: Texts,
    /// The decimal mark of plain numbers.
    pub(crate) mark: u8,
    /// Numbers that are not in their usual spelling: row and spelling. `None` once there are too many spellings for
    /// classes.
    spelled: Option<Vec<(u32, u32)>>,
    spellings: Texts,
    /// Whole numbers that begin with 0: `007`. They are stored as texts.
    codes: usize,
    pub(crate) fractions: Fractions,
}

/// How the fractions of a column's numbers are written: `1.212` beside `554` may be a thousand.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fractions {
    /// Numbers with a fraction.
    pub(crate) count: usize,
    /// Of these, those with three digits behind the mark, and 1 to 999 before it.
    pub(crate) like_thousands: usize,
    /// The row of the first of these.
    pub(crate) first: usize,
    /// Numbers without a fraction, and the largest of them.
    pub(crate) whole: usize,
    /// The largest absolute number without a fraction.
    pub(crate) largest_whole: f64,
}

/// The largest number of spellings in a column of fractions, of which hardly anybody makes classes.
const MOST_FRACTIONS: usize = 500;
/// The number of numbers that are found without a hash map.
const LATELY: usize = 64;
/// Spreads the bits of numbers over them: 2^64 divided by the golden ratio.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
/// The bits of a NaN that stands for a text.
const TEXT: u64 = 0x7ff8_0000_0000_0000;

impl CellColumn {
    pub(crate) fn new(name: String) -> CellColumn {
        CellColumn {
            name,
            cells: Vec::new(),
            texts: Texts::default(),
            mark: b'.',
            spelled: Some(Vec::new()),
            spellings: Texts::default(),
            codes: 0,
            fractions: Fractions::default(),
        }
    }

    /// Appends a cell, without blanks around it.
    pub(crate) fn push(&mut self, cell: &str) {
        if !self.push_plain(cell.as_bytes()) {
            self.push_text(cell);
        }
    }

    /// Appends a cell without the blanks around it. Returns false if it is not UTF-8.
    #[inline]
    pub(crate) fn push_bytes(&mut self, cell: &[u8]) -> bool {
        let cell = cell.trim_ascii();
        if self.push_plain(cell) {
            return true;
        }
        // Without blanks beyond ASCII around it.
        let is_bare = [cell.first(), cell.last()]
            .iter()
            .all(|end| end.is_some_and(u8::is_ascii_graphic));
        if let Some(number) = self.texts.lately(cell).filter(|_| is_bare) {
            self.push_text_number(number);
            return true;
        }
        let Ok(text) = std::str::from_utf8(cell) else {
            return false;
        };
        match text.trim() {
            trimmed if trimmed.len() < text.len() => self.push(trimmed),
            _ => self.push_text(text),
        }
        true
    }

    /// Appends a cell if it is a number in plain form.
    #[inline]
    fn push_plain(&mut self, cell: &[u8]) -> bool {
        if is_code(cell) {
            self.codes += 1;
            return false;
        }
        match plain(cell, self.mark) {
            Some(number) if number.value.abs() <= LARGEST => {
                self.count_fraction(number.value, number.decimals);
                if !number.is_usual {
                    self.spell(cell);
                }
                self.cells.push(number.value);
                true
            }
            _ => false,
        }
    }

    /// Appends a number of a format that has numbers. One that is not finite, or beyond 1e140, stays as text.
    pub(crate) fn push_number(&mut self, value: f64) {
        match value.abs() <= LARGEST {
            true => self.cells.push(value),
            false if value.is_nan() => self.push_text(""),
            false => self.push_text(&format!("{value:e}")),
        }
    }

    /// Appends text, even if it looks like a number.
    pub(crate) fn push_text(&mut self, text: &str) {
        let number = self.texts.number(text);
        self.push_text_number(number);
    }

    fn push_text_number(&mut self, number: u32) {
        self.cells.push(f64::from_bits(TEXT | u64::from(number)));
    }

    fn count_fraction(&mut self, value: f64, decimals: u8) {
        let fractions = &mut self.fractions;
        if decimals == 0 {
            fractions.whole += 1;
            fractions.largest_whole = fractions.largest_whole.max(value.abs());
            return;
        }
        fractions.count += 1;
        if decimals == 3 && (1.0..1000.0).contains(&value.abs()) {
            if fractions.like_thousands == 0 {
                fractions.first = self.cells.len();
            }
            fractions.like_thousands += 1;
        }
    }

    fn spell(&mut self, cell: &[u8]) {
        let Some(spelled) = &mut self.spelled else {
            return;
        };
        let text = std::str::from_utf8(cell).expect("a number is ASCII");
        let spelling = self.spellings.number(text);
        let most = match self.fractions.count {
            0 => MOST_CLASSES,
            _ => MOST_FRACTIONS,
        };
        match (spelling as usize) < most {
            true => spelled.push((self.cells.len() as u32, spelling)),
            false => {
                self.spelled = None;
                self.spellings = Texts::default();
            }
        }
    }

    /// Returns the number of distinct texts.
    pub(crate) fn texts(&self) -> usize {
        self.texts.len()
    }

    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Returns the numbers; NaN for text.
    pub(crate) fn numbers(&self) -> &[f64] {
        &self.cells
    }

    /// Returns the number of a cell's text; `None` if the cell is a number.
    pub(crate) fn text_number(&self, row: usize) -> Option<u32> {
        let cell = self.cells[row];
        cell.is_nan().then_some(cell.to_bits() as u32)
    }

    /// Returns the distinct texts of cells that are no numbers, by number, with how often each occurs.
    pub(crate) fn text_counts(&self) -> Vec<(&str, usize)> {
        let mut counts: Vec<(&str, usize)> = (0..self.texts.len() as u32)
            .map(|number| (self.texts.get(number), 0))
            .collect();
        if counts.is_empty() {
            return counts;
        }
        for cell in self.cells.iter().filter(|cell| cell.is_nan()) {
            counts[cell.to_bits() as u32 as usize].1 += 1;
        }
        counts
    }

    /// Returns the first row whose cell is the text with this number.
    pub(crate) fn first_row(&self, text: u32) -> Option<usize> {
        self.first_of(&[text])
    }

    /// Returns the first row whose cell is a text with one of these numbers.
    pub(crate) fn first_of(&self, texts: &[u32]) -> Option<usize> {
        let mut wanted = vec![false; self.texts.len()];
        texts.iter().for_each(|text| wanted[*text as usize] = true);
        let is_wanted = |cell: &f64| cell.is_nan() && wanted[cell.to_bits() as u32 as usize];
        self.cells.iter().position(is_wanted)
    }

    /// Returns the text of a cell as the file has it, except that `1.0` may be `1`, and spellings of numbers are lost
    /// where there are too many for classes.
    pub(crate) fn text(&self, row: usize) -> Cow<'_, str> {
        if let Some(number) = self.text_number(row) {
            return self.texts.get(number).into();
        }
        let spelled = self.spelled.as_ref().and_then(|spelled| {
            let at = spelled
                .binary_search_by_key(&(row as u32), |(row, _)| *row)
                .ok()?;
            Some(self.spellings.get(spelled[at].1))
        });
        match spelled {
            Some(spelling) => spelling.into(),
            None => format!("{}", self.cells[row]).into(),
        }
    }

    /// Numbers the distinct cells in order of appearance. Returns the number of each cell, and the first row of each
    /// number. Two of them may have the same [`CellColumn::text`].
    pub(crate) fn distinct(&self) -> (Vec<u32>, Vec<usize>) {
        let mut firsts = Vec::new();
        let mut add = |row: usize| {
            firsts.push(row);
            firsts.len() as u32 - 1
        };
        let mut of_texts = vec![None; self.texts.len()];
        let mut of_spellings = vec![None; self.spellings.len()];
        let mut of_numbers = HashMap::new();
        // Most columns that are numbered have few distinct numbers.
        let mut lately = [(f64::NAN.to_bits(), 0); LATELY];
        let mut spelled = self.spelled.iter().flatten().copied().peekable();
        let number = |(row, cell): (usize, &f64)| {
            let bits = cell.to_bits();
            if cell.is_nan() {
                return *of_texts[bits as u32 as usize].get_or_insert_with(|| add(row));
            }
            if let Some((_, spelling)) = spelled.next_if(|(at, _)| *at as usize == row) {
                return *of_spellings[spelling as usize].get_or_insert_with(|| add(row));
            }
            let slot = &mut lately[(bits.wrapping_mul(MIX) >> (64 - LATELY.ilog2())) as usize];
            if slot.0 != bits {
                *slot = (bits, *of_numbers.entry(bits).or_insert_with(|| add(row)));
            }
            slot.1
        };
        let numbers = self.cells.iter().enumerate().map(number).collect();
        (numbers, firsts)
    }

    /// Whether the numbers are whole, and some begin with 0.
    pub(crate) fn has_codes(&self) -> bool {
        self.codes > 0 && self.fractions.count == 0
    }

    /// Turns the cells into numbers: a text into the one that `texts` has for it.
    pub(crate) fn into_numbers(mut self, texts: &[f64]) -> Vec<f64> {
        if texts.is_empty() {
            return self.cells;
        }
        for cell in self.cells.iter_mut().filter(|cell| cell.is_nan()) {
            *cell = texts[cell.to_bits() as u32 as usize];
        }
        self.cells
    }

    /// Turns the cells into times: a text into the one that `texts` has for it, a number into what `of_number` makes of it.
    pub(crate) fn into_times(mut self, texts: &[f64], of_number: impl Fn(f64) -> f64) -> Vec<f64> {
        for cell in &mut self.cells {
            *cell = match cell.is_nan() {
                true => texts[cell.to_bits() as u32 as usize],
                false => of_number(*cell),
            };
        }
        self.cells
    }

    /// Removes the rows that are not kept.
    pub(crate) fn retain(&mut self, keep: &[bool]) {
        let mut kept = keep.iter();
        self.cells.retain(|_| *kept.next().unwrap_or(&true));
        if let Some(spelled) = &mut self.spelled {
            let mut places = Vec::with_capacity(keep.len());
            let mut next = 0u32;
            for keep in keep {
                places.push(next);
                next += u32::from(*keep);
            }
            spelled.retain(|(row, _)| keep[*row as usize]);
            let moved = spelled.iter_mut();
            moved.for_each(|(row, _)| *row = places[*row as usize]);
        }
    }

    /// Returns about how many bytes the texts take.
    pub(crate) fn text_bytes(&self) -> usize {
        let spelled = self.spelled.as_ref().map_or(0, |spelled| 8 * spelled.len());
        self.texts.bytes() + self.spellings.bytes() + spelled
    }
}

/// Whether a cell is a whole number that begins with 0.
fn is_code(cell: &[u8]) -> bool {
    matches!(cell, [b'0', b'0'..=b'9', ..]) && cell.iter().all(u8::is_ascii_digit)
}
