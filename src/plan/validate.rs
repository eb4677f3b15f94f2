//! Checks plans and steps before they run. The CPU and the device and workgroup families rely on it: they do not check
//! each access. In the lane family the host picks the rows.

use super::{Extent, Plan};
use crate::Error;
use crate::kernels::{Call, Role, Slice, Step, Targets};

impl Plan {
    /// Checks that every call stays inside its tensors, for a data set of `data` rows.
    ///
    /// # Errors
    /// If the plan has no room for a row; or if a call names a buffer or tensor that does not exist, has too few
    /// arguments or slices, needs longer tensors, or writes what it reads or writes in another slot.
    pub fn check(&self, data: usize) -> Result<(), Error> {
        if self.widest() == 0 || data == 0 {
            return Err(wrong("batch and data set: expected at least one row"));
        }
        let lists = [
            &self.gather,
            &self.gradient,
            &self.update,
            &self.evaluate,
            &self.predict,
        ];
        let mut calls = lists.into_iter().flatten();
        calls.try_for_each(|call| self.check_call(call, data))
    }

    fn check_call(&self, call: &Call, data: usize) -> Result<(), Error> {
        let (kernel, name) = (call.kernel, call.kernel.name);
        let fits = [
            (kernel.args.len(), call.args.len()),
            (kernel.reads.len(), call.reads.len()),
            (kernel.writes.len(), call.writes.len()),
        ];
        // Without momentum, sgd and rmsprop have no velocity.
        let may_lack_one = matches!(kernel.role, Role::Sgd | Role::Rmsprop);
        let optional = usize::from(may_lack_one && call.args.first() == Some(&0));
        if fits[..2].iter().any(|(expected, found)| expected != found)
            || !(fits[2].0 - optional..=fits[2].0).contains(&fits[2].1)
        {
            return Err(wrong(&format!(
                "{name}: expected {:?} arguments, reads and writes, found {:?}",
                fits.map(|(expected, _)| expected),
                fits.map(|(_, found)| found)
            )));
        }
        let slices = || call.reads.iter().chain(&call.writes);
        let lengths = slices().map(|slice| self.len(slice, data));
        let lengths = lengths.collect::<Result<Vec<usize>, Error>>()?;
        let updated = lengths[call.reads.len()];
        let needed = needed(call, self.widest(), data, updated);
        for ((slice, found), expected) in slices().zip(&lengths).zip(needed) {
            if *found < expected {
                return Err(wrong(&format!(
                    "{name}: {slice:?}: expected at least {expected} elements, found {found}"
                )));
            }
        }
        for (k, written) in call.writes.iter().enumerate() {
            let mut others = call.reads.iter().chain(&call.writes[..k]);
            if others.any(|other| other.overlaps(written)) {
                return Err(wrong(&format!("{name}: {written:?} is used twice")));
            }
        }
        Ok(())
    }

    /// Returns the number of elements of a slice.
    fn len(&self, slice: &Slice, data: usize) -> Result<usize, Error> {
        let found = self.buffers.iter().find(|(name, _)| *name == slice.buffer);
        let tensors = match found.map(|(_, extent)| extent) {
            Some(Extent::Tensors(lengths)) => &lengths[..],
            Some(Extent::Batch { width }) => &[width * self.widest()],
            Some(Extent::Data { width }) => &[width * data],
            None => &[],
        };
        match tensors.get(slice.tensors.clone()) {
            Some(tensors) if !tensors.is_empty() => Ok(tensors.iter().sum()),
            _ => Err(wrong(&format!("it has no {slice:?}"))),
        }
    }
}

/// Returns the elements that each slot of a call needs: what it reads, then what it writes. N rows in the batch, I inputs
/// and O outputs of a layer, P parameters.
fn needed(call: &Call, n: usize, data: usize, p: usize) -> Vec<usize> {
    let arg = |k: usize| call.args[k] as usize;
    match call.kernel.role {
        Role::Gather => vec![data * arg(0), data * arg(1), n * arg(0), n * arg(1)],
        Role::Forward => {
            let [i, o] = [arg(0), arg(1)];
            vec![n * i, i * o, o, n * o]
        }
        Role::Loss => {
            let layout = Targets::from_arg(call.args[call.args.len() - 1]);
            let o = arg(0);
            vec![n * o, n * layout.width(o), n * o, n]
        }
        Role::Correct => vec![n * arg(0), n * arg(1), n],
        Role::Activation | Role::Dropout => vec![n * arg(0); call.reads.len() + 1],
        Role::WeightGradient | Role::FusedSgd => {
            let [i, o] = [arg(0), arg(1)];
            vec![n * o, n * i, i * o, o]
        }
        Role::InputGradient => {
            let [i, o] = [arg(0), arg(1)];
            vec![n * o, i * o, n * i, n * i]
        }
        Role::Clip => match call.kernel.name {
            "square_sums" => vec![arg(0), arg(1)],
            "clip_factor" => vec![arg(0), 1],
            _ => vec![1, p],
        },
        Role::Sgd | Role::Adam | Role::Rmsprop | Role::Lion => {
            vec![p; call.reads.len() + call.writes.len()]
        }
    }
}

/// Checks that steps take at most `rows` rows, all of them from a data set of `data` rows.
///
/// # Errors
/// If one does not.
pub(crate) fn check_steps(steps: &[Step], rows: usize, data: usize) -> Result<(), Error> {
    let fits = |step: &&Step| {
        let [first, start, taken, count] =
            [step.first, step.start, step.rows, step.count].map(|n| n as usize);
        // In the data set's order, the rows of the step are all that matters: a window may hold no others.
        let inside = match step.shuffle {
            0 => first + start + taken <= data,
            _ => start + taken <= count && first + count <= data,
        };
        taken == 0 || taken <= rows && inside
    };
    match steps.iter().find(|step| !fits(step)) {
        None => Ok(()),
        Some(step) => Err(wrong(&format!(
            "a step of rows {}..{} of {} rows from row {} on: expected at most {rows} of the {data} rows of the data set",
            step.start,
            u64::from(step.start) + u64::from(step.rows),
            step.count,
            step.first
        ))),
    }
}

fn wrong(what: &str) -> Error {
    Error::Config(format!("plan: {what}"))
}
