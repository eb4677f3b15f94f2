//! Compares every kernel, in every variant that an adapter supports, with its f64 twin and with itself.

mod bits;
mod blocks;
mod boundaries;
mod clock;
#[path = "../common/mod.rs"]
mod common;
mod divergence;
mod elementwise;
mod faults;
mod grids;
mod lanes;
mod mixed;
mod mutants;
mod populations;
mod properties;
mod rig;
mod rows;
mod shared;
mod split;
mod tuning;
mod updates;
mod variants;
mod verification;
mod workgroups;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use std::sync::Arc;
use wgrad::gpu::Gpu;
use wgrad::gpu::adapter::adapters::is_software;
use wgrad::kernels::{Kernel, *};
use wgrad::model::Activation;
use wgrad::verify::{Cases, KERNELS, families, numbers::Numbers, training::TrainingRun};

/// A test that runs on each adapter.
type Test = Box<dyn Fn(&Arc<Gpu>) -> Result<Completion, Failed> + Send + Sync>;

fn main() {
    let arguments = Arguments::from_args();
    let mut tests = general_tests();
    tests.extend(curve_tests());
    tests.extend(mutants::tests());
    tests.extend(timing_tests());
    tests.extend(mixed_tests());
    tests.push((
        "the adapter's clock times what runs, and changes no bit".to_owned(),
        Box::new(clock::times_what_runs),
    ));
    tests.extend(software_tests());
    let in_lanes = families::runs().into_iter();
    // A lane has no dropout.
    let in_lanes = in_lanes.filter(|run| run.training.dropout == 0.0);
    tests.extend(in_lanes.map(lane_test));
    tests.extend(workgroups::tests());
    tests.extend(verification::tests());
    tests.extend(boundaries::tests());
    // Tests of one kernel compile the same modules, so they are not side by side: the driver keeps what it compiled.
    let mut of_kernels = KERNELS.map(|kernel| kernel_tests(kernel).into_iter());
    for _ in 0..3 {
        tests.extend(of_kernels.iter_mut().filter_map(Iterator::next));
    }
    tests.extend(
        Activation::IN_PRODUCTS
            .into_iter()
            .flat_map(activation_tests),
    );
    let mut trials = common::trials(tests);
    trials.extend([
        Trial::test("every kernel has cases", every_kernel_has_cases),
        Trial::test(
            "a diverged run stops on the CPU",
            divergence::stops_on_the_cpu,
        ),
        Trial::test(
            "on the CPU a network of a population trains as it does alone",
            populations::agree_on_the_cpu,
        ),
        Trial::test(
            "on the CPU one network of a population may diverge",
            populations::one_diverges_on_the_cpu,
        ),
        Trial::test(
            "on the CPU fused SGD has the bits of a gradient and a step",
            updates::fused_sgd_on_the_cpu,
        ),
        Trial::test(
            "a population stops when it is told to",
            populations::stop_when_told,
        ),
    ]);
    libtest_mimic::run(&arguments, trials).exit();
}

fn every_kernel_has_cases() -> Result<(), Failed> {
    let mut all = ALL.iter();
    match all.find(|kernel| KERNELS.iter().all(|(own, _)| own.name != kernel.name)) {
        None => Ok(()),
        Some(kernel) => Err(format!("src/verify.rs: no cases for {}", kernel.name).into()),
    }
}

fn test(
    sentence: impl Into<String>,
    test: impl Fn(&Arc<Gpu>) -> Result<(), Failed> + Send + Sync + 'static,
) -> (String, Test) {
    let test = move |gpu: &Arc<Gpu>| test(gpu).map(|()| Completion::Completed);
    (sentence.into(), Box::new(test))
}

fn kernel_tests((kernel, cases): (&'static Kernel, Cases)) -> [(String, Test); 3] {
    let name = kernel.name;
    [
        test(
            format!(
                "{name} agrees with its f64 twin on integers, exactly where nothing is rounded"
            ),
            move |gpu| variants::agree(gpu, kernel, cases, Numbers::Integers),
        ),
        test(
            format!("{name} stays within its bounds of the f64 twin on reals"),
            move |gpu| variants::agree(gpu, kernel, cases, Numbers::Reals),
        ),
        test(format!("{name} gives the same bits 20 times"), move |gpu| {
            properties::repeats(gpu, kernel, cases)
        }),
    ]
}

fn activation_tests(activation: Activation) -> Vec<(String, Test)> {
    let name = format!("{activation:?}").to_lowercase();
    vec![
        test(
            format!("{name} stays within 4 units in the last place of f64"),
            move |gpu| elementwise::within_four_ulp(gpu, activation),
        ),
        test(format!("{name} of NaN is NaN"), move |gpu| {
            elementwise::nan_stays(gpu, activation)
        }),
    ]
}

/// Tests of the activations with kernels of their own.
fn curve_tests() -> Vec<(String, Test)> {
    vec![
        test(
            "activation stays within its bounds for nets of all magnitudes",
            |gpu| elementwise::curves_of_all_magnitudes(gpu, &activation::KERNEL),
        ),
        test(
            "activation_gradient stays within its bounds for nets of all magnitudes",
            |gpu| elementwise::curves_of_all_magnitudes(gpu, &activation_gradient::KERNEL),
        ),
    ]
}

fn general_tests() -> Vec<(String, Test)> {
    vec![
        test(
            "exp, log and softmax of logits of any size stay within their bounds",
            elementwise::of_logits,
        ),
        test(
            "permuted rows give permuted outputs",
            properties::permuted_rows,
        ),
        test(
            "inputs times a power of two give outputs times it",
            properties::scaled_inputs,
        ),
        test(
            "a row's outputs do not depend on the rows beside it",
            properties::rows_beside,
        ),
        test(
            "gather copies the rows that the schedule defines",
            rows::rows_are_the_schedules,
        ),
        test(
            "the steps of an epoch follow one another in one run",
            |gpu| rows::steps_follow_one_another(gpu, &gather::KERNEL, &squared_error::KERNEL),
        ),
        test(
            "the steps of an epoch follow one another in several submissions",
            |gpu| {
                let gpu = rig::as_hardware(gpu);
                rows::steps_follow_one_another(&gpu, &gather::KERNEL, &squared_error::KERNEL)
            },
        ),
        test(
            "a diverged run stops in the device family",
            divergence::stops_in_buffers,
        ),
        test(
            "a diverged run stops in the lane family",
            divergence::stops_in_a_lane,
        ),
        test(
            "a diverged run stops in a later script of the lane family",
            divergence::stops_in_a_later_script,
        ),
        test(
            "of a population only the network that diverges stops",
            divergence::only_one_network_stops,
        ),
        test(
            "in a lane steps may take one row again and again",
            lanes::rows_repeat,
        ),
        test(
            "a lane refuses to update in place within a batch",
            lanes::refuses_batches_in_place,
        ),
        test(
            "what a family does not keep cannot be read",
            lanes::refuse_to_read,
        ),
        test(
            "split sums stay within gamma of the exact ones",
            split::stay_within_gamma,
        ),
        test(
            "split sums have the same bits 100 times",
            split::same_bits_100_times,
        ),
        test(
            "every seeded fault of several steps is caught",
            mutants::of_several_steps_are_caught,
        ),
    ]
}

fn timing_tests() -> Vec<(String, Test)> {
    vec![
        test(
            "a variant of other bits is not timed",
            tuning::other_bits_are_out,
        ),
        test(
            "kept timings of variants are taken",
            tuning::timings_are_kept,
        ),
        test(
            "a bad file of timings does no harm",
            tuning::a_bad_file_does_no_harm,
        ),
    ]
}

fn mixed_tests() -> Vec<(String, Test)> {
    vec![
        (
            "sums of cooperative matrices are within their bound, and of integers exact".to_owned(),
            Box::new(mixed::products_are_within_bounds),
        ),
        (
            "what f16 cannot hold shows in sums of cooperative matrices".to_owned(),
            Box::new(mixed::beyond_f16_is_not_finite),
        ),
        test("mixed precision is opt-in", mixed::is_opt_in),
    ]
}

fn lane_test(run: TrainingRun) -> (String, Test) {
    let sentence = format!("in a lane {} trains as in the device family", run.name);
    let test = move |gpu: &Arc<Gpu>| match families::compiles(gpu, &run) {
        true => lanes::agree(gpu, &run).map(|()| Completion::Completed),
        false => Ok(Completion::ignored_with("compiling it takes minutes")),
    };
    (sentence, Box::new(test))
}

/// Returns tests of bits, for software adapters only: a GPU's compiler may or may not fuse a product and a sum.
fn software_tests() -> Vec<(String, Test)> {
    let mut tests = vec![
        test(
            "sums have the bits of a loop that adds in order",
            bits::sums_are_in_order,
        ),
        test(
            "exact variants of a kernel have the same bits",
            bits::variants_agree,
        ),
        test(
            "fused SGD has the bits of a gradient and a step",
            updates::fused_sgd_on_an_adapter,
        ),
        test(
            "split sums have the bits of a loop over slices",
            split::sums_have_the_bits_of_slices,
        ),
        test(
            "products are timed, among exact variants",
            tuning::exact_products_are_timed,
        ),
        test(
            "split sums are taken only where they may be",
            split::are_taken_where_they_may_be,
        ),
        test(
            "a network of a population trains as it does alone on the CPU",
            populations::agree_on_an_adapter,
        ),
        test(
            "in a workgroup every kernel has the bits of its plain variant",
            workgroups::kernels_agree,
        ),
        test(
            "a population in workgroups trains as in the device family",
            grids::agree,
        ),
        test(
            "every seeded fault of a workgroup is caught",
            workgroups::mutants_are_caught,
        ),
    ];
    tests.extend(blocks::tests());
    tests.extend(faults::tests());
    tests.extend(shared::tests());
    tests.extend(workgroups::runs().into_iter().map(|run| {
        let sentence = format!(
            "in a workgroup {} trains as in the other families",
            run.name
        );
        test(sentence, move |gpu| workgroups::agree(gpu, &run))
    }));
    let on_software = |test: Test| -> Test {
        Box::new(move |gpu| match is_software(&gpu.info) {
            true => test(gpu),
            false => Ok(Completion::ignored_with("not a software adapter")),
        })
    };
    let tests = tests.into_iter();
    tests
        .map(|(sentence, test)| (sentence, on_software(test)))
        .collect()
}
