// How a lane reads its script: every invocation by itself. For adapters of any kind; script_subgroup.wgsl is the other way.

fn fetch(block: u32) {}
fn begin_rows() {}
fn fetch_row(block: u32) {}
fn read_word(word: u32) -> u32 { return script[cursor + word / 4u][word % 4u]; }
fn any_goes(goes: bool) -> bool { return goes; }
