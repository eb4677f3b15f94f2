//! The variants that are timed against each other.

use crate::kernels::{MadeFor, Variant};
use crate::plan::KernelChoice;

/// Multiply-adds of a call beyond which there is nothing to find out: the largest tile fills any GPU.
const MOST_WORK: usize = 1 << 31;
/// Multiply-adds of a call beyond which the plain variant is not tried: it would take long, and lose.
const MOST_PLAIN_WORK: usize = 1 << 24;

/// The variants worth timing against each other for a call that the table gives one, that one first: of the exact ones that
/// `can` run it the next larger and the next smaller, those for the CPU left out. On the one card that was
/// measured the others never win, and each takes a driver a tenth of a second or more to compile. Only products have variants
/// for hardware, and a product may be repeated: what it reads of what it writes is its own.
pub fn rivals(
    variants: &'static [Variant],
    call: &KernelChoice,
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
