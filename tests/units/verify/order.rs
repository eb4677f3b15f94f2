//! The order of cases.

use wgrad::verify::spread;

#[test]
fn cases_are_run_in_an_order_that_is_spread_and_whole() {
    for count in [0, 1, 2, 3, 5, 65, 290, 291] {
        let mut all: Vec<usize> = spread(count).collect();
        let mut first = [&all[..count / 4], &[count]].concat();
        first.sort_unstable();
        let gaps = first.windows(2).map(|pair| pair[1] - pair[0]);
        let widest = gaps.max().unwrap_or(0);
        assert!(count < 65 || widest <= count / 8, "{count}: {widest}");
        all.sort_unstable();
        assert_eq!(all, (0..count).collect::<Vec<_>>());
    }
}
