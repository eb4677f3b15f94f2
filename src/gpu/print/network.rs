//! The lane family's shaders: a plan's calls, printed one call a unit with literal arguments, in front of the same unit
//! functions that the device family runs.
//!
//! It prints `const` lines and calls, never an expression: the one place where WGSL comes from Rust. The executor that
//! runs them is [`lane`](crate::gpu::lane::session). The workgroup family's are printed by [`workgroup`](super::workgroup).

use crate::Error;
use crate::kernels::{Axis, Buffer, Call, Role, Sizes, Slice};
use crate::plan::{Extent, Layout, Phase, Plan, layout::not_kept};
use crate::text::counted;
use std::collections::BTreeSet;
use std::fmt::Write;

/// What is done to a printed module's text.
pub(crate) type Edit = dyn Fn(String) -> String + Send;

/// Printed units that a driver still compiles into registers in good time (measured on Mesa's lavapipe).
const MOST_UNROLLED: usize = 1_500;

/// Quads of the script: 64 KiB, what nearly every adapter binds as a uniform buffer.
pub(crate) const SCRIPT: usize = 4096;
/// Quads of the script that stay free: some are fetched together, and a row ahead (`script_subgroup.wgsl`).
pub(crate) const SPARE: usize = 8;
/// Quads of the script before the rows of steps of the same size and settings.
pub(crate) const HEAD: usize = 3;
/// Turns of a unit's loop up to which drivers unroll it surely, so that it does not count as one.
const UNROLLED_TRIPS: usize = 16;
/// Turns beyond which Mesa's lavapipe does not unroll a loop: then an index is dynamic, the state leaves the registers, and
/// compiling takes minutes (7-33-1 more than two, 4-32-3 half of one).
const MOST_TRIPS: usize = 32;

/// Where each buffer of the plan lies in a lane's state: first what is kept between dispatches.
#[derive(Debug)]
pub(crate) struct StateLayout {
    pub(crate) places: Vec<(Buffer, usize, Layout)>,
    /// Elements that are kept between dispatches: the first ones, in whole quads.
    pub(crate) kept: usize,
    pub(crate) len: usize,
}

impl StateLayout {
    pub(crate) fn new(plan: &Plan) -> StateLayout {
        StateLayout::of(plan, 1, false)
    }

    /// With room for `rows` rows at a time; kept is more than a lane can do with, so that more can be read, or not.
    pub(crate) fn of(plan: &Plan, rows: usize, keeps_more: bool) -> StateLayout {
        let outputs = plan.buffers.iter().filter_map(|(name, _)| match name {
            Buffer::Out(l) => Some(*l),
            _ => None,
        });
        let last = Buffer::Out(outputs.max().unwrap_or(0));
        let is_kept = |name: Buffer| match name {
            Buffer::Parameters | Buffer::Moment(_) | Buffer::Error | Buffer::Hits => true,
            Buffer::Gradient | Buffer::Scratch(_) => keeps_more,
            other => other == last,
        };
        let in_state = |(_, extent): &&(Buffer, Extent)| !matches!(extent, Extent::Data { .. });
        let mut sorted: Vec<_> = plan.buffers.iter().filter(in_state).collect();
        sorted.sort_by_key(|(name, _)| !is_kept(*name));
        let (mut len, mut kept) = (0, 0);
        let mut places = Vec::new();
        for (name, extent) in sorted {
            let placement = Layout::of(extent, rows, 0, 1);
            let at = len;
            len += placement.len;
            if is_kept(*name) {
                kept = len;
            }
            places.push((*name, at, placement));
        }
        // The last quad may take in some of what is not kept: it does no harm there.
        let kept = kept.next_multiple_of(4);
        let len = len.max(kept);
        StateLayout { places, kept, len }
    }

    /// A buffer's offset in the state, and its tensors.
    pub(crate) fn find(&self, buffer: Buffer) -> &(Buffer, usize, Layout) {
        let found = self.places.iter().find(|(name, ..)| *name == buffer);
        found.unwrap_or_else(|| panic!("the plan has no buffer {buffer:?} in a lane"))
    }

    /// The same of a buffer that is kept between two dispatches.
    ///
    /// # Errors
    /// If `family` does not keep it, or the plan does not have it.
    pub(crate) fn find_kept(
        &self,
        family: &str,
        buffer: Buffer,
    ) -> Result<(usize, &Layout), Error> {
        let mut places = self.places.iter();
        let found = places.find(|(name, at, _)| *name == buffer && *at < self.kept);
        let (_, at, placement) = found.ok_or_else(|| not_kept(family, buffer))?;
        Ok((*at, placement))
    }

    /// The base of a slice: its offset in the state.
    pub(crate) fn base(&self, slice: &Slice) -> usize {
        let (_, at, placement) = self.find(slice.buffer);
        at + placement.range(&slice.tensors).start
    }

    /// Quads of what is kept that hold something of `slices`.
    fn quads<'a>(&self, slices: impl Iterator<Item = &'a Slice>) -> BTreeSet<usize> {
        let in_state = slices
            .filter(|slice| !matches!(slice.buffer, Buffer::DataInputs | Buffer::DataTargets));
        let quads = in_state.flat_map(|slice| {
            let (first, len) = (self.base(slice), self.len_of(slice));
            first / 4..(first + len).div_ceil(4)
        });
        quads.filter(|quad| 4 * quad < self.kept).collect()
    }

    fn len_of(&self, slice: &Slice) -> usize {
        let (.., placement) = self.find(slice.buffer);
        placement.range(&slice.tensors).len()
    }
}

/// Whether the networks of `plan` fit a lane of an adapter that binds so many bytes as a uniform buffer.
pub fn fits(plan: &Plan, uniform: u64) -> bool {
    let (operations, _) = unrolled(plan, &StateLayout::new(plan), Phase::Train);
    check(plan, operations, uniform).is_ok()
}

/// Why the networks of `plan`, with so many operations a row, do not fit a lane of an adapter that binds so many bytes as a
/// uniform buffer.
pub(crate) fn check(plan: &Plan, operations: usize, uniform: u64) -> Result<(), Error> {
    let script = 16 * SCRIPT as u64;
    if uniform < script {
        return Err(Error::Adapter(format!(
            "a lane's script takes {script} bytes of a uniform buffer, the adapter binds {uniform}: use the device family"
        )));
    }
    if updates_early(plan) && plan.batch_size > 1 {
        return Err(Error::Adapter(
            "a lane takes one row at a time, and cannot update in place within a batch: use a batch of 1, or the device family".to_owned(),
        ));
    }
    // A lane's script says nothing of masks.
    let drops = |call: &Call| call.kernel.role == Role::Dropout;
    if plan.gradient.iter().any(drops) {
        return Err(Error::Adapter(
            "a lane has no dropout: use the workgroup or the device family".to_owned(),
        ));
    }
    if operations > MOST_UNROLLED {
        return Err(Error::Adapter(format!(
            "a lane holds networks of up to {MOST_UNROLLED} printed operations a row, this one has {operations}: use the device family"
        )));
    }
    let layout = StateLayout::new(plan);
    let trips = |call: &Call| (call.kernel.trips)(&sizes(call, &layout, 1));
    let longest = plan.calls(Phase::Train).map(trips).max().unwrap_or(0);
    if longest > MOST_TRIPS {
        return Err(Error::Adapter(format!(
            "a lane's sums have up to {MOST_TRIPS} terms, a layer of this network has {longest}: use the device family"
        )));
    }
    let (rows, quads) = (plan.widest(), row_quads(plan));
    if HEAD + rows * quads > SCRIPT - SPARE {
        return Err(Error::Adapter(format!(
            "a lane's script holds {SCRIPT} quads, and {} of {quads} are more: use a smaller batch, or the device family",
            counted(rows, "row")
        )));
    }
    Ok(())
}

/// Whether some updates come within the gradient, as in the article's in-place order.
pub(crate) fn updates_early(plan: &Plan) -> bool {
    let mut calls = plan.gradient.iter();
    calls.any(|call| call.kernel.axis == Axis::Elements)
}

/// Printed units, and loop turns, of one row.
pub(crate) fn unrolled(plan: &Plan, layout: &StateLayout, phase: Phase) -> (usize, usize) {
    let sizes = plan.calls(phase).map(|call| {
        let sizes = sizes(call, layout, 1);
        let [fast, slow] = (call.kernel.units)(&sizes);
        let trips = (call.kernel.trips)(&sizes);
        let turning = if trips > UNROLLED_TRIPS { trips } else { 0 };
        (fast * slow * trips.max(1), fast * slow * turning)
    });
    sizes.fold((0, 0), |sum, size| (sum.0 + size.0, sum.1 + size.1))
}

pub(crate) fn sizes<'a>(call: &'a Call, layout: &StateLayout, rows: usize) -> Sizes<'a> {
    Sizes {
        args: &call.args,
        batch: rows,
        len: layout.len_of(&call.writes[0]),
    }
}

/// How a phase's module is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ModuleKey {
    /// What it replays.
    pub phase: Phase,
    /// It looks for divergence at every step, not at the end only.
    pub careful: bool,
    /// Invocations of a subgroup, where a workgroup is one, and its lanes fetch the script for each other.
    pub subgroup: Option<u32>,
}

impl ModuleKey {
    /// Quads of the script that are fetched at once.
    fn fetched(self) -> usize {
        self.subgroup.map_or(2, |size| size as usize / 4)
    }
}

/// The printed part of a phase's module.
fn print(plan: &Plan, layout: &StateLayout, key: ModuleKey) -> String {
    let ModuleKey { phase, careful, .. } = key;
    let early = updates_early(plan);
    let one = plan.rows(phase) == 1;
    let mut text = format!(
        "const STATE = {}u;\nconst EARLY_UPDATES = {early};\nconst ONE_ROW = {one};\nconst CAREFUL = {careful};\nconst SCRIPT = {SCRIPT}u;\nconst ROW = {}u;\nconst FETCHED = {}u;\n",
        layout.len,
        row_quads(plan),
        key.fetched(),
    );
    let gradient = layout
        .places
        .iter()
        .find(|(name, ..)| *name == Buffer::Gradient);
    let cleared = gradient.map_or(0..0, |(_, at, placement)| *at..*at + placement.len);
    // A quad may be written in part, so what is written is recalled too.
    let written = layout.quads(plan.calls(phase).flat_map(|call| &call.writes));
    let read = layout.quads(plan.calls(phase).flat_map(|call| &call.reads));
    let touched = read.union(&written).copied().collect::<BTreeSet<_>>();
    let elements = written.iter().flat_map(|quad| 4 * quad..4 * quad + 4);
    for (name, unit, numbers) in [
        ("restore", "recall", touched),
        ("clear", "reset", cleared.collect()),
        ("inspect", "look", elements.collect()),
        ("save", "keep", written),
    ] {
        let calls = numbers.into_iter().map(|k| format!("    {unit}({k}u);\n"));
        let calls: String = calls.collect();
        let _ = write!(text, "fn {name}() {{\n{calls}}}\n");
    }
    let (body, update) = plan.bodies(phase);
    let [inputs, _] = row_values(plan);
    let brought: String = plan
        .gather
        .iter()
        .map(|c| print_gather(c, inputs, layout, key.fetched()))
        .collect();
    let _ = write!(text, "fn bring_row() {{\n{brought}}}\n");
    for (name, calls) in [("gradient", body), ("update", update)] {
        let calls: String = calls.iter().map(|call| print_call(call, layout)).collect();
        let _ = write!(text, "fn {name}() {{\n{calls}}}\n");
    }
    text
}

/// Values that a row of the data has: inputs, targets.
pub(crate) fn row_values(plan: &Plan) -> [usize; 2] {
    [Buffer::DataInputs, Buffer::DataTargets]
        .map(|buffer| Layout::of(plan.extent(buffer), 1, 1, 1).len)
}

/// Quads that a row of the data has in the script.
pub(crate) fn row_quads(plan: &Plan) -> usize {
    row_values(plan).iter().sum::<usize>().div_ceil(4)
}

/// A row of the data, from the script.
fn print_gather(call: &Call, inputs: usize, layout: &StateLayout, fetched: usize) -> String {
    let words = [0, 1].into_iter().flat_map(|slot| {
        let base = layout.base(&call.writes[slot]);
        (0..call.args[slot] as usize).map(move |i| (slot * inputs + i, base + i))
    });
    let lines = words.map(|(word, k)| {
        let fetch = match word % (4 * fetched) {
            0 => format!("    fetch_row({}u);\n", word / (4 * fetched)),
            _ => String::new(),
        };
        format!("{fetch}    bring({word}u, {k}u);\n")
    });
    lines.collect()
}

/// A call, once for each unit.
fn print_call(call: &Call, layout: &StateLayout) -> String {
    let [fast, slow] = (call.kernel.units)(&sizes(call, layout, 1));
    let rest = arguments(call, |slice| layout.base(slice));
    let name = call.kernel.name;
    let units = (0..slow).flat_map(|slow| (0..fast).map(move |fast| (fast, slow)));
    units
        .map(|(fast, slow)| format!("    {name}({fast}u, {slow}u{rest});\n"))
        .collect()
}

/// What a call passes behind its unit: its arguments, and the bases of its slices.
pub(crate) fn arguments(call: &Call, base: impl Fn(&Slice) -> usize) -> String {
    let bases = call.reads.iter().chain(&call.writes);
    call.args
        .iter()
        .map(|arg| format!(", {arg}u"))
        .chain(bases.map(|slice| format!(", {}u", base(slice))))
        // What a call has no use for, it does not touch.
        .chain((call.writes.len()..call.kernel.writes.len()).map(|_| ", 0u".to_owned()))
        .collect()
}

/// The whole module of a phase: the printed part, the kernels' unit functions, the rules, the memory.
pub fn source(plan: &Plan, key: ModuleKey) -> String {
    let printed = print(plan, &StateLayout::new(plan), key);
    let calls = plan.calls(key.phase).skip(plan.gather.len());
    let script = match key.subgroup {
        Some(_) => include_str!("../../../shaders/lane/script_subgroup.wgsl"),
        None => include_str!("../../../shaders/lane/script.wgsl"),
    };
    let memory = include_str!("../../../shaders/lane/memory_lane.wgsl");
    module(printed, calls, &[memory, script])
}

/// The printed part, the unit functions of `calls`, what they share, and the family's memory.
pub(crate) fn module<'a>(
    printed: String,
    calls: impl Iterator<Item = &'a Call>,
    memory: &[&str],
) -> String {
    let mut kernels: Vec<(&str, &str)> = calls
        .map(|call| (call.kernel.name, call.kernel.source))
        .collect();
    kernels.sort_unstable();
    kernels.dedup();
    let mut text = printed;
    let has_curves = kernels
        .iter()
        .any(|(name, _)| name.starts_with("activation"));
    text.extend(kernels.into_iter().map(|(_, source)| source));
    let shared = [
        include_str!("../../../shaders/shared/rules.wgsl"),
        include_str!("../../../shaders/shared/step.wgsl"),
        include_str!("../../../shaders/shared/loss.wgsl"),
        include_str!("../../../shaders/shared/optimizer.wgsl"),
    ];
    text.extend(shared.iter().chain(memory).copied());
    text.extend(has_curves.then_some(include_str!("../../../shaders/shared/curves.wgsl")));
    text
}
