//! Watched values: what is new for whom, guards, closing, and each pair of operations.

use super::check::{check, check_both_ways};

/// Operations as numbers: 1 and 8 for `some` and `closed`.
const OPERATIONS: &str = "
    fn tell() { w.send(5); return 0; }
    fn look() { return w.borrow(); }
    fn see() { return w.borrow_and_update(); }
    fn is_new() { if w.has_changed() { return 1; } return 0; }
    fn news() { match w.changed() { some => { return 1; } closed => { return 8; } } }
    fn until() { match w.wait_for(5) { some => { return 1; } closed => { return 8; } } }
    fn close() { w.close(); return 0; }";

#[track_caller]
fn watch(declaration: &str, threads: &str, outcomes: &str, kinds: &str) {
    check(&format!("{declaration} {OPERATIONS} {threads}"), outcomes, kinds);
}

/// Two threads with one operation each.
#[track_caller]
fn pair(a: &str, b: &str, outcomes: &[(u8, u8)], kinds: &str) {
    let (a, b) = (format!("let r = {a}();"), format!("let r = {b}();"));
    check_both_ways(&format!("watch w = 3; {OPERATIONS}"), (&a, &b), outcomes, kinds);
}

#[test]
fn every_pair_of_operations() {
    pair("tell", "tell", &[(0, 0)], "");
    pair("tell", "look", &[(0, 3), (0, 5)], "");
    pair("tell", "see", &[(0, 3), (0, 5)], "");
    pair("tell", "is_new", &[(0, 0), (0, 1)], "");
    pair("tell", "news", &[(0, 1)], "");
    pair("tell", "until", &[(0, 1)], "");
    pair("tell", "close", &[(0, 0)], "misuse");
    for waits in ["news", "until"] {
        for other in ["look", "see", "is_new", "news", "until"] {
            pair(waits, other, &[], "deadlock");
        }
        pair(waits, "close", &[(8, 0)], "");
    }
    for looks in ["look", "see"] {
        pair(looks, "look", &[(3, 3)], "");
        pair(looks, "see", &[(3, 3)], "");
        pair(looks, "is_new", &[(3, 0)], "");
        pair(looks, "close", &[(3, 0)], "");
    }
    pair("is_new", "is_new", &[(0, 0)], "");
    pair("is_new", "close", &[(0, 0)], "");
    pair("close", "close", &[(0, 0)], "");
}

#[test]
fn what_a_thread_has_seen() {
    let one = "watch w = 3; observe a.r, a.s;";
    watch(one, "thread a { w.send(5); let r = news(); let s = is_new(); }", "1,0", "");
    watch(one, "thread a { w.send(5); let r = look(); let s = is_new(); }", "5,1", "");
    watch(one, "thread a { w.send(5); let r = see(); let s = is_new(); }", "5,0", "");
    watch(one, "thread a { w.send(5); let r = until(); let s = is_new(); }", "1,0", "");
    // The same value again is new, too.
    watch(one, "thread a { w.send(3); let r = news(); w.send(3); let s = news(); }", "1,1", "");
    watch(one, "thread a { w.send(5); let r = news(); let s = news(); }", "", "deadlock");
    // Each for itself.
    watch(
        "watch w = 3; observe b.r, d.r;",
        "thread a { w.send(5); } thread b { let r = news(); } thread d { let r = news(); }",
        "1,1",
        "",
    );
    // A slow one sees the latest value only.
    watch(
        "watch w = 0; observe b.r, b.s;",
        "thread a { w.send(1); w.send(2); } thread b { news(); let r = look(); let s = is_new(); }",
        "1,0 1,1 2,0 2,1",
        "",
    );
    watch(
        "watch w = 3; observe a.r;",
        "thread a { until(); let r = 1; } thread b { w.send(5); w.send(6); }",
        "1",
        "deadlock",
    );
}

#[test]
fn closing() {
    let one = "watch w = 3; observe a.r, a.s;";
    watch(one, "thread a { w.send(5); w.close(); let r = news(); let s = news(); }", "1,8", "");
    watch(one, "thread a { w.close(); let r = until(); let s = look(); }", "8,3", "");
    watch(one, "thread a { w.send(5); w.close(); let r = until(); let s = until(); }", "1,1", "");
    watch("watch w = 3;", "thread a { w.close(); w.send(5); }", "", "misuse");
    let by = "watch w = 3 closed by b; observe a.r;";
    watch(by, "thread a { let r = news(); } thread b { }", "8", "");
    watch(by, "thread a { let r = news(); } thread b { w.send(5); }", "1", "");
    watch(by, "thread a { let r = news(); } thread b[i in 0..0] { }", "8", "");
}

#[test]
fn each_operation_beside_the_end_that_closes_it() {
    for (operation, outcomes, kinds) in [
        ("tell", "0", "misuse"),
        ("look", "3", ""),
        ("see", "3", ""),
        ("is_new", "0", ""),
        ("news", "8", ""),
        ("until", "8", ""),
        ("close", "0", ""),
    ] {
        let threads = format!("thread a {{ let r = {operation}(); }} thread b {{ }}");
        watch("watch w = 3 closed by b; observe a.r;", &threads, outcomes, kinds);
    }
}

#[test]
fn values() {
    check("watch w = false; observe a.r; thread a { w.send(true); let r = w.borrow(); }", "true", "");
    check("watch w = 3; observe w; thread a { w.send(4); } thread b { w.send(5); }", "4 5", "");
    check("watch w = 0; always w <= 1; thread a { w.send(2); }", "", "invariant");
    check(
        "watch w[2] = 1; observe a.r; thread a { w[1].send(7); let r = 10 * w[0].borrow() + w[1].borrow(); }",
        "17",
        "",
    );
    check("watch w = 1; thread a { w.close(); w.changed(); assert w.wait_for(1) is some; }", "", "");
}

#[test]
fn a_send_orders_what_gives_its_value_and_nothing_else() {
    let races = |threads: &str, kinds: &str| watch("watch w = 3; var x = 0;", threads, "", kinds);
    races("thread a { x = 1; w.send(5); } thread b { if w.borrow() == 5 { x = 2; } }", "");
    races("thread a { x = 1; w.send(5); } thread b { if w.borrow_and_update() == 5 { x = 2; } }", "");
    races("thread a { x = 1; w.send(5); } thread b { w.changed(); x = 2; }", "");
    races("thread a { x = 1; w.send(5); } thread b { w.wait_for(5); x = 2; }", "");
    races("thread a { x = 1; w.send(5); } thread b { if w.has_changed() { x = 2; } }", "race");
    races("thread a { w.send(5); x = 1; } thread b { w.changed(); x = 2; }", "race");
    races("thread a { x = 1; w.borrow(); } thread b { w.send(5); x = 2; }", "race");
    races("thread a { x = 1; w.close(); } thread b { if w.changed() is closed { x = 2; } }", "");
    // Who sends later knows of what came before.
    races("thread a { x = 1; w.send(5); } thread b { w.send(6); if w.borrow_and_update() == 5 { x = 2; } }", "");
}
