//! `wgrad serve`: answers HTTP requests with predictions of a model.

mod connections;
mod description;
mod limits;
mod service;
mod sessions;
mod socket;

use crate::cli::{
    flags::DeviceFlags,
    interrupt,
    messages::{print_json, print_lines, tell_line, typed, warn},
    model::choose_for,
};
use clap::Args;
use limits::Limits;
use service::Service;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use wgrad::train::Model;

/// Answer HTTP requests with predictions of a model
#[derive(Args)]
pub(crate) struct Serve {
    /// A model.safetensors file, or the folder of its run
    model: PathBuf,
    /// The port to listen on; 0 is any free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The address to listen on. Another than the default lets other machines in, without authentication
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Add the probability of each class
    #[arg(long)]
    probabilities: bool,
    /// The largest request, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1024))]
    max_request: u32,
    /// The most rows of a request
    #[arg(long, value_name = "COUNT", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..))]
    max_rows: u32,
    /// The most connections at a time
    #[arg(long, value_name = "COUNT", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    max_connections: u32,
    /// Seconds that a client has to send a request, and in which it has to take a part of the answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3600))]
    timeout: u32,
    /// cpu, gpu, auto, or part of an adapter's name. The CPU is faster for requests of a few rows
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    device: String,
    /// vulkan, metal, dx12, or gl (in builds with that feature)
    #[arg(long, value_name = "BACKEND")]
    backend: Option<String>,
    /// Print the address as a JSON line
    #[arg(long)]
    json: bool,
    /// Hide notes on stderr
    #[arg(long)]
    quiet: bool,
}

pub(crate) fn run(args: &Serve) -> anyhow::Result<ExitCode> {
    interrupt::catch()?;
    let (model, note) = Model::open(&args.model)?;
    note.filter(|_| !args.quiet)
        .into_iter()
        .for_each(|note| tell_line(&note));
    if args.probabilities && model.schema.classes.is_empty() {
        anyhow::bail!(wgrad::Error::Config(
            "--probabilities: the model predicts values, not classes; leave the flag out"
                .to_owned()
        ));
    }
    let device = DeviceFlags {
        device: Some(args.device.clone()),
        backend: args.backend.clone(),
    };
    let device = choose_for(&model, 1, &device, args.quiet)?;
    let limits = Limits {
        request: u64::from(args.max_request) << 20,
        rows: u64::from(args.max_rows),
        connections: args.max_connections as usize,
        time: Duration::from_secs(args.timeout.into()),
    };
    let name = args.model.display().to_string();
    let listener = listen(&args.host, args.port)?;
    let service = Service::new(&name, model, device, args.probabilities, limits)?;
    // Whoever reads the address may send a signal at once.
    let stop = interrupt::stop_flag();
    announce(args, &listener)?;
    connections::serve(listener, service, stop)?;
    Ok(ExitCode::SUCCESS)
}

/// Binds the address.
fn listen(host: &str, port: u16) -> Result<TcpListener, wgrad::Error> {
    TcpListener::bind((host, port)).map_err(|why| {
        let cure = match why.kind() {
            ErrorKind::AddrInUse => {
                "another program listens there: end it, or choose another --port; 0 is any free one"
            }
            ErrorKind::PermissionDenied => "choose a --port from 1024 on",
            _ => "--host is an address or a name of this machine, as in 127.0.0.1",
        };
        wgrad::Error::Io {
            path: format!("--host {} --port {port}", typed(host)),
            why: std::io::Error::new(why.kind(), format!("{why}; {cure}")),
        }
    })
}

/// Prints the address, now that clients can connect.
fn announce(args: &Serve, listener: &TcpListener) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    let url = format!("http://{address}");
    let is_open = !address.ip().is_loopback();
    warn(is_open.then_some(
        "whoever reaches this address can use the model: there is no authentication and no encryption",
    ));
    match args.json {
        true => print_json(&serde_json::json!({
            "type": "listening",
            "url": url,
            "host": address.ip(),
            "port": address.port(),
        }))?,
        false => print_lines([format!("listening on {url}")])?,
    }
    Ok(())
}
