//! Broadcasts: everybody gets everything, lags, closing, and each pair of operations.

use super::check::{check, check_both_ways, check_endless};

/// Operations as numbers: the value, 6 for `none`, 7 for `timeout`, 8 for `closed`, and 10 more than were missed.
const OPERATIONS: &str = "
    fn tell() { c.send(5); return 0; }
    fn wait() { match c.recv() { some(v) => { return v; } failed(n) => { return 10 + n; } closed => { return 8; } } }
    fn look() {
        match c.try_recv() {
            some(v) => { return v; } failed(n) => { return 10 + n; } none => { return 6; } closed => { return 8; }
        }
    }
    fn timed() {
        match c.recv_timeout(1ms) {
            some(v) => { return v; } failed(n) => { return 10 + n; } timeout => { return 7; } closed => { return 8; }
        }
    }
    fn anew() { c.subscribe(); return 0; }
    fn count() { return c.len(); }
    fn close() { c.close(); return 0; }";

#[track_caller]
fn broadcast(declaration: &str, threads: &str, outcomes: &str, kinds: &str) {
    check(&format!("{declaration} {OPERATIONS} {threads}"), outcomes, kinds);
}

/// Two threads with one operation each.
#[track_caller]
fn pair(a: &str, b: &str, outcomes: &[(u8, u8)], kinds: &str) {
    let (a, b) = (format!("let r = {a}();"), format!("let r = {b}();"));
    check_both_ways(&format!("broadcast c(1); {OPERATIONS}"), (&a, &b), outcomes, kinds);
}

#[test]
fn every_pair_of_operations() {
    pair("tell", "tell", &[(0, 0)], "");
    pair("tell", "wait", &[(0, 5)], "");
    pair("tell", "look", &[(0, 5), (0, 6)], "");
    pair("tell", "timed", &[(0, 5), (0, 7)], "");
    pair("tell", "anew", &[(0, 0)], "");
    pair("tell", "count", &[(0, 0)], "");
    pair("tell", "close", &[(0, 0)], "misuse");
    for other in ["wait", "look", "timed", "anew", "count"] {
        pair("wait", other, &[], "deadlock");
    }
    pair("wait", "close", &[(8, 0)], "");
    pair("look", "look", &[(6, 6)], "");
    pair("look", "timed", &[(6, 7)], "");
    pair("look", "anew", &[(6, 0)], "");
    pair("look", "count", &[(6, 0)], "");
    pair("look", "close", &[(6, 0), (8, 0)], "");
    pair("timed", "timed", &[(7, 7)], "");
    pair("timed", "anew", &[(7, 0)], "");
    pair("timed", "count", &[(7, 0)], "");
    pair("timed", "close", &[(7, 0), (8, 0)], "");
    for one in ["anew", "count", "close"] {
        for other in ["anew", "count", "close"] {
            pair(one, other, &[(0, 0)], "");
        }
    }
}

#[test]
fn everybody_gets_everything() {
    broadcast(
        "broadcast c(2); observe b.r, b.s, d.r, d.s;",
        "thread a { c.send(1); c.send(2); }
         thread b { let r = wait(); let s = wait(); }
         thread d { let r = wait(); let s = wait(); }",
        "1,2,1,2",
        "",
    );
    broadcast("broadcast c(1); observe a.r;", "thread a { c.send(5); let r = wait(); }", "5", "");
    check(
        "broadcast c[2](1); observe a.r; thread a { c[1].send(3); c[0].send(4); let r = c[1].recv() * 10 + c[0].recv(); }",
        "34",
        "",
    );
    broadcast("broadcast c(1);", "thread a { c.recv(); }", "", "deadlock");
    broadcast("broadcast c(1);", "thread a { let v = c.try_recv(); }", "", "panic");
}

#[test]
fn who_is_slow_misses_the_oldest() {
    let three = "observe a.r, a.s, a.t; thread a { c.send(1); c.send(2); c.send(3);";
    broadcast("broadcast c(1);", &format!("{three} let r = wait(); let s = wait(); let t = look(); }}"), "12,3,6", "");
    broadcast("broadcast c(2);", &format!("{three} let r = timed(); let s = wait(); let t = wait(); }}"), "11,2,3", "");
    broadcast("broadcast c(3);", &format!("{three} let r = look(); let s = wait(); let t = wait(); }}"), "1,2,3", "");
    // What is missed behind the notice is missed anew.
    broadcast(
        "broadcast c(1); observe a.r, a.s, a.t;",
        "thread a { c.send(1); c.send(2); let r = wait(); c.send(3); let s = wait(); let t = wait(); }",
        "11,11,3",
        "",
    );
    broadcast(
        "broadcast c(1); observe b.r;",
        "thread a { c.send(1); c.send(2); } thread b { let r = wait(); }",
        "1 11",
        "",
    );
    broadcast("broadcast c(1);", "thread a { c.send(1); c.send(2); let v = c.recv(); }", "", "panic");
    // Nobody counts: the number of states is finite.
    check_endless(
        "broadcast c(1); thread a { loop { c.send(1); } } thread b { loop { if c.recv() is closed { } } }",
        "",
        "",
    );
}

#[test]
fn subscribing_anew_forgets() {
    let one = "broadcast c(1); observe a.r;";
    broadcast(one, "thread a { c.send(1); c.subscribe(); let r = look(); }", "6", "");
    broadcast(one, "thread a { c.send(1); c.send(2); c.subscribe(); c.send(3); let r = wait(); }", "3", "");
    broadcast(one, "thread a { c.send(1); c.close(); c.subscribe(); let r = wait(); }", "8", "");
    // What is sent before it is not heard, and what is sent behind it is, whoever was first so far.
    broadcast(
        "broadcast c(1); atomic gone = 0; observe a.r, b.late;",
        "thread a { gone.store(1); c.subscribe(); b.join(); let r = look(); }
         thread b { let late = gone.load(); c.send(5); }",
        "5,0 5,1 6,0 6,1",
        "",
    );
}

#[test]
fn it_keeps_what_somebody_has_still_to_get() {
    let one = "observe a.r, a.s; thread a {";
    broadcast(
        "broadcast c(2);",
        &format!("{one} c.send(1); c.send(2); let r = count(); wait(); let s = count(); }}"),
        "2,1",
        "",
    );
    broadcast(
        "broadcast c(1);",
        &format!("{one} c.send(1); c.send(2); let r = count(); wait(); let s = count(); }}"),
        "1,1",
        "",
    );
    broadcast(
        "broadcast c(2);",
        &format!("{one} c.send(1); let r = count(); c.subscribe(); let s = count(); wait(); }}"),
        "",
        "deadlock",
    );
    check("broadcast c(2); always c.len() == 0; thread a { c.send(1); c.recv(); }", "", "invariant");
}

#[test]
fn closing() {
    let one = "broadcast c(1); observe a.r, a.s;";
    broadcast(one, "thread a { c.send(1); c.close(); let r = wait(); let s = wait(); }", "1,8", "");
    broadcast(one, "thread a { c.send(1); c.send(2); c.close(); let r = wait(); let s = look(); }", "11,2", "");
    broadcast("broadcast c(1);", "thread a { c.close(); c.send(1); }", "", "misuse");
    let by = "broadcast c(1) closed by b; observe a.r;";
    broadcast(by, "thread a { let r = wait(); } thread b { }", "8", "");
    broadcast(by, "thread a { let r = wait(); } thread b { c.send(1); }", "1", "");
}

#[test]
fn each_operation_beside_the_end_that_closes_it() {
    for (operation, outcomes, kinds) in [
        ("tell", "0", "misuse"),
        ("wait", "8", ""),
        ("look", "6 8", ""),
        ("timed", "7 8", ""),
        ("anew", "0", ""),
        ("count", "0", ""),
        ("close", "0", ""),
    ] {
        let threads = format!("thread a {{ let r = {operation}(); }} thread b {{ }}");
        broadcast("broadcast c(1) closed by b; observe a.r;", &threads, outcomes, kinds);
    }
}

#[test]
fn a_send_orders_the_receives_of_its_value_and_nothing_else() {
    let races = |threads: &str, kinds: &str| broadcast("broadcast c(1); var x = 0;", threads, "", kinds);
    races("thread a { x = 1; c.send(1); } thread b { c.recv(); x = 2; }", "");
    races("thread a { x = 1; c.send(1); } thread b { if c.try_recv() is some { x = 2; } }", "");
    races("thread a { x = 1; c.send(1); } thread b { if c.try_recv() is none { x = 2; } }", "race");
    races("thread a { x = 1; c.send(1); c.send(2); } thread b { if c.recv() is failed { x = 2; } }", "race");
    races("thread a { c.send(1); x = 1; c.send(2); } thread b { if c.recv() is failed { c.recv(); x = 2; } }", "");
    races("thread a { x = 1; c.recv(); } thread b { c.send(1); x = 2; }", "race");
    races("thread a { x = 1; c.close(); } thread b { if c.recv() is closed { x = 2; } }", "");
    races(
        "thread a { x = 1; c.send(1); } thread b { c.recv(); } thread d { c.recv(); if c.len() == 0 { x = 2; } }",
        "",
    );
    races("thread a { x = 1; c.recv(); } thread b { c.send(1); if c.len() == 0 { x = 2; } }", "race");
}
