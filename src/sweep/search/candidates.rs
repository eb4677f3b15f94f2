//! The settings that a search tries.

use crate::config::{Config, Recipe};
use crate::math::{Random, Stream};
use crate::model::{Activation, OptimizerKind};
use crate::train::resolve::drop_unused_schedules;
use serde::Serialize;

/// Settings to try.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// Activation of the hidden layers.
    pub activation: Activation,
    /// The learning rate.
    #[serde(rename = "lr")]
    pub learning_rate: f64,
    /// Rows per batch.
    pub batch_size: usize,
    /// The weight decay.
    pub weight_decay: f64,
    /// Probability that a neuron of a hidden layer is left out of a step.
    pub dropout: f64,
    /// The largest number of bins of a number; the usual number if `None`.
    pub bins: Option<usize>,
}

/// What to draw settings from. An empty list stands for the ranges of the recipe.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranges {
    /// Shapes of the hidden layers.
    pub hidden: Vec<Vec<usize>>,
    /// Activations.
    pub activation: Vec<Activation>,
    /// Learning rates.
    pub learning_rate: Vec<f64>,
    /// Rows per batch.
    pub batch_size: Option<usize>,
    /// The weight decay.
    pub weight_decay: Option<f64>,
    /// Dropout.
    pub dropout: Option<f64>,
    /// The largest number of bins.
    pub bins: Option<usize>,
}

const WIDTHS: [usize; 5] = [32, 64, 128, 256, 512];
const BATCHES: [usize; 4] = [16, 32, 64, 128];
const DROPOUTS: [f64; 5] = [0.0, 0.0, 0.1, 0.2, 0.3];
const BINS: [Option<usize>; 5] = [None, None, Some(0), Some(8), Some(32)];
/// Learning rates are drawn between these multiples of the default, evenly in their logarithms.
const RATES: [f64; 2] = [0.2, 5.0];
/// What a step takes off a weight, as a share of it; drawn as the learning rate.
const SHRINK: [f64; 2] = [1e-6, 1e-3];

/// Returns `count` different settings: the defaults of `config`, and others drawn from `ranges`, by its seed.
///
/// There may be fewer if there are no more.
pub fn candidates(config: &Config, ranges: &Ranges, count: usize) -> Vec<Candidate> {
    let mut all = vec![usual(config, ranges)];
    // Lists may leave few combinations.
    for draw in 0..100 * count as u32 {
        if all.len() >= count {
            break;
        }
        let random = Random::new(config.run.seed, Stream::Search, draw);
        let candidate = drawn(config, ranges, random);
        if !all.contains(&candidate) {
            all.push(candidate);
        }
    }
    all.truncate(count);
    all
}

/// Returns the defaults, with the first of each list.
fn usual(config: &Config, ranges: &Ranges) -> Candidate {
    let network = &config.network;
    let mut of_rate = config.optimizer.clone();
    let first = ranges.learning_rate.first().copied();
    of_rate.learning_rate = first.or(of_rate.learning_rate);
    of_rate.weight_decay = ranges.weight_decay.or(of_rate.weight_decay);
    let batch_size = ranges.batch_size.or(config.run.batch_size);
    let batch_size = batch_size.unwrap_or(config.run.recipe.batch_size(0));
    let optimizer = of_rate.optimizer(config.run.recipe, batch_size);
    Candidate {
        hidden: ranges.hidden.first().unwrap_or(&network.hidden).clone(),
        activation: *ranges.activation.first().unwrap_or(&network.activation),
        learning_rate: optimizer.learning_rate(),
        batch_size,
        weight_decay: optimizer.weight_decay(),
        dropout: ranges.dropout.unwrap_or(network.dropout),
        bins: ranges.bins.or(config.data.bins),
    }
}

fn drawn(config: &Config, ranges: &Ranges, random: Random) -> Candidate {
    let usual = usual(config, &Ranges::default());
    let share = |index: u32| random.uniform(index);
    let between = |[from, to]: [f64; 2], share: f64| from * (to / from).powf(share);
    let learning_rate = match &ranges.learning_rate[..] {
        [] => rounded(usual.learning_rate * between(RATES, share(0))),
        rates => *pick(rates, share(0)),
    };
    let hidden = match &ranges.hidden[..] {
        [] => widths(config.run.recipe, [share(1), share(2), share(3), share(4)]),
        lists => pick(lists, share(1)).clone(),
    };
    let activation = match &ranges.activation[..] {
        [] => *pick(
            &[Activation::Tanh, Activation::Tanh, Activation::Relu],
            share(5),
        ),
        list => *pick(list, share(5)),
    };
    let decoupled = [OptimizerKind::Adam, OptimizerKind::Lion];
    let decays = decoupled.contains(&config.optimizer.kind);
    let decay = match decays {
        true => rounded(between(SHRINK, share(6)) / learning_rate),
        false => 0.0,
    };
    // A linear model has no neurons to leave out.
    let dropout = match hidden.is_empty() {
        true => 0.0,
        false => *pick(&DROPOUTS, share(9)),
    };
    let is_table = config.run.recipe != Recipe::Images;
    Candidate {
        hidden,
        activation,
        learning_rate,
        batch_size: ranges.batch_size.unwrap_or(match is_table {
            true => *pick(&BATCHES, share(7)),
            false => 2 * pick(&BATCHES, share(7)),
        }),
        weight_decay: ranges.weight_decay.unwrap_or(decay),
        dropout: ranges.dropout.unwrap_or(dropout),
        bins: match (ranges.bins, is_table) {
            (None, true) => *pick(&BINS, share(8)),
            (given, _) => given.or(usual.bins),
        },
    }
}

/// Returns one to three layers: the first as wide as any, each other one as wide as the one before, or half.
fn widths(recipe: Recipe, shares: [f64; 4]) -> Vec<usize> {
    let factor = if recipe == Recipe::Images { 2 } else { 1 };
    let layers = [1, 1, 1, 2, 2, 3];
    let mut width = factor * pick(&WIDTHS, shares[0]);
    let mut all = vec![width];
    for share in &shares[2..][..pick(&layers, shares[1]) - 1] {
        width = if *share < 0.5 { width } else { width / 2 };
        all.push(width);
    }
    all
}

fn pick<T>(list: &[T], share: f64) -> &T {
    let place = (share * list.len() as f64) as usize;
    &list[place.min(list.len() - 1)]
}

/// Rounds to two digits, as a person would type the number.
fn rounded(value: f64) -> f64 {
    format!("{value:.1e}").parse().unwrap_or(value)
}

impl Candidate {
    /// Returns `config` with these settings.
    pub fn applied_to(&self, config: &Config) -> Config {
        let mut config = config.clone();
        config.network.hidden.clone_from(&self.hidden);
        config.network.activation = self.activation;
        config.optimizer.learning_rate = Some(self.learning_rate);
        config.optimizer.weight_decay = Some(self.weight_decay);
        config.network.dropout = self.dropout;
        config.run.batch_size = Some(self.batch_size);
        config.data.bins = self.bins;
        drop_unused_schedules(&mut config);
        config
    }
}
