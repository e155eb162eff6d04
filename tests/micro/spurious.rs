//! `option spurious_wakeups`: whoever waits on a condition variable may wake for no reason, and may not count on it.

use super::check::{check, check_endless, evidence};
use interleaver::finding::{DeadlockScope, Detail, Finding};

/// A scenario under the option, with the usual objects.
fn under(text: &str) -> String {
    format!("option spurious_wakeups; mutex m; condvar c; {text}")
}

/// The notifications that wake somebody.
const NOTIFICATIONS: [&str; 4] = ["notify_one()", "notify(1)", "notify(7)", "notify_all()"];

#[test]
fn a_wait_may_end_for_no_reason_and_is_a_deadlock_all_the_same() {
    for sort in ["", "fifo "] {
        check(
            &format!(
                "option spurious_wakeups; mutex m; {sort}condvar c; observe a.r;
                 thread a {{ let r = 0; with m {{ c.wait(m); r = 1; }} }}"
            ),
            "1",
            "deadlock",
        );
    }
    // Without the option nobody comes back.
    check("mutex m; condvar c; observe a.r; thread a { let r = 0; with m { c.wait(m); r = 1; } }", "", "deadlock");
    // An object that nobody waits on changes nothing.
    check("option spurious_wakeups; condvar c; thread a { c.notify_one(); }", "", "");
}

#[test]
fn two_waits() {
    check(
        &under(
            "observe a.r, b.r; thread a { let r = 0; with m { c.wait(m); r = 1; } }
             thread b { let r = 0; with m { c.wait(m); r = 1; } }",
        ),
        "1,1",
        "deadlock",
    );
    // One of them ends by its time-out, the other need not end at all.
    check(
        &under(
            "observe a.r, b.r; thread a { let r = 0; with m { c.wait(m); r = 1; } }
             thread b { let r = false; with m { r = c.wait_timeout(m, 5ms); } }",
        ),
        "1,false 1,true",
        "deadlock",
    );
    check(
        &under(
            "observe a.r, b.r; thread a { let r = false; with m { r = c.wait_timeout(m, 5ms); } }
             thread b { let r = false; with m { r = c.wait_timeout(m, 5ms); } }",
        ),
        "false,false false,true true,false true,true",
        "",
    );
}

#[test]
fn a_wait_and_each_notification() {
    for notify in NOTIFICATIONS {
        // It comes before the wait, while it lasts, or after the wake-up.
        check(
            &under(&format!(
                "var n = 0; observe a.r; thread a {{ let r = 0; with m {{ c.wait(m); r = n; }} }}
                 thread b {{ with m {{ n = 1; c.{notify}; }} }}"
            )),
            "0 1",
            "deadlock",
        );
        // `if` is not enough.
        check(
            &under(&format!(
                "var f = false; observe a.r; thread a {{ let r = true; with m {{ if !f {{ c.wait(m); }} r = f; }} }}
                 thread b {{ with m {{ f = true; c.{notify}; }} }}"
            )),
            "false true",
            "",
        );
        // A loop is, and so is its short form.
        for wait in ["while !f { c.wait(m); }", "c.wait_while(m, !f);"] {
            check_endless(
                &under(&format!(
                    "var f = false; observe a.r; thread a {{ let r = false; with m {{ {wait} r = f; }} }}
                     thread b {{ with m {{ f = true; c.{notify}; }} }}"
                )),
                "true",
                "",
            );
            // The lost notification is lost, whoever wakes for no reason.
            check_endless(
                &under(&format!(
                    "atomic f = false; thread a {{ with m {{ while !f.load() {{ c.wait(m); }} }} }}
                     thread b {{ f.store(true); c.{notify}; }}"
                )),
                "",
                "deadlock",
            );
        }
    }
    // Nobody is woken by this one.
    check(
        &under(
            "var n = 0; observe a.r; thread a { let r = 0; with m { c.wait(m); r = n; } }
             thread b { with m { n = 1; c.notify(0); } }",
        ),
        "0 1",
        "deadlock",
    );
}

#[test]
fn a_timed_wait_and_each_notification() {
    for notify in NOTIFICATIONS {
        check(
            &under(&format!(
                "observe a.r; thread a {{ let r = false; with m {{ r = c.wait_timeout(m, 5ms); }} }}
                 thread b {{ with m {{ c.{notify}; }} }}"
            )),
            "false true",
            "",
        );
    }
    // Whoever wakes for no reason is told what a notified one is told.
    let alone = "observe a.r; thread a { let r = false; with m { r = c.wait_timeout(m, 5ms); } }";
    check(&under(alone), "false true", "");
    check(&format!("mutex m; condvar c; {alone}"), "false", "");
}

#[test]
fn the_mutex_has_to_be_had_again() {
    check(
        &under("thread a { with m { c.wait(m); } } thread b { with m { c.notify_one(); m.lock(); } }"),
        "",
        "deadlock",
    );
    // All levels of it.
    check(
        "option spurious_wakeups; reentrant mutex m; condvar c; observe a.r;
         thread a { let r = 0; m.lock(); m.lock(); c.wait(m); m.unlock(); m.unlock(); r = 1; }",
        "1",
        "deadlock",
    );
    // Nothing is ordered by waking; by the mutex it is.
    check(
        &under("var x = 0; thread a { with m { c.wait(m); x = 1; } } thread b { with m { x = 2; c.notify_one(); } }"),
        "",
        "deadlock",
    );
    check(&under("var x = 0; thread a { with m { c.wait(m); } x = 1; } thread b { x = 2; }"), "", "deadlock race");
}

#[test]
fn nobody_counts_on_it() {
    let scopes = |text: &str| -> Vec<(DeadlockScope, usize)> {
        let deadlock = |finding: &Finding| {
            let Detail::Deadlock { scope, blocked } = &finding.detail else { return None };
            Some((*scope, blocked.len()))
        };
        evidence(text).findings.iter().filter_map(deadlock).collect()
    };
    // Another goes on for ever.
    let partial = under("thread a { with m { c.wait(m); } } thread b { loop { yield; } }");
    assert_eq!(scopes(&partial), [(DeadlockScope::Partial, 1)]);
    check_endless(&partial, "", "deadlock");
    // The waiter that looks, waits, wakes for no reason and looks again does not go on for ever.
    let looks =
        under("var f = false; thread a { with m { while !f { c.wait(m); } } } thread b { m.lock(); m.lock(); }");
    assert_eq!(scopes(&looks).len(), 3, "with `a` at its lock, at its wait, and about to have the mutex back");
    check_endless(&looks, "", "deadlock");
    // A daemon that may wake saves nobody.
    check(
        &under("mutex k; daemon thread d { with m { c.wait(m); } } thread a { k.lock(); k.lock(); }"),
        "",
        "deadlock",
    );
    // A time-out is something to count on.
    check(&under("thread a { with m { c.wait_timeout(m, 1s); } }"), "", "");
}
