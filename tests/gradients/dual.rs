//! Numbers with their derivatives.

use std::ops::{Add, Div, Mul, Sub};

/// A number and its derivative with respect to one parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dual(pub(crate) f64, pub(crate) f64);

impl Add for Dual {
    type Output = Dual;
    fn add(self, b: Dual) -> Dual {
        Dual(self.0 + b.0, self.1 + b.1)
    }
}

impl Sub for Dual {
    type Output = Dual;
    fn sub(self, b: Dual) -> Dual {
        Dual(self.0 - b.0, self.1 - b.1)
    }
}

impl Mul for Dual {
    type Output = Dual;
    fn mul(self, b: Dual) -> Dual {
        Dual(self.0 * b.0, self.0 * b.1 + self.1 * b.0)
    }
}

impl Div for Dual {
    type Output = Dual;
    fn div(self, b: Dual) -> Dual {
        Dual(self.0 / b.0, (self.1 * b.0 - self.0 * b.1) / (b.0 * b.0))
    }
}

impl Dual {
    pub(crate) fn exp(self) -> Dual {
        Dual(self.0.exp(), self.0.exp() * self.1)
    }

    pub(crate) fn ln(self) -> Dual {
        Dual(self.0.ln(), self.1 / self.0)
    }
}

pub(crate) fn sum(terms: impl Iterator<Item = Dual>) -> Dual {
    terms.fold(Dual(0.0, 0.0), Add::add)
}
