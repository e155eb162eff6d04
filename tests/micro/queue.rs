//! Queues: guards, orders, unfinished items, and each pair of operations.

use super::check::{Row, check, check_endless, check_pairs};

#[test]
fn what_comes_out_next() {
    let three = "thread a { q.put(2); q.put(3); q.put(1); let x = q.get(); let y = q.get(); let z = q.get(); }";
    for (declaration, outcome) in [("queue q;", "2,3,1"), ("lifo queue q;", "1,3,2"), ("priority queue q(3);", "1,2,3")]
    {
        check(&format!("{declaration} observe a.x, a.y, a.z; {three}"), outcome, "");
    }
}

#[test]
fn guards() {
    check("queue q; thread a { q.get(); }", "", "deadlock");
    check("queue q(1); thread a { q.put(1); q.put(2); }", "", "deadlock");
    check("queue q; thread a { q.put(1); q.join(); }", "", "deadlock");
    check("queue q; thread a { q.join(); }", "", "");
    check("queue q; thread a { q.put(1); q.task_done(); q.join(); q.task_done(); }", "", "misuse");
    check("queue q(1); observe a.r, a.s; thread a { let r = q.try_put(1); let s = q.try_put(2); }", "true,false", "");
    check("queue q(1); observe a.r; thread a { q.put(1); let r = q.put_timeout(2, 1ms); }", "false", "");
    check("queue q; observe a.r; thread a { let r = q.try_get() is none; }", "true", "");
    check("queue q; observe a.r; thread a { let r = q.get_timeout(1ms) is timeout; }", "true", "");
    check("queue q; observe a.r; thread a { q.put(true); let r = q.get(); }", "true", "");
    check(
        "queue q(1); observe a.e, a.f; thread a { let e = q.is_empty(); q.put(1); let f = q.is_full(); }",
        "true,true",
        "",
    );
    check("queue q; thread a { let v = q.try_get(); }", "", "panic");
    check("queue q; always q.len() == 0; thread a { q.put(1); }", "", "invariant");
    check("queue q[2]; observe a.r; thread a { q[1].put(1); let r = q[0].len() * 10 + q[1].len(); }", "1", "");
}

/// What one thread does with `q`; `r` is what it sees.
const OPERATIONS: &[(&str, &str)] = &[
    ("put", "let r = 0; q.put(7);"),
    ("get", "let r = q.get();"),
    ("try_put", "let r = 0; if q.try_put(7) { r = 1; }"),
    ("try_get", "let r = 0; if let some(v) = q.try_get() { r = v; }"),
    ("put_timeout", "let r = 0; if q.put_timeout(7, 1ms) { r = 1; }"),
    ("get_timeout", "let r = 0; if let some(v) = q.get_timeout(1ms) { r = v; }"),
    ("len", "let r = q.len();"),
    ("is_empty", "let r = 0; if q.is_empty() { r = 1; }"),
    ("is_full", "let r = 0; if q.is_full() { r = 1; }"),
    ("task_done", "let r = 0; q.task_done();"),
    ("join", "let r = 0; q.join();"),
];

/// The same on every sort of queue: there is one item at most, or nobody takes one out.
#[track_caller]
fn pairs(room: &str, rows: &[Row<'_>]) {
    for sort in ["", "lifo ", "priority "] {
        check_pairs(&format!("{sort}queue q{room};"), OPERATIONS, rows);
    }
}

/// Room for one item, or for many: that makes no difference here.
const ANY_ROOM: &[Row<'_>] = &[
    ("put", "get", "0,7", ""),
    ("put", "try_get", "0,0 0,7", ""),
    ("put", "get_timeout", "0,0 0,7", ""),
    ("put", "len", "0,0 0,1", ""),
    ("put", "is_empty", "0,0 0,1", ""),
    ("put", "task_done", "0,0", "misuse"),
    ("put", "join", "0,0", "deadlock"),
    ("get", "get", "", "deadlock"),
    ("get", "try_put", "7,1", ""),
    ("get", "try_get", "", "deadlock"),
    ("get", "put_timeout", "7,1", ""),
    ("get", "get_timeout", "", "deadlock"),
    ("get", "len", "", "deadlock"),
    ("get", "is_empty", "", "deadlock"),
    ("get", "is_full", "", "deadlock"),
    ("get", "task_done", "", "deadlock misuse"),
    ("get", "join", "", "deadlock"),
    ("try_put", "try_get", "1,0 1,7", ""),
    ("try_put", "get_timeout", "1,0 1,7", ""),
    ("try_put", "len", "1,0 1,1", ""),
    ("try_put", "is_empty", "1,0 1,1", ""),
    ("try_put", "task_done", "1,0", "misuse"),
    ("try_put", "join", "1,0", "deadlock"),
    ("put_timeout", "try_get", "1,0 1,7", ""),
    ("put_timeout", "get_timeout", "1,0 1,7", ""),
    ("put_timeout", "len", "1,0 1,1", ""),
    ("put_timeout", "is_empty", "1,0 1,1", ""),
    ("put_timeout", "task_done", "1,0", "misuse"),
    ("put_timeout", "join", "1,0", "deadlock"),
    ("try_get", "try_get", "0,0", ""),
    ("try_get", "get_timeout", "0,0", ""),
    ("try_get", "len", "0,0", ""),
    ("try_get", "is_empty", "0,1", ""),
    ("try_get", "is_full", "0,0", ""),
    ("try_get", "task_done", "", "misuse"),
    ("try_get", "join", "0,0", ""),
    ("get_timeout", "get_timeout", "0,0", ""),
    ("get_timeout", "len", "0,0", ""),
    ("get_timeout", "is_empty", "0,1", ""),
    ("get_timeout", "is_full", "0,0", ""),
    ("get_timeout", "task_done", "", "misuse"),
    ("get_timeout", "join", "0,0", ""),
    ("len", "len", "0,0", ""),
    ("len", "is_empty", "0,1", ""),
    ("len", "is_full", "0,0", ""),
    ("len", "task_done", "", "misuse"),
    ("len", "join", "0,0", ""),
    ("is_empty", "is_empty", "1,1", ""),
    ("is_empty", "is_full", "1,0", ""),
    ("is_empty", "task_done", "", "misuse"),
    ("is_empty", "join", "1,0", ""),
    ("is_full", "is_full", "0,0", ""),
    ("is_full", "task_done", "", "misuse"),
    ("is_full", "join", "0,0", ""),
    ("task_done", "task_done", "", "misuse"),
    ("task_done", "join", "", "misuse"),
    ("join", "join", "0,0", ""),
];

#[test]
fn every_pair_where_there_is_room_for_one_item() {
    pairs("(1)", ANY_ROOM);
    pairs(
        "(1)",
        &[
            ("put", "put", "", "deadlock"),
            ("put", "try_put", "0,0", "deadlock"),
            ("put", "put_timeout", "0,0", "deadlock"),
            ("put", "is_full", "0,0 0,1", ""),
            ("try_put", "try_put", "0,1 1,0", ""),
            ("try_put", "put_timeout", "0,1 1,0", ""),
            ("try_put", "is_full", "1,0 1,1", ""),
            ("put_timeout", "put_timeout", "0,1 1,0", ""),
            ("put_timeout", "is_full", "1,0 1,1", ""),
        ],
    );
}

#[test]
fn every_pair_where_there_is_room_for_all() {
    pairs("", ANY_ROOM);
    pairs(
        "",
        &[
            ("put", "put", "0,0", ""),
            ("put", "try_put", "0,1", ""),
            ("put", "put_timeout", "0,1", ""),
            ("put", "is_full", "0,0", ""),
            ("try_put", "try_put", "1,1", ""),
            ("try_put", "put_timeout", "1,1", ""),
            ("try_put", "is_full", "1,0", ""),
            ("put_timeout", "put_timeout", "1,1", ""),
            ("put_timeout", "is_full", "1,0", ""),
        ],
    );
}

#[test]
fn several_operations_beside_others() {
    let pair = |a: &str, b: &str, outcomes: &str, kinds: &str| {
        check(
            &format!("queue q(1); observe a.r, b.s; thread a {{ let r = 0; {a} }} thread b {{ let s = 0; {b} }}"),
            outcomes,
            kinds,
        );
    };
    pair("r = q.get();", "q.put(1); q.put(2);", "1,0", "");
    pair("r = q.get();", "q.put(1); s = q.get();", "", "deadlock");
    pair("q.put(1); q.task_done();", "q.join(); s = q.len();", "0,0 0,1", "");
    pair("q.put(1); r = q.get(); q.task_done();", "q.join(); s = q.len();", "1,0 1,1", "");
}

#[test]
fn two_who_put_something_in_come_in_either_order() {
    // What the other one puts in comes before, between or behind; every sort of queue gives one of both then.
    for (a, b) in [
        ("put(6)", "put(7)"),
        ("put(6)", "try_put(7)"),
        ("put(6)", "put_timeout(7, 1ms)"),
        ("try_put(6)", "put_timeout(7, 1ms)"),
    ] {
        let threads = format!("thread a {{ q.{a}; }} thread b {{ q.{b}; let r = q.get(); let n = q.len(); }}");
        for sort in ["", "lifo ", "priority "] {
            for room in ["", "(2)"] {
                check(&format!("{sort}queue q{room}; observe b.r, b.n; {threads}"), "6,1 7,0 7,1", "");
            }
        }
    }
}

#[test]
fn what_comes_out_next_depends_on_who_is_quicker() {
    let gets = "thread a { q.put(2); q.put(1); } thread b { let r = 10 * q.get() + q.get(); }";
    // The first item is taken out before the second one is put in, or both are there.
    for (sort, outcomes) in [("", "21"), ("lifo ", "12 21"), ("priority ", "12 21")] {
        check(&format!("{sort}queue q; observe b.r; {gets}"), outcomes, "");
        check(&format!("{sort}queue q(2); observe b.r; {gets}"), outcomes, "");
        check(&format!("{sort}queue q(1); observe b.r; {gets}"), "21", "");
    }
}

#[test]
fn every_operation_happens_before_each_later_one() {
    check("var x = 0; queue q; thread a { x = 1; q.put(1); } thread b { q.get(); x = 2; }", "", "");
    check("var x = 0; queue q; thread a { x = 1; q.put(1); } thread b { if q.len() == 1 { x = 2; } }", "", "");
    check("var x = 0; queue q; thread a { q.put(1); x = 1; } thread b { q.get(); x = 2; }", "", "race");
    check("var x = 0; queue q; thread a { q.put(1); x = 1; q.task_done(); } thread b { q.join(); x = 2; }", "", "race");
    check(
        "var x = 0; queue q; thread a { q.put(1); x = 1; q.task_done(); } thread b { q.get(); q.join(); x = 2; }",
        "",
        "",
    );
}

#[test]
fn items_are_counted_only_where_somebody_asks() {
    // Otherwise this loop would have no end of states.
    check_endless("queue q(1); thread a { loop { q.put(1); } } thread b { loop { q.get(); } }", "", "");
}
