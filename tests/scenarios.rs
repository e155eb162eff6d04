//! One test per scenario and engine.

fn main() {}
