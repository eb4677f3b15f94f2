// One call a dispatch: its arguments are constants of its pipeline. Layers whose calls share a dispatch have variables of
// these names, and a begin() of their own (layers.wgsl).

override ARG0: u32 = 0u; override ARG1: u32 = 0u; override ARG2: u32 = 0u; override ARG3: u32 = 0u;

fn begin(group: vec3<u32>) -> Own { return Own(group, ARG0, ARG1, ARG2, ARG3); }
