//! The workgroup family's shaders: for each call of a plan the team's loop over its units, in front of the same unit
//! functions that the other families run.
//!
//! One form is printed, since WGSL has no function that takes a function, and nothing in it is computed from the plan but
//! literals: `for (var u = lane; u < UNITS; u += TEAM) { if (ROW < rows()) { NAME(FAST, SLOW, ...); } }`. Between two calls
//! comes `sync();` where the second touches what the first writes, or writes what it reads. The executor that runs them is
//! [`workgroup`](crate::gpu::workgroup::session).

use crate::Error;
use crate::gpu::print::network::{StateLayout, arguments, module, sizes, updates_early};
use crate::kernels::{Axis, Buffer, Call, Slice};
use crate::plan::{Extent, Phase, Plan};
use crate::text::counted;

/// Rows that a workgroup must hold at a time: with fewer, most of its lanes would wait.
const LEAST_ROWS: usize = 8;
/// Invocations of a workgroup: a subgroup of most GPUs at least, and no more than every adapter has.
pub const TEAMS: std::ops::RangeInclusive<usize> = 32..=256;
/// Turns of `shuffled`'s loops for one row: a walk of a few cycles, the longest of a subgroup's lanes.
const TURNS_OF_A_ROW: usize = 80;

/// How the networks of a plan are laid out in workgroups' memory.
#[derive(Debug)]
pub struct WorkgroupShape {
    layout: StateLayout,
    /// Rows of a batch that are there at a time.
    pub rows: usize,
    /// Invocations of a workgroup.
    pub team: usize,
}

/// Loop turns of one invocation.
#[derive(Clone, Copy, Debug)]
pub struct Turns {
    /// Of a dispatch: what is kept comes and goes.
    pub dispatch: usize,
    /// Of a step, rows apart.
    pub step: usize,
    /// Of each part of its batch: [`WorkgroupShape::rows`] rows.
    pub part: usize,
}

/// Whether a network of `plan` fits a workgroup's memory of so many bytes.
pub fn fits(plan: &Plan, memory: u32) -> bool {
    WorkgroupShape::new(plan, memory).is_ok()
}

/// Bytes of workgroup memory for `rows` rows at a time: state, the rows' numbers, the status word (`memory_workgroup.wgsl`), each
/// in whole texels, as Metal has them.
fn bytes(plan: &Plan, rows: usize) -> usize {
    let words = [StateLayout::of(plan, stride(rows), true).len, rows, 1];
    let bytes = words.map(|words| (4 * words).next_multiple_of(16));
    bytes.iter().sum()
}

/// Where the next column's rows begin: an odd number, so that neighbours in a row are in different banks of the memory.
fn stride(rows: usize) -> usize {
    rows | 1
}

impl WorkgroupShape {
    /// The shape for workgroups with so many bytes of memory.
    ///
    /// # Errors
    /// If a network and some rows are more.
    pub fn new(plan: &Plan, memory: u32) -> Result<WorkgroupShape, Error> {
        let least = match updates_early(plan) {
            true => plan.batch_size,
            false => plan.batch_size.min(LEAST_ROWS),
        };
        let (needed, memory) = (bytes(plan, least), memory as usize);
        if needed > memory {
            return Err(Error::Adapter(format!(
                "a workgroup's memory holds {memory} bytes, and a network with {} of its batch takes {needed}: use smaller layers or a smaller batch, or the device family",
                counted(least, "row")
            )));
        }
        // In even parts.
        let mut parts = 1;
        while bytes(plan, plan.batch_size.div_ceil(parts)) > memory {
            parts += 1;
        }
        let rows = plan.batch_size.div_ceil(parts).max(1);
        let layout = StateLayout::of(plan, stride(rows), true);
        let calls = Phase::ALL.into_iter().flat_map(|phase| plan.calls(phase));
        let most = calls.map(|call| units(call, &layout, rows)).max();
        let team = most.unwrap_or(1).next_power_of_two();
        Ok(WorkgroupShape {
            team: team.clamp(*TEAMS.start(), *TEAMS.end()),
            layout,
            rows,
        })
    }

    /// Elements of a network that are kept between dispatches.
    pub fn kept(&self) -> usize {
        self.layout.kept
    }

    /// Where the elements of a buffer are among those that are kept, one row after the other.
    ///
    /// # Errors
    /// If the buffer is not kept.
    pub fn places(&self, plan: &Plan, buffer: Buffer) -> Result<Vec<usize>, Error> {
        let (at, placement) = self.layout.find_kept("the workgroup family", buffer)?;
        Ok(match plan.extent(buffer) {
            Extent::Batch { width } => {
                let row = |n| (0..*width).map(move |i| at + i * stride(self.rows) + n);
                (0..self.rows).flat_map(row).collect()
            }
            _ => (at..at + placement.len).collect(),
        })
    }

    /// How often an invocation's loops turn.
    pub fn turns(&self, plan: &Plan, phase: Phase) -> Turns {
        let rounds = |units: usize| units.div_ceil(self.team);
        let call = |call: &Call| {
            let trips = (call.kernel.trips)(&sizes(call, &self.layout, self.rows));
            rounds(units(call, &self.layout, self.rows)) * (1 + trips)
        };
        let all = |calls: &[Call]| calls.iter().map(call).sum::<usize>();
        let (body, update) = plan.bodies(phase);
        let numbers = rounds(self.rows) * (1 + TURNS_OF_A_ROW);
        Turns {
            dispatch: 2 * rounds(self.kept()),
            step: 1 + all(update),
            part: 1 + numbers + all(&plan.gather) + all(body),
        }
    }

    /// The whole module of a phase.
    pub fn source(&self, plan: &Plan, phase: Phase) -> String {
        let (body, update) = plan.bodies(phase);
        let printed = format!(
            "const STATE = {}u;\nconst KEPT = {}u;\nconst ROWS = {}u;\nconst STRIDE = {}u;\nconst TEAM = {}u;\n{}{}{}",
            self.layout.len,
            self.layout.kept,
            self.rows,
            stride(self.rows),
            self.team,
            function("bring", self.stages(&plan.gather) + "    sync();\n"),
            function("gradient", self.stages(body) + "    sync();\n"),
            function("update", self.stages(update)), // number_rows() has the barrier behind it
        );
        let memory = include_str!("../../../shaders/workgroup/memory_workgroup.wgsl");
        module(printed, plan.calls(phase), &[memory])
    }

    /// Calls, with barriers between those that are not independent.
    fn stages(&self, calls: &[Call]) -> String {
        let mut text = String::new();
        let mut since: Vec<&Call> = Vec::new();
        for call in calls {
            if since.iter().any(|before| call.conflicts_with(before)) {
                text.push_str("    sync();\n");
                since.clear();
            }
            since.push(call);
            text.push_str(&self.team_loop(call));
        }
        text
    }

    /// The team's loop over the units of a call. Lanes are along the batch, so that they read the same weight; where rows
    /// come from the data set, along the columns, as they lie there.
    fn team_loop(&self, call: &Call) -> String {
        let [fast, _] = (call.kernel.units)(&sizes(call, &self.layout, self.rows));
        let from_data = call.reads.iter().any(|slice| data(slice).is_some());
        let rows = call.kernel.axis == Axis::Rows;
        let (fast, slow) = match rows && !from_data {
            true => ("u / ROWS".to_owned(), "u % ROWS".to_owned()),
            false => (format!("u % {fast}u"), format!("u / {fast}u")),
        };
        let base = |slice: &Slice| data(slice).unwrap_or_else(|| self.layout.base(slice));
        let (name, rest) = (call.kernel.name, arguments(call, base));
        let one = format!("{name}({fast}, {slow}{rest});");
        let one = match rows {
            true => format!("if ({slow} < rows()) {{ {one} }}"),
            false => one,
        };
        let units = units(call, &self.layout, self.rows);
        format!("    for (var u = lane; u < {units}u; u += TEAM) {{ {one} }}\n")
    }
}

fn function(name: &str, body: String) -> String {
    format!("fn {name}() {{\n{body}}}\n")
}

/// Units of a call.
fn units(call: &Call, layout: &StateLayout, rows: usize) -> usize {
    let [fast, slow] = (call.kernel.units)(&sizes(call, layout, rows));
    fast * slow
}

/// The base of a slice of the data set.
fn data(slice: &Slice) -> Option<usize> {
    match slice.buffer {
        Buffer::DataInputs => Some(0),
        Buffer::DataTargets => Some(1),
        _ => None,
    }
}
