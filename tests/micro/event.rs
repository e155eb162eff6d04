//! Every ordered pair of operations on an event, and what it orders.

use super::check::{check, check_pairs};

/// What one thread does with `e`; `r` is what it sees.
const OPERATIONS: &[(&str, &str)] = &[
    ("set", "let r = 0; e.set();"),
    ("clear", "let r = 0; e.clear();"),
    ("is_set", "let r = 0; if e.is_set() { r = 1; }"),
    ("wait", "let r = 0; e.wait();"),
    ("wait_timeout", "let r = 0; if e.wait_timeout(1ms) { r = 1; }"),
];

#[test]
fn every_pair_of_operations() {
    check_pairs(
        "event e;",
        OPERATIONS,
        &[
            ("set", "set", "0,0", ""),
            ("set", "clear", "0,0", ""),
            ("set", "is_set", "0,0 0,1", ""),
            ("set", "wait", "0,0", ""),
            ("set", "wait_timeout", "0,0 0,1", ""),
            ("clear", "clear", "0,0", ""),
            ("clear", "is_set", "0,0", ""),
            ("clear", "wait", "", "deadlock"),
            ("clear", "wait_timeout", "0,0", ""),
            ("is_set", "is_set", "0,0", ""),
            ("is_set", "wait", "", "deadlock"),
            ("is_set", "wait_timeout", "0,0", ""),
            ("wait", "wait", "", "deadlock"),
            ("wait", "wait_timeout", "", "deadlock"),
            ("wait_timeout", "wait_timeout", "0,0", ""),
        ],
    );
}

#[test]
fn what_two_of_them_leave() {
    let leaves = |properties: &str, one: &str, other: &str| {
        check(&format!("event e; {properties} thread a {{ e.{one}(); }} thread b {{ e.{other}(); }}"), "", "");
    };
    leaves("finally e.is_set();", "set", "set");
    leaves("finally !e.is_set();", "clear", "clear");
    for (one, other) in [("set", "clear"), ("clear", "set")] {
        leaves("possible e.is_set(); possible !e.is_set();", one, other);
    }
}

#[test]
fn set_and_clear_say_what_is_set() {
    check("event e; observe a.r; thread a { let r = e.is_set(); }", "false", "");
    check("event e; observe a.r; thread a { e.set(); let r = e.is_set(); }", "true", "");
    check("event e; observe a.r; thread a { e.set(); e.set(); e.clear(); let r = e.is_set(); }", "false", "");
    check("event e; observe b.r; thread a { e.set(); } thread b { let r = e.is_set(); }", "false true", "");
    check(
        "event e; observe c.r; thread a { e.set(); } thread b { e.set(); } thread c { a.join(); b.join(); let r = e.is_set(); }",
        "true",
        "",
    );
    check(
        "event e; observe c.r; thread a { e.set(); } thread b { e.clear(); } thread c { a.join(); b.join(); let r = e.is_set(); }",
        "false true",
        "",
    );
    check("event e; observe b.r; thread a { e.set(); e.clear(); } thread b { let r = e.is_set(); }", "false true", "");
    check(
        "event e; observe a.r, b.r; thread a { let r = e.is_set(); e.set(); } thread b { let r = e.is_set(); e.set(); }",
        "false,false false,true true,false",
        "",
    );
    check("event e; always !e.is_set(); thread a { e.set(); e.clear(); }", "", "invariant");
    check("event e; finally e.is_set(); thread a { e.set(); } thread b { e.wait(); }", "", "");
}

#[test]
fn wait_blocks_while_it_is_not_set() {
    check("event e; thread a { e.wait(); }", "", "deadlock");
    check("event e; thread a { e.wait(); } thread b { e.wait(); }", "", "deadlock");
    check("event e; observe a.r; thread a { e.wait(); let r = 1; } thread b { e.set(); }", "1", "");
    check("event e; observe a.r; thread a { e.set(); e.wait(); e.wait(); let r = 1; }", "1", "");
    check(
        "event e; observe a.r, b.r; thread a { e.wait(); let r = 1; } thread b { e.wait(); let r = 1; } thread c { e.set(); }",
        "1,1",
        "",
    );
    check(
        "event e; observe a.r; thread a { e.set(); let r = e.is_set(); } thread b { e.wait(); e.clear(); }",
        "false true",
        "",
    );
    // A wait that blocks has not begun: the clear may come first.
    check("event e; observe a.r; thread a { e.wait(); let r = 1; } thread b { e.set(); e.clear(); }", "1", "deadlock");
    check(
        "event e; observe a.r; thread a { e.wait(); let r = e.is_set(); } thread b { e.set(); e.clear(); }",
        "false true",
        "deadlock",
    );
    check(
        "event e[2]; observe a.r; thread a { let i = 1; e[i].wait(); let r = e[0].is_set(); } thread b { e[1].set(); e[0].set(); }",
        "false true",
        "",
    );
}

#[test]
fn a_timed_wait_gives_whether_it_was_set() {
    check("event e; observe a.r; thread a { let r = e.wait_timeout(5ms); }", "false", "");
    check("event e; observe a.r; thread a { e.set(); let r = e.wait_timeout(5ms); }", "true", "");
    check("event e; observe a.r; thread a { let r = e.wait_timeout(5ms); } thread b { e.set(); }", "false true", "");
    check(
        "event e; observe a.r; thread a { let r = e.wait_timeout(5ms); } thread b { e.set(); e.clear(); }",
        "false true",
        "",
    );
    check(
        "event e; observe a.r, b.r; thread a { let r = e.wait_timeout(5ms); } thread b { let r = e.wait_timeout(1s); e.set(); }",
        "false,false true,false",
        "",
    );
    check(
        "event e; observe a.r; thread a { let r = e.wait_timeout(5ms); } thread b { e.wait(); } thread c { e.set(); }",
        "false true",
        "",
    );
    check(
        "event e; observe a.r; thread a { e.wait_timeout(5ms); let r = e.is_set(); } thread b { e.set(); }",
        "false true",
        "",
    );
}

#[test]
fn a_set_happens_before_the_waits_that_see_it() {
    check("event e; var x = 0; thread a { x = 1; e.set(); } thread b { e.wait(); x = 2; }", "", "");
    check("event e; var x = 0; thread a { x = 1; e.set(); } thread b { if e.wait_timeout(1ms) { x = 2; } }", "", "");
    check(
        "event e; var x = 0; thread a { x = 1; e.set(); } thread b { if !e.wait_timeout(1ms) { x = 2; } }",
        "",
        "race",
    );
    // A look orders nothing.
    check("event e; var x = 0; thread a { x = 1; e.set(); } thread b { if e.is_set() { x = 2; } }", "", "race");
    // Every earlier set counts, also where the event was cleared in between; a clear orders nothing.
    check(
        "event e; var x = 0; thread a { x = 1; e.set(); e.clear(); } thread b { e.wait(); x = 2; e.set(); }",
        "",
        "deadlock",
    );
    check(
        "event e; var x = 0;
         thread a { x = 1; e.set(); }
         thread b { a.join(); e.clear(); e.set(); }
         thread c { e.wait(); x = 2; }",
        "",
        "",
    );
    check(
        "event e; var x = 0; thread a { e.set(); e.wait(); x = 1; e.clear(); } thread b { e.wait(); x = 2; }",
        "",
        "deadlock race",
    );
}
