//! Channels of every sort: each pair of operations, and receiving with a time-out. What else they do is in `basics`.

use super::check::{Row, check, check_pairs};

/// What one thread does with `c`; `r` is what it sees: the message, 6 for `none`, 7 for `timeout`, 8 for `closed`.
const OPERATIONS: &[(&str, &str)] = &[
    ("send", "let r = 0; c.send(5);"),
    ("recv", "let r = 8; if let some(v) = c.recv() { r = v; }"),
    ("try_send", "let r = 0; if c.try_send(5) { r = 1; }"),
    ("try_recv", "let r = 0; match c.try_recv() { some(v) => { r = v; } none => { r = 6; } closed => { r = 8; } }"),
    (
        "recv_timeout",
        "let r = 0; match c.recv_timeout(1ms) { some(v) => { r = v; } timeout => { r = 7; } closed => { r = 8; } }",
    ),
    ("close", "let r = 0; c.close();"),
    ("len", "let r = c.len();"),
];

/// Whatever a channel holds.
const OF_ANY_SORT: &[Row<'_>] = &[
    ("send", "recv", "0,5", ""),
    ("recv", "recv", "", "deadlock"),
    ("recv", "try_recv", "", "deadlock"),
    ("recv", "recv_timeout", "", "deadlock"),
    ("recv", "close", "8,0", ""),
    ("recv", "len", "", "deadlock"),
    ("try_recv", "try_recv", "6,6", ""),
    ("try_recv", "recv_timeout", "6,7", ""),
    ("try_recv", "close", "6,0 8,0", ""),
    ("try_recv", "len", "6,0", ""),
    ("recv_timeout", "recv_timeout", "7,7", ""),
    ("recv_timeout", "close", "7,0 8,0", ""),
    ("recv_timeout", "len", "7,0", ""),
    ("close", "close", "0,0", ""),
    ("close", "len", "0,0", ""),
    ("len", "len", "0,0", ""),
];

/// Where there is room for one message at least.
const WITH_ROOM: &[Row<'_>] = &[
    ("send", "try_recv", "0,5 0,6", ""),
    ("send", "recv_timeout", "0,5 0,7", ""),
    ("send", "close", "0,0", "misuse"),
    ("send", "len", "0,0 0,1", ""),
    ("recv", "try_send", "5,1", ""),
    ("try_send", "try_recv", "1,5 1,6", ""),
    ("try_send", "recv_timeout", "1,5 1,7", ""),
    ("try_send", "close", "1,0", "misuse"),
    ("try_send", "len", "1,0 1,1", ""),
];

#[test]
fn every_pair_without_a_bound() {
    check_pairs("channel c;", OPERATIONS, OF_ANY_SORT);
    check_pairs("channel c;", OPERATIONS, WITH_ROOM);
    check_pairs(
        "channel c;",
        OPERATIONS,
        &[("send", "send", "0,0", ""), ("send", "try_send", "0,1", ""), ("try_send", "try_send", "1,1", "")],
    );
}

#[test]
fn every_pair_with_room_for_one() {
    check_pairs("channel c(1);", OPERATIONS, OF_ANY_SORT);
    check_pairs("channel c(1);", OPERATIONS, WITH_ROOM);
    check_pairs(
        "channel c(1);",
        OPERATIONS,
        &[
            ("send", "send", "", "deadlock"),
            // Whoever comes first has the room.
            ("send", "try_send", "0,0", "deadlock"),
            ("try_send", "try_send", "0,1 1,0", ""),
        ],
    );
}

#[test]
fn every_pair_at_a_rendezvous() {
    check_pairs("channel c(0);", OPERATIONS, OF_ANY_SORT);
    check_pairs(
        "channel c(0);",
        OPERATIONS,
        &[
            ("send", "send", "", "deadlock"),
            ("send", "try_send", "", "deadlock"),
            // A sender that comes too late waits for ever.
            ("send", "try_recv", "0,5", "deadlock"),
            ("send", "recv_timeout", "0,5", "deadlock"),
            // Nobody takes what it has: closed before, it is misuse at once, and after, in its second step.
            ("send", "close", "", "misuse"),
            ("send", "len", "", "deadlock"),
            ("recv", "try_send", "5,1", "deadlock"),
            ("try_send", "try_send", "0,0", ""),
            // Neither of them ever waits there.
            ("try_send", "try_recv", "0,6", ""),
            ("try_send", "recv_timeout", "0,7 1,5", ""),
            ("try_send", "close", "0,0", "misuse"),
            ("try_send", "len", "0,0", ""),
        ],
    );
}

#[test]
fn two_senders_come_in_either_order() {
    // What the other one sends comes before, between or behind.
    for (a, b) in [("send(6)", "send(7)"), ("send(6)", "try_send(7)"), ("try_send(6)", "try_send(7)")] {
        for channel in ["channel c", "channel c(2)"] {
            let threads = format!("thread a {{ c.{a}; }} thread b {{ c.{b}; let r = c.recv(); let n = c.len(); }}");
            check(&format!("{channel}; observe b.r, b.n; {threads}"), "6,1 7,0 7,1", "");
        }
    }
}

#[test]
fn each_operation_beside_the_end_that_closes_it() {
    let beside = |channel: &str, rows: &[(&str, &str, &str)]| {
        for (name, outcomes, kinds) in rows {
            let operation = OPERATIONS.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text);
            let text = format!("{channel} closed by b; observe a.r; thread a {{ {operation} }} thread b {{ }}");
            check(&text, outcomes, kinds);
        }
    };
    for channel in ["channel c", "channel c(1)", "channel c(0)"] {
        beside(
            channel,
            &[
                ("recv", "8", ""),
                ("try_recv", "6 8", ""),
                ("recv_timeout", "7 8", ""),
                ("close", "0", ""),
                ("len", "0", ""),
            ],
        );
    }
    for channel in ["channel c", "channel c(1)"] {
        beside(channel, &[("send", "0", "misuse"), ("try_send", "1", "misuse")]);
    }
    beside("channel c(0)", &[("send", "", "misuse"), ("try_send", "0", "misuse")]);
}

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
fn beside_somebody_else_who_receives_the_one_message() {
    let channel = "channel c(1); observe a.r, b.s;";
    // The other one's time-out fires, or it gets what the first left.
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
fn a_time_out_orders_nothing() {
    let threads = "var x = 0; thread a { x = 1; c.send(1); } thread b { if c.recv_timeout(1ms) is timeout { x = 2; } }";
    timed("channel c;", threads, "", "race");
    let threads = "var x = 0; thread a { x = 1; c.send(1); } thread b { if c.recv_timeout(1ms) is some { x = 2; } }";
    timed("channel c;", threads, "", "");
}
