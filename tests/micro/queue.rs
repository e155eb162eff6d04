//! Queues: guards, orders, unfinished items, and each pair of operations.

use super::check::{check, check_endless};

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

/// One thread does `a`, another `b`; both note what they saw.
#[track_caller]
fn pair(queue: &str, a: &str, b: &str, outcomes: &str, kinds: &str) {
    check(
        &format!("{queue} observe a.r, b.s; thread a {{ let r = 0; {a} }} thread b {{ let s = 0; {b} }}"),
        outcomes,
        kinds,
    );
}

#[test]
fn every_pair_beside_a_put() {
    let put = "q.put(7);";
    for (other, outcomes, kinds) in [
        ("q.put(8);", "", "deadlock"),
        ("s = q.get();", "0,7", ""),
        ("if q.try_put(8) { s = 1; }", "0,0", "deadlock"),
        ("if q.put_timeout(8, 1ms) { s = 1; }", "0,0", "deadlock"),
        ("if let some(v) = q.try_get() { s = v; }", "0,0 0,7", ""),
        ("if let some(v) = q.get_timeout(1ms) { s = v; }", "0,0 0,7", ""),
        ("s = q.len();", "0,0 0,1", ""),
        ("if q.is_empty() { s = 1; }", "0,0 0,1", ""),
        ("if q.is_full() { s = 1; }", "0,0 0,1", ""),
        ("q.join();", "0,0", "deadlock"),
        ("q.task_done();", "0,0", "misuse"),
    ] {
        pair("queue q(1);", put, other, outcomes, kinds);
    }
}

#[test]
fn every_pair_beside_a_get() {
    let get = "r = q.get();";
    for (other, outcomes, kinds) in [
        ("s = q.get();", "", "deadlock"),
        ("if q.try_put(8) { s = 1; }", "8,1", ""),
        ("if q.put_timeout(8, 1ms) { s = 1; }", "8,1", ""),
        ("if let some(v) = q.try_get() { s = v; }", "", "deadlock"),
        ("s = q.len();", "", "deadlock"),
        ("if q.is_empty() { s = 1; }", "", "deadlock"),
        ("if q.is_full() { s = 1; }", "", "deadlock"),
        ("if let some(v) = q.get_timeout(1ms) { s = v; }", "", "deadlock"),
        ("q.join();", "", "deadlock"),
        ("q.task_done();", "", "deadlock misuse"),
        ("q.put(1); q.put(2);", "1,0", ""),
        ("q.put(1); s = q.get();", "", "deadlock"),
    ] {
        pair("queue q(1);", get, other, outcomes, kinds);
    }
}

#[test]
fn the_rest_of_the_pairs() {
    let full = "queue q(1);";
    pair(full, "if q.try_put(1) { r = 1; }", "if q.try_put(2) { s = 1; }", "0,1 1,0", "");
    pair(full, "if q.put_timeout(1, 1ms) { r = 1; }", "if q.put_timeout(2, 1ms) { s = 1; }", "0,1 1,0", "");
    pair(full, "if q.try_put(1) { r = 1; }", "if let some(v) = q.try_get() { s = v; }", "1,0 1,1", "");
    pair(full, "if q.try_put(1) { r = 1; }", "if let some(v) = q.get_timeout(1ms) { s = v; }", "1,0 1,1", "");
    pair(full, "q.task_done();", "q.task_done();", "", "misuse");
    pair(full, "q.put(1); q.task_done();", "q.join(); s = q.len();", "0,0 0,1", "");
    pair(full, "q.put(1); r = q.get(); q.task_done();", "q.join(); s = q.len();", "1,0 1,1", "");
    pair(full, "q.join();", "q.join();", "0,0", "");
}

/// An operation on a queue for one item, as text; `$` stands for the local that notes what it saw.
const OPERATIONS: [(&str, &str); 9] = [
    ("try_put", "if q.try_put(1) { $ = 1; }"),
    ("put_timeout", "if q.put_timeout(1, 1ms) { $ = 1; }"),
    ("try_get", "if let some(v) = q.try_get() { $ = v; }"),
    ("get_timeout", "if let some(v) = q.get_timeout(1ms) { $ = v; }"),
    ("len", "$ = q.len();"),
    ("is_empty", "if q.is_empty() { $ = 1; }"),
    ("is_full", "if q.is_full() { $ = 1; }"),
    ("task_done", "q.task_done();"),
    ("join", "q.join();"),
];

/// Two operations, what they see, and what is found.
type Row = (&'static str, &'static str, Seen, &'static str);
type Seen = &'static [(&'static str, &'static str)];

const NOTHING: Seen = &[("0", "0")];

#[test]
fn every_pair_that_need_not_wait() {
    let table: &[Row] = &[
        ("try_put", "put_timeout", &[("0", "1"), ("1", "0")], ""),
        ("try_put", "len", &[("1", "0"), ("1", "1")], ""),
        ("try_put", "is_empty", &[("1", "0"), ("1", "1")], ""),
        ("try_put", "is_full", &[("1", "0"), ("1", "1")], ""),
        ("try_put", "task_done", &[("1", "0")], "misuse"),
        ("try_put", "join", &[("1", "0")], "deadlock"),
        ("put_timeout", "try_get", &[("1", "0"), ("1", "1")], ""),
        ("put_timeout", "get_timeout", &[("1", "0"), ("1", "1")], ""),
        ("put_timeout", "len", &[("1", "0"), ("1", "1")], ""),
        ("put_timeout", "is_empty", &[("1", "0"), ("1", "1")], ""),
        ("put_timeout", "is_full", &[("1", "0"), ("1", "1")], ""),
        ("put_timeout", "task_done", &[("1", "0")], "misuse"),
        ("put_timeout", "join", &[("1", "0")], "deadlock"),
        ("try_get", "try_get", NOTHING, ""),
        ("try_get", "get_timeout", NOTHING, ""),
        ("try_get", "len", NOTHING, ""),
        ("try_get", "is_empty", &[("0", "1")], ""),
        ("try_get", "is_full", NOTHING, ""),
        ("try_get", "task_done", &[], "misuse"),
        ("try_get", "join", NOTHING, ""),
        ("get_timeout", "get_timeout", NOTHING, ""),
        ("get_timeout", "len", NOTHING, ""),
        ("get_timeout", "is_empty", &[("0", "1")], ""),
        ("get_timeout", "is_full", NOTHING, ""),
        ("get_timeout", "task_done", &[], "misuse"),
        ("get_timeout", "join", NOTHING, ""),
        ("len", "len", NOTHING, ""),
        ("len", "is_empty", &[("0", "1")], ""),
        ("len", "is_full", NOTHING, ""),
        ("len", "task_done", &[], "misuse"),
        ("len", "join", NOTHING, ""),
        ("is_empty", "is_empty", &[("1", "1")], ""),
        ("is_empty", "is_full", &[("1", "0")], ""),
        ("is_empty", "task_done", &[], "misuse"),
        ("is_empty", "join", &[("1", "0")], ""),
        ("is_full", "is_full", NOTHING, ""),
        ("is_full", "task_done", &[], "misuse"),
        ("is_full", "join", NOTHING, ""),
        ("task_done", "join", &[], "misuse"),
    ];
    let text = |name: &str, local: &str| {
        let found = OPERATIONS.iter().find(|(known, _)| *known == name);
        found.map(|(_, text)| text.replace('$', local)).unwrap_or_default()
    };
    let list = |tuples: Vec<(&str, &str)>| {
        let mut words: Vec<String> = tuples.into_iter().map(|(r, s)| format!("{r},{s}")).collect();
        words.sort();
        words.join(" ")
    };
    for (a, b, outcomes, kinds) in table {
        pair("queue q(1);", &text(a, "r"), &text(b, "s"), &list(outcomes.to_vec()), kinds);
        let turned = outcomes.iter().map(|(r, s)| (*s, *r)).collect();
        pair("queue q(1);", &text(b, "r"), &text(a, "s"), &list(turned), kinds);
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
