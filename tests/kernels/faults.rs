//! Mutation tests of blocks: whole runs in which a piece of a printed module is replaced.

use crate::blocks;
use crate::blocks::{Make, in_blocks, trained};
use libtest_mimic::Failed;
use std::sync::Arc;
use wgrad::gpu::print::block::BlockShape;
use wgrad::gpu::{Gpu, GpuSession};
use wgrad::plan::Phase;
use wgrad::verify::training::TrainingRun;

pub(crate) fn tests() -> Vec<(String, crate::Test)> {
    vec![crate::test(
        "every seeded fault of a block is caught",
        of_workgroups,
    )]
}

/// A piece of the module, the index of its occurrence, and the replacement.
type Mutant = (&'static str, usize, &'static str);

const OF_WORKGROUPS: [Mutant; 34] = [
    // barriers: after the prefetch and the first panel of weights, a second panel, a last layer, a hidden delta
    ("    sync();\n", 0, ""),
    ("    sync();\n", 1, ""),
    ("    sync();\n", 2, ""),
    ("    sync();\n", 3, ""),
    ("    sync();\n", 4, ""),
    ("    sync_results();\n", 0, ""),
    // rows
    ("before = first;", 0, "before = 0u;"),
    ("min(step.rows - first, ROWS)", 0, "ROWS"),
    ("before + min(n", 0, "min(n"),
    (
        "if (u < present * width)",
        0,
        "if (u + 1u < present * width)",
    ),
    ("if (before == 0u) { counter += 1u; }", 0, "counter += 1u;"),
    (
        "return results[base - ACCOUNT + before + i / 4u];",
        0,
        "return 0.0;",
    ),
    ("if (lane < rows())", 0, "if (lane + 1u < rows())"),
    // panels: one half is written while slower lanes read the other
    ("return half * PANEL;", 0, "return 0u;"),
    ("e / across * I", 0, "e / across * across"),
    ("min(u, count - 1u)", 0, "min(u, count - 2u)"),
    ("e >= across * lines", 0, "e + 1u >= across * lines"),
    ("l % 4u * plane", 0, "l % 2u * plane"),
    ("weights(lane + TEAM,", 0, "weights(lane,"),
    ("across, lines, coming[1]", 0, "across, lines, coming[0]"),
    ("panels[at + 3u * far]", 0, "panels[at + 2u * far]"),
    ("parameter(k + 3u)", 0, "parameter(k + 2u)"),
    // products
    ("in_each_row(biases)", 0, "Sums()"),
    ("min(own_texel(), (O - 1u) / 4u)", 0, "0u"),
    ("i + 4u <= terms", 0, "i + 8u <= terms"),
    ("o + 4u <= terms", 0, "o + 8u <= terms"),
    ("if (terms % 4u > 0u)", 0, "if (terms % 4u > 1u)"),
    ("if (terms % 4u > 0u)", 1, "if (terms % 4u > 1u)"),
    ("w[3] * x.w", 0, "w[3] * x.z"),
    ("if (many > 1u)", 0, "if (many > 2u)"),
    (
        "activate(activation, net.w)",
        0,
        "activate(activation, net.z)",
    ),
    ("results[k.w]);", 0, "results[k.z]);"),
    ("slope(activation, y.w)", 0, "slope(activation, y.z)"),
    // above wide layers
    (
        "return four_inputs(first, i, I); }",
        0,
        "return four_inputs(first, 0u, I); }",
    ),
];

/// Mutants of the rows of a lane, for lanes with up to eight rows.
const OF_LANES: [Mutant; 12] = [
    ("lane % 2u + 2u *", 0, "lane % 2u + 0u *"),
    ("const APART = ROWS", 0, "const APART = 2u * ROWS"),
    ("state[source + apart]", 0, "state[source]"),
    (
        "state[source + 3u * apart]",
        0,
        "state[source + 2u * apart]",
    ),
    (
        "state[source + 7u * apart]",
        0,
        "state[source + 6u * apart]",
    ),
    (
        "activated(activation, sums.r1)",
        0,
        "activated(activation, sums.r0)",
    ),
    (
        "activated(activation, sums.r7)",
        0,
        "activated(activation, sums.r6)",
    ),
    ("sums.r3 * slopes", 0, "sums.r2 * slopes"),
    ("slopes(activation, y.r6)", 0, "slopes(activation, y.r5)"),
    ("four_below(below, 1u, I)", 0, "four_below(below, 0u, I)"),
    ("four_below(below, 7u, I)", 0, "four_below(below, 6u, I)"),
    ("state[to + 5u * apart]", 1, "state[to + 4u * apart]"),
];

/// Odd widths, many layers, some above a wide one; and the widest, with layers of more than one subgroup.
fn of_workgroups(adapter: &Arc<Gpu>) -> Result<(), Failed> {
    let runs = [3, 6, 7, 4].map(|k| blocks::runs().swap_remove(k));
    are_caught(adapter, &runs, BlockShape::of_narrow_layers, &OF_WORKGROUPS)?;
    are_caught(
        adapter,
        &[blocks::of_many_rows()],
        blocks::of_64_rows,
        &OF_LANES,
    )
}

fn are_caught(
    adapter: &Arc<Gpu>,
    runs: &[TrainingRun],
    make: Make,
    mutants: &[Mutant],
) -> Result<(), Failed> {
    let mut seeded = Vec::new();
    for run in runs {
        let mut session = GpuSession::call_by_call(adapter.clone(), &run.plan(), run.rows)?;
        let expected = trained(run, &mut session)?;
        let shape = make(&run.plan(), &adapter.capabilities())?;
        let source = shape.source(&run.plan(), Phase::Train);
        seeded.push((run, source, expected));
    }
    let mut survivors = Vec::new();
    for &(from, occurrence, to) in mutants {
        let (mut found, mut caught) = (false, false);
        for (run, whole, expected) in &seeded {
            if caught {
                break;
            }
            let Some((at, _)) = whole.match_indices(from).nth(occurrence) else {
                continue;
            };
            let mut faulty = whole.clone();
            faulty.replace_range(at..at + from.len(), to);
            naga::front::wgsl::parse_str(&faulty).map_err(|why| why.emit_to_string(&faulty))?;
            let whole = whole.clone();
            let edit = move |source: String| match source == whole {
                true => faulty.clone(),
                false => source,
            };
            let mut session = in_blocks(adapter, &run.plan(), run.rows, make, edit)?;
            found = true;
            caught = trained(run, &mut session)? != *expected;
        }
        match (found, caught) {
            (_, true) => {}
            (true, false) => survivors.push(format!("`{from}` {occurrence} -> `{to}`")),
            (false, false) => return Err(format!("no module has `{from}` any more").into()),
        }
    }
    adapter.check()?;
    match survivors.is_empty() {
        true => Ok(()),
        false => Err(format!("not caught: {}", survivors.join("; ")).into()),
    }
}
