//! Random numbers and sizes for cases.

use crate::math::{Random, Stream};

/// The kind of numbers in a case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Numbers {
    /// Integers of at most 8: sums and products are exact, in any order.
    Integers,
    /// Normally distributed, mean zero: the errors of a sum nearly cancel, so a tight bound holds.
    Reals,
}

/// The sizes of a case.
#[derive(Clone, Copy, Debug)]
pub struct LayerShape {
    /// Maximum number of rows.
    pub batch: usize,
    /// Number of rows of the step.
    pub rows: usize,
    /// Inputs, I.
    pub inputs: usize,
    /// Outputs, O.
    pub outputs: usize,
}

/// Creates a shape.
pub const fn shape(batch: usize, rows: usize, inputs: usize, outputs: usize) -> LayerShape {
    LayerShape {
        batch,
        rows,
        inputs,
        outputs,
    }
}

/// Sizes of 1, primes, and one below, equal to and one above a tile. None is symmetric; batches are full and short.
/// Shapes with I a multiple of 4 are for variants that load vectors.
/// The last one has more inputs, classes and weights than a shader may count in 10, 8 and 16 bits.
pub const SHAPES: [LayerShape; 18] = [
    shape(1, 1, 1, 1),
    shape(2, 1, 1, 3),
    shape(3, 2, 5, 7),
    shape(8, 7, 3, 13),
    shape(13, 13, 17, 5),
    shape(31, 31, 13, 17),
    shape(64, 63, 63, 5),
    shape(64, 64, 2, 65),
    shape(65, 64, 65, 31),
    shape(130, 65, 64, 63),
    shape(7, 5, 4, 8),
    shape(16, 16, 8, 31),
    shape(65, 33, 20, 65),
    shape(65, 65, 128, 17),
    shape(40, 33, 28, 32),
    shape(40, 31, 32, 33),
    shape(132, 131, 68, 130),
    shape(3, 2, 1029, 300),
];

/// Sets some values to 0, where the slope of a rectifier changes.
pub(super) fn with_zeros(mut values: Vec<f32>) -> Vec<f32> {
    values.iter_mut().step_by(7).for_each(|value| *value = 0.0);
    values
}

/// A generator of numbers for the tensors of a case.
pub struct Draw {
    random: Random,
    next: u32,
    /// The kind of numbers.
    pub numbers: Numbers,
}

impl Draw {
    /// Creates a generator from a seed.
    pub fn new(numbers: Numbers, seed: usize) -> Draw {
        Draw {
            random: Random::new(seed as u64, Stream::Data, numbers as u32),
            next: 0,
            numbers,
        }
    }

    /// Returns `len` integers, or reals with standard deviation `scale`.
    pub fn take(&mut self, len: usize, scale: f64) -> Vec<f32> {
        let one = |i| match self.numbers {
            Numbers::Integers => (self.random.bits(i) % 17) as f32 - 8.0,
            Numbers::Reals => (scale * self.random.normal(i)) as f32,
        };
        let values = (self.next..).take(len).map(one).collect();
        self.next += len as u32;
        values
    }

    /// Returns `len` class numbers below `classes`.
    pub fn classes(&mut self, len: usize, classes: usize) -> Vec<f32> {
        let values = (self.next..).take(len);
        let values = values.map(|i| (self.random.bits(i) % classes as u32) as f32);
        let values = values.collect();
        self.next += len as u32;
        values
    }
}
