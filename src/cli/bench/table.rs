//! The results of a benchmark as a table, with each device's peaks in the header, and the crossovers as sentences.

use wgrad::bench::{Ceiling, Row};
use wgrad::gpu::Precision;
use wgrad::plan::Family;
use wgrad::text::aligned;

/// Formats a device's peak GFLOP/s and copy bandwidth. The last column of the table is a share of that peak.
pub(super) fn ceiling(ceiling: &Ceiling) -> String {
    format!(
        "{}: peak {:.1} GFLOP/s (in {}), copy bandwidth {:.1} GB/s",
        ceiling.adapter, ceiling.gflops, ceiling.of, ceiling.copy_gb_per_s
    )
}

/// Names the device of a row.
fn device(row: &Row) -> String {
    match row.precision {
        Precision::F32 => row.adapter.clone(),
        Precision::Mixed => format!("{}, mixed", row.adapter),
    }
}

/// Formats microseconds with three digits or one decimal.
pub(super) fn microseconds(us: f64) -> String {
    match us {
        ..1.0 => format!("{us:.3}"),
        ..10.0 => format!("{us:.2}"),
        _ => format!("{us:.1}"),
    }
}

/// Returns a short name for each device: its first word, where no other has it.
fn short_names(rows: &[Row]) -> impl Fn(&Row) -> String {
    let mut adapters: Vec<&str> = rows.iter().map(|r| r.adapter.as_str()).collect();
    adapters.sort_unstable();
    adapters.dedup();
    let first = |name: &str| name.split(' ').next().unwrap_or_default().to_owned();
    let mut words: Vec<String> = adapters.iter().map(|name| first(name)).collect();
    words.dedup();
    let are_distinct = words.len() == adapters.len();
    move |row| match are_distinct {
        true => device(row).replacen(&row.adapter, &first(&row.adapter), 1),
        false => device(row),
    }
}

/// A column: its name, and what it has of a row. It is left out where it says nothing, unless it is always `shown`.
struct Column<'a> {
    name: &'static str,
    shown: bool,
    of: &'a dyn Fn(&Row) -> String,
}

pub(super) fn table(ceilings: &[Ceiling], rows: &[Row]) -> Vec<String> {
    let named = short_names(rows);
    let column = |name, shown, of| Column { name, shown, of };
    let columns = [
        column("layers", true, &|r: &Row| r.layers.clone()),
        column("batch", true, &|r: &Row| r.batch.to_string()),
        column("networks", false, &|r: &Row| r.networks.to_string()),
        column("device", true, &named),
        column("family", true, &|r: &Row| r.family.name().to_owned()),
        column("us/step", true, &|r: &Row| microseconds(r.us_per_step)),
        column("on device", false, &|r: &Row| {
            r.device_us_per_step.map_or("-".to_owned(), microseconds)
        }),
        column("rows/s", true, &|r: &Row| format!("{:.0}", r.samples_per_s)),
        column("GFLOP/s", true, &|r: &Row| format!("{:.2}", r.gflops)),
        column("ceiling", true, &|r: &Row| {
            format!("{:.1} %", 100.0 * r.share)
        }),
    ];
    let usual = [("networks", "1"), ("on device", "-")];
    let tells = |column: &&Column| {
        let is_usual = |row: &Row| usual.contains(&(column.name, &(column.of)(row)));
        column.shown || !rows.iter().all(is_usual)
    };
    let columns: Vec<&Column> = columns.iter().filter(tells).collect();
    let heading = columns.iter().map(|column| column.name.to_owned());
    let mut cells: Vec<Vec<String>> = vec![heading.collect()];
    cells.extend(rows.iter().map(|row| {
        let cells = columns.iter().map(|column| (column.of)(row));
        cells.collect()
    }));
    let mut lines: Vec<String> = ceilings.iter().map(ceiling).collect();
    lines.push(String::new());
    lines.extend(aligned(&cells, "  "));
    lines.push(String::new());
    lines
}

/// Says, for each network and adapter, from which batch size on the adapter is faster than the CPU device.
pub(super) fn crossovers(rows: &[Row]) -> Vec<String> {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    let mut sentences = Vec::new();
    for row in rows.iter().filter(|r| r.device == "gpu") {
        if seen.contains(&(&row.layers, &row.adapter)) {
            continue;
        }
        seen.push((&row.layers, &row.adapter));
        let time = |device: &str, family: &dyn Fn(Family) -> bool, batch| {
            let fits = |r: &&Row| {
                r.layers == row.layers
                    && r.batch == batch
                    && r.device == device
                    && (device == "cpu" || r.adapter == row.adapter)
                    && family(r.family)
            };
            let times = rows.iter().filter(fits).map(|r| r.us_per_step);
            times.min_by(f64::total_cmp)
        };
        // For one network, compare only the family that `train` uses: lanes and workgroups serve tutorial and sweeps.
        let taken = |family| row.networks > 1 || family == Family::Device;
        let best = |device, batch| time(device, &taken, batch);
        let wins = |&batch: &usize| {
            let (gpu, cpu) = (best("gpu", batch), best("cpu", batch));
            matches!((gpu, cpu), (Some(gpu), Some(cpu)) if gpu < cpu)
        };
        // An interrupted benchmark may have measured a batch size on one of them only.
        let mut batches: Vec<usize> = rows.iter().map(|r| r.batch).collect();
        batches.sort_unstable();
        batches.dedup();
        batches.retain(|&b| {
            ["cpu", "gpu"]
                .iter()
                .all(|device| best(device, b).is_some())
        });
        if batches.is_empty() {
            continue;
        }
        let from = batches.iter().rev().take_while(|b| wins(b)).last();
        let (layers, adapter) = (&row.layers, &row.adapter);
        let sentence = match from {
            Some(batch) => format!(
                "{layers}: {adapter} is faster than the CPU device from a batch of {batch} on"
            ),
            None => format!(
                "{layers}: the CPU device is faster than {adapter} at the largest batch measured"
            ),
        };
        let others = [Family::Lane, Family::Workgroup]
            .into_iter()
            .filter(|f| !taken(*f));
        let won = others.filter_map(|family| {
            let wins = |batch: &&usize| {
                let own = time("gpu", &|f| f == family, **batch);
                let all = ["cpu", "gpu"].map(|device| best(device, **batch));
                own.is_some_and(|own| all.iter().flatten().all(|time| own < *time))
            };
            let batches: Vec<String> = batches.iter().filter(wins).map(usize::to_string).collect();
            (!batches.is_empty()).then(|| {
                let (name, batches) = (family.name(), batches.join(", "));
                format!("; its {name} family, which the tutorial and sweeps take, is faster than both at a batch of {batches}")
            })
        });
        sentences.push(sentence + &won.collect::<String>());
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(device: &'static str, family: Family, batch: usize, us_per_step: f64) -> Row {
        Row {
            layers: "2-2-2".to_owned(),
            batch,
            networks: 1,
            device,
            adapter: device.to_owned(),
            family,
            precision: Precision::F32,
            us_per_step,
            device_us_per_step: None,
            samples_per_s: 0.0,
            gflops: 0.0,
            share: 0.0,
        }
    }

    #[test]
    fn only_batches_that_were_measured_on_both_are_compared() {
        let cpu = [1, 32, 128].map(|batch| row("cpu", Family::Device, batch, 5.0));
        let gpu = [(1, 9.0), (32, 2.0)].map(|(batch, us)| row("gpu", Family::Device, batch, us));
        let from = |rows: &[Row]| crossovers(&[&cpu[..], rows].concat());
        let wins = "2-2-2: gpu is faster than the CPU device from a batch of 32 on";
        assert_eq!(from(&gpu), [wins]);
        assert_eq!(from(&[row("gpu", Family::Device, 256, 1.0)]), [""; 0]);
    }

    #[test]
    fn a_family_that_wins_is_named_though_train_does_not_take_it() {
        let row = |device, family, us_per_step| row(device, family, 1, us_per_step);
        let mut rows = vec![
            row("cpu", Family::Device, 1.0),
            row("gpu", Family::Device, 9.0),
        ];
        let cpu = "2-2-2: the CPU device is faster than gpu at the largest batch measured";
        assert_eq!(crossovers(&rows), [cpu]);
        rows.push(row("gpu", Family::Lane, 2.0));
        assert_eq!(crossovers(&rows), [cpu]);
        rows.push(row("gpu", Family::Lane, 0.1));
        let lane = "; its lane family, which the tutorial and sweeps take, is faster than both at a batch of 1";
        assert_eq!(crossovers(&rows), [format!("{cpu}{lane}")]);
    }
}
