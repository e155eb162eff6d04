//! The native checker over a copy of the semantics in which seeded faults can be switched on.
//!
//! No part of the laws' own executable: `faults` puts this file beside the changed copy and builds both against the
//! library. It reads programs from the file that its argument names, then requests of two numbers from standard input,
//! which fault (0: none) and which program, and answers each with a line of JSON: the evidence.

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
    let path = std::env::args().nth(1).expect("a file of programs");
    let text = std::fs::read_to_string(path).expect("a file that can be read");
    let (limits, programs): (Limits, Vec<Program>) = serde_json::from_str(&text).expect("limits and programs");
    for request in std::io::stdin().lines() {
        let request = request.expect("text");
        let (fault, program) = request.split_once(' ').expect("two numbers");
        fault::seed(fault.parse().expect("the number of a fault"));
        let program = &programs[program.parse::<usize>().expect("the number of a program")];
        let system = semantics::Semantics::new(program, &limits);
        let evidence = explore_system(&system, &Questions::of(program), &limits, &Unwatched);
        println!("{}", serde_json::to_string(&evidence).expect("plain data"));
        std::io::stdout().flush().expect("somebody listens");
    }
}
