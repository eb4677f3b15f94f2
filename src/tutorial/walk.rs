//! The walk: every quantity of a network's first round, each formula filled in with its numbers, and the rounds after it.

mod backward;
mod course;
pub mod equation;
mod formulas;
mod forward;
pub mod numbers;
mod overview;
mod table;
mod view;
mod weights;

pub use course::end;
pub use view::{Note, Section, View};

/// Returns the parts of the walk, in order.
pub fn sections(view: &View) -> Vec<Section> {
    let backward = (0..view.network.layers.len()).rev();
    let mut sections = vec![
        overview::section(view),
        forward::section(view),
        forward::error(view),
    ];
    sections.extend(backward.map(|l| backward::section(view, l)));
    sections.push(course::round(view));
    sections.push(course::course(view));
    sections
}
