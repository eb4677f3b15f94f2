//! The lines of the rows of a file.

/// The line of each row, or its number where rows share a line. Stores only the rows that do not follow on the line
/// after the row above.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    starts: Vec<(usize, u64)>,
    are_rows: bool,
}

impl Lines {
    /// Says on which line `row` is. Rows come in order.
    pub(crate) fn push(&mut self, row: usize, line: u64) {
        let last = self.starts.last();
        let follows = last.map(|(first, at)| at + (row - first) as u64);
        if follows != Some(line) {
            self.starts.push((row, line));
        }
    }

    /// Creates the numbers of rows that share lines.
    pub(crate) fn rows() -> Lines {
        Lines {
            starts: vec![(0, 1)],
            are_rows: true,
        }
    }

    /// Returns whether these are numbers of rows, from 1.
    pub fn are_rows(&self) -> bool {
        self.are_rows
    }

    /// What the numbers count: `line` or `row`.
    pub fn what(&self) -> &'static str {
        match self.are_rows || self.starts.is_empty() {
            true => "row",
            false => "line",
        }
    }

    /// Returns the lines of the rows that `keep` keeps, out of `rows`.
    pub(crate) fn filtered(&self, rows: usize, keep: impl Fn(usize) -> bool) -> Lines {
        let kept = (0..rows).filter(|row| keep(*row));
        self.selected(kept)
    }

    /// Returns the lines of some rows.
    pub(crate) fn selected(&self, rows: impl Iterator<Item = usize>) -> Lines {
        let lines: Lines = rows.map(|row| self.of(row)).collect();
        Lines {
            are_rows: self.are_rows,
            ..lines
        }
    }

    /// Returns the line of a row, from 1; 0 if there are no lines.
    pub fn of(&self, row: usize) -> u64 {
        let after = self.starts.partition_point(|(first, _)| *first <= row);
        match after.checked_sub(1).map(|at| self.starts[at]) {
            Some((first, line)) => line + (row - first) as u64,
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
