//! The command `interleaver`.

fn main() {}
