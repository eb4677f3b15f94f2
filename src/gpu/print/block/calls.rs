//! What blocks ask of a plan's calls.

use crate::gpu::adapter::transfers::ALIGN;
use crate::kernels::{Axis, Buffer, Call, Role, Sizes, Slice};
use crate::plan::{Extent, Layout, Phase, Plan};

/// Whether a call is along the rows, once they were brought.
pub(super) fn is_along_rows(call: &Call) -> bool {
    call.kernel.axis == Axis::Rows && !is(call, Role::Gather)
}

/// Whether a call makes a buffer of `chain` of the one before, or accounts of one.
pub(super) fn is_of(chain: &[Buffer], call: &Call) -> bool {
    let has = |slice: &Slice| chain.contains(&slice.buffer);
    let mut made = made(call);
    is_along_rows(call) && has(&call.reads[0]) && made.all(has)
}

/// What a call makes for each row, accounts apart.
pub(super) fn made(call: &Call) -> impl Iterator<Item = &Slice> {
    let writes = call.writes.iter();
    writes.filter(|slice| !is_account(slice.buffer))
}

pub(super) fn is(call: &Call, role: Role) -> bool {
    call.kernel.role == role
}

/// Elements that a row of a buffer has.
pub(super) fn width(plan: &Plan, buffer: Buffer) -> usize {
    match plan.extent(buffer) {
        Extent::Batch { width } | Extent::Data { width } => *width,
        Extent::Tensors(_) => 0,
    }
}

pub(super) fn is_product(call: &Call) -> bool {
    is(call, Role::Forward) || is(call, Role::InputGradient)
}

/// Whether a call has a unit a row, which reads nothing but what its row has: the losses, and what is counted.
pub(super) fn is_of_own_row(call: &Call) -> bool {
    let sizes = Sizes {
        args: &call.args,
        batch: 1,
        len: 1,
    };
    let kernel = call.kernel;
    (kernel.units)(&sizes) == [1, 1] && kernel.row_reads.len() == kernel.reads.len()
}

/// What is added to from step to step, and read by the host only.
pub(super) fn is_account(buffer: Buffer) -> bool {
    matches!(buffer, Buffer::Error | Buffer::Hits)
}

pub(super) fn reads(calls: &[&Call], buffer: Buffer) -> bool {
    let mut reads = calls.iter().flat_map(|call| &call.reads);
    reads.any(|slice| slice.buffer == buffer)
}

pub(super) fn parameters(plan: &Plan) -> Layout {
    Layout::of(plan.extent(Buffer::Parameters), 1, 1, ALIGN)
}

pub(super) fn is_delta(buffer: &Buffer) -> bool {
    matches!(buffer, Buffer::Delta(_))
}

pub(super) fn all_calls(plan: &Plan) -> impl Iterator<Item = &Call> {
    Phase::ALL.into_iter().flat_map(|phase| plan.calls(phase))
}
