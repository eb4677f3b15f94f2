//! Steps and evaluations of a network that several ranks train together.
//!
//! A rank computes the gradient of each of its slices, and adds them in a binary tree; the group goes on with the tree, and
//! every rank takes the same step. The losses are added with the gradients.

use super::accounts::take_sum;
use crate::Error;
use crate::distributed::Pending;
use crate::kernels::{Buffer, Step};
use crate::plan::{Phase, Rows, schedule};
use crate::train::{Trainer, slices::Ranks};

/// Adds lists of numbers in a binary tree, as they come.
#[derive(Default)]
struct Tree(Vec<(u32, Vec<f32>)>);

impl Tree {
    fn add(&mut self, values: Vec<f32>) {
        let (mut level, mut values) = (0, values);
        while let Some((_, mut sum)) = self.0.pop_if(|(top, _)| *top == level) {
            sum.iter_mut().zip(values).for_each(|(sum, v)| *sum += v);
            (level, values) = (level + 1, sum);
        }
        self.0.push((level, values));
    }

    /// Returns the sum of as many lists as a power of two.
    fn sum(mut self) -> Vec<f32> {
        self.0.pop().map(|(_, sum)| sum).unwrap_or_default()
    }
}

impl Trainer<'_> {
    /// Takes some steps together with the other ranks. Returns the sum of the losses of all rows.
    pub(super) fn steps_of_ranks(&mut self, ranks: &Ranks, steps: &[Step]) -> Result<f64, Error> {
        let mut total = 0.0;
        for step in steps {
            let (gradient, error) = self.gradient_of_ranks(ranks, step)?;
            self.session.write(Buffer::Gradient, &gradient)?;
            let update = Step {
                first: 0,
                count: 1,
                start: 0,
                rows: 1,
                shuffle: 0,
                ..*step
            };
            self.session.run(Phase::Update, &[update])?;
            total += error;
            self.within = (self.within.0 + 1, self.within.1 + error);
        }
        Ok(total)
    }

    /// Returns the gradient of the rows of all ranks in a step, and the sum of their losses. The sum of a layer's gradient is
    /// under way while those of the layers below it are computed.
    fn gradient_of_ranks(&mut self, ranks: &Ranks, step: &Step) -> Result<(Vec<f32>, f64), Error> {
        let layers = self.mlp.layers.len();
        let mut trees: Vec<Tree> = (0..layers).map(|_| Tree::default()).collect();
        let mut sums = Vec::new();
        let own = ranks.slices.steps(step);
        for (k, own_step) in own.iter().enumerate() {
            let here = self.feed.place(&mut *self.session, *own_step)?;
            for (n, tree) in trees.iter_mut().enumerate() {
                let layer = layers - 1 - n;
                let session = &mut *self.session;
                // A layer at a time only where it pays: of the last slice.
                match (k + 1 == own.len(), n) {
                    (true, n) => session.run(Phase::Layer(n), &[here])?,
                    (false, 0) => session.run(Phase::Gradient, &[here])?,
                    (false, _) => {}
                }
                let tensors = Buffer::Gradient.tensors(2 * layer..2 * layer + 2);
                let mut gradient = session.read_tensors(&tensors)?;
                if n == 0 {
                    gradient.push(take_sum(session, Buffer::Error)? as f32);
                }
                if own_step.inverse_rows == 0.0 {
                    gradient.fill(0.0);
                }
                tree.add(gradient);
                if k + 1 == own.len() {
                    sums.push(ranks.group.begin_sum(std::mem::take(tree).sum())?);
                }
            }
        }
        let (mut gradient, mut error) = (Vec::new(), 0.0);
        let mut sums = sums
            .into_iter()
            .map(Pending::wait)
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(last) = sums.first_mut() {
            error = last.pop().map_or(0.0, f64::from);
        }
        sums.iter().rev().for_each(|layer| gradient.extend(layer));
        Ok((gradient, error))
    }

    /// Returns the error of a divergence on any rank, on all of them. All take the next steps in chunks of one length.
    pub(super) fn check_of_ranks(&mut self, ranks: &Ranks, phase: Phase) -> Result<(), Error> {
        let diverged = match self.session.diverged()? {
            None => String::new(),
            // The rows of the step are not all here.
            Some(diverged) => self.explain(diverged, phase, &[])?,
        };
        let mut message = (self.pace.steps as u64).to_le_bytes().to_vec();
        message.extend(diverged.as_bytes());
        let all = ranks.group.gather(message)?;
        let mut told = all.iter().filter_map(|message| message.split_first_chunk());
        let steps = told
            .clone()
            .next()
            .map(|(steps, _)| u64::from_le_bytes(*steps));
        self.pace.steps = steps.map_or(1, |steps| steps as usize);
        match told.find(|(_, diverged)| !diverged.is_empty()) {
            None => Ok(()),
            Some((_, why)) => Err(Error::Diverged(String::from_utf8_lossy(why).into())),
        }
    }

    /// Evaluates some rows of all ranks. Returns the sums of their losses and of the hits.
    pub(super) fn sums_of_ranks(&mut self, ranks: &Ranks, rows: Rows) -> Result<[f64; 2], Error> {
        let index = self.steps_done() as u32;
        let mut sums = Vec::new();
        for own in ranks.slices.of(rows) {
            let steps = schedule::pass(own, self.evaluation_batch, index);
            self.evaluate_steps(&steps)?;
            for account in [Buffer::Error, Buffer::Hits] {
                sums.extend(take_sum(&mut *self.session, account)?.to_le_bytes());
            }
        }
        self.check_of_ranks(ranks, Phase::Evaluate)?;
        let all = ranks.group.gather(sums)?.concat();
        let sums: Vec<f64> = bytemuck::pod_collect_to_vec(&all);
        let of = |account: usize| sums.iter().skip(account).step_by(2).sum();
        Ok([of(0), of(1)])
    }

    /// Returns whether all ranks want to go on, if several train.
    pub(in crate::train) fn all_go_on(&self, goes_on: bool) -> Result<bool, Error> {
        let Some(ranks) = &self.ranks else {
            return Ok(goes_on);
        };
        let all = ranks.group.gather(vec![goes_on.into()])?;
        let all_go_on = all.iter().all(|rank| rank == &[1]);
        if !all_go_on {
            ranks.group.agree_to_end();
        }
        Ok(all_go_on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_added_in_a_tree_of_neighbours() {
        let numbers: [f32; 8] = [1e8, 1.0, -1e8, 1.0, 3.0, 1e-8, 0.5, 7.0];
        let of = |numbers: &[f32]| {
            let mut tree = Tree::default();
            numbers.iter().for_each(|n| tree.add(vec![*n, -n]));
            tree.sum()
        };
        let [a, b, c, d, e, f, g, h] = numbers;
        let expected = ((a + b) + (c + d)) + ((e + f) + (g + h));
        assert_eq!(of(&numbers), [expected, -expected]);
        let [left, right] = [&numbers[..4], &numbers[4..]].map(of);
        assert_eq!(left[0] + right[0], expected);
        assert_ne!(
            expected,
            numbers.iter().sum::<f32>(),
            "a sum in order has other bits"
        );
    }
}
