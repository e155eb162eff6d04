//! Every ordered pair of operations on a condition variable, and what it orders.
//!
//! `wait` and `notify_one` as such are in `basics`.

use super::check::{check, check_endless, check_pairs};
use super::pairs::waited_with;

#[test]
fn a_time_out_fires_only_while_its_thread_waits() {
    check(
        "mutex m; condvar c; observe a.r; thread a { let r = true; with m { r = c.wait_timeout(m, 5ms); } }",
        "false",
        "",
    );
    // Without the mutex there is no wait.
    check("mutex m; condvar c; thread a { let r = c.wait_timeout(m, 5ms); }", "", "misuse");
    // Two timed waits know nothing of each other.
    check(
        "mutex m; condvar c; observe a.r, b.r;
         thread a { let r = true; with m { r = c.wait_timeout(m, 5ms); } }
         thread b { let r = true; with m { r = c.wait_timeout(m, 1s); } }",
        "false,false",
        "",
    );
    // The mutex has to be had again: by then the other has been there, or not yet.
    check(
        "mutex m; condvar c; var x = 0; observe a.r;
         thread a { let r = 0; with m { c.wait_timeout(m, 5ms); r = x; } }
         thread b { with m { x = 1; } }",
        "0 1",
        "",
    );
    // Also after the time-out it can be held for ever.
    check(
        "mutex m; condvar c; thread a { with m { c.wait_timeout(m, 5ms); } } thread b { m.lock(); }",
        "",
        "deadlock misuse",
    );
}

#[test]
fn a_timed_wait_and_each_notification() {
    for notify in ["notify_one()", "notify(1)", "notify(7)", "notify_all()"] {
        check(
            &format!(
                "mutex m; condvar c; observe a.r;
                 thread a {{ let r = false; with m {{ r = c.wait_timeout(m, 5ms); }} }}
                 thread b {{ with m {{ c.{notify}; }} }}"
            ),
            "false true",
            "",
        );
        // Where it can only come while the other waits, or after its time-out.
        check(
            &format!(
                "mutex m; condvar c; atomic n = 0; observe a.r, b.s;
                 thread a {{ let r = false; with m {{ n.store(1); r = c.wait_timeout(m, 5ms); n.store(2); }} }}
                 thread b {{ let s = 0; when n.load() > 0 {{ }} with m {{ s = n.load(); c.{notify}; }} }}"
            ),
            "false,1 false,2 true,1",
            "",
        );
    }
    // Nobody is woken.
    check(
        "mutex m; condvar c; observe a.r;
         thread a { let r = false; with m { r = c.wait_timeout(m, 5ms); } }
         thread b { with m { c.notify(0); c.notify(0 - 3); } }",
        "false",
        "",
    );
}

#[test]
fn a_timed_wait_beside_one_without_a_time_out() {
    let beside = |notify: &str| {
        format!(
            "mutex m; condvar c; var n = 0; observe a.r;
             thread a {{ let r = false; with m {{ n += 1; r = c.wait_timeout(m, 5ms); }} }}
             thread b {{ with m {{ n += 1; c.wait(m); }} }}
             thread k {{ with m {{ assume n == 2; c.{notify}; }} }}"
        )
    };
    // The notification may be for either; the time-out helps only the one who has it, and who is no waiter then.
    check(&beside("notify_one()"), "false", "deadlock");
    check(&beside("notify(1)"), "false", "deadlock");
    check(&beside("notify(2)"), "false true", "");
    check(&beside("notify_all()"), "false true", "");
}

#[test]
fn notify_wakes_so_many_and_the_world_chooses_whom() {
    let three = |notify: &str| {
        format!(
            "mutex m; condvar c; semaphore here(0); atomic woken = 0; observe woken;
             daemon thread w[i in 0..3] {{ with m {{ here.release(); c.wait(m); woken.fetch_add(1 << i); here.release(); }} }}
             thread k {{ here.acquire(3); with m {{ {notify} }} }}"
        )
    };
    let and_wait = |notify: &str, count: usize| three(&format!("{notify} }} here.acquire({count}); with m {{"));
    check(&and_wait("c.notify(1);", 1), "1 2 4", "");
    check(&and_wait("c.notify(2);", 2), "3 5 6", "");
    check(&and_wait("c.notify(3);", 3), "7", "");
    check(&and_wait("c.notify(1 + 3);", 3), "7", "");
    check(&and_wait("c.notify(1); c.notify(1);", 2), "3 5 6", "");
    check(&and_wait("c.notify_one(); c.notify(2);", 3), "7", "");
    check(&and_wait("c.notify(2); c.notify_one();", 3), "7", "");
    check(&and_wait("c.notify(1); c.notify_all();", 3), "7", "");
    check(&and_wait("c.notify_all(); c.notify(1);", 3), "7", "");
    // Nobody waits: nothing is kept.
    check("mutex m; condvar c; thread a { with m { c.notify(2); c.wait(m); } }", "", "deadlock");
    check("mutex m; condvar c; thread a { c.notify(2); } thread b { with m { c.wait(m); } }", "", "deadlock");
    check(
        "mutex m; condvar c; thread a { with m { c.wait(m); } } thread b { with m { c.notify(2); } }",
        "",
        "deadlock",
    );
    check("condvar c; thread a { c.notify(9_223_372_036_854_775_807 + 1); }", "", "panic");
}

#[test]
fn a_fifo_condition_variable_wakes_the_longest_waiting() {
    let two = |first: &str, second: &str, notify: &str, end: &str| {
        format!(
            "mutex m; fifo condvar c; var n = 0; atomic woken = 0; observe woken;
             thread a {{ with m {{ assume n == 0; n = 1; {first} woken.store(woken.load() * 10 + 1); }} }}
             thread b {{ with m {{ assume n == 1; n = 2; {second} woken.store(woken.load() * 10 + 2); }} }}
             thread k {{ with m {{ assume n == 2; {notify} }} {end} }}"
        )
    };
    let wait = "c.wait(m);";
    check(&two(wait, wait, "c.notify_one();", ""), "", "deadlock");
    check(&two(wait, wait, "c.notify_one();", "a.join(); with m { c.notify_one(); }"), "12", "");
    check(&two(wait, wait, "c.notify(1);", "a.join(); with m { c.notify(1); }"), "12", "");
    // Both are woken, and whoever gets the mutex first goes first.
    check(&two(wait, wait, "c.notify_one(); c.notify_one();", ""), "12 21", "");
    check(&two(wait, wait, "c.notify(2);", ""), "12 21", "");
    check(&two(wait, wait, "c.notify_all();", ""), "12 21", "");
    // A time-out lets the next one move up.
    let timed = "c.wait_timeout(m, 5ms);";
    check(&two(timed, wait, "c.notify_one();", ""), "12 21", "deadlock");
    check(&two(timed, wait, "c.notify_one();", "a.join(); with m { c.notify_one(); }"), "12 21", "");
    check(&two(wait, timed, "c.notify_one();", ""), "12 21", "");
    // Also where nothing is left out.
    check(
        "mutex m; fifo condvar c; thread a { with m { c.wait(m); } } thread b { with m { c.notify_one(); } }",
        "",
        "deadlock",
    );
    check(
        "mutex m; fifo condvar c[2]; thread a { with m { c[1].wait(m); } } thread b { with m { c[0].notify_one(); } }",
        "",
        "deadlock",
    );
}

#[test]
fn wait_while_is_the_loop() {
    for wait in ["c.wait_while(m, n == 0);", "while n == 0 { c.wait(m); }"] {
        check(
            &format!(
                "mutex m; condvar c; var n = 0; observe a.r;
                 thread a {{ let r = 0; with m {{ {wait} r = n; n -= 1; }} }}
                 thread b {{ with m {{ n += 1; c.notify_one(); }} }}"
            ),
            "1",
            "",
        );
        // Woken for nothing, it waits again.
        check(
            &format!(
                "mutex m; condvar c; var n = 0;
                 thread a {{ with m {{ {wait} }} }}
                 thread b {{ with m {{ c.notify_all(); }} }}"
            ),
            "",
            "deadlock",
        );
        // The condition is looked at outside a loop's wait as well: without the mutex it is no misuse until it waits.
        check(&format!("mutex m; condvar c; var n = 1; thread a {{ {wait} }}"), "", "");
        check(&format!("mutex m; condvar c; var n = 0; thread a {{ {wait} }}"), "", "misuse");
    }
    // Each look is a step of its own.
    check(
        "mutex m; condvar c; atomic n = 0; atomic k = 0; observe a.r;
         thread a { let r = 0; with m { c.wait_while(m, n.load() + k.load() == 0); r = n.load() + k.load(); } }
         thread b { n.store(1); k.store(1); }",
        "1 2",
        "deadlock",
    );
    check(
        "mutex m; condvar c[2]; var n = 0; thread a { let i = 1; with m { c[i].wait_while(m, n < 2); } }
         thread b[i in 0..2] { with m { n += 1; c[1].notify_all(); } }",
        "",
        "",
    );
}

#[test]
fn waits_with_a_reentrant_mutex_have_their_levels_back() {
    check(
        "reentrant mutex m; condvar c; observe b.r;
         thread a { with m { with m { c.wait_timeout(m, 5ms); } } }
         thread b { let r = m.try_lock(); if r { m.unlock(); } }",
        "false true",
        "",
    );
    check(
        "reentrant mutex m; condvar c; thread a { m.lock(); m.lock(); c.wait_timeout(m, 5ms); m.unlock(); m.unlock(); }",
        "",
        "",
    );
}

#[test]
fn what_orders_and_what_does_not() {
    // Happens-before comes from the mutex.
    check_endless(
        "mutex m; condvar c; var x = 0; var n = false;
         thread a { with m { while !n { c.wait_timeout(m, 5ms); } } x = 1; }
         thread b { x = 2; with m { n = true; c.notify_one(); } }",
        "",
        "",
    );
    // Neither a notification nor a time-out orders anything.
    check(
        "mutex m; condvar c; var x = 0;
         thread a { let r = false; with m { r = c.wait_timeout(m, 5ms); } if r { x = 1; } }
         thread b { x = 2; c.notify_one(); }",
        "",
        "race",
    );
    check(
        "mutex m; condvar c; var x = 0;
         thread a { let r = true; with m { r = c.wait_timeout(m, 5ms); } if !r { x = 1; } }
         thread b { with m { c.notify_one(); } x = 2; }",
        "",
        "race",
    );
    check_endless(
        "mutex m; condvar c; var x = 0; atomic here = 0;
         thread a { with m { here.store(1); c.wait(m); } x = 1; }
         thread b { when here.load() == 1 { } x = 2; with m { c.notify(1); } }",
        "",
        "",
    );
}

/// A mutex and a condition variable of every sort that a thread can wait with; in the end nobody holds the mutex.
fn every_sort() -> impl Iterator<Item = String> {
    let declared = |(mutex, condvar)| format!("{mutex} m; {condvar} c; finally !m.is_locked();");
    waited_with().into_iter().map(declared)
}

#[test]
fn every_pair_of_operations() {
    let operations = &[
        ("wait", "let r = 0; with m { c.wait(m); }"),
        ("wait_timeout", "let r = 0; with m { if c.wait_timeout(m, 1ms) { r = 1; } }"),
        ("wait_while", "let r = 0; with m { c.wait_while(m, !go); }"),
        ("notify_one", "let r = 0; with m { go = true; c.notify_one(); }"),
        ("notify", "let r = 0; with m { go = true; c.notify(1); }"),
        ("notify_all", "let r = 0; with m { go = true; c.notify_all(); }"),
    ];
    for sort in every_sort() {
        let objects = format!("{sort} var go = false;");
        for (wait, other) in [
            ("wait", "wait"),
            ("wait", "wait_timeout"),
            ("wait", "wait_while"),
            ("wait_timeout", "wait_while"),
            ("wait_while", "wait_while"),
        ] {
            check_pairs(&objects, operations, &[(wait, other, "", "deadlock")]);
        }
        check_pairs(&objects, operations, &[("wait_timeout", "wait_timeout", "0,0", "")]);
        for notify in ["notify_one", "notify", "notify_all"] {
            check_pairs(
                &objects,
                operations,
                &[
                    // It may come too early, and is lost.
                    ("wait", notify, "0,0", "deadlock"),
                    ("wait_timeout", notify, "0,0 1,0", ""),
                    ("wait_while", notify, "0,0", ""),
                ],
            );
        }
        // Without the mutex it may come between the look and the wait.
        for notify in ["notify_one()", "notify(1)", "notify_all()"] {
            let bare = format!("let r = 0; c.{notify};");
            let operations = &[
                ("wait", "let r = 0; with m { c.wait(m); }"),
                ("wait_timeout", "let r = 0; with m { if c.wait_timeout(m, 1ms) { r = 1; } }"),
                ("wait_while", "let r = 0; with m { c.wait_while(m, early.load() == 0); }"),
                ("notify", bare.as_str()),
                ("set and notify", &format!("early.store(1); {bare}")),
            ];
            check_pairs(
                &format!("{sort} atomic early = 0;"),
                operations,
                &[
                    ("wait", "notify", "0,0", "deadlock"),
                    ("wait_timeout", "notify", "0,0 1,0", ""),
                    ("wait_while", "set and notify", "0,0", "deadlock"),
                ],
            );
        }
        for (one, other) in [
            ("notify_one", "notify_one"),
            ("notify_one", "notify"),
            ("notify_one", "notify_all"),
            ("notify", "notify"),
            ("notify", "notify_all"),
            ("notify_all", "notify_all"),
        ] {
            check_pairs(&objects, operations, &[(one, other, "0,0", "")]);
        }
    }
}

#[test]
fn every_wait_beside_each_operation_on_its_mutex() {
    /// How far the one who waits has come is 0 before, 1 in its wait and 2 behind it; the other one sees 9 where it does not get the mutex.
    const WAITS: [(&str, &str); 3] = [
        ("wait", "let r = 0; with m { p.store(1); c.wait(m); p.store(2); }"),
        ("wait_timeout", "let r = 0; with m { p.store(1); c.wait_timeout(m, 1ms); p.store(2); }"),
        ("wait_while", "let r = 0; with m { p.store(1); c.wait_while(m, !go); p.store(2); }"),
    ];
    const OTHERS: [(&str, &str); 5] = [
        ("lock", "m.lock(); let r = p.load(); m.unlock();"),
        ("try_lock", "let r = 9; if m.try_lock() { r = p.load(); m.unlock(); }"),
        ("lock_timeout", "let r = 9; if m.lock_timeout(1ms) { r = p.load(); m.unlock(); }"),
        ("is_locked", "let r = 0; if m.is_locked() { r = 1; }"),
        ("unlock", "let r = 0; m.unlock();"),
    ];
    // Then the other one wakes who waits.
    let others = OTHERS.map(|(name, text)| (name, format!("{text} with m {{ go = true; c.notify_one(); }}")));
    let operations: Vec<(&str, &str)> =
        WAITS.into_iter().chain(others.iter().map(|(name, text)| (*name, text.as_str()))).collect();
    for sort in every_sort() {
        check_pairs(
            &format!("{sort} var go = false; atomic p = 0;"),
            &operations,
            &[
                // Nothing wakes it before the other one has looked, and a notification that comes before the wait is lost.
                ("wait", "lock", "0,0 0,1", "deadlock"),
                ("wait", "try_lock", "0,0 0,1 0,9", "deadlock"),
                ("wait", "lock_timeout", "0,0 0,1 0,9", "deadlock"),
                ("wait", "is_locked", "0,0 0,1", "deadlock"),
                ("wait", "unlock", "", "deadlock misuse"),
                // Its time-out may.
                ("wait_timeout", "lock", "0,0 0,1 0,2", ""),
                ("wait_timeout", "try_lock", "0,0 0,1 0,2 0,9", ""),
                ("wait_timeout", "lock_timeout", "0,0 0,1 0,2 0,9", ""),
                ("wait_timeout", "is_locked", "0,0 0,1", ""),
                ("wait_timeout", "unlock", "", "misuse"),
                ("wait_while", "lock", "0,0 0,1", ""),
                ("wait_while", "try_lock", "0,0 0,1 0,9", ""),
                ("wait_while", "lock_timeout", "0,0 0,1 0,9", ""),
                ("wait_while", "is_locked", "0,0 0,1", ""),
                ("wait_while", "unlock", "", "deadlock misuse"),
            ],
        );
    }
}
