//! The shaders of a page: what a browser needs to do the rounds again on the reader's GPU.

use crate::gpu::adapter::replay::Replay;
use crate::gpu::buffers::replay::DeviceRecorder;
use crate::gpu::lane;
use crate::kernels::{Buffer, Step};
use crate::model::Optimizer;
use crate::plan::{Phase, Plan};
use crate::tutorial::figures::{Bound, Quantity};
use crate::tutorial::network::Network;
use crate::tutorial::{Report, Row, article, pass, stages};
use serde::Serialize;

/// The shaders of a page.
#[derive(Debug, Serialize)]
pub(super) struct Shaders {
    /// One round in the device family, from the parameters in its buffer.
    pub(super) round: Replay,
    /// Many rounds in the lane family, if the network fits into a lane and its rounds are alike.
    pub(super) rounds: Option<Replay>,
    /// Whether a round depends on its parameters only, not on earlier rounds.
    pub(super) alike: bool,
    /// What the article's figures come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) article: Option<ArticleShaders>,
}

/// The shaders that compute the article's figures.
#[derive(Debug, Serialize)]
pub(super) struct ArticleShaders {
    /// The first round, stage by stage.
    pub(super) round: Replay,
    /// The later rounds.
    pub(super) rounds: Option<Replay>,
    /// Where each figure is found, in the article's order.
    pub(super) figures: Vec<FigureSource>,
}

/// Where a figure is found, and how to judge it.
#[derive(Debug, Serialize)]
pub(super) struct FigureSource {
    /// The buffer.
    pub(super) buffer: String,
    /// The element.
    pub(super) index: usize,
    /// 1 or -1.
    pub(super) sign: f64,
    /// The number of rounds before the one that leaves it in the buffer.
    pub(super) rounds: usize,
    /// How far from the reference a device may be.
    pub(super) bound: BoundData,
    /// The verdict on the print alone.
    pub(super) print: String,
}

/// A bound for the distance from the reference.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum BoundData {
    /// Relative to the reference.
    Relative(f64),
    /// In the figure's own unit.
    Absolute(f64),
}

impl Shaders {
    /// Returns the shaders for a network. `report` is that of the article.
    pub(super) fn of(network: &Network, report: Option<&Report>) -> Shaders {
        let parameters = network.parameters();
        let data = Data::of(network);
        let step = network.step(0);
        let plain = matches!(network.optimizer, Optimizer::Sgd { .. });
        Shaders {
            round: data.round(&pass::plan(network), &parameters, &step, &[]),
            rounds: match plain {
                true => data.rounds(&network.plan(), &parameters, &step),
                false => None,
            },
            alike: network.optimizer.moments() == 0,
            article: report.map(|report| ArticleShaders::of(report, &data)),
        }
    }
}

impl ArticleShaders {
    fn of(report: &Report, data: &Data) -> ArticleShaders {
        let parameters = &article::PARAMETERS;
        let step = article::step(0);
        let rounds = article::plan(report.settings.order, false);
        ArticleShaders {
            round: data.round(&stages::plan(), parameters, &step, &stages::contents()),
            rounds: data.rounds(&rounds, parameters, &step),
            figures: report.rows.iter().map(FigureSource::of).collect(),
        }
    }
}

impl FigureSource {
    fn of(row: &Row) -> FigureSource {
        let figure = row.figure;
        let (buffer, index, sign, rounds) = match figure.quantity {
            Quantity::Worked {
                buffer,
                index,
                sign,
            } => (buffer, index, sign, 0),
            Quantity::Error { rounds } => (Buffer::Error, 0, 1.0, rounds),
            Quantity::Output { rounds, o } => (Buffer::Out(2), o, 1.0, rounds),
        };
        let [_, sequential] = row.by_order.unwrap_or([row.reference; 2]);
        let print = figure.verdict(row.reference, sequential, row.reference);
        FigureSource {
            buffer: format!("{buffer:?}"),
            index,
            sign,
            rounds,
            bound: match figure.bound {
                Bound::Relative(share) => BoundData::Relative(share),
                Bound::Absolute(most) => BoundData::Absolute(most),
            },
            print: print.to_string(),
        }
    }
}

/// The rows of a network, in f32.
struct Data {
    inputs: Vec<f32>,
    targets: Vec<f32>,
    rows: usize,
}

impl Data {
    fn of(network: &Network) -> Data {
        let inputs = network.rows.iter().flat_map(|row| &row.input);
        let targets = network.rows.iter().flat_map(|row| &row.target);
        Data {
            inputs: inputs.map(|value| *value as f32).collect(),
            targets: targets.map(|value| *value as f32).collect(),
            rows: network.rows.len(),
        }
    }

    /// Records a round of `plan`, call by call. `contents` are those of further buffers.
    fn round(
        &self,
        plan: &Plan,
        parameters: &[f64],
        step: &Step,
        contents: &[(Buffer, Vec<f64>)],
    ) -> Replay {
        let mut recorder = DeviceRecorder::new(plan, self.rows, step);
        recorder.write(Buffer::DataInputs, &self.inputs);
        recorder.write(Buffer::DataTargets, &self.targets);
        recorder.write(Buffer::Parameters, &single(parameters));
        for (buffer, values) in contents {
            recorder.write(*buffer, &single(values));
        }
        recorder.record(plan.calls(Phase::Train));
        recorder.finish()
    }

    /// Records rounds of `plan` in a lane.
    fn rounds(&self, plan: &Plan, parameters: &[f64], step: &Step) -> Option<Replay> {
        let data = [&self.inputs[..], &self.targets];
        lane::replay::record(plan, data, &single(parameters), step)
    }
}

fn single(values: &[f64]) -> Vec<f32> {
    values.iter().map(|value| *value as f32).collect()
}
