//! Mutation tests: the comparisons that the other tests rely on must catch each fault.

use crate::{rig, rows, split};
use libtest_mimic::Failed;
use std::collections::BTreeSet;
use std::sync::Arc;
use wgrad::gpu::Gpu;
use wgrad::gpu::print::buffers::source;
use wgrad::kernels::{Kernel, Variant, gather, squared_error};
use wgrad::verify::{
    KERNELS,
    case::{Case, only},
    numbers::Numbers,
};

/// A fault: the kernel, a piece of its module, and the replacement.
pub(crate) type Mutant = (&'static str, &'static str, &'static str);

const MUTANTS: [Mutant; 113] = [
    // loop bounds
    (
        "forward",
        "for (var i = 0u; i < I; i++)",
        "for (var i = 1u; i < I; i++)",
    ),
    (
        "forward",
        "for (var i = 0u; i < I; i++)",
        "for (var i = 0u; i + 1u < I; i++)",
    ),
    (
        "input_gradient",
        "for (var o = 0u; o < O; o++)",
        "for (var o = 1u; o < O; o++)",
    ),
    ("weight_gradient", "n < end", "n + 1u < end"),
    (
        "cross_entropy",
        "for (var o = 1u; o < O; o++)",
        "for (var o = 1u; o + 1u < O; o++)",
    ),
    (
        "correct",
        "for (var o = 1u; o < O; o++)",
        "for (var o = 1u; o + 1u < O; o++)",
    ),
    ("forward", "i < I; i++", "i <= I; i++"),
    // indices
    ("forward", "o * I + i", "i * O + o"),
    ("input_gradient", "o * I + i", "i * O + o"),
    (
        "weight_gradient",
        "store(dw, o * I + i",
        "store(dw, i * O + o",
    ),
    ("gather", "data_row(n) * T + (i - I)", "data_row(n) * T"),
    // terms
    ("forward", "var net = load(b, o);", "var net = 0.0;"),
    (
        "input_gradient",
        "sum * slope(activation, load(below, at(n, i, I)))",
        "sum",
    ),
    (
        "squared_error",
        "difference * slope(activation, y)",
        "difference",
    ),
    ("squared_error", "0.5 * scale * sum", "scale * sum"),
    (
        "cross_entropy",
        "load(out, at(n, o, O)) - largest",
        "load(out, at(n, o, O))",
    ),
    ("cross_entropy", "/ sum - t) * share", "/ sum - t)"),
    ("cross_entropy", "bitcast<f32>(keep) * wanted", "wanted"),
    ("cross_entropy", "+ bitcast<f32>(rest)", ""),
    (
        "squared_error",
        "row_weight(targets, n, O, form) * (0.5",
        "(0.5",
    ),
    (
        "squared_error",
        "slope(activation, y) * share",
        "slope(activation, y) * inverse_rows()",
    ),
    ("absolute_error", "abs(d) - 0.5 * f32(huber)", "abs(d)"),
    ("absolute_error", "select(sign(d), d, is_near)", "sign(d)"),
    (
        "absolute_error",
        "huber == 1u && abs(d) < 1.0",
        "abs(d) < 1.0",
    ),
    ("absolute_error", "slope(activation, y) * share", "share"),
    (
        "quantile_error",
        "select(q, -(1.0 - q), d < 0.0) * d",
        "q * d",
    ),
    ("quantile_error", "1.0 - q, d < 0.0);", "q, d < 0.0);"),
    ("linked_error", "sum += mean - t * y;", "sum += mean;"),
    (
        "linked_error",
        "- t * y;\n            sum += certain",
        "- y;\n            sum += certain",
    ),
    (
        "linked_error",
        "mean = logistic(y);",
        "mean = exponential(y);",
    ),
    ("square_sums", "sum += g * g;", "sum = g * g;"),
    ("square_sums", "var k = j; k < P", "var k = j; k + 1u < P"),
    ("clip_factor", "if (first == 0u)", "if (first == 2u)"),
    ("clip_factor", "select(ratio, 1.0, ratio > 1.0)", "ratio"),
    ("clip", "g *= load(factor, 0u);", ""),
    ("clip", "-most, g < -most)", "most, g < -most)"),
    ("rmsprop", "(1.0 - kept) * (g * g)", "(1.0 - kept) * g"),
    ("rmsprop", "store(b, k, direction);", ""),
    ("lion", "select(sign(mixed), mixed, is_nan(mixed))", "mixed"),
    (
        "lion",
        "b2 * before + (1.0 - b2) * g",
        "b1 * before + (1.0 - b1) * g",
    ),
    ("activation", "x * normal_cdf(x)", "x * logistic(x)"),
    ("activation", "0.5 + 0.5 * erf", "0.5 + 0.49 * erf"),
    ("activation", "select(1.0 - tail, tail, x < 0.0)", "tail"),
    ("activation", "let n = e * (e + 2.0);", "let n = e * e;"),
    (
        "activation",
        "SELU_LOW * exponential_less_one(net)",
        "SELU_LOW",
    ),
    (
        "activation_gradient",
        "s * (1.0 + x * (1.0 - s))",
        "s * (1.0 + x)",
    ),
    (
        "activation_gradient",
        "exponential(-0.5 * x * x)",
        "exponential(0.5 * x)",
    ),
    (
        "activation_gradient",
        "load(out_gradient, k) * curve_slope",
        "curve_slope",
    ),
    ("dropout", "bitcast<f32>(scale) * y", "y"),
    ("dropout", "scramble(mask ^ i", "scramble(mask"),
    (
        "dropout",
        "scramble(step, key, 6u + layer) ^ n",
        "scramble(step, key, 6u + layer)",
    ),
    ("dropout", "scramble(step, key", "scramble(0u, key"),
    ("dropout", "< rate;", "> rate;"),
    ("weight_gradient", "partial(dw, o * I + i, first)", "0.0"),
    ("weight_gradient", "partial(db, o, first)", "0.0"),
    ("sgd", "g + bitcast<f32>(momentum) * load(velocity, k)", "g"),
    ("sgd", "g += bitcast<f32>(decay) * p;", ""),
    ("sgd", "g + bitcast<f32>(momentum) * v,", "v,"),
    ("adam", "correction1() * first", "correction2() * first"),
    ("adam", "(1.0 - b2) * (g * g)", "(1.0 - b2) * g"),
    ("adam", "sqrt(correction2() * second)", "sqrt(second)"),
    // edges
    (
        "forward",
        "return u.y < rows();",
        "return u.y < UNITS1 + 0u * rows();",
    ),
    (
        "weight_gradient",
        "min(rows(), first + limit)",
        "max(rows(), first + limit)",
    ),
    (
        "input_gradient",
        "case RELU: { return select(0.0, 1.0, out > 0.0); }",
        "",
    ),
    (
        "forward",
        "case RELU: { return select(net, 0.0, is_below_zero(net)); }",
        "",
    ),
    ("correct", "if (y > largest)", "if (y >= largest)"),
    ("gather", "shuffled(step.key, i, step.count)", "i"),
    ("gather", "round < 6u", "round < 5u"),
    ("gather", "row * columns + i", "row * columns"),
    // tiles in registers
    ("forward", "+ a.w * b[3];", ";"),
    ("forward", "16u * (lane / 4u)", "15u * (lane / 4u)"),
    ("forward", "add_row(s15, a3[3]", "add_row(s15, a3[2]"),
    ("forward", "s14 = s15;", "s14 = s13;"),
    (
        "input_gradient",
        "right_four(column + 12u",
        "right_four(column + 8u",
    ),
    ("forward", "begin_row(row + 15u, column)", "mat4x4<f32>()"),
    (
        "weight_gradient",
        "begin_row(row + 15u, column)",
        "mat4x4<f32>()",
    ),
    (
        "weight_gradient",
        "select(0u, width, line < lines)",
        "width",
    ),
    ("weight_gradient", "terms_at.y + t", "terms_at.y"),
    ("forward", "term += 4u", "term += 8u"),
    ("weight_gradient", "ARG2 == 0u || o >= ARG1", "true"),
    // tiles
    (
        "forward",
        "workgroupBarrier(); // the terms before are added",
        "",
    ),
    ("forward", "workgroupBarrier(); // these are there", ""),
    (
        "forward",
        "fetch(lane, tile, term + TILE_TERMS)",
        "fetch(lane, tile, term)",
    ),
    ("forward", "texel(operand, last / 4u)", "first"),
    ("forward", "term < end; term +=", "term + 1u < end; term +="),
    (
        "forward",
        "add_term(sums, left_tile[t * LEFT_STRIDE + down]",
        "add_term(sums, left_tile[t * LEFT_STRIDE + across]",
    ),
    (
        "forward",
        "add_term(sums.lower_right, lower, right)",
        "add_term(sums.lower_right, upper, right)",
    ),
    (
        "forward",
        "add_term(sums.upper_right, upper, right)",
        "add_term(sums.upper_right, upper, left)",
    ),
    ("forward", "add_terms(sums, 13u,", "add_terms(sums, 12u,"),
    ("forward", "lane / 64u * 4u", "lane / 64u"),
    (
        "forward",
        "keep_right(lane, next_right);",
        "keep_right(lane, next_left);",
    ),
    ("forward", "[down % 4u]", "[down % 2u]"),
    ("weight_gradient", "line >= lines ||", "line > lines ||"),
    ("input_gradient", "sums.w * slope(", "sums.w + 0.0 * slope("),
    (
        "weight_gradient",
        "lane < TILE_ROWS / 4u",
        "lane < TILE_ROWS / 8u",
    ),
    (
        "weight_gradient",
        "LEFT_STRIDE = TILE_ROWS / 4u + 1u",
        "LEFT_STRIDE = TILE_ROWS / 4u - 1u",
    ),
    ("weight_gradient", "o >= ARG1 || i >= ARG0", "true"),
    ("weight_gradient", "min(rows(), ARG2 + ARG3)", "rows()"),
    // gradient and update in one kernel
    ("fused_sgd", "g += bitcast<f32>(decay) * p;", ""),
    ("fused_sgd", "descend(w, o * I + i", "descend(w, i * O + o"),
    (
        "fused_sgd",
        "0u, rows(), delta, x)",
        "1u, rows(), delta, x)",
    ),
    ("fused_sgd", "g += bitcast<f32>(ARG2) * p;", ""),
    (
        "fused_sgd",
        "p - learning_rate() * g",
        "p + learning_rate() * g",
    ),
    ("fused_sgd", "p - rate() * g", "p + rate() * g"),
    (
        "fused_sgd",
        "if (o < ARG1 && goes_on)",
        "if (o + 1u < ARG1 && goes_on)",
    ),
    // more inputs, weights and classes than fit 10, 16 and 8 bits
    ("forward", "i < I; i++", "i < min(I, 1024u); i++"),
    (
        "forward",
        "load(w, o * I + i)",
        "load(w, (o * I + i) & 0xFFFFu)",
    ),
    (
        "forward",
        "term < end; term +=",
        "term < min(end, 1024u); term +=",
    ),
    ("squared_error", "o < O; o++", "o < min(O, 256u); o++"),
    ("cross_entropy", "o < O; o++", "o < min(O, 256u); o++"),
    ("correct", "o < O; o++", "o < min(O, 256u); o++"),
    // 0 below a leaky relu
    (
        "input_gradient",
        "select(LEAK, 1.0, out > 0.0)",
        "select(LEAK, 1.0, out >= 0.0)",
    ),
    (
        "squared_error",
        "select(LEAK, 1.0, out > 0.0)",
        "select(LEAK, 1.0, out >= 0.0)",
    ),
];

/// Returns `kernel` with a fault, for each of its variants that contains the piece.
pub(crate) fn mutated(
    kernel: &'static Kernel,
    from: &str,
    to: &str,
) -> Result<Vec<&'static Kernel>, Failed> {
    let mut mutants = Vec::new();
    for variant in kernel.variants {
        let text = variant.sources.concat();
        if text.contains(from) {
            let text: &'static str = text.replace(from, to).leak();
            let variant = Variant {
                sources: Vec::leak(vec![text]),
                ..*variant
            };
            // A mutant that does not compile would be caught for the wrong reason.
            let whole = source(kernel, &variant);
            naga::front::wgsl::parse_str(&whole).map_err(|why| why.emit_to_string(&whole))?;
            mutants.push(only(kernel, Box::leak(Box::new(variant))));
        }
    }
    match mutants.is_empty() {
        true => Err(format!("{}: no shader has `{from}` any more", kernel.name).into()),
        false => Ok(mutants),
    }
}

/// Tests of all faults, one for each kernel that has any.
pub(crate) fn tests() -> Vec<(String, crate::Test)> {
    let all = || MUTANTS.into_iter().chain(split::MUTANTS);
    let names: BTreeSet<&str> = all().map(|(name, ..)| name).collect();
    let of_kernel = |name: &'static str| {
        crate::test(
            format!("every seeded fault of {name} is caught"),
            move |gpu| are_caught(gpu, name, all().filter(|(own, ..)| *own == name)),
        )
    };
    names.into_iter().map(of_kernel).collect()
}

fn are_caught(
    gpu: &Arc<Gpu>,
    name: &str,
    mutants: impl Iterator<Item = Mutant>,
) -> Result<(), Failed> {
    let mut kernels = KERNELS.iter();
    let found = kernels.find(|(kernel, _)| kernel.name == name);
    let (kernel, cases) = found.ok_or_else(|| format!("there is no kernel {name}"))?;
    let mut cases = [Numbers::Integers, Numbers::Reals].map(cases).concat();
    cases.reverse(); // the last shapes have the most edges
    let mut survivors = Vec::new();
    for (_, from, to) in mutants {
        // The last variants compile fastest: they find the case that catches the fault.
        for mutant in mutated(kernel, from, to)?.into_iter().rev() {
            let runs = mutant.variants[0].needs.met(&gpu.capabilities());
            if runs && !is_caught(gpu, mutant, &mut cases)? {
                survivors.push(format!("{name}: `{from}` -> `{to}`"));
            }
        }
    }
    match survivors.is_empty() {
        true => Ok(()),
        false => Err(format!("not caught: {}", survivors.join("; ")).into()),
    }
}

/// Whether one of the cases catches the mutant. That one is moved to the front: it mostly catches the same fault in the
/// next variant too, and compiling a case takes up to seconds.
fn is_caught(gpu: &Arc<Gpu>, mutant: &'static Kernel, cases: &mut [Case]) -> Result<bool, Failed> {
    // No other test runs the mutant, so its sessions end here.
    let (loaded, variant) = (rig::Loaded::new(), &mutant.variants[0]);
    let catches =
        |case: &Case| case.fits(gpu, variant) && loaded.check(gpu, &case.with(mutant)).is_err();
    let caught = cases.iter().position(catches);
    // A fault that the device refuses is caught for the wrong reason too: mutants must use all bindings of a kernel.
    gpu.check()?;
    if let Some(at) = caught {
        cases[..=at].rotate_right(1);
    }
    Ok(caught.is_some())
}

/// Catches faults that show only in a run of several steps.
pub(crate) fn of_several_steps_are_caught(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let follow = |gather, loss| rows::steps_follow_one_another(gpu, gather, loss);
    // The last variant runs on every adapter.
    let plain = |kernel, from, to| match mutated(kernel, from, to)?[..] {
        [.., mutant] => Ok(mutant),
        [] => Err(Failed::from(format!("`{from}` is in no variant"))),
    };
    let uncounted = plain(&squared_error::KERNEL, "counter += 1u;", "counter += 0u;")?;
    let forgetful = plain(&squared_error::KERNEL, "load(error, account) + e", "e")?;
    let unmoved = plain(&gather::KERNEL, "let i = step.start + n;", "let i = n;")?;
    let (mut ahead, adapter) = (Vec::new(), gpu.capabilities());
    for what in ["SLOT_ROWS * group.z", "counter + group.z"] {
        let faulty = what.replace("group.z", "0u * group.z");
        for mutant in mutated(&gather::KERNEL, what, &faulty)? {
            if mutant.variants[0].needs.met(&adapter) {
                ahead.push((what, follow(mutant, &squared_error::KERNEL)));
            }
        }
    }
    let runs = [
        ("an uncounted step", follow(&gather::KERNEL, uncounted)),
        ("a forgetful account", follow(&gather::KERNEL, forgetful)),
        (
            "a batch that stays",
            follow(unmoved, &squared_error::KERNEL),
        ),
    ];
    let runs: Vec<_> = runs.into_iter().chain(ahead).collect();
    gpu.check()?;
    match runs.iter().find(|(_, run)| run.is_ok()) {
        None => Ok(()),
        Some((name, _)) => Err(format!("not caught: {name}").into()),
    }
}
