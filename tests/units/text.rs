//! Numbers as people read them.

use wgrad::text::{counted, figure, short, spread};

#[test]
fn one_is_singular_and_none_and_more_are_plural() {
    let words = |count| ["row", "class"].map(|what| counted(count, what));
    assert_eq!(words(0), ["0 rows", "0 classes"]);
    assert_eq!(words(1), ["1 row", "1 class"]);
    assert_eq!(words(2), ["2 rows", "2 classes"]);
}

#[test]
fn figures_keep_four_digits_that_tell_something() {
    let written = [0.0, 0.001, 0.27415, 1.0, 999_999.0].map(figure);
    assert_eq!(
        written,
        ["0.0000", "0.0010", "0.2742", "1.0000", "999999.0000"]
    );
    let written = [2.5e19, 1e6, 4.87654e-4, -3.25e-9, 0.000_999_9].map(figure);
    assert_eq!(
        written,
        ["2.500e19", "1.000e6", "4.877e-4", "-3.250e-9", "9.999e-4"]
    );
    let written = [0.01, 0.316_227_8, 1.0, 2e-4, 1e-5, 3.162_27e-7, 1e30].map(short);
    assert_eq!(
        written,
        ["0.01", "0.3162", "1", "0.0002", "1e-5", "3.162e-7", "1e30"]
    );
    assert_eq!(figure(f64::NAN), "NaN");
    assert_eq!(spread(0.0812, 0.0342), "0.0812 ± 0.0342");
    assert_eq!(spread(2.5e-4, 1.21e-5), "2.500e-4 ± 1.2e-5");
    assert_eq!(spread(9.5e5, 1.9e6), "9.500e5 ± 1.9e6");
}
