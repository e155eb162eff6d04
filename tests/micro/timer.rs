//! Every ordered pair of operations on a timer, and what it orders.

use super::check::{check, check_pairs};

const ADDS: &str = "atomic n = 0; timer t(1ms) { n.fetch_add(1); }";

#[test]
fn every_pair_of_operations() {
    check_pairs(
        ADDS,
        &[
            ("start", "let r = 0; t.start();"),
            ("cancel", "let r = 0; if t.cancel() { r = 1; }"),
            ("join", "let r = 0; t.join();"),
            ("is_alive", "let r = 0; if t.is_alive() { r = 1; }"),
            ("start and join", "let r = 0; t.start(); t.join();"),
        ],
        &[
            ("start", "start", "", "misuse"),
            ("start", "cancel", "0,0 0,1", ""),
            // Who comes before the start has nothing to wait for.
            ("start", "join", "0,0", "misuse"),
            ("start", "is_alive", "0,0 0,1", ""),
            // Nobody starts it.
            ("cancel", "cancel", "1,1", ""),
            ("cancel", "join", "", "misuse"),
            ("cancel", "is_alive", "1,0", ""),
            ("join", "join", "", "misuse"),
            ("join", "is_alive", "", "misuse"),
            ("is_alive", "is_alive", "0,0", ""),
            ("start and join", "cancel", "0,0 0,1", ""),
            ("start and join", "join", "0,0", "misuse"),
            ("start and join", "is_alive", "0,0 0,1", ""),
        ],
    );
}

#[test]
fn a_started_timer_fires_once_and_keeps_the_program_alive() {
    check(&format!("{ADDS} observe n; thread a {{ t.start(); }}"), "1", "");
    check(&format!("{ADDS} observe n; thread a {{ if n.load() == 1 {{ t.start(); }} }}"), "0", "");
    check(&format!("{ADDS} observe a.r; thread a {{ t.start(); let r = n.load(); }}"), "0 1", "");
    check("event e; timer t(1ms) { e.set(); } thread a { t.start(); e.wait(); }", "", "");
    check("event e; timer t(1ms) { e.set(); } thread a { e.wait(); t.start(); }", "", "deadlock");
    check("timer t(1ms) { } thread a { t.start(); }", "", "");
    check("atomic n = 0; observe n; timer t(1ms) { return; n.store(1); } thread a { t.start(); }", "0", "");
    // A timer may start another one.
    check(
        "atomic n = 0; observe n; timer t(1ms) { n.store(1); u.start(); } timer u(1ms) { n.fetch_add(1); } thread a { t.start(); }",
        "2",
        "",
    );
}

#[test]
fn a_second_start_is_misuse() {
    check("timer t(1ms) { } thread a { t.start(); t.start(); }", "", "misuse");
    check(&format!("{ADDS} finally n == 1; thread a {{ t.start(); t.start(); }}"), "", "misuse");
    check("timer t(1ms) { } thread a { t.start(); } thread b { t.start(); }", "", "misuse");
    check("timer t(1ms) { t.start(); } thread a { t.start(); }", "", "misuse");
    check("timer t(1ms) { } thread a { t.start(); let c = t.cancel(); t.start(); }", "", "misuse");
    check("timer t(1ms) { } thread a { let c = t.cancel(); t.start(); t.start(); }", "", "misuse");
}

#[test]
fn cancel_wins_until_it_fires() {
    check(&format!("{ADDS} observe a.r, n; thread a {{ t.start(); let r = t.cancel(); }}"), "false,1 true,0", "");
    check(&format!("{ADDS} observe a.r, n; thread a {{ let r = t.cancel(); t.start(); }}"), "true,0", "");
    check(&format!("{ADDS} observe a.r, n; thread a {{ let r = t.cancel(); }}"), "true,0", "");
    check(
        &format!("{ADDS} observe a.r, a.s, n; thread a {{ t.start(); let r = t.cancel(); let s = t.cancel(); }}"),
        "false,false,1 true,true,0",
        "",
    );
    check(
        &format!("{ADDS} observe a.r, a.s; thread a {{ let r = t.cancel(); t.start(); let s = t.cancel(); }}"),
        "true,true",
        "",
    );
    check(
        &format!("{ADDS} observe b.r, n; thread a {{ t.start(); }} thread b {{ let r = t.cancel(); }}"),
        "false,1 true,0",
        "",
    );
    check(
        &format!(
            "{ADDS} observe b.r, c.r, n; thread a {{ t.start(); }} thread b {{ let r = t.cancel(); }} thread c {{ let r = t.cancel(); }}"
        ),
        "false,false,1 true,true,0",
        "",
    );
    // Whoever sees what the block has done cannot cancel it any more; the other way round nothing is known.
    check(
        &format!("{ADDS} observe a.r, a.s; thread a {{ t.start(); let r = n.load(); let s = t.cancel(); }}"),
        "0,false 0,true 1,false",
        "",
    );
    check("observe n; atomic n = 0; timer t(1ms) { if t.cancel() { n.store(1); } } thread a { t.start(); }", "0", "");
    check("event e; timer t(1ms) { e.set(); } thread a { t.start(); if t.cancel() { e.set(); } e.wait(); }", "", "");
    check("event e; timer t(1ms) { e.set(); } thread a { t.start(); t.cancel(); e.wait(); }", "", "deadlock");
}

#[test]
fn its_block_is_a_thread_like_any_other() {
    check("timer t(1ms) { panic; } thread a { t.start(); }", "", "panic");
    check("mutex m; timer t(1ms) { m.lock(); } thread a { t.start(); }", "", "misuse");
    check("atomic n = 0; timer t(1ms) { assert n.load() == 0; } thread a { t.start(); n.store(1); }", "", "assertion");
    check(
        "mutex m; mutex k; timer t(1ms) { with m { with k { } } } thread a { t.start(); with k { with m { } } }",
        "",
        "deadlock",
    );
    check("atomic n = 0; always n == 0; timer t(1ms) { n.store(1); } thread a { t.start(); }", "", "invariant");
    check(
        "fn f() { return 4; } observe n; atomic n = 0; timer t(1ms) { let h = spawn f(); n.store(h.join()); } thread a { t.start(); }",
        "4",
        "",
    );
}

#[test]
fn its_thread_hears_from_its_start_on() {
    check(
        "atomic n = 0; observe n; broadcast b(1); timer t(1ms) { if let some(v) = b.try_recv() { n.store(v); } } thread a { b.send(1); t.start(); b.send(2); }",
        "0 2",
        "",
    );
    check(
        "observe n; atomic n = 0; watch w = 0; timer t(1ms) { if w.has_changed() { n.store(w.borrow()); } } thread a { w.send(1); t.start(); w.send(2); }",
        "0 2",
        "",
    );
}

#[test]
fn the_start_happens_before_the_block_and_cancel_orders_nothing() {
    check("var x = 0; timer t(1ms) { x = 2; } thread a { x = 1; t.start(); }", "", "");
    check("var x = 0; timer t(1ms) { x = 2; } thread a { t.start(); x = 1; }", "", "race");
    check("var x = 0; timer t(1ms) { x = 2; } thread a { t.start(); if t.cancel() { x = 1; } }", "", "");
    check("var x = 0; timer t(1ms) { x = 2; } thread a { t.start(); if !t.cancel() { x = 1; } }", "", "race");
    check(
        "var x = 0; timer t(1ms) { } thread a { t.start(); x = 1; t.cancel(); } thread b { if !t.cancel() { x = 2; } }",
        "",
        "race",
    );
}

#[test]
fn join_waits_until_the_block_has_run_or_never_runs() {
    check(&format!("{ADDS} observe a.r; thread a {{ t.start(); t.join(); let r = n.load(); }}"), "1", "");
    check(
        &format!("{ADDS} observe a.r, n; thread a {{ t.start(); let r = t.cancel(); t.join(); }}"),
        "false,1 true,0",
        "",
    );
    check(&format!("{ADDS} observe a.r, n; thread a {{ let r = t.cancel(); t.start(); t.join(); }}"), "true,0", "");
    check(
        &format!("{ADDS} observe b.r, n; thread a {{ t.start(); t.join(); }} thread b {{ let r = t.cancel(); }}"),
        "false,1 true,0",
        "",
    );
    check(
        &format!(
            "{ADDS} observe a.r, a.s; thread a {{ t.start(); t.join(); let r = t.cancel(); t.join(); let s = n.load(); }}"
        ),
        "false,1",
        "",
    );
    // Two may wait for one.
    check(
        &format!(
            "{ADDS} event e; observe a.r, b.r; thread a {{ t.start(); e.set(); t.join(); let r = n.load(); }} thread b {{ e.wait(); t.join(); let r = n.load(); }}"
        ),
        "1,1",
        "",
    );
    // A block that never comes to its end.
    check("event e; timer t(1ms) { e.wait(); } thread a { t.start(); t.join(); }", "", "deadlock");
    check("timer t(1ms) { t.join(); } thread a { t.start(); }", "", "deadlock");
    check("event e; timer t(1ms) { e.wait(); } thread a { t.start(); t.join(); } thread b { e.set(); }", "", "");
}

#[test]
fn a_join_before_the_start_is_misuse() {
    check("timer t(1ms) { } thread a { t.join(); }", "", "misuse");
    check("timer t(1ms) { } thread a { t.join(); t.start(); }", "", "misuse");
    check("timer t(1ms) { } thread a { let c = t.cancel(); t.join(); }", "", "misuse");
    check("timer t(1ms) { } thread a { t.start(); } thread b { t.join(); }", "", "misuse");
    check("timer t(1ms) { } thread b { t.join(); } thread a { t.start(); }", "", "misuse");
    check("timer t(1ms) { } event e; thread b { e.wait(); t.join(); } thread a { t.start(); e.set(); }", "", "");
    check("mutex m; timer t(1ms) { } thread a { with m { t.join(); } } thread b { with m { } }", "", "misuse");
}

#[test]
fn a_join_says_how_the_block_ended() {
    let looks = "let r = 0; match t.join() { some => { r = 1; } failed => { r = 2; } }";
    check(&format!("observe a.r; timer t(1ms) {{ }} thread a {{ t.start(); {looks} }}"), "1", "");
    check(&format!("finally a.r == 2; timer t(1ms) {{ panic; }} thread a {{ t.start(); {looks} }}"), "", "panic");
    check(
        &format!("finally a.r == 2; mutex m; timer t(1ms) {{ m.unlock(); }} thread a {{ t.start(); {looks} }}"),
        "",
        "misuse",
    );
    check(
        &format!("observe a.c, a.r; timer t(1ms) {{ }} thread a {{ t.start(); let c = t.cancel(); {looks} }}"),
        "false,1 true,1",
        "",
    );
}

#[test]
fn it_is_alive_from_its_start_to_its_end() {
    check(&format!("{ADDS} observe a.r; thread a {{ let r = t.is_alive(); t.start(); }}"), "false", "");
    check(&format!("{ADDS} observe a.r; thread a {{ t.start(); let r = t.is_alive(); }}"), "false true", "");
    check(&format!("{ADDS} observe a.r; thread a {{ t.start(); t.join(); let r = t.is_alive(); }}"), "false", "");
    check(
        &format!("{ADDS} observe a.c, a.r; thread a {{ t.start(); let c = t.cancel(); let r = t.is_alive(); }}"),
        "false,false false,true true,false",
        "",
    );
    check(
        &format!("{ADDS} observe a.r; thread a {{ let c = t.cancel(); t.start(); let r = t.is_alive(); }}"),
        "false",
        "",
    );
    // What the block has done last comes before its end.
    check(
        &format!("{ADDS} observe a.r, a.s; thread a {{ t.start(); let r = n.load(); let s = t.is_alive(); }}"),
        "0,false 0,true 1,false 1,true",
        "",
    );
    check("observe n; atomic n = 0; timer t(1ms) { if t.is_alive() { n.store(1); } } thread a { t.start(); }", "1", "");
    check(
        &format!("{ADDS} observe b.r; thread a {{ t.start(); }} thread b {{ let r = t.is_alive(); }}"),
        "false true",
        "",
    );
    check(
        &format!("{ADDS} observe b.r; thread b {{ let r = t.is_alive(); }} thread a {{ t.start(); }}"),
        "false true",
        "",
    );
    check(
        &format!("{ADDS} observe a.r; thread a {{ let r = 0; t.start(); when !t.is_alive() {{ r = n.load(); }} }}"),
        "1",
        "",
    );
}

#[test]
fn the_end_of_the_block_happens_before_a_join() {
    check("var x = 0; timer t(1ms) { x = 2; } thread a { t.start(); t.join(); x = 1; }", "", "");
    check("var x = 0; timer t(1ms) { x = 2; } thread a { t.start(); if !t.is_alive() { x = 1; } }", "", "race");
    check("var x = 0; timer t(1ms) { x = 2; } thread a { t.start(); t.cancel(); t.join(); x = 1; }", "", "");
    // So does a `cancel` that ends it, also one before the `start`; one that comes too late orders nothing.
    check(
        "var x = 0; event never; timer t(1ms) { never.wait(); } thread a { t.start(); t.join(); x = 1; } thread b { x = 2; t.cancel(); }",
        "",
        "deadlock",
    );
    check(
        "var x = 0; timer t(1ms) { } thread a { t.start(); t.join(); x = 1; } thread b { x = 2; t.cancel(); }",
        "",
        "race",
    );
    check(
        "var x = 0; timer t(1ms) { } thread a { t.start(); if t.cancel() { x = 1; } } thread b { x = 2; t.cancel(); }",
        "",
        "race",
    );
}

#[test]
fn each_element_of_an_array_is_a_timer_of_its_own() {
    let add = "atomic n = 0; timer t[2](1ms) { n.fetch_add(1); }";
    check(&format!("{add} observe n; thread a {{ t[0].start(); t[1].start(); }}"), "2", "");
    check(&format!("{add} observe n; thread a {{ t[1].start(); }}"), "1", "");
    check(&format!("{add} observe n; thread a {{ for k in 0..2 {{ t[k].start(); }} }}"), "2", "");
    check(&format!("{add} thread a {{ t[0].start(); t[0].start(); }}"), "", "misuse");
    check(&format!("{add} thread a {{ let k = 2; t[k].start(); }}"), "", "panic");
    check(
        &format!("{add} observe a.r, n; thread a {{ t[0].start(); t[1].start(); let r = t[1].cancel(); }}"),
        "false,2 true,1",
        "",
    );
    check(
        &format!("{add} observe a.r; thread a {{ t[0].start(); t[1].start(); t.join(); let r = n.load(); }}"),
        "2",
        "",
    );
    check(&format!("{add} thread a {{ t[0].start(); t.join(); }}"), "", "misuse");
    check(&format!("{add} observe a.r; thread a {{ t[1].start(); let r = t[0].is_alive(); }}"), "false", "");
    check(
        &format!("{add} observe a.r; thread a {{ t[1].start(); let k = 1; t[k].join(); let r = n.load(); }}"),
        "1",
        "",
    );
}

#[test]
fn the_block_of_an_element_knows_its_index() {
    check(
        "atomic n = 0; timer t[i in 0..3](1ms) { n.fetch_add(10 * i + 1); } observe n; thread a { t[2].start(); t[1].start(); }",
        "32",
        "",
    );
    check(
        "var x[2] = 0; timer t[i in 0..2](1ms) { x[i] = 1; } thread a { t[0].start(); t[1].start(); x[1] = 2; }",
        "",
        "race",
    );
    check(
        "var x[2] = 0; timer t[i in 0..2](1ms) { x[i] = 1; } thread a { x[1] = 2; t[0].start(); t[1].start(); }",
        "",
        "",
    );
    // A ring of timers: each starts the next one.
    check(
        "atomic n = 0; timer t[i in 0..3](1ms) { n.fetch_add(1); if i < 2 { t[i + 1].start(); } } observe n; thread a { t[0].start(); }",
        "3",
        "",
    );
    check("timer t[i in 0..2](1ms) { assert i == 0; } thread a { t[0].start(); t[1].start(); }", "", "assertion");
}
