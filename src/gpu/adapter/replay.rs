//! Dispatches as data: modules, buffers and bindings for a program that is not this one but speaks WebGPU, such as a page in
//! a browser. It needs what WebGPU guarantees, and no feature.

use serde::Serialize;
use std::collections::BTreeMap;

/// What a WebGPU program needs to run some dispatches.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Replay {
    /// The WGSL modules.
    pub modules: Vec<Module>,
    /// The buffers, with their first contents.
    pub buffers: Vec<StoredBuffer>,
    /// The dispatches, in order.
    pub dispatches: Vec<RecordedDispatch>,
}

/// A WGSL module.
#[derive(Clone, Debug, Serialize)]
pub struct Module {
    /// The kernel's name, or the family's.
    pub label: String,
    /// Its text, as this program gives it to a driver.
    pub source: String,
}

/// A buffer.
#[derive(Clone, Debug, Serialize)]
pub struct StoredBuffer {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Whether it is also bound as a uniform buffer.
    pub uniform: bool,
    /// The 32-bit words that it begins with. The rest is 0.
    pub words: Vec<u32>,
    /// Where its tensors lie: start and length, in elements. Without gaps they are one tensor after the other.
    pub tensors: Vec<[usize; 2]>,
}

/// A dispatch.
#[derive(Clone, Debug, Serialize)]
pub struct RecordedDispatch {
    /// The kernel's name, or the family's.
    pub label: String,
    /// Number of the module.
    pub module: usize,
    /// Entry point.
    pub entry: String,
    /// Values of the pipeline's constants.
    pub constants: BTreeMap<String, f64>,
    /// What is bound in group 0.
    pub bindings: Vec<Binding>,
    /// Number of workgroups along two dimensions.
    pub groups: [u32; 2],
    /// Number of steps that it takes: 1 where a step has several dispatches.
    pub steps: usize,
}

/// A part of a buffer that is bound.
#[derive(Clone, Debug, Serialize)]
pub struct Binding {
    /// Number in the group.
    pub binding: u32,
    /// Number of the buffer.
    pub buffer: usize,
    /// First byte.
    pub offset: u64,
    /// Number of bytes.
    pub size: u64,
}

impl Replay {
    /// Returns the number of the module with this text. Adds it if there is none.
    pub fn module(&mut self, label: &str, source: String) -> usize {
        let known = self.modules.iter().position(|m| m.source == source);
        known.unwrap_or_else(|| {
            self.modules.push(Module {
                label: label.to_owned(),
                source,
            });
            self.modules.len() - 1
        })
    }

    /// Adds a storage buffer, and returns its number.
    pub fn buffer(&mut self, name: &str, bytes: u64, words: Vec<u32>) -> usize {
        self.buffers.push(StoredBuffer {
            name: name.to_owned(),
            bytes,
            uniform: false,
            words,
            tensors: Vec::new(),
        });
        self.buffers.len() - 1
    }

    /// Binds a whole buffer.
    pub fn whole(&self, binding: u32, buffer: usize) -> Binding {
        Binding {
            binding,
            buffer,
            offset: 0,
            size: self.buffers[buffer].bytes,
        }
    }
}
