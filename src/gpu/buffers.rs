//! The *device* family: a plan in buffers, one dispatch a call or fewer.

pub mod bindings;
pub mod blocks;
pub mod contest;
pub mod dispatch;
pub mod layers;
pub mod loader;
pub mod memory;
pub mod pipelines;
pub mod program;
pub mod rivals;
pub mod seats;
pub mod session;
pub mod system;
pub mod trial;
