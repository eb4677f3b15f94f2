//! Inputs of a data set before they are encoded and scaled.

/// Raw inputs, neither encoded nor scaled.
#[derive(Clone, Debug, PartialEq)]
pub enum Inputs {
    /// Rows of numbers (rows, columns) from memory. In f64, because f32 would lose small differences between large
    /// numbers, such as times.
    Numbers(Vec<f64>),
    /// Columns of a table, of any kinds, maybe with missing cells.
    Columns(Vec<InputColumn>),
    /// Pixels (rows, height x width), 0 to 255.
    Pixels(Vec<u8>),
}

/// A column to learn from.
#[derive(Clone, Debug, PartialEq)]
pub struct InputColumn {
    /// Its name.
    pub name: String,
    /// The unit of its numbers, or `%`; empty if they have none.
    pub unit: String,
    /// Its cells.
    pub values: ColumnValues,
}

/// The cells of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnValues {
    /// Numbers; NaN is missing.
    Numbers(Vec<f64>),
    /// Levels of a category, or the two of a flag: indices into `names`, or [`MISSING`].
    Levels {
        /// The level of each row.
        codes: Vec<u32>,
        /// The levels: distinct texts of the file.
        names: Vec<String>,
        /// Whether there are two, which are one input.
        is_flag: bool,
    },
    /// Dates and times.
    Times {
        /// Seconds since 1970 on the clock of the file; NaN is missing.
        values: Vec<f64>,
        /// How the file writes them, as `strftime` has it, or `iso`, `iso-partial` (with years and months among the
        /// dates), or [`DURATION`], for seconds of a duration.
        format: String,
    },
}

/// The format of durations.
pub const DURATION: &str = "duration";

/// The code of a missing level.
pub const MISSING: u32 = u32::MAX;

impl Default for Inputs {
    fn default() -> Inputs {
        Inputs::Numbers(Vec::new())
    }
}

impl From<Vec<f64>> for Inputs {
    fn from(values: Vec<f64>) -> Inputs {
        Inputs::Numbers(values)
    }
}

impl Inputs {
    /// Returns the number of cells or pixels in all rows.
    pub fn len(&self) -> usize {
        match self {
            Inputs::Numbers(values) => values.len(),
            Inputs::Columns(columns) => columns.iter().map(|column| column.values.len()).sum(),
            Inputs::Pixels(values) => values.len(),
        }
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the inputs with the cells of a column in another order. Pixels stay.
    pub(super) fn with_shuffled(&self, width: usize, column: usize, order: &[u32]) -> Inputs {
        let mut shuffled = self.clone();
        match (&mut shuffled, self) {
            (Inputs::Numbers(shuffled), Inputs::Numbers(values)) => {
                for (row, from) in shuffled.chunks_mut(width.max(1)).zip(order) {
                    row[column] = values[*from as usize * width + column];
                }
            }
            (Inputs::Columns(shuffled), Inputs::Columns(columns)) => {
                shuffled[column].values = columns[column].values.select(order);
            }
            _ => {}
        }
        shuffled
    }

    /// Returns the columns of a table if all are numbers without a unit, and none is missing.
    pub(crate) fn whole_numbers(&self) -> Option<Vec<&[f64]>> {
        let Inputs::Columns(columns) = self else {
            return None;
        };
        let numbers = columns.iter().map(|column| match &column.values {
            ColumnValues::Numbers(numbers) if column.unit.is_empty() => Some(&numbers[..]),
            _ => None,
        });
        let is_there = |numbers: &&[f64]| !numbers.iter().any(|number| number.is_nan());
        numbers.map(|numbers| numbers.filter(is_there)).collect()
    }

    /// Selects some rows, each `width` wide.
    pub(super) fn select(&self, width: usize, rows: &[u32]) -> Inputs {
        match self {
            Inputs::Numbers(values) => Inputs::Numbers(select(values, width, rows)),
            Inputs::Pixels(values) => Inputs::Pixels(select(values, width, rows)),
            Inputs::Columns(columns) => {
                let selected = |column: &InputColumn| InputColumn {
                    name: column.name.clone(),
                    unit: column.unit.clone(),
                    values: column.values.select(rows),
                };
                Inputs::Columns(columns.iter().map(selected).collect())
            }
        }
    }
}

impl ColumnValues {
    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        match self {
            ColumnValues::Numbers(values) | ColumnValues::Times { values, .. } => values.len(),
            ColumnValues::Levels { codes, .. } => codes.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the cell of a row is missing.
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            ColumnValues::Numbers(values) | ColumnValues::Times { values, .. } => {
                values[row].is_nan()
            }
            ColumnValues::Levels { codes, .. } => codes[row] == MISSING,
        }
    }

    fn select(&self, rows: &[u32]) -> ColumnValues {
        match self {
            ColumnValues::Numbers(values) => ColumnValues::Numbers(select(values, 1, rows)),
            ColumnValues::Times { values, format } => ColumnValues::Times {
                values: select(values, 1, rows),
                format: format.clone(),
            },
            ColumnValues::Levels {
                codes,
                names,
                is_flag,
            } => ColumnValues::Levels {
                codes: select(codes, 1, rows),
                names: names.clone(),
                is_flag: *is_flag,
            },
        }
    }
}

/// Selects some rows of `values` (rows, width).
pub(super) fn select<T: Copy>(values: &[T], width: usize, rows: &[u32]) -> Vec<T> {
    let mut selected = Vec::with_capacity(rows.len() * width);
    for &row in rows {
        selected.extend_from_slice(&values[row as usize * width..][..width]);
    }
    selected
}
