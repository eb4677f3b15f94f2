//! `wgrad export`: writes a model for other programs.

use crate::cli::{file_or_stdout::FileOrStdout, messages::tell_line, model::load_model};
use clap::{ArgGroup, Args};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use wgrad::Error;
use wgrad::export::{json, npz, onnx, pipeline::Pipeline, source};
use wgrad::train::Model;

/// Write a model for other programs
///
/// As ONNX, C or Rust, the model takes the cells of a table as they are. FILE may be - for stdout.
#[derive(Args)]
#[command(group(ArgGroup::new("formats").required(true).multiple(true)))]
#[command(override_usage = "wgrad export [OPTIONS] <MODEL>")]
pub(crate) struct Export {
    /// A model.safetensors file, or the folder of its run
    model: PathBuf,
    /// Write ONNX: for onnxruntime and others
    #[arg(long, value_name = "FILE", group = "formats")]
    onnx: Option<PathBuf>,
    /// Write a C header: C99, needs math.h only. Its functions begin with the name of the file
    #[arg(long, value_name = "FILE", group = "formats")]
    c: Option<PathBuf>,
    /// Write a Rust module: needs the standard library only
    #[arg(long, value_name = "FILE", group = "formats")]
    rust: Option<PathBuf>,
    /// Write everything that is in the model as JSON
    #[arg(long, value_name = "FILE", group = "formats")]
    json: Option<PathBuf>,
    /// Write the parameters as NumPy arrays
    #[arg(long, value_name = "FILE", group = "formats")]
    npz: Option<PathBuf>,
    /// Make ONNX, C and Rust take all columns as one array, in the order of training: numbers only
    #[arg(long)]
    matrix: bool,
    /// Hide notes on stderr
    #[arg(long)]
    quiet: bool,
}

pub(crate) fn run(args: &Export) -> anyhow::Result<ExitCode> {
    let files = args.files();
    check(args, &files)?;
    let model = load_model(&args.model, "", args.quiet)?;
    let outputs = files
        .into_iter()
        .map(|(flag, path)| {
            let bytes = bytes(&model, flag, path, args.matrix)?;
            Ok(FileOrStdout { flag, path, bytes })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    for output in &outputs {
        output.write()?;
        if !args.quiet && !output.is_stdout() {
            tell_line(&format!("saved   {}", output.path.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Export {
    /// Returns the flags that are there, and their files.
    fn files(&self) -> Vec<(&'static str, &Path)> {
        let all = [
            ("--onnx", &self.onnx),
            ("--c", &self.c),
            ("--rust", &self.rust),
            ("--json", &self.json),
            ("--npz", &self.npz),
        ];
        let given = all.into_iter();
        given
            .filter_map(|(flag, path)| Some((flag, path.as_deref()?)))
            .collect()
    }
}

/// Checks that no file overwrites another one, or the model.
fn check(args: &Export, files: &[(&str, &Path)]) -> Result<(), Error> {
    for (f, (flag, path)) in files.iter().enumerate() {
        let shown = path.display();
        if let Some((other, _)) = files[..f].iter().find(|(_, other)| other == path) {
            return Err(Error::Config(format!(
                "{other} and {flag} both write to {shown}; name a file for each"
            )));
        }
        let real = |path: &Path| path.canonicalize().ok();
        let models = [args.model.clone(), args.model.join("model.safetensors")];
        if real(path).is_some_and(|file| models.iter().any(|m| real(m) == Some(file.clone()))) {
            return Err(Error::Config(format!(
                "{flag} {shown}: the model itself; name another file"
            )));
        }
    }
    if args.matrix && args.onnx.is_none() && args.c.is_none() && args.rust.is_none() {
        return Err(Error::Config(
            "--matrix has no effect without --onnx, --c or --rust; leave it out".to_owned(),
        ));
    }
    Ok(())
}

/// Returns the content of the file for a flag.
fn bytes(model: &Model, flag: &str, path: &Path, matrix: bool) -> Result<Vec<u8>, Error> {
    let pipeline = || Pipeline::new(model, matrix);
    let content = match flag {
        "--onnx" => pipeline().and_then(|of| onnx::bytes(&of)),
        "--c" => {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            pipeline().and_then(|of| source::c(&of, &stem))
        }
        "--rust" => pipeline().and_then(|of| source::rust(&of)),
        "--json" => Ok(json::bytes(model)),
        _ => npz::bytes(model),
    };
    content.map_err(|why| Error::Model(format!("{flag}: {why}")))
}
