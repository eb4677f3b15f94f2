//! The kernels, one a file, always in this order: formula and shapes; units; `KERNEL`; the typed call; the twin.
//! Beside them `tiles`: which tile a matrix product gets on a GPU; and `slices`: whether its terms are cut.

pub mod absolute_error;
pub mod activation;
pub mod activation_gradient;
pub mod adam;
pub mod buffer;
pub mod call;
pub mod clip;
pub mod clip_factor;
pub mod correct;
pub mod cross_entropy;
pub mod dropout;
pub mod forward;
pub mod fused_sgd;
pub mod gather;
pub mod input_gradient;
pub mod kernel;
pub mod linked_error;
pub mod lion;
pub mod loss;
pub mod optimizer;
pub mod part;
pub mod quantile_error;
pub mod rmsprop;
pub mod sgd;
pub mod sizes;
pub mod slices;
pub mod square_sums;
pub mod squared_error;
pub mod status;
pub mod step;
pub mod switches;
pub mod tiles;
pub mod variant;
pub mod weight_gradient;

pub use buffer::{Buffer, Slice, conflict};
pub use call::Call;
pub use kernel::{Axis, HasTwin, Kernel, Role, System, Twin};
pub use loss::Targets;
pub use part::Part;
pub use sizes::Sizes;
pub use status::{Diverged, Status};
pub use step::Step;
pub use switches::Switches;
pub use variant::{
    Capabilities, DispatchLoad, MadeFor, Needs, SCRATCH_BINDING, Stage, Variant, WORKGROUP,
};

/// Every kernel.
pub const ALL: [&Kernel; 21] = [
    &gather::KERNEL,
    &forward::KERNEL,
    &activation::KERNEL,
    &activation_gradient::KERNEL,
    &squared_error::KERNEL,
    &absolute_error::KERNEL,
    &quantile_error::KERNEL,
    &linked_error::KERNEL,
    &cross_entropy::KERNEL,
    &correct::KERNEL,
    &dropout::KERNEL,
    &weight_gradient::KERNEL,
    &input_gradient::KERNEL,
    &square_sums::KERNEL,
    &clip_factor::KERNEL,
    &clip::KERNEL,
    &sgd::KERNEL,
    &adam::KERNEL,
    &rmsprop::KERNEL,
    &lion::KERNEL,
    &fused_sgd::KERNEL,
];
