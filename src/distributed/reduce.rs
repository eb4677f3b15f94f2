//! Sums over ranks: every rank gets the same bits, and the bits do not depend on the number of ranks.

/// Adds `values` of all ranks, element by element, in a binary tree: neighbours first. `exchange` sends numbers to a rank, and
/// receives a given count of numbers from it. The number of ranks is a power of two.
///
/// Each rank adds a part of the elements, and then the parts are collected (recursive halving and doubling). So a rank sends
/// 2 (n - 1) / n times the bytes of `values` in 2 log2 n messages.
///
/// # Errors
/// Returns the errors of `exchange`.
pub(super) fn all_reduce<E>(
    values: &mut [f32],
    [rank, count]: [usize; 2],
    mut exchange: impl FnMut(usize, &[f32], usize) -> Result<Vec<f32>, E>,
) -> Result<(), E> {
    let mut own = 0..values.len();
    let mut given = Vec::new();
    let distances = || (0..count.trailing_zeros()).map(|level| 1 << level);
    for distance in distances() {
        let (middle, whole) = (own.start + own.len() / 2, own.clone());
        let halves = [whole.start..middle, middle..whole.end];
        let [lower, upper] = halves;
        let (keep, give) = match rank & distance {
            0 => (lower, upper),
            _ => (upper, lower),
        };
        let received = exchange(rank ^ distance, &values[give.clone()], keep.len())?;
        for (sum, other) in values[keep.clone()].iter_mut().zip(received) {
            *sum += other;
        }
        given.push((distance, give, whole));
        own = keep;
    }
    for (distance, give, whole) in given.into_iter().rev() {
        let received = exchange(rank ^ distance, &values[own], give.len())?;
        values[give].copy_from_slice(&received);
        own = whole;
    }
    Ok(())
}
