// Sums of the squares of a gradient: sum j is that of elements j, j + J, j + 2 J, ..., in order.
// gradient (P)   ->   sums (J)
// Twin: src/kernels/square_sums.rs. One unit is one sum j.
fn square_sums(unit: u32, j: u32, P: u32, J: u32, gradient: u32, sums: u32) {
    var sum = 0.0;
    for (var k = j; k < P; k += J) {
        let g = load(gradient, k);
        sum += g * g;
    }
    store(sums, j, sum);
}
