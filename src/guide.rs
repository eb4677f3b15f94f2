//! The user's guide: one module per page, for the `wgrad` program.
//!
//! [`data`], [`training`] and [`configuration`] describe a training run, [`devices`] the choice of a device, [`sweeps`] many runs at
//! once, [`machines`] sweeps, and networks, on many machines, [`reports`] the pages about them, and [`verify`] the check of adapters. [`tutorial`] is for learners of
//! backpropagation. [`models`] and [`programs`] describe wgrad's files and output for other
//! programs.
//!
//! The pages are the files in `src/guide`. `tests/guide/main.rs` runs their commands.

#[doc = "[configuration.md]: configuration\n"]
#[doc = include_str!("guide/data.md")]
pub mod data {}
#[doc = include_str!("guide/training.md")]
pub mod training {}
#[doc = include_str!("guide/configuration.md")]
pub mod configuration {}
#[doc = include_str!("guide/devices.md")]
pub mod devices {}
#[doc = include_str!("guide/sweeps.md")]
pub mod sweeps {}
#[doc = include_str!("guide/machines.md")]
pub mod machines {}
#[doc = include_str!("guide/reports.md")]
pub mod reports {}
#[doc = include_str!("guide/verify.md")]
pub mod verify {}
#[doc = include_str!("guide/models.md")]
pub mod models {}
#[doc = include_str!("guide/programs.md")]
pub mod programs {}
#[doc = "[programs.md]: programs\n"]
#[doc = include_str!("guide/tutorial.md")]
pub mod tutorial {}
