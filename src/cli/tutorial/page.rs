//! `wgrad tutorial --page`: writes the page.

use crate::cli::{messages::tell_line, output::Output};
use std::path::Path;
use wgrad::device::Device;
use wgrad::text::shown;
use wgrad::tutorial::data::{Kind, data};
use wgrad::tutorial::network::Network;
use wgrad::tutorial::page::{Machine, Page};
use wgrad::tutorial::run::Run;
use wgrad::tutorial::{Report, text::Lang};

/// Writes the page about `network` to `path`, or to stdout if that is `-`. `report` is that of the article's network.
pub(super) fn write(
    path: &Path,
    network: &Network,
    report: Option<&Report>,
    device: &Device,
    lang: Lang,
) -> anyhow::Result<()> {
    let kind = match report {
        Some(_) => Kind::Article,
        None => Kind::Homework,
    };
    let run = Run::exact(network)?;
    let page = Page {
        data: data(network, &run, kind),
        network,
        report,
        machine: Machine {
            adapter: shown(&device.name()).into_owned(),
            backend: device.backend().to_string(),
        },
    };
    let output = Output {
        flag: "--page",
        path,
        bytes: page.html(lang)?.into_bytes(),
    };
    output.write()?;
    if !output.is_stdout() {
        tell_line(&format!("saved   {}", path.display()));
    }
    Ok(())
}
