//! `wgrad init`: writes a commented configuration file, with the settings that training would use.

use crate::cli::{
    flags::{DataFlags, DeviceFlags, read_config},
    interrupt,
    messages::{print_lines, tell_line, typed, warn},
    shares::ShareFlags,
    train, unused_settings,
};
use clap::Args;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use wgrad::config::{Config, Defaults, Origin, Recipe, schema};
use wgrad::file::write_whole;
use wgrad::train::TrainJob;

/// Write a commented configuration file with the settings that train would use
#[derive(Args)]
pub(crate) struct Init {
    /// The data, as for train
    #[arg(value_name = "DATA", required_unless_present = "schema")]
    source: Option<String>,
    #[command(flatten)]
    data: DataFlags,
    #[command(flatten)]
    shares: ShareFlags,
    #[command(flatten)]
    device: DeviceFlags,
    /// The file to write, or - for stdout
    #[arg(long, value_name = "FILE", default_value = "config.toml")]
    out: PathBuf,
    /// Overwrite the file
    #[arg(long)]
    force: bool,
    /// Print the JSON schema of configuration files instead, for editors
    #[arg(long, exclusive = true)]
    schema: bool,
    /// Hide notes on stderr
    #[arg(long)]
    quiet: bool,
}

impl Init {
    /// Combines the flags and the defaults of a recipe.
    fn config(&self, recipe: Recipe) -> Result<(Config, Origin), wgrad::Error> {
        let file = read_config(None, Defaults::Usual(recipe))?;
        let mut config = file.config.clone();
        self.data.set(&mut config, self.source.as_ref());
        self.shares.set(&mut config.data);
        self.device.set(&mut config.run);
        let origin = Origin::new(&file, &config);
        config.check(&origin)?;
        Ok((config, origin))
    }
}

pub(crate) fn run(args: &Init) -> anyhow::Result<ExitCode> {
    interrupt::catch()?;
    if args.schema {
        let text = serde_json::to_string_pretty(&schema())?;
        writeln!(std::io::stdout(), "{text}")?;
        return Ok(ExitCode::SUCCESS);
    }
    let (config, origin) = args.config(Recipe::Tabular)?;
    let data = train::read(&config, &origin, args.quiet)?;
    let (config, origin) = args.config(Recipe::of(data.form))?;
    unused_settings::tell(&origin, unused_settings::data(&config, &data));
    unused_settings::tell(&origin, unused_settings::loss(&config, &data));
    let job = TrainJob::new(config, &data, &origin, &mut |why| warn(Some(why)))?;
    let resolved = job.resolved(&job.network(0).trainer()?);
    let head = "# Settings of a training run: wgrad train --config FILE. A key that is not set is in a comment.\n";
    let text = format!("{head}{}", resolved.to_commented_toml());
    if args.out.as_os_str() == "-" {
        std::io::stdout().write_all(text.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    write(&args.out, &text, args.force)?;
    let file = args.out.display().to_string();
    if !args.quiet {
        for note in &data.notes {
            tell_line(&format!("  {}", crate::cli::spelling::as_flags(note)));
        }
    }
    print_lines([
        format!("saved   {file}"),
        format!("next    wgrad train --config {}", typed(&file)),
    ])?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the file, which must be new unless `force`.
fn write(path: &Path, text: &str, force: bool) -> Result<(), wgrad::Error> {
    let written = match force {
        true => write_whole(path, text.as_bytes()),
        false => {
            let created = OpenOptions::new().write(true).create_new(true).open(path);
            created.and_then(|mut file| file.write_all(text.as_bytes()))
        }
    };
    match written {
        Err(why) if why.kind() == ErrorKind::AlreadyExists => Err(wgrad::Error::Config(format!(
            "--out {}: the file exists; choose another, or overwrite it with --force",
            path.display()
        ))),
        Err(why) if why.kind() == ErrorKind::NotFound => Err(wgrad::Error::Config(format!(
            "--out {}: no such folder; create it, or name a file in another",
            path.display()
        ))),
        written => written.map_err(wgrad::Error::io(path)),
    }
}
