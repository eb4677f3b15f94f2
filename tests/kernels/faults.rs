//! Seeded faults of blocks: whole runs in which one piece of a printed module is another.

use crate::blocks::{self, Make, in_blocks, trained};
use crate::last_layer;
use libtest_mimic::{Completion, Failed};
use std::sync::Arc;
use wgrad::device::Gpu;
use wgrad::plan::Phase;
use wgrad::plan::gpu;
use wgrad::plan::inline::block::Shape;
use wgrad::verify::training::Run;

pub(crate) fn tests() -> Vec<(String, crate::Test)> {
    vec![
        crate::test("every seeded fault of a block is caught", of_workgroups),
        (
            "every seeded fault of a block of the last layer is caught".to_owned(),
            Box::new(of_subgroups),
        ),
    ]
}

/// A piece of the modules, which of its occurrences, and what stands there instead.
type Mutant = (&'static str, usize, &'static str);

const OF_WORKGROUPS: [Mutant; 22] = [
    // barriers: behind what is brought, the first and the last layer, the loss, a hidden delta
    ("    sync();\n", 0, ""),
    ("    sync();\n", 1, ""),
    ("    sync();\n", 2, ""),
    ("    sync();\n", 3, ""),
    ("    sync();\n", 4, ""),
    // rows
    ("before = first;", 0, "before = 0u;"),
    ("min(step.rows - first, ROWS)", 0, "ROWS"),
    ("before + min(vec4", 0, "min(vec4"),
    ("if (n + 3u < present)", 0, "if (n + 4u < present)"),
    ("if (before == 0u) { counter += 1u; }", 0, "counter += 1u;"),
    (
        "return results[base - ACCOUNT + before + i];",
        0,
        "return 0.0;",
    ),
    // products
    ("i < I; i += 4u", 0, "i + 4u < I; i += 4u"),
    ("i < I; i++", 0, "i + 1u < I; i++"),
    ("o < O; o++", 0, "o + 1u < O; o++"),
    ("a[3], r[3]", 0, "a[3], r[2]"),
    ("biases(b, o + 4u, O)", 0, "biases(b, o, O)"),
    ("one_term(w, o + 4u, i, I, O)", 0, "one_term(w, o, i, I, O)"),
    ("min(i + 4u, I - 1u)", 0, "min(i, I - 1u)"),
    ("if (i >= I) { return; }", 0, "if (i >= I - 1u) { return; }"),
    ("o + 3u, O, nets[3]", 0, "o + 3u, O, nets[2]"),
    ("element(below, k.w)", 0, "element(below, k.z)"),
    // behind wide layers
    (
        "if (below == INPUTS) { return inputs[k]; }",
        0,
        "if (below == INPUTS) { return inputs[k + 1u]; }",
    ),
];

const OF_SUBGROUPS: [Mutant; 17] = [
    // rows
    ("first = start;", 0, "first = 0u;"),
    ("present = step.rows;", 0, "present = step.rows - 1u;"),
    (
        "end = min(start + FORWARD_ROWS, present);",
        0,
        "end = start + FORWARD_ROWS;",
    ),
    (
        "n = first + lane; n < end; n += SUBGROUP",
        0,
        "n = first + lane; n + SUBGROUP < end; n += SUBGROUP",
    ),
    // what is where
    ("return targets[i];", 0, "return targets[i + 1u];"),
    ("place(base / 4u + texel)", 0, "place(texel)"),
    ("min(o, O - 1u) / 4u", 0, "0u"),
    ("o + 4u * lane, I", 0, "4u * lane, I"),
    ("column + lane, I", 0, "lane, I"),
    // products, behind the last whole texel too
    ("results[k + 3u] = y.w", 0, "results[k + 3u] = y.z"),
    ("subgroupShuffle(x1, 7u)", 0, "subgroupShuffle(x1, 6u)"),
    ("subgroupShuffle(d1, 7u)", 0, "subgroupShuffle(d1, 6u)"),
    ("o < O));", 0, "o <= O));"),
    ("results[k + min(o + 3u, last)]", 0, "results[k + o]"),
    // images, which only the products over all rows read
    (
        "textureStore(delta_image, place(t), four);",
        0,
        "textureStore(delta_image, place(t), 2.0 * four);",
    ),
    ("(end * O + 3u) / 4u", 0, "end * O / 4u"),
    (
        "textureStore(below_image, place(texel), deltas);",
        0,
        "textureStore(below_image, place(texel), deltas.yxzw);",
    ),
];

/// Odd widths, many layers, some behind a wide one; and the widest, whose layers are more than one subgroup's.
fn of_workgroups(adapter: &Arc<Gpu>) -> Result<(), Failed> {
    let runs = [3, 6, 7, 4].map(|k| blocks::runs().swap_remove(k));
    are_caught(adapter, &runs, Shape::of_narrow_layers, &OF_WORKGROUPS)
}

fn of_subgroups(adapter: &Arc<Gpu>) -> Result<Completion, Failed> {
    if let Some(why) = last_layer::is_not_for(adapter) {
        return Ok(Completion::ignored_with(why));
    }
    let runs = last_layer::runs();
    are_caught(adapter, &runs, Shape::of_last_layer, &OF_SUBGROUPS).map(|()| Completion::Completed)
}

fn are_caught(
    adapter: &Arc<Gpu>,
    runs: &[Run],
    make: Make,
    mutants: &[Mutant],
) -> Result<(), Failed> {
    let mut seeded = Vec::new();
    for run in runs {
        let mut session = gpu::Session::call_by_call(adapter.clone(), &run.plan(), run.rows)?;
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
