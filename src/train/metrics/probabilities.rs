//! Scores of the probabilities of classes.

/// Above this number of probabilities, the area under the curve takes too long.
const MOST: usize = 100_000_000;

/// Returns the mean negative logarithm of the probability of the true class, for probabilities (rows, classes). Those
/// near 0 and 1 are moved by the precision of an f32. `None` if one is not finite, or there are no rows.
pub fn log_loss(probabilities: &[f32], truth: &[u32], classes: usize) -> Option<f64> {
    if truth.is_empty() || probabilities.iter().any(|p| !p.is_finite()) {
        return None;
    }
    let rows = probabilities.chunks(classes.max(1)).zip(truth);
    let losses = rows.map(|(row, truth)| {
        let p = row[*truth as usize].clamp(f32::EPSILON, 1.0 - f32::EPSILON);
        -f64::from(p).ln()
    });
    Some(losses.sum::<f64>() / truth.len() as f64)
}

/// Returns the area under the receiver operating characteristic, for probabilities (rows, classes): that of the second
/// of two classes, else the mean of each class against the rest. Classes without rows are left out of the mean.
///
/// `None` if only one class has rows, if a probability is not finite, or for more than 100,000,000 probabilities.
pub fn roc_auc(probabilities: &[f32], truth: &[u32], classes: usize) -> Option<f64> {
    if probabilities.len() > MOST || probabilities.iter().any(|p| !p.is_finite()) {
        return None;
    }
    let one_class = |class: usize| {
        let scores = probabilities.iter().skip(class).step_by(classes);
        let of_class = truth.iter().map(|truth| *truth as usize == class);
        area(scores.copied().zip(of_class).collect())
    };
    if classes == 2 {
        return one_class(1);
    }
    let areas: Vec<f64> = (0..classes).filter_map(one_class).collect();
    (!areas.is_empty()).then(|| areas.iter().sum::<f64>() / areas.len() as f64)
}

/// Returns the share of pairs of a row of the class and another row that the scores put in the right order. A pair of
/// equal scores counts half. `None` if there are no such pairs.
fn area(mut rows: Vec<(f32, bool)>) -> Option<f64> {
    rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let positive = rows.iter().filter(|(_, of_class)| *of_class).count() as f64;
    let negative = rows.len() as f64 - positive;
    let (mut below, mut right) = (0.0, 0.0);
    // 0 and -0 are equal.
    for equal in rows.chunk_by(|a, b| a.0 == b.0) {
        let own = equal.iter().filter(|(_, of_class)| *of_class).count() as f64;
        let others = equal.len() as f64 - own;
        right += own * (below + 0.5 * others);
        below += others;
    }
    (positive * negative > 0.0).then(|| right / (positive * negative))
}
