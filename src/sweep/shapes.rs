//! What networks that train side by side share: a shape, a variant, and a plan.

use super::axes::{Axes, Setting};
use super::network::network_of;
use crate::device::Crowd;
use crate::model::Mlp;
use crate::plan::{Evaluation, Plan, backprop, evaluation_batch};
use crate::train::Prepared;
use std::ops::Range;

/// The settings of one shape and variant.
pub(super) struct Shape {
    /// Indices of the settings.
    settings: Range<usize>,
    pub(super) variant: usize,
    pub(super) mlp: Mlp,
    pub(super) plan: Plan,
}

impl Shape {
    /// Returns whether `setting` is one of them.
    pub(super) fn has(&self, setting: usize) -> bool {
        self.settings.contains(&setting)
    }

    /// Returns the number of networks of each fold, in all shards.
    pub(super) fn networks(&self, axes: &Axes) -> usize {
        self.settings.len() * (axes.seeds.end - axes.seeds.start) as usize
    }
}

/// Returns the shapes of `settings`, which are grouped by shape and variant.
pub(super) fn shapes<'a>(
    settings: &'a [Setting],
    axes: &'a Axes,
    fold: &'a Prepared,
) -> impl Iterator<Item = Shape> + 'a {
    let alike = |a: &Setting, b: &Setting| {
        (&a.hidden, a.activation, a.variant) == (&b.hidden, b.activation, b.variant)
    };
    let mut end = 0;
    settings.chunk_by(alike).map(move |group| {
        let first = end;
        end += group.len();
        let variant = group[0].variant;
        let training = &axes.variants[variant].training;
        let mlp = network_of(&group[0], training, axes.init, fold);
        let evaluated = evaluation_batch(Evaluation::Sweep, training.batch_size, 0);
        Shape {
            settings: first..end,
            variant,
            plan: backprop::train(&mlp, training).evaluating(evaluated),
            mlp,
        }
    })
}

/// Returns the populations of a sweep of so many epochs, of all shards, to choose a device for them.
pub fn crowds(axes: &Axes, folds: &[Prepared], epochs: usize) -> Vec<Crowd> {
    let (Some(first), settings) = (folds.first(), axes.settings()) else {
        return Vec::new();
    };
    let rows = folds.iter().map(|fold| fold.train.count).max();
    let crowd = |shape: Shape| {
        let batch = axes.variants[shape.variant].training.batch_size;
        Crowd {
            networks: shape.networks(axes),
            folds: folds.len(),
            data: folds.iter().map(Prepared::rows).sum(),
            multiply_adds: 3 * shape.mlp.multiply_adds() * batch,
            steps: epochs * rows.unwrap_or(0).div_ceil(batch.max(1)),
            plan: shape.plan,
        }
    };
    shapes(&settings, axes, first).map(crowd).collect()
}
