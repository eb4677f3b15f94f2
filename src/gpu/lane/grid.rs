//! Which invocation each network of a population has.

use crate::plan::Member;

/// Which invocation a network has: those of a fold are neighbours, and a fold begins with a workgroup.
pub(super) struct Grid {
    /// Of each network.
    pub(super) members: Vec<Member>,
    /// Of each network.
    pub(super) invocations: Vec<usize>,
    /// Of each fold: its first invocation, and how many networks it has.
    pub(super) folds: Vec<[usize; 2]>,
    /// Invocations, those without a network too.
    pub(super) len: usize,
    /// Invocations of a workgroup.
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

    /// One value an invocation, from one a network.
    pub(super) fn spread<T: Copy>(&self, of: impl Fn(usize) -> T, free: T) -> Vec<T> {
        let mut all = vec![free; self.len];
        for (network, &invocation) in self.invocations.iter().enumerate() {
            all[invocation] = of(network);
        }
        all
    }
}

/// Where kept element `k` of an invocation is, among so many.
pub(super) fn place(k: usize, invocation: usize, invocations: usize) -> usize {
    (k / 4 * invocations + invocation) * 4 + k % 4
}
