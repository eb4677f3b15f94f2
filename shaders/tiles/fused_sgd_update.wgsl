// The SGD step of tiles and slices.

fn descended(p: f32, gradient: f32) -> f32 {
    var g = gradient;
    if (ARG2 != 0u) { g += bitcast<f32>(ARG2) * decay_share() * p; }
    let updated = p - rate() * g;
    look(updated);
    return updated;
}
