//! One-shot channels: guards, the one value, closing, and each pair of operations.

use super::check::{check, check_both_ways};

/// Receives as numbers: the value, 6 for `none`, 7 for `timeout`, 8 for `closed`.
const RECEIVES: &str = "
    fn wait() { match o.recv() { some(v) => { return v; } closed => { return 8; } } }
    fn look() { match o.try_recv() { some(v) => { return v; } none => { return 6; } closed => { return 8; } } }
    fn timed() {
        match o.recv_timeout(1ms) { some(v) => { return v; } timeout => { return 7; } closed => { return 8; } }
    }
    fn close() { o.close(); return 0; }
    fn end() { return 0; }";

#[track_caller]
fn oneshot(declaration: &str, threads: &str, outcomes: &str, kinds: &str) {
    check(&format!("{declaration} {RECEIVES} {threads}"), outcomes, kinds);
}

/// Two threads with one operation each.
#[track_caller]
fn pair(a: &str, b: &str, outcomes: &[(&str, &str)], kinds: &str) {
    let (a, b) = (format!("let r = {a};"), format!("let r = {b};"));
    check_both_ways(&format!("oneshot o; {RECEIVES}"), (&a, &b), outcomes, kinds);
}

#[test]
fn every_pair_of_operations() {
    let send = "o.send(5)";
    pair(send, "o.send(4)", &[], "misuse");
    pair(send, "wait()", &[("true", "5")], "");
    pair(send, "look()", &[("true", "5"), ("true", "6")], "");
    pair(send, "timed()", &[("true", "5"), ("true", "7")], "");
    pair(send, "close()", &[("false", "0"), ("true", "0")], "");
    pair("wait()", "wait()", &[], "deadlock");
    pair("wait()", "look()", &[], "deadlock");
    pair("wait()", "timed()", &[], "deadlock");
    pair("wait()", "close()", &[("8", "0")], "");
    pair("look()", "look()", &[("6", "6")], "");
    pair("look()", "timed()", &[("6", "7")], "");
    pair("look()", "close()", &[("6", "0"), ("8", "0")], "");
    pair("timed()", "timed()", &[("7", "7")], "");
    pair("timed()", "close()", &[("7", "0"), ("8", "0")], "");
    pair("close()", "close()", &[("0", "0")], "");
}

#[test]
fn the_value_is_received_once() {
    let one = "oneshot o; observe a.r, a.s;";
    oneshot(one, "thread a { o.send(5); let r = wait(); let s = wait(); }", "5,8", "");
    oneshot(one, "thread a { o.send(5); let r = look(); let s = look(); }", "5,8", "");
    oneshot(one, "thread a { o.send(5); let r = timed(); let s = timed(); }", "5,8", "");
    let two = "oneshot o; observe a.r, b.s;";
    oneshot(two, "thread a { o.send(5); let r = wait(); } thread b { let s = wait(); }", "5,8 8,5", "");
    oneshot(two, "thread a { o.send(5); let r = wait(); } thread b { let s = look(); }", "5,6 5,8 8,5", "");
    oneshot(two, "thread a { o.send(5); let r = wait(); } thread b { let s = timed(); }", "5,7 5,8 8,5", "");
    check("oneshot o; observe a.r; thread a { o.send(true); let r = o.recv(); }", "true", "");
    oneshot("oneshot o; observe a.r;", "thread a { o.send(5); o.recv(); let r = o.recv(); }", "", "panic");
}

#[test]
fn closing() {
    let one = "oneshot o; observe a.r, a.s;";
    oneshot(one, "thread a { let r = o.send(5); o.close(); let s = wait(); }", "true,5", "");
    oneshot(one, "thread a { o.close(); let r = o.send(5); let s = wait(); }", "false,8", "");
    oneshot(one, "thread a { o.close(); let r = o.send(5); let s = o.send(5); }", "false,false", "");
    oneshot(one, "thread a { let r = o.send(5); o.close(); let s = o.send(5); }", "", "misuse");
    oneshot(one, "thread a { let r = o.send(5); o.recv(); let s = o.send(5); }", "", "misuse");
    // The end of the sender closes it, also by panic.
    let by = "oneshot o closed by b; observe a.r;";
    oneshot(by, "thread a { let r = wait(); } thread b { end(); }", "8", "");
    oneshot(by, "thread a { let r = wait(); } thread b { o.send(5); }", "5", "");
    oneshot(by, "thread a { let r = wait(); } thread b { panic; }", "", "panic");
    oneshot(by, "thread a { let r = look(); } thread b { o.send(5); }", "5 6", "");
    oneshot("oneshot o closed by b; observe a.r;", "thread a { let r = wait(); } thread b[i in 0..0] { }", "8", "");
    let both = "oneshot o closed by b; observe a.r;";
    oneshot(both, "thread a { let r = look(); } thread b[i in 0..2] { yield; }", "6 8", "");
    check(
        "oneshot o[2]; observe a.r; \
         thread a { let i = 1; o[i].send(3); o[0].close(); let r = o[1].recv(); assert o[0].recv() is closed; }",
        "3",
        "",
    );
}

#[test]
fn each_operation_beside_the_end_that_closes_it() {
    for (operation, outcomes) in
        [("o.send(5)", "false true"), ("wait()", "8"), ("look()", "6 8"), ("timed()", "7 8"), ("close()", "0")]
    {
        let threads = format!("thread a {{ let r = {operation}; }} thread b {{ }}");
        oneshot("oneshot o closed by b; observe a.r;", &threads, outcomes, "");
    }
}

#[test]
fn guards() {
    oneshot("oneshot o;", "thread a { o.recv(); }", "", "deadlock");
    oneshot("oneshot o; observe a.r;", "thread a { let r = o.recv_timeout(1ms); }", "", "panic");
    oneshot("oneshot o; observe a.r;", "thread a { let r = o.try_recv(); }", "", "panic");
    let inside = "observe a.r; thread a { let r = 0; atomically { if o.send(2) { r = 1; } if let some(v) = o.try_recv() { r += v; } } }";
    oneshot("oneshot o;", inside, "3", "");
}

#[test]
fn the_value_and_the_close_order_and_nothing_else_does() {
    let races = |threads: &str, kinds: &str| oneshot("oneshot o; var x = 0;", threads, "", kinds);
    races("thread a { x = 1; o.send(1); } thread b { o.recv(); x = 2; }", "");
    races("thread a { o.send(1); x = 1; } thread b { o.recv(); x = 2; }", "race");
    races("thread a { x = 1; o.send(1); } thread b { if o.try_recv() is some { x = 2; } }", "");
    races("thread a { x = 1; o.send(1); } thread b { if o.try_recv() is none { x = 2; } }", "race");
    races("thread a { x = 1; o.send(1); } thread b { if o.recv_timeout(1ms) is timeout { x = 2; } }", "race");
    races("thread a { x = 1; o.close(); } thread b { if o.recv() is closed { x = 2; } }", "");
    races("thread a { x = 1; o.close(); } thread b { if !o.send(1) { x = 2; } }", "race");
    // That somebody else has the value orders nothing.
    races("thread a { x = 1; o.recv(); } thread b { o.send(1); if o.recv() is closed { x = 2; } }", "race");
    oneshot(
        "oneshot o closed by a; var x = 0;",
        "thread a { x = 1; } thread b { if o.recv() is closed { x = 2; } }",
        "",
        "",
    );
}
