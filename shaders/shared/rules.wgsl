// Scalar rules that every family and variant shares: elementary functions, activations, the row order.
// Twins: src/math/real.rs (elementary functions), src/model/activation.rs, src/math/random.rs (shuffled, masks).
//
// exp, log and tanh are our own: drivers' versions are off by up to 63 ULP, lose tanh near 0, or return NaN for large
// input. These use + - * / and bit operations only, clamp their input, and stay within 4 ULP on every adapter.

// e^x. Cody and Waite's reduction x = k ln 2 + r, then 1 + r + r^2 p(r), with p of degree 4 such that the largest relative
// error is the smallest (3e-9; Lawson's iteration), added up so that few operations wait for each other.
// 1.5 * 2^23 leaves no bits for a fraction, so that k is in the low bits of the sum, and x / ln 2 rounded.
// Below -87.34, where the result would be subnormal, it is 2^-126. A NaN comes back as it is: the shift would make a finite
// number of one with all its bits set, as some hardware has it.
fn exponential(x: f32) -> f32 {
    let bounded = select(select(x, -87.33654, x < -87.33654), 88.72283, x > 88.72283); // clamp could lose a NaN
    let shifted = bitcast<i32>(bounded * 1.44269504 + 12582912.0);
    let k = f32(shifted - 0x4B400000);
    let r = (bounded - k * 0.693359375) + k * 2.12194440e-4;
    let z = r * r;
    let low = 0.16666521 * r + 0.49999994;
    let high = 0.00138145406 * z + (0.00836874545 * r + 0.041668389);
    let scaled = ((high * z + low) * z + r) + 1.0;
    return select(bitcast<f32>(bitcast<i32>(scaled) + (shifted << 23u)), x, is_nan(x));
}

// ln x for x > 0 (coefficients: Cephes logf). Anything smaller than 2^-126, zero included, counts as 2^-126.
fn logarithm(x: f32) -> f32 {
    let bits = bitcast<i32>(max(x, 1.17549435e-38)) - 0x3F3504F3; // sqrt(1/2): the mantissa lands in [sqrt(1/2), sqrt(2))
    let k = f32(bits >> 23u);
    let r = bitcast<f32>((bits & 0x007FFFFF) + 0x3F3504F3) - 1.0;
    let z = r * r;
    var p = 7.0376836292e-2;
    p = p * r - 1.1514610310e-1;
    p = p * r + 1.1676998740e-1;
    p = p * r - 1.2420140846e-1;
    p = p * r + 1.4249322787e-1;
    p = p * r - 1.6668057665e-1;
    p = p * r + 2.0000714765e-1;
    p = p * r - 2.4999993993e-1;
    p = p * r + 3.3333331174e-1;
    let tail = (p * (r * z) - k * 2.12194440e-4) - 0.5 * z;
    return (r + tail) + k * 0.693359375;
}

// ln (1 + y) for 0 <= y <= 1 as 2 artanh (y / (2 + y)), by its series: drivers would make y of the divisor of Goldberg's
// ln (1 + y) y / ((1 + y) - 1).
fn logarithm_of_one_more(y: f32) -> f32 {
    let s = y / (2.0 + y);
    let z = s * s;
    let high = ((0.13333334 * z + 0.15384616) * z + 0.18181819) * z + 0.22222222;
    let p = ((high * z + 0.2857143) * z + 0.4) * z + 0.6666667;
    return p * (z * s) + 2.0 * s;
}

// 1 / (1 + e^-x), without overflow on either side.
fn logistic(x: f32) -> f32 {
    let e = exponential(-abs(x));
    return select(1.0, e, x < 0.0) / (1.0 + e);
}

// tanh x: an odd polynomial near 0 (coefficients: Cephes tanhf), (1 - e^-2|x|) / (1 + e^-2|x|) elsewhere.
fn hyperbolic_tangent(x: f32) -> f32 {
    let z = x * x;
    var p = -5.70498872745e-3;
    p = p * z + 2.06390887954e-2;
    p = p * z - 5.37397155531e-2;
    p = p * z + 1.33314422036e-1;
    p = p * z - 3.33332819422e-1;
    let near = p * z * x + x;
    let e = exponential(-2.0 * abs(x));
    let far = (1.0 - e) / (1.0 + e);
    return select(select(far, -far, x < 0.0), near, abs(x) < 0.625);
}

const IDENTITY = 0u;
const SIGMOID = 1u;
const TANH = 2u;
const RELU = 3u;
const LEAKY_RELU = 4u;
const LEAK = 0.01;

// f(net). Below 0 is tested on bits, so that no driver makes it max(net, 0), which would hide a NaN.
fn activate(activation: u32, net: f32) -> f32 {
    switch activation {
        case SIGMOID: { return logistic(net); }
        case TANH: { return hyperbolic_tangent(net); }
        case RELU: { return select(net, 0.0, is_below_zero(net)); }
        case LEAKY_RELU: { return select(net, LEAK * net, is_below_zero(net)); }
        default: { return net; }
    }
}

// f'(net), written on out = f(net), so that net need not be kept.
fn slope(activation: u32, out: f32) -> f32 {
    switch activation {
        case SIGMOID: { return out * (1.0 - out); }
        case TANH: { return 1.0 - out * out; }
        case RELU: { return select(0.0, 1.0, out > 0.0); }
        case LEAKY_RELU: { return select(LEAK, 1.0, out > 0.0); }
        default: { return 1.0; }
    }
}

// These are tested on bits: a driver may compare floats as if there were no NaN.
fn is_nan(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7FFFFFFFu) > 0x7F800000u;
}

// Neither -0 nor NaN is.
fn is_below_zero(x: f32) -> bool {
    return bitcast<u32>(x) - 0x80000001u < 0x7F800000u;
}

fn is_finite(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7F800000u) != 0x7F800000u;
}

// The Feistel round function: MurmurHash3's finaliser over the key and half the block.
fn scramble(value: u32, key: vec2<u32>, round: u32) -> u32 {
    var h = (value + key.x) ^ (key.y * (2u * round + 1u));
    h = (h ^ (h >> 16u)) * 0x85EBCA6Bu;
    h = (h ^ (h >> 13u)) * 0xC2B2AE35u;
    return h ^ (h >> 16u);
}

// The mask of dropout for row n of a step's batch, and whether it drops neuron i. Rounds 0 to 5 are those of the row order.
fn mask_of_row(key: vec2<u32>, step: u32, n: u32, layer: u32) -> u32 {
    return scramble(scramble(step, key, 6u + layer) ^ n, key, 6u + layer);
}
fn is_dropped(mask: u32, key: vec2<u32>, i: u32, layer: u32, rate: f32) -> bool {
    let bits = scramble(mask ^ i, key, 6u + layer);
    return f32(bits >> 8u) * 5.9604644775390625e-8 < rate; // 2^-24
}

// The position of i when 0..count is shuffled under key: a Feistel network, walked until it lands inside.
fn shuffled(key: vec2<u32>, i: u32, count: u32) -> u32 {
    let half = max((33u - countLeadingZeros(count - 1u)) / 2u, 1u);
    let mask = (1u << half) - 1u;
    var at = i;
    loop {
        var left = at >> half;
        var right = at & mask;
        for (var round = 0u; round < 6u; round++) {
            let next = left ^ (scramble(right, key, round) & mask);
            left = right;
            right = next;
        }
        at = (left << half) | right;
        if (at < count) { break; }
    }
    return at;
}
