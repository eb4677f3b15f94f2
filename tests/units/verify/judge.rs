//! Elements against their bounds.

use wgrad::verify::judge::{Verdict, Worst, compare};

fn judged(elements: &[(f32, f64, f64)]) -> Verdict {
    compare(elements.iter().copied(), |i| {
        ("out".to_owned(), i, String::new())
    })
}

#[test]
fn the_first_wrong_element_is_named_and_the_worst_counts() {
    let verdict = judged(&[
        (1.0, 1.0, 0.0),
        (2.0, 2.5, 1.0),
        (3.0, 4.0, 0.5),
        (4.0, 9.0, 0.5),
    ]);
    assert_eq!((verdict.worst.error, verdict.worst.bound), (5.0, 0.5));
    let wrong = verdict.wrong.unwrap();
    assert_eq!(
        wrong.what,
        "out[2] is 3.0, not 4.0: error 1.00e0, bound 5.00e-1; 2 of 4 elements are wrong"
    );
    assert_eq!(wrong.element.unwrap().index, 2);
}

#[test]
fn what_is_within_its_bound_is_sound_and_the_largest_share_is_kept() {
    let verdict = judged(&[(1.0, 1.5, 1.0), (1.0, 1.25, 0.5), (1.0, 1.75, 1.0)]);
    let worst = verdict.sound().unwrap();
    assert_eq!((worst.error, worst.bound, worst.share()), (0.75, 1.0, 0.75));
}

#[test]
fn only_a_nan_is_as_good_as_a_nan_whatever_the_bound() {
    let nan = f64::NAN;
    assert!(
        judged(&[(f32::NAN, nan, 0.0), (2.0, 2.0, nan)])
            .wrong
            .is_none()
    );
    let infinite = f64::INFINITY;
    for wrong in [(1.0, nan, 1.0), (f32::NAN, 1.0, infinite), (1.0, 2.0, nan)] {
        let verdict = judged(&[wrong]);
        assert!(
            verdict.wrong.is_some() && verdict.worst.share() > 1.0,
            "{wrong:?}"
        );
    }
    let infinite = judged(&[(f32::INFINITY, f64::INFINITY, 0.0)]);
    assert_eq!(infinite.sound().unwrap(), Worst::default());
}

#[test]
fn what_is_flushed_to_zero_is_right_and_no_measure() {
    let smallest = f64::from(f32::MIN_POSITIVE);
    let verdict = judged(&[(0.0, 0.9 * smallest, smallest), (1.0, 1.1, 1.0)]);
    assert!(verdict.sound().unwrap().share() < 0.11);
}

#[test]
fn what_is_beyond_f32_is_infinite() {
    let (largest, infinite) = (f64::from(f32::MAX), f32::INFINITY);
    for sound in [
        (infinite, 1.01 * largest, 0.0),
        (-infinite, -1.01 * largest, 0.0),
        (infinite, largest, 1e-6 * largest),
    ] {
        assert_eq!(judged(&[sound]).sound(), Ok(Worst::default()), "{sound:?}");
    }
    for wrong in [
        (infinite, -1.01 * largest, 0.0),
        (infinite, largest, 0.0),
        (infinite, 1.0, 1.0),
        (f32::MAX, 1.01 * largest, 0.0),
    ] {
        assert!(judged(&[wrong]).wrong.is_some(), "{wrong:?}");
    }
}
