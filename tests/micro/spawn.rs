//! Threads that are started at run time.

use super::check::{check, check_endless, evidence};
use interleaver::finding::{Coverage, LimitHit};

#[test]
fn a_thread_starts_after_its_spawn_and_runs_beside_it() {
    check("atomic x = 0; observe x; fn f() { x.store(1); } thread a { spawn f(); x.store(2); }", "1 2", "");
    check("atomic x = 0; observe x; fn f() { x.store(1); } thread a { x.store(2); spawn f(); }", "1", "");
    check(
        "atomic x = 0; observe x; fn f(v) { x.store(v); } thread a { spawn f(1); } thread b { spawn f(2); }",
        "1 2",
        "",
    );
    check(
        "atomic x = 0; observe x; fn f(v) { x.store(x.load() + v); } thread a { spawn f(1); spawn f(2); }",
        "1 2 3",
        "",
    );
    check("atomic x = 0; observe x; fn f() { yield; x.store(1); } thread a { spawn f(); }", "1", "");
}

#[test]
fn spawn_then_join() {
    check(
        "atomic x = 0; observe a.r; fn f() { x.store(1); } thread a { let h = spawn f(); h.join(); let r = x.load(); }",
        "1",
        "",
    );
    check("observe a.r; fn f(v) { yield; return v * v; } thread a { let h = spawn f(3); let r = h.join(); }", "9", "");
    check("observe a.r; fn f(v) { return v > 2; } thread a { let h = spawn f(3); let r = h.join(); }", "true", "");
}

#[test]
fn join_then_spawn() {
    check(
        "atomic x = 0; observe x; fn f(v) { x.store(v); } thread a { let h = spawn f(1); h.join(); spawn f(2); }",
        "2",
        "",
    );
}

#[test]
fn join_then_join() {
    check(
        "observe a.r, a.s; fn f() { return 7; } thread a { let h = spawn f(); let r = h.join(); let s = h.join(); }",
        "7,7",
        "",
    );
    check(
        "observe a.r; fn f(v) { yield; return v; }
         thread a { let h = spawn f(1); let g = spawn f(2); let r = g.join() * 10 + h.join(); }",
        "21",
        "",
    );
}

#[test]
fn spawn_then_is_finished() {
    check("observe a.r; fn f() { } thread a { let h = spawn f(); let r = h.is_finished(); }", "false true", "");
    check("observe a.r; fn f() { yield; } thread a { let h = spawn f(); let r = h.is_finished(); }", "false true", "");
}

#[test]
fn is_finished_then_spawn() {
    check(
        "atomic x = 0; observe x, a.r; fn f(v) { x.fetch_max(v); }
         thread a { let h = spawn f(2); let r = h.is_finished(); spawn f(1); }",
        "2,false 2,true",
        "",
    );
}

#[test]
fn is_finished_then_join_and_the_reverse() {
    check(
        "observe a.r, a.s; fn f() { return 5; } thread a { let h = spawn f(); let r = h.is_finished(); let s = h.join(); }",
        "false,5 true,5",
        "",
    );
    check(
        "observe a.r, a.s; fn f() { return 5; } thread a { let h = spawn f(); let s = h.join(); let r = h.is_finished(); }",
        "true,5",
        "",
    );
}

#[test]
fn is_finished_never_takes_anything_back() {
    check(
        "observe a.r, a.s; fn f() { } thread a { let h = spawn f(); let r = h.is_finished(); let s = h.is_finished(); }",
        "false,false false,true true,true",
        "",
    );
    check(
        "atomic x = 0; observe a.r; fn f() { x.store(1); }
         thread a { let h = spawn f(); when h.is_finished() { } let r = x.load(); }",
        "1",
        "",
    );
}

#[test]
fn spawn_and_join_order_memory_and_is_finished_does_not() {
    check("var x = 0; fn f() { x = 1; } thread a { spawn f(); let r = x; }", "", "race");
    check(
        "var x = 0; observe a.r; fn f() { x += 1; } thread a { x = 1; let h = spawn f(); h.join(); let r = x; }",
        "2",
        "",
    );
    check("var x = 0; fn f() { x = 1; } thread a { let h = spawn f(); if h.is_finished() { let r = x; } }", "", "race");
    check("var x = 0; fn f() { x += 1; } thread a { spawn f(); } thread b { spawn f(); }", "", "race");
    check(
        "var x = 0; observe x; fn f() { x += 1; } thread a { let h = spawn f(); h.join(); let g = spawn f(); g.join(); }",
        "2",
        "",
    );
}

#[test]
fn a_failure_that_somebody_looks_at_is_none() {
    check(
        "observe a.r; fn f() { panic \"x\"; } thread a { let h = spawn f(); let r = h.join() is failed; }",
        "true",
        "",
    );
    check(
        "observe a.r; fn f() { yield; panic \"x\"; } thread a { let h = spawn f(); h.join(); let r = h.join() is failed; }",
        "true",
        "",
    );
    check(
        "atomic x = 0; observe a.r; fn f() { if x.load() == 0 { panic; } return 4; }
         thread a { let r = 0; let h = spawn f(); x.store(1); match h.join() { some(v) => { r = v; } failed => { r = -1; } } }",
        "-1 4",
        "",
    );
}

#[test]
fn a_failure_that_nobody_looks_at_is_found_at_the_end() {
    check("fn f() { panic \"x\"; } thread a { spawn f(); }", "", "unobserved_failure");
    check("fn f() { yield; panic \"x\"; } thread a { let h = spawn f(); h.join(); }", "", "unobserved_failure");
    check(
        "fn f() { let x = 1; x = x / 0; } thread a { let h = spawn f(); if h.is_finished() { yield; } }",
        "",
        "unobserved_failure",
    );
    check("fn f() { panic; return 1; } thread a { let h = spawn f(); let v = h.join(); }", "", "panic");
    check("semaphore s(0); fn f() { panic; s.release(); } thread a { spawn f(); s.acquire(); }", "", "deadlock");
    check(
        "atomic x = 0; observe x; fn f(n) { if x.swap(n) == 0 { panic; } } thread a { spawn f(1); spawn f(2); }",
        "",
        "unobserved_failure",
    );
}

#[test]
fn misuse_and_assertions_are_what_they_are_in_any_thread() {
    check("mutex m; fn f() { m.unlock(); } thread a { let h = spawn f(); assert h.join() is failed; }", "", "misuse");
    check(
        "mutex m; fn f() { m.lock(); panic; } thread a { let h = spawn f(); assert h.join() is failed; }",
        "",
        "misuse",
    );
    check("mutex m; fn f() { m.lock(); } thread a { spawn f(); }", "", "misuse");
    check("fn f(n) { assert n == 1; } thread a { spawn f(2); }", "", "assertion");
    check("fn f(n) { yield; assert n == 1; } thread a { spawn f(2); yield; }", "", "assertion");
    check("fn f() { } thread a { let h[2]; h[0] = spawn f(); h[1].join(); }", "", "panic");
}

#[test]
fn a_panic_releases_what_with_holds() {
    check(
        "mutex m; observe a.r; fn f() { with m { panic; } }
         thread a { let h = spawn f(); let r = h.join() is failed; with m { } }",
        "true",
        "",
    );
    check("mutex m; fn f() { with m { return; } } thread a { spawn f(); with m { } }", "", "");
}

#[test]
fn waiting_for_each_other_is_a_deadlock() {
    check("mutex m; fn f() { with m { } } thread a { with m { let h = spawn f(); h.join(); } }", "", "deadlock");
    check("fn f() { a.join(); } thread a { let h = spawn f(); h.join(); }", "", "deadlock");
    check("mutex m; fn f() { with m { } } thread a { let h = spawn f(); with m { } h.join(); }", "", "");
}

#[test]
fn threads_start_threads() {
    check(
        "observe a.r; fn g(n) { return n + 1; } fn f(n) { let h = spawn g(n); return h.join() * 10; }
         thread a { let h = spawn f(3); let r = h.join(); }",
        "40",
        "",
    );
    check(
        "observe a.r; fn f(n) { if n > 0 { let h = spawn f(n - 1); return 1 + h.join(); } return 0; }
         thread a { let h = spawn f(2); let r = h.join(); }",
        "2",
        "",
    );
    check(
        "atomic x = 0; observe x; fn f(n) { x.fetch_add(n); } thread a { let h[3]; for i in 0..3 { h[i] = spawn f(i); } for i in 0..3 { h[i].join(); } }",
        "3",
        "",
    );
}

#[test]
fn a_daemon_starts_daemons() {
    check_endless(
        "atomic x = 0; observe x; fn f() { loop { yield; } } daemon thread d { spawn f(); } thread a { x.store(1); }",
        "1",
        "",
    );
    check(
        "atomic x = 0; observe x; fn f() { x.store(1); } daemon thread d { spawn f(); } thread a { yield; }",
        "0 1",
        "",
    );
    check("fn f() { panic; } daemon thread d { spawn f(); } thread a { yield; }", "", "unobserved_failure");
}

#[test]
fn a_failure_is_not_the_end_yet() {
    // Whoever sees what a thread did before it failed may find it alive.
    check(
        "atomic x = 0; observe a.r, a.s; fn f() { x.store(1); panic \"p\"; }
         thread a {
             let h = spawn f();
             let r = x.load();
             let s = h.is_finished();
             match h.join() { _ => { } }
         }",
        "0,false 0,true 1,false 1,true",
        "",
    );
    check(
        "atomic x = 0; thread w { x.store(1); panic \"p\"; }
         thread a { if x.load() == 1 { assert !w.is_alive(), \"it may be\"; } }",
        "",
        "assertion panic",
    );
    // Also of a thread that would go round for ever, and of one that has to give something back first.
    check(
        "atomic x = 0; mutex m; observe a.r; fn f() { with m { loop { x.store(1); panic \"p\"; } } }
         thread a {
             let h = spawn f();
             let r = 0;
             if x.load() == 1 { r = 1; }
             if r == 1 && m.try_lock() { r = 2; m.unlock(); }
             if r == 2 && h.is_finished() { r = 3; }
             match h.join() { _ => { } }
         }",
        "0 1 2 3",
        "",
    );
}

#[test]
fn threads_without_end_are_a_limit() {
    for text in [
        "fn f() { yield; } thread a { loop { spawn f(); } }",
        "fn f() { spawn f(); } thread a { spawn f(); }",
        "fn f() { } thread a { for i in 0..17 { spawn f(); } }",
    ] {
        let seen = evidence(text);
        assert!(
            matches!(seen.coverage, Coverage::Cut(LimitHit::Threads { limit: 16, .. })),
            "{text}: {:?}",
            seen.coverage
        );
    }
    let seen = evidence("fn f() { } thread a { for i in 0..16 { let h = spawn f(); } }");
    assert_eq!(seen.coverage, Coverage::Complete);
}

#[test]
fn a_started_thread_hears_a_watch_from_its_start() {
    let text = |body: &str, before: &str, behind: &str| {
        format!(
            "watch w = 0; observe a.r; fn f() {{ {body} }}
             thread a {{ let r = 9; {before} let h = spawn f(); {behind} r = h.join(); }}"
        )
    };
    let asks = "let n = 0; if w.has_changed() { n = 1; } return n;";
    check(&text(asks, "w.send(5);", ""), "0", "");
    check(&text(asks, "", "w.send(5);"), "0 1", "");
    let waits = "let n = 0; if w.changed() is some { n = w.borrow(); } return n;";
    check(&text(waits, "w.send(5);", ""), "", "deadlock");
    check(&text(waits, "w.send(5);", "w.send(6);"), "6", "");
    check(&text(waits, "w.send(5);", "w.close();"), "0", "");
    check(&text("let n = 0; if w.wait_for(5) is some { n = 1; } return n;", "w.send(5);", ""), "1", "");
    check(&text("w.send(7); return 1;", "", "match w.changed() { some => { } closed => { } }"), "1", "");
}

#[test]
fn a_started_thread_hears_a_broadcast_from_its_start() {
    let text = |room: u32, body: &str, rest: &str| {
        format!(
            "broadcast b({room}); observe a.r, a.s; fn f() {{ {body} }} thread a {{ let r = 9; let s = 9; {rest} }}"
        )
    };
    let hears = "let n = 0; match b.recv() { some(v) => { n = v; } failed(m) => { n = 10 + m; } closed => { n = 20; } }
                 return n;";
    // What was sent before is for nobody, and is not kept.
    check(&text(2, hears, "b.send(1); s = b.len(); let h = spawn f(); b.send(2); r = h.join();"), "2,0", "");
    check(&text(2, hears, "b.send(1); s = 0; let h = spawn f(); r = h.join();"), "", "deadlock");
    check(&text(2, hears, "let h = spawn f(); b.close(); s = 0; r = h.join();"), "20,0", "");
    // Each hears for itself.
    check(
        &text(2, hears, "let h = spawn f(); b.send(1); let k = spawn f(); b.send(2); r = h.join(); s = k.join();"),
        "1,2",
        "",
    );
    // Too late for one of two.
    check(&text(1, hears, "let h = spawn f(); b.send(1); b.send(2); s = 0; r = h.join();"), "1,0 11,0", "");
    // Whoever is started may send, too.
    check(
        &text(
            1,
            "b.send(3); return 1;",
            "s = 0; let h = spawn f(); match b.recv() { some(v) => { s = v; } failed(_) => { } closed => { } } r = h.join();",
        ),
        "1,3",
        "",
    );
}

#[test]
fn a_handle_is_passed_to_a_function() {
    let wait = "fn f(v) { yield; return v; } fn g() { panic; }
                fn result(h) { match h.join() { some(v) => { return v; } failed => { return 0; } } }";
    check(&format!("{wait} observe a.r; thread a {{ let h = spawn f(4); let r = result(h); }}"), "4", "");
    check(&format!("{wait} observe a.r; thread a {{ let r = result(spawn f(4)); }}"), "4", "");
    check(
        &format!(
            "{wait} observe a.r; thread a {{ let h[2]; for k in 0..2 {{ h[k] = spawn f(k + 1); }} let r = result(h[1]) * 10 + result(h[0]); }}"
        ),
        "21",
        "",
    );
    check(&format!("{wait} thread a {{ let h[2]; h[0] = spawn f(1); let r = result(h[1]); }}"), "", "panic");
    // Above the function that takes it, and through another one.
    check(
        "observe a.r; thread a { let h = spawn f(3); let r = through(h); }
         fn through(h) { let same = h; return last(same); } fn last(k) { return k.join(); } fn f(v) { return v + 1; }",
        "4",
        "",
    );
    check(
        "observe a.r; fn f() { yield; } fn ended(h) { return h.is_finished(); } thread a { let h = spawn f(); let r = ended(h); }",
        "false true",
        "",
    );
    // What is done with the answer is known as soon as the handle is.
    check(
        "observe a.r; thread a { let h = spawn f(); let r = through(h); } fn through(h) { return same(h.join()); }
         fn same(x) { return !x; } fn f() { return true; }",
        "false",
        "",
    );
    // Whoever looks there has looked.
    let fails = "fn f() { panic; } thread a { let h = spawn f(); look(h); }";
    check(&format!("fn look(h) {{ if h.join() is failed {{ yield; }} }} {fails}"), "", "");
    check(&format!("fn look(h) {{ h.join(); }} {fails}"), "", "unobserved_failure");
    check(&format!("fn look(h) {{ let v = h.is_finished(); }} {fails}"), "", "unobserved_failure");
}

#[test]
fn a_handle_is_returned() {
    check(
        "observe a.r; fn f(v) { yield; return v; } fn start(v) { let h = spawn f(v); return h; }
         thread a { let h = start(2); let g = start(3); let r = h.join() * 10 + g.join(); }",
        "23",
        "",
    );
    check(
        "observe a.r; thread a { let h = twice(); let r = h.join(); } fn twice() { return once_more(); }
         fn once_more() { return spawn f(); } fn f() { return true; }",
        "true",
        "",
    );
    // Passed in and given back, and kept in an array.
    check(
        "observe a.r; fn f(v) { return v; } fn same(h) { return h; }
         thread a { let h[2]; h[1] = same(spawn f(5)); let r = h[1].join(); }",
        "5",
        "",
    );
}

#[test]
fn a_handle_goes_to_another_thread() {
    check(
        "observe a.r; fn f() { yield; return 6; } fn wait(h) { return h.join(); }
         thread a { let h = spawn f(); let w = spawn wait(h); let r = w.join(); }",
        "6",
        "",
    );
    // What such a thread gives back is a handle again.
    check(
        "observe a.r; fn f() { yield; return 6; } fn start() { return spawn f(); }
         thread a { let s = spawn start(); let h = s.join(); let r = h.join(); }",
        "6",
        "",
    );
    check(
        "observe a.r; fn f() { yield; return 6; } fn start() { let h = spawn f(); return h; }
         thread a { let s = spawn start(); let r = 0; match s.join() { some(h) => { r = h.join(); } failed => { } } }",
        "6",
        "",
    );
    check(
        "fn f() { panic; } fn look(h) { if h.join() is failed { yield; } } thread a { let h = spawn f(); spawn look(h); }",
        "",
        "",
    );
}
