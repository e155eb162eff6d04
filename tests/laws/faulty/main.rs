//! The native checker over a copy of the semantics in which seeded faults can be switched on.
//!
//! No part of the laws' own executable: `faults` puts this file beside the changed copy and builds both against the
//! library. It reads requests from standard input, a line of JSON each: which fault (0: none), limits, and a program. It
//! answers each with a line of JSON: the evidence.

use interleaver::explore::{Questions, explore_system};
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::Program;
use interleaver::{explore, finding, limits, program, schedule};
use std::io::Write as _;

mod semantics;

/// Which fault is there.
mod fault {
    use std::sync::atomic::{AtomicUsize, Ordering};

    static SEEDED: AtomicUsize = AtomicUsize::new(0);

    pub(crate) fn seed(number: usize) {
        SEEDED.store(number, Ordering::Relaxed);
    }

    pub(crate) fn is(number: usize) -> bool {
        SEEDED.load(Ordering::Relaxed) == number
    }
}

fn main() {
    for request in std::io::stdin().lines() {
        let request = request.expect("text");
        let (fault, limits, program): (usize, Limits, Program) = serde_json::from_str(&request).expect("a request");
        fault::seed(fault);
        let system = semantics::Semantics::new(&program, &limits);
        let evidence = explore_system(&system, &Questions::of(&program), &limits, &Unwatched);
        println!("{}", serde_json::to_string(&evidence).expect("plain data"));
        std::io::stdout().flush().expect("somebody listens");
    }
}
