//! Finds bytes in a text, many at once.

/// The bytes of a text that are looked at together.
const SPAN: usize = 64;

/// The places of three bytes in a text, in order.
pub(super) struct Places<'t> {
    text: &'t [u8],
    bytes: [u8; 3],
    /// Where the next span begins, and the places in this one: a bit each.
    next: usize,
    bits: u64,
}

impl Places<'_> {
    pub(super) fn new(text: &[u8], bytes: [u8; 3]) -> Places<'_> {
        Places {
            text,
            bytes,
            next: 0,
            bits: 0,
        }
    }

    #[inline(always)]
    pub(super) fn next(&mut self) -> Option<usize> {
        while self.bits == 0 {
            let rest = self.text.get(self.next..).filter(|rest| !rest.is_empty())?;
            self.bits = match rest.first_chunk() {
                Some(span) => places(span, self.bytes),
                None => {
                    let mut span = [0; SPAN];
                    span[..rest.len()].copy_from_slice(rest);
                    places(&span, self.bytes) & ((1 << rest.len()) - 1)
                }
            };
            self.next += SPAN;
        }
        let bit = self.bits.trailing_zeros() as usize;
        self.bits &= self.bits - 1;
        Some(self.next - SPAN + bit)
    }
}

/// Returns a bit for each byte of the span, set if it is one of these.
#[inline(always)]
fn places(span: &[u8; SPAN], [a, b, c]: [u8; 3]) -> u64 {
    let mut is_there = [0; SPAN];
    for (is_there, byte) in is_there.iter_mut().zip(span) {
        *is_there = u8::from(*byte == a) | u8::from(*byte == b) | u8::from(*byte == c);
    }
    // Eight bytes of 0 or 1: the product has them in its highest byte.
    let gather = |bytes: &[u8; 8]| {
        let product = u64::from_le_bytes(*bytes).wrapping_mul(0x0102_0408_1020_4080);
        product >> 56
    };
    let (words, _) = is_there.as_chunks();
    words
        .iter()
        .rev()
        .fold(0, |bits, bytes| bits << 8 | gather(bytes))
}
