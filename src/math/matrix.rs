//! A matrix in memory that belongs to something else: dense, transposed, or rows at any places.

/// A matrix in somebody else's memory.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, T> {
    pub(super) values: &'a [T],
    pub(super) row: Side<'a>,
    pub(super) column: Side<'a>,
}

/// The rows of a matrix, or its columns: how many there are, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'a> {
    pub(super) first: usize,
    pub(super) count: usize,
    pub(super) stride: usize,
    /// The place of each, if they do not follow one another.
    pub(super) places: Option<&'a [u32]>,
}

impl Side<'_> {
    pub(super) fn new(count: usize, stride: usize) -> Side<'static> {
        Side {
            first: 0,
            count,
            stride,
            places: None,
        }
    }

    /// Where one of them begins.
    #[inline(always)]
    pub(super) fn at(&self, index: usize) -> usize {
        let index = self.first + index;
        self.stride * self.places.map_or(index, |places| places[index] as usize)
    }

    /// Whether they are neighbours in memory.
    pub(super) fn is_dense(&self) -> bool {
        self.stride == 1 && self.places.is_none()
    }

    /// Where the last one in memory begins.
    pub(super) fn last(&self) -> usize {
        let last = self.first + self.count.saturating_sub(1);
        let places = self
            .places
            .map(|places| &places[self.first..][..self.count]);
        let place = |places: &[u32]| places.iter().max().map_or(0, |place| *place as usize);
        self.stride * places.map_or(last, place)
    }
}

impl<'a, T: Copy> Matrix<'a, T> {
    /// The first `rows` rows of a row-major matrix (at least `rows`, `columns`).
    ///
    /// # Panics
    /// If `values` is shorter than that.
    pub fn new(values: &'a [T], rows: usize, columns: usize) -> Matrix<'a, T> {
        Matrix {
            values: &values[..rows * columns],
            row: Side::new(rows, columns),
            column: Side::new(columns, 1),
        }
    }

    /// Rows of a row-major matrix with so many `columns`: those at `places`, in that order.
    pub fn of_rows(values: &'a [T], places: &'a [u32], columns: usize) -> Matrix<'a, T> {
        Matrix {
            values,
            row: Side {
                places: Some(places),
                ..Side::new(places.len(), columns)
            },
            column: Side::new(columns, 1),
        }
    }

    /// The same matrix, with rows for columns.
    pub fn transposed(self) -> Matrix<'a, T> {
        Matrix {
            row: self.column,
            column: self.row,
            ..self
        }
    }

    /// Its rows `start..end`.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn rows(self, start: usize, end: usize) -> Matrix<'a, T> {
        assert!(start <= end && end <= self.row.count, "rows of a matrix");
        Matrix {
            row: Side {
                first: self.row.first + start,
                count: end - start,
                ..self.row
            },
            ..self
        }
    }

    /// How many rows it has.
    pub(crate) fn rows_count(&self) -> usize {
        self.row.count
    }

    /// How many columns it has.
    pub(crate) fn columns(&self) -> usize {
        self.column.count
    }

    #[inline(always)]
    pub fn at(&self, row: usize, column: usize) -> T {
        self.values[self.row.at(row) + self.column.at(column)]
    }

    /// Whether all elements lie within the memory.
    pub fn is_inside(&self) -> bool {
        let empty = self.row.count * self.column.count == 0;
        empty || self.row.last() + self.column.last() < self.values.len()
    }
}

/// What the sums of a product start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Zero: what was in the memory is overwritten.
    Zero,
    /// What is there.
    Present,
}
