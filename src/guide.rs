//! The user's guide: one module per page, for the `wgrad` program.
//!
//! [`data`] and [`configuration`] are about a training run, [`devices`] about where it runs, [`sweeps`] about many runs at
//! once. [`verify`] checks adapters. [`models`] and [`programs`] are for those who use wgrad's files and output elsewhere.
//!
//! The pages are the files in `src/guide`, where they can be read too. `tests/guide.rs` runs their commands.

#[doc = "[configuration.md]: configuration\n"]
#[doc = include_str!("guide/data.md")]
pub mod data {}
#[doc = include_str!("guide/configuration.md")]
pub mod configuration {}
#[doc = include_str!("guide/devices.md")]
pub mod devices {}
#[doc = include_str!("guide/sweeps.md")]
pub mod sweeps {}
#[doc = include_str!("guide/verify.md")]
pub mod verify {}
#[doc = include_str!("guide/models.md")]
pub mod models {}
#[doc = include_str!("guide/programs.md")]
pub mod programs {}
