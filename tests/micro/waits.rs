//! A wait on a condition variable with each sort of mutex: what is the same with all of them, where a fifo mutex lets
//! somebody go first, and where a poisoning one says so.
//!
//! With a fifo mutex a wait has one step more, in which its thread lines up to have the mutex back.

use super::check::{check, check_endless, divergence};

/// Two threads, declared in both orders.
#[track_caller]
fn both_orders(objects: &str, a: &str, b: &str, outcomes: &str, kinds: &str) {
    let (a, b) = (format!("thread a {{ {a} }}"), format!("thread b {{ {b} }}"));
    check(&format!("{objects} {a} {b}"), outcomes, kinds);
    check(&format!("{objects} {b} {a}"), outcomes, kinds);
}

const SORTS: [&str; 4] = ["mutex", "reentrant mutex", "poisoning mutex", "fifo mutex"];
const NOTIFICATIONS: [&str; 4] = ["notify_one()", "notify(1)", "notify(7)", "notify_all()"];

#[test]
fn each_notification_wakes_with_each_sort_of_mutex() {
    for sort in SORTS {
        for notify in NOTIFICATIONS {
            // It comes while `a` waits, or is lost.
            both_orders(
                &format!("{sort} m; condvar c; atomic n = 0; observe n;"),
                "with m { c.wait(m); n.store(n.load() * 10 + 1); }",
                &format!("with m {{ c.{notify}; n.store(n.load() * 10 + 2); }}"),
                "21",
                "deadlock",
            );
            // Whoever looks first never loses it.
            for wait in ["while n.load() == 0 { c.wait(m); }", "c.wait_while(m, n.load() == 0);"] {
                both_orders(
                    &format!("{sort} m; condvar c; atomic n = 0; observe n;"),
                    &format!("with m {{ {wait} n.store(n.load() * 10 + 1); }}"),
                    &format!("with m {{ n.store(2); c.{notify}; }}"),
                    "21",
                    "",
                );
            }
            both_orders(
                &format!("{sort} m; condvar c; atomic n = 0; observe a.r, b.s;"),
                "let r = false; with m { n.store(1); r = c.wait_timeout(m, 5ms); n.store(2); }",
                &format!("let s = 0; when n.load() > 0 {{ }} with m {{ s = n.load(); c.{notify}; }}"),
                "false,1 false,2 true,1",
                "",
            );
        }
        both_orders(
            &format!("{sort} m; condvar c; observe a.r;"),
            "let r = true; with m { r = c.wait_timeout(m, 5ms); }",
            "with m { c.notify(0); }",
            "false",
            "",
        );
    }
}

#[test]
fn two_waiters_with_each_sort_of_mutex() {
    for sort in SORTS {
        let two = |condvar: &str, notify: &str, end: &str| {
            format!(
                "{sort} m; {condvar} c; var n = 0; atomic woken = 0; observe woken;
                 thread a {{ with m {{ assume n == 0; n = 1; c.wait(m); woken.store(woken.load() * 10 + 1); }} }}
                 thread b {{ with m {{ assume n == 1; n = 2; c.wait(m); woken.store(woken.load() * 10 + 2); }} }}
                 thread k {{ with m {{ assume n == 2; {notify} }} {end} }}"
            )
        };
        // Where both are woken, whoever comes to the mutex first has it first.
        for notify in ["c.notify_all();", "c.notify(2);", "c.notify_one(); c.notify_one();"] {
            check(&two("condvar", notify, ""), "12 21", "");
            check(&two("fifo condvar", notify, ""), "12 21", "");
        }
        check(&two("condvar", "c.notify_one();", ""), "", "deadlock");
        let again = "a.join(); with m { c.notify_one(); }";
        check(&two("condvar", "c.notify_one();", again), "12", "deadlock");
        check(&two("fifo condvar", "c.notify_one();", again), "12", "");
    }
}

#[test]
fn waits_with_different_mutexes_on_one_condition_variable() {
    for one in SORTS {
        for other in SORTS {
            let text = |notify: &str, k: &str| {
                format!(
                    "{one} m; {other} o; condvar c; semaphore here(0); observe a.r, b.r;
                     thread a {{ let r = 0; with m {{ here.release(); c.wait(m); r = 1; }} }}
                     thread b {{ let r = 0; with o {{ here.release(); c.wait(o); r = 1; }} }}
                     thread k {{ here.acquire(2); with m {{ with o {{ c.{notify}; }} }} {k} }}"
                )
            };
            check_endless(&text("notify_all()", ""), "1,1", "");
            check_endless(&text("notify_one()", ""), "", "deadlock");
            // The one whose mutex is held for ever may be the one that is notified: then the other waits as well.
            check_endless(&text("notify_one()", "o.lock();"), "", "deadlock misuse");
            check_endless(&text("notify_one()", "m.lock();"), "", "deadlock misuse");
        }
    }
}

#[test]
fn a_wait_without_its_mutex_is_a_misuse() {
    for sort in SORTS {
        for wait in ["c.wait(m)", "c.wait_timeout(m, 1s)", "c.wait_while(m, true)"] {
            check(&format!("{sort} m; condvar c; thread a {{ {wait}; }}"), "", "misuse");
            check(&format!("{sort} m; condvar c; thread a {{ m.lock(); }} thread b {{ {wait}; }}"), "", "misuse");
        }
    }
}

#[test]
fn a_mutex_that_is_held_for_ever_is_never_had_back() {
    for sort in SORTS {
        for notify in NOTIFICATIONS {
            both_orders(
                &format!("{sort} m; condvar c;"),
                "with m { c.wait(m); }",
                &format!("m.lock(); c.{notify};"),
                "",
                "deadlock misuse",
            );
        }
        // Nor after a time-out.
        both_orders(
            &format!("{sort} m; condvar c;"),
            "with m { c.wait_timeout(m, 5ms); }",
            "m.lock();",
            "",
            "deadlock misuse",
        );
    }
}

#[test]
fn what_a_wait_orders() {
    for sort in SORTS {
        let beside = |b: &str| {
            format!("{sort} m; condvar c; var x = 0; thread a {{ with m {{ c.wait(m); x = 2; }} }} thread b {{ {b} }}")
        };
        check(&beside("with m { x = 1; c.notify_one(); }"), "", "deadlock");
        check(&beside("x = 1; with m { c.notify_all(); }"), "", "deadlock");
        // A notification orders nothing, nor does a place in the line.
        check(&beside("with m { c.notify_one(); } x = 1;"), "", "deadlock race");
        check(&beside("x = 1; c.notify_one();"), "", "deadlock race");
        // What the waiter did before it waited is known to whoever has the mutex meanwhile.
        both_orders(
            &format!("{sort} m; condvar c; var x = 0;"),
            "with m { x = 1; c.wait_timeout(m, 5ms); x = 3; }",
            "with m { x = 2; }",
            "",
            "",
        );
    }
}

#[test]
fn whoever_has_lined_up_is_not_overtaken() {
    let fifo = "fifo mutex m; condvar c; thread a { m.lock(); c.wait(m); m.unlock(); }
                thread b { m.lock(); c.notify_all(); m.unlock(); m.lock(); m.unlock(); }
                thread d { m.lock(); m.unlock(); }";
    // `a` waits, `b` notifies and holds the mutex; `a` lines up before `b` comes back.
    assert_eq!(divergence(fifo, "v1 a*3 b*3 a b*2 a*2 b*2 d*3"), None);
    assert_eq!(divergence(fifo, "v1 a*3 b*3 a b*3"), Some(10));
    // It lines up behind `b`, and is not served before it.
    assert_eq!(divergence(fifo, "v1 a*3 b*5 a b*2 a*2 d*3"), None);
    assert_eq!(divergence(fifo, "v1 a*3 b*5 a*2"), Some(10));
    // Who came before the notification stands before it.
    assert_eq!(divergence(fifo, "v1 a*3 b*2 d b a b d*2 a*2 b*3"), None);
    assert_eq!(divergence(fifo, "v1 a*3 b*2 d b a b a"), Some(10));
    // To line up never blocks; without a notification nobody does.
    assert_eq!(divergence(fifo, "v1 a*3 b*3 a*2"), Some(8));
    assert_eq!(divergence(fifo, "v1 a*3 b*2 a"), Some(6));
    // A plain one has no such step, and can be taken by anybody.
    let plain = fifo.replace("fifo mutex", "mutex");
    assert_eq!(divergence(&plain, "v1 a*2 b*2 a"), Some(5));
    assert_eq!(divergence(&plain, "v1 a*2 b*5 a*2 d*2"), None);
    // Behind a time-out there is a place in the line, too.
    let timed = "fifo mutex m; condvar c; thread a { m.lock(); c.wait_timeout(m, 5ms); m.unlock(); }
                 thread b { m.lock(); m.unlock(); }";
    assert_eq!(divergence(timed, "v1 a*3 a/!timeout a*3 b*3"), None);
    assert_eq!(divergence(timed, "v1 a*3 b*2 a/!timeout a*2"), Some(8));
    assert_eq!(divergence(timed, "v1 a*3 a/!timeout b a b*2 a*2"), None);
    assert_eq!(divergence(timed, "v1 a*3 a/!timeout b a*2"), Some(7));
    // No time-out fires in the line.
    assert_eq!(divergence(timed, "v1 a*3 a/!timeout a a/!timeout"), Some(6));
}

#[test]
fn whoever_waits_is_locked_out_of_nothing() {
    // A free mutex with somebody in its line is the longest waiter's.
    let text = |sort: &str| {
        format!(
            "{sort} m; condvar c; atomic back = false; observe b.locked, b.got, b.late;
             thread a {{ with m {{ c.wait(m); back.store(true); }} }}
             thread b {{
                 m.lock(); c.notify_all(); m.unlock();
                 let locked = m.is_locked();
                 let got = m.try_lock();
                 let late = back.load();
                 if got {{ m.unlock(); }}
             }}"
        )
    };
    // By and by `a` is not there yet, has the mutex or only its place, and is gone.
    let all = "false,false,false false,false,true false,true,false false,true,true true,false,false true,false,true true,true,true";
    for sort in SORTS {
        check(&text(sort), all, "deadlock");
    }
}

#[test]
fn a_woken_thread_that_lines_up_has_its_turn() {
    let text = |sort: &str| {
        format!(
            "option progress; {sort} m; condvar c; var go = false;
             thread a {{ with m {{ while !go {{ c.wait(m); }} }} }}
             thread b {{ with m {{ go = true; c.notify_all(); }} loop {{ with m {{ }} }} }}"
        )
    };
    check_endless(&text("mutex"), "", "starvation");
    check_endless(&text("poisoning mutex"), "", "starvation");
    check_endless(&text("fifo mutex"), "", "");
}

#[test]
fn whoever_wakes_for_no_reason_lines_up_too() {
    for sort in SORTS {
        let objects = format!("option spurious_wakeups; {sort} m; condvar c; atomic n = 0; observe a.r;");
        both_orders(
            &objects,
            "let r = 0; with m { n.store(1); c.wait(m); r = n.load(); }",
            "when n.load() == 1 { } with m { n.store(2); c.notify_one(); }",
            "1 2",
            "",
        );
        both_orders(
            &objects,
            "let r = false; with m { n.store(1); r = c.wait_timeout(m, 5ms); }",
            "when n.load() == 1 { } with m { c.notify_one(); }",
            "false true",
            "",
        );
        check(&format!("{objects} thread a {{ let r = 0; with m {{ c.wait(m); r = 1; }} }}"), "1", "deadlock");
    }
}

#[test]
fn elements_of_an_array_of_mutexes() {
    for sort in SORTS {
        for i in 0..2 {
            check(
                &format!(
                    "{sort} m[2]; condvar c[2]; atomic n = 0; observe n;
                     thread a {{ let i = {i}; with m[i] {{ c[1 - i].wait_while(m[i], n.load() == 0); n.fetch_add(1); }} }}
                     thread b {{ with m[{i}] {{ n.store(1); c[1 - {i}].notify_one(); }} }}"
                ),
                "2",
                "",
            );
        }
    }
}

// Poison.

/// `a` waits with the mutex, and `b` fails inside it meanwhile.
#[track_caller]
fn fails_meanwhile(a: &str, b: &str, kinds: &str) {
    both_orders(
        "poisoning mutex m; mutex o; condvar c; semaphore here(0); atomic x = 0; atomic seen = 0; finally seen == 1;",
        &format!("m.lock(); here.release(); {a}"),
        &format!("here.acquire(); with m {{ {b} }}"),
        "",
        kinds,
    );
}

#[test]
fn a_wait_says_that_its_mutex_is_poisoned() {
    const SAW: &str = "seen.store(1); m.unlock();";
    for fails in ["c.notify_one(); panic;", "c.notify_all(); o.unlock();"] {
        let kinds = if fails.contains("panic") { "panic" } else { "misuse" };
        fails_meanwhile(&format!("assert c.wait(m) is poisoned; {SAW}"), fails, kinds);
        fails_meanwhile(
            &format!("match c.wait(m) {{ some => {{ assert false; }} poisoned => {{ {SAW} }} }}"),
            fails,
            kinds,
        );
        // A statement of its own discards it, as a lock does, and the mutex is held.
        fails_meanwhile(&format!("c.wait(m); {SAW}"), fails, kinds);
        fails_meanwhile(&format!("c.wait_while(m, x.load() == 0); {SAW}"), fails, kinds);
        // It stays poisoned, and every further wait says so.
        fails_meanwhile(&format!("c.wait(m); m.unlock(); assert m.lock() is poisoned; {SAW}"), fails, kinds);
        fails_meanwhile(&format!("c.wait(m); assert c.wait_timeout(m, 1s) is poisoned; {SAW}"), fails, kinds);
        // At the first wake-up that finds it poisoned `wait_while` is over, whatever its condition is.
        fails_meanwhile(&format!("assert c.wait_while(m, x.load() == 0) is poisoned; {SAW}"), fails, kinds);
        fails_meanwhile(
            &format!("assert c.wait_while(m, x.load() == 0) is poisoned; {SAW}"),
            &format!("x.store(1); {fails}"),
            kinds,
        );
        // Without a wake-up it has nothing to say.
        fails_meanwhile(&format!("c.wait(m); assert c.wait_while(m, x.load() == 1) is some; {SAW}"), fails, kinds);
    }
    // Whoever notifies and goes on poisons nothing.
    fails_meanwhile(&format!("assert c.wait(m) is some; {SAW}"), "c.notify_one();", "");
    fails_meanwhile(
        &format!("assert c.wait_while(m, x.load() == 0) is some; {SAW}"),
        "x.store(1); c.notify_one();",
        "",
    );
    // A panic outside `with` poisons nothing either, nor does one that has given the mutex back to wait.
    fails_meanwhile(&format!("assert c.wait(m) is some; {SAW}"), "c.notify_one(); } panic; {", "panic");
    // `wait_while` goes on as long as nothing is wrong.
    both_orders(
        "poisoning mutex m; condvar c; semaphore here(0); atomic x = 0; atomic seen = 0; finally seen == 1;",
        "m.lock(); here.release(); assert c.wait_while(m, x.load() < 2) is poisoned; assert x.load() == 1; seen.store(1); m.unlock();",
        "here.acquire(); with m { c.notify_all(); } with m { x.store(1); c.notify_all(); panic; }",
        "",
        "panic",
    );
}

#[test]
fn a_timed_wait_says_whether_it_ended_in_time_or_that_its_mutex_is_poisoned() {
    const LOOKS: &str =
        "match c.wait_timeout(m, 5ms) { some(in_time) => { r = if in_time { 1 } else { 2 }; } poisoned => { r = 3; } }";
    let a = format!("let r = 0; m.lock(); n.store(1); {LOOKS} m.unlock();");
    both_orders(
        "poisoning mutex m; condvar c; atomic n = 0; observe a.r;",
        &a,
        "when n.load() == 1 { } with m { c.notify_one(); }",
        "1 2",
        "",
    );
    // It had the mutex back before the failure, or is told; an outcome is that of a normal end, so it is asserted.
    for (wrong, kinds) in [("r == 1", "assertion panic"), ("r == 2", "assertion panic"), ("r == 3", "assertion panic")]
    {
        both_orders(
            "poisoning mutex m; condvar c; atomic n = 0;",
            &format!("{a} assert !({wrong});"),
            "when n.load() == 1 { } with m { c.notify_one(); } with m { panic; }",
            "",
            kinds,
        );
    }
    both_orders(
        "poisoning mutex m; condvar c; atomic n = 0;",
        &format!("{a} assert r != 1 && r != 0;"),
        "when n.load() == 1 { } with m { c.notify_one(); panic; }",
        "",
        "panic",
    );
    // Anywhere else it unwraps: a panic, which gives back what `with` took.
    for unwraps in
        ["let ok = c.wait_timeout(m, 5ms);", "if c.wait_timeout(m, 5ms) { }", "assert c.wait_timeout(m, 5ms) || true;"]
    {
        check(
            &format!(
                "poisoning mutex m; condvar c; thread b {{ with m {{ panic; }} }}
                 thread a {{ b.join(); m.lock(); {unwraps} assert false; }}"
            ),
            "",
            "panic misuse",
        );
    }
    check(
        "poisoning mutex m; condvar c; semaphore here(0); atomic after = 0; finally after == 1;
         thread a { with m { here.release(); let ok = c.wait_timeout(m, 5ms); here.acquire(2); } }
         thread b { here.acquire(); with m { panic; } }
         thread d { a.join(); assert m.lock() is poisoned; after.store(1); m.unlock(); }",
        "",
        "deadlock panic",
    );
}

#[test]
fn who_fails_behind_a_wait_poisons() {
    check(
        "poisoning mutex m; condvar c; semaphore here(0); atomic seen = 0; finally seen == 1;
         thread a { with m { here.release(); c.wait(m); panic; } }
         thread b { here.acquire(); with m { c.notify_one(); } }
         thread d { a.join(); assert m.lock() is poisoned; seen.store(1); m.unlock(); }",
        "",
        "panic",
    );
    // Who only waits has given it back as it was.
    check(
        "poisoning mutex m; condvar c; semaphore here(0); atomic seen = 0; finally seen == 1;
         thread a { with m { here.release(); c.wait(m); } panic; }
         thread b { here.acquire(); with m { c.notify_one(); } a.join(); assert m.lock() is some; seen.store(1); m.unlock(); }",
        "",
        "panic",
    );
}
