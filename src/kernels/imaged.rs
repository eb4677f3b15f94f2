//! Which slots of a variant have images (`shaders/image.wgsl`).

/// Slots of a variant that have images, counted from 0: those that are read and then those that are written. A slot that is
/// read is bound as an image only; one that is written as a buffer too.
#[derive(Clone, Copy, Debug)]
pub struct Imaged {
    /// Those whose image it reads; of a slot that is written, what it was.
    pub read: &'static [usize],
    /// Those whose image it stores.
    pub written: &'static [usize],
}

impl Imaged {
    /// No images.
    pub const NONE: Imaged = Imaged::new(&[], &[]);

    /// Images that are read, and images that are stored.
    pub const fn new(read: &'static [usize], written: &'static [usize]) -> Imaged {
        Imaged { read, written }
    }
}
