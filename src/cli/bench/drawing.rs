//! The charts of a benchmark: rows/s, and the share of the peak, over batch size. One panel per network, one line per device
//! and family.

use crate::cli::chart::{Axis, Chart, Line, Panel, Scale};
use wgrad::bench::Row;

/// Returns the chart of training speeds.
pub(super) fn speeds(rows: &[Row]) -> Chart {
    chart(
        rows,
        &|row| row.samples_per_s,
        Chart {
            title: "wgrad bench: training speed over batch size".to_owned(),
            x: Axis::new("batch size (rows, log scale)", Scale::Log),
            y: Axis::new("training speed (rows/s, log scale)", Scale::Log),
            panels: Vec::new(),
        },
    )
}

/// Returns the chart of the shares of the devices' peaks.
pub(super) fn shares(rows: &[Row]) -> Chart {
    chart(
        rows,
        &|row| 100.0 * row.share,
        Chart {
            title: "wgrad bench: share of the peak over batch size".to_owned(),
            x: Axis::new("batch size (rows, log scale)", Scale::Log),
            y: Axis::new("share of the peak (%)", Scale::Linear).spanning([0.0, 105.0]),
            panels: Vec::new(),
        },
    )
}

/// Names the panel of a network.
pub(super) fn panel_of(layers: &str, networks: usize) -> String {
    match networks {
        1 => layers.to_owned(),
        count => format!("{layers} x {count} networks"),
    }
}

/// Fills an empty chart with a figure of each row.
fn chart(rows: &[Row], figure: &dyn Fn(&Row) -> f64, empty: Chart) -> Chart {
    let mut panels: Vec<Panel> = Vec::new();
    for row in rows {
        let title = panel_of(&row.layers, row.networks);
        let name = match row.device {
            "cpu" => row.adapter.clone(),
            _ => {
                let family = format!("{:?}", row.family).to_lowercase();
                format!("{}, {family} family", row.adapter)
            }
        };
        let panel = entry(
            &mut panels,
            |panel| panel.title == title,
            || Panel {
                title: title.clone(),
                ..Panel::default()
            },
        );
        let line = entry(
            &mut panel.lines,
            |line| line.name == name,
            || Line::new(&*name, Vec::new()),
        );
        line.points.push((row.batch as f64, figure(row)));
    }
    Chart { panels, ..empty }
}

/// Returns the first element that `fits`, or adds one.
fn entry<T>(all: &mut Vec<T>, fits: impl Fn(&T) -> bool, make: impl Fn() -> T) -> &mut T {
    let at = all.iter().position(fits).unwrap_or_else(|| {
        all.push(make());
        all.len() - 1
    });
    &mut all[at]
}

#[cfg(test)]
mod tests {
    use super::*;
    use wgrad::bench::Family;
    use wgrad::gpu::Precision;

    #[test]
    fn each_network_has_a_panel_and_each_device_and_family_a_line() {
        let row = |layers: &str, device, family, batch| Row {
            layers: layers.to_owned(),
            batch,
            networks: 1,
            device,
            adapter: device.to_owned(),
            family,
            precision: Precision::F32,
            us_per_step: 1.0,
            device_us_per_step: None,
            samples_per_s: batch as f64 * 1e3,
            gflops: 1.0,
            share: 0.5,
        };
        let rows: Vec<Row> = ["2-2-2", "784-128-10"]
            .into_iter()
            .flat_map(|layers| {
                [1, 32].into_iter().flat_map(move |batch| {
                    [
                        row(layers, "cpu", Family::Device, batch),
                        row(layers, "gpu", Family::Device, batch),
                        row(layers, "gpu", Family::Lane, batch),
                    ]
                })
            })
            .collect();
        let chart = speeds(&rows);
        assert_eq!(chart.panels.len(), 2);
        for panel in &chart.panels {
            assert_eq!(panel.lines.len(), 3);
            assert!(panel.lines.iter().all(|line| line.points.len() == 2));
        }
        let svg = chart.svg();
        for name in ["2-2-2", "784-128-10", "gpu, lane family"] {
            assert!(svg.contains(name), "{name}");
        }
        assert!(!svg.contains("NaN"));
    }
}
