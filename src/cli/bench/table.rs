//! Measurements as a table, with what each device reaches at best in its head, and the crossovers in words.

use wgrad::bench::{Ceiling, Row};
use wgrad::device::Precision;
use wgrad::plan::population::Family;

/// What a device reaches at best: what the table's last column is a share of.
pub(super) fn ceiling(ceiling: &Ceiling) -> String {
    format!(
        "{}: {:.1} GFLOP/s at best (in {}), {:.1} GB/s in a large copy",
        ceiling.adapter, ceiling.gflops, ceiling.of, ceiling.copy_gb_per_s
    )
}

/// What a row was measured on.
fn device(row: &Row) -> String {
    match row.precision {
        Precision::F32 => row.adapter.clone(),
        Precision::Mixed => format!("{}, mixed", row.adapter),
    }
}

pub(super) fn table(ceilings: &[Ceiling], rows: &[Row]) -> Vec<String> {
    let longest = |text: fn(&Row) -> &str| rows.iter().map(|r| text(r).len()).max().unwrap_or(0);
    let layers = longest(|r| &r.layers);
    let adapter = rows.iter().map(|r| device(r).len()).max().unwrap_or(0);
    let mut lines: Vec<String> = ceilings.iter().map(ceiling).collect();
    lines.push(String::new());
    lines.push(format!(
        "{:<layers$}  {:>6}  {:>8}  {:<adapter$}  {:<6}  {:>12}  {:>13}  {:>8}  {:>7}",
        "layers",
        "batch",
        "networks",
        "device",
        "family",
        "us a step",
        "rows/s",
        "GFLOP/s",
        "ceiling"
    ));
    lines.extend(rows.iter().map(|r| {
        format!(
            "{:<layers$}  {:>6}  {:>8}  {:<adapter$}  {:<6}  {:>12.1}  {:>13.0}  {:>8.2}  {:>5.1} %",
            r.layers,
            r.batch,
            r.networks,
            device(r),
            format!("{:?}", r.family).to_lowercase(),
            r.us_per_step,
            r.samples_per_s,
            r.gflops,
            100.0 * r.share
        )
    }));
    lines.push(String::new());
    lines
}

/// For each network and adapter, from which batch on the adapter is faster than the CPU device.
pub(super) fn crossovers(rows: &[Row]) -> Vec<String> {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    let mut sentences = Vec::new();
    for row in rows.iter().filter(|r| r.device == "gpu") {
        if seen.contains(&(&row.layers, &row.adapter)) {
            continue;
        }
        seen.push((&row.layers, &row.adapter));
        let mut batches: Vec<usize> = rows.iter().map(|r| r.batch).collect();
        batches.sort_unstable();
        batches.dedup();
        let best = |device: &str, adapter: Option<&str>, batch| {
            let fits = |r: &&Row| {
                r.layers == row.layers
                    && r.batch == batch
                    && r.device == device
                    // Of one network, what `train` would take: lanes are for the tutorial and for sweeps.
                    && (r.networks > 1 || r.family == Family::Device)
                    && adapter.is_none_or(|a| r.adapter == a)
            };
            let times = rows.iter().filter(fits).map(|r| r.us_per_step);
            times.min_by(f64::total_cmp)
        };
        let wins = |&batch: &usize| {
            let gpu = best("gpu", Some(&row.adapter), batch);
            let cpu = best("cpu", None, batch);
            matches!((gpu, cpu), (Some(gpu), Some(cpu)) if gpu < cpu)
        };
        let compared = batches.iter().any(|&b| best("cpu", None, b).is_some());
        if !compared {
            continue;
        }
        let from = batches.iter().rev().take_while(|b| wins(b)).last();
        let (layers, adapter) = (&row.layers, &row.adapter);
        sentences.push(match from {
            Some(batch) => format!(
                "{layers}: {adapter} is faster than the CPU device from a batch of {batch} on"
            ),
            None => format!(
                "{layers}: the CPU device is faster than {adapter} at the largest batch measured"
            ),
        });
    }
    sentences
}
