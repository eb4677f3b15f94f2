//! Elementary functions in f32 against f64.

use wgrad::math::{Lanes, Real};
use wgrad::model::Activation;

/// Distance in units in the last place of f32 between `value` and the f64 `exact`.
fn ulp(value: f32, exact: f64) -> f64 {
    let spacing = (exact.abs().max(f64::from(f32::MIN_POSITIVE)))
        .log2()
        .floor()
        .exp2()
        * f64::from(f32::EPSILON);
    (f64::from(value) - exact).abs() / spacing
}

/// The worst error over every `stride`-th f32 for which `inside` holds.
fn worst(f: fn(f32) -> f32, exact: fn(f64) -> f64, inside: fn(f32) -> bool) -> f64 {
    (0..=u32::MAX)
        .step_by(1021)
        .map(f32::from_bits)
        .filter(|&x| x.is_finite() && inside(x))
        .map(|x| ulp(f(x), exact(f64::from(x))))
        .fold(0.0, f64::max)
}

#[test]
fn elementary_functions_are_within_four_ulp() {
    let exp = worst(<f32 as Real>::exponential, f64::exp, |x| {
        x > -87.33 && x <= 88.72283
    });
    let log = worst(<f32 as Real>::logarithm, f64::ln, |x| {
        x >= f32::MIN_POSITIVE
    });
    let sigmoid = worst(
        <f32 as Real>::logistic,
        |x| 1.0 / (1.0 + (-x).exp()),
        |x| x > -87.33,
    );
    let tanh = worst(<f32 as Real>::hyperbolic_tangent, f64::tanh, |x| {
        x.abs() >= f32::MIN_POSITIVE
    });
    println!("ulp: exp {exp:.2} log {log:.2} sigmoid {sigmoid:.2} tanh {tanh:.2}");
    assert!(exp < 4.0 && log < 4.0 && sigmoid < 4.0 && tanh < 4.0);
}

/// With the bits of x86 and ARM, and with those of some GPUs.
#[test]
fn a_nan_stays_one_whatever_its_bits() {
    for bits in [0x7FC0_0000, 0x7FC0_0001, 0x7FFF_FFFF, 0xFFFF_FFFF] {
        let nan = f32::from_bits(bits);
        assert_eq!(Real::exponential(nan).to_bits(), bits);
        for activation in Activation::ALL {
            let (mut nets, mut lanes) = ([nan; 9], [Lanes([nan; 16])]);
            activation.apply_all(&mut nets);
            activation.apply_all(&mut lanes);
            let mut all = nets.iter().chain(&lanes[0].0);
            assert!(all.all(|out| out.is_nan()), "{activation:?} of {bits:x}");
        }
    }
}

#[test]
fn elementary_functions_are_never_nan_for_finite_input() {
    let all = [
        <f32 as Real>::exponential,
        <f32 as Real>::logarithm,
        <f32 as Real>::logistic,
        <f32 as Real>::hyperbolic_tangent,
    ];
    for f in all {
        for x in (0..=u32::MAX).step_by(9973).map(f32::from_bits) {
            assert!(!x.is_finite() || f(x).is_finite(), "at {x:e}");
        }
    }
}
