//! A learner's own numbers: right to the digits given, the result of a known slip, or wrong.

mod rounded;
mod slips;
mod variant;
mod ways;

use super::network::Network;
use super::pass::Pass;
use super::quantity;
use super::run;
use crate::Error;
use crate::text::nearest;
use variant::Variant;
use ways::variants;

pub use slips::{OtherActivation, Slip};

/// Last round that a claim may name: each slip repeats the rounds.
pub const LAST_ROUND: usize = 10_000;
/// Most slips to name for a claim.
const MOST_SLIPS: usize = 3;
/// With fewer digits, a number is that of many quantities.
const TELLING_DIGITS: usize = 3;
/// Relative distance of a number that is near.
const NEAR: f64 = 0.01;

/// A number that somebody brings.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The quantity, as the walk names it; a weight without its `+`.
    pub name: String,
    /// The number of rounds before it.
    pub round: usize,
    /// The number, as typed.
    pub typed: String,
    /// The number.
    pub value: f64,
    /// One in its last digit.
    unit: f64,
    /// Significant digits.
    digits: usize,
}

/// The verdict on a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Right, to the digits given.
    Right,
    /// What a known slip gives.
    Slip,
    /// Wrong, and no known slip gives it.
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
    /// The slips of which each alone gives the number, with what it gives exactly. Of a right number: the value one round
    /// earlier, if the digits are too few to tell them apart.
    pub slips: Vec<(Slip, f64)>,
    /// Another quantity of the same pass that has this value.
    pub other: Option<String>,
}

impl Claim {
    /// Parses `NAME=VALUE`, with `@ROUND` or `+` after the name, for `network`.
    ///
    /// # Errors
    /// If the network has no such quantity, or the value is no number. Says what was expected.
    pub fn parse(text: &str, network: &Network) -> Result<Claim, String> {
        let fault = |why: String| Err(format!("--claim {text}: {why}"));
        let Some((name, typed)) = text.split_once('=') else {
            return fault(
                "expected NAME=NUMBER, found no =; write w5=0.3589, for example".to_owned(),
            );
        };
        let (name, typed) = (name.trim(), typed.trim());
        let Some((value, unit, digits)) = number(typed) else {
            return fault(format!(
                "expected a number after the =, found {typed:?}; write w5=0.3589, for example"
            ));
        };
        let (name, round) = match name.split_once('@') {
            None => match name.strip_suffix('+') {
                Some(name) => (name, Some(1)),
                None => (name, None),
            },
            Some((name, round)) => {
                let most = network.rounds.min(LAST_ROUND);
                match round.parse() {
                    Ok(round) if round <= most => (name, Some(round)),
                    _ => {
                        return fault(format!(
                            "expected a number of rounds from 0 to {most} after the @, found {round:?}; raise the rounds with --rounds, up to {LAST_ROUND}"
                        ));
                    }
                }
            }
        };
        let name = canonical(name);
        if let Err(why) = check(&name, network) {
            return fault(why);
        }
        let is_parameter = parameters(network).any(|parameter| *parameter == name);
        Ok(Claim {
            // A given weight needs no claim: without a round it is the new one.
            round: round.unwrap_or(usize::from(is_parameter)),
            name,
            typed: typed.to_owned(),
            value,
            unit,
            digits,
        })
    }

    /// Whether `value` rounds to the claim.
    fn is(&self, value: f64) -> bool {
        // A half is rounded up by some and to even by others.
        (value - self.value).abs() <= self.unit * 0.5 * (1.0 + 1e-6)
    }

    /// Whether the claim is `value` with its last digits cut off.
    fn cuts(&self, value: f64) -> bool {
        let cut = (value / self.unit).trunc() * self.unit;
        (cut - self.value).abs() <= self.unit * 1e-6
    }

    /// Returns the claimed quantity in the run of `network`, whose round after `round` rounds is `pass(round)`.
    fn value_in(
        &self,
        network: &Network,
        round: usize,
        pass: impl Fn(usize) -> Result<Pass, Error>,
    ) -> Result<f64, Error> {
        let pass = match parameters(network).any(|name| *name == self.name) {
            true if round > 0 => pass(round - 1)?,
            _ => pass(round)?,
        };
        Ok(value(network, &pass, &self.name, round).unwrap_or(f64::NAN))
    }
}

/// Returns a number with one in its last digit, and its significant digits.
fn number(typed: &str) -> Option<(f64, f64, usize)> {
    let value: f64 = typed.parse().ok().filter(|value: &f64| value.is_finite())?;
    let (digits, exponent) = match typed.split_once(['e', 'E']) {
        None => (typed, 0),
        Some((digits, exponent)) => (digits, exponent.parse().ok()?),
    };
    let decimals = digits.split_once('.').map_or(0, |(_, d)| d.len());
    let significant = digits.chars().filter(char::is_ascii_digit);
    let significant = significant.skip_while(|digit| *digit == '0').count();
    let unit = 10f64.powi(i32::try_from(decimals).ok()?.checked_neg()? + exponent);
    Some((value, unit, significant))
}

/// Returns the name that the walk has for what somebody may call otherwise.
fn canonical(name: &str) -> String {
    let name = name
        .trim()
        .replace(' ', "")
        .replace("∂", "d")
        .replace("δ", "delta");
    let name = match name.strip_prefix("dE/") {
        Some(rest) => format!("dE_total/{rest}"),
        None => name,
    };
    if let Some(neuron) = name.strip_prefix("dE_total/dnet_") {
        return format!("delta_{neuron}");
    }
    match name.as_str() {
        "E" | "error" | "Etotal" => "E_total".to_owned(),
        _ => name,
    }
}

/// Returns the names of weights and biases.
fn parameters(network: &Network) -> impl Iterator<Item = &String> {
    let layers = network.layers.iter();
    layers.flat_map(|layer| layer.weight_names.iter().flatten().chain(&layer.bias_names))
}

/// Returns a quantity of a pass, or a parameter after `round` rounds: after the pass, or before the first one.
fn value(network: &Network, pass: &Pass, name: &str, round: usize) -> Option<f64> {
    for (l, layer) in network.layers.iter().enumerate() {
        let tensors = if round == 0 {
            &pass.before[l]
        } else {
            &pass.after[l]
        };
        let names = layer.weight_names.iter().flatten().chain(&layer.bias_names);
        let values = tensors.weight.iter().flatten().chain(&tensors.bias);
        if let Some((_, value)) = names.zip(values).find(|(own, _)| *own == name) {
            return Some(*value);
        }
    }
    let mut all = quantity::all(network, pass).into_iter();
    let found = all.find(|quantity| quantity.name == name);
    found.map(|quantity| quantity.value)
}

/// Checks that `network` has a quantity `name`.
fn check(name: &str, network: &Network) -> Result<(), String> {
    let shape = run::passes(network, &[0]).map_err(|why| why.to_string())?;
    let known = quantity::all(network, &shape[0]);
    let mut names: Vec<String> = known.into_iter().map(|quantity| quantity.name).collect();
    names.retain(|name| !name.ends_with('+'));
    names.extend(parameters(network).cloned());
    if names.iter().any(|known| known == name) {
        return Ok(());
    }
    let first = format!("{name}#1");
    if names.contains(&first) {
        let rows = network.rows.len();
        return Err(format!(
            "expected the row, since there are {rows}, found none; write {first}, for example"
        ));
    }
    let cure = nearest(name, names.iter().map(String::as_str)).map_or_else(
        || own_names(network),
        |known| format!("did you mean {known}?"),
    );
    Err(format!(
        "expected a quantity of this network, such as w1, net_{h}, out_{h}, delta_{h}, E_total or dE/dw1, found {name}; {cure}",
        h = network.layers[0].neurons[0]
    ))
}

/// Says what the weights and biases of `network` are called.
fn own_names(network: &Network) -> String {
    let range = |letter: char| {
        let mut own = parameters(network).filter(|name| name.starts_with(letter));
        let first = own.next()?;
        Some(match own.last().filter(|last| *last != first) {
            Some(last) => format!("{first} to {last}"),
            None => first.clone(),
        })
    };
    let ranges: Vec<String> = ['w', 'b'].into_iter().filter_map(range).collect();
    format!("its weights and biases are {}", ranges.join(", "))
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
    let mut judged = Judged {
        claim: claim.clone(),
        right,
        verdict: Verdict::Right,
        slips: Vec::new(),
        other: None,
    };
    // What was never updated is no other slip; and few digits may be those of both.
    let earlier = match claim.round {
        0 => None,
        round => Some(claim.value_in(network, round - 1, exact)?).filter(|old| claim.is(*old)),
    };
    if let Some(old) = earlier.filter(|old| *old != right) {
        judged.slips.push((Slip::RoundEarlier, old));
    }
    if claim.is(right) {
        return Ok(judged);
    }
    if earlier.is_some() {
        judged.verdict = Verdict::Slip;
        return Ok(judged);
    }
    let mut found = |slip, value: f64| {
        if judged.slips.len() < MOST_SLIPS && claim.is(value) {
            judged.slips.push((slip, value));
        }
    };
    if claim.cuts(right) {
        found(Slip::CutOff, claim.value);
    }
    for variant in variants {
        let value = claim.value_in(&variant.network, claim.round, |round| variant.pass(round))?;
        found(variant.slip, value);
    }
    found(
        Slip::RoundLater,
        claim.value_in(network, claim.round + 1, exact)?,
    );
    if claim.digits >= TELLING_DIGITS {
        let pass = exact(
            claim
                .round
                .saturating_sub(usize::from(is_parameter(network, claim))),
        )?;
        let mut all = quantity::all(network, &pass).into_iter();
        let same = all.find(|quantity| claim.is(quantity.value));
        judged.other = same.map(|quantity| quantity.name);
    }
    let none = judged.slips.is_empty() && judged.other.is_none();
    if none && (claim.value - right).abs() <= NEAR * right.abs() {
        judged.slips.push((Slip::Near, right));
    }
    judged.verdict = match judged.slips.is_empty() && judged.other.is_none() {
        true => Verdict::Wrong,
        false => Verdict::Slip,
    };
    Ok(judged)
}

fn is_parameter(network: &Network, claim: &Claim) -> bool {
    parameters(network).any(|name| *name == claim.name)
}
