//! Warnings: each shown by a text, and absent from the text that does it right; and the mended gallery has none.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use interleaver::language::{Colour, Compiled, compile, compile_gathered, gather, render};
use interleaver::program::Source;
use interleaver::scenario;
use std::path::Path;

fn warned(text: &str) -> String {
    let source = Source { name: "test.ilv".to_owned(), text: text.to_owned() };
    match compile(&source, &[]) {
        Ok(Compiled { warnings, .. }) if warnings.is_empty() => String::new(),
        Ok(Compiled { warnings, .. }) => render(&warnings, &source, Colour::Plain),
        Err(errors) => panic!("{}", render(&errors, &source, Colour::Plain)),
    }
}

/// The codes of the warnings of a text.
fn codes(text: &str) -> Vec<&'static str> {
    let source = Source { name: "test.ilv".to_owned(), text: text.to_owned() };
    match compile(&source, &[]) {
        Ok(compiled) => compiled.warnings.iter().map(|warning| warning.code).collect(),
        Err(errors) => panic!("{}", render(&errors, &source, Colour::Plain)),
    }
}

#[test]
fn an_object_that_nobody_uses() {
    insta::assert_snapshot!(warned("mutex m;\nmutex n;\nthread t { with m { } }\n"), @r"
    warning[W0101]: nobody uses `n`
     --> test.ilv:2:7
      |
    2 | mutex n;
      |       ^
      |
      = help: remove it, or use it where the program that is modelled does
    ");
    // A local of that name behind a `.` is no use; a property, an observation and a function are.
    assert_eq!(codes("var x = 0; observe t.y; var y2 = 1; thread t { let y = x; }"), ["W0101"]);
    for used in ["observe n;", "finally n == 0;", "fn f() { n = 1; } thread u { f(); }"] {
        assert_eq!(codes(&format!("var n = 0; {used} thread t {{ yield; }}")), [""; 0], "{used}");
    }
}

#[test]
fn a_function_that_nobody_calls() {
    insta::assert_snapshot!(warned("fn idle() { yield; }\nthread t { yield; }\n"), @r"
    warning[W0102]: nobody calls `idle`
     --> test.ilv:1:4
      |
    1 | fn idle() { yield; }
      |    ^^^^ this function is part of no thread
      |
      = help: call it, or remove it
    ");
    assert_eq!(codes("fn idle() { yield; } thread t { idle(); }"), [""; 0]);
}

#[test]
fn a_parameter_or_a_constant_that_nobody_uses() {
    insta::assert_snapshot!(warned("param N = 2 in 1..=3;\nconst K = 4;\nthread t { yield; }\n"), @r"
    warning[W0103]: nobody uses `N`
     --> test.ilv:1:7
      |
    1 | param N = 2 in 1..=3;
      |       ^ its value changes nothing
      |
      = help: remove it, or use it where the number stands that it names

    warning[W0103]: nobody uses `K`
     --> test.ilv:2:7
      |
    2 | const K = 4;
      |       ^ its value changes nothing
      |
      = help: remove it, or use it where the number stands that it names
    ");
    assert_eq!(codes("param N = 2; const K = N; thread t[i in 0..K] { yield; }"), [""; 0]);
}

/// A waiter and a notifier; `body` is what the waiter does under the mutex.
fn waiter(body: &str) -> String {
    format!(
        "mutex m; condvar c; var n = 0;
         thread waiter {{ {body} }}
         thread notifier {{ with m {{ n = 1; c.notify_one(); }} }}"
    )
}

#[test]
fn an_if_around_a_wait() {
    let text = "mutex m;
condvar c;
var full = false;
thread taker { with m { if !full { c.wait(m); } full = false; } }
thread giver { with m { full = true; c.notify_one(); } }
";
    insta::assert_snapshot!(warned(text), @r"
    warning[W0104]: this wait is not repeated where its condition does not hold again
     --> test.ilv:4:36
      |
    4 | thread taker { with m { if !full { c.wait(m); } full = false; } }
      |                            -----   ^^^^^^^^^ after this, the condition may be false
      |                            |
      |                            looked at once
      |
      = help: use `while` instead of `if`: between the notification and the waiter's next step others may run
    ");
    for wrong in [
        "with m { if n == 0 { c.wait(m); } }",
        "with m { if n == 0 { with m { c.wait(m); } } else { n = 2; } }",
        "with m { if n == 1 { n = 2; } else if n == 0 { c.wait(m); } }",
        "loop { with m { if n == 0 { c.wait(m); } n -= 1; } }",
        "loop { with m { if n == 0 { c.wait(m); } } n = 2; }",
    ] {
        assert_eq!(codes(&waiter(wrong)), ["W0104"], "{wrong}");
    }
    for right in [
        "with m { while n == 0 { c.wait(m); } }",
        "with m { c.wait(m); }",
        "loop { with m { if n == 0 { c.wait(m); } else { break; } } }",
        "loop { with m { if n == 0 { c.wait(m); continue; } n -= 1; } }",
        "with m { if n < 5 { while n == 0 { c.wait(m); } } }",
    ] {
        assert_eq!(codes(&waiter(right)), [""; 0], "{right}");
    }
}

/// Somebody who waits in the right way, and `body`, which notifies.
fn notifier(body: &str) -> String {
    format!(
        "mutex m; condvar c; atomic n = 0;
         thread waiter {{ with m {{ while n.load() == 0 {{ c.wait(m); }} }} }}
         thread notifier {{ {body} }}"
    )
}

#[test]
fn a_notification_without_the_mutex() {
    let text = "mutex m;
condvar c;
atomic n = 0;
thread waiter { with m { while n.load() == 0 { c.wait(m); } } }
thread notifier { n.store(1); c.notify_all(); }
";
    insta::assert_snapshot!(warned(text), @r"
    warning[W0105]: `c` is notified by a thread that has not held `m` before
     --> test.ilv:5:31
      |
    4 | thread waiter { with m { while n.load() == 0 { c.wait(m); } } }
      |                                                --------- waits with `m`
    5 | thread notifier { n.store(1); c.notify_all(); }
      |                               ^^^^^^^^^^^^^^ may come between the look at the condition and the wait
      |
      = help: change what the waiters look at under the mutex: `with m { … }`
    ");
    assert_eq!(codes(&notifier("c.notify_one(); with m { n.store(1); }")), ["W0105"]);
    for right in [
        "with m { n.store(1); c.notify_one(); }",
        "with m { n.store(1); } c.notify_one();",
        "m.lock(); n.store(1); m.unlock(); c.notify_all();",
        "if m.try_lock() { n.store(1); m.unlock(); } c.notify_all();",
        "if m.lock_timeout(5ms) { n.store(1); m.unlock(); } c.notify_all();",
        "loop { c.notify_all(); with m { n.store(1); } }",
    ] {
        assert_eq!(codes(&notifier(right)), [""; 0], "{right}");
    }
}

#[test]
fn a_property_that_is_constant() {
    insta::assert_snapshot!(warned("param N = 2;\nalways N < 3, \"few\";\nthread t[i in 0..N] { yield; }\n"), @r#"
    warning[W0106]: this property reads nothing that changes
     --> test.ilv:2:1
      |
    2 | always N < 3, "few";
      | ^^^^^^^^^^^^^^^^^^^^ the same in every state
      |
      = help: name an object or a local of a thread; for a condition on parameters there is `require`
    "#);
    for right in ["always x < N;", "finally x == 0 || N > 1;", "possible t.k == N;"] {
        let text = format!("param N = 2; var x = 0; {right} thread t {{ let k = x; }}");
        assert_eq!(codes(&text), [""; 0], "{right}");
    }
}

#[test]
fn a_handle_that_nobody_asks() {
    insta::assert_snapshot!(warned("fn f() { yield; }\nthread t { let h = spawn f(); }\n"), @r"
    warning[W0107]: nobody asks `h` how its thread ended
     --> test.ilv:2:16
      |
    2 | thread t { let h = spawn f(); }
      |                ^ the handle of a thread that is started here
      |
      = help: wait for it with `h.join()`, or write `spawn` without a handle where nobody is to wait
    ");
    for asked in
        ["h.join();", "if h.is_finished() { yield; }", "let k = h; k.join();", "wait_for(h);", "spawn wait_for(h);"]
    {
        assert_eq!(
            codes(&format!(
                "fn f() {{ yield; }} fn wait_for(h) {{ h.join(); }}
                 thread t {{ let h = spawn f(); {asked} }} thread u {{ wait_for(spawn f()); }}"
            )),
            [""; 0],
            "{asked}"
        );
    }
    // Without a handle nobody means to ask; the same name in another thread is another handle.
    assert_eq!(codes("fn f() { yield; } thread t { spawn f(); }"), [""; 0]);
    // One that is given back is the caller's.
    let returned =
        "fn f() { yield; } fn start() { let h = spawn f(); return h; } thread t { let g = start(); g.join(); }";
    assert_eq!(codes(returned), [""; 0]);
    let two = "fn f() { yield; } thread t { let h = spawn f(); h.join(); } thread u { let h = spawn f(); }";
    assert_eq!(codes(two), ["W0107"]);
}

#[test]
fn what_an_imported_file_offers_need_not_be_used() {
    let main = Source { name: "a.ilv".to_owned(), text: "import \"b.ilv\"; mutex n; thread t { f(); }".to_owned() };
    let library = "mutex m; fn f() { with m { } } fn g() { n.lock(); n.unlock(); } const K = 1;";
    let gathered = gather(&main, &mut |name| Ok(Source { name: name.to_owned(), text: library.to_owned() }));
    assert_eq!(compile_gathered(&gathered, &[]).unwrap().warnings, []);
}

#[test]
fn mended_scenarios_have_no_warnings_and_mistakes_show_theirs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut shown = Vec::new();
    for file in scenario::below(&folder).unwrap() {
        let loaded = file.load(&[]).unwrap_or_else(|unusable| panic!("{}", unusable.render(Colour::Plain)));
        let name = file.path.file_stem().unwrap().to_str().unwrap().to_owned();
        let warnings = loaded.rendered_warnings(Colour::Plain);
        if name.ends_with("_fixed") {
            // Its header says why an `if` is enough there.
            let known = if name == "wait_without_mutex_fixed" { &["W0104"][..] } else { &[] };
            let codes: Vec<&str> = loaded.warnings.iter().map(|warning| warning.code).collect();
            assert_eq!(codes, known, "{}:\n{warnings}", file.name);
        }
        shown.extend(loaded.warnings.iter().map(|warning| (name.clone(), warning.code)));
    }
    for expected in [("if_instead_of_while", "W0104"), ("notify_without_lock", "W0105")] {
        assert!(shown.iter().any(|(name, code)| (name.as_str(), *code) == expected), "{expected:?}: {shown:?}");
    }
}
