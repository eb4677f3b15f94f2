//! Autotune timings: the fastest exact variant of each matrix product on an adapter, and whether fused blocks of rows
//! are faster. A session measures them when it first meets the product or the network, and keeps them in a small file.
//!
//! Autotuning never changes a bit. It compares only exact variants, and of these only those that compute the same bits
//! from the same numbers as the table's variant, because a driver may fuse a product and a sum in one shader and not in
//! another. Only the table of sizes ([`Variant::pays`]) decides where a sum may be split. Timing is for hardware
//! adapters, where the table is a guess. On software adapters the table is right.
//!
//! [`Variant::pays`]: crate::kernels::Variant::pays

use crate::file::{kept, place, unwritten};
use crate::gpu::DeviceKey;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Time budget for the timings of one session. A timing that has started is finished.
const BUDGET: Duration = Duration::from_millis(100);
/// A variant must take less than this fraction of the time of the table's variant to replace it.
const MARGIN: f64 = 0.95;
/// Maximum number of timings in the file.
const MAX_TIMINGS: usize = 1000;

/// The timings of the variants of one product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Timing {
    key: DeviceKey,
    #[serde(flatten)]
    timed: Timed,
    fastest: String,
    us_per_call: BTreeMap<String, f64>,
}

/// What is timed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Timed {
    /// The variants of a call of a kernel.
    Call {
        kernel: String,
        /// Units of the call: fast axis, slow axis.
        units: [usize; 2],
        /// How often a unit's loops turn.
        trips: usize,
    },
    /// A network's step, in blocks of rows or call by call.
    Network {
        /// A hash of the blocks' module, and of what else the step runs.
        network: u32,
    },
}

/// The content of the file.
#[derive(Default, Serialize, Deserialize)]
struct Timings {
    timings: Vec<Timing>,
}

/// The timings of this machine's adapters.
pub struct Autotune {
    /// The path of the file, or none if there is no folder for it.
    path: Option<PathBuf>,
    budget: Duration,
    known: Timings,
    changed: bool,
    warning: Option<String>,
}

impl Autotune {
    /// Returns this user's timings, from the folder of the calibration.
    pub fn of_user() -> Autotune {
        // Without a home folder, every run measures anew.
        Autotune::new(kept("tuning.json").ok(), BUDGET)
    }

    /// Returns the timings at `path`, without a time budget.
    pub fn at(path: &Path) -> Autotune {
        Autotune::new(Some(path.to_owned()), Duration::MAX)
    }

    fn new(path: Option<PathBuf>, budget: Duration) -> Autotune {
        let read = path.as_deref().map_or(Ok(Timings::default()), read);
        let (known, warning) = match read {
            Ok(known) => (known, None),
            Err(why) => (Timings::default(), Some(why)),
        };
        Autotune {
            path,
            budget,
            known,
            changed: false,
            warning,
        }
    }

    /// Returns the problem with the file, if there is one, for people.
    pub(crate) fn warning(&self) -> Option<String> {
        self.warning.clone()
    }

    /// Returns whether a session that has spent this time on timings may continue.
    pub(crate) fn may_go_on(&self, spent: Duration) -> bool {
        spent < self.budget
    }

    /// Returns the fastest variant for a call, if it is known.
    pub(crate) fn fastest(&self, info: &wgpu::AdapterInfo, timed: &Timed) -> Option<&str> {
        let key = key(info);
        let found = self
            .known
            .timings
            .iter()
            .find(|t| t.key == key && t.timed == *timed);
        found.map(|timing| timing.fastest.as_str())
    }

    /// Inserts the times of a call's variants and notes the fastest. Removes times of the adapter's other drivers and
    /// of other versions of wgrad.
    pub(crate) fn insert(
        &mut self,
        info: &wgpu::AdapterInfo,
        timed: Timed,
        table: &'static str,
        times: &[(&'static str, f64)],
    ) {
        let key = key(info);
        let fastest = pick(table, times);
        let named = |(variant, us): &(&str, f64)| ((*variant).to_owned(), *us);
        let all = &mut self.known.timings;
        all.retain(|t| {
            (t.key == key || t.key.name != key.name) && !(t.key == key && t.timed == timed)
        });
        all.drain(..all.len().saturating_sub(MAX_TIMINGS - 1));
        all.push(Timing {
            timed,
            fastest: fastest.to_owned(),
            us_per_call: times.iter().map(named).collect(),
            key,
        });
        self.changed = true;
    }

    /// Writes the file, if something is new. A file that cannot be written is not an error: the next session measures
    /// again.
    pub(crate) fn save(&mut self) {
        let Some(path) = self.path.as_deref().filter(|_| self.changed) else {
            return;
        };
        self.changed = false;
        let text = serde_json::to_string_pretty(&self.known);
        let text = text.map_err(|why| unwritten(path, why.into()));
        if let Err(why) = text.and_then(|text| place(path, &text)) {
            self.warning = Some(format!("the variants' timings are not kept: {why}"));
        }
    }
}

/// Returns the key of a timing. It does not depend on the CPU's threads.
fn key(info: &wgpu::AdapterInfo) -> DeviceKey {
    DeviceKey::adapter(info, 0)
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

/// Returns the fastest variant, or the table's variant if that is not clearly slower.
fn pick(table: &'static str, times: &[(&'static str, f64)]) -> &'static str {
    let weighted = times.iter().map(|(name, us)| match *name == table {
        true => (*name, MARGIN * us),
        false => (*name, *us),
    });
    let fastest = weighted.min_by(|a, b| a.1.total_cmp(&b.1));
    fastest.map_or(table, |(name, _)| name)
}
