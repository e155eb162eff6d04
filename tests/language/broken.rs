//! Broken texts, and exactly what a person is told about them.
//!
//! Every error here has the span that one would edit, and no error is the echo of another.

use crate::said;
use insta::assert_snapshot;

/// The semicolon belongs at the end of the line that lacks it.
#[test]
fn a_missing_semicolon() {
    let text = r#"mutex m;
var x = 0;
thread a {
    m.lock();
    x = 1
    m.unlock();
}
"#;
    assert_snapshot!(said(text), @r#"
    error[E0111]: missing `;`
     --> test.ilv:5:10
      |
    5 |     x = 1
      |          ^ add `;` here
    "#);
}

/// The indentation tells which brace it is: not the last one that is open.
#[test]
fn an_unclosed_brace() {
    let text = r#"mutex m;
var x = 0;

thread a {
    with m {
        x += 1;
}

thread b {
    with m { x += 1; }
}
"#;
    assert_snapshot!(said(text), @r#"
    error[E0112]: this `{` is never closed
     --> test.ilv:5:12
      |
    5 |     with m {
      |            ^
    6 |         x += 1;
    7 | }
      | - this `}` closes it, but is indented like the end of another block
    8 |
    9 | thread b {
      | ------ a declaration begins here
    "#);
}

#[test]
fn an_unclosed_brace_at_the_end_of_the_file() {
    let text = r#"var x = 0;
thread a {
    x = 1;
"#;
    assert_snapshot!(said(text), @r#"
    error[E0112]: this `{` is never closed
     --> test.ilv:2:10
      |
    2 | thread a {
      |          ^
      |
      = help: add the missing `}`
    "#);
}

/// Its arms are parsed all the same: nothing else is said.
#[test]
fn a_match_on_one_line_without_its_brace() {
    for (line, found) in [
        ("match c.recv() some(v) => { x = v; } closed => { } }", "some"),
        ("match x 1 => { x = 2; } _ => { } }", "1"),
        ("match x -1 => { x = 2; } _ => { } }", "=>"),
        ("match x 1 => { x = 2; }, _ => { }, }", "1"),
    ] {
        let text = format!("channel c;\nvar x = 0;\nthread a {{\n    {line}\n    x = 3;\n}}\nthread b {{ x = 4; }}\n");
        let said = said(&text);
        assert_eq!(said.matches("error[").count(), 1, "{text}{said}");
        assert!(said.contains(&format!("error[E0110]: expected `{{`, found `{found}`")), "{text}{said}");
        assert!(said.contains("--> test.ilv:4:"), "{text}{said}");
    }
}

/// What follows it is not blamed a second time.
#[test]
fn a_brace_too_many() {
    let text = r#"var x = 0;
thread a {
    if x == 0 {
        x = 1;
    }
    }
    x = 2;
    x = 3;
}
thread b { x = 4; }
"#;
    assert_snapshot!(said(text), @r#"
    error[E0117]: a statement outside of every thread
     --> test.ilv:7:5
      |
    2 | thread a {
      |          - this `{` …
    ...
    6 |     }
      |     - … is closed by this `}`, which is indented differently
    7 |     x = 2;
      |     ^
      |
      = help: statements stand in the body of a `thread` or a `fn`
    "#);
}

/// The declaration and the statement that were meant are parsed: nothing else is said.
#[test]
fn a_misspelt_keyword() {
    let text = r#"var x = 0;
treahd a {
    whlie x == 0 { yield; }
}
thread b { a.join(); }
"#;
    assert_snapshot!(said(text), @r#"
    error[E0115]: `treahd` does not begin a declaration
     --> test.ilv:2:1
      |
    2 | treahd a {
      | ^^^^^^
      |
      = help: did you mean `thread`?

    error[E0116]: `whlie` does not begin a statement
     --> test.ilv:3:5
      |
    3 |     whlie x == 0 { yield; }
      |     ^^^^^
      |
      = help: did you mean `while`?
    "#);
}

#[test]
fn an_unknown_name() {
    let text = r#"atomic ready = false;
thread a { raedy.store(true); }
thread b { assert ready.load(); }
"#;
    assert_snapshot!(said(text), @r#"
    error[E0201]: nothing is called `raedy`
     --> test.ilv:2:12
      |
    1 | atomic ready = false;
      |        ----- `ready` is declared here
    2 | thread a { raedy.store(true); }
      |            ^^^^^ unknown name
      |
      = help: did you mean `ready`?
    "#);
}

#[test]
fn a_wait_without_its_mutex() {
    let text = r#"mutex m;
condvar ready;
thread a { ready.wait(); }
thread b { with m { ready.notify_one(); } }
"#;
    assert_snapshot!(said(text), @r#"
    error[E0405]: `wait` needs the mutex that it gives back while it waits
     --> test.ilv:3:18
      |
    3 | thread a { ready.wait(); }
      |                  ^^^^ without a mutex
      |
      = help: write `ready.wait(m)`
    "#);
}

#[test]
fn an_unclosed_call() {
    let text = r#"mutex m;
condvar ready;
var go = false;
thread a {
    with m {
        while !go { ready.wait(m; }
    }
}
thread b {
    with m {
        go = true;
        ready.notify_one(
    }
}
"#;
    assert_snapshot!(said(text), @r#"
    error[E0113]: this `(` is never closed
     --> test.ilv:6:33
      |
    6 |         while !go { ready.wait(m; }
      |                               - ^ expected `)` here
      |                               |
      |                               `(` opened here

    error[E0113]: this `(` is never closed
      --> test.ilv:12:26
       |
    12 |         ready.notify_one(
       |                         -^ expected `)` here
       |                         |
       |                         `(` opened here
    "#);
}

/// A line with one is not complained about twice.
#[test]
fn stray_characters() {
    let text = r#"var x = 0 @;
var y = §;
thread a { x = “1; }
"#;
    assert_snapshot!(said(text), @r#"
    error[E0101]: stray character `@`
     --> test.ilv:1:11
      |
    1 | var x = 0 @;
      |           ^ no token begins like this

    error[E0101]: stray character `§`
     --> test.ilv:2:9
      |
    2 | var y = §;
      |         ^ no token begins like this

    error[E0101]: stray character `“`
     --> test.ilv:3:16
      |
    3 | thread a { x = “1; }
      |                ^
      |
      = help: did you mean `"`?
    "#);
}

#[test]
fn six_errors_in_one_file() {
    let text = r#"param N = 2 in 1..=3
mutex m;
semaphore s;
vra x = 0;
thread a[i in 0..N] {
    let y = x +;
    with m { x = y }
    if 0 < x < 3 { x += 1; }
}
"#;
    assert_snapshot!(said(text), @r#"
    error[E0111]: missing `;`
     --> test.ilv:1:21
      |
    1 | param N = 2 in 1..=3
      |                     ^ add `;` here

    error[E0141]: `s` has no number of permits
     --> test.ilv:3:12
      |
    3 | semaphore s;
      |            ^ expected `(PERMITS)` here
      |
      = help: write `semaphore s(1);`

    error[E0115]: `vra` does not begin a declaration
     --> test.ilv:4:1
      |
    4 | vra x = 0;
      | ^^^
      |
      = help: did you mean `var`?

    error[E0110]: expected an expression, found `;`
     --> test.ilv:6:16
      |
    6 |     let y = x +;
      |                ^

    error[E0111]: missing `;`
     --> test.ilv:7:19
      |
    7 |     with m { x = y }
      |                   ^ add `;` here

    error[E0120]: comparisons cannot be chained
     --> test.ilv:8:14
      |
    8 |     if 0 < x < 3 { x += 1; }
      |        ----- ^
      |        |
      |        the comparison before it
      |
      = help: write `0 < x && x < 3`
    "#);
}

/// Each is passed over, and the rest is read as it was meant.
#[test]
fn habits_of_a_rust_programmer() {
    let text = r#"mutex m;
condvar c;
atomic a = 0;
channel q(1);
thread t {
    let mut seen: i64 = 0;
    m.lock();
    c.wait(&m);
    a.store(1, Ordering::Release);
    seen += q.recv()?;
    seen++;
    assert!(seen == 1);
    match q.recv() { Some(v) => { seen = v; } None => { } }
    m.unlock();
}
"#;
    assert_snapshot!(said(text), @r#"
    error[E0124]: there is no `mut`
     --> test.ilv:6:9
      |
    6 |     let mut seen: i64 = 0;
      |         ^^^ leave this out
      |
      = help: every local may be assigned again

    error[E0123]: there are no types
     --> test.ilv:6:17
      |
    6 |     let mut seen: i64 = 0;
      |                 ^^^^^ leave this out
      |
      = help: a value's type is that of the first value it gets

    error[E0125]: there are no references
     --> test.ilv:8:12
      |
    8 |     c.wait(&m);
      |            ^ leave this out
      |
      = help: objects are used by their names

    error[E0128]: there are no paths
     --> test.ilv:9:16
      |
    9 |     a.store(1, Ordering::Release);
      |                ^^^^^^^^^^^^^^^^^
      |
      = help: write `release`

    error[E0127]: there is no `?`
      --> test.ilv:10:21
       |
    10 |     seen += q.recv()?;
       |                     ^ leave this out
       |
       = help: an operation whose result is not taken apart panics unless it is `some(v)`

    error[E0129]: there is no `++`
      --> test.ilv:11:9
       |
    11 |     seen++;
       |         ^^
       |
       = help: write `+= 1`

    error[E0126]: there are no macros
      --> test.ilv:12:5
       |
    12 |     assert!(seen == 1);
       |     ^^^^^^^
       |
       = help: write `assert CONDITION, "text";`

    error[E0143]: `Some` is not a pattern
      --> test.ilv:13:22
       |
    13 |     match q.recv() { Some(v) => { seen = v; } None => { } }
       |                      ^^^^
       |
       = help: did you mean `some`?

    error[E0143]: `None` is not a pattern
      --> test.ilv:13:47
       |
    13 |     match q.recv() { Some(v) => { seen = v; } None => { } }
       |                                               ^^^^
       |
       = help: did you mean `none`?

    error[E0307]: `recv` never gives `none`
      --> test.ilv:13:47
       |
    13 |     match q.recv() { Some(v) => { seen = v; } None => { } }
       |                                               ^^^^ cannot happen
       |
       = help: it gives `some` or `closed`
    "#);
}

/// Uses of what was refused are not complained about.
#[test]
fn what_is_not_built_yet() {
    let text = r#"pool b(2);
pipe r;
thread a {
    b.wait();
    with r { }
    let h = spawn_task work(3);
}
"#;
    assert_snapshot!(said(text), @r#"
    error[E0901]: `pool` is not supported yet
     --> test.ilv:1:1
      |
    1 | pool b(2);
      | ^^^^

    error[E0901]: `pipe` is not supported yet
     --> test.ilv:2:1
      |
    2 | pipe r;
      | ^^^^

    error[E0901]: `spawn_task` is not supported yet
     --> test.ilv:6:13
      |
    6 |     let h = spawn_task work(3);
      |             ^^^^^^^^^^
    "#);
}
