//! `wgrad bench --distributed`: what a step costs on several ranks, and from which network and batch on they pay.

use super::{Bench, args::tell, table::microseconds};
use crate::cli::distributed::{end, join, silence_others};
use crate::cli::interrupt;
use crate::cli::messages::{print_json, print_lines, silence};
use serde_json::json;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wgrad::Error;
use wgrad::bench::BenchJob;
use wgrad::bench::ranks::{Connection, RanksRow};
use wgrad::config::Distributed;
use wgrad::device::{Device, Request, choose};
use wgrad::distributed::Group;
use wgrad::text::{aligned, counted};

/// Longest step in seconds that is measured by default.
const LONG_STEP: f64 = 2.0;

pub(super) fn run(args: &Bench, by: Distributed) -> anyhow::Result<ExitCode> {
    silence_others();
    let group = join(by)?;
    if group.rank() > 0 {
        silence();
    }
    let ended = measure(args, &group).and_then(|measured| {
        if group.rank() == 0 {
            print(args, &measured)?;
        }
        Ok(interrupt::ended(measured.interrupted))
    });
    end(group, ended)
}

/// What was measured.
struct Measured {
    connection: Connection,
    rows: Vec<RanksRow>,
    interrupted: bool,
}

/// Measures all jobs, as all ranks do.
fn measure(args: &Bench, group: &Arc<Group>) -> anyhow::Result<Measured> {
    if group.count() == 1 {
        let why = "one rank has nothing to exchange; start more, as in: mpirun -n 2 wgrad bench --distributed mpi";
        return Err(Error::Config(why.to_owned()).into());
    }
    let stop = interrupt::stop_flag();
    let connection = Connection::measure(group)?;
    let mut rows: Vec<RanksRow> = Vec::new();
    for jobs in args.jobs() {
        let mut forecast: f64 = 0.0;
        for job in &jobs {
            let is_long = args.batch.is_empty() && forecast > LONG_STEP;
            // All ranks skip what the first one skips.
            let mine = [u8::from(is_long), stop.load(Ordering::Relaxed).into()];
            let all = group.gather(mine.into())?;
            if all.iter().any(|rank| rank[1] == 1) {
                return Ok(Measured {
                    connection,
                    rows,
                    interrupted: true,
                });
            }
            let what = format!("{} batch {}", job.layers(), job.batch_size);
            if all[0][0] == 1 {
                tell(
                    args,
                    &format!(
                        "{what}: skipped, it is slow; --batch {} measures it",
                        job.batch_size
                    ),
                );
                continue;
            }
            tell(args, &what);
            // Known to all ranks alike.
            if let Err(why) = job.slices(group) {
                tell(args, &format!("  skipped: {why}"));
                continue;
            }
            let row = job.measure_ranks(&device(args, job)?, group, &connection)?;
            forecast = 4.0 * row.us_alone.max(row.us_together) / 1e6;
            rows.push(row);
        }
    }
    Ok(Measured {
        connection,
        rows,
        interrupted: false,
    })
}

/// Returns the device of this rank.
fn device(args: &Bench, job: &BenchJob) -> Result<Device, Error> {
    let name = args.device.device.as_deref().unwrap_or("auto");
    let work = (job.operations() / 2.0) as usize;
    Ok(choose(&Request::from(name), args.device.backend.as_deref(), work)?.device)
}

fn print(args: &Bench, measured: &Measured) -> std::io::Result<()> {
    let Measured {
        connection, rows, ..
    } = measured;
    let sentences = sentences(rows, connection.ranks);
    if args.json {
        return print_json(&json!({
            "connection": connection, "rows": rows, "crossover": sentences,
            "interrupted": measured.interrupted,
        }));
    }
    let mut cells = vec![
        [
            "layers", "batch", "1 rank", "together", "exchange", "expected", "gain",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    cells.extend(rows.iter().map(|row| {
        vec![
            row.layers.clone(),
            row.batch.to_string(),
            microseconds(row.us_alone),
            microseconds(row.us_together),
            microseconds(row.us_exchange),
            microseconds(row.us_exchange_model),
            format!("{:.2}", row.us_alone / row.us_together),
        ]
    }));
    let mut lines = vec![
        format!(
            "{}: a message takes {} us, and a large one {:.2} GB/s",
            counted(connection.ranks, "rank"),
            microseconds(connection.latency_us),
            connection.bytes_per_s / 1e9
        ),
        "us a step: of one rank alone, of all together; the exchange alone, and expected of it"
            .to_owned(),
        String::new(),
    ];
    lines.extend(aligned(&cells, "  "));
    lines.push(String::new());
    print_lines(lines.into_iter().chain(sentences))
}

/// Says from which batch on the ranks pay, for each network.
fn sentences(rows: &[RanksRow], ranks: usize) -> Vec<String> {
    let ranks = counted(ranks, "rank");
    let networks = rows.chunk_by(|a, b| a.layers == b.layers);
    let sentence = |rows: &[RanksRow]| {
        let layers = &rows[0].layers;
        let pays = |row: &&RanksRow| row.us_together < row.us_alone;
        match rows.iter().rev().take_while(pays).last() {
            Some(row) => format!(
                "{layers}: {ranks} are faster than one from batch {} on",
                row.batch
            ),
            None => format!(
                "{layers}: one rank is faster, up to batch {}",
                rows[rows.len() - 1].batch
            ),
        }
    };
    networks.map(sentence).collect()
}
