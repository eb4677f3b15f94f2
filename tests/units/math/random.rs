//! Random numbers and the row order.

use wgrad::math::{
    Random, Stream,
    random::{is_dropped, mask_of_row, shuffled, threefry},
};

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

/// Neighbours along each axis agree as often as independent draws do: within four standard deviations.
#[test]
fn masks_drop_their_rate_and_neighbours_are_independent() {
    let (key, rate) = ([0x9E37_79B9, 7], 0.25f32);
    let drops = |[step, n, layer, i]: [u32; 4]| {
        is_dropped(mask_of_row(key, step, n, layer), key, i, layer, rate)
    };
    let places = |at: u32| [at >> 15, at >> 9 & 63, at >> 6 & 7, at & 63];
    let count = 1 << 20;
    let p = f64::from(rate);
    let is_near = |found: usize, p: f64| {
        let deviation = (f64::from(count) * p * (1.0 - p)).sqrt();
        (found as f64 - f64::from(count) * p).abs() < 4.0 * deviation
    };
    let dropped = (0..count).filter(|at| drops(places(*at))).count();
    assert!(is_near(dropped, p), "{dropped} of {count}");
    for axis in 0..4 {
        for apart in [1, 2, 64] {
            let both = (0..count).filter(|at| {
                let mut other = places(*at);
                other[axis] += apart;
                drops(places(*at)) && drops(other)
            });
            let both = both.count();
            assert!(
                is_near(both, p * p),
                "axis {axis}, {apart} apart: {both} of {count}"
            );
        }
    }
}
