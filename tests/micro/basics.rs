//! The objects and statements of the first release.

use super::check::{check, check_endless, check_pairs, evidence, on_shuttle};
use interleaver::finding::{Coverage, Evidence, LimitHit};
use std::collections::BTreeSet;

#[test]
fn plain_variables_are_read_then_written() {
    check("var x = 0; observe x; thread a { x += 1; } thread b { x += 1; }", "1 2", "race");
    check("var x = 0; observe x; mutex m; thread a { with m { x += 1; } } thread b { with m { x += 1; } }", "2", "");
    check("var x = 0; observe x, b.r; thread a { x = 1; } thread b { let r = x; }", "1,0 1,1", "race");
    check("var x = 0; observe x; thread a { x = 1; } thread b { x = 2; }", "1 2", "race");
    check("var x = 7; observe a.r, b.r; thread a { let r = x; } thread b { let r = x; }", "7,7", "");
}

#[test]
fn every_pair_of_accesses_of_a_plain_variable() {
    check_pairs(
        "var x = 0;",
        &[
            ("read", "let r = x;"),
            ("write", "let r = 0; x = 1;"),
            ("add", "let r = 0; x += 2;"),
            ("write and read", "x = 2; let r = x;"),
        ],
        &[
            ("read", "read", "0,0", ""),
            ("read", "write", "0,0 1,0", "race"),
            ("read", "add", "0,0 2,0", "race"),
            ("write", "write", "0,0", "race"),
            ("write", "write and read", "0,1 0,2", "race"),
            ("add", "write and read", "0,2 0,4", "race"),
        ],
    );
}

#[test]
fn atomics_are_indivisible_and_sequentially_consistent() {
    check("atomic x = 0; observe x; thread a { x.fetch_add(1); } thread b { x.fetch_add(1); }", "2", "");
    check(
        "atomic x = 0; observe x; thread a { let v = x.load(); x.store(v + 1); } thread b { let v = x.load(); x.store(v + 1); }",
        "1 2",
        "",
    );
    check(
        "atomic x = 0; atomic y = 0; observe a.r, b.r; thread a { x.store(1); let r = y.load(); } thread b { y.store(1); let r = x.load(); }",
        "0,1 1,0 1,1",
        "",
    );
    check(
        "atomic x = 0; observe a.won, b.won; thread a { let won = x.compare_exchange(0, 1) is some(_); } thread b { let won = x.compare_exchange(0, 2) is some(_); }",
        "false,true true,false",
        "",
    );
    check(
        "atomic x = 0; observe x; thread a { let ok = x.compare_exchange_weak(0, 1) is some(_); } thread b { }",
        "0 1",
        "",
    );
    check("atomic x = 5; observe x, a.r; thread a { let r = x.swap(3); x.fetch_max(9); x.fetch_sub(2); }", "7,5", "");
}

/// What one thread does with an atomic, what it makes of each value in [`VALUES`], and what it gives for one: the value
/// itself unless it says otherwise.
type Operation = (&'static str, [i64; 8], fn(i64) -> i64);

/// 6, and what each operation makes of 6.
const VALUES: [i64; 8] = [6, 0, 1, 2, 4, 5, 9, 14];

#[test]
fn every_pair_of_operations_on_an_atomic() {
    let table: [Operation; 12] = [
        ("let r = x.load();", VALUES, |old| old),
        ("let r = 0; x.store(1);", [1; 8], |_| 0),
        ("let r = x.swap(2);", [2; 8], |old| old),
        ("let r = x.fetch_add(3);", [9, 3, 4, 5, 7, 8, 12, 17], |old| old),
        ("let r = x.fetch_sub(4);", [2, -4, -3, -2, 0, 1, 5, 10], |old| old),
        ("let r = x.fetch_and(5);", [4, 0, 1, 0, 4, 5, 1, 4], |old| old),
        ("let r = x.fetch_or(8);", [14, 8, 9, 10, 12, 13, 9, 14], |old| old),
        ("let r = x.fetch_xor(7);", [1, 7, 6, 5, 3, 2, 14, 9], |old| old),
        ("let r = x.fetch_max(9);", [9, 9, 9, 9, 9, 9, 9, 14], |old| old),
        ("let r = x.fetch_min(5);", [5, 0, 1, 2, 4, 5, 5, 5], |old| old),
        (
            "let r = 0; match x.compare_exchange(6, 0) { some(old) => { r = old + 10; } failed(seen) => { r = seen; } }",
            [0, 0, 1, 2, 4, 5, 9, 14],
            |old| if old == 6 { 16 } else { old },
        ),
        (
            "let r = 0; match x.compare_exchange_weak(6, 0) { some(old) => { r = old + 10; } failed(seen) => { r = seen; } }",
            [0, 0, 1, 2, 4, 5, 9, 14],
            |old| if old == 6 { 16 } else { old },
        ),
    ];
    // A value after an operation: what it left and what it gave. The weak exchange may also fail on 6.
    let after = |(text, made, gives): &Operation, old: i64| -> Vec<(i64, i64)> {
        let made = VALUES.iter().zip(made).find(|(value, _)| **value == old).map(|(_, made)| (*made, gives(old)));
        let fails = (old == 6 && text.contains("weak")).then_some((6, 6));
        made.into_iter().chain(fails).collect()
    };
    for one in &table {
        for other in &table {
            let mut outcomes = BTreeSet::new();
            for (between, gave) in after(one, 6) {
                outcomes.extend(after(other, between).into_iter().map(|(left, gives)| (gave, gives, left)));
            }
            for (between, gave) in after(other, 6) {
                outcomes.extend(after(one, between).into_iter().map(|(left, gives)| (gives, gave, left)));
            }
            // As in `check_pair`: whoever has come first so far.
            let each = |(r, s, x): &(i64, i64, i64)| [0, 1].map(|late| format!("{r},{s},{x},{late}"));
            let outcomes: Vec<String> = outcomes.iter().flat_map(each).collect();
            let text = format!(
                "observe a.r, b.r, x, b.late; atomic x = 6; atomic gone = 0; thread a {{ gone.store(1); {} }} thread b {{ let late = gone.load(); {} }}",
                one.0, other.0
            );
            check(&text, &outcomes.join(" "), "");
        }
    }
}

#[test]
fn a_plain_access_of_an_atomic_races() {
    check_pairs(
        "memory sc; atomic x = 0;",
        &[
            ("plain load", "let r = x.load(plain);"),
            ("plain store", "let r = 0; x.store(1, plain);"),
            ("load", "let r = x.load();"),
            ("store", "let r = 0; x.store(2);"),
            ("fetch_add", "let r = x.fetch_add(3);"),
            ("failing exchange", "let r = 5; if let failed(seen) = x.compare_exchange(4, 3) { r = seen; }"),
        ],
        &[
            ("plain load", "plain load", "0,0", ""),
            ("plain load", "load", "0,0", ""),
            ("plain load", "failing exchange", "0,0", ""),
            ("plain load", "plain store", "0,0 1,0", "race"),
            ("plain load", "store", "0,0 2,0", "race"),
            ("plain load", "fetch_add", "0,0 3,0", "race"),
            ("plain store", "plain store", "0,0", "race"),
            ("plain store", "load", "0,0 0,1", "race"),
            ("plain store", "store", "0,0", "race"),
            ("plain store", "fetch_add", "0,0 0,1", "race"),
            ("plain store", "failing exchange", "0,0 0,1", "race"),
        ],
    );
}

#[test]
fn happens_before_decides_races_not_adjacency() {
    // The message passing is ordered by the atomic flag.
    check(
        "var x = 0; atomic f = false; observe b.r; thread a { x = 1; f.store(true); } thread b { let r = 0; if f.load() { r = x; } }",
        "0 1",
        "",
    );
    // A notification orders nothing: the accesses are never both next, and race all the same.
    check(
        "var x = 0; atomic go = false; mutex m; condvar c;
         thread a { with m { c.wait(m); } let r = x; }
         thread b { x = 1; c.notify_one(); }",
        "",
        "deadlock race",
    );
    // A failed try_lock tells that the other holds the lock, and orders nothing.
    check(
        "var x = 0; mutex m;
         thread a { x = 1; m.lock(); m.unlock(); }
         thread b { if !m.try_lock() { let r = x; } else { m.unlock(); } }",
        "",
        "race",
    );
    // Two receivers: who takes the second message knows that somebody took the first, without any order.
    check(
        "var x = 0; channel c(2);
         thread s { c.send(1); c.send(2); }
         thread a { x = 1; c.recv(); }
         thread b { if c.recv() is some(_) { } x = 2; }",
        "",
        "race",
    );
    // The k-th receive happens before the (k + capacity)-th send.
    check(
        "var x = 0; channel c(1);
         thread a { c.send(1); c.send(2); x = 1; }
         thread b { x = 2; c.recv(); }",
        "",
        "",
    );
    // A join orders everything.
    check("var x = 0; thread a { x = 1; } thread b { a.join(); x = 2; }", "", "");
}

#[test]
fn mutexes_exclude_and_can_deadlock() {
    check("mutex m; thread a { m.lock(); m.lock(); }", "", "deadlock");
    check("mutex m; thread a { m.unlock(); }", "", "misuse");
    check("mutex m; thread a { m.lock(); }", "", "misuse");
    check("mutex m; observe a.r; thread a { m.lock(); let r = m.try_lock(); m.unlock(); }", "false", "");
    check("mutex m; observe a.r; thread a { let r = m.try_lock(); m.unlock(); }", "true", "");
    check("mutex m; observe a.r; thread a { let r = m.is_locked(); } thread b { with m { } }", "false true", "");
    check("mutex m; thread a { with m { panic \"no\"; } } thread b { with m { } }", "", "panic");
    check("mutex m; thread a { m.lock(); panic \"no\"; } thread b { with m { } }", "", "deadlock panic misuse");
}

#[test]
fn condition_variables_forget() {
    check(
        "mutex m; condvar c; thread a { with m { c.wait(m); } } thread b { with m { c.notify_one(); } }",
        "",
        "deadlock",
    );
    check("mutex m; condvar c; thread a { c.wait(m); }", "", "misuse");
    check_endless(
        "mutex m; condvar c; atomic n = 0; observe a.r, b.r;
         thread a { let r = 0; with m { n.fetch_add(1); c.wait(m); r = n.fetch_add(1); } }
         thread b { let r = 0; with m { n.fetch_add(1); c.wait(m); r = n.fetch_add(1); } }
         thread k { loop { if n.load() == 2 { break; } } with m { c.notify_one(); c.notify_one(); } }",
        "2,3 3,2",
        "",
    );
}

#[test]
fn semaphores_count() {
    check("semaphore s(1); observe a.r; thread a { s.acquire(); let r = s.try_acquire(); }", "false", "");
    check("semaphore s(0); thread a { s.acquire(); }", "", "deadlock");
    check("semaphore s(0); observe a.r; thread a { s.acquire(); let r = 1; } thread b { s.release(); }", "1", "");
    check(
        "semaphore s(0); observe a.r; thread a { let r = s.try_acquire(); } thread b { s.release(); }",
        "false true",
        "",
    );
}

#[test]
fn channels_keep_order_and_close() {
    check(
        "channel c; observe a.x, a.y; thread s { c.send(1); c.send(2); } thread a { let x = c.recv(); let y = c.recv(); }",
        "1,2",
        "",
    );
    check(
        "channel c; observe a.x; thread s { c.send(1); } thread t { c.send(2); } thread a { let x = c.recv(); }",
        "1 2",
        "",
    );
    check("channel c(1); thread s { c.send(1); c.send(2); }", "", "deadlock");
    check("channel c(1); observe s.ok; thread s { c.send(1); let ok = c.try_send(2); }", "false", "");
    check("channel c; thread s { c.close(); c.send(1); }", "", "misuse");
    check(
        "channel c; observe a.n; thread s { c.send(4); c.close(); } thread a { let n = 0; for v in c { n += v; } }",
        "4",
        "",
    );
    check(
        "channel c closed by s; observe a.n; thread s { c.send(4); } thread a { let n = 0; for v in c { n += v; } }",
        "4",
        "",
    );
    check("channel c; thread a { let v = c.recv(); } thread s { c.close(); }", "", "panic");
    check("channel c; observe a.n; thread s { c.send(1); } thread a { let n = c.len(); }", "0 1", "");
    check("channel c(1); thread s { c.send(1); c.send(2); } thread k { c.close(); }", "", "misuse");
}

#[test]
fn a_rendezvous_is_two_meetings() {
    check("channel c(0); observe a.v; thread s { c.send(3); } thread a { let v = c.recv(); }", "3", "");
    check("channel c(0); thread s { c.send(3); }", "", "deadlock");
    check(
        "channel c(0); observe s.ok; thread s { let ok = c.try_send(3); } thread a { c.recv(); }",
        "true",
        "deadlock",
    );
    check(
        "channel c(0); observe a.v; thread s { c.send(3); c.close(); } thread a { let v = 0; match c.try_recv() { some(x) => { v = x; } none => { v = 1; } closed => { v = 2; } _ => { } } }",
        "3",
        "deadlock",
    );
    check("channel c(0); thread a { c.recv(); } thread k { c.close(); }", "", "");
    check("channel c(0); thread s { c.send(1); } thread k { c.close(); }", "", "misuse");
    check_endless(
        "channel c(0); observe a.v; thread s { c.send(1); } thread t { c.send(2); } thread a { let v = c.recv(); c.recv(); }",
        "1 2",
        "",
    );
}

#[test]
fn the_world_chooses() {
    check("observe a.v; thread a { let v = choose(0..3); }", "0 1 2", "");
    check("observe a.v; thread a { let v = 0; either { v = 1; } or { v = 2; } }", "1 2", "");
    check("observe a.v; thread a { let v = choose(0..3); assume v != 1; }", "0 2", "");
    check("thread a { assume false; }", "", "impossible");
    check("thread a { let v = choose(3..3); }", "", "panic");
}

#[test]
fn blocks_are_one_step() {
    check("var x = 0; observe x; thread a { atomically { x += 1; } } thread b { atomically { x += 1; } }", "2", "");
    check("var x = 0; observe x; thread a { atomically { x += 1; } } thread b { x += 1; }", "1 2", "race");
    check(
        "var x = 0; observe a.r; thread a { let r = 0; when x == 2 { r = x; } } thread b { atomically { x = 1; } atomically { x = 2; } }",
        "2",
        "",
    );
    check("var x = 0; thread a { when x == 2 { } }", "", "deadlock");
    check("var x = 1; thread a { atomically { x = 1 / (x - 1); } }", "", "panic");
    check("var x = 1; thread a { atomically { panic \"here\"; } }", "", "panic");
    check("mutex m; thread a { with m { when true { panic; } } } thread b { with m { } }", "", "panic");
}

#[test]
fn ends_are_seen_by_join_and_is_alive() {
    check("observe b.r; thread a { } thread b { let r = a.is_alive(); }", "false true", "");
    check("observe b.r; thread a { panic \"x\"; } thread b { let r = a.join() is failed(_); }", "", "panic");
    check("thread a { b.join(); } thread b { a.join(); }", "", "deadlock");
    check(
        "atomic n = 0; observe n; thread a[i in 0..3] { n.fetch_add(1); } thread b { a.join(); let k = n.load(); assert k == 3; }",
        "3",
        "",
    );
    check("atomic n = 0; observe n; daemon thread d { n.store(1); } thread a { yield; }", "0 1", "");
    check("channel c; daemon thread d { c.recv(); } thread a { }", "", "");
}

#[test]
fn every_pair_of_questions_about_a_third_thread() {
    check_pairs(
        "thread c { yield; }",
        &[("join", "c.join(); let r = 0;"), ("is_alive", "let r = 0; if c.is_alive() { r = 1; }")],
        &[
            ("join", "join", "0,0", ""),
            ("join", "is_alive", "0,0 0,1", ""),
            ("is_alive", "is_alive", "0,0 0,1 1,0 1,1", ""),
        ],
    );
}

#[test]
fn faults_are_panics_and_properties_are_looked_at_everywhere() {
    check("thread a { let x = 9223372036854775807; x += 1; }", "", "panic");
    check("var v[2] = 0; thread a { let i = 2; v[i] = 1; }", "", "panic");
    check("atomic x = 0; always x < 2; thread a { x.store(2); x.store(0); }", "", "invariant");
    check("atomic x = 0; finally x == 1; thread a { x.store(1); x.store(2); }", "", "final");
    check("atomic x = 0; possible x == 1; thread a { x.store(1); x.store(2); }", "", "impossible");
    check("atomic x = 0; thread a { assert x.load() == 1; }", "", "assertion");
    check("atomic x = 0; observe x; expect outcomes { 1 }; thread a { x.store(2); }", "2", "outcome");
}

#[test]
fn partial_deadlocks_are_found_beside_endless_threads() {
    check_endless("semaphore s(0); thread a { s.acquire(); } thread b { loop { yield; } }", "", "deadlock");
    check_endless("mutex m; thread a { loop { with m { } } } thread b { loop { with m { } } }", "", "");
}

#[test]
fn a_block_that_goes_round_for_ever_is_stopped_everywhere() {
    let text = "atomic x = 0; thread a { atomically { while x.load() == 0 { } } } thread b { x.store(1); }";
    let executions = |evidence: &Evidence| evidence.counts.executions;
    for evidence in [evidence(text), on_shuttle(text)] {
        let cut = matches!(evidence.coverage, Coverage::Cut(LimitHit::LocalSteps { limit: 100_000, .. }));
        assert!(cut && executions(&evidence) < 10, "{evidence:?}");
    }
}

#[test]
fn a_local_loop_is_stopped() {
    let evidence = evidence("thread a { loop { } }");
    assert!(
        matches!(evidence.coverage, Coverage::Cut(LimitHit::LocalSteps { limit: 100_000, .. })),
        "{:?}",
        evidence.coverage
    );
}
