//! Which exact variant of a matrix product is the fastest on an adapter, and whether blocks of rows are: timed when a session
//! first meets the product or the network, and kept in a small file.
//!
//! None of it changes a bit: only exact variants are compared, and of these only those that make the same bits of the same
//! numbers as the table's, since a driver may fuse a product and a sum in one shader and not in another. Where a sum may
//! be split is for the table of sizes ([`Variant::pays`]) alone. Timing is for hardware adapters, where the table is a
//! guess; on software adapters the table is right.
//!
//! [`Variant::pays`]: crate::kernel::Variant::pays

use crate::device::Gpu;
use crate::device::calibration::{self, Key};
use crate::kernel::{MadeFor, Variant};
use crate::plan::Chosen;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the timings of one session may take: one that has begun is finished.
const BUDGET: Duration = Duration::from_millis(100);
/// Multiply-adds of a call beyond which there is nothing to find out: the largest tile fills any GPU.
const MOST_WORK: usize = 1 << 31;
/// Multiply-adds of a call beyond which the plain variant is not tried: it would take long, and lose.
const MOST_PLAIN_WORK: usize = 1 << 24;
/// The table's variant stays unless another takes less than this share of its time.
const CLEARLY: f64 = 0.95;
/// Timings that the file holds.
const MOST_TIMINGS: usize = 1000;

/// The variants of one product, timed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Timing {
    key: Key,
    kernel: String,
    units: [usize; 2],
    trips: usize,
    fastest: String,
    us_per_call: BTreeMap<String, f64>,
}

impl Timing {
    fn is_of(&self, key: &Key, call: &Chosen) -> bool {
        let sizes = (self.units, self.trips) == (call.units, call.trips);
        sizes && self.kernel == call.kernel && self.key == *key
    }
}

/// What the file holds.
#[derive(Default, Serialize, Deserialize)]
struct Timings {
    timings: Vec<Timing>,
}

/// The timings of this machine's adapters.
pub struct Tuning {
    /// Where they are kept; nowhere if there is no place.
    path: Option<PathBuf>,
    budget: Duration,
    known: Timings,
    changed: bool,
    warning: Option<String>,
}

impl Tuning {
    /// This user's, in the folder of the calibration.
    pub fn of_user() -> Tuning {
        let path = calibration::path();
        Tuning::new(path.ok().map(|c| c.with_file_name("tuning.json")), BUDGET)
    }

    /// Those at `path`; a session may time for as long as it takes.
    pub fn at(path: &Path) -> Tuning {
        Tuning::new(Some(path.to_owned()), Duration::MAX)
    }

    fn new(path: Option<PathBuf>, budget: Duration) -> Tuning {
        let read = path.as_deref().map_or(Ok(Timings::default()), read);
        let (known, warning) = match read {
            Ok(known) => (known, None),
            Err(why) => (Timings::default(), Some(why)),
        };
        Tuning {
            path,
            budget,
            known,
            changed: false,
            warning,
        }
    }

    /// What was amiss with the file, for people.
    pub(super) fn warning(&self) -> Option<String> {
        self.warning.clone()
    }

    /// Whether a session that has timed for so long may go on.
    pub(super) fn may_go_on(&self, spent: Duration) -> bool {
        spent < self.budget
    }

    /// The variant that was the fastest for a call.
    pub(super) fn fastest(&self, gpu: &Gpu, call: &Chosen) -> Option<&str> {
        let key = key(gpu);
        let found = self.known.timings.iter().find(|t| t.is_of(&key, call));
        found.map(|timing| timing.fastest.as_str())
    }

    /// Takes the times of a call's variants in, and notes which is the fastest. Times of the adapter's other drivers and of
    /// other versions of wgrad go.
    pub(super) fn insert(&mut self, gpu: &Gpu, call: &Chosen, times: &[(&'static str, f64)]) {
        let key = key(gpu);
        let fastest = pick(call.variant, times);
        let named = |(variant, us): &(&str, f64)| ((*variant).to_owned(), *us);
        let all = &mut self.known.timings;
        all.retain(|t| (t.key == key || t.key.name != key.name) && !t.is_of(&key, call));
        all.drain(..all.len().saturating_sub(MOST_TIMINGS - 1));
        all.push(Timing {
            kernel: call.kernel.to_owned(),
            units: call.units,
            trips: call.trips,
            fastest: fastest.to_owned(),
            us_per_call: times.iter().map(named).collect(),
            key,
        });
        self.changed = true;
    }

    /// Writes the file, if there is something new. A file that cannot be written is no error: it is timed again.
    pub(super) fn save(&mut self) {
        let Some(path) = self.path.as_deref().filter(|_| self.changed) else {
            return;
        };
        self.changed = false;
        let text = serde_json::to_string_pretty(&self.known).unwrap_or_default();
        if let Err(why) = calibration::place(path, &text) {
            self.warning = Some(format!("the variants' timings are not kept: {why}"));
        }
    }
}

/// What a timing holds for: the CPU's threads have no part in it.
fn key(gpu: &Gpu) -> Key {
    Key {
        threads: 0,
        ..Key::adapter(&gpu.info)
    }
}

fn read(path: &Path) -> Result<Timings, String> {
    let ignored = |why: &dyn std::fmt::Display| {
        let name = path.display();
        format!(
            "{name}: the variants' timings are not used ({why}); they are measured and written anew"
        )
    };
    match std::fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text).map_err(|why| ignored(&why)),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(Timings::default()),
        Err(why) => Err(ignored(&why)),
    }
}

/// The fastest variant, or the table's, if that is not clearly slower.
fn pick(table: &'static str, times: &[(&'static str, f64)]) -> &'static str {
    let weighted = times.iter().map(|(name, us)| match *name == table {
        true => (*name, CLEARLY * us),
        false => (*name, *us),
    });
    let fastest = weighted.min_by(|a, b| a.1.total_cmp(&b.1));
    fastest.map_or(table, |(name, _)| name)
}

/// The variants worth timing against each other for a call that the table gives one, that one first: of the exact ones that
/// `can` run it the next larger and the next smaller, those for the CPU left out. On the one card that was
/// measured the others never win, and each takes a driver a tenth of a second or more to compile. Only products have variants
/// for hardware, and a product may be repeated: what it reads of what it writes is its own.
pub(super) fn rivals(
    variants: &'static [Variant],
    call: &Chosen,
    can: impl Fn(&Variant) -> bool,
) -> Vec<&'static Variant> {
    let work = (call.units[0] * call.units[1]).saturating_mul(call.trips.max(1));
    let is_product = variants.iter().any(|v| v.made_for == MadeFor::Hardware);
    if !is_product || !call.exact || work > MOST_WORK {
        return Vec::new();
    }
    let worth = |v: &&Variant| {
        let made = v.made_for == MadeFor::Hardware;
        let tried = made || work <= MOST_PLAIN_WORK || v.name == call.variant;
        v.exact && v.made_for != MadeFor::Software && tried && can(v)
    };
    let all: Vec<_> = variants.iter().filter(worth).collect();
    let table = all.iter().position(|v| v.name == call.variant);
    // A variant that is not among them has no neighbours there.
    let near = table.map_or(0..all.len(), |at| {
        at.saturating_sub(1)..all.len().min(at + 2)
    });
    let mut rivals = all[near].to_vec();
    rivals.sort_by_key(|variant| variant.name != call.variant);
    match rivals.len() {
        0 | 1 => Vec::new(),
        _ => rivals,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::forward;

    #[test]
    fn the_tables_variant_is_timed_against_its_neighbours() {
        let rivals = |variant, can: fn(&Variant) -> bool| -> Vec<&str> {
            let call = Chosen {
                kernel: "forward",
                units: [64, 64],
                trips: 64,
                variant,
                exact: true,
                timed: false,
            };
            let rivals = rivals(forward::KERNEL.variants, &call, can);
            rivals.into_iter().map(|rival| rival.name).collect()
        };
        let any = |variant| rivals(variant, |_| true);
        assert_eq!(
            any("tile_small"),
            ["tile_small", "tile_large", "tile_skinny"]
        );
        assert_eq!(any("tile_huge"), ["tile_huge", "tile_large"]);
        assert_eq!(any("plain"), ["plain", "tile_skinny"]);
        let without = rivals("tile_small", |variant| variant.name != "tile_large");
        assert_eq!(without, ["tile_small", "tile_huge", "tile_skinny"]);
        assert_eq!(any("registers").len(), 5);
    }
}
