//! Mutexes of every sort: every ordered pair of operations, and what a holder does to itself.

use super::check::{check, check_pair, check_pairs, outcomes_of};

/// What one thread does with `m`; `r` is what it sees.
const LOCK: &str = "m.lock(); let r = x.load(); x.store(r + 1); m.unlock();";
const TRY: &str = "let r = m.try_lock(); if r { m.unlock(); }";
const TIMED: &str = "let r = m.lock_timeout(5ms); if r { m.unlock(); }";
const LOOK: &str = "let r = m.is_locked();";
const UNLOCK: &str = "m.unlock(); let r = 0;";

/// The same on both sorts of mutex: one level is held like a plain one.
#[track_caller]
fn pair(a: &str, b: &str, outcomes: &str, kinds: &str) {
    for sort in ["", "reentrant "] {
        check_pair(&format!("{sort}mutex m; atomic x = 0;"), (a, b), &outcomes_of(outcomes), kinds);
    }
}

#[test]
fn one_holds_and_the_others_wait_or_do_without() {
    pair(LOCK, LOCK, "0,1 1,0", "");
    for attempt in [TRY, TIMED] {
        pair(LOCK, attempt, "0,false 0,true", "");
        pair(attempt, LOCK, "false,0 true,0", "");
        for other in [TRY, TIMED] {
            pair(attempt, other, "false,true true,false true,true", "");
        }
        pair(attempt, LOOK, "true,false true,true", "");
        pair(LOOK, attempt, "false,true true,true", "");
    }
    pair(LOCK, LOOK, "0,false 0,true", "");
    pair(LOOK, LOCK, "false,0 true,0", "");
    pair(LOOK, LOOK, "false,false", "");
}

#[test]
fn only_the_holder_unlocks() {
    for other in [LOCK, TRY, TIMED, LOOK, UNLOCK] {
        pair(UNLOCK, other, "", "misuse");
        pair(other, UNLOCK, "", "misuse");
    }
}

#[test]
fn a_time_out_fires_exactly_where_the_lock_would_wait() {
    check("mutex m; observe a.r; thread a { let r = m.lock_timeout(1s); m.unlock(); }", "true", "");
    check("mutex m; observe a.r; thread a { m.lock(); let r = m.lock_timeout(1s); m.unlock(); }", "false", "");
    // Nobody who can time out is part of a deadlock.
    check(
        "mutex m; mutex n; observe a.r, b.r;
         thread a { m.lock(); let r = n.lock_timeout(1s); if r { n.unlock(); } m.unlock(); }
         thread b { n.lock(); let r = m.lock_timeout(1s); if r { m.unlock(); } n.unlock(); }",
        "false,false false,true true,false true,true",
        "",
    );
    // A time-out tells that somebody holds the lock, and orders nothing.
    check(
        "mutex m; var x = 0;
         thread a { x = 1; m.lock(); m.unlock(); }
         thread b { if !m.lock_timeout(1s) { let r = x; } else { m.unlock(); } }",
        "",
        "race",
    );
}

#[test]
fn the_owner_of_a_reentrant_mutex_locks_it_again() {
    check("mutex m; thread a { m.lock(); m.lock(); }", "", "deadlock");
    check("reentrant mutex m; thread a { m.lock(); m.lock(); m.unlock(); m.unlock(); }", "", "");
    check("reentrant mutex m; thread a { with m { with m { with m { } } } }", "", "");
    check("reentrant mutex m; observe a.r; thread a { with m { m.lock(); } let r = 0; }", "", "misuse");
    check("reentrant mutex m; thread a { m.lock(); m.lock(); m.unlock(); }", "", "misuse");
    check("reentrant mutex m; thread a { m.lock(); m.unlock(); m.unlock(); }", "", "misuse");
    check(
        "reentrant mutex m; observe a.p, a.q;
         thread a { m.lock(); let p = m.try_lock(); let q = m.lock_timeout(1s); m.unlock(); m.unlock(); m.unlock(); }",
        "true,true",
        "",
    );
    // Free only with the last unlock.
    check(
        "reentrant mutex m; atomic x = 0; observe b.r;
         thread a { m.lock(); m.lock(); x.store(1); m.unlock(); x.store(2); m.unlock(); }
         thread b { with m { } let r = 0; m.lock(); r = x.load(); m.unlock(); }",
        "0 2",
        "",
    );
    check("reentrant mutex m; thread a { with m { with m { panic; } } } thread b { with m { } }", "", "panic");
}

#[test]
fn a_wait_gives_all_levels_back_and_takes_them_again() {
    check(
        "reentrant mutex m; condvar c; atomic go = false; observe a.r;
         thread a {
             m.lock(); m.lock();
             while !go.load() { c.wait(m); }
             m.unlock();
             let r = m.is_locked();
             m.unlock();
         }
         thread b { with m { go.store(true); c.notify_one(); } }",
        "true",
        "",
    );
    check(
        "reentrant mutex m; condvar c; var x = 0;
         thread a { with m { with m { if x == 0 { c.wait(m); } x = 2; } } }
         thread b { with m { x = 1; c.notify_one(); } }",
        "",
        "",
    );
}

#[test]
fn levels_order_nothing_but_the_last_unlock_does() {
    check(
        "reentrant mutex m; var x = 0;
         thread a { m.lock(); m.lock(); m.unlock(); x = 1; m.unlock(); }
         thread b { m.lock(); x = 2; m.unlock(); }",
        "",
        "",
    );
    check(
        "reentrant mutex m; var x = 0;
         thread a { m.lock(); m.lock(); m.unlock(); m.unlock(); x = 1; }
         thread b { m.lock(); x = 2; m.unlock(); }",
        "",
        "race",
    );
}

#[test]
fn who_fails_inside_with_poisons_it() {
    let pair = |a: &str, b: &str, outcomes: &str, kinds: &str| {
        let text = format!("poisoning mutex m; atomic x = 0; observe x, b.r; thread a {{ {a} }} thread b {{ {b} }}");
        check(&text, outcomes, kinds);
    };
    // Nobody fails: it is an ordinary mutex, for each pair of operations.
    let sees = "let r = m.lock() is poisoned; m.unlock();";
    let tries = "let r = m.try_lock(); if r { m.unlock(); }";
    let timed = "let r = m.lock_timeout(1s); if r { m.unlock(); }";
    let looks = "let r = m.is_locked();";
    let works = "with m { x.fetch_add(1); }";
    for (b, outcomes) in
        [(sees, "1,false"), (tries, "1,false 1,true"), (timed, "1,false 1,true"), (looks, "1,false 1,true")]
    {
        pair(works, b, outcomes, "");
    }
    pair(works, "with m { x.fetch_add(1); } let r = 0;", "2,0", "");
    pair("m.unlock();", sees, "", "misuse");
    pair("m.lock(); m.lock();", "let r = 0;", "", "deadlock");
    // A failure is no normal end, so what the others saw is asserted.
    let dies = "with m { panic; }";
    check(
        "poisoning mutex m; atomic seen = false; finally seen;
         thread a { with m { panic; } }
         thread b { a.join(); assert m.lock() is poisoned; seen.store(true); m.unlock(); assert m.lock() is poisoned; m.unlock(); }",
        "",
        "panic",
    );
    pair(
        dies,
        "let r = 0; a.join(); assert m.try_lock(); m.unlock(); assert m.lock_timeout(1s); m.unlock();",
        "",
        "panic",
    );
    // `with` unwraps: the second one panics too, and gives back what it holds.
    pair(dies, "a.join(); with m { assert false; } let r = 0;", "", "panic");
    check(
        "poisoning mutex m; thread a { with m { panic; } } thread b { a.join(); with m { } } thread c { b.join(); with m { } }",
        "",
        "panic",
    );
    // Without a failure inside `with` it is not poisoned; an operation that is misused there is one.
    pair("m.lock(); m.unlock(); panic;", "a.join(); assert m.lock() is some; m.unlock(); let r = 0;", "", "panic");
    pair("with m { } panic;", "a.join(); assert m.lock() is some; m.unlock(); let r = 0;", "", "panic");
    check(
        "poisoning mutex m; mutex n; thread a { with m { n.unlock(); } } thread b { a.join(); assert m.lock() is poisoned; m.unlock(); }",
        "",
        "misuse",
    );
}

#[test]
fn every_pair_on_a_poisoning_mutex_that_nobody_poisons() {
    check_pairs(
        "poisoning mutex m; atomic x = 0; finally !m.is_locked();",
        &[
            ("lock", "let r = 7; if m.lock() is some { r = x.fetch_add(1); } m.unlock();"),
            ("try_lock", "let r = 0; if m.try_lock() { r = 1; m.unlock(); }"),
            ("lock_timeout", "let r = 0; if m.lock_timeout(1ms) { r = 1; m.unlock(); }"),
            ("is_locked", "let r = 0; if m.is_locked() { r = 1; }"),
            ("unlock", "let r = 0; m.unlock();"),
        ],
        &[
            ("lock", "lock", "0,1 1,0", ""),
            ("lock", "try_lock", "0,0 0,1", ""),
            ("lock", "lock_timeout", "0,0 0,1", ""),
            ("lock", "is_locked", "0,0 0,1", ""),
            ("lock", "unlock", "", "misuse"),
            ("try_lock", "try_lock", "0,1 1,0 1,1", ""),
            ("try_lock", "lock_timeout", "0,1 1,0 1,1", ""),
            ("try_lock", "is_locked", "1,0 1,1", ""),
            ("try_lock", "unlock", "", "misuse"),
            ("lock_timeout", "lock_timeout", "0,1 1,0 1,1", ""),
            ("lock_timeout", "is_locked", "1,0 1,1", ""),
            ("lock_timeout", "unlock", "", "misuse"),
            ("is_locked", "is_locked", "0,0", ""),
            ("is_locked", "unlock", "", "misuse"),
            ("unlock", "unlock", "", "misuse"),
        ],
    );
}

#[test]
fn who_fails_passes_over_what_it_does_not_owe_any_more() {
    check("mutex m; thread a { with m { m.unlock(); panic; } } thread b { with m { } }", "", "panic");
    check(
        "reentrant mutex m; thread a { with m { with m { m.unlock(); panic; } } } thread b { with m { } }",
        "",
        "panic",
    );
    check(
        "rwlock l; thread a { with l.read() { l.read_unlock(); panic; } } thread b { with l.write() { } }",
        "",
        "panic",
    );
}
