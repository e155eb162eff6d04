//! What holds for every program that the compiler makes, tried on the gallery.
#![expect(clippy::unwrap_used, reason = "a test that meets an unexpected error fails")]

use interleaver::explore::explore;
use interleaver::finding::{Coverage, Evidence};
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::{ChoiceOp, InstrKind, Op, Program};
use interleaver::scenario;
use std::path::Path;

/// The programs of the gallery.
fn gallery() -> Vec<Program> {
    let files = scenario::below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")).unwrap();
    assert!(!files.is_empty());
    files.iter().map(|file| file.load(&[]).unwrap().program).collect()
}

/// What was found, without how it came about.
fn found(evidence: &Evidence) -> Vec<String> {
    let mut found: Vec<String> = evidence.findings.iter().map(|finding| format!("{:?}", finding.key())).collect();
    found.extend(evidence.outcomes.keys().map(|outcome| format!("{outcome:?}")));
    found.sort();
    found
}

/// A dead local reads as 0 in a canonical state: if anybody read it after all, something else would be found.
#[test]
fn nobody_reads_a_dead_local() {
    let limits = Limits { states: 20_000, ..Limits::default() };
    let mut compared = 0;
    for program in gallery() {
        let mut keeping = program.clone();
        for instr in keeping.codes.iter_mut().flat_map(|code| &mut code.instrs) {
            instr.dead.clear();
        }
        let (canonical, kept) = (explore(&program, &limits, &Unwatched), explore(&keeping, &limits, &Unwatched));
        if canonical.coverage == Coverage::Complete && kept.coverage == Coverage::Complete {
            compared += 1;
            assert_eq!(found(&canonical), found(&kept), "{}", program.source.name());
            assert!(canonical.counts.states <= kept.counts.states, "{}", program.source.name());
        }
    }
    assert!(compared >= 20, "only {compared} programs are small enough");
}

/// Engines rely on the shape of code: every way on stays inside, and every way ends at an end.
#[test]
fn code_is_well_formed() {
    for program in gallery() {
        for thread in &program.threads {
            assert_eq!(thread.initial.len(), program.codes[thread.code.index()].locals.len());
        }
        for code in &program.codes {
            let inside = |pc: interleaver::program::Pc| assert!(pc.index() < code.instrs.len(), "{code}");
            for instr in &code.instrs {
                instr.unwind.map(inside);
                match &instr.kind {
                    InstrKind::Jump(to) => inside(*to),
                    InstrKind::Branch { then, otherwise, .. } => {
                        inside(*then);
                        inside(*otherwise);
                    }
                    InstrKind::Op(Op::Choice(ChoiceOp::Branch { branches })) => {
                        branches.iter().copied().for_each(inside);
                    }
                    InstrKind::Atomically { end } => {
                        assert_eq!(code.instrs[end.index()].kind, InstrKind::EndAtomically);
                    }
                    InstrKind::Set { .. }
                    | InstrKind::Assert { .. }
                    | InstrKind::Assume { .. }
                    | InstrKind::Panic { .. }
                    | InstrKind::Op(_)
                    | InstrKind::Guard { .. }
                    | InstrKind::EndAtomically
                    | InstrKind::Halt
                    | InstrKind::Unwound => {}
                }
            }
            let last = &code.instrs.last().unwrap().kind;
            let ends = matches!(
                last,
                InstrKind::Halt
                    | InstrKind::Unwound
                    | InstrKind::Op(Op::End)
                    | InstrKind::Jump(_)
                    | InstrKind::Panic { .. }
            );
            assert!(ends, "{code}");
        }
    }
}
