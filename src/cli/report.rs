//! `wgrad report`: writes a page about a run.

mod calibration;
mod columns;
mod curves;
mod data;
mod importance;
mod material;
mod members;
mod mistakes;
mod network;
mod origin;
mod page;
mod scores;
mod settings;
mod summary;
mod test_rows;
mod values;

use crate::cli::{
    interrupt,
    messages::{print_lines, tell_line, typed, warn},
    output::Output,
    run_folder::{REPORT, RunFiles, RunFolder},
};
use clap::Args;
use data::Source;
use indicatif::{ProgressBar, ProgressStyle};
use material::Material;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use wgrad::Error;
use wgrad::dataset::Dataset;
use wgrad::file::write_whole;

/// Write a page about a run: curves, mistakes, calibration, importance, columns, weights
///
/// One HTML file without scripts, which loads nothing. Of a sweep, it also compares the settings.
#[derive(Args)]
pub(crate) struct Report {
    /// The folder of a run or a sweep
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// The file to write [default: report.html in the folder of the run]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The data of the run, if it is not where it was
    #[arg(long, value_name = "DATA")]
    data: Option<String>,
    /// Hide progress
    #[arg(long)]
    quiet: bool,
}

pub(crate) fn run(args: &Report) -> anyhow::Result<ExitCode> {
    interrupt::catch()?;
    // Before a file is created.
    let files = RunFiles::read(&args.run)?;
    let default = args.run.join(REPORT);
    let path = args.out.as_ref().unwrap_or(&default);
    require_other(path, &files)?;
    let output = Output::create("--out", path)?;
    let source = args.data.as_deref().map_or(Source::OfRun, Source::At);
    let material = collected(&args.run, source, args.quiet)?;
    if material.interrupted {
        return Err(Error::Interrupted.into());
    }
    if let Err(why) = &material.data {
        if args.data.is_some() {
            return Err(Error::Config(format!("--data: {why}")).into());
        }
        warn(Some(&format!("the page lacks what needs the data: {why}")));
    }
    let text = page::page(&material);
    output.write(&text)?;
    print_lines([told(path, text.len())])?;
    Ok(ExitCode::SUCCESS)
}

/// Checks that a page would not overwrite a file of the run.
fn require_other(path: &Path, run: &RunFiles) -> Result<(), Error> {
    let real = |path: &Path| path.canonicalize().ok();
    let Some(out) = real(path) else {
        return Ok(());
    };
    let mut files = run.files.iter().map(|(name, _)| *name);
    match files.find(|name| *name != REPORT && real(&run.folder.join(name)).as_ref() == Some(&out))
    {
        None => Ok(()),
        Some(name) => Err(Error::Config(format!(
            "--out {}: {name} of the run itself; name another file",
            path.display()
        ))),
    }
}

/// Collects what there is of a run. On a terminal, a bar shows how far the importance of columns is.
fn collected(folder: &Path, source: Source, quiet: bool) -> Result<Material, Error> {
    let stop = interrupt::stop_flag();
    let bar = (!quiet && std::io::stderr().is_terminal()).then(bar);
    let mut watch = |done: usize, total: usize| {
        if let Some(bar) = &bar {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        }
        !stop.load(Ordering::Relaxed)
    };
    let material = Material::collect(folder, source, &mut watch);
    bar.iter().for_each(ProgressBar::finish_and_clear);
    material
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("importance of columns {wide_bar} {percent:>3} %");
    let bar = ProgressBar::no_length();
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn told(path: &Path, bytes: usize) -> String {
    format!(
        "report  {} ({} KB)",
        typed(&path.display().to_string()),
        bytes.div_ceil(1000)
    )
}

/// Writes the report of a run that has `ended` into its folder, if it is `wanted`, and says so. Returns how the run ended.
///
/// # Errors
/// Returns the error of the run, or one if the page cannot be written.
pub(crate) fn after(
    folder: RunFolder,
    data: &Dataset,
    wanted: bool,
    quiet: bool,
    ended: anyhow::Result<ExitCode>,
) -> anyhow::Result<ExitCode> {
    if !wanted {
        return ended;
    }
    let (path, in_place) = (folder.path().to_owned(), !folder.replaces());
    // While it is locked, it looks like that of a run in training.
    drop(folder);
    let why = "no report: the folder has the older run, and this one is not in its place";
    warn((!in_place).then_some(why));
    let written = match in_place {
        true => of_ended(&path, data, quiet),
        false => Ok(()),
    };
    match (ended, written) {
        (ended, Ok(())) => ended,
        (Ok(_), Err(why)) => Err(why.into()),
        (Err(ended), Err(why)) => {
            warn(Some(&format!("no report: {why}")));
            Err(ended)
        }
    }
}

fn of_ended(folder: &Path, data: &Dataset, quiet: bool) -> Result<(), Error> {
    let material = collected(folder, Source::Read(data), quiet)?;
    let text = page::page(&material);
    let path = folder.join(REPORT);
    write_whole(&path, text.as_bytes()).map_err(Error::io(&path))?;
    if !quiet {
        tell_line(&told(&path, text.len()));
    }
    Ok(())
}
