//! Every kind of misuse and panic is found, by every engine that can run it, with the line that a person would point at.
//!
//! Each case is tried in the body of a thread, in a function, inside `with` and inside `match`. The line is the one that
//! ends with `// here`; kind, line and words are written by hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use interleaver::engine::agreement::{Agreement, compare};
use interleaver::engine::{Engine, Loom, Shuttle, isolate};
use interleaver::explain::explain;
use interleaver::explore::explore;
use interleaver::finding::{Coverage, Detail, EngineName, Evidence, Finding};
use interleaver::language::compile;
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::{FindingKind, Line, Program, Source};
use std::collections::BTreeSet;

/// Something that goes wrong.
struct Case {
    /// What there is besides.
    objects: &'static str,
    /// What thread `t` does.
    body: &'static str,
    kind: FindingKind,
    /// What the explanation says, among other things.
    says: &'static str,
}

const fn misuse(objects: &'static str, body: &'static str, says: &'static str) -> Case {
    Case { objects, body, kind: FindingKind::Misuse, says }
}

const fn panic(body: &'static str, says: &'static str) -> Case {
    Case { objects: "", body, kind: FindingKind::Panic, says }
}

const fn panic_with(objects: &'static str, body: &'static str, says: &'static str) -> Case {
    Case { objects, body, kind: FindingKind::Panic, says }
}

const CLOSED: &str = "channel c closed by nobody; thread nobody[i in 0..0] { }";
const POISONED: &str = "poisoning mutex m; thread bad { with m { panic \"the other one\"; } }";
const OVERFLOW: &str = "the result does not fit into 64 bits";

const CASES: &[Case] = &[
    misuse("mutex m;", "m.unlock(); // here", "`t` unlocks `m`"),
    misuse("mutex m; thread other { m.lock(); t.join(); m.unlock(); }", "m.unlock(); // here", "`t` unlocks `m`"),
    misuse("mutex m;", "m.lock();\nm.unlock();\nm.unlock(); // here", "`t` unlocks `m`"),
    misuse("fifo mutex m;", "m.unlock(); // here", "`t` unlocks `m`"),
    misuse("reentrant mutex m;", "m.lock();\nm.unlock();\nm.unlock(); // here", "`t` unlocks `m`"),
    misuse("poisoning mutex m;", "m.unlock(); // here", "`t` unlocks `m`"),
    misuse("rwlock l;", "l.read_unlock(); // here", "not hold for reading"),
    misuse("rwlock l;", "l.write();\nl.read_unlock(); // here", "not hold for reading"),
    misuse("rwlock l;", "l.read();\nl.write_unlock(); // here", "not hold for writing"),
    misuse("fifo rwlock l;", "l.write_unlock(); // here", "not hold for writing"),
    misuse("mutex m; condvar v;", "v.wait(m); // here", "without holding `m`"),
    misuse("reentrant mutex m; condvar v;", "v.wait(m); // here", "without holding `m`"),
    misuse("bounded semaphore s(1);", "s.release(); // here", "all of its permits"),
    misuse("bounded semaphore s(2);", "s.acquire();\ns.release(2); // here", "all of its permits"),
    misuse("fifo bounded semaphore s(1);", "s.release(); // here", "all of its permits"),
    misuse("queue q;", "q.task_done(); // here", "all are finished"),
    misuse("queue q;", "q.put(1);\nq.task_done();\nq.task_done(); // here", "all are finished"),
    misuse("channel c;", "c.close();\nc.send(1); // here", "which is closed"),
    misuse("channel c(1);", "c.close();\nc.send(1); // here", "which is closed"),
    misuse("channel c(1);", "c.close();\nc.try_send(1); // here", "which is closed"),
    misuse("channel c(0); thread other { c.close(); }", "c.send(1); // here", "which is closed"),
    misuse(
        "channel c(1); event full; thread other { full.wait(); c.close(); }",
        "c.send(1);\nfull.set();\nc.send(2); // here",
        "which is closed",
    ),
    misuse(CLOSED, "c.send(1); // here", "which is closed"),
    panic_with("var cell[2] = 0;", "let i = 2;\ncell[i] = 1; // here", "index 2 is outside 0..2"),
    panic_with("var cell[2] = 0;", "let i = -1;\nlet v = cell[i]; // here", "index -1 is outside 0..2"),
    panic_with("mutex m[2];", "let i = 5;\nm[i].lock(); // here", "index 5 is outside 0..2"),
    panic("let a[2];\nlet i = 2;\na[i] = 1; // here", "index 2 is outside 0..2"),
    panic("let a[2];\nlet i = 0 - 1;\na[i] = 1; // here", "index -1 is outside 0..2"),
    panic("let a[2];\na[0] = 1;\na[1] = 1;\nlet i = 2;\nlet v = a[i]; // here", "index 2 is outside 0..2"),
    panic("let most = 9223372036854775807;\nlet v = most + 1; // here", OVERFLOW),
    panic("let least = -9223372036854775807;\nlet v = least - 2; // here", OVERFLOW),
    panic("let most = 9223372036854775807;\nlet v = most * 2; // here", OVERFLOW),
    panic("let least = 0 - 9223372036854775807 - 1;\nlet v = -least; // here", OVERFLOW),
    panic("let least = 0 - 9223372036854775807 - 1;\nlet by = -1;\nlet v = least / by; // here", OVERFLOW),
    panic("let least = 0 - 9223372036854775807 - 1;\nlet by = -1;\nlet v = least % by; // here", OVERFLOW),
    panic("let most = 9223372036854775807;\nmost += 1; // here", OVERFLOW),
    panic("let places = 64;\nlet v = 1 << places; // here", OVERFLOW),
    panic("let places = -1;\nlet v = 1 >> places; // here", OVERFLOW),
    panic("let zero = 0;\nlet v = 1 / zero; // here", "division by zero"),
    panic("let zero = 0;\nlet v = 1 % zero; // here", "division by zero"),
    panic_with("channel c;", "let v = c.try_recv(); // here", "none"),
    panic_with("queue q;", "let v = q.try_get(); // here", "none"),
    panic_with(CLOSED, "let v = c.recv(); // here", "closed"),
    panic_with("channel c;", "let v = c.recv_timeout(1ms); // here", "timeout"),
    panic_with("atomic a = 0;", "let v = a.compare_exchange(1, 2); // here", "failed"),
    panic_with("barrier b(2);", "b.abort();\nlet v = b.wait(); // here", "failed"),
    panic_with(POISONED, "bad.join();\nwith m { } // here", "poisoned"),
    panic("panic \"given up\"; // here", "given up"),
    Case {
        objects: "",
        body: "let n = 1;\nassert n == 2, \"too few\"; // here",
        kind: FindingKind::Assertion,
        says: "too few",
    },
    Case { objects: "", body: "assert false; // here", kind: FindingKind::Assertion, says: "`t` fails at line" },
];

/// What takes a lock, and how it is called.
const HELD: &[(&str, &str, &str)] = &[
    ("mutex m;", "m.lock();", "`m`"),
    ("mutex m;", "m.try_lock();", "`m`"),
    ("fifo mutex m;", "m.lock();", "`m`"),
    ("reentrant mutex m;", "m.lock();\nm.lock();\nm.unlock();", "`m`"),
    ("poisoning mutex m;", "m.lock();", "`m`"),
    ("rwlock l;", "l.read();", "`l`"),
    ("rwlock l;", "l.write();", "`l`"),
    ("rwlock l;", "l.try_write();", "`l`"),
    ("fifo rwlock l;", "l.read();", "`l`"),
    ("fifo rwlock l;", "l.write();", "`l`"),
    ("mutex m[2];", "let i = 1;\nm[i].lock();", "`m[1]`"),
];

/// The places where a thread does something.
const PLACES: [(&str, &str, &str); 4] = [
    ("", "thread t {\n", "\n}"),
    ("", "fn f() {\n", "\n}\nthread t { f(); }"),
    ("mutex outer;\n", "thread t { with outer {\n", "\n} }"),
    ("", "thread t { match 1 { 1 => {\n", "\n} _ => { } } }"),
];

fn program(text: &str) -> Program {
    let source = Source { name: "test.ilv".to_owned(), text: text.to_owned() };
    compile(&source, &[]).unwrap_or_else(|errors| panic!("{errors:#?}\n{text}")).program
}

fn limits() -> Limits {
    Limits {
        loom_executions: 5_000,
        shuttle_executions: 5_000,
        shuttle_samples: 10,
        thread_runs: 50,
        ..Limits::default()
    }
}

/// The findings of thread `t`, by kind and line.
fn found(program: &Program, evidence: &Evidence) -> BTreeSet<(FindingKind, Line)> {
    let of_t = |finding: &Finding| {
        let (Detail::Misuse { thread, pc, .. } | Detail::Panic { thread, pc, .. } | Detail::Assertion { thread, pc }) =
            &finding.detail
        else {
            return None;
        };
        let line = program.source.line(program.instr(*thread, *pc).span);
        (program.thread(*thread).name == "t").then(|| (finding.kind(), line))
    };
    evidence.findings.iter().filter_map(of_t).collect()
}

/// The native checker finds this kind at the line that ends with `// here`, says this, and finds nothing else; every
/// engine that can run it and has looked at everything finds the same.
fn check(text: &str, kind: FindingKind, says: &str, engines: &[&dyn Engine]) {
    let program = program(text);
    let here = text.lines().position(|line| line.ends_with("// here")).unwrap() + 1;
    let wanted = BTreeSet::from([(kind, Line::Own(u32::try_from(here).unwrap()))]);
    let native = explore(&program, &limits(), &Unwatched);
    assert_eq!(native.coverage, Coverage::Complete, "{text}");
    assert_eq!(found(&program, &native), wanted, "{text}");
    let said = native.findings.iter().any(|finding| {
        let explanation = explain(&program, finding);
        finding.kind() == kind && explanation.headline.contains(says)
    });
    assert!(said, "{says:?} is not said: {:#?}\n{text}", native.findings);
    for engine in engines.iter().filter(|engine| engine.supports(&program).is_ok()) {
        let evidence = engine.run(&program, &limits(), &Unwatched);
        // Where another thread fails first, an engine that stops there has not come to this one.
        if evidence.coverage == Coverage::StoppedAtFinding && found(&program, &evidence).is_empty() {
            assert!(!evidence.findings.is_empty(), "{} finds nothing\n{text}", engine.name().word());
            continue;
        }
        assert_eq!(found(&program, &evidence), wanted, "{}: {:?}\n{text}", engine.name().word(), evidence.coverage);
    }
}

fn in_every_place(objects: &str, body: &str, mut check: impl FnMut(&str)) {
    for (more, before, after) in PLACES {
        check(&format!("{objects}\n{more}{before}{body}{after}\n"));
    }
}

#[test]
fn every_misuse_and_every_panic_is_found_at_its_line() {
    for case in CASES {
        in_every_place(case.objects, case.body, |text| check(text, case.kind, case.says, &[&Loom, &Shuttle]));
    }
}

#[test]
fn threads_of_the_system_find_them_as_well() {
    isolate::use_executable(env!("CARGO_BIN_EXE_interleaver").into());
    let threads = interleaver::engine::by_name(EngineName::Threads).unwrap();
    for case in CASES.iter().filter(|case| !case.objects.contains("thread")) {
        let text = format!("{}\nthread t {{\n{}\n}}\n", case.objects, case.body);
        check(&text, case.kind, case.says, &[threads]);
    }
}

#[test]
fn who_ends_while_it_holds_a_lock_is_found_at_its_end() {
    for (objects, body, name) in HELD {
        let says = format!("`t` ends while it holds {name}");
        let bodies = [
            format!("thread t {{\n{body}\n}} // here"),
            format!("fn f() {{\n{body}\n}}\nthread t {{\nf();\n}} // here"),
            format!("mutex outer;\nthread t {{\nwith outer {{\n{body}\n}}\n}} // here"),
            format!("thread t {{\nmatch 1 {{ 1 => {{\n{body}\n}} _ => {{ }} }}\n}} // here"),
        ];
        for thread in bodies {
            check(&format!("{objects}\n{thread}\n"), FindingKind::Misuse, &says, &[&Loom, &Shuttle]);
        }
    }
}

/// A way in which a thread can end.
struct End {
    what: &'static str,
    objects: &'static str,
    body: &'static str,
    /// What is found, and what the explanation says, among other things.
    found: Option<(FindingKind, &'static str)>,
}

const fn end(what: &'static str, body: &'static str, found: Option<(FindingKind, &'static str)>) -> End {
    End { what, objects: "", body, found }
}

const ENDS: [End; 9] = [
    end("its last statement", "let n = 1; // here", None),
    end("`return`", "if true { return; // here\n}\npanic;", None),
    end("`panic`", "panic \"given up\"; // here", Some((FindingKind::Panic, "given up"))),
    end("overflow", "let n = 9223372036854775807;\nn += 1; // here", Some((FindingKind::Panic, OVERFLOW))),
    end("a failed `assert`", "assert false; // here", Some((FindingKind::Assertion, "fails at line"))),
    End {
        what: "misuse",
        objects: "mutex m;",
        body: "m.unlock(); // here",
        found: Some((FindingKind::Misuse, "`t` unlocks `m`")),
    },
    End {
        what: "a failed unwrap",
        objects: "channel c(1);",
        body: "let v = c.try_recv(); // here",
        found: Some((FindingKind::Panic, "none")),
    },
    End {
        what: "its last statement, with a lock",
        objects: "mutex m;",
        body: "m.lock();\n} // here\nthread late {",
        found: Some((FindingKind::Misuse, "`t` ends while it holds `m`")),
    },
    End {
        what: "`panic`, with what `with` gives back",
        objects: "mutex m;",
        body: "with m { panic; // here\n}",
        found: Some((FindingKind::Panic, "")),
    },
];

#[test]
fn every_way_to_end_is_the_same_on_every_engine() {
    isolate::use_executable(env!("CARGO_BIN_EXE_interleaver").into());
    for End { what, objects, body, found } in ENDS {
        let waiter = "thread waiter { t.join(); let over = true; }";
        let text = format!("{objects}\nobserve waiter.over;\nthread t {{\n{body}\n}}\n{waiter}\n");
        let program = program(&text);
        let native = explore(&program, &limits(), &Unwatched);
        // Only where nothing was found has the program ended normally, and what its threads have seen is an outcome.
        assert_eq!(native.outcomes.len(), usize::from(found.is_none()), "{what}: {:?}", native.outcomes);
        if let Some((kind, says)) = found {
            check(&text, kind, says, interleaver::engine::all());
        } else {
            assert_eq!(native.findings, [], "{what}");
        }
        for engine in interleaver::engine::all() {
            assert_eq!(engine.supports(&program), Ok(()), "{what} on {}", engine.name().word());
            let agreement = compare(&program, &native, &engine.run(&program, &limits(), &Unwatched));
            assert!(matches!(agreement, Agreement::Agrees | Agreement::Inside), "{what}: {agreement:#?}");
        }
    }
}
