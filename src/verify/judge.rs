//! What was found against the reference.

use super::case::{CANARY, Case, Tensors, index, on_cpu};
use crate::Error;
use crate::plan::Extent;

/// Up to here a bound is for what is lost of numbers that are below the normal ones.
const FLUSHED: f64 = 3.0 * f32::MIN_POSITIVE as f64;

/// How far what was found is from its reference: of the element that uses the largest share of its bound.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Worst {
    /// The error, 0 where all elements are exact.
    pub error: f64,
    /// What it may be; 0 where there is no error.
    pub bound: f64,
}

impl Worst {
    /// The part of the bound that the error uses; more than 1, or not finite, where an element is wrong.
    pub fn share(&self) -> f64 {
        match self.error / self.bound {
            _ if self.error == 0.0 => 0.0,
            share if share.is_nan() => f64::INFINITY,
            share => share,
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

/// What a case came to.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// The worst element, of wrong ones too.
    pub worst: Worst,
    /// What is wrong.
    pub wrong: Option<Wrong>,
}

/// What is wrong with a case.
#[derive(Clone, Debug)]
pub struct Wrong {
    /// In words.
    pub what: String,
    /// The first element beyond its bound.
    pub element: Option<Element>,
}

/// An element, and what it should be.
#[derive(Clone, Debug)]
pub struct Element {
    /// Where it is: a name of the kernel's slices.
    pub name: String,
    /// Its number there.
    pub index: usize,
    /// What was found.
    pub value: f32,
    /// What it should be.
    pub reference: f64,
    /// How far off it may be.
    pub bound: f64,
}

impl Element {
    /// How far off it is; infinite where that is no number.
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
    /// The worst element, if nothing is wrong; what is, in words, otherwise.
    pub fn sound(self) -> Result<Worst, String> {
        match self.wrong {
            None => Ok(self.worst),
            Some(wrong) => Err(wrong.what),
        }
    }

    /// The verdict with this wrong too, if nothing was before.
    pub(super) fn or_wrong(mut self, what: Option<String>) -> Verdict {
        let element = None;
        self.wrong = self.wrong.or(what.map(|what| Wrong { what, element }));
        self
    }
}

/// How far `value` is from `reference`: 0 if both are the same, NaN included, and infinite if only one is a number.
fn error(value: f64, reference: f64) -> f64 {
    let same = value == reference || (value.is_nan() && reference.is_nan());
    match (value - reference).abs() {
        _ if same => 0.0,
        off if off.is_nan() => f64::INFINITY,
        off => off,
    }
}

/// Holds elements against their references and bounds; the first that is wrong is named by `name`.
pub fn compare(
    elements: impl Iterator<Item = (f32, f64, f64)>,
    name: impl Fn(usize) -> (String, usize, String),
) -> Verdict {
    let (mut verdict, mut first, mut wrong, mut all) = (Verdict::default(), None, 0, 0);
    for (i, (value, reference, bound)) in elements.enumerate() {
        let error = error(f64::from(value), reference);
        // Where canaries are read, a bound may be NaN.
        let is_wrong = error > 0.0 && !(error.is_finite() && within(error, bound));
        // What may be flushed to zero uses all of its bound, and tells nothing.
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
    /// Holds `found`, the tensors after the case's calls, against the f64 twin: wrong are elements beyond their bounds, rows that
    /// were not written, and those that should not have been.
    ///
    /// # Errors
    /// If the twin cannot be run.
    pub fn judge(&self, found: &Tensors<f32>) -> Result<Verdict, Error> {
        let (before, after) = (self.before(), on_cpu(self)?);
        let bounds = (self.bound)(self, &before, &after);
        let lens = found.iter().map(Vec::len);
        let places: Vec<(usize, usize)> = lens
            .enumerate()
            .flat_map(|(k, len)| (0..len).map(move |i| (k, i)))
            .collect();
        let elements = places
            .iter()
            .map(|&(k, i)| (found[k][i], after[k][i], bounds[k][i]));
        let verdict = compare(elements, |i| {
            let (k, i) = places[i];
            let (name, index) = self.slot(k, i);
            (name, index, self.given(k, i))
        });
        Ok(verdict.or_wrong(self.unwritten(found)))
    }

    /// A row of the step that was not written, or one beyond it that was: what the twin does is not the measure of it.
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

    /// What element `i` of tensor `k` is to the kernel.
    fn slot(&self, k: usize, i: usize) -> (String, usize) {
        for call in &self.calls {
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
