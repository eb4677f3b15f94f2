//! What the rooms of `src` do, each on its own.

mod bench {
    mod calibrate;
    mod ceiling;
}
mod config {
    mod keys;
    mod kinds;
    mod origin;
    mod recipe;
}
mod cpu {
    mod reference;
    mod session;
}
mod device {
    mod calibration;
    mod choice;
    mod population;
}
mod file;
mod gpu {
    mod candidates;
    mod limits;
    mod pipelines;
    mod precision;
    mod timing;
}
mod kernels {
    mod adam;
    mod slices;
    mod switches;
    mod tiles;
}
mod math {
    mod product;
    mod random;
    mod real;
}
#[cfg(feature = "cli")]
mod model;
mod plan {
    mod fusion;
    mod rates;
    mod schedule;
    mod validate;
}
mod sweep {
    mod axes;
    mod devices;
    mod ranking;
    mod search;
    mod states;
}
mod text;
mod train {
    mod bins;
    mod ensemble;
    mod fit;
    mod importance;
    mod metrics;
    mod model_file;
    mod ranks;
    mod stopping;
}
#[cfg(feature = "cli")]
mod tutorial {
    mod figures;
    mod render;
    mod text;
}
mod verify {
    mod functions;
    mod judge;
    mod order;
}
