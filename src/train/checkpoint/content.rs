//! What a checkpoint holds, and its bytes.

use crate::train::stopping::{Ending, Followed};
use crate::train::trainer::TrainerState;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

const KEY: &str = "wgrad-checkpoint";
const FORMAT: u32 = 1;

/// What identifies a run: a checkpoint of another one is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Number of networks.
    pub networks: usize,
    /// CRC-32 of the rows, their order included, and of what the network is.
    pub data: u32,
    /// The device.
    pub device: String,
}

/// The state of a network in training.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::train) struct NetworkState {
    pub(in crate::train) stage: Stage,
    /// Factor of the learning rate.
    pub(in crate::train) scale: f64,
    /// What its first training has shown, with the best parameters.
    pub(in crate::train) followed: Followed,
    pub(in crate::train) trainer: TrainerState,
}

/// What a network is at.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::train) enum Stage {
    /// Its training.
    Training,
    /// Training anew, on training and validation rows, after a first training that ended so.
    Refit(Ending),
    /// Nothing more: it ended so.
    Ended(Ending),
}

/// How far a network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Number of completed epochs of its first training.
    pub epochs: usize,
    /// Completed steps of the current epoch.
    pub step: usize,
    /// Whether it trains anew, on training and validation rows.
    pub refit: bool,
    /// Whether it has ended.
    pub ended: bool,
}

/// The content of a checkpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Content {
    /// Larger for a newer one.
    pub(super) sequence: u64,
    pub(super) version: String,
    pub(super) device: String,
    pub(super) data: u32,
    pub(super) networks: Vec<Option<NetworkState>>,
}

/// The metadata.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: u32,
    version: String,
    device: String,
    data: u32,
    sequence: u64,
    networks: Vec<Option<NetworkHeader>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkHeader {
    stage: Stage,
    /// Bits of the number, as those of `error`.
    scale: u64,
    followed: Followed,
    epoch: usize,
    step: usize,
    error: u64,
    moments: usize,
}

impl Content {
    pub(super) fn new(run: &Identity) -> Content {
        Content {
            sequence: 0,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            device: run.device.clone(),
            data: run.data,
            networks: vec![None; run.networks],
        }
    }

    /// Returns the same for checkpoints that this program writes from now on.
    pub(super) fn of_this_program(self, run: &Identity) -> Content {
        Content {
            sequence: self.sequence,
            networks: self.networks,
            ..Content::new(run)
        }
    }

    /// Checks that it is one of this run.
    pub(super) fn check(&self, run: &Identity) -> Result<(), String> {
        if self.data != run.data || self.networks.len() != run.networks {
            return Err("the data, or the network, is not what the run began with; bring back what it was, or train anew without --resume".to_owned());
        }
        Ok(())
    }

    pub(super) fn positions(&self) -> Vec<Option<Position>> {
        let position = |state: &NetworkState| {
            let (epochs, refit, ended) = match state.stage {
                Stage::Training => (state.trainer.epoch, false, false),
                Stage::Refit(ending) => (ending.epochs, true, false),
                Stage::Ended(ending) => (ending.epochs, ending.refit, true),
            };
            Position {
                epochs,
                step: state.trainer.step,
                refit,
                ended,
            }
        };
        let networks = self.networks.iter();
        networks.map(|n| n.as_ref().map(position)).collect()
    }

    /// Returns the bytes of the file.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let networks = self.networks.iter().map(|network| {
            let NetworkState {
                stage,
                scale,
                followed,
                trainer,
            } = network.as_ref()?;
            Some(NetworkHeader {
                stage: *stage,
                scale: scale.to_bits(),
                followed: followed.clone(),
                epoch: trainer.epoch,
                step: trainer.step,
                error: trainer.error.to_bits(),
                moments: trainer.moments.len(),
            })
        });
        let header = Header {
            format: FORMAT,
            version: self.version.clone(),
            device: self.device.clone(),
            data: self.data,
            sequence: self.sequence,
            networks: networks.collect(),
        };
        let header = serde_json::to_string(&header).expect("a header is plain data");
        let states = self.networks.iter().enumerate();
        let tensors = states.filter_map(|(k, state)| state.as_ref().map(|state| (k, state)));
        let tensors = tensors.flat_map(|(k, state)| {
            let moments = state.trainer.moments.iter().enumerate();
            let moments = moments.map(|(m, values)| (moment(m), values));
            let own = [
                ("parameters".to_owned(), &state.trainer.parameters),
                ("best".to_owned(), &state.followed.best.parameters),
            ];
            let all = own.into_iter().chain(moments);
            all.map(move |(name, values)| (tensor(k, &name), values))
        });
        let views = tensors.map(|(name, values)| {
            let bytes = bytemuck::cast_slice(values);
            let view = TensorView::new(Dtype::F32, vec![values.len()], bytes);
            (name, view.expect("a list's shape is its length"))
        });
        let metadata = HashMap::from([(KEY.to_owned(), header)]);
        let bytes = safetensors::serialize(views, Some(metadata));
        let mut bytes = bytes.expect("a header without names of the user has room");
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// Reads the bytes of a file.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Content, String> {
        let damaged = || "damaged: its bytes do not match its checksum".to_owned();
        let Some((bytes, checksum)) = bytes.split_last_chunk::<4>() else {
            return Err(damaged());
        };
        if crc32fast::hash(bytes) != u32::from_le_bytes(*checksum) {
            return Err(damaged());
        }
        let file = SafeTensors::deserialize(bytes).map_err(|why| why.to_string())?;
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|why| why.to_string())?;
        let header = metadata.metadata().as_ref().and_then(|all| all.get(KEY));
        let header = header.ok_or("not a checkpoint of wgrad")?;
        let header: Header = serde_json::from_str(header)
            .map_err(|why| format!("not a checkpoint that this version of wgrad reads ({why})"))?;
        if header.format != FORMAT {
            let found = header.format;
            return Err(format!(
                "format {found}, and this wgrad reads format {FORMAT}"
            ));
        }
        let networks = header.networks.into_iter().enumerate();
        let networks = networks.map(|(k, network)| {
            let read = |name: &str| -> Result<Vec<f32>, String> {
                let name = tensor(k, name);
                let values = file.tensor(&name).map_err(|why| format!("{name}: {why}"))?;
                // The bytes may not be aligned to four.
                Ok(bytemuck::pod_collect_to_vec::<u8, f32>(values.data()))
            };
            network.map(|network| state(network, read)).transpose()
        });
        Ok(Content {
            sequence: header.sequence,
            version: header.version,
            device: header.device,
            data: header.data,
            networks: networks.collect::<Result<_, String>>()?,
        })
    }
}

fn state(
    network: NetworkHeader,
    read: impl Fn(&str) -> Result<Vec<f32>, String>,
) -> Result<NetworkState, String> {
    let mut followed = network.followed;
    followed.best.parameters = read("best")?;
    let moments = (0..network.moments).map(|m| read(&moment(m)));
    Ok(NetworkState {
        stage: network.stage,
        scale: f64::from_bits(network.scale),
        followed,
        trainer: TrainerState {
            epoch: network.epoch,
            step: network.step,
            error: f64::from_bits(network.error),
            parameters: read("parameters")?,
            moments: moments.collect::<Result<_, _>>()?,
        },
    })
}

fn tensor(network: usize, name: &str) -> String {
    format!("networks.{network}.{name}")
}

fn moment(m: usize) -> String {
    format!("moments.{m}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Keep, RunConfig};
    use crate::dataset::{self, ReadOptions};
    use crate::plan::{RateSchedule, Rates};
    use crate::train::Prepared;
    use crate::train::stopping::{Follower, StopRule};

    fn content() -> Content {
        let data = dataset::read("xor", &ReadOptions::default(), 0).unwrap();
        let split = dataset::split(&data, &dataset::SplitOptions::default()).unwrap();
        let data = Prepared::new(&data, &split).unwrap();
        let mut run = RunConfig {
            keep: Some(Keep::Best),
            ..RunConfig::default()
        };
        let rates = Rates {
            schedule: RateSchedule::Plateau,
            ..Rates::default()
        };
        let rule = StopRule::resolve(&mut run, &rates, &data, 3, true);
        let mut followed = Follower::new(rule).followed;
        followed.best.parameters = vec![1.5, f32::MIN_POSITIVE];
        let state = NetworkState {
            stage: Stage::Training,
            scale: 0.2,
            followed,
            trainer: TrainerState {
                epoch: 3,
                step: 2,
                error: 0.1 + 0.2,
                parameters: vec![-0.0, 1e-40],
                moments: vec![vec![0.5, 2.0], vec![3.0, 4.0]],
            },
        };
        let run = Identity {
            networks: 3,
            data: 7,
            device: "cpu".to_owned(),
        };
        Content {
            networks: vec![None, Some(state), None],
            sequence: 9,
            ..Content::new(&run)
        }
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        let content = content();
        let read = Content::from_bytes(&content.to_bytes()).unwrap();
        assert_eq!(read, content);
        let bits = |content: &Content| {
            let state = content.networks[1].as_ref().unwrap();
            state
                .trainer
                .parameters
                .iter()
                .map(|p| p.to_bits())
                .collect::<Vec<_>>()
        };
        assert_eq!(bits(&read), bits(&content));
    }

    #[test]
    fn every_flipped_bit_and_every_truncation_is_found() {
        let bytes = content().to_bytes();
        for length in 0..bytes.len() {
            assert!(
                Content::from_bytes(&bytes[..length]).is_err(),
                "{length} bytes"
            );
        }
        for bit in 0..8 * bytes.len() {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(Content::from_bytes(&damaged).is_err(), "bit {bit}");
        }
    }
}
