//! Channels: receiving with a time-out, against every other operation. The others are in `basics`.

use super::check::check;

/// `recv_timeout` as a number: the message, 7 for `timeout`, 8 for `closed`.
const TIMED: &str = "fn timed() { match c.recv_timeout(1ms) { some(v) => { return v; } timeout => { return 7; } closed => { return 8; } } }";

#[track_caller]
fn timed(channel: &str, threads: &str, outcomes: &str, kinds: &str) {
    check(&format!("{channel} {TIMED} {threads}"), outcomes, kinds);
}

#[test]
fn a_time_out_fires_only_where_nothing_is_there() {
    timed("channel c;", "observe a.r; thread a { let r = timed(); }", "7", "");
    timed("channel c;", "observe a.r; thread a { c.send(1); let r = timed(); }", "1", "");
    timed("channel c;", "observe a.r; thread a { c.close(); let r = timed(); }", "8", "");
    timed("channel c;", "observe a.r; thread a { c.send(1); c.close(); let r = timed(); }", "1", "");
    timed("channel c(0);", "observe a.r; thread a { let r = timed(); }", "7", "");
    timed("channel c(0);", "observe a.r; thread a { c.close(); let r = timed(); }", "8", "");
}

#[test]
fn beside_each_other_operation() {
    let channel = "channel c(1); observe a.r, b.s;";
    for (other, outcomes, kinds) in [
        ("let s = 0; c.send(1);", "1,0 7,0", ""),
        ("let s = c.try_send(1);", "1,true 7,true", ""),
        ("let s = timed();", "7,7", ""),
        ("let s = c.try_recv() is none;", "7,true", ""),
        ("let s = 0; c.close();", "7,0 8,0", ""),
        ("let s = c.len();", "7,0", ""),
        ("let s = 0; c.recv();", "", "deadlock"),
    ] {
        timed(channel, &format!("thread a {{ let r = timed(); }} thread b {{ {other} }}"), outcomes, kinds);
    }
    // Two receivers, one message: the other one's time-out fires, or it gets what the first left.
    timed(channel, "thread a { let r = timed(); } thread b { c.send(1); let s = timed(); }", "1,7 7,1", "");
    timed(
        channel,
        "thread a { let r = timed(); } thread b { let s = 0; c.send(1); if c.try_recv() is some { s = 1; } }",
        "1,0 7,1",
        "",
    );
    timed(channel, "thread a { let r = timed(); } thread b { c.send(1); let s = c.len(); }", "1,0 1,1 7,1", "");
    timed(channel, "thread a { let r = timed(); } thread b { c.send(1); let s = c.recv(); }", "7,1", "deadlock");
}

#[test]
fn at_a_rendezvous_the_receiver_has_arrived() {
    let channel = "channel c(0); observe a.r, b.s;";
    for (other, outcomes, kinds) in [
        ("let s = 0; c.send(1);", "1,0", "deadlock"),
        ("let s = c.try_send(1);", "1,true 7,false", ""),
        ("let s = timed();", "7,7", ""),
        ("let s = c.try_recv() is none;", "7,true", ""),
        ("let s = 0; c.close();", "7,0 8,0", ""),
        ("let s = c.len();", "7,0", ""),
        ("let s = 0; c.recv();", "", "deadlock"),
    ] {
        timed(channel, &format!("thread a {{ let r = timed(); }} thread b {{ {other} }}"), outcomes, kinds);
    }
}

#[test]
fn a_time_out_orders_nothing() {
    let threads = "var x = 0; thread a { x = 1; c.send(1); } thread b { if c.recv_timeout(1ms) is timeout { x = 2; } }";
    timed("channel c;", threads, "", "race");
    let threads = "var x = 0; thread a { x = 1; c.send(1); } thread b { if c.recv_timeout(1ms) is some { x = 2; } }";
    timed("channel c;", threads, "", "");
}
