//! The chart of a benchmark: rows/s over batch size, one panel per network, one line per device and family.

use crate::cli::chart::{Axis, Chart, Line, Panel, Scale};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use wgrad::Error;
use wgrad::bench::Row;
use wgrad::file::write_whole;

/// The output file of a chart, opened before the measurements and written after them.
pub(super) struct Drawing {
    file: File,
    path: PathBuf,
    /// Whether the file is new.
    new: bool,
}

impl Drawing {
    /// Opens the file, so that errors show before the measurements. Keeps its content until [`Drawing::draw`].
    pub(super) fn create(path: &Path) -> Result<Drawing, Error> {
        let failed = |why| {
            Error::Config(format!(
                "--svg {}: cannot be written ({why}); name a file in an existing, writable folder",
                path.display()
            ))
        };
        let new = !path.try_exists().map_err(failed)?;
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).open(path);
        let (file, path) = (file.map_err(failed)?, path.to_owned());
        Ok(Drawing { file, path, new })
    }

    /// Replaces the file's content with the chart of `rows`.
    pub(super) fn draw(mut self, rows: &[Row]) -> Result<(), Error> {
        let svg = chart(rows).svg();
        let metadata = self.file.metadata().map_err(Error::io(&self.path))?;
        let is_file = metadata.is_file();
        let written = match is_file.then(|| write_whole(&self.path, svg.as_bytes())) {
            None => self.file.write_all(svg.as_bytes()),
            // The file is writable but cannot be replaced: write it in place.
            Some(Err(why)) if cannot_be_replaced(why.kind()) => {
                let emptied = self.file.set_len(0);
                emptied.and_then(|()| self.file.write_all(svg.as_bytes()))
            }
            Some(written) => written,
        };
        written.map_err(Error::io(&self.path))?;
        self.new = false;
        Ok(())
    }
}

impl Drop for Drawing {
    fn drop(&mut self) {
        if self.new {
            drop(std::fs::remove_file(&self.path));
        }
    }
}

/// Checks for the errors of a folder in which a file cannot be renamed. On others the file's content stays.
fn cannot_be_replaced(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::PermissionDenied
            | ErrorKind::ResourceBusy
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::InvalidFilename
    )
}

fn chart(rows: &[Row]) -> Chart {
    let mut panels: Vec<Panel> = Vec::new();
    for row in rows {
        let title = match row.networks {
            1 => row.layers.clone(),
            count => format!("{} x {count} networks", row.layers),
        };
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
                lines: Vec::new(),
            },
        );
        let line = entry(
            &mut panel.lines,
            |line| line.name == name,
            || Line {
                name: name.clone(),
                points: Vec::new(),
            },
        );
        line.points.push((row.batch as f64, row.samples_per_s));
    }
    let axis = |label: &str| Axis {
        label: label.to_owned(),
        scale: Scale::Log,
    };
    Chart {
        title: "wgrad bench: training speed over batch size".to_owned(),
        x: axis("batch size (rows, log scale)"),
        y: axis("training speed (rows/s, log scale)"),
        panels,
    }
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
        let chart = chart(&rows);
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
