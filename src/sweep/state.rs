//! The state of a sweep between two epochs, from which it goes on to the bytes that it would have had; and its bytes in a file.
//!
//! A part of a sweep ([`Shard`]) leaves its state behind, from which [`merge`](super::merge) makes the result.

use super::history::{EvaluatedLosses, History};
use super::{Fate, Shard};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

const KEY: &str = "wgrad-sweep";
const FORMAT: u32 = 1;

/// The state of the networks of a sweep, or of a shard of it.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepState {
    /// Which sweep it is the state of.
    pub about: SweepAbout,
    /// Number of epochs that the networks have trained.
    pub(super) epoch: usize,
    pub(super) networks: Vec<NetworkState>,
    pub(super) history: History,
    /// The best network of the last evaluation, with its parameters then.
    pub(super) kept: Option<(usize, Vec<f32>)>,
}

/// What a state says of its sweep.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepAbout {
    /// The part of the networks.
    pub shard: Shard,
    /// CRC-32 of the rows and of the settings: states of other sweeps are refused.
    pub identity: u32,
    /// The arguments of the command, to give it again.
    pub arguments: Vec<String>,
    /// The working directory of the command.
    pub folder: String,
    /// The last file of `--next` that it went on with: after how many epochs or folds, and what goes on.
    pub next: Option<(usize, Vec<usize>)>,
    /// Version of wgrad that wrote it.
    pub version: String,
    /// The device that trained it.
    pub device: String,
    /// Its name and backend in a configuration.
    pub run_on: (String, Option<String>),
    /// Seconds of training.
    pub elapsed: f64,
    /// Whether it has done what it was to do: all epochs, or those until the next halving.
    pub has_ended: bool,
}

/// The state of a network.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NetworkState {
    pub(super) epochs: usize,
    pub(super) loss: Option<f64>,
    pub(super) accuracy: Option<f64>,
    pub(super) fate: Fate,
    /// Parameters and then moments, or parameters only, or nothing, if it does not go on.
    pub(super) tensors: Vec<Vec<f32>>,
}

/// The metadata of the file. Numbers are bits, because decimal ones may not be read as they were written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: u32,
    about: SweepAbout,
    epoch: usize,
    networks: Vec<NetworkHeader>,
    history: Vec<(usize, Vec<Option<u64>>)>,
    kept: Option<usize>,
}

/// Epochs, bits of loss and accuracy, the fate, and the number of tensors.
type NetworkHeader = (usize, Option<u64>, Option<u64>, Fate, usize);

impl SweepState {
    /// Returns the number of epochs that the networks have trained.
    pub fn epochs(&self) -> usize {
        self.epoch
    }

    /// Returns the state of a sweep that has trained nothing.
    pub fn begun(about: SweepAbout) -> SweepState {
        SweepState {
            about,
            epoch: 0,
            networks: Vec::new(),
            history: History::default(),
            kept: None,
        }
    }

    /// Returns whether any network is still in training.
    pub fn goes_on(&self) -> bool {
        self.networks.iter().any(|n| n.fate == Fate::Trained)
    }

    /// Returns whether the validation loss of a network, by its place here, still fell at the last evaluation.
    pub(super) fn still_falls(&self, network: usize) -> bool {
        self.history.still_falls(network)
    }

    /// Returns the bytes of the file: safetensors, with the CRC-32 of its bytes behind it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let bits = |number: Option<f64>| number.map(f64::to_bits);
        let networks = self.networks.iter().map(|n| {
            (
                n.epochs,
                bits(n.loss),
                bits(n.accuracy),
                n.fate,
                n.tensors.len(),
            )
        });
        let history = self.history.0.iter().map(|evaluated| {
            let losses = evaluated.losses.iter().map(|loss| bits(*loss));
            (evaluated.epoch, losses.collect())
        });
        let header = Header {
            format: FORMAT,
            about: self.about.clone(),
            epoch: self.epoch,
            networks: networks.collect(),
            history: history.collect(),
            kept: self.kept.as_ref().map(|(network, _)| *network),
        };
        let header = serde_json::to_string(&header).expect("a header is plain data");
        let own = self.networks.iter().enumerate().flat_map(|(n, network)| {
            let tensors = network.tensors.iter().enumerate();
            tensors.map(move |(t, values)| (tensor(n, t), values))
        });
        let kept = self.kept.iter();
        let kept = kept.map(|(_, values)| ("kept".to_owned(), values));
        let views = own.chain(kept).map(|(name, values)| {
            let bytes = bytemuck::cast_slice(values);
            let view = TensorView::new(Dtype::F32, vec![values.len()], bytes);
            (name, view.expect("a list's shape is its length"))
        });
        // Names in the order of the file are sorted once here, and found by search later.
        let views: BTreeMap<String, TensorView> = views.collect();
        let metadata = HashMap::from([(KEY.to_owned(), header)]);
        let bytes = safetensors::serialize(views, Some(metadata));
        let mut bytes = bytes.expect("a header without names of the user has room");
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// Returns an error if it is damaged, or another kind of file.
    pub fn from_bytes(bytes: &[u8]) -> Result<SweepState, String> {
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
        let header = header.ok_or("not the state of a sweep")?;
        let header: Header = serde_json::from_str(header).map_err(|why| {
            format!("not the state of a sweep that this version of wgrad reads ({why})")
        })?;
        if header.format != FORMAT {
            let found = header.format;
            return Err(format!(
                "format {found}, and this wgrad reads format {FORMAT}"
            ));
        }
        let read = |name: &str| -> Result<Vec<f32>, String> {
            let values = file.tensor(name).map_err(|why| format!("{name}: {why}"))?;
            // The bytes may not be aligned to four.
            Ok(bytemuck::pod_collect_to_vec::<u8, f32>(values.data()))
        };
        let networks = header.networks.into_iter().enumerate();
        let networks = networks.map(|(n, (epochs, loss, accuracy, fate, tensors))| {
            Ok(NetworkState {
                epochs,
                loss: loss.map(f64::from_bits),
                accuracy: accuracy.map(f64::from_bits),
                fate,
                tensors: (0..tensors)
                    .map(|t| read(&tensor(n, t)))
                    .collect::<Result<_, String>>()?,
            })
        });
        let history = header.history.into_iter().map(|(epoch, losses)| {
            let losses = losses.into_iter().map(|loss| loss.map(f64::from_bits));
            EvaluatedLosses {
                epoch,
                losses: losses.collect(),
            }
        });
        Ok(SweepState {
            about: header.about,
            epoch: header.epoch,
            networks: networks.collect::<Result<_, String>>()?,
            history: History(history.collect()),
            kept: match header.kept {
                Some(network) => Some((network, read("kept")?)),
                None => None,
            },
        })
    }
}

fn tensor(network: usize, number: usize) -> String {
    format!("networks.{network}.{number}")
}
