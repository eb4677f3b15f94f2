//! The log of a run as TensorBoard reads it: a file of records, each with its length and checksums, that hold protocol buffers.
//!
//! The messages are those of [event.proto](https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/event.proto)
//! and summary.proto, with the fields that we write.

use prost::{Message, Oneof};
use serde_json::Value;
use std::fs::File;
use std::io::{Result, Write};
use std::time::SystemTime;

/// The log, which grows with each epoch.
pub(crate) struct Events(File);

/// Something that happened.
#[derive(Clone, PartialEq, Message)]
struct Event {
    /// Seconds since 1970.
    #[prost(double, tag = "1")]
    wall_time: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(oneof = "What", tags = "3, 5")]
    what: Option<What>,
}

#[derive(Clone, PartialEq, Oneof)]
enum What {
    #[prost(string, tag = "3")]
    FileVersion(String),
    #[prost(message, tag = "5")]
    Summary(Summary),
}

#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    value: Vec<Scalar>,
}

#[derive(Clone, PartialEq, Message)]
struct Scalar {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, tag = "2")]
    simple_value: f32,
}

/// The first record of a file, without which TensorBoard does not read it.
pub(super) const VERSION: &str = "brain.Event:2";

/// Figures of an epoch, and their names in TensorBoard.
const FIGURES: [(&str, &str); 4] = [
    ("train_loss", "loss/train"),
    ("val_loss", "loss/validation"),
    ("val_accuracy", "accuracy/validation"),
    ("samples_per_s", "speed/rows_per_second"),
];

impl Events {
    /// Begins a log in an empty file.
    pub(super) fn begin(file: File) -> Result<Events> {
        let mut events = Events(file);
        events.write(0, What::FileVersion(VERSION.to_owned()))?;
        Ok(events)
    }

    /// Adds the figures of an epoch, from its line in the metrics.
    pub(crate) fn epoch(&mut self, record: &Value) -> Result<()> {
        let of_network = record["network"]
            .as_u64()
            .map_or(String::new(), |number| format!("network_{number}/"));
        let figures = FIGURES.iter().filter_map(|(key, tag)| {
            Some(Scalar {
                tag: format!("{of_network}{tag}"),
                simple_value: record[key].as_f64()? as f32,
            })
        });
        let step = record["step"].as_i64().unwrap_or(0);
        let value = figures.collect();
        self.write(step, What::Summary(Summary { value }))
    }

    fn write(&mut self, step: i64, what: What) -> Result<()> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let event = Event {
            wall_time: now.map_or(0.0, |now| now.as_secs_f64()),
            step,
            what: Some(what),
        };
        self.0.write_all(&record(&event.encode_to_vec()))
    }
}

/// Returns a record: the length of the data and its checksum, the data and its checksum.
fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let checksums = [&length[..], data].map(|bytes| masked(crc32c(bytes)).to_le_bytes());
    [&length[..], &checksums[0], data, &checksums[1]].concat()
}

/// Masks a checksum, as TFRecord does: a checksum of data that holds its own would be weak.
fn masked(checksum: u32) -> u32 {
    checksum.rotate_right(15).wrapping_add(0xA282_EAD8)
}

/// The CRC-32C (Castagnoli). Records are short.
fn crc32c(bytes: &[u8]) -> u32 {
    let next = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0x82F6_3B78 & (crc & 1).wrapping_neg())
        })
    };
    !bytes.iter().fold(!0, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3720, B.4.
    #[test]
    fn the_checksum_is_that_of_its_standard() {
        assert_eq!(crc32c(&[0; 32]), 0x8A91_36AA);
        assert_eq!(crc32c(&[0xFF; 32]), 0x62A8_AB43);
        let counted: Vec<u8> = (0..32).collect();
        assert_eq!(crc32c(&counted), 0x46DD_794E);
    }
}
