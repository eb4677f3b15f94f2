//! Stateless random numbers: Threefry-2x32, a counter-based generator.
//!
//! A number is a pure function of the seed, what it is for (a [`Stream`]) and an index, so that a run which is
//! resumed, replayed or moved to another device draws the same numbers with nothing to restore. The row order is a
//! keyed bijection: nothing is shuffled in memory, and a shader computes the same order
//! (`shuffled` in `shaders/shared/rules.wgsl`).

/// Computes Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, *Parallel random numbers: as easy as 1, 2, 3*,
/// SC 2011; rotations and the parity constant from the authors' Random123 library).
pub fn threefry(key: [u32; 2], counter: [u32; 2]) -> [u32; 2] {
    const ROTATIONS: [[u32; 4]; 2] = [[13, 15, 26, 6], [17, 29, 16, 24]];
    let keys = [key[0], key[1], 0x1BD1_1BDA ^ key[0] ^ key[1]];
    let [mut a, mut b] = [
        counter[0].wrapping_add(keys[0]),
        counter[1].wrapping_add(keys[1]),
    ];
    for group in 0..5 {
        for rotation in ROTATIONS[group % 2] {
            a = a.wrapping_add(b);
            b = b.rotate_left(rotation) ^ a;
        }
        a = a.wrapping_add(keys[(group + 1) % 3]);
        b = b
            .wrapping_add(keys[(group + 2) % 3])
            .wrapping_add(group as u32 + 1);
    }
    [a, b]
}

/// The purpose of random numbers. The streams of a seed are independent of one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Stream {
    /// The split of the rows into training, validation and test set.
    Split = 1,
    /// Initial weights; one sub-stream per layer.
    Init = 2,
    /// The order of the training rows; one sub-stream per epoch.
    Order = 3,
    /// Generated data sets.
    Data = 4,
    /// The order of a column's cells for its importance; one sub-stream per column and repeat.
    Importance = 5,
    /// The settings of a search; one sub-stream per setting.
    Search = 6,
}

/// A sub-stream of a seed. [`Random::bits`], [`Random::uniform`] and [`Random::normal`] index it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Random {
    /// The Threefry key of this sub-stream.
    pub key: [u32; 2],
}

impl Random {
    /// Returns the sub-stream `part` (an epoch, a layer, ...) of `stream`.
    pub fn new(seed: u64, stream: Stream, part: u32) -> Random {
        let seed = [seed as u32, (seed >> 32) as u32];
        Random {
            key: threefry(seed, [stream as u32, part]),
        }
    }

    /// Returns 32 random bits for `index`.
    pub fn bits(self, index: u32) -> u32 {
        threefry(self.key, [index, 0])[0]
    }

    /// Returns a number in `[0, 1)` for `index`. It has 24 random bits, so it is exact in f32 too.
    pub fn uniform(self, index: u32) -> f64 {
        f64::from(self.bits(index) >> 8) / f64::from(1u32 << 24)
    }

    /// Returns a normally distributed number for `index` (Box-Muller transform).
    pub fn normal(self, index: u32) -> f64 {
        let [a, b] = threefry(self.key, [index, 1]);
        let radius = (-2.0 * ((f64::from(a) + 1.0) / 2f64.powi(32)).ln()).sqrt();
        radius * (std::f64::consts::TAU * f64::from(b) / 2f64.powi(32)).cos()
    }

    /// Returns element `i` of `0..count` in this sub-stream's order: a bijection, in O(1) memory. See [`shuffled`].
    pub fn shuffled(self, i: u32, count: u32) -> u32 {
        shuffled(self.key, i, count)
    }
}

/// The position that `i` takes when `0..count` is shuffled under `key`: a Feistel network over the smallest even
/// number of bits that holds `count`, walked until it lands inside (Black and Rogaway, *Ciphers with arbitrary finite
/// domains*, CT-RSA 2002). Twin of `shuffled` in `shaders/shared/rules.wgsl`.
///
/// # Panics
/// If `i` is not below `count`, because the cycle might never reach a result below `count`. (The shader does not check
/// this: the steps of a schedule have no rows beyond their split.)
pub fn shuffled(key: [u32; 2], i: u32, count: u32) -> u32 {
    assert!(i < count, "row {i} of {count} has no place in their order");
    // A single row has only one position, and its cycle would be the longest.
    if count == 1 {
        return 0;
    }
    let half = half_bits(count);
    let mask = (1u32 << half) - 1;
    let mut at = i;
    loop {
        let (mut left, mut right) = (at >> half, at & mask);
        for round in 0..FEISTEL_ROUNDS {
            (left, right) = (right, left ^ (scramble(right, key, round) & mask));
        }
        at = (left << half) | right;
        if at < count {
            return at;
        }
    }
}

const FEISTEL_ROUNDS: u32 = 6;

/// The mask of dropout for row `n` of the batch of a `step`. Twin of `mask_of_row` in `shaders/shared/rules.wgsl`.
pub fn mask_of_row(key: [u32; 2], step: u32, n: u32, layer: u32) -> u32 {
    let round = FEISTEL_ROUNDS + layer;
    scramble(scramble(step, key, round) ^ n, key, round)
}

/// Returns whether the `mask` of a row drops neuron `i`: with the probability `rate`.
#[inline]
pub fn is_dropped(mask: u32, key: [u32; 2], i: u32, layer: u32, rate: f32) -> bool {
    let bits = scramble(mask ^ i, key, FEISTEL_ROUNDS + layer);
    ((bits >> 8) as f32) * (1.0 / 16_777_216.0) < rate
}

/// Returns half the number of bits of the Feistel network's domain. It is at least 1, so the domain is at most 4
/// `count`.
fn half_bits(count: u32) -> u32 {
    let bits = 32 - count.saturating_sub(1).leading_zeros();
    bits.div_ceil(2).max(1)
}

/// The Feistel round function: the finaliser of MurmurHash3 (Appleby) over the key and the half block.
fn scramble(value: u32, key: [u32; 2], round: u32) -> u32 {
    let mut h = value.wrapping_add(key[0]) ^ key[1].wrapping_mul(2 * round + 1);
    h = (h ^ (h >> 16)).wrapping_mul(0x85EB_CA6B);
    h = (h ^ (h >> 13)).wrapping_mul(0xC2B2_AE35);
    h ^ (h >> 16)
}
