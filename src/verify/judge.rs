//! Compares results with the reference.

use super::case::{CANARY, Case, Tensors, index, on_cpu};
use crate::Error;
use crate::plan::Extent;

/// Bounds up to this size only allow subnormal numbers to be flushed to zero.
const FLUSHED: f64 = 3.0 * f32::MIN_POSITIVE as f64;

/// The error of the element with the largest share of its bound.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Worst {
    /// The error; 0 if all elements are exact.
    pub error: f64,
    /// The element's bound; 0 if there is no error.
    pub bound: f64,
}

impl Worst {
    /// Returns the error as a share of the bound. Above 1 or not finite if an element is wrong.
    pub fn share(&self) -> f64 {
        match self.error / self.bound {
            _ if self.error == 0.0 => 0.0,
            share if share.is_nan() => f64::INFINITY,
            share => share,
        }
    }

    /// Returns the one with the larger share.
    pub fn max(self, other: Worst) -> Worst {
        match other.share() > self.share() {
            true => other,
            false => self,
        }
    }
}

/// The verdict on a case.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// The worst element, whether wrong or not.
    pub worst: Worst,
    /// The first error found.
    pub wrong: Option<Wrong>,
}

/// An error in a case.
#[derive(Clone, Debug)]
pub struct Wrong {
    /// Description.
    pub what: String,
    /// The first element beyond its bound.
    pub element: Option<Element>,
}

/// An element with its expected value.
#[derive(Clone, Debug)]
pub struct Element {
    /// Name of the slice that contains it.
    pub name: String,
    /// Index in the slice.
    pub index: usize,
    /// Actual value.
    pub value: f32,
    /// Expected value.
    pub reference: f64,
    /// Error bound.
    pub bound: f64,
}

impl Element {
    /// Returns the error; infinite if it is not a number.
    pub fn error(&self) -> f64 {
        error(f64::from(self.value), self.reference)
    }
}

impl std::fmt::Display for Element {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let Element {
            name,
            index,
            value,
            reference,
            bound,
        } = self;
        let error = self.error();
        write!(
            f,
            "{name}[{index}] is {value:?}, not {reference:?}: error {error:.2e}, bound {bound:.2e}"
        )
    }
}

impl Verdict {
    /// Returns the worst element, or else a description of what is wrong.
    pub fn sound(self) -> Result<Worst, String> {
        match self.wrong {
            None => Ok(self.worst),
            Some(wrong) => Err(wrong.what),
        }
    }

    /// Adds an error, unless there is one already.
    pub(super) fn or_wrong(mut self, what: Option<String>) -> Verdict {
        let element = None;
        self.wrong = self.wrong.or(what.map(|what| Wrong { what, element }));
        self
    }
}

/// Returns the distance of `value` from `reference`: 0 if they are equal or both NaN, infinite if only one is NaN.
fn error(value: f64, reference: f64) -> f64 {
    let same = value == reference || (value.is_nan() && reference.is_nan());
    match (value - reference).abs() {
        _ if same => 0.0,
        off if off.is_nan() => f64::INFINITY,
        off => off,
    }
}

/// Whether a value is infinite because the reference, with the error that it may have, is beyond f32.
fn overflows(value: f32, reference: f64, bound: f64) -> bool {
    let farthest = reference + bound.copysign(reference);
    value.is_infinite() && reference.is_finite() && farthest as f32 == value
}

/// Compares elements with their references and bounds. `name` describes the first wrong one.
pub fn compare(
    elements: impl Iterator<Item = (f32, f64, f64)>,
    name: impl Fn(usize) -> (String, usize, String),
) -> Verdict {
    let (mut verdict, mut first, mut wrong, mut all) = (Verdict::default(), None, 0, 0);
    for (i, (value, reference, bound)) in elements.enumerate() {
        let error = match overflows(value, reference, bound) {
            true => 0.0,
            false => error(f64::from(value), reference),
        };
        // If canaries are read, a bound may be NaN.
        let is_wrong = error > 0.0 && !(error.is_finite() && within(error, bound));
        // A value that may be flushed to zero uses its whole bound, so it says nothing about precision.
        if error > 0.0 && (is_wrong || bound > FLUSHED) {
            verdict.worst = verdict.worst.max(Worst { error, bound });
        }
        if is_wrong {
            first.get_or_insert((i, value, reference, bound));
            wrong += 1;
        }
        all += 1;
    }
    verdict.wrong = first.map(|(i, value, reference, bound)| {
        let (name, index, more) = name(i);
        let element = Element {
            name,
            index,
            value,
            reference,
            bound,
        };
        Wrong {
            what: format!("{element}{more}; {wrong} of {all} elements are wrong"),
            element: Some(element),
        }
    });
    verdict
}

impl Case {
    /// Compares `found`, the tensors after the case's calls, with the f64 twin. Reports elements beyond their bounds,
    /// rows that were not written, and writes out of bounds.
    ///
    /// # Errors
    /// Returns an error if the twin cannot be run.
    pub fn judge(&self, found: &Tensors<f32>) -> Result<Verdict, Error> {
        let (before, after) = (self.before(), on_cpu(self)?);
        let bounds = (self.bound)(self, &before, &after);
        let elements = found.iter().zip(&after).zip(&bounds);
        let elements = elements.flat_map(|((found, after), bounds)| {
            let each = found.iter().zip(after).zip(bounds);
            each.map(|((found, after), bound)| (*found, *after, *bound))
        });
        let verdict = compare(elements, |mut i| {
            let mut tensors = found.iter().take_while(|tensor| {
                let is_before = i >= tensor.len();
                i -= if is_before { tensor.len() } else { 0 };
                is_before
            });
            let k = tensors.by_ref().count();
            let (name, index) = self.slot(k, i);
            (name, index, self.given(k, i))
        });
        Ok(verdict.or_wrong(self.unwritten(found)))
    }

    /// Describes a row of the step that was not written, or a row beyond it that was. Does not depend on the twin.
    fn unwritten(&self, found: &Tensors<f32>) -> Option<String> {
        for slice in self.calls.iter().flat_map(|call| &call.writes) {
            let k = index(slice);
            let Extent::Batch { width } = self.tensors[k].extent else {
                continue;
            };
            let before = self.tensors[k].values.chunks(width);
            for (n, (before, after)) in before.zip(found[k].chunks(width)).enumerate() {
                let mut values = before.iter().zip(after);
                let wrong = match n < self.step.rows as usize {
                    true => values.any(|(old, new)| old.is_nan() && new.is_nan()),
                    false => values.any(|(_, new)| *new != CANARY),
                };
                if wrong {
                    let (name, first) = self.slot(k, n * width);
                    let what = match n < self.step.rows as usize {
                        true => "is not written, or with NaN",
                        false => "is beyond the step's rows, and was written",
                    };
                    return Some(format!("row {n}, from {name}[{first}] on, {what}"));
                }
            }
        }
        None
    }

    /// Returns the kernel's name for element `i` of tensor `k`, and its index there.
    fn slot(&self, k: usize, i: usize) -> (String, usize) {
        for call in self.all_calls() {
            let kernel = call.kernel;
            let writes = kernel.writes.iter().zip(&call.writes);
            for (name, slice) in writes.chain(kernel.reads.iter().zip(&call.reads)) {
                let range = self.range(slice);
                if index(slice) == k && range.contains(&i) {
                    return ((*name).to_owned(), i - range.start);
                }
            }
        }
        (format!("what no call names, buffer {k}"), i)
    }

    /// Describes the row of the kernel's first slice that belongs to element `i` of tensor `k`, if it is short.
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

/// Whether `error` is a number, and at most `bound`.
pub fn within(error: f64, bound: f64) -> bool {
    error <= bound
}
