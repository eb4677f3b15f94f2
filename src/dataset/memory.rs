//! The memory that is free, and errors for data that needs more.

use super::error::{DataError, DataErrorKind as Kind};
use std::fs::read_to_string;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Free memory where the system does not say: enough for most tables, and a limit for streams without an end.
const UNKNOWN: u64 = 16 << 30;

/// Returns the bytes that this process can still take: the least of what the machine has free, what its control group
/// leaves, and what its address space leaves (`ulimit -v`). 16 GiB on systems other than Linux.
pub fn free() -> u64 {
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    match *last {
        Some((at, bytes)) if at.elapsed() < FRESH => bytes,
        _ => {
            let bytes = measured();
            *last = Some((Instant::now(), bytes));
            bytes
        }
    }
}

/// The last measurement of the free memory.
static LAST: Mutex<Option<(Instant, u64)>> = Mutex::new(None);
/// How long a measurement holds: it reads files of the system, which takes longer than the prediction of a row.
const FRESH: Duration = Duration::from_millis(10);

fn measured() -> u64 {
    let machine = field("/proc/meminfo", "MemAvailable:").map(|kib| kib << 10);
    let limits = [machine, control_group(), address_space()];
    limits.into_iter().flatten().min().unwrap_or(UNKNOWN)
}

/// Checks that `bytes`, which `what` needs, are at most `1 / share` of the free memory.
///
/// # Errors
/// The error names `what` and the `cure`.
pub fn require(bytes: u128, share: u64, what: &str, cure: &str) -> Result<(), DataError> {
    let limit = free() / share;
    match bytes <= u128::from(limit) {
        true => Ok(()),
        false => Err(too_large(
            &format!("{what} takes {} of memory", size(bytes)),
            limit,
            cure,
        )),
    }
}

/// Returns the error for data that is larger than `limit` bytes.
pub(super) fn too_large(what: &str, limit: u64, cure: &str) -> DataError {
    let limit = size(limit.into());
    let message = format!("{what}, and {limit} are free for it; {cure}");
    DataError::new(Kind::TooLarge, message)
}

/// Formats a number of bytes: `12 MiB`.
pub(super) fn size(bytes: u128) -> String {
    match bytes {
        0..1_048_576 => format!("{} KiB", bytes.div_ceil(1 << 10)),
        1_048_576..10_737_418_240 => format!("{} MiB", bytes >> 20),
        _ => format!("{} GiB", bytes >> 30),
    }
}

/// Returns the number behind `name` in a file of the system.
fn field(path: &str, name: &str) -> Option<u64> {
    let text = read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Returns what the control group leaves, of either version. The cache of files counts as free.
fn control_group() -> Option<u64> {
    let number = |path: String| read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let groups = read_to_string("/proc/self/cgroup").ok()?;
    let left = |line: &str| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (root, [most, used, prefix]) = match parts.next()? {
            "" => ("/sys/fs/cgroup", ["memory.max", "memory.current", ""]),
            "memory" => (
                "/sys/fs/cgroup/memory",
                ["memory.limit_in_bytes", "memory.usage_in_bytes", "total_"],
            ),
            _ => return None,
        };
        // In a container, the path may be that of the host, and the root is the group.
        let folders = [format!("{root}{}", parts.next()?), root.to_owned()];
        let folders = folders.iter().filter_map(|folder| {
            let (most, used) = (
                number(format!("{folder}/{most}"))?,
                number(format!("{folder}/{used}"))?,
            );
            let kinds = ["inactive_file", "active_file"].map(|kind| format!("{prefix}{kind}"));
            let cached = |kind: &String| field(&format!("{folder}/memory.stat"), kind).unwrap_or(0);
            let cache: u64 = kinds.iter().map(cached).sum();
            Some(most.saturating_sub(used.saturating_sub(cache)))
        });
        folders.min()
    };
    groups.lines().filter_map(left).min()
}

/// Returns what is left of the address space, if it is limited.
fn address_space() -> Option<u64> {
    let most = field("/proc/self/limits", "Max address space")?;
    let used = field("/proc/self/status", "VmSize:")? << 10;
    Some(most.saturating_sub(used))
}
