//! Fast paths that can be turned off, and sizes that can be set: how `benches/gpu.sh` measures what each of them gains.
//!
//! `WGRAD_TUNE` lists them, as in `blocks=off,tile_large=off,lane-workgroup=32`. Without it every path is on. None is meant
//! for daily use: results stay right, but a run is slower.

use crate::Error;

/// The variable.
pub const VARIABLE: &str = "WGRAD_TUNE";

/// What can be turned off: fast paths of the device family, then variants of matrix products.
pub const PATHS: [&str; 12] = [
    "autotune",
    "blocks",
    "fused-sgd",
    "grouped-layers",
    "pipelining",
    "prefetch",
    "split",
    "tile_huge",
    "tile_large",
    "tile_small",
    "tile_skinny",
    "workgroup-family",
];

/// What can be set: names, and the values that each may have.
const SIZES: [(&str, std::ops::RangeInclusive<u32>); 4] = [
    ("block-rows", 4..=64),
    ("lane-workgroup", 1..=256),
    ("network-workgroup", 32..=256),
    ("submission", 1..=4096),
];

/// Which fast paths are off, and the sizes that were set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    /// A bit for each of [`PATHS`].
    off: u16,
    /// A value for each of [`SIZES`]; 0 where none was set.
    sizes: [u32; SIZES.len()],
}

impl Switches {
    /// Every path is on, and no size is set.
    pub const ALL_ON: Switches = Switches {
        off: 0,
        sizes: [0; SIZES.len()],
    };

    /// Those of the environment.
    ///
    /// # Errors
    /// If the variable names something that is not there, or a value that it cannot have.
    pub fn of_environment() -> Result<Switches, Error> {
        match std::env::var(VARIABLE) {
            Ok(text) => Switches::read(&text),
            Err(std::env::VarError::NotPresent) => Ok(Switches::default()),
            Err(why) => Err(Error::Config(format!("{VARIABLE}: {why}"))),
        }
    }

    pub fn read(text: &str) -> Result<Switches, Error> {
        let mut switches = Switches::default();
        let items = text.split(',').map(str::trim);
        for item in items.filter(|item| !item.is_empty()) {
            switches.set(item).map_err(|expected| {
                Error::Config(format!("{VARIABLE}: expected {expected}, found {item:?}"))
            })?;
        }
        Ok(switches)
    }

    /// # Errors
    /// What was expected.
    fn set(&mut self, item: &str) -> Result<(), String> {
        let (name, value) = item.split_once('=').unwrap_or((item, ""));
        if let Some(bit) = PATHS.iter().position(|path| *path == name) {
            match value {
                "off" => self.off |= 1 << bit,
                "on" => self.off &= !(1 << bit),
                _ => return Err(format!("{name}=off or {name}=on")),
            }
            return Ok(());
        }
        let Some(at) = SIZES.iter().position(|(size, _)| *size == name) else {
            let sizes = SIZES.iter().map(|(size, _)| format!("{size}=N"));
            let paths = PATHS.iter().map(|path| format!("{path}=off"));
            return Err(format!(
                "one of {}",
                paths.chain(sizes).collect::<Vec<_>>().join(", ")
            ));
        };
        let range = &SIZES[at].1;
        let value = value.parse().ok().filter(|value| range.contains(value));
        self.sizes[at] = value
            .ok_or_else(|| format!("{name}=N, N from {} to {}", range.start(), range.end()))?;
        Ok(())
    }

    /// Whether a fast path or a variant is on. What cannot be turned off always is.
    pub fn has(&self, name: &str) -> bool {
        let bit = PATHS.iter().position(|path| *path == name);
        bit.is_none_or(|bit| self.off & (1 << bit) == 0)
    }

    /// The same with a size.
    #[must_use]
    pub fn with_size(mut self, name: &str, value: u32) -> Switches {
        if let Some(at) = SIZES.iter().position(|(size, _)| *size == name) {
            self.sizes[at] = value;
        }
        self
    }

    /// A size, if it was set.
    pub fn size(&self, name: &str) -> Option<usize> {
        let at = SIZES.iter().position(|(size, _)| *size == name)?;
        Some(self.sizes[at] as usize).filter(|size| *size > 0)
    }
}
