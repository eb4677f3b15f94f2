//! Assigns the networks of a population to invocations.

use crate::plan::Member;

/// Networks per workgroup if the subgroup size is unknown. Otherwise a workgroup is one subgroup: this occupies more cores
/// (on an H200, 4,096 of the article's networks take 0.19 us per step by 32, 0.24 by 64) and compiles fast on lavapipe.
pub(super) const WORKGROUP: usize = 64;
/// Maximum number of workgroups along one dimension of a dispatch.
pub(super) const MAX_GROUPS: usize = 65_535;

/// The invocation of each network. The networks of a fold are adjacent, and each fold starts a new workgroup.
pub(super) struct Grid {
    /// The settings of each network.
    pub(super) members: Vec<Member>,
    /// The invocation of each network.
    pub(super) invocations: Vec<usize>,
    /// For each fold, its first invocation and its number of networks.
    pub(super) folds: Vec<[usize; 2]>,
    /// Number of invocations, including those without a network.
    pub(super) len: usize,
    /// Number of invocations per workgroup.
    pub(super) workgroup: usize,
}

impl Grid {
    pub(super) fn new(members: &[Member], workgroup: usize) -> Grid {
        let count = members.iter().map(|m| m.fold + 1).max().unwrap_or(0);
        let mut grid = Grid {
            members: members.to_vec(),
            invocations: vec![0; members.len()],
            folds: vec![[0; 2]; count],
            len: 0,
            workgroup,
        };
        for fold in 0..count {
            let first = grid.len;
            for (network, _) in members.iter().enumerate().filter(|(_, m)| m.fold == fold) {
                grid.invocations[network] = grid.len;
                grid.len += 1;
            }
            grid.folds[fold] = [first, grid.len - first];
            grid.len = grid.len.next_multiple_of(workgroup);
        }
        grid
    }

    /// Returns one value per invocation, from one per network. Invocations without a network get `free`.
    pub(super) fn spread<T: Copy>(&self, of: impl Fn(usize) -> T, free: T) -> Vec<T> {
        let mut all = vec![free; self.len];
        for (network, &invocation) in self.invocations.iter().enumerate() {
            all[invocation] = of(network);
        }
        all
    }
}

/// Returns the position of kept element `k` of an invocation, for a total of `invocations`.
pub(super) fn place(k: usize, invocation: usize, invocations: usize) -> usize {
    (k / 4 * invocations + invocation) * 4 + k % 4
}
