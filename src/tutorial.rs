//! The article on a device: compares every figure that *A Step by Step Backpropagation Example* prints with its exact
//! value, and with the result of the kernels on a device.
//!
//! Three computations replay one plan ([`crate::plan::backprop::train`]):
//! - the reference: the kernels' twins in f64;
//! - the first round on the device, stage by stage, which reads each figure from a buffer of the device family
//!   (`stages.rs`);
//! - the later rounds, many per dispatch, in the lane family (`rounds.rs`).
//!
//! The 38 figures are always compared with the article's own setting: its text computes the first round from the
//! original weights, its last paragraph mentions 1 and 10,000 rounds, and it never updates biases. [`Settings::order`]
//! decides how those last rounds update, because the article mixed that up. [`Settings::rounds`] and
//! [`Settings::biases`] affect only [`Report::after`].

pub mod article;
pub mod bounds;
pub mod check;
pub mod claims;
pub mod columns;
pub mod data;
pub mod figures;
pub mod homework;
pub mod loss;
pub mod network;
pub mod page;
pub mod pass;
pub mod quantity;
pub mod render;
mod rounds;
pub mod run;
mod stages;
pub mod text;
pub mod walk;

use crate::Error;
use crate::cpu::CpuSession;
use crate::device::Device;
use crate::kernels::Diverged;
use crate::plan::{Order, Plan};
pub use article::MOST_ROUNDS;

use article::ARTICLE_ROUNDS;
use figures::{Figure, Quantity, Verdict};
use rounds::RoundsRun;

pub use rounds::State;

/// Whether to update biases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Biases {
    /// Biases stay constant, as in the article.
    #[default]
    Frozen,
    /// Biases are updated like weights.
    Trained,
}

/// What to run in addition to the article's figures.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Number of rounds for [`Report::after`], 1 to [`MOST_ROUNDS`].
    pub rounds: usize,
    /// When to update the weights of a layer.
    pub order: Order,
    /// Whether to update biases, for [`Report::after`].
    pub biases: Biases,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            rounds: ARTICLE_ROUNDS,
            order: Order::default(),
            biases: Biases::default(),
        }
    }
}

/// A printed figure with its computed values and the verdict.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The figure.
    pub figure: &'static Figure,
    /// Its exact value (f64).
    pub reference: f64,
    /// The value that the device computed.
    pub computed: f64,
    /// The exact values with simultaneous and with sequential updates, if the figure depends on rounds.
    pub by_order: Option<[f64; 2]>,
    /// The verdict on the printed and the computed value.
    pub verdict: Verdict,
}

/// All figures, and the networks after the rounds.
#[derive(Clone, Debug)]
pub struct Report {
    /// The settings of the run.
    pub settings: Settings,
    /// The article's figures, in its order.
    pub rows: Vec<Row>,
    /// The network after one round, as the device computed it.
    pub after_one: State,
    /// The network after [`Settings::rounds`] rounds, as the device computed it.
    pub after: State,
    /// The exact [`Report::after`] (f64).
    pub after_reference: State,
    /// The exact w1+ (f64) if the output layer is updated before its deltas propagate back, for comparison with the
    /// article's.
    pub w1_in_place: f64,
    /// Where the device computed a value that is not finite, which never happens with this network.
    pub diverged: Option<Diverged>,
}

impl Report {
    /// Whether the device computed every figure within its error bound.
    pub fn ok(&self) -> bool {
        self.diverged.is_none() && self.count(Verdict::Mismatch) == 0
    }

    /// Whether the rounds exceed the precision of f32: a weight near 4 changes by 2.4e-7 or not at all, and after some
    /// tens of thousands of rounds its updates are smaller.
    pub fn stands_still(&self) -> bool {
        !figures::LATE_ERROR.holds(self.after_reference.error, self.after.error)
    }

    /// Returns the number of figures with this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        let with = |row: &&Row| row.verdict == verdict;
        self.rows.iter().filter(with).count()
    }

    /// Returns the figure of the first round with the largest relative error, and this error.
    pub fn furthest(&self) -> Option<(&Row, f64)> {
        let worked = self.rows.iter().filter(|row| row.by_order.is_none());
        worked
            .map(|row| (row, (row.computed / row.reference - 1.0).abs()))
            .max_by(|(_, a), (_, b)| a.total_cmp(b))
    }
}

/// Runs the article on `device`.
pub fn run(device: &Device, settings: &Settings) -> Result<Report, Error> {
    run_with(device, settings, |_| ())
}

/// Like `run`, but passes every plan of the device through `edit`, not the reference's. Tests use it to inject
/// faults.
pub fn run_with(
    device: &Device,
    settings: &Settings,
    edit: impl Fn(&mut Plan),
) -> Result<Report, Error> {
    check(settings)?;
    let trained = settings.biases == Biases::Trained;
    let computed = Computation::on(device, settings, &edit)?;
    let reference = Computation::exact(settings.order, trained, settings.rounds)?;
    let other_order = match settings.order {
        Order::Simultaneous => Order::Sequential,
        Order::Sequential => Order::Simultaneous,
    };
    let other = Computation::exact(other_order, false, ARTICLE_ROUNDS)?;
    let [simultaneous, sequential] = match settings.order {
        Order::Simultaneous => [&reference, &other],
        Order::Sequential => [&other, &reference],
    };
    let rows = figures::ALL.iter().map(|figure| {
        let by_order = [simultaneous, sequential].map(|c| c.value(figure));
        let values = Values {
            reference: reference.value(figure),
            computed: computed.value(figure),
            by_order,
        };
        values.judge(figure)
    });
    Ok(Report {
        settings: *settings,
        rows: rows.collect(),
        after_one: computed.asked().state(1),
        after: computed.asked().state(settings.rounds),
        after_reference: reference.asked().state(settings.rounds),
        w1_in_place: sequential.article.state(1).weights[0],
        diverged: computed.asked().diverged.or(computed.article.diverged),
    })
}

fn check(settings: &Settings) -> Result<(), Error> {
    match settings.rounds {
        1..=MOST_ROUNDS => Ok(()),
        n => Err(Error::Config(format!(
            "--rounds {n}: expected 1 to {MOST_ROUNDS}"
        ))),
    }
}

/// The article as computed by one executor.
struct Computation {
    first: stages::Readings,
    /// Runs of 1 and 10,000 rounds with frozen biases, and of the requested rounds if these have frozen biases.
    article: RoundsRun,
    /// The run of the requested rounds, if biases are trained.
    trained: Option<RoundsRun>,
}

impl Computation {
    fn exact(order: Order, trained: bool, rounds: usize) -> Result<Computation, Error> {
        let load = |plan: Plan| CpuSession::<f64>::new(&plan, 1, 1);
        let run = |trained, marks: &[usize]| {
            rounds::run(&mut load(article::plan(order, trained))?, marks)
        };
        Ok(Computation {
            first: stages::read(&mut load(stages::plan())?, figures::buffers())?,
            article: run(false, &marks(trained, rounds))?,
            trained: trained.then(|| run(true, &[1, rounds])).transpose()?,
        })
    }

    fn on(
        device: &Device,
        settings: &Settings,
        edit: &impl Fn(&mut Plan),
    ) -> Result<Computation, Error> {
        let edited = |mut plan: Plan| {
            edit(&mut plan);
            plan
        };
        let trained = settings.biases == Biases::Trained;
        let run = |trained, marks: &[usize]| {
            let plan = edited(article::plan(settings.order, trained));
            rounds::run(&mut *rounds::load(device, &plan)?, marks)
        };
        let mut worked = device.load(&edited(stages::plan()), 1)?;
        Ok(Computation {
            first: stages::read(&mut *worked, figures::buffers())?,
            article: run(false, &marks(trained, settings.rounds))?,
            trained: trained
                .then(|| run(true, &[1, settings.rounds]))
                .transpose()?,
        })
    }

    /// Returns the run for [`Report::after`].
    fn asked(&self) -> &RoundsRun {
        self.trained.as_ref().unwrap_or(&self.article)
    }

    fn value(&self, figure: &Figure) -> f64 {
        match figure.quantity {
            Quantity::Worked {
                buffer,
                index,
                sign,
            } => sign * self.first.value(buffer, index),
            Quantity::Error { rounds } => self.article.state(rounds).error,
            Quantity::Output { rounds, o } => self.article.state(rounds).outputs[o],
        }
    }
}

/// Returns the numbers of rounds after which to read the network in the run with frozen biases.
fn marks(trained: bool, rounds: usize) -> Vec<usize> {
    let asked = (!trained).then_some(rounds);
    [1, ARTICLE_ROUNDS].into_iter().chain(asked).collect()
}

/// The values of a figure.
struct Values {
    reference: f64,
    computed: f64,
    by_order: [f64; 2],
}

impl Values {
    fn judge(&self, figure: &'static Figure) -> Row {
        let [_, sequential] = self.by_order;
        Row {
            figure,
            reference: self.reference,
            computed: self.computed,
            by_order: figure.quantity.depends_on_order().then_some(self.by_order),
            verdict: figure.verdict(self.reference, sequential, self.computed),
        }
    }
}
