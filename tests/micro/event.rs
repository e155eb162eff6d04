//! Every ordered pair of operations on an event, and what it orders.

use super::check::check;

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
