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
