// Rows that are classified right: hits + 1 where the largest output (the first of equals) is the class.
// out (N, O)   targets (N, T), first the class number   ->   hits (N), added to
// Twin: src/kernels/correct.rs. One unit is one row n. The largest is kept beside its index: an index that is known at run
// time only would put a lane's whole state into memory.
fn correct(unit: u32, n: u32, O: u32, T: u32, out: u32, targets: u32, hits: u32) {
    var best = 0u;
    var largest = load(out, at(n, 0u, O));
    for (var o = 1u; o < O; o++) {
        let y = load(out, at(n, o, O));
        if (y > largest) {
            best = o;
            largest = y;
        }
    }
    let account = at(n, 0u, 1u);
    store(hits, account, load(hits, account) + select(0.0, 1.0, u32(load(targets, at(n, 0u, T))) == best));
}
