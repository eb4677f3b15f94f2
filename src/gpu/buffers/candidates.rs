//! Selects the variants to time against each other.

use crate::kernels::{MadeFor, Variant};
use crate::plan::KernelChoice;

/// Multiply-adds of a call above which timing finds nothing new: the largest tile fills any GPU.
const MAX_WORK: usize = 1 << 31;
/// Multiply-adds of a call above which the plain variant is not timed: it would take long, and lose.
const MAX_PLAIN_WORK: usize = 1 << 24;

/// Returns the variants to time for a call, with the table's variant first. The others are its larger and its smaller
/// neighbour among the exact variants that `can` accepts, without those for the CPU. On the one GPU that was measured,
/// other variants never win, and a driver takes a tenth of a second or more to compile each of them. Only products have
/// variants for hardware. A product can be repeated, because it does not depend on the old content of what it writes.
pub fn candidates(
    variants: &'static [Variant],
    call: &KernelChoice,
    can: impl Fn(&Variant) -> bool,
) -> Vec<&'static Variant> {
    let work = (call.units[0] * call.units[1]).saturating_mul(call.trips.max(1));
    let is_product = variants.iter().any(|v| v.made_for == MadeFor::Hardware);
    if !is_product || !call.exact || work > MAX_WORK {
        return Vec::new();
    }
    let worth = |v: &&Variant| {
        let made = v.made_for == MadeFor::Hardware;
        let tried = made || work <= MAX_PLAIN_WORK || v.name == call.variant;
        v.exact && v.made_for != MadeFor::Software && tried && can(v)
    };
    let all: Vec<_> = variants.iter().filter(worth).collect();
    let table = all.iter().position(|v| v.name == call.variant);
    // A variant that is not in the list has no neighbours there.
    let near = table.map_or(0..all.len(), |at| {
        at.saturating_sub(1)..all.len().min(at + 2)
    });
    let mut candidates = all[near].to_vec();
    candidates.sort_by_key(|variant| variant.name != call.variant);
    match candidates.len() {
        0 | 1 => Vec::new(),
        _ => candidates,
    }
}
