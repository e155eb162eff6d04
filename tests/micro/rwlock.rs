//! Reader-writer locks: every ordered pair of operations, and what a thread does to itself.

use super::check::{check, check_pair, outcomes_of};

/// What one thread does with `l`; `r` is what it sees.
const READ: &str = "l.read(); let r = x.load() * 10 + x.load(); l.read_unlock();";
const WRITE: &str = "l.write(); let r = x.load(); x.store(r + 1); x.store(r + 2); l.write_unlock();";
const TRY_READ: &str = "let r = l.try_read(); if r { l.read_unlock(); }";
const TRY_WRITE: &str = "let r = l.try_write(); if r { l.write_unlock(); }";
const READ_UNLOCK: &str = "l.read_unlock(); let r = 0;";
const WRITE_UNLOCK: &str = "l.write_unlock(); let r = 0;";

#[track_caller]
fn pair(a: &str, b: &str, outcomes: &str, kinds: &str) {
    // Who goes first changes no pair.
    for lock in
        ["rwlock l;", "fifo rwlock l;", "option writer_preference; rwlock l;", "option reader_preference; rwlock l;"]
    {
        check_pair(&format!("{lock} atomic x = 0;"), (a, b), &outcomes_of(outcomes), kinds);
    }
}

#[test]
fn readers_share_and_writers_are_alone() {
    pair(READ, READ, "0,0", "");
    pair(READ, WRITE, "0,0 22,0", "");
    pair(WRITE, READ, "0,0 0,22", "");
    pair(WRITE, WRITE, "0,2 2,0", "");
}

#[test]
fn try_succeeds_where_the_operation_would_not_wait() {
    pair(TRY_READ, READ, "true,0", "");
    pair(READ, TRY_READ, "0,true", "");
    pair(TRY_READ, WRITE, "false,0 true,0", "");
    pair(WRITE, TRY_READ, "0,false 0,true", "");
    pair(TRY_WRITE, READ, "false,0 true,0", "");
    pair(READ, TRY_WRITE, "0,false 0,true", "");
    pair(TRY_WRITE, WRITE, "false,0 true,0", "");
    pair(WRITE, TRY_WRITE, "0,false 0,true", "");
    pair(TRY_READ, TRY_READ, "true,true", "");
    pair(TRY_READ, TRY_WRITE, "false,true true,false true,true", "");
    pair(TRY_WRITE, TRY_READ, "false,true true,false true,true", "");
    pair(TRY_WRITE, TRY_WRITE, "false,true true,false true,true", "");
}

#[test]
fn who_does_not_hold_it_gives_nothing_back() {
    for unlock in [READ_UNLOCK, WRITE_UNLOCK] {
        for other in [READ, WRITE, TRY_READ, TRY_WRITE, READ_UNLOCK, WRITE_UNLOCK] {
            pair(unlock, other, "", "misuse");
            pair(other, unlock, "", "misuse");
        }
    }
    // Each side is given back by its own name.
    check("rwlock l; thread a { l.read(); l.write_unlock(); }", "", "misuse");
    check("rwlock l; thread a { l.write(); l.read_unlock(); }", "", "misuse");
    check("rwlock l; thread a { l.read(); l.read_unlock(); l.read_unlock(); }", "", "misuse");
}

#[test]
fn a_reader_may_read_again_and_nothing_else() {
    check(
        "rwlock l; observe a.r; thread a { l.read(); l.read(); l.read_unlock(); let r = l.try_write(); l.read_unlock(); }",
        "false",
        "",
    );
    check("rwlock l; thread a { l.read(); l.write(); }", "", "deadlock");
    check("rwlock l; thread a { l.write(); l.read(); }", "", "deadlock");
    check("rwlock l; thread a { l.write(); l.write(); }", "", "deadlock");
    check("rwlock l; observe a.r; thread a { l.write(); let r = l.try_read(); l.write_unlock(); }", "false", "");
    // Both upgrade: each waits for the other, and for itself.
    check(
        "rwlock l; thread a { with l.read() { l.write(); } } thread b { with l.read() { l.write(); } }",
        "",
        "deadlock",
    );
}

#[test]
fn what_ends_holding_holds_for_ever() {
    check("rwlock l; thread a { l.read(); }", "", "misuse");
    check("rwlock l; thread a { l.write(); } thread b { l.read(); l.read_unlock(); }", "", "deadlock misuse");
    check("rwlock l; thread a { l.read(); } thread b { with l.read() { } }", "", "misuse");
    check("rwlock l; thread a { with l.read() { l.read(); } }", "", "misuse");
    check("rwlock l; thread a { with l.write() { panic; } } thread b { with l.write() { } }", "", "panic");
    check("rwlock l; thread a { with l.read() { panic; } } thread b { with l.write() { } }", "", "panic");
}

#[test]
fn writers_are_ordered_with_everybody_and_readers_only_with_writers() {
    let var = |a: &str, b: &str, kinds: &str| {
        let text = format!("rwlock l; var x = 0; thread a {{ {a} }} thread b {{ {b} }}");
        check(&text, "", kinds);
    };
    var("with l.write() { x = 1; }", "with l.read() { let r = x; }", "");
    var("with l.write() { x = 1; }", "with l.write() { x = 2; }", "");
    var("with l.read() { x = 1; }", "with l.read() { let r = x; }", "race");
    var("with l.read() { x = 1; }", "with l.write() { x = 2; }", "");
    // Two readers meet on the same lock, and that is no order.
    var("x = 1; with l.read() { }", "with l.read() { } x = 2;", "race");
    // A `try_write` that fails tells of a reader without an order; one that succeeds comes after the readers.
    var("x = 1; l.read(); l.read_unlock();", "if !l.try_write() { x = 2; } else { l.write_unlock(); }", "race");
    var("l.read(); x = 1; l.read_unlock();", "if l.try_write() { x = 2; l.write_unlock(); }", "");
    var("l.write(); x = 1; l.write_unlock();", "if l.try_read() { let r = x; l.read_unlock(); }", "");
}

#[test]
fn elements_of_an_array_are_locks_of_their_own() {
    check(
        "rwlock l[2]; atomic x = 0; observe x;
         thread t[i in 0..2] { with l[i].write() { let v = x.load(); x.store(v + 1); } }",
        "1 2",
        "",
    );
}
