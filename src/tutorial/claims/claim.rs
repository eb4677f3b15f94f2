//! A learner's number: its name, its round, and how many digits it has.

use super::names::{self, canonical, check, is_parameter};
use crate::Error;
use crate::tutorial::network::Network;
use crate::tutorial::pass::Pass;

/// Last round that a claim may name: each slip repeats the rounds.
pub const LAST_ROUND: usize = 10_000;

/// A number that somebody brings.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The quantity, as the walk names it; a weight without its `+`.
    pub name: String,
    /// The number of rounds before it.
    pub round: usize,
    /// Whether the round was given.
    pub has_round: bool,
    /// The number, as typed.
    pub typed: String,
    /// The number.
    pub value: f64,
    /// One in its last digit.
    unit: f64,
    /// Significant digits.
    pub(super) digits: usize,
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
        Ok(Claim {
            // A given weight needs no claim: without a round it is the new one.
            round: round.unwrap_or(usize::from(is_parameter(network, &name))),
            has_round: round.is_some(),
            name,
            typed: typed.to_owned(),
            value,
            unit,
            digits,
        })
    }

    /// Whether `value` rounds to the claim.
    pub(super) fn is(&self, value: f64) -> bool {
        // A half is rounded up by some and to even by others.
        (value - self.value).abs() <= self.unit * 0.5 * (1.0 + 1e-6)
    }

    /// Whether the claim is `value` with its last digits cut off.
    pub(super) fn cuts(&self, value: f64) -> bool {
        let cut = (value / self.unit).trunc() * self.unit;
        (cut - self.value).abs() <= self.unit * 1e-6
    }

    /// Returns the round whose pass has the quantity after `round` rounds.
    pub(super) fn round_of_pass(&self, network: &Network, round: usize) -> usize {
        round.saturating_sub(usize::from(is_parameter(network, &self.name)))
    }

    /// Returns the claimed quantity after `round` rounds of `network`, whose passes are `pass`.
    pub(super) fn value_in(
        &self,
        network: &Network,
        round: usize,
        pass: impl Fn(usize) -> Result<Pass, Error>,
    ) -> Result<f64, Error> {
        let pass = pass(self.round_of_pass(network, round))?;
        Ok(names::value(network, &pass, &self.name, round).unwrap_or(f64::NAN))
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
