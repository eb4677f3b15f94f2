//! A learner's own numbers: right to the digits given, the result of a known slip, or wrong.

mod claim;
mod names;
mod rounded;
mod slips;
mod variant;
mod ways;

use super::network::Network;
use super::pass::Pass;
use super::quantity;
use super::run;
use crate::Error;
use names::{is_parameter, trained_biases};
use variant::Variant;
use ways::variants;

pub use claim::{Claim, LAST_ROUND};
pub use slips::{OtherActivation, Slip};

/// Most slips to name for a claim.
const MOST_SLIPS: usize = 3;
/// With fewer digits, a number is that of many quantities and slips.
const TELLING_DIGITS: usize = 3;
/// Relative distance of a number that is near.
const NEAR: f64 = 0.01;
/// Relative distance of results that are the same but for rounding.
const SAME: f64 = 1e-10;

/// The verdict on a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Right, to the digits given.
    Right,
    /// What a known slip gives.
    Slip,
    /// Wrong, and no known slip gives it, or several that its digits do not tell apart.
    Wrong,
}

/// A claim that was held against the exact value.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The claim.
    pub claim: Claim,
    /// The exact value.
    pub right: f64,
    /// The verdict.
    pub verdict: Verdict,
    /// The slips of which each alone gives the number, with what it gives exactly.
    pub slips: Vec<(Slip, f64)>,
    /// Another quantity of the same pass that has this value.
    pub other: Option<String>,
    /// Whether the digits are too few: a slip has those of a right number, or different slips those of a wrong one.
    pub ambiguous: bool,
}

/// Holds claims against the run of `network`.
///
/// # Errors
/// If the reference fails.
pub fn judge(network: &Network, claims: &[Claim]) -> Result<Vec<Judged>, Error> {
    let variants = variants(network);
    claims
        .iter()
        .map(|claim| judged(network, &variants, claim))
        .collect()
}

fn judged(network: &Network, variants: &[Variant], claim: &Claim) -> Result<Judged, Error> {
    let exact = |round: usize| Ok(run::passes(network, &[round])?.remove(0));
    let right = claim.value_in(network, claim.round, exact)?;
    let judged = Judged {
        claim: claim.clone(),
        right,
        verdict: Verdict::Right,
        slips: Vec::new(),
        other: None,
        ambiguous: false,
    };
    let is_right = claim.is(right);
    let mut found = Vec::new();
    if let Some(round) = claim.round.checked_sub(1) {
        let old = claim.value_in(network, round, exact)?;
        // What was never updated is no other slip.
        if !is_right && (claim.value == old || claim.digits >= TELLING_DIGITS && claim.is(old)) {
            return Ok(Judged {
                verdict: Verdict::Slip,
                slips: vec![(Slip::RoundEarlier, old)],
                ..judged
            });
        }
        found.push((Slip::RoundEarlier, old));
    }
    found.extend(slips(network, variants, claim)?);
    found.retain(|(_, value)| claim.is(*value));
    if is_right {
        // One who rounds on the way may be right to some digits.
        let differs = |(slip, value): &(Slip, f64)| {
            !matches!(slip, Slip::Rounded(_)) && !is_same(*value, right)
        };
        return Ok(Judged {
            ambiguous: found.iter().any(differs),
            ..judged
        });
    }
    if claim.cuts(right) {
        found.insert(0, (Slip::CutOff, claim.value));
    }
    let other = match claim.digits >= TELLING_DIGITS {
        true => other(
            network,
            claim,
            exact(claim.round_of_pass(network, claim.round))?,
        ),
        false => None,
    };
    Ok(named(judged, found, other))
}

/// Names the slips that were `found` for a wrong number, if its digits tell them apart.
fn named(judged: Judged, mut found: Vec<(Slip, f64)>, other: Option<(String, f64)>) -> Judged {
    let (claim, right) = (&judged.claim, judged.right);
    let few = claim.digits < TELLING_DIGITS;
    // Rounding on the way to some decimals gives nearly what it gives to others.
    let telling = found
        .iter()
        .filter(|(slip, _)| !matches!(slip, Slip::Rounded(_)));
    let values = telling.map(|(_, value)| *value);
    let mut values = values.chain(other.iter().map(|(_, value)| *value));
    let first = values.next();
    let differ = first.is_some_and(|first| values.any(|value| !is_same(value, first)));
    if differ || few && !(found.is_empty() && other.is_none()) {
        return Judged {
            verdict: Verdict::Wrong,
            ambiguous: true,
            ..judged
        };
    }
    let none = found.is_empty() && other.is_none();
    if none && !few && (claim.value - right).abs() <= NEAR * right.abs() {
        found.push((Slip::Near, right));
    }
    found.truncate(MOST_SLIPS);
    Judged {
        verdict: match found.is_empty() && other.is_none() {
            true => Verdict::Wrong,
            false => Verdict::Slip,
        },
        slips: found,
        other: other.map(|(name, _)| name),
        ..judged
    }
}

fn is_same(a: f64, b: f64) -> bool {
    (a - b).abs() <= SAME * a.abs().max(b.abs())
}

/// Returns what each slip makes of a claimed quantity.
fn slips(
    network: &Network,
    variants: &[Variant],
    claim: &Claim,
) -> Result<Vec<(Slip, f64)>, Error> {
    let exact = |round: usize| Ok(run::passes(network, &[round])?.remove(0));
    let mut all = Vec::new();
    for round in other_rounds(network, claim) {
        let slip = match claim.has_round {
            true => Slip::RoundLater,
            false => Slip::OtherRound(round),
        };
        all.push((slip, claim.value_in(network, round, exact)?));
    }
    for variant in variants {
        let value = claim.value_in(&variant.network, claim.round, |round| variant.pass(round))?;
        all.push((variant.slip, value));
        // Each neuron's bias is another number.
        if variant.slip == Slip::BiasesUpdated
            && claim.round > 0
            && !claim.is(value)
            && is_parameter(network, &claim.name)
        {
            let pass = variant.pass(claim.round - 1)?;
            let values = trained_biases(&variant.network, &pass, &claim.name);
            let own = values.into_iter().find(|value| claim.is(*value));
            all.extend(own.map(|value| (variant.slip, value)));
        }
    }
    Ok(all)
}

/// Returns the rounds that somebody may mean who claims another: the next one, and without a round the last one, too.
fn other_rounds(network: &Network, claim: &Claim) -> Vec<usize> {
    let next = claim.round + 1;
    let last = network.rounds;
    let is_other = !claim.has_round && last > next && last <= LAST_ROUND;
    [next].into_iter().chain(is_other.then_some(last)).collect()
}

/// Returns another quantity of the same pass that has the claimed value.
fn other(network: &Network, claim: &Claim, pass: Pass) -> Option<(String, f64)> {
    let mut all = quantity::all(network, &pass).into_iter();
    let same = all.find(|quantity| claim.is(quantity.value));
    same.map(|quantity| (quantity.name, quantity.value))
}
