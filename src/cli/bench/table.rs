//! The results of a benchmark as a table, with each device's peaks in the header.

use wgrad::bench::{Ceiling, Row};
use wgrad::gpu::Precision;
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

/// Returns the columns of the table: each a name, and a cell per row. Those that say nothing are left out.
pub(super) fn columns(rows: &[Row]) -> Vec<(&'static str, Vec<String>)> {
    let named = short_names(rows);
    let each = |of: &dyn Fn(&Row) -> String| rows.iter().map(of).collect::<Vec<String>>();
    let columns = vec![
        ("layers", each(&|r| r.layers.clone())),
        ("batch", each(&|r| r.batch.to_string())),
        ("networks", each(&|r| r.networks.to_string())),
        ("device", each(&named)),
        ("family", each(&|r| r.family.name().to_owned())),
        ("us/step", each(&|r| microseconds(r.us_per_step))),
        (
            "on device",
            each(&|r| r.device_us_per_step.map_or("-".to_owned(), microseconds)),
        ),
        ("rows/s", each(&|r| format!("{:.0}", r.samples_per_s))),
        ("GFLOP/s", each(&|r| format!("{:.2}", r.gflops))),
        ("ceiling", each(&|r| format!("{:.1} %", 100.0 * r.share))),
    ];
    let usual = [("networks", "1"), ("on device", "-")];
    let says = |(name, cells): &(&str, Vec<String>)| {
        let of_name = usual.iter().find(|(known, _)| known == name);
        of_name.is_none_or(|(_, usual)| cells.iter().any(|cell| cell != usual))
    };
    columns.into_iter().filter(says).collect()
}

pub(super) fn table(ceilings: &[Ceiling], rows: &[Row]) -> Vec<String> {
    let columns = columns(rows);
    let heading = columns.iter().map(|(name, _)| (*name).to_owned());
    let mut cells: Vec<Vec<String>> = vec![heading.collect()];
    cells.extend((0..rows.len()).map(|row| {
        let cells = columns.iter().map(|(_, cells)| cells[row].clone());
        cells.collect()
    }));
    let mut lines: Vec<String> = ceilings.iter().map(ceiling).collect();
    lines.push(String::new());
    lines.extend(aligned(&cells, "  "));
    lines.push(String::new());
    lines
}
