//! What is trained: the network, its activations, losses and optimizers.

pub mod activation;
pub mod loss;
pub mod mlp;
pub mod optimizer;
