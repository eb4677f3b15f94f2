//! Tests of autotune, forced onto adapters that normally use the table: what is timed, what is saved, and equal bits.

use libtest_mimic::Failed;
use serde_json::Value;
use std::path::Path;
use std::sync::{Arc, Mutex};
use wgrad::gpu::adapter::timings::Autotune;
use wgrad::gpu::{Gpu, GpuSession};
use wgrad::kernels;
use wgrad::kernels::{Kernel, MadeFor, Variant};
use wgrad::model::{Loss, Optimizer};
use wgrad::plan::{KernelChoice, Session};
use wgrad::verify::training::TrainingRun;

/// The variants that a session chose, its warning, and the parameters after some steps.
struct Trained {
    chosen: Vec<KernelChoice>,
    warning: Option<String>,
    bits: Vec<u32>,
}

fn run() -> TrainingRun {
    let (widths, adam) = ([20, 24, 12], Optimizer::adam(0.01));
    TrainingRun::new("a run", &widths, Loss::CrossEntropy, adam, [33, 70])
}

/// Trains on `gpu` with the timings saved at `path`, as a separate process would.
fn trained(gpu: &Arc<Gpu>, path: Option<&Path>) -> Result<Trained, Failed> {
    let run = run();
    let mut gpu = (**gpu).clone();
    gpu.tuning = path.map(|path| Arc::new(Mutex::new(Autotune::at(path))));
    let mut session = GpuSession::call_by_call(Arc::new(gpu), &run.plan(), run.rows)?;
    let (chosen, warning) = (
        session.kernel_choices().to_vec(),
        session.warning().map(str::to_owned),
    );
    let parameters = run.train(&mut session, &run.mlp.parameters, &run.steps(2))?;
    Ok(Trained {
        chosen,
        warning,
        bits: parameters.into_iter().map(f32::to_bits).collect(),
    })
}

fn ensure(holds: bool, what: impl Into<String>) -> Result<(), Failed> {
    match holds {
        true => Ok(()),
        false => Err(what.into().into()),
    }
}

fn is_product(kernel: &str) -> bool {
    ["forward", "weight_gradient", "input_gradient"].contains(&kernel)
}

fn file(path: &Path) -> Result<Value, Failed> {
    Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
}

/// Returns the timings of a file, one per product.
fn timings(file: &mut Value) -> Result<&mut Vec<Value>, Failed> {
    let timings = file["timings"].as_array_mut();
    timings.ok_or_else(|| "the file has no timings".into())
}

/// Only products are timed, among exact variants only. The results keep their bits.
pub(crate) fn exact_products_are_timed(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("deep/tuning.json");
    let (table, timed) = (trained(gpu, None)?, trained(gpu, Some(&path))?);
    ensure(timed.warning.is_none(), format!("{:?}", timed.warning))?;
    ensure(table.bits == timed.bits, "the bits differ")?;
    for chosen in &timed.chosen {
        let right = chosen.exact && chosen.timed == is_product(chosen.kernel);
        ensure(right, format!("{chosen:?}"))?;
    }
    ensure(table.chosen.iter().all(|c| !c.timed), "timed unasked")?;
    for timing in timings(&mut file(&path)?)? {
        let kernel = kernels::ALL.iter().find(|k| timing["kernel"] == k.name);
        let variants = kernel.map_or(&[][..], |kernel| kernel.variants);
        let times = timing["us_per_call"].as_object();
        let times = times.ok_or("a timing has no times")?;
        ensure(times.len() >= 2, format!("nothing to choose: {timing}"))?;
        for (name, us) in times {
            let exact = variants.iter().any(|v| v.exact && v.name == name);
            let positive = us.as_f64().is_some_and(|us| us > 0.0);
            ensure(exact && positive, format!("{name}: {timing}"))?;
        }
    }
    Ok(())
}

/// A variant that claims to be exact, but gives other bits, is not timed.
pub(crate) fn other_bits_are_out(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let [from, to] = ["sums += a * right_tile", "sums = a * right_tile"];
    let variants = kernels::forward::KERNEL.variants.iter();
    let variants = variants.filter(|variant| variant.made_for != MadeFor::Software);
    let lying = variants.map(|variant| {
        // Only the skinny tile contains this line.
        let source = variant.sources.concat().replace(from, to);
        Variant {
            sources: Vec::leak(vec![&*source.leak()]),
            ..*variant
        }
    });
    let forward: &'static Kernel = Box::leak(Box::new(Kernel {
        variants: Vec::leak(lying.collect()),
        ..kernels::forward::KERNEL
    }));
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("tuning.json");
    let (run, mut gpu) = (run(), (**gpu).clone());
    gpu.tuning = Some(Arc::new(Mutex::new(Autotune::at(&path))));
    let mut plan = run.plan();
    let calls = plan.gradient.iter_mut();
    let calls = calls.filter(|call| call.kernel.name == forward.name);
    calls.for_each(|call| call.kernel = forward);
    GpuSession::new(Arc::new(gpu), &plan, run.rows)?;
    let mut kept = file(&path)?;
    let forward = timings(&mut kept)?
        .iter()
        .filter(|timing| timing["kernel"] == "forward");
    let times = forward.map(|timing| &timing["us_per_call"]);
    let times: Vec<_> = times.collect();
    let out = |times: &&Value| times["tile_skinny"].is_null() && times["plain"].is_number();
    ensure(
        !times.is_empty() && times.iter().all(out),
        format!("{times:?}"),
    )
}

/// Saved timings are used whatever they say, and not measured again. The bits stay the same.
pub(crate) fn timings_are_kept(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("tuning.json");
    let first = trained(gpu, Some(&path))?;
    let mut kept = file(&path)?;
    for name in ["tile_skinny", "tile_small", "tile_large", "plain"] {
        for timing in timings(&mut kept)? {
            timing["fastest"] = name.into();
        }
        let text = kept.to_string();
        std::fs::write(&path, &text)?;
        let again = trained(gpu, Some(&path))?;
        ensure(std::fs::read_to_string(&path)? == text, "timed again")?;
        ensure(again.bits == first.bits, format!("{name}: the bits differ"))?;
        let products = again.chosen.iter().filter(|c| is_product(c.kernel));
        for chosen in products {
            ensure(
                chosen.variant == name && chosen.timed,
                format!("{chosen:?}"),
            )?;
        }
    }
    for timing in timings(&mut kept)? {
        timing["key"]["driver_info"] = "another".into();
    }
    std::fs::write(&path, kept.to_string())?;
    trained(gpu, Some(&path))?;
    let renewed = !std::fs::read_to_string(&path)?.contains("another");
    ensure(renewed, "another driver's timings count")
}

/// A file that is damaged or not writable causes a warning, and no harm.
pub(crate) fn a_bad_file_does_no_harm(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("tuning.json");
    let sound = trained(gpu, Some(&path))?;
    let text = std::fs::read_to_string(&path)?;
    for damaged in ["", "{", "[]", "{\"timings\":[{}]}", &text[..text.len() / 2]] {
        std::fs::write(&path, damaged)?;
        let trained = trained(gpu, Some(&path))?;
        let warning = trained.warning.unwrap_or_default();
        let told = warning.contains("tuning.json") && warning.contains("not used");
        ensure(told, format!("{damaged:?}: {warning:?}"))?;
        ensure(trained.bits == sound.bits, "the bits differ")?;
        timings(&mut file(&path)?)?;
    }
    let mut unknown = file(&path)?;
    timings(&mut unknown)?[0]["fastest"] = "warp".into();
    std::fs::write(&path, unknown.to_string())?;
    let healed = trained(gpu, Some(&path))?;
    ensure(healed.warning.is_none(), format!("{:?}", healed.warning))?;
    ensure(healed.chosen.iter().all(|c| c.variant != "warp"), "warp")?;
    // The folder is a file.
    let nowhere = trained(gpu, Some(&path.join("tuning.json")))?;
    let warning = nowhere.warning.unwrap_or_default();
    let told = warning.contains("tuning.json") && warning.contains("timings are not");
    ensure(told, format!("{warning:?}"))?;
    ensure(nowhere.bits == sound.bits, "the bits differ")
}
