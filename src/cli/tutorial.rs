//! `wgrad tutorial`.

use clap::Args;
use std::process::ExitCode;

#[derive(Args)]
pub(crate) struct Tutorial {
    #[command(flatten)]
    device: super::DeviceFlags,
}

pub(crate) fn run(_: &Tutorial) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
