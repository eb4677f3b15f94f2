//! What a section sees: the network, its first round, and names and numbers for the formulas of a row.

use super::equation::operand;
use crate::tutorial::bounds::Measured;
use crate::tutorial::columns::wrap;
use crate::tutorial::figures::Heading;
use crate::tutorial::network::Network;
use crate::tutorial::pass::{Pass, RowPass};
use crate::tutorial::quantity::of_row;
use crate::tutorial::run::Run;
use crate::tutorial::text::{Lang, WalkWords};

/// Most neurons of a layer whose formulas are spelled out.
pub(super) const MOST_NEURONS: usize = 4;
/// Most weights of a layer whose formulas are spelled out.
pub(super) const MOST_WEIGHTS: usize = 8;

/// A network on its walk.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The network.
    pub network: &'a Network,
    /// Its exact run.
    pub run: &'a Run,
    /// What the device computed in the first round.
    pub measured: &'a [Measured],
    /// What the article printed otherwise.
    pub notes: &'a [Note],
    /// The language.
    pub lang: Lang,
}

/// A note on what the article prints.
#[derive(Clone, Debug)]
pub struct Note {
    /// Where.
    pub heading: Heading,
    /// The quantity.
    pub name: String,
    /// As printed.
    pub printed: &'static str,
    /// What is to be said.
    pub text: String,
}

/// A part of the walk.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// Its lines.
    pub body: String,
}

impl<'a> View<'a> {
    pub(super) fn words(&self) -> &'static WalkWords {
        self.lang.walk()
    }

    pub(super) fn first(&self) -> &'a Pass {
        self.run.first()
    }

    /// The row whose numbers fill the formulas.
    pub(super) fn row(&self) -> &'a RowPass {
        &self.first().rows[0]
    }

    /// What follows the names of its numbers.
    pub(super) fn tag(&self) -> String {
        of_row(self.network, 0)
    }

    /// Returns what texts say of biases: nothing if there are none.
    pub(super) fn of_biases(&self) -> [&'static str; 2] {
        let mut layers = self.network.layers.iter();
        match layers.any(|layer| !layer.bias_names.is_empty()) {
            true => self.words().and_bias,
            false => [""; 2],
        }
    }

    /// Returns the names of the values that reach layer `l`.
    pub(super) fn sources(&self, l: usize, n: usize) -> Vec<String> {
        let tag = of_row(self.network, n);
        let names = self.network.below(l).iter();
        match l {
            0 => names.map(|input| format!("{input}{tag}")).collect(),
            _ => names.map(|neuron| format!("out_{neuron}{tag}")).collect(),
        }
    }

    /// Returns the values that reach layer `l`.
    pub(super) fn reaching(&self, l: usize, n: usize) -> &'a [f64] {
        match l {
            0 => &self.network.rows[n].input,
            _ => &self.first().rows[n].out[l - 1],
        }
    }

    /// Returns what stands above the `count` others that have no formulas.
    pub(super) fn others(&self, count: usize) -> String {
        let words = self.words().others[usize::from(count != 1)];
        words.replace("{count}", &count.to_string())
    }

    /// Returns names as a range or a list.
    pub(super) fn listed(&self, names: &[String]) -> String {
        let [to, and] = self.words().ranges;
        match names {
            [] => String::new(),
            [one] => one.clone(),
            [first, last] => format!("{first}{and}{last}"),
            [first, .., last] => format!("{first}{to}{last}"),
        }
    }

    /// Returns the paragraphs that end a part: the device's values, and the article's print.
    pub(super) fn ending(&self, heading: Heading) -> String {
        let words = self.words();
        let of = |m: &&Measured| m.exact.heading == heading;
        let own: Vec<&Measured> = self.measured.iter().filter(of).collect();
        let mut text = String::new();
        let off = |m: &&&Measured| (m.computed - m.exact.value).abs();
        let furthest = own.iter().max_by(|a, b| off(a).total_cmp(&off(b)));
        if let Some(m) = furthest {
            let line = words
                .device
                .replace("{count}", &own.len().to_string())
                .replace("{name}", &m.exact.name)
                .replace("{distance}", &format!("{:.0e}", off(&m)));
            text += &format!("\n{}", wrap(&line, 0));
        }
        if own.iter().any(|m| !m.holds()) {
            text += &wrap(words.device_off, 0);
            let [exact, device] = words.device_heads;
            for m in own.iter().filter(|m| !m.holds()) {
                let (name, right, found) = (&m.exact.name, m.exact.value, m.computed);
                text += &format!("  {name}: {exact} {right:.9}, {device} {found:.9}\n");
            }
        }
        for note in self.notes.iter().filter(|note| note.heading == heading) {
            let line = words
                .printed
                .replace("{printed}", note.printed)
                .replace("{name}", &note.name)
                .replace("{note}", &note.text);
            text += &format!("\n{}", wrap(&line, 0));
        }
        text
    }
}

/// Returns products of names or numbers, as the terms of a sum.
pub(super) fn products(a: &[String], b: &[String]) -> Vec<String> {
    let pairs = a.iter().zip(b);
    pairs.map(|(a, b)| format!("{a} * {b}")).collect()
}

/// Returns numbers that follow operators.
pub(super) fn operands(values: &[f64]) -> Vec<String> {
    values.iter().map(|value| operand(*value)).collect()
}
