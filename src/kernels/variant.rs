//! A variant of a kernel: how it runs on an adapter, and which adapters it is for.

use crate::kernels::{Sizes, Switches};

/// One way to run a kernel in the device family.
#[derive(Debug)]
pub struct Variant {
    /// `plain`, `tile_large`, `registers`, `cooperative_16`, ...
    pub name: &'static str,
    /// Entry point.
    pub entry: &'static str,
    /// The sources of its module, in any order, memory and rules included; of a plain variant's without what is printed from the
    /// kernel's row (`gpu/print/buffers.rs`).
    pub sources: &'static [&'static str],
    /// What the adapter must have.
    pub needs: Needs,
    /// Whether it can run a call of these sizes.
    pub shape: fn(&Sizes) -> bool,
    /// What it is made for: others can run it, and are slower with it.
    pub made_for: MadeFor,
    /// Whether it is worth while for a call of these sizes.
    pub pays: fn(&Sizes) -> bool,
    /// Whether it adds each sum as the unit function does, term by term. On one adapter all exact variants of a kernel give
    /// the same bits; one that is not adds the same terms in another order, and always in that order, or rounds them first.
    pub exact: bool,
    /// Workgroups of a call.
    pub groups: fn(&DispatchLoad) -> u64,
    /// What it does behind that, if it takes two dispatches.
    pub reduction: Option<Reduction>,
}

/// Adapters that a variant is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeFor {
    /// All of them.
    All,
    /// Those that are hardware.
    Hardware,
    /// Those that compute on the CPU.
    Software,
}

/// The second dispatch of a variant, that makes the call's results of what the first one left in the scratch. The first
/// binds what the call reads, the second what it writes, and both the scratch.
#[derive(Clone, Copy, Debug)]
pub struct Reduction {
    /// Entry point.
    pub entry: &'static str,
    /// Rows of a slice of a call (`call.wgsl`, `SLICE_ROWS`).
    pub rows: fn(&Sizes) -> usize,
    /// Elements of scratch that a call needs. Calls share it: what an earlier call left there must not be read.
    pub scratch: fn(&Sizes) -> usize,
    /// Workgroups of a call.
    pub groups: fn(&DispatchLoad) -> u64,
}

/// Where the scratch is bound: behind what `device.wgsl` binds.
pub const SCRATCH_BINDING: u32 = 9;

/// One dispatch of a variant.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Entry point.
    pub entry: &'static str,
    /// Whether it binds what the call reads, and what it writes.
    pub reads: bool,
    pub writes: bool,
    /// Workgroups of a call.
    pub groups: fn(&DispatchLoad) -> u64,
}

impl Variant {
    /// Its dispatches, in order.
    pub fn stages(&self) -> Vec<Stage> {
        let stage = |entry, [reads, writes]: [bool; 2], groups| Stage {
            entry,
            reads,
            writes,
            groups,
        };
        match self.reduction {
            None => vec![stage(self.entry, [true, true], self.groups)],
            Some(reduction) => vec![
                stage(self.entry, [true, false], self.groups),
                stage(reduction.entry, [false, true], reduction.groups),
            ],
        }
    }

    /// Whether it is the one that runs a unit an invocation and needs nothing: every kernel's last.
    pub fn is_plain(&self) -> bool {
        self.name == "plain"
    }

    /// Elements of scratch that a call of these sizes needs.
    pub fn scratch(&self, sizes: &Sizes) -> usize {
        let needs = |reduction: Reduction| (reduction.scratch)(sizes);
        self.reduction.map_or(0, needs)
    }

    /// Whether it is considered on an adapter: it can run there, and is made for such adapters.
    pub fn suits(&self, adapter: &Capabilities) -> bool {
        let is_for = match self.made_for {
            MadeFor::All => true,
            MadeFor::Hardware => !adapter.software,
            MadeFor::Software => adapter.software,
        };
        self.can_run(adapter) && is_for
    }

    /// Whether an adapter has what it needs, and it was not turned off.
    pub fn can_run(&self, adapter: &Capabilities) -> bool {
        let on = &adapter.switches;
        let split = self.reduction.is_none() || on.has("split");
        self.needs.met(adapter) && on.has(self.name) && split
    }
}

/// What a dispatch has to cover.
#[derive(Clone, Copy, Debug)]
pub struct DispatchLoad<'a> {
    /// Units: fast axis, slow axis.
    pub units: [usize; 2],
    /// What the call's sizes depend on.
    pub sizes: &'a Sizes<'a>,
}

/// What a variant asks of an adapter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Cooperative matrices with so many rows and columns, and that mixed precision is wanted.
    pub cooperative: Option<u32>,
    /// Bytes of workgroup memory.
    pub workgroup_memory: u32,
}

/// What an adapter has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// It computes on the CPU.
    pub software: bool,
    /// Invocations of a subgroup, if that is always the same number and known.
    pub subgroup: Option<u32>,
    /// It is opened for mixed precision: rows and columns of its cooperative matrices, of f16 that are added in f32.
    pub cooperative: Option<u32>,
    /// Bytes of workgroup memory.
    pub workgroup_memory: u32,
    /// Which fast paths are on.
    pub switches: Switches,
}

impl Needs {
    /// What every adapter has.
    pub const NOTHING: Needs = Needs {
        cooperative: None,
        workgroup_memory: 0,
    };

    /// Whether an adapter has what is needed.
    pub fn met(&self, adapter: &Capabilities) -> bool {
        let same = |size| adapter.subgroup.is_some() && adapter.cooperative == Some(size);
        self.cooperative.is_none_or(same) && self.workgroup_memory <= adapter.workgroup_memory
    }
}

/// Invocations of a plain variant's workgroup (`memory_buffers.wgsl`, `WORKGROUP`).
pub const WORKGROUP: usize = 64;

/// One invocation a unit.
pub fn a_lane_a_unit(load: &DispatchLoad) -> u64 {
    let [fast, slow] = load.units;
    (fast as u64 * slow as u64).div_ceil(WORKGROUP as u64)
}

/// One workgroup a slow unit (a row).
pub fn a_group_a_row(load: &DispatchLoad) -> u64 {
    load.units[1] as u64
}

/// One workgroup a tile of so many units along each axis.
pub fn tiles(units: [usize; 2], tile: [usize; 2]) -> u64 {
    units[0].div_ceil(tile[0]) as u64 * units[1].div_ceil(tile[1]) as u64
}

/// Any call.
pub fn any_shape(_: &Sizes) -> bool {
    true
}

/// The sources of a variant's module: what all share, and its own files.
macro_rules! sources {
    ($($file:expr),* $(,)?) => {
        &[
            include_str!("../../shaders/shared/rules.wgsl"),
            include_str!("../../shaders/shared/step.wgsl"),
            include_str!("../../shaders/buffers/device.wgsl"),
            include_str!("../../shaders/buffers/call.wgsl"),
            $(include_str!(concat!("../../shaders/", $file, ".wgsl"))),*
        ]
    };
}
pub(crate) use sources;

/// The variant that runs one unit an invocation and needs nothing: the unit function's name, other unit functions that it
/// calls, and shared files beside those that every kernel has.
macro_rules! plain {
    ($name:literal $(and $also:literal)* $(with $shared:literal)*) => {
        $crate::kernels::variant::Variant {
            name: "plain",
            entry: concat!("run_", $name),
            sources: $crate::kernels::variant::sources!(
                "shared/loss",
                "shared/optimizer",
                "buffers/memory_buffers",
                concat!("units/", $name),
                $(concat!("units/", $also),)*
                $(concat!("shared/", $shared),)*
            ),
            needs: $crate::kernels::variant::Needs::NOTHING,
            shape: $crate::kernels::variant::any_shape,
            made_for: $crate::kernels::variant::MadeFor::All,
            pays: $crate::kernels::variant::any_shape,
            exact: true,
            groups: $crate::kernels::variant::a_lane_a_unit,
            reduction: None,
        }
    };
}
pub(crate) use plain;
