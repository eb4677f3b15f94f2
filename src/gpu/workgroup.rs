//! The *workgroup* family: a network in the memory of each workgroup.

pub mod chunk;
pub mod session;
