//! Every ordered pair of operations on a barrier, and what it orders.

use super::check::{check, check_pairs};

/// What one thread does with `g`; `r` is what it sees: 1 for the last to come, 2 for `failed`, 3 for `timeout`.
const OPERATIONS: &[(&str, &str)] = &[
    ("wait", "let r = 2; if let some(last) = g.wait() { r = 0; if last { r = 1; } }"),
    (
        "wait_timeout",
        "let r = 0;
         match g.wait_timeout(1ms) { some(last) => { if last { r = 1; } } failed => { r = 2; } timeout => { r = 3; } }",
    ),
    ("abort", "let r = 0; g.abort();"),
    ("reset", "let r = 0; g.reset();"),
    ("is_broken", "let r = 0; if g.is_broken() { r = 1; }"),
];

#[test]
fn every_pair_of_operations() {
    check_pairs(
        "barrier g(2);",
        OPERATIONS,
        &[
            ("wait", "wait", "0,1 1,0", ""),
            ("wait", "wait_timeout", "0,1 1,0 2,3", ""),
            ("wait", "abort", "2,0", ""),
            // Who comes after the reset waits for ever.
            ("wait", "reset", "2,0", "deadlock"),
            ("wait", "is_broken", "", "deadlock"),
            ("wait_timeout", "wait_timeout", "0,1 1,0 2,3 3,2", ""),
            ("wait_timeout", "abort", "2,0 3,0", ""),
            ("wait_timeout", "reset", "2,0 3,0", ""),
            ("wait_timeout", "is_broken", "3,0 3,1", ""),
            ("abort", "abort", "0,0", ""),
            ("abort", "reset", "0,0", ""),
            ("abort", "is_broken", "0,0 0,1", ""),
            ("reset", "reset", "0,0", ""),
            ("reset", "is_broken", "0,0", ""),
            ("is_broken", "is_broken", "0,0", ""),
        ],
    );
}

#[test]
fn what_two_of_them_leave() {
    let leaves = |properties: &str, one: &str, other: &str| {
        check(&format!("barrier g(2); {properties} thread a {{ g.{one}(); }} thread b {{ g.{other}(); }}"), "", "");
    };
    leaves("finally g.is_broken();", "abort", "abort");
    leaves("finally !g.is_broken();", "reset", "reset");
    for (one, other) in [("abort", "reset"), ("reset", "abort")] {
        leaves("possible g.is_broken(); possible !g.is_broken();", one, other);
    }
    leaves("finally !g.is_broken();", "wait", "wait");
}

#[test]
fn as_many_as_it_is_for_go_on_together() {
    check("barrier b(1); observe a.r; thread a { let r = b.wait(); }", "true", "");
    check("barrier b(2); thread a { b.wait(); }", "", "deadlock");
    check(
        "barrier b(2); observe a.r, c.r; thread a { let r = b.wait(); } thread c { let r = b.wait(); }",
        "false,true true,false",
        "",
    );
    check("barrier b(2); thread a[i in 0..3] { b.wait(); }", "", "deadlock");
    check("barrier b(2); thread a { b.wait(); b.wait(); } thread c { b.wait(); }", "", "deadlock");
    check(
        "barrier b(2); atomic n = 0; observe n;
         thread a[i in 0..2] { n.fetch_add(1); b.wait(); assert n.load() == 2; b.wait(); n.fetch_add(1); }",
        "4",
        "",
    );
    check(
        "barrier b[2](2); observe a.r; thread a { let i = 1; b[i].wait(); let r = b[0].is_broken(); }
         thread c { b[1].wait(); b[0].abort(); }",
        "false true",
        "",
    );
}

#[test]
fn abort_fails_who_waits_and_who_comes() {
    check("barrier b(2); thread a { b.wait(); } thread c { b.abort(); }", "", "panic");
    check("barrier b(2); observe a.r; thread a { let r = b.wait() is failed; } thread c { b.abort(); }", "true", "");
    check("barrier b(1); observe a.r; thread a { b.abort(); let r = b.wait() is failed; }", "true", "");
    check("barrier b(1); observe a.r; thread a { let r = b.wait() is failed; b.abort(); }", "false", "");
    check("barrier b(2); observe a.r; thread a { let r = b.is_broken(); } thread c { b.abort(); }", "false true", "");
    check("barrier b(2); always !b.is_broken(); thread a { b.abort(); b.reset(); }", "", "invariant");
    // Whoever was let go before goes on.
    check(
        "barrier b(2); observe a.r, c.r; thread a { let r = b.wait() is failed; } thread c { let r = b.wait() is failed; b.abort(); }",
        "false,false",
        "",
    );
    check("barrier b(2); thread a { b.abort(); } thread c { b.abort(); }", "", "");
}

#[test]
fn reset_fails_who_waits_and_lets_others_come() {
    check(
        "barrier b(2); observe a.r; thread a { let r = b.wait() is failed; } thread c { b.reset(); }",
        "true",
        "deadlock",
    );
    check("barrier b(1); observe a.r; thread a { b.abort(); b.reset(); let r = b.wait(); }", "true", "");
    check(
        "barrier b(2); observe d.r; thread a { b.abort(); } thread c { b.reset(); } thread d { a.join(); c.join(); let r = b.is_broken(); }",
        "false true",
        "",
    );
    check("barrier b(2); observe a.r; thread a { let r = b.is_broken(); } thread c { b.reset(); }", "false", "");
    check("barrier b(2); thread a { b.reset(); } thread c { b.reset(); }", "", "");
}

#[test]
fn a_time_out_breaks_it() {
    check("barrier b(2); observe a.r; thread a { let r = b.wait_timeout(1ms) is timeout; }", "true", "");
    check("barrier b(2); thread a { b.wait_timeout(1ms); }", "", "panic");
    check("barrier b(1); observe a.r; thread a { let r = b.wait_timeout(1ms); }", "true", "");
    check(
        "barrier b(2); observe a.r; thread a { let t = b.wait_timeout(1ms) is timeout; let r = b.is_broken(); }",
        "true",
        "",
    );
    let timed = "let r = 0; match b.wait_timeout(1ms) { some(_) => { } timeout => { r = 1; } failed => { r = 2; } }";
    check(&format!("barrier b(2); observe a.r, c.r; thread a {{ {timed} }} thread c {{ {timed} }}"), "0,0 1,2 2,1", "");
    check(
        &format!("barrier b(2); observe a.r, c.r; thread a {{ {timed} }} thread c {{ let r = b.wait() is failed; }}"),
        "0,false 1,true",
        "",
    );
    check(&format!("barrier b(2); observe a.r; thread a {{ {timed} }} thread c {{ b.abort(); }}"), "1 2", "");
    check(&format!("barrier b(2); observe a.r; thread a {{ {timed} }} thread c {{ b.reset(); }}"), "1 2", "");
    check(
        &format!("barrier b(2); observe c.r; thread a {{ {timed} }} thread c {{ let r = b.is_broken(); }}"),
        "false true",
        "",
    );
}

#[test]
fn every_arrival_happens_before_every_leaving_of_its_round() {
    check("barrier b(2); var x = 0; thread a { x = 1; b.wait(); } thread c { b.wait(); x = 2; }", "", "");
    check("barrier b(2); var x = 0; thread a { x = 1; b.wait(); } thread c { x = 2; b.wait(); }", "", "race");
    check("barrier b(2); var x = 0; thread a { b.wait(); x = 1; } thread c { b.wait(); x = 2; }", "", "race");
    check(
        "barrier b(2); var x = 0; thread a { x = 1; b.wait(); b.wait(); } thread c { b.wait(); b.wait(); x = 2; }",
        "",
        "",
    );
    // What comes behind the barrier, and an arrival of the next round, are not part of the round.
    check(
        "barrier b(2); var x = 0; thread a { b.wait(); x = 1; b.wait(); } thread c { b.wait(); x = 2; b.wait(); }",
        "",
        "race",
    );
    // Failing orders nothing.
    check(
        "barrier b(2); var x = 0; thread a { x = 1; b.abort(); } thread c { if b.wait() is failed { x = 2; } }",
        "",
        "race",
    );
    check(
        "barrier b(2); var x = 0; thread a { x = 1; b.abort(); } thread c { if b.is_broken() { x = 2; } }",
        "",
        "race",
    );
}
