//! What the sizes of a call depend on.

/// What sizes depend on.
#[derive(Clone, Copy, Debug)]
pub struct Sizes<'a> {
    /// The call's arguments.
    pub args: &'a [u32],
    /// Rows of the batch.
    pub batch: usize,
    /// Elements of the first slice written, as the executor places it.
    pub len: usize,
}

/// A unit a row.
pub(super) fn a_row(sizes: &Sizes) -> [usize; 2] {
    [1, sizes.batch]
}

/// A unit an element of the first slice written.
pub(super) fn an_element(sizes: &Sizes) -> [usize; 2] {
    [1, sizes.len]
}

/// A unit whose only loop has as many turns as the first argument says.
pub(super) fn first_arg(sizes: &Sizes) -> usize {
    sizes.args[0] as usize
}

/// A unit without a loop.
pub(super) fn no_loop(_: &Sizes) -> usize {
    0
}
