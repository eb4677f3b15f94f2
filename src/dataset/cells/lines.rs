//! The lines of the rows of a file.

/// The line of each row. Stores only the rows that do not follow on the line after the row above.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines(Vec<(usize, u64)>);

impl Lines {
    /// Says on which line `row` is. Rows come in order.
    pub(crate) fn push(&mut self, row: usize, line: u64) {
        let follows = self.0.last().map(|(first, at)| at + (row - first) as u64);
        if follows != Some(line) {
            self.0.push((row, line));
        }
    }

    /// Returns the lines of the rows that `keep` keeps, out of `rows`.
    pub(crate) fn filtered(&self, rows: usize, keep: impl Fn(usize) -> bool) -> Lines {
        (0..rows)
            .filter(|row| keep(*row))
            .map(|row| self.of(row))
            .collect()
    }

    /// Returns the line of a row, from 1; 0 if there are no lines.
    pub fn of(&self, row: usize) -> u64 {
        let after = self.0.partition_point(|(first, _)| *first <= row);
        match after.checked_sub(1) {
            Some(at) => self.0[at].1 + (row - self.0[at].0) as u64,
            None => 0,
        }
    }
}

impl FromIterator<u64> for Lines {
    fn from_iter<I: IntoIterator<Item = u64>>(lines: I) -> Lines {
        let mut all = Lines::default();
        lines
            .into_iter()
            .enumerate()
            .for_each(|(row, line)| all.push(row, line));
        all
    }
}
