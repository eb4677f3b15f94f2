//! The weights of a block's products, cut into panels: some terms to all neurons, as much as a workgroup's lanes load at
//! once and its memory holds twice (`shaders/fused/lanes_block.wgsl`).

use super::calls::{is, parameters};
use crate::kernels::{Call, Role};
use crate::plan::Plan;

/// Texels that a lane loads of a panel (`lanes_block.wgsl`, `coming`).
pub(super) const A_LANE: usize = 4;
/// Terms of a panel at least, if a product has as many: a barrier for fewer costs more than they do.
const LEAST: usize = 16;

/// The weights of a product.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weights {
    /// The element that they begin with.
    base: usize,
    inputs: usize,
    outputs: usize,
    /// Whether terms are inputs, along the lines of weights, as in the forward pass; or outputs, a line each.
    is_forward: bool,
}

/// A panel: lines of weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Panel {
    /// Its first term, and how many it has.
    pub(super) first: usize,
    pub(super) terms: usize,
    /// The element that it begins with, and the elements of a whole line.
    base: usize,
    inputs: usize,
    /// Texels of its lines, and lines.
    across: usize,
    lines: usize,
}

impl Panel {
    /// Texels that are loaded.
    fn loaded(&self) -> usize {
        self.across * self.lines
    }

    /// Texels of memory: lines of an odd number of texels, four by four (`put_weights`).
    pub(super) fn texels(&self) -> usize {
        self.lines.next_multiple_of(4) * (self.across | 1)
    }

    /// The line that loads it.
    pub(super) fn fetch(&self) -> String {
        let Panel {
            base,
            inputs,
            across,
            lines,
            ..
        } = self;
        format!("    fetch({base}u, {inputs}u, {across}u, {lines}u);\n")
    }

    /// The line that puts it into a half of the memory for panels.
    pub(super) fn stage(&self, half: usize) -> String {
        let Panel { across, lines, .. } = self;
        format!("    stage({half}u, {across}u, {lines}u);\n")
    }
}

impl Weights {
    /// Those of a product.
    pub(super) fn of(plan: &Plan, product: &Call) -> Weights {
        let [inputs, outputs] = [0, 1].map(|k| product.args[k] as usize);
        Weights {
            base: parameters(plan).range(&product.reads[1].tensors).start,
            inputs,
            outputs,
            is_forward: is(product, Role::Forward),
        }
    }

    /// Neurons that sums are of.
    pub(super) fn neurons(&self) -> usize {
        match self.is_forward {
            true => self.outputs,
            false => self.inputs,
        }
    }

    fn terms(&self) -> usize {
        match self.is_forward {
            true => self.inputs,
            false => self.outputs,
        }
    }

    /// Texels of all of them.
    pub(super) fn texels(&self) -> usize {
        self.panel(0, self.terms()).loaded()
    }

    fn panel(&self, first: usize, terms: usize) -> Panel {
        let (start, across, lines) = match self.is_forward {
            true => (first, terms.div_ceil(4), self.outputs),
            false => (first * self.inputs, self.inputs.div_ceil(4), terms),
        };
        Panel {
            first,
            terms,
            base: self.base + start,
            inputs: self.inputs,
            across,
            lines,
        }
    }

    /// Panels of about as many terms, whole texels of them, as few as `team` lanes and so many texels of memory allow;
    /// none if these are too few.
    pub(super) fn panels(&self, team: usize, texels: usize) -> Option<Vec<Panel>> {
        let terms = self.terms();
        let fits = |many: &usize| {
            let panel = self.panel(0, *many);
            panel.loaded() <= A_LANE * team && panel.texels() <= texels
        };
        let whole = terms.next_multiple_of(4);
        let most = (1..=whole / 4).rev().map(|k| 4 * k).find(fits)?;
        let each = terms.div_ceil(terms.div_ceil(most)).next_multiple_of(4);
        let firsts = (0..terms).step_by(each);
        let panels = firsts.map(|first| self.panel(first, each.min(terms - first)));
        (most >= LEAST.min(whole)).then(|| panels.collect())
    }
}
