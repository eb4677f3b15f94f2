//! Random numbers without state: Threefry-2x32, a counter-based generator.
//!
//! A number is a pure function of the seed, what it is for (a [`Stream`]) and an index, so that a run which is
//! resumed, replayed or moved to another device draws the same numbers with nothing to restore. The row order is a
//! keyed bijection: nothing is shuffled in memory, and a shader computes the same order
//! (`shuffled` in `shaders/shared/rules.wgsl`).

/// Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, *Parallel random numbers: as easy as 1, 2, 3*,
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

/// What random numbers are drawn for. Streams of one seed are independent of one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Stream {
    /// Which rows go to the training, validation and test set.
    Split = 1,
    /// Initial weights; one sub-stream a layer.
    Init = 2,
    /// The order of the training rows; one sub-stream an epoch.
    Order = 3,
    /// Generated data sets.
    Data = 4,
}

/// A sub-stream of a seed: index it with [`Random::bits`] or [`Random::uniform`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Random {
    /// The Threefry key of this sub-stream.
    pub key: [u32; 2],
}

impl Random {
    /// The sub-stream `part` (an epoch, a layer, ...) of `stream`.
    pub fn new(seed: u64, stream: Stream, part: u32) -> Random {
        let seed = [seed as u32, (seed >> 32) as u32];
        Random {
            key: threefry(seed, [stream as u32, part]),
        }
    }

    /// 32 random bits for `index`.
    pub fn bits(self, index: u32) -> u32 {
        threefry(self.key, [index, 0])[0]
    }

    /// A number in `[0, 1)` for `index`: 24 random bits, so it is exact in f32 too.
    pub fn uniform(self, index: u32) -> f64 {
        f64::from(self.bits(index) >> 8) / f64::from(1u32 << 24)
    }

    /// A normally distributed number for `index` (Box and Muller's transform).
    pub fn normal(self, index: u32) -> f64 {
        let [a, b] = threefry(self.key, [index, 1]);
        let radius = (-2.0 * ((f64::from(a) + 1.0) / 2f64.powi(32)).ln()).sqrt();
        radius * (std::f64::consts::TAU * f64::from(b) / 2f64.powi(32)).cos()
    }

    /// The `i`-th of `0..count` in this sub-stream's order: a bijection, in O(1) memory. See [`shuffled`].
    pub fn shuffled(self, i: u32, count: u32) -> u32 {
        shuffled(self.key, i, count)
    }
}

/// The position that `i` takes when `0..count` is shuffled under `key`: a Feistel network over the smallest even
/// number of bits that holds `count`, walked until it lands inside (Black and Rogaway, *Ciphers with arbitrary finite
/// domains*, CT-RSA 2002). Twin of `shuffled` in `shaders/shared/rules.wgsl`.
///
/// # Panics
/// If `i` is not below `count`: the walk might never land inside. (The shader does not look; a schedule's steps have no
/// rows beyond their split's.)
pub fn shuffled(key: [u32; 2], i: u32, count: u32) -> u32 {
    assert!(i < count, "row {i} of {count} has no place in their order");
    // One row has one place; the walk there is the longest for a row.
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

/// Half the bits of the Feistel network's domain: at least one, so that the domain is at most 4 `count`.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threefry_gives_the_published_answers() {
        // kat_vectors of Random123: threefry2x32, 20 rounds.
        assert_eq!(threefry([0, 0], [0, 0]), [0x6b20_0159, 0x99ba_4efe]);
        assert_eq!(
            threefry([u32::MAX; 2], [u32::MAX; 2]),
            [0x1cb9_96fc, 0xbb00_2be7]
        );
        assert_eq!(
            threefry([0x1319_8a2e, 0x0370_7344], [0x243f_6a88, 0x85a3_08d3]),
            [0xc492_3a9c, 0x483d_f7a0]
        );
    }

    #[test]
    fn a_shuffle_hits_every_row_once() {
        for count in [1, 2, 3, 4, 5, 7, 16, 17, 100, 1000, 1797, 4096, 65_537] {
            let order = Random::new(7, Stream::Order, count);
            let mut seen = vec![false; count as usize];
            (0..count).for_each(|i| seen[order.shuffled(i, count) as usize] = true);
            assert!(seen.iter().all(|&hit| hit), "count {count}");
        }
    }

    #[test]
    fn a_row_beyond_the_last_has_no_place() {
        for (i, count) in [(0, 0), (1, 1), (5, 3), (4, 4), (u32::MAX, 1000)] {
            let place = std::panic::catch_unwind(|| shuffled([1, 2], i, count));
            assert!(place.is_err(), "{i} of {count}: {place:?}");
        }
    }

    #[test]
    fn shuffles_are_uniform() {
        // Where row 0 of 10 lands over 10,000 epochs: chi-squared with 9 degrees of freedom, 0.1 % point 27.9; and
        // every ordered pair of neighbours: 89 degrees of freedom, 0.1 % point 135.
        let (mut places, mut pairs) = ([0f64; 10], [0f64; 100]);
        for epoch in 0..10_000 {
            let order = Random::new(1, Stream::Order, epoch);
            let [a, b] = [order.shuffled(0, 10), order.shuffled(1, 10)];
            places[a as usize] += 1.0;
            pairs[(10 * a + b) as usize] += 1.0;
        }
        let chi = |counts: &[f64], expected: f64| -> f64 {
            counts
                .iter()
                .map(|c| (c - expected).powi(2) / expected)
                .sum()
        };
        assert!(chi(&places, 1000.0) < 27.9);
        let off_diagonal: Vec<f64> = (0..100).filter(|i| i % 11 != 0).map(|i| pairs[i]).collect();
        assert!(chi(&off_diagonal, 10_000.0 / 90.0) < 135.0);
    }

    #[test]
    fn normal_numbers_have_mean_zero_and_variance_one() {
        let random = Random::new(3, Stream::Data, 0);
        let values: Vec<f64> = (0..20_000).map(|i| random.normal(i)).collect();
        let mean = values.iter().sum::<f64>() / 20_000.0;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04);
    }
}
