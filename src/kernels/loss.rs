//! What the kernels of losses share: twin of `shaders/shared/loss.wgsl`.

use super::part::Part;
use crate::math::Real;

/// What the targets of a row are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// A class number, rather than a value for each output.
    pub classes: bool,
    /// Whether the weight of the row stands behind them.
    pub weighted: bool,
}

impl Targets {
    /// A value for each output.
    pub const VALUES: Targets = Targets {
        classes: false,
        weighted: false,
    };
    /// A class number.
    pub const CLASSES: Targets = Targets {
        classes: true,
        weighted: false,
    };

    /// Returns the argument of a kernel that stands for it.
    pub fn arg(self) -> u32 {
        u32::from(self.classes) + 2 * u32::from(self.weighted)
    }

    /// Returns what an argument stands for.
    pub fn from_arg(arg: u32) -> Targets {
        Targets {
            classes: arg & 1 != 0,
            weighted: arg & 2 != 0,
        }
    }

    /// Returns the number of columns for a network of so many outputs.
    pub fn width(self, outputs: usize) -> usize {
        self.columns(outputs) + usize::from(self.weighted)
    }

    /// Returns the number of columns without the weight.
    fn columns(self, outputs: usize) -> usize {
        if self.classes { 1 } else { outputs }
    }

    /// Returns the weight of the row whose targets are `row`.
    #[inline]
    pub(crate) fn weight<T: Real>(self, row: &[T]) -> T {
        match (self.weighted, row) {
            (true, [.., weight]) => *weight,
            _ => T::of(1.0),
        }
    }

    /// Returns the target of output `o` in the row whose targets are `row`.
    #[inline]
    pub(crate) fn wanted<T: Real>(self, row: &[T], o: usize) -> T {
        match self.classes {
            false => row[o],
            true => T::of(f64::from(u8::from(row[0].to_f64() as usize == o))),
        }
    }
}

/// Adds the error of a row to its account.
#[inline]
pub(crate) fn close_row<T: Real>(part: &Part, account: &mut T, error: T) {
    *account += error;
    if !error.is_finite() {
        part.status.forward_diverged(part.step);
    }
}
