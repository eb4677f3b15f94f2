//! `wgrad man`: writes manual pages.

use crate::cli::messages::print_lines;
use clap::Args;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use wgrad::text::counted;

/// Write manual pages: of wgrad and of each command to a folder, or that of wgrad to stdout
#[derive(Args)]
pub(crate) struct Man {
    /// The folder, as in ~/.local/share/man/man1
    dir: Option<PathBuf>,
}

pub(crate) fn run(args: &Man, command: clap::Command) -> anyhow::Result<ExitCode> {
    let Some(dir) = &args.dir else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page)?;
        std::io::stdout().write_all(&page)?;
        return Ok(ExitCode::SUCCESS);
    };
    let pages = 1 + command.get_subcommands().count();
    if dir.is_file() {
        return Err(wgrad::Error::Config(format!(
            "{}: a file; expected a folder for the pages",
            dir.display()
        ))
        .into());
    }
    std::fs::create_dir_all(dir).map_err(wgrad::Error::io(dir))?;
    clap_mangen::generate_to(command.disable_help_subcommand(true), dir)
        .map_err(wgrad::Error::io(dir))?;
    print_lines([format!(
        "wrote {} to {}",
        counted(pages, "page"),
        dir.display()
    )])?;
    Ok(ExitCode::SUCCESS)
}
