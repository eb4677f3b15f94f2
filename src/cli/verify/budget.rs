//! `--time`: shares the time among parts and their variants.

use super::selection::VerifyPart;
use std::time::{Duration, Instant};
use wgrad::verify::Place;

/// The remaining time, shared evenly among the remaining parts, and in each part among its variants.
pub(super) struct Budget {
    /// The deadline; `None` without `--time`.
    end: Option<Instant>,
    /// Number of remaining parts on all adapters, including the current one.
    parts: usize,
    part: Option<(VerifyPart, Instant)>,
    variant: Option<(&'static str, Instant)>,
}

impl Budget {
    pub(super) fn new(time: Option<Duration>, parts: usize) -> Budget {
        Budget {
            end: time.map(|time| Instant::now() + time),
            parts: parts + 1,
            part: None,
            variant: None,
        }
    }

    /// Starts a part of an adapter.
    pub(super) fn begin(&mut self, part: VerifyPart) {
        self.parts = self.parts.saturating_sub(1).max(1);
        self.part = self.end.map(|end| (part, share(end, self.parts)));
        self.variant = None;
    }

    /// Whether there is time for a case. Always true for the first case of a variant.
    pub(super) fn allows(&mut self, at: Place) -> bool {
        let Some((part, end)) = self.part else {
            return true;
        };
        match self.variant {
            Some((variant, end)) if variant == at.variant => Instant::now() < end,
            _ => {
                let to_come = [false, true].into_iter().find_map(|on_cpu| {
                    let all = part.variants(on_cpu);
                    let at_hand = all.iter().position(|variant| *variant == at.variant)?;
                    Some(all.len() - at_hand)
                });
                let to_come = to_come.unwrap_or(1);
                self.variant = Some((at.variant, share(end, to_come)));
                true
            }
        }
    }
}

/// Returns the end of the first of `shares` equal parts of the time until `end`.
fn share(end: Instant, shares: usize) -> Instant {
    let now = Instant::now();
    now + end.saturating_duration_since(now) / shares as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(time: Option<Duration>) -> (Budget, impl Fn(usize) -> Place) {
        let part = VerifyPart::all().next().unwrap();
        let mut budget = Budget::new(time, 1);
        budget.begin(part);
        let variants = part.variants(false);
        let at = move |variant: usize| Place {
            variant: variants[variant],
            number: 0,
            quick: false,
        };
        (budget, at)
    }

    #[test]
    fn every_variant_has_a_case_even_without_time() {
        let (mut none, at) = budget(Some(Duration::ZERO));
        assert_eq!(
            [0, 0, 1, 1].map(|k| none.allows(at(k))),
            [true, false, true, false]
        );
    }

    #[test]
    fn without_a_limit_everything_is_allowed() {
        let (mut all, at) = budget(None);
        assert!([0, 0, 1, 1].iter().all(|k| all.allows(at(*k))));
        let (mut long, at) = budget(Some(Duration::from_secs(3600)));
        assert!([0, 0, 1, 1].iter().all(|k| long.allows(at(*k))));
    }
}
