//! The article's printed figures, with the buffers that hold them, and their verdicts.
//!
//! Only the printed values are constants here. References are computed.

use super::article::ARTICLE_ROUNDS;
use super::stages::{
    ERROR_BY_OUT_H, ERROR_BY_OUT_O, GRADIENT, NET_H, NET_H1_BY_W, NET_O, NET_O1_BY_OUT,
    NET_O1_BY_W, O1, O2, SLOPE_H, SLOPE_O, STEP_OF_ONE,
};
use crate::kernels::Buffer;
use std::fmt;

/// The article's headings with printed figures, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    /// The Forward Pass.
    Forward,
    /// Calculating the Total Error.
    TotalError,
    /// The Backwards Pass, Output Layer.
    OutputLayer,
    /// The Backwards Pass, Hidden Layer.
    HiddenLayer,
    /// The last paragraph.
    Closing,
}

impl Heading {
    /// All headings, in order.
    pub const ALL: [Heading; 5] = [
        Heading::Forward,
        Heading::TotalError,
        Heading::OutputLayer,
        Heading::HiddenLayer,
        Heading::Closing,
    ];

    /// Returns the name in data: `where` of a figure.
    pub fn key(self) -> &'static str {
        match self {
            Heading::Forward => "forward",
            Heading::TotalError => "total error",
            Heading::OutputLayer => "output layer",
            Heading::HiddenLayer => "hidden layer",
            Heading::Closing => "closing",
        }
    }
}

/// A printed figure.
#[derive(Debug)]
pub struct Figure {
    /// The heading above the figure.
    pub heading: Heading,
    /// The symbol, as data names it.
    pub symbol: &'static str,
    /// The digits, as printed.
    pub printed: &'static str,
    /// The computed number to compare with.
    pub quantity: Quantity,
    /// The error bound for the device's value.
    pub bound: Bound,
}

/// A computed number.
#[derive(Clone, Copy, Debug)]
pub enum Quantity {
    /// `sign` times an element of a buffer after the worked round.
    Worked {
        /// The buffer.
        buffer: Buffer,
        /// The index of the element.
        index: usize,
        /// 1 or -1.
        sign: f64,
    },
    /// E_total after some rounds.
    Error {
        /// The number of rounds.
        rounds: usize,
    },
    /// An output after some rounds.
    Output {
        /// The number of rounds.
        rounds: usize,
        /// 0 for o1, 1 for o2.
        o: usize,
    },
}

impl Quantity {
    /// Whether the number comes after rounds, so that the order of their updates matters.
    pub fn depends_on_order(&self) -> bool {
        !matches!(self, Quantity::Worked { .. })
    }
}

/// A bound for the distance from the reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// Relative to the reference.
    Relative(f64),
    /// In the figure's own unit.
    Absolute(f64),
}

/// Bound for a figure of one round: a few operations on terms of similar size, each exact to a unit in the last place
/// (1.2e-7) in f32, quotients to 2.5 units as WGSL allows.
const ROUND: Bound = Bound::Relative(1e-6);
/// Bound for a figure that depends on `out_o2 - target_o2`. The difference is a quarter of its terms, which multiplies
/// the relative error by 4, and its square doubles that. An output within 4e-7, as WGSL allows for quotient and
/// exponential, gives 3e-6.
const CANCELLED: Bound = Bound::Relative(3e-6);
/// Bound for an output after 10,000 rounds. Each round rounds the weights, and later rounds correct most of it: f32
/// ends within 1e-7 of the exact outputs. At a distance of 6e-3 from each target, that is 3e-5 of the error.
const LATE_OUTPUT: Bound = Bound::Absolute(3e-7);
/// Like [`LATE_OUTPUT`]. The errors with the two update orders differ by 4.9e-4.
pub(super) const LATE_ERROR: Bound = Bound::Relative(5e-5);

impl Bound {
    /// Whether `computed` is within the bound of `reference`. False for NaN.
    pub fn holds(&self, reference: f64, computed: f64) -> bool {
        let distance = (computed - reference).abs();
        match self {
            Bound::Relative(share) => distance <= share * reference.abs(),
            Bound::Absolute(most) => distance <= *most,
        }
    }
}

/// The verdict on a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The printed value is the rounded reference.
    Match,
    /// The printed value is wrong.
    Misprint,
    /// The printed value is that of sequential updates, in contrast to the article's text.
    Sequential,
    /// The device's value differs from the reference, whatever the printed value.
    Mismatch,
}

impl Verdict {
    /// All verdicts.
    pub const ALL: [Verdict; 4] = [
        Verdict::Match,
        Verdict::Misprint,
        Verdict::Sequential,
        Verdict::Mismatch,
    ];
}

/// Writes the name in data.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(match self {
            Verdict::Match => "match",
            Verdict::Misprint => "misprint",
            Verdict::Sequential => "sequential",
            Verdict::Mismatch => "mismatch",
        })
    }
}

impl Figure {
    /// Returns the number of printed decimals.
    fn decimals(&self) -> usize {
        self.printed.split_once('.').map_or(0, |(_, d)| d.len())
    }

    /// Whether `value` rounds to the printed digits.
    pub fn prints(&self, value: f64) -> bool {
        format!("{value:.*}", self.decimals()) == self.printed
    }

    /// Returns the verdict, from the exact value, the exact value with sequential updates, and the device's value.
    pub fn verdict(&self, reference: f64, sequential: f64, computed: f64) -> Verdict {
        if !self.bound.holds(reference, computed) {
            Verdict::Mismatch
        } else if self.prints(reference) {
            Verdict::Match
        } else if self.prints(sequential) {
            Verdict::Sequential
        } else {
            Verdict::Misprint
        }
    }
}

/// Returns the buffers with figures of the first round.
pub(super) fn buffers() -> impl Iterator<Item = Buffer> {
    ALL.iter().filter_map(|figure| match figure.quantity {
        Quantity::Worked { buffer, .. } => Some(buffer),
        _ => None,
    })
}

const fn worked(
    heading: Heading,
    symbol: &'static str,
    printed: &'static str,
    (buffer, index): (Buffer, usize),
    bound: Bound,
) -> Figure {
    Figure {
        heading,
        symbol,
        printed,
        quantity: Quantity::Worked {
            buffer,
            index,
            sign: 1.0,
        },
        bound,
    }
}

const fn closing(
    symbol: &'static str,
    printed: &'static str,
    quantity: Quantity,
    bound: Bound,
) -> Figure {
    Figure {
        heading: Heading::Closing,
        symbol,
        printed,
        quantity,
        bound,
    }
}

const fn late_output(symbol: &'static str, printed: &'static str, o: usize) -> Figure {
    let rounds = ARTICLE_ROUNDS;
    closing(symbol, printed, Quantity::Output { rounds, o }, LATE_OUTPUT)
}

/// Indices of w1, w5..w8 in the parameters and gradients.
const W1: usize = 0;
const W5: usize = 6;
const OUT_H: Buffer = Buffer::Out(1);
const OUT_O: Buffer = Buffer::Out(2);
const NEW: Buffer = Buffer::Parameters;
const DELTA_O: Buffer = Buffer::Delta(1);

use Heading::{Forward, HiddenLayer, OutputLayer, TotalError};

/// All 38 figures, in the article's order.
#[rustfmt::skip]
pub static ALL: [Figure; 38] = [
    worked(Forward, "net_h1", "0.3775", (NET_H, 0), ROUND),
    worked(Forward, "out_h1", "0.593269992", (OUT_H, 0), ROUND),
    worked(Forward, "out_h2", "0.596884378", (OUT_H, 1), ROUND),
    worked(Forward, "net_o1", "1.105905967", (NET_O, 0), ROUND),
    worked(Forward, "net_o1 (in the exponent)", "1.1059059067", (NET_O, 0), ROUND),
    worked(Forward, "out_o1", "0.75136507", (OUT_O, 0), ROUND),
    worked(Forward, "out_o2", "0.772928465", (OUT_O, 1), ROUND),
    worked(TotalError, "E_o1", "0.274811083", (O1.error(), 0), ROUND),
    worked(TotalError, "E_o2", "0.023560026", (O2.error(), 0), CANCELLED),
    worked(TotalError, "E_total", "0.298371109", (Buffer::Error, 0), ROUND),
    worked(OutputLayer, "dE_total/dout_o1", "0.74136507", (ERROR_BY_OUT_O, 0), ROUND),
    worked(OutputLayer, "dout_o1/dnet_o1", "0.186815602", (SLOPE_O, 0), ROUND),
    worked(OutputLayer, "dnet_o1/dw5", "0.593269992", (NET_O1_BY_W, 0), ROUND),
    worked(OutputLayer, "dE_total/dw5 (under \"Putting it all together\")", "0.000433568", (GRADIENT, W5), ROUND),
    worked(OutputLayer, "dE_total/dw5 (in the update of w5)", "0.082167041", (GRADIENT, W5), ROUND),
    worked(OutputLayer, "w5+", "0.35891648", (NEW, W5), ROUND),
    worked(OutputLayer, "w6+", "0.408666186", (NEW, W5 + 1), ROUND),
    worked(OutputLayer, "w7+", "0.511301270", (NEW, W5 + 2), ROUND),
    worked(OutputLayer, "w8+", "0.561370121", (NEW, W5 + 3), ROUND),
    worked(HiddenLayer, "dE_o1/dnet_o1", "0.138498562", (DELTA_O, 0), ROUND),
    worked(HiddenLayer, "dnet_o1/dout_h1", "0.40", (NET_O1_BY_OUT, 0), ROUND),
    worked(HiddenLayer, "dE_o1/dout_h1", "0.055399425", (O1.error_by_out_h(), 0), ROUND),
    worked(HiddenLayer, "dE_o2/dout_h1 (first mention)", "-0.01904919", (O2.error_by_out_h(), 0), CANCELLED),
    worked(HiddenLayer, "dE_o2/dout_h1 (in the sum)", "-0.019049119", (O2.error_by_out_h(), 0), CANCELLED),
    worked(HiddenLayer, "dE_total/dout_h1", "0.036350306", (ERROR_BY_OUT_H, 0), CANCELLED),
    worked(HiddenLayer, "dout_h1/dnet_h1", "0.241300709", (SLOPE_H, 0), ROUND),
    worked(HiddenLayer, "dnet_h1/dw1", "0.05", (NET_H1_BY_W, 0), ROUND),
    worked(HiddenLayer, "dE_total/dw1", "0.000438568", (GRADIENT, W1), CANCELLED),
    Figure {
        heading: HiddenLayer,
        symbol: "learning rate in the update of w1",
        printed: "0.15",
        quantity: Quantity::Worked { buffer: STEP_OF_ONE, index: 0, sign: -1.0 },
        bound: ROUND,
    },
    worked(HiddenLayer, "w1+", "0.149780716", (NEW, W1), ROUND),
    worked(HiddenLayer, "w2+", "0.19956143", (NEW, W1 + 1), ROUND),
    worked(HiddenLayer, "w3+", "0.24975114", (NEW, W1 + 2), ROUND),
    worked(HiddenLayer, "w4+", "0.29950229", (NEW, W1 + 3), ROUND),
    worked(Heading::Closing, "E_total before", "0.298371109", (Buffer::Error, 0), ROUND),
    closing("E_total after 1 round", "0.291027924", Quantity::Error { rounds: 1 }, ROUND),
    closing("E_total after 10,000 rounds", "0.000035085", Quantity::Error { rounds: ARTICLE_ROUNDS }, LATE_ERROR),
    late_output("out_o1 after 10,000 rounds", "0.015912196", 0),
    late_output("out_o2 after 10,000 rounds", "0.984065734", 1),
];
