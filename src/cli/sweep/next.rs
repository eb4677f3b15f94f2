//! The file of `--next`: what goes on after a round of halving, or of a search, when the results of all shards are known.

use crate::cli::messages::{print_json, print_lines, typed};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};
use wgrad::Error;
use wgrad::file::write_whole;
use wgrad::sweep::Shard;

/// The content of the file.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Next {
    wgrad: String,
    /// What tells the sweep from others.
    sweep: u32,
    /// After how many epochs, or folds of a search, they were chosen.
    after: usize,
    /// Numbers of networks in the whole sweep, or of settings of a search.
    go_on: Vec<usize>,
}

/// Writes which networks or settings go on.
///
/// # Errors
/// Returns an error if the file cannot be written.
pub(super) fn write(file: &Path, sweep: u32, after: usize, go_on: Vec<usize>) -> Result<(), Error> {
    let next = Next {
        wgrad: env!("CARGO_PKG_VERSION").to_owned(),
        sweep,
        after,
        go_on,
    };
    let text = serde_json::to_string(&next).expect("plain data") + "\n";
    write_whole(file, text.as_bytes()).map_err(Error::io(file))
}

/// Returns what goes on, as `file` says; `None` if it went on already.
///
/// # Errors
/// Returns an error if it is of another sweep, or of another round.
pub(super) fn read(file: &Path, sweep: u32, after: usize) -> Result<Option<Vec<usize>>, Error> {
    let refused = |why: String| Error::Config(format!("--next {}: {why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|why| match why.kind() {
        std::io::ErrorKind::NotFound => {
            refused("no such file; wgrad sweep --merge RUNS --next FILE writes it".to_owned())
        }
        _ => refused(why.to_string()),
    })?;
    let next: Next = serde_json::from_str(&text).map_err(|why| {
        refused(format!(
            "expected a file that wgrad sweep --merge ... --next wrote ({why})"
        ))
    })?;
    if next.sweep != sweep {
        return Err(refused("it is of another sweep".to_owned()));
    }
    // The same command again, after it was interrupted.
    if next.after < after {
        return Ok(None);
    }
    if next.after > after {
        return Err(refused(format!(
            "it is of round {} of the sweep, and this shard of round {after}",
            next.after
        )));
    }
    Ok(Some(next.go_on))
}

/// Prints what comes after [`write()`]: the command for each shard.
///
/// # Errors
/// Returns an error if stdout is closed.
pub(super) fn tell<'a>(
    json: bool,
    count: usize,
    what: &str,
    file: &Path,
    shards: impl Iterator<Item = &'a PathBuf>,
) -> std::io::Result<()> {
    if json {
        let path = file.display().to_string();
        return print_json(&json!({"next": path, "go_on": count}));
    }
    let what = match count {
        1 => format!("1 {what} goes on"),
        many => format!("{many} {what}s go on"),
    };
    let file = typed(&file.display().to_string());
    let mut lines = vec![format!("{what}, as {file} says")];
    lines.extend(shards.enumerate().map(|(n, path)| {
        let begin = if n == 0 { "next    " } else { "        " };
        let path = typed(&path.display().to_string());
        format!("{begin}wgrad sweep --resume {path} --next {file}")
    }));
    print_lines(lines)
}

/// Returns the error for a shard that cannot go on without the results of the others.
pub(super) fn wanted(shard: Shard, after: &str) -> Error {
    Error::Config(format!(
        "shard {shard} has trained {after}, and waits for the others; when all have, write what goes on with wgrad sweep --merge RUNS --next FILE, and give that file with --next"
    ))
}

/// Says that a shard has ended: there is nothing to do.
pub(super) fn ended(shard: Shard) -> String {
    format!("shard {shard} has ended; when all have, merge them with wgrad sweep --merge RUNS")
}

/// Returns the error for shards of which some went on, and this one did not.
pub(super) fn behind(shard: Shard, run: &Path) -> Error {
    let run = typed(&run.display().to_string());
    Error::Config(format!(
        "--merge: shard {shard} has not gone on as others have; use wgrad sweep --resume {run} --next FILE, where wgrad sweep --merge RUNS --next FILE writes the file again"
    ))
}
