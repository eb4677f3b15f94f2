//! Verdicts on figures.

use wgrad::tutorial::figures::{ALL, Figure, Verdict};

fn figure(symbol: &str) -> &'static Figure {
    let found = ALL.iter().find(|figure| figure.symbol == symbol);
    found.expect("a figure of the table")
}

#[test]
fn a_print_matches_what_rounds_to_its_digits() {
    let w2 = figure("w2+");
    assert!(w2.prints(0.19956143226) && w2.prints(0.199561425001));
    assert!(!w2.prints(0.1995614249) && !w2.prints(0.1995614351));
    assert!(figure("dnet_o1/dout_h1").prints(0.4));
    assert!(!figure("dE_o2/dout_h1 (first mention)").prints(-0.019049118));
    assert!(!figure("dE_o2/dout_h1 (in the sum)").prints(-0.019049118258));
}

#[test]
fn the_print_is_judged_by_the_reference_and_the_device_by_its_bound() {
    let out = figure("out_o1 after 10,000 rounds");
    let (text, program) = (0.0159136204, 0.0159121963);
    assert_eq!(out.verdict(program, program, program), Verdict::Match);
    assert_eq!(out.verdict(text, program, text), Verdict::Sequential);
    assert_eq!(out.verdict(text, text, text), Verdict::Misprint);
    assert_eq!(out.verdict(text, program, program), Verdict::Mismatch);
    assert_eq!(out.verdict(program, program, f64::NAN), Verdict::Mismatch);
}
