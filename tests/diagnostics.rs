//! What the compiler says about texts whose meaning is wrong: every message with its span, what it conflicts with, and
//! what to do. Texts that have no shape are in `language.rs`.

use interleaver::language::{self, Colour, Override};
use interleaver::program::{Source, Value};

/// The errors of a text, as a person sees them.
fn refused(text: &str) -> String {
    refused_with(text, &[])
}

fn refused_with(text: &str, overrides: &[Override]) -> String {
    let text: Vec<&str> = text.lines().map(str::trim_start).collect();
    let source = Source { name: "test.ilv".to_owned(), text: text.join("\n") };
    match language::compile(&source, overrides) {
        Ok(_) => panic!("this text has no errors"),
        Err(errors) => language::render(&errors, &source, Colour::Plain),
    }
}

fn set(name: &str, value: Value) -> Override {
    Override { name: name.to_owned(), value }
}

#[test]
fn a_name_declared_twice() {
    insta::assert_snapshot!(refused(
        "mutex m;
         var m = 0;
         thread t { m.lock(); }"
    ), @r###"
    error[E0202]: `m` is declared twice
     --> test.ilv:2:5
      |
    1 | mutex m;
      |       - first declared here
    2 | var m = 0;
      |     ^ declared again here
      |
      = help: parameters, constants, objects, functions and threads share one namespace: choose another name
    "###);
}

#[test]
fn unknown_names_come_with_suggestions() {
    insta::assert_snapshot!(refused(
        "mutex ready;
         thread t { raedy.lock(); nothing = 1; let waiting = 0; waitng = 1; putt(3); }
         fn put(x) { yield; }"
    ), @r###"
    error[E0201]: nothing is called `raedy`
     --> test.ilv:2:12
      |
    1 | mutex ready;
      |       ----- `ready` is declared here
    2 | thread t { raedy.lock(); nothing = 1; let waiting = 0; waitng = 1; putt(3); }
      |            ^^^^^ unknown name
      |
      = help: did you mean `ready`?

    error[E0201]: nothing is called `nothing`
     --> test.ilv:2:26
      |
    2 | thread t { raedy.lock(); nothing = 1; let waiting = 0; waitng = 1; putt(3); }
      |                          ^^^^^^^ unknown name

    error[E0201]: nothing is called `waitng`
     --> test.ilv:2:56
      |
    2 | thread t { raedy.lock(); nothing = 1; let waiting = 0; waitng = 1; putt(3); }
      |                                                        ^^^^^^ unknown name
      |
      = help: did you mean `waiting`?

    error[E0201]: nothing is called `putt`
     --> test.ilv:2:68
      |
    2 | thread t { raedy.lock(); nothing = 1; let waiting = 0; waitng = 1; putt(3); }
      |                                                                    ^^^^ unknown name
    3 | fn put(x) { yield; }
      |    --- `put` is declared here
      |
      = help: did you mean `put`?
    "###);
}

#[test]
fn an_unknown_name_is_reported_once() {
    insta::assert_snapshot!(refused(
        "thread t { x = 1; x = 2; if x == 3 { y.lock(); } }
         thread u { x = 3; }"
    ), @r###"
    error[E0201]: nothing is called `x`
     --> test.ilv:1:12
      |
    1 | thread t { x = 1; x = 2; if x == 3 { y.lock(); } }
      |            ^ unknown name

    error[E0201]: nothing is called `y`
     --> test.ilv:1:38
      |
    1 | thread t { x = 1; x = 2; if x == 3 { y.lock(); } }
      |                                      ^ unknown name
    "###);
}

#[test]
fn a_local_hides_nothing_of_the_file() {
    insta::assert_snapshot!(refused(
        "var filled = 0;
         thread t[filled in 0..2] { let m = 1; for t in 0..2 { } }
         mutex m;
         fn f(put) { yield; }
         fn put() { yield; }"
    ), @r###"
    error[E0203]: the local `filled` would hide a variable of the same name
     --> test.ilv:2:10
      |
    1 | var filled = 0;
      |     ------ declared here
    2 | thread t[filled in 0..2] { let m = 1; for t in 0..2 { } }
      |          ^^^^^^ a local of this name
      |
      = help: give the local another name

    error[E0203]: the local `m` would hide a mutex of the same name
     --> test.ilv:2:32
      |
    2 | thread t[filled in 0..2] { let m = 1; for t in 0..2 { } }
      |                                ^ a local of this name
    3 | mutex m;
      |       - declared here
      |
      = help: give the local another name

    error[E0203]: the local `t` would hide a group of threads of the same name
     --> test.ilv:2:43
      |
    2 | thread t[filled in 0..2] { let m = 1; for t in 0..2 { } }
      |        - declared here                    ^ a local of this name
      |
      = help: give the local another name

    error[E0203]: the local `put` would hide a function of the same name
     --> test.ilv:4:6
      |
    4 | fn f(put) { yield; }
      |      ^^^ a local of this name
    5 | fn put() { yield; }
      |    --- declared here
      |
      = help: give the local another name
    "###);
}

#[test]
fn a_local_is_used_before_its_let_or_after_its_block() {
    insta::assert_snapshot!(refused(
        "thread t { x = 1; let x = 2; if x == 2 { let y = 1; } x = y; }"
    ), @r###"
    error[E0204]: the local `x` is used before it has a value
     --> test.ilv:1:12
      |
    1 | thread t { x = 1; let x = 2; if x == 2 { let y = 1; } x = y; }
      |            ^          - gets its first value here
      |            |
      |            used here
      |
      = help: move the `let x` up, or write one before this line

    error[E0205]: the local `y` does not exist any more
     --> test.ilv:1:59
      |
    1 | thread t { x = 1; let x = 2; if x == 2 { let y = 1; } x = y; }
      |                                              -            ^ outside its block
      |                                              |
      |                                              it lives until the end of this block
      |
      = help: declare `y` before the block and assign it inside
    "###);
}

#[test]
fn only_functions_are_called() {
    insta::assert_snapshot!(refused(
        "mutex m;
         const K = 1;
         thread t { let x = 1; m(); x(2); let y = K(); t(); }"
    ), @r###"
    error[E0206]: `m` is a mutex and cannot be called
     --> test.ilv:3:23
      |
    1 | mutex m;
      |       - declared here
    2 | const K = 1;
    3 | thread t { let x = 1; m(); x(2); let y = K(); t(); }
      |                       ^ not a function

    error[E0206]: `x` is a local and cannot be called
     --> test.ilv:3:28
      |
    3 | thread t { let x = 1; m(); x(2); let y = K(); t(); }
      |                -           ^ not a function
      |                |
      |                declared here

    error[E0206]: `K` is a constant and cannot be called
     --> test.ilv:3:42
      |
    2 | const K = 1;
      |       - declared here
    3 | thread t { let x = 1; m(); x(2); let y = K(); t(); }
      |                                          ^ not a function

    error[E0206]: `t` is a thread and cannot be called
     --> test.ilv:3:47
      |
    3 | thread t { let x = 1; m(); x(2); let y = K(); t(); }
      |        - declared here                        ^ not a function
    "###);
}

#[test]
fn parameters_of_functions_differ() {
    insta::assert_snapshot!(refused(
        "fn f(a, b, a) { yield; }
         thread t { f(1, 2, 3); }"
    ), @r###"
    error[E0207]: two parameters of this function are called `a`
     --> test.ilv:1:12
      |
    1 | fn f(a, b, a) { yield; }
      |      -     ^ again here
      |      |
      |      first here
    "###);
}

#[test]
fn constants_are_declared_before_their_use() {
    insta::assert_snapshot!(refused(
        "const A = B + 1;
         param B = 2;
         thread t { let x = A; }"
    ), @r###"
    error[E0208]: `B` is used before it is declared
     --> test.ilv:1:11
      |
    1 | const A = B + 1;
      |           ^ used here
    2 | param B = 2;
      |       - declared here
      |
      = help: parameters and constants are evaluated in order: move the declaration up
    "###);
}

#[test]
fn conditions_are_booleans() {
    insta::assert_snapshot!(refused(
        "thread t { let n = 3; if n { } while n + 1 { } assert n; assume !n; let b = n && true; if true == n { } }"
    ), @r###"
    error[E0301]: a condition must be a Boolean, not an integer
     --> test.ilv:1:26
      |
    1 | thread t { let n = 3; if n { } while n + 1 { } assert n; assume !n; let b = n && true; if true == n { } }
      |                          ^ an integer
      |
      = help: compare it, as in `n != 0`

    error[E0301]: a condition must be a Boolean, not an integer
     --> test.ilv:1:38
      |
    1 | thread t { let n = 3; if n { } while n + 1 { } assert n; assume !n; let b = n && true; if true == n { } }
      |                                      ^^^^^ an integer
      |
      = help: compare it, as in `n != 0`

    error[E0301]: what `assert` claims must be a Boolean, not an integer
     --> test.ilv:1:55
      |
    1 | thread t { let n = 3; if n { } while n + 1 { } assert n; assume !n; let b = n && true; if true == n { } }
      |                                                       ^ an integer
      |
      = help: compare it, as in `n != 0`

    error[E0301]: the operand of `!` must be a Boolean, not an integer
     --> test.ilv:1:66
      |
    1 | thread t { let n = 3; if n { } while n + 1 { } assert n; assume !n; let b = n && true; if true == n { } }
      |                                                                  ^ an integer
      |
      = help: compare it, as in `n != 0`

    error[E0301]: an operand of `&&` must be a Boolean, not an integer
     --> test.ilv:1:77
      |
    1 | thread t { let n = 3; if n { } while n + 1 { } assert n; assume !n; let b = n && true; if true == n { } }
      |                                                                             ^ an integer
      |
      = help: compare it, as in `n != 0`

    error[E0302]: these cannot be compared: one is a Boolean, the other an integer
     --> test.ilv:1:91
      |
    1 | thread t { let n = 3; if n { } while n + 1 { } assert n; assume !n; let b = n && true; if true == n { } }
      |                                                                                           ^^^^^^^^^ of two different types
    "###);
}

#[test]
fn a_local_keeps_its_type() {
    insta::assert_snapshot!(refused(
        "var flag = true;
         thread t { let x = 1; x = true; let b = false; b += 1; flag = 3; flag += 1; x = if b { 1 } else { false }; x = -b; let y = b & true; let z = b ^ b; if b < true { } }"
    ), @r###"
    error[E0301]: what `x` gets must be an integer, not a Boolean
     --> test.ilv:2:27
      |
    2 | thread t { let x = 1; x = true; let b = false; b += 1; flag = 3; flag += 1; x = if b { 1 } else { false }; x = -b; let y = b & true; ...
      |                           ^^^^ a Boolean

    error[E0301]: an operand of `+=` must be an integer, not a Boolean
     --> test.ilv:2:48
      |
    2 | thread t { let x = 1; x = true; let b = false; b += 1; flag = 3; flag += 1; x = if b { 1 } else { false }; x = -b; let y = b & true; ...
      |                                                ^ a Boolean

    error[E0301]: what `flag` gets must be a Boolean, not an integer
     --> test.ilv:2:63
      |
    2 | thread t { let x = 1; x = true; let b = false; b += 1; flag = 3; flag += 1; x = if b { 1 } else { false }; x = -b; let y = b & true; ...
      |                                                               ^ an integer

    error[E0301]: an operand of `+=` must be an integer, not a Boolean
     --> test.ilv:2:66
      |
    2 | thread t { let x = 1; x = true; let b = false; b += 1; flag = 3; flag += 1; x = if b { 1 } else { false }; x = -b; let y = b & true; ...
      |                                                                  ^^^^ a Boolean

    error[E0302]: the branches of this `if` differ: one is an integer, the other a Boolean
     --> test.ilv:2:81
      |
    2 | thread t { let x = 1; x = true; let b = false; b += 1; flag = 3; flag += 1; x = if b { 1 } else { false }; x = -b; let y = b & true; ...
      |                                                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^ of two different types

    error[E0301]: the operand of `-` must be an integer, not a Boolean
     --> test.ilv:2:113
      |
    2 | thread t { let x = 1; x = true; let b = false; b += 1; flag = 3; flag += 1; x = if b { 1 } else { false }; x = -b; let y = b & true; ...
      |                                                                                                                 ^ a Boolean

    error[E0301]: an operand of `&` must be an integer, not a Boolean
     --> test.ilv:2:124
      |
    2 | ... flag += 1; x = if b { 1 } else { false }; x = -b; let y = b & true; let z = b ^ b; if b < true { } }
      |                                                               ^ a Boolean
      |
      = help: on Booleans write `&&`

    error[E0301]: an operand of `^` must be an integer, not a Boolean
     --> test.ilv:2:142
      |
    2 | ... b { 1 } else { false }; x = -b; let y = b & true; let z = b ^ b; if b < true { } }
      |                                                               ^ a Boolean
      |
      = help: on Booleans write `!=`

    error[E0301]: an operand of `<` must be an integer, not a Boolean
     --> test.ilv:2:152
      |
    2 | ...lse { false }; x = -b; let y = b & true; let z = b ^ b; if b < true { } }
      |                                                               ^ a Boolean
    "###);
}

#[test]
fn a_channel_has_one_type() {
    insta::assert_snapshot!(refused(
        "channel c;
         thread t { let v = c.recv(); if v == 2 { } c.send(true); }"
    ), @r###"
    error[E0301]: a message of `c`, like those before, must be an integer, not a Boolean
     --> test.ilv:2:51
      |
    2 | thread t { let v = c.recv(); if v == 2 { } c.send(true); }
      |                                                   ^^^^ a Boolean
    "###);
}

#[test]
fn a_function_has_one_type() {
    insta::assert_snapshot!(refused(
        "fn f(x) { if x { return 1; } return true; }
         thread t { f(2); }"
    ), @r###"
    error[E0301]: what this function returns, as elsewhere, must be an integer, not a Boolean
     --> test.ilv:1:37
      |
    1 | fn f(x) { if x { return 1; } return true; }
      |                                     ^^^^ a Boolean

    error[E0301]: this argument of `f` must be a Boolean, not an integer
     --> test.ilv:2:14
      |
    2 | thread t { f(2); }
      |              ^ an integer
    "###);
}

#[test]
fn objects_are_not_values() {
    insta::assert_snapshot!(refused(
        "mutex m;
         condvar c;
         semaphore s(1);
         channel d;
         atomic a[2] = 0;
         var v[2] = 0;
         fn f() { yield; }
         thread t { let x = m; x = c; x = s; x = d; x = t; x = f; x = a; x = v; x = a[1]; x = v[0][1]; }"
    ), @r###"
    error[E0303]: `m` is a mutex, not a value
     --> test.ilv:8:20
      |
    1 | mutex m;
      |       - declared here
    ...
    8 | thread t { let x = m; x = c; x = s; x = d; x = t; x = f; x = a; x = v; x = a[1]; x = v[0][1]; }
      |                    ^ a value is needed here
      |
      = help: `m.is_locked()` is a Boolean

    error[E0303]: `c` is a condition variable, not a value
     --> test.ilv:8:27
      |
    2 | condvar c;
      |         - declared here
    ...
    8 | thread t { let x = m; x = c; x = s; x = d; x = t; x = f; x = a; x = v; x = a[1]; x = v[0][1]; }
      |                           ^ a value is needed here

    error[E0303]: `s` is a semaphore, not a value
     --> test.ilv:8:34
      |
    3 | semaphore s(1);
      |           - declared here
    ...
    8 | thread t { let x = m; x = c; x = s; x = d; x = t; x = f; x = a; x = v; x = a[1]; x = v[0][1]; }
      |                                  ^ a value is needed here
      |
      = help: only properties can read its permits; `try_acquire()` gives a Boolean

    error[E0303]: `d` is a channel, not a value
     --> test.ilv:8:41
      |
    4 | channel d;
      |         - declared here
    ...
    8 | thread t { let x = m; x = c; x = s; x = d; x = t; x = f; x = a; x = v; x = a[1]; x = v[0][1]; }
      |                                         ^ a value is needed here
      |
      = help: `d.recv()` takes a message, `d.len()` counts them

    error[E0303]: `t` is a thread, not a value
     --> test.ilv:8:48
      |
    8 | thread t { let x = m; x = c; x = s; x = d; x = t; x = f; x = a; x = v; x = a[1]; x = v[0][1]; }
      |        - declared here                         ^ a value is needed here

    error[E0303]: `f` is a function, not a value
     --> test.ilv:8:55
      |
    7 | fn f() { yield; }
      |    - declared here
    8 | thread t { let x = m; x = c; x = s; x = d; x = t; x = f; x = a; x = v; x = a[1]; x = v[0][1]; }
      |                                                       ^ a value is needed here
      |
      = help: call it: `f(…)`

    error[E0406]: `a` is an array of atomics: say which one
     --> test.ilv:8:62
      |
    5 | atomic a[2] = 0;
      |        - declared here
    ...
    8 | thread t { let x = m; x = c; x = s; x = d; x = t; x = f; x = a; x = v; x = a[1]; x = v[0][1]; }
      |                                                              ^ an index is missing
      |
      = help: write `a[0]`

    error[E0406]: `v` is an array of variables: say which one
     --> test.ilv:8:69
      |
    6 | var v[2] = 0;
      |     - declared here
    7 | fn f() { yield; }
    8 | thread t { let x = m; x = c; x = s; x = d; x = t; x = f; x = a; x = v; x = a[1]; x = v[0][1]; }
      |                                                                     ^ an index is missing
      |
      = help: write `v[0]`

    error[E0304]: the atomic `a[1]` is read without saying how
     --> test.ilv:8:76
      |
    5 | atomic a[2] = 0;
      |        - declared here
    ...
    8 | thread t { let x = m; x = c; x = s; x = d; x = t; x = f; x = a; x = v; x = a[1]; x = v[0][1]; }
      |                                                                            ^^^^ a bare atomic
      |
      = help: write `a[1].load()`, or `a[1].load(relaxed)` for a weaker ordering

    error[E0407]: `v[0]` is a value, not an array
     --> test.ilv:8:86
      |
    8 | thread t { let x = m; x = c; x = s; x = d; x = t; x = f; x = a; x = v; x = a[1]; x = v[0][1]; }
      |                                                                                      ^^^^ cannot be indexed
    "###);
}

#[test]
fn a_bare_atomic() {
    insta::assert_snapshot!(refused(
        "atomic flag = false;
         thread t { if flag { } flag = true; let y = flag; }"
    ), @r###"
    error[E0304]: the atomic `flag` is read without saying how
     --> test.ilv:2:15
      |
    1 | atomic flag = false;
      |        ---- declared here
    2 | thread t { if flag { } flag = true; let y = flag; }
      |               ^^^^ a bare atomic
      |
      = help: write `flag.load()`, or `flag.load(relaxed)` for a weaker ordering

    error[E0408]: `flag` is an atomic and cannot be assigned
     --> test.ilv:2:24
      |
    1 | atomic flag = false;
      |        ---- declared here
    2 | thread t { if flag { } flag = true; let y = flag; }
      |                        ^^^^ cannot be assigned
      |
      = help: write `flag.store(…);`

    error[E0304]: the atomic `flag` is read without saying how
     --> test.ilv:2:45
      |
    1 | atomic flag = false;
      |        ---- declared here
    2 | thread t { if flag { } flag = true; let y = flag; }
      |                                             ^^^^ a bare atomic
      |
      = help: write `flag.load()`, or `flag.load(relaxed)` for a weaker ordering
    "###);
}

#[test]
fn what_gives_nothing_is_no_value() {
    insta::assert_snapshot!(refused(
        "mutex m;
         fn f() { yield; }
         thread t { let x = m.lock(); x = f(); let y = t.join(); }"
    ), @r###"
    error[E0305]: `lock` gives no value
     --> test.ilv:3:20
      |
    3 | thread t { let x = m.lock(); x = f(); let y = t.join(); }
      |                    ^^^^^^^^ a value is needed here

    error[E0305]: `f` gives no value
     --> test.ilv:3:34
      |
    3 | thread t { let x = m.lock(); x = f(); let y = t.join(); }
      |                                  ^^^ a value is needed here
      |
      = help: write `return e;` in the function to give it a value

    error[E0305]: `join` gives no value
     --> test.ilv:3:47
      |
    3 | thread t { let x = m.lock(); x = f(); let y = t.join(); }
      |                                               ^^^^^^^^ a value is needed here
      |
      = help: it tells how the thread ended: `if t.join() is failed { }`
    "###);
}

#[test]
fn patterns_fit_what_they_match() {
    insta::assert_snapshot!(refused(
        "channel c;
         atomic a = 0;
         thread t { match c.recv() { 3 => { } none => { } some(v) => { } closed => { } } if let some(v) = a.load() { } match t.join() { some(v) => { } failed(w) => { } } match 3 { true => { } _ => { } } }"
    ), @r###"
    error[E0306]: this pattern is for an integer or a Boolean, and here is a result
     --> test.ilv:3:29
      |
    3 | thread t { match c.recv() { 3 => { } none => { } some(v) => { } closed => { } } if let some(v) = a.load() { } match t.join() { some(v...
      |                             ^ a value
      |
      = help: match the case, as in `some(v)`, and compare `v` inside

    error[E0307]: `recv` never gives `none`
     --> test.ilv:3:38
      |
    3 | thread t { match c.recv() { 3 => { } none => { } some(v) => { } closed => { } } if let some(v) = a.load() { } match t.join() { some(v...
      |                                      ^^^^ cannot happen
      |
      = help: it gives `some` or `closed`

    error[E0306]: this pattern is for a result, and the value here is none
     --> test.ilv:3:88
      |
    3 | ...me(v) => { } closed => { } } if let some(v) = a.load() { } match t.join() { some(v) => { } failed(w) => { } } match 3 { true => { ...
      |                                        ^^^^^^^ `some`, `none`, `closed`, … are cases of a result
      |
      = help: operations marked `T?` in the reference give results, such as `recv`, `compare_exchange` and `join`

    error[E0307]: the `some` of `join` has no value
     --> test.ilv:3:128
      |
    3 | ...{ } } if let some(v) = a.load() { } match t.join() { some(v) => { } failed(w) => { } } match 3 { true => { } _ => { } } }
      |                                                         ^^^^^^^ nothing to name
      |
      = help: write `some`

    error[E0307]: the `failed` of `join` has no value
     --> test.ilv:3:143
      |
    3 | ...e(v) = a.load() { } match t.join() { some(v) => { } failed(w) => { } } match 3 { true => { } _ => { } } }
      |                                                        ^^^^^^^^^ nothing to name
      |
      = help: write `failed`

    error[E0301]: this pattern must be an integer, not a Boolean
     --> test.ilv:3:172
      |
    3 | ...ch t.join() { some(v) => { } failed(w) => { } } match 3 { true => { } _ => { } } }
      |                                                              ^^^^ a Boolean
    "###);
}

#[test]
fn all_cases_are_covered() {
    insta::assert_snapshot!(refused(
        "channel c;
         thread t { match c.try_recv() { some(v) => { } } match c.recv() { closed => { } } match c.len() { 0 => { } 1 => { } } match c.len() == 0 { false => { } } }"
    ), @r###"
    error[E0308]: this `match` does not cover `none` and `closed`
     --> test.ilv:2:12
      |
    2 | thread t { match c.try_recv() { some(v) => { } } match c.recv() { closed => { } } match c.len() { 0 => { } 1 => { } } match c.len() =...
      |            ^^^^^^^^^^^^^^^^^^ not all cases are covered
      |
      = help: add the missing arms, or `_ => { }`

    error[E0308]: this `match` does not cover `some`
     --> test.ilv:2:50
      |
    2 | thread t { match c.try_recv() { some(v) => { } } match c.recv() { closed => { } } match c.len() { 0 => { } 1 => { } } match c.len() =...
      |                                                  ^^^^^^^^^^^^^^ not all cases are covered
      |
      = help: add the missing arms, or `_ => { }`

    error[E0308]: this `match` does not cover every integer
     --> test.ilv:2:83
      |
    2 | thread t { match c.try_recv() { some(v) => { } } match c.recv() { closed => { } } match c.len() { 0 => { } 1 => { } } match c.len() =...
      |                                                                                   ^^^^^^^^^^^^^ not all cases are covered
      |
      = help: add the missing arms, or `_ => { }`

    error[E0308]: this `match` does not cover `true`
     --> test.ilv:2:119
      |
    2 | ... { } } match c.len() { 0 => { } 1 => { } } match c.len() == 0 { false => { } } }
      |                                               ^^^^^^^^^^^^^^^^^^ not all cases are covered
      |
      = help: add the missing arms, or `_ => { }`
    "###);
}

#[test]
fn handles_are_no_values() {
    insta::assert_snapshot!(refused(
        "channel c;
         fn f(n) { return n; }
         fn g() { }
         observe t.h;
         thread t { let h = spawn f(1); let k = h + 1; c.send(spawn g()); f(h); }
         thread u { let h = spawn f(1); h = spawn g(); h = 3; let n = 1; n = spawn g(); h.is_alive(); }"
    ), @r###"
    error[E0309]: the handle of a thread is no value
     --> test.ilv:4:11
      |
    4 | observe t.h;
      |           ^ a value is needed here
      |
      = help: keep it in a local, `let h = spawn f();`, and ask it: `h.join()`, `h.is_finished()`

    error[E0309]: the handle of a thread is no value
     --> test.ilv:5:40
      |
    5 | thread t { let h = spawn f(1); let k = h + 1; c.send(spawn g()); f(h); }
      |                                        ^ a value is needed here
      |
      = help: keep it in a local, `let h = spawn f();`, and ask it: `h.join()`, `h.is_finished()`

    error[E0309]: the handle of a thread is no value
     --> test.ilv:5:54
      |
    5 | thread t { let h = spawn f(1); let k = h + 1; c.send(spawn g()); f(h); }
      |                                                      ^^^^^^^^^ a value is needed here
      |
      = help: keep it in a local, `let h = spawn f();`, and ask it: `h.join()`, `h.is_finished()`

    error[E0309]: this argument of `f` must be an integer, not the handle of a thread
     --> test.ilv:5:68
      |
    5 | thread t { let h = spawn f(1); let k = h + 1; c.send(spawn g()); f(h); }
      |                                                                    ^ a handle
      |
      = help: ask it: `h.join()`, `h.is_finished()`

    error[E0309]: this local keeps handles of threads that run `f`
     --> test.ilv:6:36
      |
    6 | thread u { let h = spawn f(1); h = spawn g(); h = 3; let n = 1; n = spawn g(); h.is_alive(); }
      |                                    ^^^^^^^^^ a thread that runs `g`
      |
      = help: a local has one type: use another one for this handle

    error[E0309]: this local keeps handles of threads that run `f`
     --> test.ilv:6:51
      |
    6 | thread u { let h = spawn f(1); h = spawn g(); h = 3; let n = 1; n = spawn g(); h.is_alive(); }
      |                                                   ^ no handle
      |
      = help: assign `spawn f(…)`, or another such handle

    error[E0309]: the handle of a thread is no value
     --> test.ilv:6:69
      |
    6 | thread u { let h = spawn f(1); h = spawn g(); h = 3; let n = 1; n = spawn g(); h.is_alive(); }
      |                                                                     ^^^^^^^^^ a value is needed here
      |
      = help: keep it in a local, `let h = spawn f();`, and ask it: `h.join()`, `h.is_finished()`

    error[E0401]: the handle of a thread has no operation `is_alive`
     --> test.ilv:6:82
      |
    6 | thread u { let h = spawn f(1); h = spawn g(); h = 3; let n = 1; n = spawn g(); h.is_alive(); }
      |                - declared here                                                   ^^^^^^^^ unknown operation
      |
      = help: it has `join` and `is_finished`
    "###);
    for (statement, said) in [
        ("spawn m();", "error[E0206]: `m` is a mutex, not a function"),
        ("spawn f();", "error[E0605]"),
        ("let a = spawn f(1); if let failed(v) = a.join() { v = 1; }", "error[E0307]"),
        ("let a = spawn f(1); let r = a.join();", "error[E0305]: `join` gives no value"),
        ("atomically { spawn f(2); }", "error[E0606]"),
    ] {
        let errors = refused(&format!("mutex m; fn f(n) {{ }} thread t {{ {statement} }}"));
        assert!(errors.starts_with(said.split(' ').next().unwrap_or(said)), "{statement}: {errors}");
    }
}

#[test]
fn timed_operations_are_given_a_duration() {
    insta::assert_snapshot!(refused(
        "event e;
         channel c;
         thread t { e.wait_timeout(); e.wait_timeout(10); e.wait_timeout(1ms, 2ms); e.wait(1ms); c.send(1ms); e.st(); }"
    ), @r###"
    error[E0402]: `wait_timeout` takes 1 argument, not 0
     --> test.ilv:3:14
      |
    3 | thread t { e.wait_timeout(); e.wait_timeout(10); e.wait_timeout(1ms, 2ms); e.wait(1ms); c.send(1ms); e.st(); }
      |              ^^^^^^^^^^^^ 0 arguments
      |
      = help: write `e.wait_timeout(10ms)`

    error[E0109]: expected a duration, found `10`
     --> test.ilv:3:45
      |
    3 | thread t { e.wait_timeout(); e.wait_timeout(10); e.wait_timeout(1ms, 2ms); e.wait(1ms); c.send(1ms); e.st(); }
      |                                             ^^
      |
      = help: a duration is a number with `us`, `ms` or `s`, such as `10ms`

    error[E0402]: `wait_timeout` takes 1 argument, not 2
     --> test.ilv:3:52
      |
    3 | thread t { e.wait_timeout(); e.wait_timeout(10); e.wait_timeout(1ms, 2ms); e.wait(1ms); c.send(1ms); e.st(); }
      |                                                    ^^^^^^^^^^^^^^^^^^^^^ 2 arguments
      |
      = help: write `e.wait_timeout(10ms)`

    error[E0402]: `wait` takes no arguments, not 1
     --> test.ilv:3:78
      |
    3 | thread t { e.wait_timeout(); e.wait_timeout(10); e.wait_timeout(1ms, 2ms); e.wait(1ms); c.send(1ms); e.st(); }
      |                                                                              ^^^^^^^^ 1 argument
      |
      = help: write `e.wait()`

    error[E0108]: a duration stands only in `sleep(…)`, `work(…)`, `io(…)` and operations with a time-out
     --> test.ilv:3:96
      |
    3 | thread t { e.wait_timeout(); e.wait_timeout(10); e.wait_timeout(1ms, 2ms); e.wait(1ms); c.send(1ms); e.st(); }
      |                                                                                                ^^^

    error[E0401]: an event has no operation `st`
     --> test.ilv:3:104
      |
    1 | event e;
      |       - declared here
    2 | channel c;
    3 | thread t { e.wait_timeout(); e.wait_timeout(10); e.wait_timeout(1ms, 2ms); e.wait(1ms); c.send(1ms); e.st(); }
      |                                                                                                        ^^ unknown operation
      |
      = help: it has `set`, `clear`, `is_set`, `wait` and `wait_timeout`
    "###);
}

#[test]
fn events_have_no_value() {
    insta::assert_snapshot!(refused(
        "event e;
         always e;
         observe e;
         thread t { if e { } e = 1; with e { } }"
    ), @r###"
    error[E0701]: an event cannot be read in a property
     --> test.ilv:2:8
      |
    2 | always e;
      |        ^ not part of a state
      |
      = help: write `.is_set()` after it

    error[E0701]: an event cannot be observed
     --> test.ilv:3:9
      |
    3 | observe e;
      |         ^ not part of an outcome
      |
      = help: variables, atomics, semaphores and the locals of threads can be observed

    error[E0303]: `e` is an event, not a value
     --> test.ilv:4:15
      |
    1 | event e;
      |       - declared here
    ...
    4 | thread t { if e { } e = 1; with e { } }
      |               ^ a value is needed here
      |
      = help: `e.is_set()` is a Boolean

    error[E0408]: `e` is an event and cannot be assigned
     --> test.ilv:4:21
      |
    1 | event e;
      |       - declared here
    ...
    4 | thread t { if e { } e = 1; with e { } }
      |                     ^ cannot be assigned

    error[E0410]: `with` takes a lock or a semaphore, not an event
     --> test.ilv:4:33
      |
    1 | event e;
      |       - declared here
    ...
    4 | thread t { if e { } e = 1; with e { } }
      |                                 ^ cannot be taken and released
    "###);
}

#[test]
fn barriers_and_permits_are_counted_in_constants() {
    insta::assert_snapshot!(refused(
        "barrier b(0);
         barrier d(65);
         semaphore s(1);
         thread t { let n = 2; s.acquire(0); s.release(n); s.acquire(1, 2); with b { } if b { } }"
    ), @r###"
    error[E0507]: a barrier cannot wait for 0 threads
     --> test.ilv:1:11
      |
    1 | barrier b(0);
      |           ^ must be between 1 and 64

    error[E0507]: a barrier cannot wait for 65 threads
     --> test.ilv:2:11
      |
    2 | barrier d(65);
      |           ^^ must be between 1 and 64

    error[E0507]: 0 permits cannot be taken or given at once
     --> test.ilv:4:33
      |
    4 | thread t { let n = 2; s.acquire(0); s.release(n); s.acquire(1, 2); with b { } if b { } }
      |                                 ^ must be at least 1

    error[E0501]: `n` is a local, not a constant
     --> test.ilv:4:47
      |
    4 | thread t { let n = 2; s.acquire(0); s.release(n); s.acquire(1, 2); with b { } if b { } }
      |                                               ^ not known before the first step
      |
      = help: how many permits go at once is fixed before anything runs: a number, a constant or a parameter of the file

    error[E0402]: `acquire` takes 1 argument, not 2
     --> test.ilv:4:53
      |
    4 | thread t { let n = 2; s.acquire(0); s.release(n); s.acquire(1, 2); with b { } if b { } }
      |                                                     ^^^^^^^^^^^^ 2 arguments
      |
      = help: write `s.acquire(2)`
    "###);
}

#[test]
fn queues_have_room_and_operations_of_their_own() {
    insta::assert_snapshot!(refused(
        "queue q(0);
         lifo queue r(5000);
         queue s;
         thread t { s.gett(); s.enqueue(1); }"
    ), @r###"
    error[E0507]: a queue cannot hold 0 items
     --> test.ilv:1:9
      |
    1 | queue q(0);
      |         ^ must be between 1 and 1024
      |
      = help: without `(…)` a queue is unbounded

    error[E0507]: a queue cannot hold 5000 items
     --> test.ilv:2:14
      |
    2 | lifo queue r(5000);
      |              ^^^^ must be between 1 and 1024
      |
      = help: without `(…)` a queue is unbounded

    error[E0401]: a queue has no operation `gett`
     --> test.ilv:4:14
      |
    3 | queue s;
      |       - declared here
    4 | thread t { s.gett(); s.enqueue(1); }
      |              ^^^^ unknown operation
      |
      = help: did you mean `get`?

    error[E0401]: a queue has no operation `enqueue`
     --> test.ilv:4:24
      |
    3 | queue s;
      |       - declared here
    4 | thread t { s.gett(); s.enqueue(1); }
      |                        ^^^^^^^ unknown operation
      |
      = help: it has `put`, `get`, `try_put`, `try_get`, `put_timeout`, `get_timeout`, `len`, `is_empty`, `is_full`, `task_done` and `join`
    "###);
}

#[test]
fn unknown_operations() {
    insta::assert_snapshot!(refused(
        "mutex m;
         condvar c;
         semaphore s(1);
         channel d;
         atomic a = 0;
         thread t { m.lokc(); m.acquire(); c.signal(); s.relase(); d.recieve(); a.incr(); t.jion(); a.fetch_ad(1); }"
    ), @r###"
    error[E0401]: a mutex has no operation `lokc`
     --> test.ilv:6:14
      |
    1 | mutex m;
      |       - declared here
    ...
    6 | thread t { m.lokc(); m.acquire(); c.signal(); s.relase(); d.recieve(); a.incr(); t.jion(); a.fetch_ad(1); }
      |              ^^^^ unknown operation
      |
      = help: did you mean `lock`?

    error[E0401]: a mutex has no operation `acquire`
     --> test.ilv:6:24
      |
    1 | mutex m;
      |       - declared here
    ...
    6 | thread t { m.lokc(); m.acquire(); c.signal(); s.relase(); d.recieve(); a.incr(); t.jion(); a.fetch_ad(1); }
      |                        ^^^^^^^ unknown operation
      |
      = help: it has `lock`, `unlock`, `try_lock`, `lock_timeout` and `is_locked`

    error[E0401]: a condition variable has no operation `signal`
     --> test.ilv:6:37
      |
    2 | condvar c;
      |         - declared here
    ...
    6 | thread t { m.lokc(); m.acquire(); c.signal(); s.relase(); d.recieve(); a.incr(); t.jion(); a.fetch_ad(1); }
      |                                     ^^^^^^ unknown operation
      |
      = help: it has `wait`, `wait_timeout`, `wait_while`, `notify_one`, `notify` and `notify_all`

    error[E0401]: a semaphore has no operation `relase`
     --> test.ilv:6:49
      |
    3 | semaphore s(1);
      |           - declared here
    ...
    6 | thread t { m.lokc(); m.acquire(); c.signal(); s.relase(); d.recieve(); a.incr(); t.jion(); a.fetch_ad(1); }
      |                                                 ^^^^^^ unknown operation
      |
      = help: did you mean `release`?

    error[E0401]: a channel has no operation `recieve`
     --> test.ilv:6:61
      |
    4 | channel d;
      |         - declared here
    5 | atomic a = 0;
    6 | thread t { m.lokc(); m.acquire(); c.signal(); s.relase(); d.recieve(); a.incr(); t.jion(); a.fetch_ad(1); }
      |                                                             ^^^^^^^ unknown operation
      |
      = help: it has `send`, `recv`, `try_send`, `try_recv`, `recv_timeout`, `close` and `len`

    error[E0401]: an atomic has no operation `incr`
     --> test.ilv:6:74
      |
    5 | atomic a = 0;
      |        - declared here
    6 | thread t { m.lokc(); m.acquire(); c.signal(); s.relase(); d.recieve(); a.incr(); t.jion(); a.fetch_ad(1); }
      |                                                                          ^^^^ unknown operation
      |
      = help: it has `load`, `store`, `swap`, `fetch_add`, `fetch_sub`, `fetch_and`, `fetch_or`, `fetch_xor`, `fetch_max`, `fetch_min`, `compare_exchange` and `compare_exchange_weak`

    error[E0401]: a thread has no operation `jion`
     --> test.ilv:6:84
      |
    6 | thread t { m.lokc(); m.acquire(); c.signal(); s.relase(); d.recieve(); a.incr(); t.jion(); a.fetch_ad(1); }
      |        - declared here                                                             ^^^^ unknown operation
      |
      = help: did you mean `join`?

    error[E0401]: an atomic has no operation `fetch_ad`
     --> test.ilv:6:94
      |
    5 | atomic a = 0;
      |        - declared here
    6 | thread t { m.lokc(); m.acquire(); c.signal(); s.relase(); d.recieve(); a.incr(); t.jion(); a.fetch_ad(1); }
      |                                                                                              ^^^^^^^^ unknown operation
      |
      = help: did you mean `fetch_add`?
    "###);
}

#[test]
fn operations_on_variables() {
    insta::assert_snapshot!(refused(
        "var x = 0;
         thread t { let y = x.load(); x.store(2); x.fetch_add(1); x.lock(); }"
    ), @r###"
    error[E0401]: the variable `x` has no operations
     --> test.ilv:2:22
      |
    1 | var x = 0;
      |     - declared here
    2 | thread t { let y = x.load(); x.store(2); x.fetch_add(1); x.lock(); }
      |                      ^^^^ plain memory is read by its name
      |
      = help: write `x` to read it
      = help: or declare `atomic x`

    error[E0401]: the variable `x` has no operations
     --> test.ilv:2:32
      |
    1 | var x = 0;
      |     - declared here
    2 | thread t { let y = x.load(); x.store(2); x.fetch_add(1); x.lock(); }
      |                                ^^^^^ plain memory is read by its name
      |
      = help: write `x = …;` to assign it
      = help: or declare `atomic x`

    error[E0401]: the variable `x` has no operations
     --> test.ilv:2:44
      |
    1 | var x = 0;
      |     - declared here
    2 | thread t { let y = x.load(); x.store(2); x.fetch_add(1); x.lock(); }
      |                                            ^^^^^^^^^ plain memory is read by its name
      |
      = help: write `x += …;`, which is a read and then a write
      = help: or declare `atomic x`

    error[E0401]: the variable `x` has no operations
     --> test.ilv:2:60
      |
    1 | var x = 0;
      |     - declared here
    2 | thread t { let y = x.load(); x.store(2); x.fetch_add(1); x.lock(); }
      |                                                            ^^^^ plain memory is read by its name
      |
      = help: write `x` to read it and `x = …;` to assign it
      = help: or declare `atomic x`
    "###);
}

#[test]
fn numbers_of_arguments() {
    insta::assert_snapshot!(refused(
        "mutex m;
         channel c;
         atomic a = 0;
         thread t { m.lock(1); c.send(); c.send(1, 2); a.load(acquire, relaxed); a.store(); a.compare_exchange(1); a.compare_exchange(0, 1, acq_rel); c.recv(3); }"
    ), @r###"
    error[E0402]: `lock` takes no arguments, not 1
     --> test.ilv:4:14
      |
    4 | thread t { m.lock(1); c.send(); c.send(1, 2); a.load(acquire, relaxed); a.store(); a.compare_exchange(1); a.compare_exchange(0, 1, ac...
      |              ^^^^^^ 1 argument
      |
      = help: write `m.lock()`

    error[E0402]: `send` takes 1 argument, not 0
     --> test.ilv:4:25
      |
    4 | thread t { m.lock(1); c.send(); c.send(1, 2); a.load(acquire, relaxed); a.store(); a.compare_exchange(1); a.compare_exchange(0, 1, ac...
      |                         ^^^^ 0 arguments
      |
      = help: write `c.send(v)`

    error[E0402]: `send` takes 1 argument, not 2
     --> test.ilv:4:35
      |
    4 | thread t { m.lock(1); c.send(); c.send(1, 2); a.load(acquire, relaxed); a.store(); a.compare_exchange(1); a.compare_exchange(0, 1, ac...
      |                                   ^^^^^^^^^ 2 arguments
      |
      = help: write `c.send(v)`

    error[E0402]: `load` takes no arguments and at most one ordering, not 2
     --> test.ilv:4:49
      |
    4 | thread t { m.lock(1); c.send(); c.send(1, 2); a.load(acquire, relaxed); a.store(); a.compare_exchange(1); a.compare_exchange(0, 1, ac...
      |                                                 ^^^^^^^^^^^^^^^^^^^^^ 2 arguments
      |
      = help: write `a.load(acquire)`

    error[E0402]: `store` takes 1 argument and at most one ordering, not 0
     --> test.ilv:4:75
      |
    4 | thread t { m.lock(1); c.send(); c.send(1, 2); a.load(acquire, relaxed); a.store(); a.compare_exchange(1); a.compare_exchange(0, 1, ac...
      |                                                                           ^^^^^ 0 arguments
      |
      = help: write `a.store(v, release)`

    error[E0402]: `compare_exchange` takes 2 arguments and two orderings or none, not 1
     --> test.ilv:4:86
      |
    4 | thread t { m.lock(1); c.send(); c.send(1, 2); a.load(acquire, relaxed); a.store(); a.compare_exchange(1); a.compare_exchange(0, 1, ac...
      |                                                                                      ^^^^^^^^^^^^^^^^^^ 1 argument
      |
      = help: write `a.compare_exchange(old, new, acq_rel, acquire)`

    error[E0402]: a compare-exchange has two orderings: where it succeeds, and where it fails
     --> test.ilv:4:109
      |
    4 | ...ed); a.store(); a.compare_exchange(1); a.compare_exchange(0, 1, acq_rel); c.recv(3); }
      |                                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ only one of them
      |
      = help: write `a.compare_exchange(old, new, acq_rel, acquire)`, or leave out both

    error[E0402]: `recv` takes no arguments, not 1
     --> test.ilv:4:144
      |
    4 | ...mpare_exchange(1); a.compare_exchange(0, 1, acq_rel); c.recv(3); }
      |                                                            ^^^^^^ 1 argument
      |
      = help: write `c.recv()`
    "###);
}

#[test]
fn orderings_are_those_of_rust() {
    insta::assert_snapshot!(refused(
        "atomic a = 0;
         thread t { a.load(release); a.store(1, acquire); a.swap(1, plain); a.compare_exchange(0, 1, release, release); a.load(acq_rel); fence(relaxed); fence(plain); a.load(aquire); a.store(1, 7); a.load(plain); }"
    ), @r###"
    error[E0403]: a load cannot be `release`
     --> test.ilv:2:19
      |
    2 | thread t { a.load(release); a.store(1, acquire); a.swap(1, plain); a.compare_exchange(0, 1, release, release); a.load(acq_rel); fence...
      |                   ^^^^^^^ not an ordering for this
      |
      = help: it can be `relaxed`, `acquire`, `seq_cst` or `plain`

    error[E0403]: a store cannot be `acquire`
     --> test.ilv:2:40
      |
    2 | thread t { a.load(release); a.store(1, acquire); a.swap(1, plain); a.compare_exchange(0, 1, release, release); a.load(acq_rel); fence...
      |                                        ^^^^^^^ not an ordering for this
      |
      = help: it can be `relaxed`, `release`, `seq_cst` or `plain`

    error[E0403]: a read-modify-write cannot be `plain`
     --> test.ilv:2:60
      |
    2 | thread t { a.load(release); a.store(1, acquire); a.swap(1, plain); a.compare_exchange(0, 1, release, release); a.load(acq_rel); fence...
      |                                                            ^^^^^ not an ordering for this
      |
      = help: it can be `relaxed`, `acquire`, `release`, `acq_rel` or `seq_cst`

    error[E0403]: a failed exchange, which only loads, cannot be `release`
     --> test.ilv:2:102
      |
    2 | ...wap(1, plain); a.compare_exchange(0, 1, release, release); a.load(acq_rel); fence(relaxed); fence(plain); a.load(aquire); a.store(...
      |                                                     ^^^^^^^ not an ordering for this
      |
      = help: it can be `relaxed`, `acquire` or `seq_cst`

    error[E0403]: a load cannot be `acq_rel`
     --> test.ilv:2:119
      |
    2 | ...compare_exchange(0, 1, release, release); a.load(acq_rel); fence(relaxed); fence(plain); a.load(aquire); a.store(1, 7); a.load(pla...
      |                                                     ^^^^^^^ not an ordering for this
      |
      = help: it can be `relaxed`, `acquire`, `seq_cst` or `plain`

    error[E0403]: a fence cannot be `relaxed`
     --> test.ilv:2:135
      |
    2 | ...(0, 1, release, release); a.load(acq_rel); fence(relaxed); fence(plain); a.load(aquire); a.store(1, 7); a.load(plain); }
      |                                                     ^^^^^^^ not an ordering for this
      |
      = help: it can be `acquire`, `release`, `acq_rel` or `seq_cst`

    error[E0403]: a fence cannot be `plain`
     --> test.ilv:2:151
      |
    2 | ... release); a.load(acq_rel); fence(relaxed); fence(plain); a.load(aquire); a.store(1, 7); a.load(plain); }
      |                                                      ^^^^^ not an ordering for this
      |
      = help: it can be `acquire`, `release`, `acq_rel` or `seq_cst`

    error[E0404]: this is not an ordering
     --> test.ilv:2:166
      |
    2 | ...ad(acq_rel); fence(relaxed); fence(plain); a.load(aquire); a.store(1, 7); a.load(plain); }
      |                                                      ^^^^^^ an ordering is expected
      |
      = help: did you mean `acquire`?
      = help: orderings are `relaxed`, `acquire`, `release`, `acq_rel`, `seq_cst`, and `plain` for a load or a store

    error[E0404]: this is not an ordering
     --> test.ilv:2:186
      |
    2 | ...(relaxed); fence(plain); a.load(aquire); a.store(1, 7); a.load(plain); }
      |                                                        ^ an ordering is expected
      |
      = help: orderings are `relaxed`, `acquire`, `release`, `acq_rel`, `seq_cst`, and `plain` for a load or a store
    "###);
}

#[test]
fn operands_have_the_type_of_the_object() {
    insta::assert_snapshot!(refused(
        "atomic a = 0;
         atomic b = false;
         thread t { a.store(true); b.fetch_or(1); b.fetch_add(true); a.compare_exchange(true, 1); }"
    ), @r###"
    error[E0301]: what `a` gets must be an integer, not a Boolean
     --> test.ilv:3:20
      |
    3 | thread t { a.store(true); b.fetch_or(1); b.fetch_add(true); a.compare_exchange(true, 1); }
      |                    ^^^^ a Boolean

    error[E0301]: what `b` gets must be a Boolean, not an integer
     --> test.ilv:3:38
      |
    3 | thread t { a.store(true); b.fetch_or(1); b.fetch_add(true); a.compare_exchange(true, 1); }
      |                                      ^ an integer
      |
      = help: compare it, as in `n != 0`

    error[E0401]: `fetch_add` needs an atomic that holds an integer
     --> test.ilv:3:44
      |
    2 | atomic b = false;
      |        - declared here
    3 | thread t { a.store(true); b.fetch_or(1); b.fetch_add(true); a.compare_exchange(true, 1); }
      |                                            ^^^^^^^^^ this one holds a Boolean
      |
      = help: Boolean atomics have `swap`, `fetch_and`, `fetch_or`, `fetch_xor` and `compare_exchange`

    error[E0301]: what `a` gets must be an integer, not a Boolean
     --> test.ilv:3:80
      |
    3 | thread t { a.store(true); b.fetch_or(1); b.fetch_add(true); a.compare_exchange(true, 1); }
      |                                                                                ^^^^ a Boolean
    "###);
}

#[test]
fn a_wait_needs_its_mutex() {
    insta::assert_snapshot!(refused(
        "mutex outer;
         mutex m;
         condvar c;
         var x = 0;
         thread t { with m { c.wait(); c.wait(x); c.wait(c); c.wait(3); } c.wait(); c.wait(m, 3); }"
    ), @r###"
    error[E0405]: `wait` needs the mutex that it gives back while it waits
     --> test.ilv:5:23
      |
    5 | thread t { with m { c.wait(); c.wait(x); c.wait(c); c.wait(3); } c.wait(); c.wait(m, 3); }
      |                       ^^^^ without a mutex
      |
      = help: write `c.wait(m)`

    error[E0405]: `wait` needs a mutex, and this is a variable
     --> test.ilv:5:38
      |
    4 | var x = 0;
      |     - declared here
    5 | thread t { with m { c.wait(); c.wait(x); c.wait(c); c.wait(3); } c.wait(); c.wait(m, 3); }
      |                                      ^ not a mutex

    error[E0405]: `wait` needs a mutex, and this is a condition variable
     --> test.ilv:5:49
      |
    3 | condvar c;
      |         - declared here
    4 | var x = 0;
    5 | thread t { with m { c.wait(); c.wait(x); c.wait(c); c.wait(3); } c.wait(); c.wait(m, 3); }
      |                                                 ^ not a mutex

    error[E0405]: `wait` needs a mutex, and this is an expression
     --> test.ilv:5:60
      |
    5 | thread t { with m { c.wait(); c.wait(x); c.wait(c); c.wait(3); } c.wait(); c.wait(m, 3); }
      |                                                            ^ not a mutex

    error[E0405]: `wait` needs the mutex that it gives back while it waits
     --> test.ilv:5:68
      |
    5 | thread t { with m { c.wait(); c.wait(x); c.wait(c); c.wait(3); } c.wait(); c.wait(m, 3); }
      |                                                                    ^^^^ without a mutex
      |
      = help: write `c.wait(outer)`

    error[E0402]: `wait` takes 1 argument, not 2
     --> test.ilv:5:78
      |
    5 | thread t { with m { c.wait(); c.wait(x); c.wait(c); c.wait(3); } c.wait(); c.wait(m, 3); }
      |                                                                              ^^^^^^^^^ 2 arguments
      |
      = help: write `c.wait(m)`
    "###);
}

#[test]
fn arrays_and_indices() {
    insta::assert_snapshot!(refused(
        "mutex fork[2];
         mutex m;
         var x[2] = 0;
         thread t { fork.lock(); m[0].lock(); x = 1; let h[2]; h = 3; let n = 1; n[0] = 2; x[true] = 1; fork[n].lock(); let k = h; }"
    ), @r###"
    error[E0406]: `fork` is an array of mutexes: say which one
     --> test.ilv:4:12
      |
    1 | mutex fork[2];
      |       ---- declared here
    ...
    4 | thread t { fork.lock(); m[0].lock(); x = 1; let h[2]; h = 3; let n = 1; n[0] = 2; x[true] = 1; fork[n].lock(); let k = h; }
      |            ^^^^ an index is missing
      |
      = help: write `fork[0]`

    error[E0407]: `m` is a mutex, not an array
     --> test.ilv:4:25
      |
    2 | mutex m;
      |       - declared here
    3 | var x[2] = 0;
    4 | thread t { fork.lock(); m[0].lock(); x = 1; let h[2]; h = 3; let n = 1; n[0] = 2; x[true] = 1; fork[n].lock(); let k = h; }
      |                         ^ cannot be indexed

    error[E0406]: `x` is an array of variables: say which one
     --> test.ilv:4:38
      |
    3 | var x[2] = 0;
      |     - declared here
    4 | thread t { fork.lock(); m[0].lock(); x = 1; let h[2]; h = 3; let n = 1; n[0] = 2; x[true] = 1; fork[n].lock(); let k = h; }
      |                                      ^ an index is missing
      |
      = help: write `x[0]`

    error[E0406]: `h` is a local array: say which one
     --> test.ilv:4:55
      |
    4 | thread t { fork.lock(); m[0].lock(); x = 1; let h[2]; h = 3; let n = 1; n[0] = 2; x[true] = 1; fork[n].lock(); let k = h; }
      |                                                 -     ^ an index is missing
      |                                                 |
      |                                                 declared here
      |
      = help: write `h[0]`

    error[E0407]: `n` is a local, not an array
     --> test.ilv:4:73
      |
    4 | thread t { fork.lock(); m[0].lock(); x = 1; let h[2]; h = 3; let n = 1; n[0] = 2; x[true] = 1; fork[n].lock(); let k = h; }
      |                                                                  -      ^ cannot be indexed
      |                                                                  |
      |                                                                  declared here

    error[E0301]: an index must be an integer, not a Boolean
     --> test.ilv:4:85
      |
    4 | thread t { fork.lock(); m[0].lock(); x = 1; let h[2]; h = 3; let n = 1; n[0] = 2; x[true] = 1; fork[n].lock(); let k = h; }
      |                                                                                     ^^^^ a Boolean

    error[E0406]: `h` is a local array: say which one
     --> test.ilv:4:120
      |
    4 | thread t { fork.lock(); m[0].lock(); x = 1; let h[2]; h = 3; let n = 1; n[0] = 2; x[true] = 1; fork[n].lock(); let k = h; }
      |                                                 - declared here                                                        ^ an index is missing
      |
      = help: write `h[0]`
    "###);
}

#[test]
fn what_can_be_assigned() {
    insta::assert_snapshot!(refused(
        "const K = 1;
         mutex m;
         atomic a = 0;
         thread t[i in 0..2] { K = 2; m = 1; a += 1; a = 3; a <<= 2; t = 4; i = 1; }"
    ), @r###"
    error[E0408]: `K` is a constant and cannot be assigned
     --> test.ilv:4:23
      |
    1 | const K = 1;
      |       - declared here
    ...
    4 | thread t[i in 0..2] { K = 2; m = 1; a += 1; a = 3; a <<= 2; t = 4; i = 1; }
      |                       ^ cannot be assigned
      |
      = help: copy it into a local first: `let value = K;`

    error[E0408]: `m` is a mutex and cannot be assigned
     --> test.ilv:4:30
      |
    2 | mutex m;
      |       - declared here
    3 | atomic a = 0;
    4 | thread t[i in 0..2] { K = 2; m = 1; a += 1; a = 3; a <<= 2; t = 4; i = 1; }
      |                              ^ cannot be assigned

    error[E0408]: `a` is an atomic and cannot be assigned
     --> test.ilv:4:37
      |
    3 | atomic a = 0;
      |        - declared here
    4 | thread t[i in 0..2] { K = 2; m = 1; a += 1; a = 3; a <<= 2; t = 4; i = 1; }
      |                                     ^ cannot be assigned
      |
      = help: write `a.fetch_add(…);`

    error[E0408]: `a` is an atomic and cannot be assigned
     --> test.ilv:4:45
      |
    3 | atomic a = 0;
      |        - declared here
    4 | thread t[i in 0..2] { K = 2; m = 1; a += 1; a = 3; a <<= 2; t = 4; i = 1; }
      |                                             ^ cannot be assigned
      |
      = help: write `a.store(…);`

    error[E0408]: `a` is an atomic and cannot be assigned
     --> test.ilv:4:52
      |
    3 | atomic a = 0;
      |        - declared here
    4 | thread t[i in 0..2] { K = 2; m = 1; a += 1; a = 3; a <<= 2; t = 4; i = 1; }
      |                                                    ^ cannot be assigned
      |
      = help: write `a.load()` and `a.store(…)`, which are two steps

    error[E0408]: `t` is a group of threads and cannot be assigned
     --> test.ilv:4:61
      |
    4 | thread t[i in 0..2] { K = 2; m = 1; a += 1; a = 3; a <<= 2; t = 4; i = 1; }
      |        - declared here                                      ^ cannot be assigned
    "###);
}

#[test]
fn groups_of_threads() {
    insta::assert_snapshot!(refused(
        "thread w[i in 0..2] { yield; }
         thread s { yield; }
         thread t { let a = w.is_alive(); match w.join() { _ => { } } s[0].join(); w[2].join(); w.join(); w[true].join(); }"
    ), @r###"
    error[E0409]: `w` is a group of threads: `is_alive` here is about one of them
     --> test.ilv:3:20
      |
    1 | thread w[i in 0..2] { yield; }
      |        - declared here
    2 | thread s { yield; }
    3 | thread t { let a = w.is_alive(); match w.join() { _ => { } } s[0].join(); w[2].join(); w.join(); w[true].join(); }
      |                    ^^^^^^^^^^^^ an index is missing
      |
      = help: write `w[0].is_alive()`; only the statement `w.join();` is about all of them

    error[E0409]: `w` is a group of threads: `join` here is about one of them
     --> test.ilv:3:40
      |
    1 | thread w[i in 0..2] { yield; }
      |        - declared here
    2 | thread s { yield; }
    3 | thread t { let a = w.is_alive(); match w.join() { _ => { } } s[0].join(); w[2].join(); w.join(); w[true].join(); }
      |                                        ^^^^^^^^ an index is missing
      |
      = help: write `w[0].join()`; only the statement `w.join();` is about all of them

    error[E0407]: `s` is a single thread, not an array
     --> test.ilv:3:62
      |
    2 | thread s { yield; }
      |        - declared here
    3 | thread t { let a = w.is_alive(); match w.join() { _ => { } } s[0].join(); w[2].join(); w.join(); w[true].join(); }
      |                                                              ^ cannot be indexed

    error[E0301]: an index must be an integer, not a Boolean
     --> test.ilv:3:100
      |
    3 | thread t { let a = w.is_alive(); match w.join() { _ => { } } s[0].join(); w[2].join(); w.join(); w[true].join(); }
      |                                                                                                    ^^^^ a Boolean
    "###);
}

#[test]
fn with_takes_what_can_be_held() {
    insta::assert_snapshot!(refused(
        "var x = 0;
         channel c;
         mutex m[2];
         thread t { with x { yield; } with c { yield; } with m { yield; } with 3 { yield; } with t { yield; } let y = 1; with y { yield; } }"
    ), @r###"
    error[E0410]: `with` takes a lock or a semaphore, not a variable
     --> test.ilv:4:17
      |
    1 | var x = 0;
      |     - declared here
    ...
    4 | thread t { with x { yield; } with c { yield; } with m { yield; } with 3 { yield; } with t { yield; } let y = 1; with y { yield; } }
      |                 ^ cannot be taken and released

    error[E0410]: `with` takes a lock or a semaphore, not a channel
     --> test.ilv:4:35
      |
    2 | channel c;
      |         - declared here
    3 | mutex m[2];
    4 | thread t { with x { yield; } with c { yield; } with m { yield; } with 3 { yield; } with t { yield; } let y = 1; with y { yield; } }
      |                                   ^ cannot be taken and released

    error[E0406]: `m` is an array of mutexes: say which one
     --> test.ilv:4:53
      |
    3 | mutex m[2];
      |       - declared here
    4 | thread t { with x { yield; } with c { yield; } with m { yield; } with 3 { yield; } with t { yield; } let y = 1; with y { yield; } }
      |                                                     ^ an index is missing
      |
      = help: write `m[0]`

    error[E0410]: `with` takes a lock or a semaphore, not an expression
     --> test.ilv:4:71
      |
    4 | thread t { with x { yield; } with c { yield; } with m { yield; } with 3 { yield; } with t { yield; } let y = 1; with y { yield; } }
      |                                                                       ^ cannot be taken and released

    error[E0410]: `with` takes a lock or a semaphore, not a thread
     --> test.ilv:4:89
      |
    4 | thread t { with x { yield; } with c { yield; } with m { yield; } with 3 { yield; } with t { yield; } let y = 1; with y { yield; } }
      |        - declared here                                                                  ^ cannot be taken and released

    error[E0410]: `with` takes a lock or a semaphore, not a local
     --> test.ilv:4:118
      |
    4 | thread t { with x { yield; } with c { yield; } with m { yield; } with 3 { yield; } with t { yield; } let y = 1; with y { yield; } }
      |                                                                                                          -           ^ cannot be taken and released
      |                                                                                                          |
      |                                                                                                          declared here
    "###);
}

#[test]
fn handles_are_passed_to_functions_that_take_handles() {
    for (text, said) in [
        // A handle where a number is needed, and the reverse, whichever comes first in the text.
        (
            "fn n(x) { return x + 1; } thread t { let h = spawn f(); n(h); }",
            "this argument of `n` must be an integer, not the handle of a thread",
        ),
        ("thread t { let h = spawn f(); n(h); } fn n(x) { return x + 1; }", "the handle of a thread is no value"),
        (
            "fn w(h) { h.join(); } thread t { let h = spawn f(); w(h); w(3); }",
            "this argument of `w` must be the handle of a thread that runs `f`",
        ),
        ("fn w(h) { h.join(); } thread t { w(3); }", "nothing says that `h` is the handle of a thread"),
        // One function has handles of one function.
        (
            "fn w(h) { h.join(); } thread t { let h = spawn f(); w(h); w(spawn g()); }",
            "this argument of `w` must be the handle of a thread that runs `f`",
        ),
        (
            "fn s(x) { if x == 1 { return spawn f(); } return spawn g(); } thread t { let h = s(1); h.join(); }",
            "what this function returns, as elsewhere, must be the handle of a thread that runs `f`",
        ),
        (
            "fn s(x) { if x == 1 { return spawn f(); } return 3; } thread t { let h = s(1); h.join(); }",
            "what this function returns, as elsewhere, must be the handle of a thread that runs `f`",
        ),
        (
            "fn s(x) { if x == 1 { return 3; } return spawn f(); } thread t { let h = s(1); }",
            "what this function returns, as elsewhere, must be an integer, not the handle of a thread",
        ),
        // What is returned is no value either.
        ("fn s() { return spawn f(); } thread t { let h = s() + 1; }", "the handle of a thread is no value"),
        ("fn s() { return spawn f(); } channel c; thread t { c.send(s()); }", "the handle of a thread is no value"),
        ("fn s() { return spawn f(); } thread t { if s() { yield; } }", "the handle of a thread is no value"),
        ("fn s() { return spawn f(); } var x = 0; thread t { x = s(); }", "the handle of a thread is no value"),
        ("fn w(h) { h.is_alive(); } thread t { w(spawn f()); }", "the handle of a thread has no operation `is_alive`"),
        ("fn w(h) { let v = h.join(); } thread t { w(spawn f()); }", "`join` gives no value"),
        // Where something wrong is passed, that is the error; and where functions only ask each other, there is one all the same.
        ("fn w(h) { h.join(); } thread t { w(nothing); }", "nothing is called `nothing`"),
        (
            "fn w(h) { spawn v(h.join()); } fn v(k) { spawn w(k.join()); } thread t { yield; }",
            "nothing says that `h` is the handle of a thread",
        ),
        // Nobody says which threads.
        ("fn w(h) { h.join(); } thread t { yield; }", "nothing says that `h` is the handle of a thread"),
        (
            "fn w(h) { h.join(); } fn v(h) { w(h); } thread t { yield; }",
            "nothing says that `h` is the handle of a thread",
        ),
        ("fn w(h) { h.join(); } thread t { let h[2]; h[0] = spawn f(); w(h); }", "`h` is a local array: say which one"),
    ] {
        let errors = refused(&format!("fn f() {{ yield; }} fn g() {{ yield; }} {text}"));
        assert_eq!(errors.matches("error[").count(), 1, "{text}\n{errors}");
        let first = errors.lines().next().unwrap_or_default();
        assert!(first.ends_with(&format!(": {said}")), "{text}\n{errors}");
    }
}

#[test]
fn a_timer_is_started_and_asked_and_no_value() {
    insta::assert_snapshot!(refused(
        "timer t(10ms) { let x = 1; }
         observe t.x;
         expect race(t);
         thread a { t.start(1); t.join(); if t { yield; } let s = t.start(); t.stop(); }
         thread b { atomically { t.start(); let c = t.cancel(); } }"
    ), @r###"
    error[E0701]: a local of `t`, which is a timer, cannot be read in a property
     --> test.ilv:2:9
      |
    2 | observe t.x;
      |         ^ not part of a state
      |
      = help: only threads have locals

    error[E0402]: `start` takes no arguments, not 1
     --> test.ilv:4:14
      |
    4 | thread a { t.start(1); t.join(); if t { yield; } let s = t.start(); t.stop(); }
      |              ^^^^^^^ 1 argument
      |
      = help: write `t.start()`

    error[E0303]: `t` is a timer, not a value
     --> test.ilv:4:37
      |
    1 | timer t(10ms) { let x = 1; }
      |       - declared here
    ...
    4 | thread a { t.start(1); t.join(); if t { yield; } let s = t.start(); t.stop(); }
      |                                     ^ a value is needed here
      |
      = help: `t.cancel()` is a Boolean

    error[E0305]: `start` gives no value
     --> test.ilv:4:58
      |
    4 | thread a { t.start(1); t.join(); if t { yield; } let s = t.start(); t.stop(); }
      |                                                          ^^^^^^^^^ a value is needed here

    error[E0401]: a timer has no operation `stop`
     --> test.ilv:4:71
      |
    1 | timer t(10ms) { let x = 1; }
      |       - declared here
    ...
    4 | thread a { t.start(1); t.join(); if t { yield; } let s = t.start(); t.stop(); }
      |                                                                       ^^^^ unknown operation
      |
      = help: it has `start`, `cancel`, `join` and `is_alive`

    error[E0606]: `start` cannot stand inside `atomically`
     --> test.ilv:5:25
      |
    5 | thread b { atomically { t.start(); let c = t.cancel(); } }
      |            ----------   ^^^^^^^^^ it starts a thread
      |            |
      |            this block is one indivisible step
      |
      = help: put it before or after the block
    "###);
    for (statement, said) in [
        ("t.join(1);", "error[E0402]: `join` takes no arguments, not 1"),
        ("let x = t.join();", "error[E0305]: `join` gives no value"),
        ("match t.join() { some => { } }", "error[E0308]"),
        ("atomically { t.join(); }", "error[E0606]"),
        ("u.start();", "error[E0406]: `u` is an array of timers: say which one"),
        ("if u.join() is failed { yield; }", "error[E0406]: `u` is an array of timers: say which one"),
        ("t[0].start();", "error[E0407]: `t` is a timer, not an array"),
        ("let k = i;", "error[E0201]"),
    ] {
        let errors = refused(&format!(
            "timer t(1ms) {{ }} timer u[2](1ms) {{ }} timer v[i in 0..2](1ms) {{ let i = 2; }} thread a {{ {statement} }}"
        ));
        assert!(errors.starts_with(said), "{statement}: {errors}");
    }
    for (declaration, said) in [
        ("timer t[0](1ms) { }", "error[E0506]: an array cannot have 0 elements"),
        ("timer t[i in 0..0](1ms) { }", "error[E0506]: an array cannot have 0 elements"),
        ("timer t[i in 1..3](1ms) { }", "error[E0506]: the elements of an array are counted from 0, not from 1"),
        ("timer t[64](1ms) { }", "error[E0508]: the scenario has 65 threads up to here"),
        ("timer t[x](1ms) { }", "error[E0201]"),
        ("timer t[2](1ms) { i += 1; }", "error[E0201]"),
        ("timer a[2](1ms) { }", "error[E0202]"),
    ] {
        let errors = refused(&format!("thread a {{ }} {declaration}"));
        assert!(errors.starts_with(said), "{declaration}: {errors}");
        assert_eq!(errors.matches("error[").count(), 1, "{declaration}: {errors}");
    }
}

#[test]
fn a_once_runs_a_block_that_nothing_leaves() {
    insta::assert_snapshot!(refused(
        "once o;
         mutex m;
         always o;
         thread t {
             o.call();
             m.call { yield; }
             o.run();
             if o { yield; }
             loop {
                 o.call { break; }
                 o.call { while o.is_completed() { continue; } return; }
             }
         }
         thread u { atomically { o.call { } } }"
    ), @r###"
    error[E0701]: a once cannot be read in a property
     --> test.ilv:3:8
      |
    3 | always o;
      |        ^ not part of a state
      |
      = help: write `.is_completed()` after it

    error[E0441]: `call` takes the block that is to run once
     --> test.ilv:5:3
      |
    1 | once o;
      |      - declared here
    ...
    5 | o.call();
      |   ^^^^ which block?
      |
      = help: write `o.call { … }`

    error[E0441]: `call { … }` is an operation of a once, not of a mutex
     --> test.ilv:6:1
      |
    2 | mutex m;
      |       - declared here
    ...
    6 | m.call { yield; }
      | ^ nothing that runs a block once

    error[E0401]: a once has no operation `run`
     --> test.ilv:7:3
      |
    1 | once o;
      |      - declared here
    ...
    7 | o.run();
      |   ^^^ unknown operation
      |
      = help: it has `call` and `is_completed`

    error[E0303]: `o` is a once, not a value
     --> test.ilv:8:4
      |
    1 | once o;
      |      - declared here
    ...
    8 | if o { yield; }
      |    ^ a value is needed here
      |
      = help: `o.is_completed()` is a Boolean

    error[E0608]: `break` cannot lead out of the block of `call`
      --> test.ilv:10:10
       |
    10 | o.call { break; }
       |          ^^^^^ the block has to run to its end
       |
       = help: only a `panic` leaves it: put the rest into an `if`

    error[E0608]: `return` cannot lead out of the block of `call`
      --> test.ilv:11:47
       |
    11 | o.call { while o.is_completed() { continue; } return; }
       |                                               ^^^^^^ the block has to run to its end
       |
       = help: only a `panic` leaves it: put the rest into an `if`

    error[E0606]: `call` cannot stand inside `atomically`
      --> test.ilv:14:25
       |
    14 | thread u { atomically { o.call { } } }
       |            ----------   ^^^^^^ it can block
       |            |
       |            this block is one indivisible step
       |
       = help: put it before or after the block
    "###);
}

#[test]
fn with_says_which_side_of_a_reader_writer_lock_it_takes() {
    insta::assert_snapshot!(refused(
        "rwlock l[2];
         mutex m;
         thread t { with l[0] { yield; } with m.read() { yield; } with l[1].read() { yield; } l[0].lock(); }"
    ), @r###"
    error[E0440]: `l[0]` is a reader-writer lock: `with` has to say which side it takes
     --> test.ilv:3:17
      |
    1 | rwlock l[2];
      |        - declared here
    2 | mutex m;
    3 | thread t { with l[0] { yield; } with m.read() { yield; } with l[1].read() { yield; } l[0].lock(); }
      |                 ^^^^ to read or to write?
      |
      = help: write `with l[0].read() { … }` or `with l[0].write() { … }`

    error[E0410]: `with` takes a lock or a semaphore, not an operation
     --> test.ilv:3:38
      |
    2 | mutex m;
      |       - declared here
    3 | thread t { with l[0] { yield; } with m.read() { yield; } with l[1].read() { yield; } l[0].lock(); }
      |                                      ^^^^^^^^ cannot be taken and released

    error[E0401]: a reader-writer lock has no operation `lock`
     --> test.ilv:3:91
      |
    1 | rwlock l[2];
      |        - declared here
    2 | mutex m;
    3 | thread t { with l[0] { yield; } with m.read() { yield; } with l[1].read() { yield; } l[0].lock(); }
      |                                                                                           ^^^^ unknown operation
      |
      = help: it has `read`, `write`, `try_read`, `try_write`, `read_unlock` and `write_unlock`
    "###);
}

#[test]
fn for_goes_through_ranges_and_channels() {
    insta::assert_snapshot!(refused(
        "mutex m;
         var x = 0;
         thread t { for v in m { x = v; } for v in 3 { } for v in t { } }"
    ), @r###"
    error[E0411]: `for … in` takes a range or a channel, not a mutex
     --> test.ilv:3:21
      |
    1 | mutex m;
      |       - declared here
    2 | var x = 0;
    3 | thread t { for v in m { x = v; } for v in 3 { } for v in t { } }
      |                     ^ nothing to go through
      |
      = help: a range is written `0..n`

    error[E0411]: `for … in` takes a range or a channel, not an expression
     --> test.ilv:3:43
      |
    3 | thread t { for v in m { x = v; } for v in 3 { } for v in t { } }
      |                                           ^ nothing to go through
      |
      = help: a range is written `0..n`

    error[E0411]: `for … in` takes a range or a channel, not a thread
     --> test.ilv:3:58
      |
    3 | thread t { for v in m { x = v; } for v in 3 { } for v in t { } }
      |        - declared here                                   ^ nothing to go through
      |
      = help: a range is written `0..n`
    "###);
}

#[test]
fn a_broadcast_keeps_at_least_one_value() {
    insta::assert_snapshot!(refused(
        "broadcast none(0);
         broadcast many(2000);
         broadcast some(2);
         watch level = 1;
         oneshot answer;
         thread t {
             none.send(1); many.send(1); some.send(true); level.send(false);
             let a = level; let b = answer; let c = some;
             some.put(1); level.get(); answer.len();
         }"
    ), @r###"
    error[E0507]: a broadcast cannot keep 0 values
     --> test.ilv:1:16
      |
    1 | broadcast none(0);
      |                ^ must be between 1 and 1024

    error[E0507]: a broadcast cannot keep 2000 values
     --> test.ilv:2:16
      |
    2 | broadcast many(2000);
      |                ^^^^ must be between 1 and 1024

    error[E0301]: what `some` gets must be an integer, not a Boolean
     --> test.ilv:7:39
      |
    7 | none.send(1); many.send(1); some.send(true); level.send(false);
      |                                       ^^^^ a Boolean

    error[E0301]: what `level` gets must be an integer, not a Boolean
     --> test.ilv:7:57
      |
    7 | none.send(1); many.send(1); some.send(true); level.send(false);
      |                                                         ^^^^^ a Boolean

    error[E0303]: `level` is a watch, not a value
     --> test.ilv:8:9
      |
    4 | watch level = 1;
      |       ----- declared here
    ...
    8 | let a = level; let b = answer; let c = some;
      |         ^^^^^ a value is needed here
      |
      = help: `level.borrow()` reads it

    error[E0303]: `answer` is a one-shot channel, not a value
     --> test.ilv:8:24
      |
    5 | oneshot answer;
      |         ------ declared here
    ...
    8 | let a = level; let b = answer; let c = some;
      |                        ^^^^^^ a value is needed here
      |
      = help: `answer.recv()` takes its value

    error[E0303]: `some` is a broadcast, not a value
     --> test.ilv:8:40
      |
    3 | broadcast some(2);
      |           ---- declared here
    ...
    8 | let a = level; let b = answer; let c = some;
      |                                        ^^^^ a value is needed here
      |
      = help: `some.recv()` takes the next value

    error[E0401]: a broadcast has no operation `put`
     --> test.ilv:9:6
      |
    3 | broadcast some(2);
      |           ---- declared here
    ...
    9 | some.put(1); level.get(); answer.len();
      |      ^^^ unknown operation
      |
      = help: it has `send`, `recv`, `try_recv`, `recv_timeout`, `subscribe`, `len` and `close`

    error[E0401]: a watch has no operation `get`
     --> test.ilv:9:20
      |
    4 | watch level = 1;
      |       ----- declared here
    ...
    9 | some.put(1); level.get(); answer.len();
      |                    ^^^ unknown operation
      |
      = help: it has `send`, `borrow`, `borrow_and_update`, `has_changed`, `changed`, `wait_for` and `close`

    error[E0401]: a one-shot channel has no operation `len`
     --> test.ilv:9:34
      |
    5 | oneshot answer;
      |         ------ declared here
    ...
    9 | some.put(1); level.get(); answer.len();
      |                                  ^^^ unknown operation
      |
      = help: it has `send`, `recv`, `try_recv`, `recv_timeout` and `close`
    "###);
}

#[test]
fn closed_by_names_threads() {
    insta::assert_snapshot!(refused(
        "mutex m;
         channel a closed by m;
         channel b closed by nobody;
         thread t { a.send(1); b.send(1); }"
    ), @r###"
    error[E0413]: `closed by` takes a thread or a group of threads, not a mutex
     --> test.ilv:2:21
      |
    1 | mutex m;
      |       - declared here
    2 | channel a closed by m;
      |                     ^ `m` never ends

    error[E0201]: nothing is called `nobody`
     --> test.ilv:3:21
      |
    3 | channel b closed by nobody;
      |                     ^^^^^^ unknown name
    "###);
}

#[test]
fn what_a_poisoning_mutex_gives() {
    insta::assert_snapshot!(refused(
        "mutex m;
         poisoning mutex p;
         condvar c;
         watch w = 0;
         thread t {
             let x = c.wait(p);
             if p.lock() { }
             let y = w.changed();
             match c.wait(m) { some => { } _ => { } }
             match c.wait(p) { some(v) => { } poisoned => { } }
             match c.wait_while(p, true) { some => { } }
             match c.wait_timeout(p, 1ms) { some(v) => { } timeout => { } poisoned => { } }
             x = c.wait_while(p, 3);
         }"
    ), @r###"
    error[E0305]: `wait` gives no value
     --> test.ilv:6:9
      |
    6 | let x = c.wait(p);
      |         ^^^^^^^^^ a value is needed here
      |
      = help: it tells whether the mutex is poisoned: `if c.wait(p) is poisoned { }`

    error[E0305]: `lock` gives no value
     --> test.ilv:7:4
      |
    7 | if p.lock() { }
      |    ^^^^^^^^ a value is needed here
      |
      = help: it tells whether the mutex is poisoned: `if p.lock() is poisoned { }`

    error[E0305]: `changed` gives no value
     --> test.ilv:8:9
      |
    8 | let y = w.changed();
      |         ^^^^^^^^^^^ a value is needed here
      |
      = help: it tells whether nothing comes any more: `if w.changed() is closed { }`

    error[E0305]: `wait` gives no value
     --> test.ilv:9:7
      |
    9 | match c.wait(m) { some => { } _ => { } }
      |       ^^^^^^^^^ a value is needed here

    error[E0307]: the `some` of `wait` has no value
      --> test.ilv:10:19
       |
    10 | match c.wait(p) { some(v) => { } poisoned => { } }
       |                   ^^^^^^^ nothing to name
       |
       = help: write `some`

    error[E0308]: this `match` does not cover `poisoned`
      --> test.ilv:11:1
       |
    11 | match c.wait_while(p, true) { some => { } }
       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^ not all cases are covered
       |
       = help: add the missing arms, or `_ => { }`

    error[E0307]: `wait_timeout` never gives `timeout`
      --> test.ilv:12:47
       |
    12 | match c.wait_timeout(p, 1ms) { some(v) => { } timeout => { } poisoned => { } }
       |                                               ^^^^^^^ cannot happen
       |
       = help: it gives `some` or `poisoned`

    error[E0305]: `wait_while` gives no value
      --> test.ilv:13:5
       |
    13 | x = c.wait_while(p, 3);
       |     ^^^^^^^^^^^^^^^^^^ a value is needed here
       |
       = help: it tells whether the mutex is poisoned: `if c.wait_while(p, 3) is poisoned { }`

    error[E0301]: a condition must be a Boolean, not an integer
      --> test.ilv:13:21
       |
    13 | x = c.wait_while(p, 3);
       |                     ^ an integer
       |
       = help: compare it, as in `n != 0`
    "###);
}

#[test]
fn what_the_other_waits_and_notify_need() {
    insta::assert_snapshot!(refused(
        "mutex m;
         condvar c;
         thread t { with m { c.wait_timeout(); c.wait_timeout(m); c.wait_timeout(m, 3); c.wait_while(m, 3); c.notify(true); c.notify(); } }"
    ), @r###"
    error[E0405]: `wait_timeout` needs the mutex that it gives back while it waits
     --> test.ilv:3:23
      |
    3 | thread t { with m { c.wait_timeout(); c.wait_timeout(m); c.wait_timeout(m, 3); c.wait_while(m, 3); c.notify(true); c.notify(); } }
      |                       ^^^^^^^^^^^^ without a mutex
      |
      = help: write `c.wait_timeout(m, 10ms)`

    error[E0402]: `wait_timeout` takes 2 arguments, not 1
     --> test.ilv:3:41
      |
    3 | thread t { with m { c.wait_timeout(); c.wait_timeout(m); c.wait_timeout(m, 3); c.wait_while(m, 3); c.notify(true); c.notify(); } }
      |                                         ^^^^^^^^^^^^^^ 1 argument
      |
      = help: write `c.wait_timeout(m, 10ms)`

    error[E0109]: expected a duration, found `3`
     --> test.ilv:3:76
      |
    3 | thread t { with m { c.wait_timeout(); c.wait_timeout(m); c.wait_timeout(m, 3); c.wait_while(m, 3); c.notify(true); c.notify(); } }
      |                                                                            ^
      |
      = help: a duration is a number with `us`, `ms` or `s`, such as `10ms`

    error[E0301]: a condition must be a Boolean, not an integer
     --> test.ilv:3:96
      |
    3 | thread t { with m { c.wait_timeout(); c.wait_timeout(m); c.wait_timeout(m, 3); c.wait_while(m, 3); c.notify(true); c.notify(); } }
      |                                                                                                ^ an integer
      |
      = help: compare it, as in `n != 0`

    error[E0301]: how many are woken must be an integer, not a Boolean
     --> test.ilv:3:109
      |
    3 | thread t { with m { c.wait_timeout(); c.wait_timeout(m); c.wait_timeout(m, 3); c.wait_while(m, 3); c.notify(true); c.notify(); } }
      |                                                                                                             ^^^^ a Boolean

    error[E0402]: `notify` takes 1 argument, not 0
     --> test.ilv:3:118
      |
    3 | thread t { with m { c.wait_timeout(); c.wait_timeout(m); c.wait_timeout(m, 3); c.wait_while(m, 3); c.notify(true); c.notify(); } }
      |                                                                                                                      ^^^^^^ 0 arguments
      |
      = help: write `c.notify(n)`
    "###);
}

#[test]
fn a_time_out_is_a_duration() {
    insta::assert_snapshot!(refused(
        "channel c;
         const LONG = 3;
         fn f(x) { yield; }
         thread t { c.recv_timeout(LONG); c.recv_timeout(); f(5ms); c.send(1s); }"
    ), @r###"
    error[E0109]: expected a duration, found `LONG`
     --> test.ilv:4:27
      |
    4 | thread t { c.recv_timeout(LONG); c.recv_timeout(); f(5ms); c.send(1s); }
      |                           ^^^^
      |
      = help: a duration is a number with `us`, `ms` or `s`, such as `10ms`

    error[E0402]: `recv_timeout` takes 1 argument, not 0
     --> test.ilv:4:36
      |
    4 | thread t { c.recv_timeout(LONG); c.recv_timeout(); f(5ms); c.send(1s); }
      |                                    ^^^^^^^^^^^^ 0 arguments
      |
      = help: write `c.recv_timeout(10ms)`

    error[E0108]: a duration stands only in `sleep(…)`, `work(…)`, `io(…)` and operations with a time-out
     --> test.ilv:4:54
      |
    4 | thread t { c.recv_timeout(LONG); c.recv_timeout(); f(5ms); c.send(1s); }
      |                                                      ^^^

    error[E0108]: a duration stands only in `sleep(…)`, `work(…)`, `io(…)` and operations with a time-out
     --> test.ilv:4:67
      |
    4 | thread t { c.recv_timeout(LONG); c.recv_timeout(); f(5ms); c.send(1s); }
      |                                                                   ^^
    "###);
}

#[test]
fn constants_are_constant() {
    insta::assert_snapshot!(refused(
        "var x = 0;
         const A = x;
         const B = x.load();
         mutex m[x];
         thread t[i in 0..choose(1..2)] { yield; }
         const C = 1 + true;
         param P = A in {1, true};"
    ), @r###"
    error[E0501]: `x` is a variable, not a constant
     --> test.ilv:2:11
      |
    1 | var x = 0;
      |     - declared here
    2 | const A = x;
      |           ^ not known before the first step
      |
      = help: declare `const x` or `param x` if it never changes

    error[E0501]: this must be a constant
     --> test.ilv:3:11
      |
    3 | const B = x.load();
      |           ^^^^^^^^ not known before the first step
      |
      = help: constants are numbers, `true`, `false`, parameters, `const` names, and operators on them

    error[E0501]: `x` is a variable, not a constant
     --> test.ilv:4:9
      |
    1 | var x = 0;
      |     - declared here
    ...
    4 | mutex m[x];
      |         ^ not known before the first step
      |
      = help: declare `const x` or `param x` if it never changes

    error[E0501]: this must be a constant
     --> test.ilv:5:18
      |
    5 | thread t[i in 0..choose(1..2)] { yield; }
      |                  ^^^^^^^^^^^^ not known before the first step
      |
      = help: constants are numbers, `true`, `false`, parameters, `const` names, and operators on them

    error[E0301]: an operand of `+` must be an integer, not a Boolean
     --> test.ilv:6:15
      |
    6 | const C = 1 + true;
      |               ^^^^ a Boolean
    "###);
}

#[test]
fn constants_have_values() {
    insta::assert_snapshot!(refused(
        "const A = 9_223_372_036_854_775_807 + 1;
         const B = 1 / 0;
         const C = 1 << 64;
         const D = 0 - 9_223_372_036_854_775_807 - 2;
         const E = A + 1;
         thread t { yield; }"
    ), @r###"
    error[E0502]: this constant has no value: the result does not fit into 64 bits
     --> test.ilv:1:11
      |
    1 | const A = 9_223_372_036_854_775_807 + 1;
      |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ evaluated here

    error[E0502]: this constant has no value: division by zero
     --> test.ilv:2:11
      |
    2 | const B = 1 / 0;
      |           ^^^^^ evaluated here

    error[E0502]: this constant has no value: the result does not fit into 64 bits
     --> test.ilv:3:11
      |
    3 | const C = 1 << 64;
      |           ^^^^^^^ evaluated here

    error[E0502]: this constant has no value: the result does not fit into 64 bits
     --> test.ilv:4:11
      |
    4 | const D = 0 - 9_223_372_036_854_775_807 - 2;
      |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ evaluated here
    "###);
}

#[test]
fn sizes_are_bounded() {
    insta::assert_snapshot!(refused(
        "mutex a[0];
         mutex b[1025];
         mutex c[-1];
         semaphore s(-1);
         channel d(-1);
         channel e(5000);
         channel f(true);
         thread t[i in 0..60] { let h[0]; let g[2000]; }
         thread u[i in 0..5] { yield; }
         thread v[i in 0..9_000_000_000_000_000_000] { yield; }"
    ), @r###"
    error[E0506]: an array cannot have 0 elements
     --> test.ilv:1:9
      |
    1 | mutex a[0];
      |         ^ must be between 1 and 1024

    error[E0506]: an array cannot have 1025 elements
     --> test.ilv:2:9
      |
    2 | mutex b[1025];
      |         ^^^^ must be between 1 and 1024

    error[E0506]: an array cannot have -1 elements
     --> test.ilv:3:9
      |
    3 | mutex c[-1];
      |         ^^ must be between 1 and 1024

    error[E0507]: a semaphore cannot start with -1 permits
     --> test.ilv:4:13
      |
    4 | semaphore s(-1);
      |             ^^ must be at least 0

    error[E0507]: a channel cannot have a capacity of -1
     --> test.ilv:5:11
      |
    5 | channel d(-1);
      |           ^^ must be between 0 and 1024
      |
      = help: 0 is a rendezvous; without `(…)` a channel is unbounded

    error[E0507]: a channel cannot have a capacity of 5000
     --> test.ilv:6:11
      |
    6 | channel e(5000);
      |           ^^^^ must be between 0 and 1024
      |
      = help: 0 is a rendezvous; without `(…)` a channel is unbounded

    error[E0301]: the capacity of a channel must be an integer, not a Boolean
     --> test.ilv:7:11
      |
    7 | channel f(true);
      |           ^^^^ a Boolean

    error[E0506]: an array cannot have 0 elements
     --> test.ilv:8:30
      |
    8 | thread t[i in 0..60] { let h[0]; let g[2000]; }
      |                              ^ must be between 1 and 1024

    error[E0506]: an array cannot have 2000 elements
     --> test.ilv:8:40
      |
    8 | thread t[i in 0..60] { let h[0]; let g[2000]; }
      |                                        ^^^^ must be between 1 and 1024

    error[E0508]: the scenario has 65 threads up to here
     --> test.ilv:9:1
      |
    9 | thread u[i in 0..5] { yield; }
      | ^^^^^^^^^^^^^^^^^^^ at most 64 in all

    error[E0508]: the scenario has 9000000000000000060 threads up to here
      --> test.ilv:10:1
       |
    10 | thread v[i in 0..9_000_000_000_000_000_000] { yield; }
       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ at most 64 in all
    "###);
}

#[test]
fn objects_are_bounded() {
    insta::assert_snapshot!(refused(
        "mutex a[1000];
         mutex b[1000];
         mutex c[1000];
         mutex d[1000];
         mutex e[1000];
         thread t { a[0].lock(); }"
    ), @r###"
    error[E0509]: the scenario has more than 4096 objects
     --> test.ilv:5:1
      |
    5 | mutex e[1000];
      | ^^^^^^^^^^^^^^ counted with the elements of arrays, up to here
    "###);
}

#[test]
fn parameters_of_a_function_are_bounded() {
    let parameters: String = (0..65).map(|position| format!("p{position},\n")).collect();
    insta::assert_snapshot!(refused(&format!("fn f(\n{parameters}) {{ yield; }}\nthread t {{ yield; }}")), @r###"
    error[E0514]: `f` has more than 64 parameters
      --> test.ilv:66:1
       |
    66 | p64,
       | ^^^ this is one too many
    "###);
}

#[test]
fn expect_lines_are_bounded() {
    insta::assert_snapshot!(refused(&format!("{}thread t {{ yield; }}", "expect deadlock;\n".repeat(1001))), @r###"
    error[E0515]: the scenario has more than 1000 `expect` lines
        --> test.ilv:1001:1
         |
    1001 | expect deadlock;
         | ^^^^^^^^^^^^^^^^ this is one too many
         |
         = help: what applies to several parameter values fits into one line: `expect deadlock if N > 2;`
    "###);
}

#[test]
fn sweeps_are_bounded() {
    insta::assert_snapshot!(refused(
        "param N = 1 in 0..5000;
         param B = true in 0..2;
         thread t { yield; }"
    ), @r###"
    error[E0510]: a sweep tries at most 1000 values of a parameter
     --> test.ilv:1:16
      |
    1 | param N = 1 in 0..5000;
      |                ^^^^^^^ more than that

    error[E0301]: a value of this parameter, like its default, must be a Boolean, not an integer
     --> test.ilv:2:19
      |
    2 | param B = true in 0..2;
      |                   ^^^^ an integer
    "###);
}

#[test]
fn a_requirement_that_is_false() {
    insta::assert_snapshot!(refused(
        "param N = 3;
         param M = 2;
         require N < M;
         require N > 0;
         require 3;
         thread t { yield; }"
    ), @r###"
    error[E0505]: these parameters make no sense here: `require` is false
     --> test.ilv:3:1
      |
    3 | require N < M;
      | ^^^^^^^^^^^^^^ false with N = 3, M = 2

    error[E0301]: what `require` asks for must be a Boolean, not an integer
     --> test.ilv:5:9
      |
    5 | require 3;
      |         ^ an integer
      |
      = help: compare it, as in `n != 0`
    "###);
}

#[test]
fn loops_end_loops() {
    insta::assert_snapshot!(refused(
        "fn f() { continue; }
         thread t { break; loop { f(); { break; } } while true { } continue; }"
    ), @r###"
    error[E0601]: `continue` outside a loop
     --> test.ilv:1:10
      |
    1 | fn f() { continue; }
      |          ^^^^^^^^ no loop around it

    error[E0601]: `break` outside a loop
     --> test.ilv:2:12
      |
    2 | thread t { break; loop { f(); { break; } } while true { } continue; }
      |            ^^^^^ no loop around it

    error[E0601]: `continue` outside a loop
     --> test.ilv:2:59
      |
    2 | thread t { break; loop { f(); { break; } } while true { } continue; }
      |                                                           ^^^^^^^^ no loop around it
    "###);
}

#[test]
fn returns() {
    insta::assert_snapshot!(refused(
        "fn sometimes(x) { if x > 0 { return 1; } }
         fn both(x) { if x > 0 { return 1; } return; }
         fn fine(x) { loop { if x > 0 { return 1; } } }
         thread t { let a = sometimes(1) + both(2) + fine(3); return a; }"
    ), @r###"
    error[E0603]: `sometimes` returns a value on some paths only
     --> test.ilv:1:42
      |
    1 | fn sometimes(x) { if x > 0 { return 1; } }
      |                              ---------   ^ without a value here
      |                              |
      |                              with a value here

    error[E0603]: `both` returns a value on some paths only
     --> test.ilv:2:37
      |
    2 | fn both(x) { if x > 0 { return 1; } return; }
      |                         ---------   ^^^^^^ without a value here
      |                         |
      |                         with a value here

    error[E0602]: a thread returns no value
     --> test.ilv:4:61
      |
    4 | thread t { let a = sometimes(1) + both(2) + fine(3); return a; }
      |                                                             ^ nobody would get it
      |
      = help: write `return;`
    "###);
}

#[test]
fn recursion_names_its_cycle() {
    insta::assert_snapshot!(refused(
        "fn a() { b(); }
         fn b() { let x = 1; c(x); }
         fn c(x) { if x > 1 { a(); } }
         fn selfish() { selfish(); }
         thread t { a(); selfish(); }"
    ), @r###"
    error[E0604]: functions cannot be recursive: `a` → `b` → `c` → `a`
     --> test.ilv:1:4
      |
    1 | fn a() { b(); }
      |    ^     --- `a` calls `b`
      |    |
      |    calls itself in the end
    2 | fn b() { let x = 1; c(x); }
      |                     ---- `b` calls `c`
    3 | fn c(x) { if x > 1 { a(); } }
      |                      --- `c` calls `a`
      |
      = help: functions are inlined; use a loop

    error[E0604]: functions cannot be recursive: `selfish` → `selfish`
     --> test.ilv:4:4
      |
    4 | fn selfish() { selfish(); }
      |    ^^^^^^^     --------- `selfish` calls `selfish`
      |    |
      |    calls itself in the end
      |
      = help: functions are inlined; use a loop
    "###);
}

#[test]
fn calls_have_as_many_arguments_as_the_function() {
    insta::assert_snapshot!(refused(
        "fn f(x) { yield; }
         fn g() { yield; }
         thread t { f(); f(1, 2); g(3); }"
    ), @r###"
    error[E0605]: `f` takes 1 argument, not 0
     --> test.ilv:3:12
      |
    1 | fn f(x) { yield; }
      |    - declared here
    2 | fn g() { yield; }
    3 | thread t { f(); f(1, 2); g(3); }
      |            ^^^ 0 arguments

    error[E0605]: `f` takes 1 argument, not 2
     --> test.ilv:3:17
      |
    1 | fn f(x) { yield; }
      |    - declared here
    2 | fn g() { yield; }
    3 | thread t { f(); f(1, 2); g(3); }
      |                 ^^^^^^^ 2 arguments

    error[E0605]: `g` takes 0 arguments, not 1
     --> test.ilv:3:26
      |
    2 | fn g() { yield; }
      |    - declared here
    3 | thread t { f(); f(1, 2); g(3); }
      |                          ^^^^ 1 argument
    "###);
}

#[test]
fn indivisible_blocks_do_not_wait() {
    insta::assert_snapshot!(refused(
        "mutex m;
         condvar c;
         semaphore s(1);
         channel d(1);
         channel e;
         channel r(0);
         atomic a = 0;
         fn deep() { m.lock(); }
         fn deeper() { deep(); }
         fn fine() { a.store(1); return 1; }
         thread t {
             atomically { m.lock(); c.wait(m); d.send(1); e.send(1); let x = e.recv(); s.acquire(); t.join(); }
             atomically { yield; let x = choose(0..2); either { } or { } c.notify_one(); c.notify_all(); a.compare_exchange_weak(0, 1); r.try_send(1); d.try_send(2); }
             atomically { with m { } atomically { } for v in d { } }
             atomically { deeper(); let y = fine(); m.try_lock(); }
         }"
    ), @r###"
    error[E0606]: `lock` cannot stand inside `atomically`
      --> test.ilv:12:14
       |
    12 | atomically { m.lock(); c.wait(m); d.send(1); e.send(1); let x = e.recv(); s.acquire(); t.join(); }
       | ----------   ^^^^^^^^ it can block
       | |
       | this block is one indivisible step
       |
       = help: put it before or after the block

    error[E0606]: `wait` cannot stand inside `atomically`
      --> test.ilv:12:24
       |
    12 | atomically { m.lock(); c.wait(m); d.send(1); e.send(1); let x = e.recv(); s.acquire(); t.join(); }
       | ----------             ^^^^^^^^^ it can block
       | |
       | this block is one indivisible step
       |
       = help: put it before or after the block

    error[E0606]: `send` cannot stand inside `atomically`
      --> test.ilv:12:35
       |
    12 | atomically { m.lock(); c.wait(m); d.send(1); e.send(1); let x = e.recv(); s.acquire(); t.join(); }
       | ----------                        ^^^^^^^^^ it can block
       | |
       | this block is one indivisible step
       |
       = help: put it before or after the block

    error[E0606]: `recv` cannot stand inside `atomically`
      --> test.ilv:12:65
       |
    12 | atomically { m.lock(); c.wait(m); d.send(1); e.send(1); let x = e.recv(); s.acquire(); t.join(); }
       | ---------- this block is one indivisible step                   ^^^^^^^^ it can block
       |
       = help: put it before or after the block

    error[E0606]: `acquire` cannot stand inside `atomically`
      --> test.ilv:12:75
       |
    12 | atomically { m.lock(); c.wait(m); d.send(1); e.send(1); let x = e.recv(); s.acquire(); t.join(); }
       | ---------- this block is one indivisible step                             ^^^^^^^^^^^ it can block
       |
       = help: put it before or after the block

    error[E0606]: `join` cannot stand inside `atomically`
      --> test.ilv:12:88
       |
    12 | atomically { m.lock(); c.wait(m); d.send(1); e.send(1); let x = e.recv(); s.acquire(); t.join(); }
       | ---------- this block is one indivisible step                                          ^^^^^^^^ it can block
       |
       = help: put it before or after the block

    error[E0606]: `yield` cannot stand inside `atomically`
      --> test.ilv:13:14
       |
    13 | atomically { yield; let x = choose(0..2); either { } or { } c.notify_one(); c.notify_all(); a.compare_exchange_weak(0, 1); r.try_sen...
       | ----------   ^^^^^ it is a step of its own
       | |
       | this block is one indivisible step
       |
       = help: put it before or after the block

    error[E0606]: `choose` cannot stand inside `atomically`
      --> test.ilv:13:29
       |
    13 | atomically { yield; let x = choose(0..2); either { } or { } c.notify_one(); c.notify_all(); a.compare_exchange_weak(0, 1); r.try_sen...
       | ----------                  ^^^^^^^^^^^^ the world chooses here
       | |
       | this block is one indivisible step
       |
       = help: put it before or after the block

    error[E0606]: `either` cannot stand inside `atomically`
      --> test.ilv:13:43
       |
    13 | atomically { yield; let x = choose(0..2); either { } or { } c.notify_one(); c.notify_all(); a.compare_exchange_weak(0, 1); r.try_sen...
       | ----------                                ^^^^^^ the world chooses here
       | |
       | this block is one indivisible step
       |
       = help: put it before or after the block

    error[E0606]: `notify_one` cannot stand inside `atomically`
      --> test.ilv:13:61
       |
    13 | atomically { yield; let x = choose(0..2); either { } or { } c.notify_one(); c.notify_all(); a.compare_exchange_weak(0, 1); r.try_sen...
       | ---------- this block is one indivisible step               ^^^^^^^^^^^^^^ the world chooses here
       |
       = help: put it before or after the block

    error[E0606]: `compare_exchange_weak` cannot stand inside `atomically`
      --> test.ilv:13:93
       |
    13 | atomically { yield; let x = choose(0..2); either { } or { } c.notify_one(); c.notify_all(); a.compare_exchange_weak(0, 1); r.try_sen...
       | ---------- this block is one indivisible step                                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the world chooses here
       |
       = help: put it before or after the block

    error[E0606]: `try_send` cannot stand inside `atomically`
      --> test.ilv:13:124
       |
    13 | atomically { yield; let x = choose(0..2); either { } or { } c.notify_one(); c.notify_all(); a.compare_exchange_weak(0, 1); r.try_send(1); d...
       | ---------- this block is one indivisible step                                                                              ^^^^^^^^^^^^^ the world chooses here
       |
       = help: put it before or after the block

    error[E0606]: `with` cannot stand inside `atomically`
      --> test.ilv:14:14
       |
    14 | atomically { with m { } atomically { } for v in d { } }
       | ----------   ^^^^^^ it can block
       | |
       | this block is one indivisible step
       |
       = help: put it before or after the block

    error[E0606]: `atomically` cannot stand inside `atomically`
      --> test.ilv:14:25
       |
    14 | atomically { with m { } atomically { } for v in d { } }
       | ----------              ^^^^^^^^^^ indivisible blocks do not nest
       | |
       | this block is one indivisible step
       |
       = help: put it before or after the block

    error[E0606]: `for … in` a channel cannot stand inside `atomically`
      --> test.ilv:14:40
       |
    14 | atomically { with m { } atomically { } for v in d { } }
       | ----------                             ^^^^^^^^^^ it can block
       | |
       | this block is one indivisible step
       |
       = help: put it before or after the block

    error[E0606]: `deeper` cannot be called inside `atomically`
      --> test.ilv:15:14
       |
     8 | fn deep() { m.lock(); }
       |             -------- here
    ...
    15 | atomically { deeper(); let y = fine(); m.try_lock(); }
       | ----------   ^^^^^^^^ it reaches `lock`
       | |
       | this block is one indivisible step
       |
       = help: call it before or after the block
    "###);
}

#[test]
fn conditions_of_when_only_look() {
    insta::assert_snapshot!(refused(
        "mutex m;
         atomic a = 0;
         channel c;
         fn look() { return a.load() == 1; }
         fn change() { a.store(2); return true; }
         thread t { when m.try_lock() { } when a.fetch_add(1) == 1 || c.len() == 0 { } when look() { } when change() { } when choose(0..2) == 1 { } }"
    ), @r###"
    error[E0607]: `try_lock` cannot stand in the condition of `when`
     --> test.ilv:6:17
      |
    6 | thread t { when m.try_lock() { } when a.fetch_add(1) == 1 || c.len() == 0 { } when look() { } when change() { } when choose(0..2) == ...
      |                 ^^^^^^^^^^^^ it changes something
      |
      = help: a condition only looks: reads, loads, `len`, `is_locked`, `is_alive`

    error[E0607]: `fetch_add` cannot stand in the condition of `when`
     --> test.ilv:6:39
      |
    6 | thread t { when m.try_lock() { } when a.fetch_add(1) == 1 || c.len() == 0 { } when look() { } when change() { } when choose(0..2) == ...
      |                                       ^^^^^^^^^^^^^^ it changes something
      |
      = help: a condition only looks: reads, loads, `len`, `is_locked`, `is_alive`

    error[E0607]: `change` cannot be called in the condition of `when`
     --> test.ilv:6:100
      |
    5 | fn change() { a.store(2); return true; }
      |               ---------- here
    6 | thread t { when m.try_lock() { } when a.fetch_add(1) == 1 || c.len() == 0 { } when look() { } when change() { } when choose(0..2) == ...
      |                                                                                                    ^^^^^^^^ it reaches `store`
      |
      = help: a condition only looks: reads, loads, `len`, `is_locked`, `is_alive`

    error[E0607]: `choose` cannot stand in the condition of `when`
     --> test.ilv:6:118
      |
    6 | ...= 0 { } when look() { } when change() { } when choose(0..2) == 1 { } }
      |                                                   ^^^^^^^^^^^^ the world chooses here
      |
      = help: a condition only looks: reads, loads, `len`, `is_locked`, `is_alive`
    "###);
}

#[test]
fn properties_read_what_a_state_has() {
    insta::assert_snapshot!(refused(
        "mutex m;
         channel c;
         atomic a = 0;
         condvar d;
         var x[2] = 0;
         fn f() { return true; }
         always m;
         always c == 0;
         always a.load() == 1;
         always d;
         always f();
         always t;
         always c.recv() == 1;
         always x == 0;
         always a[0] == 1;
         always choose(0..2) == 1;
         always a;
         always m.is_locked(1);
         finally t.is_alive();
         thread t { yield; }"
    ), @r###"
    error[E0701]: a mutex cannot be read in a property
     --> test.ilv:7:8
      |
    7 | always m;
      |        ^ not part of a state
      |
      = help: write `.is_locked()` after it

    error[E0701]: a channel cannot be read in a property
     --> test.ilv:8:8
      |
    8 | always c == 0;
      |        ^ not part of a state
      |
      = help: write `.len()` after it

    error[E0701]: `load` cannot be read in a property
     --> test.ilv:9:8
      |
    9 | always a.load() == 1;
      |        ^^^^^^^^ not part of a state
      |
      = help: a property sees the value itself: write `a`

    error[E0701]: a condition variable cannot be read in a property
      --> test.ilv:10:8
       |
    10 | always d;
       |        ^ not part of a state

    error[E0701]: a call cannot be read in a property
      --> test.ilv:11:8
       |
    11 | always f();
       |        ^^^ not part of a state
       |
       = help: write the condition itself

    error[E0701]: a thread cannot be read in a property
      --> test.ilv:12:8
       |
    12 | always t;
       |        ^ not part of a state
       |
       = help: its locals can: `t.local`

    error[E0701]: `recv` cannot be read in a property
      --> test.ilv:13:8
       |
    13 | always c.recv() == 1;
       |        ^^^^^^^^ not part of a state

    error[E0406]: `x` is an array: say which one
      --> test.ilv:14:8
       |
     5 | var x[2] = 0;
       |     - declared here
    ...
    14 | always x == 0;
       |        ^ an index is missing
       |
       = help: write `x[0]`

    error[E0407]: `a` is an atomic, not an array
      --> test.ilv:15:8
       |
     3 | atomic a = 0;
       |        - declared here
    ...
    15 | always a[0] == 1;
       |        ^ cannot be indexed

    error[E0701]: a choice cannot be read in a property
      --> test.ilv:16:8
       |
    16 | always choose(0..2) == 1;
       |        ^^^^^^^^^^^^ not part of a state

    error[E0301]: a property must be a Boolean, not an integer
      --> test.ilv:17:8
       |
    17 | always a;
       |        ^ an integer
       |
       = help: compare it, as in `n != 0`

    error[E0402]: `is_locked` takes no arguments, not 1
      --> test.ilv:18:8
       |
    18 | always m.is_locked(1);
       |        ^^^^^^^^^^^^^^ 1 argument
       |
       = help: write `m.is_locked()`

    error[E0701]: `is_alive` of a thread cannot be read in a property
      --> test.ilv:19:9
       |
    19 | finally t.is_alive();
       |         ^^^^^^^^^^^^ not part of a state
    "###);
}

#[test]
fn locals_of_threads_in_properties() {
    insta::assert_snapshot!(refused(
        "thread t { let result = 1; if result == 1 { let inner = 2; } let h[2]; }
         thread g[i in 1..3] { let r = 1; }
         finally t.reslt == 1;
         finally t.inner == 1;
         finally t.h == 1;
         finally g.r == 1;
         finally g[0].r == 1;
         finally g[2].r == 1 && g[3].r == 1;
         finally result == 1;
         finally r == 1;
         finally t[0].result == 1;
         finally x.result == 1;
         thread u { let y = t.result; }"
    ), @r###"
    error[E0702]: `t` has no local `reslt` at its top level
     --> test.ilv:3:11
      |
    1 | thread t { let result = 1; if result == 1 { let inner = 2; } let h[2]; }
      | -------- the thread is declared here
    2 | thread g[i in 1..3] { let r = 1; }
    3 | finally t.reslt == 1;
      |           ^^^^^ unknown local
      |
      = help: did you mean `result`?

    error[E0702]: `t` has no local `inner` at its top level
     --> test.ilv:4:11
      |
    1 | thread t { let result = 1; if result == 1 { let inner = 2; } let h[2]; }
      | -------- the thread is declared here            ----- this one lives in an inner block only
    ...
    4 | finally t.inner == 1;
      |           ^^^^^ unknown local
      |
      = help: declare `inner` with `let` directly in the thread's body

    error[E0702]: `h` is a local array, and outcomes and properties read single locals
     --> test.ilv:5:11
      |
    5 | finally t.h == 1;
      |           ^ a local array
      |
      = help: copy the element into a local of its own

    error[E0406]: `g` is a group of threads: say which one
     --> test.ilv:6:9
      |
    2 | thread g[i in 1..3] { let r = 1; }
      | ------------------- declared here
    ...
    6 | finally g.r == 1;
      |         ^ an index is missing
      |
      = help: write `g[0]`

    error[E0703]: `g[0]` does not exist
     --> test.ilv:7:9
      |
    7 | finally g[0].r == 1;
      |         ^^^^ `g` goes from 1 to 2

    error[E0703]: `g[3]` does not exist
     --> test.ilv:8:24
      |
    8 | finally g[2].r == 1 && g[3].r == 1;
      |                        ^^^^ `g` goes from 1 to 2

    error[E0701]: the local `result` alone cannot be read in a property
     --> test.ilv:9:9
      |
    9 | finally result == 1;
      |         ^^^^^^ not part of a state
      |
      = help: write `t.result`

    error[E0701]: the local `r` alone cannot be read in a property
      --> test.ilv:10:9
       |
    10 | finally r == 1;
       |         ^ not part of a state
       |
       = help: write `g[0].r`

    error[E0407]: `t` is a single thread, not an array
      --> test.ilv:11:9
       |
     1 | thread t { let result = 1; if result == 1 { let inner = 2; } let h[2]; }
       |        - declared here
    ...
    11 | finally t[0].result == 1;
       |         ^ cannot be indexed

    error[E0201]: nothing is called `x`
      --> test.ilv:12:9
       |
    12 | finally x.result == 1;
       |         ^ unknown name

    error[E0704]: `t.result`: locals of another thread cannot be read in a thread
      --> test.ilv:13:20
       |
    13 | thread u { let y = t.result; }
       |                    ^^^^^^^^ only `finally`, `possible`, `always` and `observe` can
       |
       = help: share it through a `var` or an `atomic`
    "###);
}

#[test]
fn what_can_be_observed() {
    insta::assert_snapshot!(refused(
        "mutex m;
         var x[2] = 0;
         thread t { let a = 1; }
         observe m, x[2], t, 1 + 1, t.b, nothing, x[0][1];
         observe c;
         channel c;"
    ), @r###"
    error[E0701]: a mutex cannot be observed
     --> test.ilv:4:9
      |
    4 | observe m, x[2], t, 1 + 1, t.b, nothing, x[0][1];
      |         ^ not part of an outcome
      |
      = help: variables, atomics, semaphores and the locals of threads can be observed

    error[E0703]: `x[2]` does not exist
     --> test.ilv:4:12
      |
    4 | observe m, x[2], t, 1 + 1, t.b, nothing, x[0][1];
      |            ^^^^ `x` goes from 0 to 1

    error[E0701]: a thread cannot be observed
     --> test.ilv:4:18
      |
    4 | observe m, x[2], t, 1 + 1, t.b, nothing, x[0][1];
      |                  ^ not part of an outcome
      |
      = help: variables, atomics, semaphores and the locals of threads can be observed

    error[E0701]: an expression cannot be observed
     --> test.ilv:4:21
      |
    4 | observe m, x[2], t, 1 + 1, t.b, nothing, x[0][1];
      |                     ^^^^^ not part of an outcome
      |
      = help: variables, atomics, semaphores and the locals of threads can be observed

    error[E0702]: `t` has no local `b` at its top level
     --> test.ilv:4:30
      |
    3 | thread t { let a = 1; }
      | -------- the thread is declared here
    4 | observe m, x[2], t, 1 + 1, t.b, nothing, x[0][1];
      |                              ^ unknown local

    error[E0201]: nothing is called `nothing`
     --> test.ilv:4:33
      |
    4 | observe m, x[2], t, 1 + 1, t.b, nothing, x[0][1];
      |                                 ^^^^^^^ unknown name

    error[E0701]: an expression cannot be observed
     --> test.ilv:4:42
      |
    4 | observe m, x[2], t, 1 + 1, t.b, nothing, x[0][1];
      |                                          ^^^^^^^ not part of an outcome
      |
      = help: variables, atomics, semaphores and the locals of threads can be observed

    error[E0701]: a channel cannot be observed
     --> test.ilv:5:9
      |
    5 | observe c;
      |         ^ not part of an outcome
      |
      = help: variables, atomics, semaphores and the locals of threads can be observed
    "###);
}

#[test]
fn singletons() {
    insta::assert_snapshot!(refused(
        "scenario 1;
         scenario 1;
         memory sc;
         memory rc11;
         memory sc;
         thread t { yield; }"
    ), @r###"
    error[E0801]: a file has one `scenario` line
     --> test.ilv:2:1
      |
    1 | scenario 1;
      | ----------- first here
    2 | scenario 1;
      | ^^^^^^^^^^^ again here

    error[E0801]: a file has one `memory` line
     --> test.ilv:4:1
      |
    3 | memory sc;
      | ---------- first here
    4 | memory rc11;
      | ^^^^^^^^^^^^ again here

    error[E0801]: a file has one `memory` line
     --> test.ilv:5:1
      |
    3 | memory sc;
      | ---------- first here
    4 | memory rc11;
    5 | memory sc;
      | ^^^^^^^^^^ again here
    "###);
}

#[test]
fn ok_beside_a_finding() {
    insta::assert_snapshot!(refused(
        "param N = 1;
         expect ok if N > 0;
         expect ok if N > 5;
         expect deadlock;
         thread t { yield; }"
    ), @r###"
    error[E0802]: `expect ok` and another expectation apply together
     --> test.ilv:2:1
      |
    2 | expect ok if N > 0;
      | ^^^^^^^^^^^^^^^^^^^ nothing is to be found
    3 | expect ok if N > 5;
    4 | expect deadlock;
      | ---------------- and this is to be found
      |
      = help: make them exclude each other with `if …` and `otherwise`
    "###);
}

#[test]
fn subjects_fit_their_kind() {
    insta::assert_snapshot!(refused(
        "mutex m;
         var x[2] = 0;
         semaphore s(1);
         const K = 1;
         expect race(m);
         expect race(x[2]);
         expect misuse(1 + 1);
         expect panic(m);
         expect panic(t[0]);
         expect final(t);
         expect misuse(s);
         expect race(nothing);
         expect race(K);
         thread t { yield; }"
    ), @r###"
    error[E0803]: `expect race` cannot name a mutex
     --> test.ilv:5:13
      |
    5 | expect race(m);
      |             ^ does not fit
      |
      = help: it can name a variable, an atomic or a thread

    error[E0703]: `x[2]` does not exist
     --> test.ilv:6:13
      |
    6 | expect race(x[2]);
      |             ^^^^ `x` goes from 0 to 1

    error[E0144]: a finding is about one object or thread
     --> test.ilv:7:15
      |
    7 | expect misuse(1 + 1);
      |               ^^^^^ expected a name or an element such as `x[0]`

    error[E0803]: `expect panic` cannot name a mutex
     --> test.ilv:8:14
      |
    8 | expect panic(m);
      |              ^ does not fit
      |
      = help: it can name a thread

    error[E0407]: `t` is a thread, not an array
      --> test.ilv:9:14
       |
     9 | expect panic(t[0]);
       |              ^^^^ cannot be indexed
    ...
    14 | thread t { yield; }
       |        - declared here

    error[E0803]: `expect final` cannot name a thread
      --> test.ilv:10:14
       |
    10 | expect final(t);
       |              ^ does not fit
       |
       = help: write it without parentheses

    error[E0803]: `expect misuse` cannot name a semaphore
      --> test.ilv:11:15
       |
    11 | expect misuse(s);
       |               ^ does not fit
       |
       = help: it can name a mutex, a condition variable, a bounded semaphore, a channel or a thread

    error[E0201]: nothing is called `nothing`
      --> test.ilv:12:13
       |
    12 | expect race(nothing);
       |             ^^^^^^^ unknown name

    error[E0803]: `expect race` cannot name a constant
      --> test.ilv:13:13
       |
    13 | expect race(K);
       |             ^ does not fit
       |
       = help: it can name a variable, an atomic or a thread
    "###);
}

#[test]
fn outcomes_fit_what_is_observed() {
    insta::assert_snapshot!(refused(
        "var x = 0;
         observe x, t.b;
         expect outcomes { (1, true), 2, (none, none), (true, 1), (1, true, 3), (x, _), (_, _) };
         thread t { let b = true; }"
    ), @r###"
    error[E0805]: this outcome has 1 component, not 2
     --> test.ilv:3:30
      |
    2 | observe x, t.b;
      | --------------- an outcome has 2 components
    3 | expect outcomes { (1, true), 2, (none, none), (true, 1), (1, true, 3), (x, _), (_, _) };
      |                              ^ 1 component

    error[E0805]: `x` always has a value, so it is never `none`
     --> test.ilv:3:34
      |
    3 | expect outcomes { (1, true), 2, (none, none), (true, 1), (1, true, 3), (x, _), (_, _) };
      |                                  ^^^^ only a local can be `none`

    error[E0301]: what `x` is compared with must be an integer, not a Boolean
     --> test.ilv:3:48
      |
    3 | expect outcomes { (1, true), 2, (none, none), (true, 1), (1, true, 3), (x, _), (_, _) };
      |                                                ^^^^ a Boolean

    error[E0301]: what `t.b` is compared with must be a Boolean, not an integer
     --> test.ilv:3:54
      |
    3 | expect outcomes { (1, true), 2, (none, none), (true, 1), (1, true, 3), (x, _), (_, _) };
      |                                                      ^ an integer

    error[E0805]: this outcome has 3 components, not 2
     --> test.ilv:3:58
      |
    2 | observe x, t.b;
      | --------------- an outcome has 2 components
    3 | expect outcomes { (1, true), 2, (none, none), (true, 1), (1, true, 3), (x, _), (_, _) };
      |                                                          ^^^^^^^^^^^^ 3 components

    error[E0501]: `x` is a variable, not a constant
     --> test.ilv:3:73
      |
    1 | var x = 0;
      |     - declared here
    2 | observe x, t.b;
    3 | expect outcomes { (1, true), 2, (none, none), (true, 1), (1, true, 3), (x, _), (_, _) };
      |                                                                         ^ not known before the first step
      |
      = help: declare `const x` or `param x` if it never changes
    "###);
}

#[test]
fn outcomes_need_observe() {
    insta::assert_snapshot!(refused(
        "expect outcomes { 1 };
         thread t { yield; }"
    ), @r###"
    error[E0804]: `expect outcomes` needs an `observe` line
     --> test.ilv:1:1
      |
    1 | expect outcomes { 1 };
      | ^^^^^^^^^^^^^^^^^^^^^^ outcomes of what?
      |
      = help: write `observe x, y;` with what an outcome consists of
    "###);
}

#[test]
fn a_file_without_threads() {
    insta::assert_snapshot!(refused(
        "//! Nothing happens.
         mutex m;"
    ), @r###"
    error[E0806]: the scenario has no thread
     --> test.ilv:2:9
      |
    2 | mutex m;
      |         ^ nothing would ever happen
      |
      = help: declare one: `thread main { }`
    "###);
}

#[test]
fn what_follows_from_an_error_is_not_reported() {
    insta::assert_snapshot!(refused(
        "mutex m[1 / 0];
         const K = nothing;
         var x = K;
         thread t[i in 0..K] { m[0].lock(); let a = x + true; let b = unknown + 1; b = true; if b { } m.foo(); unknown2.send(b, K); }
         thread u { t[1].join(); let c = x; c.lock(); let d = 1; d.lock(); K.lock(); }"
    ), @r###"
    error[E0502]: this constant has no value: division by zero
     --> test.ilv:1:9
      |
    1 | mutex m[1 / 0];
      |         ^^^^^ evaluated here

    error[E0201]: nothing is called `nothing`
     --> test.ilv:2:11
      |
    2 | const K = nothing;
      |           ^^^^^^^ unknown name

    error[E0301]: an operand of `+` must be an integer, not a Boolean
     --> test.ilv:4:48
      |
    4 | thread t[i in 0..K] { m[0].lock(); let a = x + true; let b = unknown + 1; b = true; if b { } m.foo(); unknown2.send(b, K); }
      |                                                ^^^^ a Boolean

    error[E0201]: nothing is called `unknown`
     --> test.ilv:4:62
      |
    4 | thread t[i in 0..K] { m[0].lock(); let a = x + true; let b = unknown + 1; b = true; if b { } m.foo(); unknown2.send(b, K); }
      |                                                              ^^^^^^^ unknown name

    error[E0301]: what `b` gets must be an integer, not a Boolean
     --> test.ilv:4:79
      |
    4 | thread t[i in 0..K] { m[0].lock(); let a = x + true; let b = unknown + 1; b = true; if b { } m.foo(); unknown2.send(b, K); }
      |                                                                               ^^^^ a Boolean

    error[E0301]: a condition must be a Boolean, not an integer
     --> test.ilv:4:88
      |
    4 | thread t[i in 0..K] { m[0].lock(); let a = x + true; let b = unknown + 1; b = true; if b { } m.foo(); unknown2.send(b, K); }
      |                                                                                        ^ an integer
      |
      = help: compare it, as in `n != 0`

    error[E0201]: nothing is called `unknown2`
     --> test.ilv:4:103
      |
    4 | thread t[i in 0..K] { m[0].lock(); let a = x + true; let b = unknown + 1; b = true; if b { } m.foo(); unknown2.send(b, K); }
      |                                                                                                       ^^^^^^^^ unknown name

    error[E0412]: operations belong to objects and threads, and this is a local
     --> test.ilv:5:57
      |
    5 | thread u { t[1].join(); let c = x; c.lock(); let d = 1; d.lock(); K.lock(); }
      |                                                  -      ^ has no operations
      |                                                  |
      |                                                  declared here
    "###);
}

#[test]
fn a_broken_declaration_excuses_its_uses() {
    insta::assert_snapshot!(refused(
        "mutx m;
         pool b(2);
         var x = ;
         thread t { m.lock(); b.wait(); x = 1; with m { y = x; } }"
    ), @r###"
    error[E0115]: `mutx` does not begin a declaration
     --> test.ilv:1:1
      |
    1 | mutx m;
      | ^^^^
      |
      = help: did you mean `mutex`?

    error[E0901]: `pool` is not supported yet
     --> test.ilv:2:1
      |
    2 | pool b(2);
      | ^^^^

    error[E0110]: expected an expression, found `;`
     --> test.ilv:3:9
      |
    3 | var x = ;
      |         ^

    error[E0201]: nothing is called `y`
     --> test.ilv:4:48
      |
    4 | thread t { m.lock(); b.wait(); x = 1; with m { y = x; } }
      |                                                ^ unknown name
    "###);
}

#[test]
fn overrides_name_parameters_and_have_their_type() {
    let text = "param PRODUCERS = 2;\nparam FAST = true;\nthread t { yield; }";
    let overrides = [
        set("PRODUCER", Value::Int(3)),
        set("PRODUCERS", Value::Bool(true)),
        set("FAST", Value::Int(1)),
        set("OTHER", Value::Int(1)),
    ];
    insta::assert_snapshot!(refused_with(text, &overrides), @r###"
    error[E0504]: `PRODUCERS=true`: the parameter `PRODUCERS` is an integer
     --> test.ilv:1:7
      |
    1 | param PRODUCERS = 2;
      |       ^^^^^^^^^ its default decides its type

    error[E0503]: `PRODUCER=3`: there is no parameter `PRODUCER`
     --> test.ilv:1:7
      |
    1 | param PRODUCERS = 2;
      |       ^^^^^^^^^
      |
      = help: did you mean `PRODUCERS`?

    error[E0504]: `FAST=1`: the parameter `FAST` is a Boolean
     --> test.ilv:2:7
      |
    2 | param FAST = true;
      |       ^^^^ its default decides its type

    error[E0503]: `OTHER=1`: there is no parameter `OTHER`
     --> test.ilv:2:7
      |
    2 | param FAST = true;
      |       ^^^^
      |
      = help: its parameters are `PRODUCERS` and `FAST`
    "###);
}

#[test]
fn a_file_without_parameters_takes_no_overrides() {
    insta::assert_snapshot!(refused_with("thread t { yield; }", &[set("N", Value::Int(1))]), @r###"
    error[E0503]: `N=1`: there is no parameter `N`
     --> test.ilv:1:1
      |
    1 | thread t { yield; }
      | ^
      |
      = help: the scenario has no parameters
    "###);
}

#[test]
fn a_requirement_names_the_values_in_force() {
    let text = "param N = 2 in 1..4;\nparam M = 3;\nrequire N < M;\nthread t { yield; }";
    insta::assert_snapshot!(refused_with(text, &[set("N", Value::Int(7))]), @r###"
    error[E0505]: these parameters make no sense here: `require` is false
     --> test.ilv:3:1
      |
    3 | require N < M;
      | ^^^^^^^^^^^^^^ false with N = 7, M = 3
    "###);
}

#[test]
fn functions_that_grow_too_large_are_named() {
    let mut text = "var x = 0;\nfn f0() { x += 1; }\n".to_owned();
    for level in 1..20 {
        let below = level - 1;
        text.push_str(&format!("fn f{level}() {{ f{below}(); f{below}(); }}\n"));
    }
    text.push_str("thread t { f19(); }\n");
    insta::assert_snapshot!(refused(&text), @r###"
    error[E0511]: `t` takes the program above 100000 instructions after inlining
      --> test.ilv:22:12
       |
    22 | thread t { f19(); }
       | --------   ^^^^^ inlining `f19` here
       | |
       | in this thread
       |
       = help: functions are copied to each call: call less often, or in a loop
    "###);
}

#[test]
fn empty_functions_that_call_each_other_many_times_end_too() {
    let mut text = "fn f0() { }\n".to_owned();
    for level in 1..60 {
        let below = level - 1;
        text.push_str(&format!("fn f{level}() {{ f{below}(); f{below}(); }}\n"));
    }
    text.push_str("thread t { f59(); }\n");
    insta::assert_snapshot!(refused(&text), @r###"
    error[E0511]: `t` takes the program above 100000 instructions after inlining
      --> test.ilv:61:12
       |
    61 | thread t { f59(); }
       | --------   ^^^^^ inlining `f59` here
       | |
       | in this thread
       |
       = help: functions are copied to each call: call less often, or in a loop
    "###);
}

#[test]
fn a_long_chain_of_calls_is_too_deep() {
    let mut text = "fn f0() { yield; }\n".to_owned();
    for level in 1..5_000 {
        text.push_str(&format!("fn f{level}() {{ f{}(); }}\n", level - 1));
    }
    text.push_str("thread t { f4999(); }\n");
    insta::assert_snapshot!(refused(&text), @r###"
    error[E0513]: `t` is nested more than 200 levels deep after inlining
        --> test.ilv:5001:12
         |
    5001 | thread t { f4999(); }
         | --------   ^^^^^^^ inlining `f4999` here
         | |
         | in this thread
         |
         = help: functions are copied to each call: call less often, or in a loop
    "###);
}

#[test]
fn locals_are_bounded() {
    insta::assert_snapshot!(refused("thread t { let a[1000]; let b[1000]; a[0] = b[0]; }"), @r###"
    error[E0512]: `t` needs more than 1024 locals after inlining
     --> test.ilv:1:1
      |
    1 | thread t { let a[1000]; let b[1000]; a[0] = b[0]; }
      | ^^^^^^^^ in this thread
    "###);
    // More than a number of a local can say, also where nobody runs them.
    let many: String = (0..70).map(|number| format!("let a{number}[1000]; ")).collect();
    for head in ["thread t", "thread t[i in 0..0]"] {
        let message = refused(&format!("{head} {{ {many}}} thread u {{ }}"));
        assert!(message.starts_with("error[E0512]: `t` needs more than 1024 locals after inlining\n"), "{message}");
    }
    let mut text = "fn f() { let a[600]; a[0] = 1; }\nfn g() { let b[600]; b[0] = 1; f(); }\n".to_owned();
    text.push_str("thread t { f(); f(); g(); }");
    insta::assert_snapshot!(refused(&text), @r###"
    error[E0512]: `t` needs more than 1024 locals after inlining
     --> test.ilv:3:22
      |
    3 | thread t { f(); f(); g(); }
      | --------             ^^^ inlining `g` here
      | |
      | in this thread
      |
      = help: functions are copied to each call: call less often, or in a loop
    "###);
}
