// One call a dispatch: its arguments are constants of its pipeline. Layers whose calls share a dispatch have variables of
// these names instead, and begin() of their own (src/plan/gpu/layers.rs).

override ARG0: u32 = 0u; override ARG1: u32 = 0u; override ARG2: u32 = 0u; override ARG3: u32 = 0u;

// The workgroup's number among those of its call.
fn begin(group: vec3<u32>) -> vec3<u32> { return group; }
