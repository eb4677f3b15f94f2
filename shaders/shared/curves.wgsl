// Activations that kernels of their own apply, because their slope does not follow from their output, or is above 1.
// Twin: src/model/activation.rs (curve, curve_slope), src/math/real.rs (normal_cdf).

const SELU = 5u;
const ELU = 6u;
const GELU = 7u;
const SILU = 8u;
const MISH = 9u;
const SOFTPLUS = 10u;

const SELU_SCALE = 1.0507009873554805;
const SELU_LOW = 1.7580993408473766; // scale alpha

// e^x - 1 for x <= 0, through tanh (x / 2), so that nothing cancels near 0.
fn exponential_less_one(x: f32) -> f32 {
    let t = hyperbolic_tangent(0.5 * x);
    return (2.0 * t) / (1.0 - t);
}

// The share of the standard normal distribution below x: through erf near 0, through e^r = erfc (|x| / sqrt 2) elsewhere
// (polynomials: N. Juffa). It is within 2^-24.
fn normal_cdf(x: f32) -> f32 {
    let a = 0.70710678 * x;
    let t = abs(a);
    let s = a * a;
    var near = -5.96761703e-4;
    near = near * s + 4.99119423e-3;
    near = near * s - 2.67681349e-2;
    near = near * s + 1.12819925e-1;
    near = near * s - 3.76125336e-1;
    near = near * s + 1.28379166e-1;
    let erf = near * a + a;
    var r = -1.72853470e-5 * t + 3.83197126e-4;
    r = r * s + (-3.88396438e-3 * t + 2.42546219e-2);
    r = r * t - 1.06777877e-1;
    r = r * t - 6.34846687e-1;
    r = r * t - 1.28717512e-1;
    let tail = 0.5 * exponential(r * t - t);
    return select(select(1.0 - tail, tail, x < 0.0), 0.5 + 0.5 * erf, t < 0.927734375);
}

// Where f and its slope have long been 0, a larger net would only overflow.
fn above_tail(net: f32) -> f32 { return select(net, -100.0, net < -100.0); }

// From here on tanh (ln (1 + e^net)) is 1.
fn below_twenty(net: f32) -> f32 { return select(net, 20.0, net > 20.0); }

// From here on slopes are 1. A larger net, times what is 0 but for rounding, would not be 0.
fn below_hundred(net: f32) -> f32 { return select(net, 100.0, net > 100.0); }

// f(net).
fn curve(activation: u32, net: f32) -> f32 {
    let x = above_tail(net);
    switch activation {
        case SELU: { return select(SELU_SCALE * net, SELU_LOW * exponential_less_one(net), is_below_zero(net)); }
        case ELU: { return select(net, exponential_less_one(net), is_below_zero(net)); }
        case GELU: { return x * normal_cdf(x); }
        case SILU: { return x * logistic(x); }
        case MISH: {
            let e = exponential(below_twenty(x));
            let n = e * (e + 2.0); // tanh (ln (1 + e)) = n / (n + 2)
            return x * (n / (n + 2.0));
        }
        case SOFTPLUS: { return select(net, 0.0, is_below_zero(net)) + logarithm_of_one_more(exponential(-abs(net))); }
        default: { return net; }
    }
}

// f'(net).
fn curve_slope(activation: u32, net: f32) -> f32 {
    let x = above_tail(net);
    switch activation {
        case SELU: { return select(SELU_SCALE, SELU_LOW * exponential(net), is_below_zero(net)); }
        case ELU: { return select(1.0, exponential(net), is_below_zero(net)); }
        case GELU: {
            let bounded = below_hundred(x);
            return normal_cdf(x) + bounded * (0.39894228 * exponential(-0.5 * bounded * bounded));
        }
        case SILU: {
            let s = logistic(x);
            return s * (1.0 + below_hundred(x) * (1.0 - s));
        }
        case MISH: {
            let bounded = below_twenty(x);
            let e = exponential(bounded);
            let n = e * (e + 2.0);
            return n / (n + 2.0) + bounded * ((e / (n + 2.0)) * (4.0 * (1.0 + e) / (n + 2.0)));
        }
        case SOFTPLUS: { return logistic(net); }
        default: { return 1.0; }
    }
}
