//! What was found against the reference.

use super::case::{CANARY, Case, Tensors, index, on_cpu};
use crate::plan::Extent;

/// Up to here a bound is for what is lost of numbers that are below the normal ones.
const FLUSHED: f64 = 2.0 * f32::MIN_POSITIVE as f64;

/// How far what was found is from its reference: of the element that uses the largest share of its bound.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Worst {
    /// The error, 0 where all elements are exact.
    pub error: f64,
    /// What it may be; 0 where there is no error.
    pub bound: f64,
}

impl Worst {
    /// The part of the bound that the error uses.
    pub fn share(&self) -> f64 {
        match self.error == 0.0 {
            true => 0.0,
            false => self.error / self.bound,
        }
    }

    /// The one with the larger share.
    pub fn max(self, other: Worst) -> Worst {
        match other.share() > self.share() {
            true => other,
            false => self,
        }
    }
}

impl Case {
    /// Holds `found`, the tensors after the case's calls, against the f64 twin.
    ///
    /// # Errors
    /// What is wrong, in words: an element beyond its bound, a row that was not written, or one that should not have been.
    pub fn judge(&self, found: &Tensors<f32>) -> Result<Worst, String> {
        self.written(found)?;
        let (before, after) = (self.before(), on_cpu(self).map_err(|why| why.to_string())?);
        self.compare(found, &after, &(self.bound)(self, &before, &after))
    }

    /// That each row of the step was written, and no other: what the twin does is not the measure of it.
    fn written(&self, found: &Tensors<f32>) -> Result<(), String> {
        for slice in self.calls.iter().flat_map(|call| &call.writes) {
            let k = index(slice);
            let Extent::Batch { width } = self.tensors[k].extent else {
                continue;
            };
            let rows = self.tensors[k]
                .values
                .chunks(width)
                .zip(found[k].chunks(width));
            for (n, (before, after)) in rows.enumerate() {
                let mut values = before.iter().zip(after);
                let wrong = match n < self.step.rows as usize {
                    true => values
                        .any(|(old, new)| old.is_nan() && new.is_nan())
                        .then_some("is not written, or with NaN"),
                    false => values
                        .any(|(_, new)| *new != CANARY)
                        .then_some("was written, and is beyond the step's rows"),
                };
                if let Some(wrong) = wrong {
                    let slot = self.slot(k, n * width);
                    return Err(format!("row {n}, from {slot} on, {wrong}"));
                }
            }
        }
        Ok(())
    }

    fn compare(
        &self,
        found: &Tensors<f32>,
        reference: &Tensors<f64>,
        bounds: &Tensors<f64>,
    ) -> Result<Worst, String> {
        let mut worst = Worst::default();
        for (k, (found, reference)) in found.iter().zip(reference).enumerate() {
            for (i, (found, reference)) in found.iter().zip(reference).enumerate() {
                let (value, bound) = (f64::from(*found), bounds[k][i]);
                let error = (value - reference).abs();
                let same = value == *reference || (value.is_nan() && reference.is_nan());
                if !same && !within(error, bound) {
                    let (slot, given) = (self.slot(k, i), self.given(k, i));
                    return Err(format!(
                        "{slot} is {found:e}, not {reference:e}: error {error:.2e}, bound {bound:.2e}{given}"
                    ));
                }
                // What may be flushed to zero uses all of its bound, and tells nothing.
                if !same && bound > FLUSHED {
                    worst = worst.max(Worst { error, bound });
                }
            }
        }
        Ok(worst)
    }

    /// What element `i` of tensor `k` is to the kernel.
    fn slot(&self, k: usize, i: usize) -> String {
        for call in &self.calls {
            let kernel = call.kernel;
            let writes = kernel.writes.iter().zip(&call.writes);
            for (name, slice) in writes.chain(kernel.reads.iter().zip(&call.reads)) {
                let range = self.range(slice);
                if index(slice) == k && range.contains(&i) {
                    return format!("{name}[{}]", i - range.start);
                }
            }
        }
        format!("element {i} of buffer {k}, which no call names,")
    }

    /// What the kernel's first slice holds in the row of element `i` of tensor `k`, where that is little.
    fn given(&self, k: usize, i: usize) -> String {
        let (name, slice) = (self.kernel().reads[0], &self.calls[0].reads[0]);
        let extents = [index(slice), k].map(|k| &self.tensors[k].extent);
        match extents {
            [Extent::Batch { width: few @ ..=4 }, Extent::Batch { width }] => {
                let row = self.tensors[index(slice)]
                    .values
                    .chunks(*few)
                    .nth(i / width);
                format!("; {name} is {:?} there", row.unwrap_or_default())
            }
            _ => String::new(),
        }
    }
}

/// Whether `error` is a number, and no more than `bound`.
pub fn within(error: f64, bound: f64) -> bool {
    error <= bound
}
