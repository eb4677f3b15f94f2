//! A curve in a line of text.

const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Draws values as at most `width` bars, on a logarithmic scale if all are above 0. Of many, each bar is a mean.
pub(super) fn curve(values: &[f64], width: usize) -> String {
    let scaled: Vec<f64> = match values.iter().all(|value| *value > 0.0) {
        true => values.iter().map(|value| value.ln()).collect(),
        false => values.to_vec(),
    };
    let bars = width.min(scaled.len());
    let means = (0..bars).map(|bar| {
        let [from, to] = [bar, bar + 1].map(|bar| bar * scaled.len() / bars);
        let part = &scaled[from..to];
        part.iter().sum::<f64>() / part.len() as f64
    });
    let means: Vec<f64> = means.collect();
    let finite = || means.iter().copied().filter(|mean| mean.is_finite());
    let (low, high) = (
        finite().fold(f64::INFINITY, f64::min),
        finite().fold(f64::NEG_INFINITY, f64::max),
    );
    let level = |mean: &f64| match mean.is_finite() {
        true => {
            let share = (mean - low) / (high - low).max(f64::MIN_POSITIVE);
            LEVELS[(share * 7.0).round() as usize]
        }
        false => '?',
    };
    means.iter().map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_falls_as_its_values_do() {
        assert_eq!(curve(&[8.0, 4.0, 2.0, 1.0], 60), "█▆▃▁");
        assert_eq!(curve(&[1.0, 1.0], 60), "▁▁");
        assert_eq!(curve(&[0.0, f64::INFINITY, 1.0], 60), "▁?█");
        let many: Vec<f64> = (0..6000).map(f64::from).collect();
        assert_eq!(curve(&[], 60), "");
        assert_eq!(curve(&many, 60).chars().count(), 60);
    }
}
