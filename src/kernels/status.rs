//! Where, and by what, a run left the finite numbers.

use crate::kernels::Step;

/// Where a run first left the finite numbers: `2 step + what`, the smallest wins (`shaders/shared/step.wgsl`).
#[derive(Debug)]
pub struct Status(std::sync::atomic::AtomicU32);

/// What was found not to be finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diverged {
    /// The error of a row: this step's update was not made.
    Forward {
        /// The step's number in the run.
        step: u32,
    },
    /// A parameter, after this step's update.
    Update {
        /// The step's number in the run.
        step: u32,
    },
}

impl Default for Status {
    fn default() -> Status {
        Status(u32::MAX.into())
    }
}

impl Status {
    /// The word that says that all is well.
    pub const FINE: u32 = u32::MAX;

    /// Notes that a row's error is not finite.
    pub fn forward_diverged(&self, step: &Step) {
        self.note(2 * step.index);
    }

    /// Notes that a parameter is not finite.
    pub fn update_diverged(&self, step: &Step) {
        self.note(2 * step.index + 1);
    }

    fn note(&self, word: u32) {
        self.0.fetch_min(word, std::sync::atomic::Ordering::Relaxed);
    }

    /// The status word.
    pub fn word(&self) -> u32 {
        self.0.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Whether `step` must not be updated any more.
    pub fn stopped(&self, step: &Step) -> bool {
        self.word() < 2 * step.index + 1
    }

    /// Reads a status word.
    pub fn explain(word: u32) -> Option<Diverged> {
        let step = word / 2;
        match word {
            Status::FINE => None,
            _ if word.is_multiple_of(2) => Some(Diverged::Forward { step }),
            _ => Some(Diverged::Update { step }),
        }
    }
}
