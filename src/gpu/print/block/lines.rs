//! The module of a workgroup's blocks. A line is printed for each panel of weights, with literal arguments, so that sizes
//! are constants and loops have no dynamic ends. While the terms of a panel are added, the next one is on its way.

use super::calls::{is, is_account, is_product, made, parameters, reads, width};
use super::{BlockShape, INPUTS};
use crate::gpu::print::{
    block::{panels::Panel, workgroup::Workgroup},
    network::arguments,
};
use crate::kernels::{Buffer, Call, Role, Slice};
use crate::plan::{Phase, Plan};
use std::fmt::Write;

/// What is added to the base of an account (`memory_block.wgsl`, `ACCOUNT`).
const ACCOUNT: usize = 1 << 31;

/// What lines are printed of.
struct Lines<'a> {
    workgroup: &'a Workgroup,
    shape: &'a BlockShape,
    plan: &'a Plan,
    calls: &'a [&'a Call],
    /// The panels of all products, in order.
    panels: Vec<(&'a Call, Panel)>,
}

impl BlockShape {
    /// The whole module of a phase.
    pub fn source(&self, plan: &Plan, phase: Phase) -> String {
        let calls = self.calls(plan, phase);
        let own = source(&self.team, self, plan, &calls);
        let shared = [
            include_str!("../../../../shaders/shared/rules.wgsl"),
            include_str!("../../../../shaders/shared/step.wgsl"),
            include_str!("../../../../shaders/shared/loss.wgsl"),
        ];
        let units = calls.iter().filter(|call| !is_product(call));
        let units = units.map(|call| call.kernel.source);
        let parts = shared.into_iter().chain(units).map(str::to_owned);
        [own].into_iter().chain(parts).collect()
    }
}

/// The module for `calls`.
fn source(workgroup: &Workgroup, shape: &BlockShape, plan: &Plan, calls: &[&Call]) -> String {
    let products = calls.iter().filter(|call| is_product(call));
    let panels = products.flat_map(|call| {
        let panels = workgroup.panels(plan, call).into_iter();
        panels.map(|panel| (*call, panel))
    });
    let lines = Lines {
        workgroup,
        shape,
        plan,
        calls,
        panels: panels.collect(),
    };
    let mut printed = String::new();
    for (name, value) in [
        ("ROWS", shape.rows),
        ("LANE_ROWS", workgroup.lane_rows),
        ("TEAM", workgroup.team),
        ("STATE", workgroup.texels),
        ("PANEL", workgroup.panel),
        ("PANELS", 2 * workgroup.panel),
    ] {
        let _ = writeln!(printed, "const {name} = {value}u;");
    }
    printed.push_str(
        "fn run_calls() {\n    var sums: Sums;\n    var below: Sums;\n    var biases: vec4<f32>;\n",
    );
    lines.print(&mut printed);
    printed.push_str("}\n");
    // All of the products' files, and the unit functions that are used.
    let products = [
        include_str!("../../../../shaders/fused/memory_block.wgsl"),
        include_str!("../../../../shaders/fused/lanes_block.wgsl"),
        include_str!("../../../../shaders/fused/forward_block.wgsl"),
        include_str!("../../../../shaders/fused/input_gradient_block.wgsl"),
    ];
    printed + &products.concat()
}

impl Lines<'_> {
    fn print(&self, body: &mut String) {
        body.push_str(&self.fetch(0));
        for (buffer, bring) in [
            (self.shape.given(), "bring_inputs"),
            (Buffer::Targets, "bring_targets"),
        ] {
            if reads(self.calls, buffer) {
                let (width, to) = (width(self.plan, buffer), self.workgroup.area(buffer));
                let _ = writeln!(body, "    {bring}({width}u, {to}u);");
            }
        }
        let mut turn = 0;
        // What a call makes is kept behind the next barrier, while terms of the next call are added.
        let mut kept = String::new();
        for call in self.calls {
            if is_product(call) {
                body.push_str(&self.begin(call));
                while self.is_panel_of(turn, call) {
                    body.push_str(&self.panels[turn].1.stage(turn % 2));
                    body.push_str("    sync();\n");
                    body.push_str(&self.fetch(turn + 1));
                    body.push_str(&std::mem::take(&mut kept));
                    body.push_str(&self.add(turn));
                    turn += 1;
                }
                body.push_str(&self.end(call));
            } else {
                let _ = writeln!(body, "    {}();", self.barrier());
                body.push_str(&std::mem::take(&mut kept));
                body.push_str(&self.of_rows(call));
            }
            for buffer in made(call).map(|slice| slice.buffer) {
                let (width, from) = (width(self.plan, buffer), self.workgroup.area(buffer));
                let to = self.shape.place(buffer);
                let _ = writeln!(kept, "    keep({width}u, {from}u, {to}u);");
            }
        }
        body.push_str("    sync();\n");
        body.push_str(&kept);
    }

    fn is_panel_of(&self, turn: usize, call: &Call) -> bool {
        let own = self.panels.get(turn).map(|(own, _)| *own);
        own.is_some_and(|own| std::ptr::eq(own, call))
    }

    /// Loads a panel, and the biases of a layer with its first one.
    fn fetch(&self, turn: usize) -> String {
        let Some((call, panel)) = self.panels.get(turn) else {
            return String::new();
        };
        let mut lines = panel.fetch();
        if panel.first == 0 && is(call, Role::Forward) {
            let (outputs, b) = (call.args[1], self.parameters(&call.reads[2]));
            let _ = writeln!(lines, "    biases = forward_start({outputs}u, {b}u);");
        }
        lines
    }

    /// What a product's sums start from.
    fn begin(&self, product: &Call) -> String {
        if is(product, Role::Forward) {
            return "    sums = in_each_row(biases);\n".to_owned();
        }
        let below = self.shape.result(product.reads[2].buffer).unwrap_or(INPUTS);
        let inputs = product.args[0];
        format!("    below = input_gradient_start({inputs}u, {below}u);\n    sums = Sums();\n")
    }

    /// Adds the terms of a panel.
    fn add(&self, turn: usize) -> String {
        let (call, panel) = &self.panels[turn];
        let (name, half) = (call.kernel.name, turn % 2);
        let ([inputs, outputs], Panel { first, terms, .. }) = ([0, 1].map(|k| call.args[k]), panel);
        let source = self.workgroup.area(call.reads[0].buffer);
        format!(
            "    sums = {name}_add(sums, {half}u, {inputs}u, {outputs}u, {source}u, {first}u, {terms}u);\n"
        )
    }

    /// Puts what a product makes where the next call reads it.
    fn end(&self, product: &Call) -> String {
        let (activation, out) = (
            product.args[2],
            self.workgroup.area(product.writes[0].buffer),
        );
        match is(product, Role::InputGradient) {
            true => {
                let inputs = product.args[0];
                format!("    input_gradient_end(sums, below, {inputs}u, {activation}u, {out}u);\n")
            }
            false => {
                let outputs = product.args[1];
                format!("    forward_end(sums, {outputs}u, {activation}u, {out}u);\n")
            }
        }
    }

    /// The barrier before a call of the rows: behind the forward pass, whose results the backward pass reads.
    fn barrier(&self) -> &'static str {
        let mut calls = self.calls.iter();
        match calls.any(|call| is(call, Role::InputGradient)) {
            true => "sync_results",
            false => "sync",
        }
    }

    /// A call of the rows: a lane has one.
    fn of_rows(&self, call: &Call) -> String {
        let base = |slice: &Slice| match slice.buffer {
            buffer if is_account(buffer) => ACCOUNT + self.shape.place(buffer),
            buffer => self.workgroup.area(buffer),
        };
        let (name, rest) = (call.kernel.name, arguments(call, base));
        format!("    if (lane < rows()) {{ {name}(0u, lane{rest}); }}\n")
    }

    fn parameters(&self, slice: &Slice) -> usize {
        parameters(self.plan).range(&slice.tensors).start
    }
}
