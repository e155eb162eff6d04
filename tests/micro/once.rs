//! Every ordered pair of operations on a once, inside its block and outside, and what it orders.

use super::check::{check, check_both_ways, check_endless};

#[test]
fn one_caller_runs_the_block() {
    let add = "o.call { n.fetch_add(1); }";
    check(&format!("once o; atomic n = 0; observe n; thread a {{ {add} {add} }}"), "1", "");
    check(&format!("once o; atomic n = 0; observe n; thread a {{ for k in 0..3 {{ {add} }} }}"), "1", "");
    check(&format!("once o; atomic n = 0; observe n; thread a {{ {add} }} thread b {{ {add} }}"), "1", "");
    check(&format!("once o; atomic n = 0; observe n; thread a[i in 0..3] {{ {add} }}"), "1", "");
    check(
        "once o; atomic n = 0; observe n; thread a { o.call { n.store(1); } } thread b { o.call { n.store(2); } }",
        "1 2",
        "",
    );
    check("once o; observe a.r; thread a { let r = 0; o.call { } o.call { r = 1; } }", "0", "");
    // Loops inside the block may be left.
    check("once o; observe a.r; thread a { let r = 0; o.call { loop { r += 1; break; } } }", "1", "");
    check(
        "once o; observe a.r; fn f() { return 5; } thread a { let r = 0; o.call { r = f(); } o.call { r = 1; } }",
        "5",
        "",
    );
    check(
        "once o[2]; observe a.r; thread a { let r = 0; let i = 1; o[i].call { r += 1; } o[0].call { r += 1; } o[1].call { r += 1; } }",
        "2",
        "",
    );
}

#[test]
fn the_others_wait_until_it_is_finished() {
    let callers =
        ("let r = 0; o.call { n.store(1); } r = n.load();", "let r = 0; o.call { n.store(2); } r = n.load();");
    check_both_ways("once o; atomic n = 0;", callers, &[(1, 1), (2, 2)], "");
    check("once o; event e; thread a { o.call { e.wait(); } } thread b { o.call { } e.set(); }", "", "deadlock");
    check("once o; event e; thread a { o.call { e.wait(); } } thread b { e.set(); o.call { } }", "", "");
    check_endless(
        "once o; atomic n = 0; daemon thread d { o.call { loop { n.fetch_xor(1); } } } thread a { o.call { } }",
        "",
        "deadlock",
    );
}

#[test]
fn a_call_inside_the_block_waits_for_itself() {
    check("once o; thread a { o.call { o.call { } } }", "", "deadlock");
    check("once o; thread a { o.call { o.call { } } } thread b { o.call { } }", "", "deadlock");
    check("once o; once p; thread a { o.call { p.call { } } } thread b { p.call { } o.call { } }", "", "");
    check("once o; once p; thread a { o.call { p.call { } } } thread b { p.call { o.call { } } }", "", "deadlock");
    check("once o; mutex m; thread a { o.call { with m { } } } thread b { with m { o.call { } } }", "", "deadlock");
}

#[test]
fn is_completed_says_whether_the_block_is_finished() {
    check("once o; observe a.r; thread a { let r = o.is_completed(); o.call { } }", "false", "");
    check("once o; observe a.r; thread a { o.call { } let r = o.is_completed(); }", "true", "");
    check("once o; observe a.r; thread a { let r = true; o.call { r = o.is_completed(); } }", "false", "");
    let looks = "let r = o.is_completed();";
    check_both_ways("once o;", (looks, "let r = 1; o.call { r = 2; }"), &[("false", "2"), ("true", "2")], "");
    check_both_ways("once o;", (looks, looks), &[("false", "false")], "");
    check(
        "once o; atomic n = 0; observe b.r, b.s; thread a { o.call { n.store(1); } } thread b { let r = o.is_completed(); let s = n.load(); }",
        "false,0 false,1 true,1",
        "",
    );
    // The end of the block is a step of its own behind what it does last.
    check(
        "once o; atomic n = 0; observe b.s, b.r; thread a { o.call { n.store(1); } } thread b { let s = n.load(); let r = o.is_completed(); }",
        "0,false 0,true 1,false 1,true",
        "",
    );
    check("once o; always !o.is_completed(); thread a { o.call { } }", "", "invariant");
    check("once o; finally o.is_completed(); thread a { o.call { } } thread b { o.call { } }", "", "");
}

#[test]
fn a_block_that_fails_poisons_for_ever() {
    check("once o; finally !o.is_completed(); thread a { o.call { panic; } }", "", "panic");
    check(
        "once o; observe b.r; thread a { o.call { panic; } } thread b { o.call { } let r = o.is_completed(); }",
        "true",
        "panic",
    );
    let fails = "once o; fn fails() { o.call { panic; } } fn calls() { o.call { } }";
    check(
        &format!(
            "{fails} observe a.r, a.s; thread a {{ let h = spawn fails(); let r = h.join() is failed; let s = o.is_completed(); }}"
        ),
        "true,false",
        "",
    );
    check(
        &format!(
            "{fails} observe a.r, a.s; thread a {{ let h = spawn fails(); let r = h.join() is failed; let g = spawn calls(); let s = g.join() is failed; }}"
        ),
        "true,true",
        "",
    );
    check(
        &format!(
            "{fails} observe a.r, a.s; thread a {{ let h = spawn fails(); let g = spawn calls(); let r = h.join() is failed; let s = g.join() is failed; }}"
        ),
        "false,false true,true",
        "",
    );
    // A misuse inside is a failure like any other, and what `with` holds is given back before the block ends.
    check("once o; mutex m; finally !o.is_completed(); thread a { o.call { m.unlock(); } }", "", "misuse");
    check(
        "once o; mutex m; finally !m.is_locked(); thread a { o.call { with m { panic; } } } thread b { o.call { with m { } } }",
        "",
        "panic",
    );
    check(
        "once o; mutex m; finally !m.is_locked(); thread a { with m { o.call { panic; } } } thread b { with m { o.call { } } }",
        "",
        "panic",
    );
}

#[test]
fn the_end_of_the_block_happens_before_every_return_of_call() {
    check("once o; var x = 0; thread a { o.call { x = 1; } } thread b { o.call { } x = 2; }", "", "");
    check("once o; var x = 0; thread a[i in 0..2] { o.call { x = 1; } assert x == 1; }", "", "");
    check("once o; var x = 0; thread a { x = 1; o.call { } } thread b { o.call { } x = 2; }", "", "race");
    check("once o; var x = 0; thread a { o.call { } x = 1; } thread b { o.call { } x = 2; }", "", "race");
    check("once o; var x = 0; thread a { o.call { x = 1; } } thread b { if o.is_completed() { x = 2; } }", "", "");
    check("once o; var x = 0; thread a { o.call { x = 1; } } thread b { if !o.is_completed() { x = 2; } }", "", "race");
    // Those who pass are not ordered among each other.
    check("once o; var x = 0; thread a { o.call { } } thread b[i in 0..2] { a.join(); o.call { } x = i; }", "", "race");
    // A call that finds the block failed comes behind it.
    check(
        "once o; var x = 0;
         fn fails() { o.call { x = 1; panic; } }
         fn calls() { o.call { } }
         thread a {
             let h = spawn fails();
             let g = spawn calls();
             if g.join() is failed { x = 2; }
             assert h.join() is failed || x == 0;
         }",
        "",
        "",
    );
}
