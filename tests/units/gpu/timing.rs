//! Times of rival variants.

use std::time::Duration;
use wgrad::gpu::buffers::timing::{SAMPLE, times};

/// Times of rivals whose calls take so many microseconds, in submissions that take 100 more; single calls are off
/// by a share.
fn timed(calls: &[f64], off: &[f64]) -> Vec<f64> {
    let times = times(calls.len(), &SAMPLE, |rival, count| {
        let us = 100.0 + count as f64 * calls[rival];
        let off = if count == 1 { off[rival] } else { 0.0 };
        Ok(Duration::from_secs_f64(us * (1.0 + off) / 1e6))
    });
    times.unwrap()
}

#[test]
fn what_a_submission_costs_by_itself_decides_nothing() {
    // By a number of calls for each, what is left of the 100 us would depend on where it is rounded.
    for off in [[0.0, 0.01], [0.01, 0.0]] {
        let times = timed(&[20.0, 25.0], &off);
        assert!((times[0] - 20.0).abs() < 0.5 && (times[1] - 25.0).abs() < 0.5);
    }
}

#[test]
fn a_disturbed_single_call_leaves_an_upper_bound() {
    let submission = 100.0;
    let time = timed(&[0.0, 1.0], &[0.5, 0.0])[0];
    assert!(time > 0.0 && time < submission / 4.0, "{time}");
}

#[test]
fn slow_rivals_are_timed_one_call_at_a_time() {
    let mut most = [0; 2];
    let times = times(2, &SAMPLE, |rival, calls| {
        most[rival] = calls.max(most[rival]);
        Ok(Duration::from_micros([100, 300][rival]) * calls as u32)
    });
    let slow = times.unwrap()[1].round();
    assert_eq!((most, slow), ([10, 1], 300.0));
}
