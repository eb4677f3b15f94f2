//! Views of matrices in borrowed memory: dense, transposed, or with rows at arbitrary positions.

/// A view of a matrix in borrowed memory.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, T> {
    pub(super) values: &'a [T],
    pub(super) row: Side<'a>,
    pub(super) column: Side<'a>,
}

/// The rows or the columns of a matrix: their number and their positions in memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'a> {
    pub(super) first: usize,
    pub(super) count: usize,
    pub(super) stride: usize,
    /// The position of each row (or column), if they are not evenly spaced.
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

    /// Returns the offset of row (or column) `index` in memory.
    #[inline(always)]
    pub(super) fn at(&self, index: usize) -> usize {
        let index = self.first + index;
        self.stride * self.places.map_or(index, |places| places[index] as usize)
    }

    /// Returns whether consecutive rows (or columns) are adjacent in memory.
    pub(super) fn is_dense(&self) -> bool {
        self.stride == 1 && self.places.is_none()
    }

    /// Returns the largest offset of any row (or column).
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
    /// Returns a view of the first `rows` rows of a row-major matrix (at least `rows`, `columns`).
    ///
    /// # Panics
    /// If `values` is shorter than `rows * columns`.
    pub fn new(values: &'a [T], rows: usize, columns: usize) -> Matrix<'a, T> {
        Matrix {
            values: &values[..rows * columns],
            row: Side::new(rows, columns),
            column: Side::new(columns, 1),
        }
    }

    /// Returns a view of some rows of a row-major matrix with `columns` columns: the rows at `places`, in that order.
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

    /// Returns the transposed matrix.
    pub fn transposed(self) -> Matrix<'a, T> {
        Matrix {
            row: self.column,
            column: self.row,
            ..self
        }
    }

    /// Returns a view of the rows `start..end`.
    ///
    /// # Panics
    /// If the matrix has fewer than `end` rows, or `start` is above `end`.
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

    #[inline(always)]
    pub fn at(&self, row: usize, column: usize) -> T {
        self.values[self.row.at(row) + self.column.at(column)]
    }

    /// Returns whether all elements lie within `values`.
    pub fn is_inside(&self) -> bool {
        let empty = self.row.count * self.column.count == 0;
        empty || self.row.last() + self.column.last() < self.values.len()
    }
}

/// The initial value of the sums of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Zero. The product overwrites the output.
    Zero,
    /// The present value. The product is added to the output.
    Present,
}
