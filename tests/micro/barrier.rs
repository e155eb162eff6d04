//! Every ordered pair of operations on a barrier, and what it orders.

use super::check::check;

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
