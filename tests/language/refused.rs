//! Everything that is refused by name, and small errors of shape: code, and the words that are pointed at.

use crate::{source, spots};
use interleaver::language;

/// The text is refused with "`what` is not supported yet", pointing at `at`, and with nothing else.
fn check_refused(text: &str, what: &str, at: &str) {
    // A declaration behind it shows that parsing goes on at the right place.
    let text = format!("{text}\nvar behind = 0;\n");
    let source = source(&text);
    let (file, diagnostics) = language::parse(&source);
    let said: Vec<_> = diagnostics.iter().map(|it| (it.code, it.message.as_str(), source.quote(it.span))).collect();
    assert_eq!(said, [("E0901", format!("`{what}` is not supported yet").as_str(), at)], "in {text}");
    let last = file.items.last().map(|item| source.quote(item.span));
    assert_eq!(last, Some("var behind = 0;"), "in {text}");
}

#[test]
fn declarations_that_are_not_built_are_refused_by_name() {
    for (text, words) in [
        ("notify n;", "notify"),
        ("pipe p;", "pipe"),
        ("pool p(workers = 2);", "pool"),
        ("process pool p(workers = 2);", "process pool"),
        ("process p { x = 1; }", "process"),
        ("task t on e { c.recv().await; }", "task"),
        ("executor e(workers = 1);", "executor"),
        ("async fn fetch(url) { return url; }", "async fn"),
    ] {
        check_refused(text, words, words);
    }
}

#[test]
fn expectations_that_are_not_built_are_refused_by_name() {
    check_refused("expect deadlock(executor_blocked);", "expect deadlock(executor_blocked)", "executor_blocked");
    check_refused(
        "expect deadlock(executor_blocked) if N > 1;",
        "expect deadlock(executor_blocked)",
        "executor_blocked",
    );
}

#[test]
fn statements_that_are_not_built_are_refused_by_name() {
    for (statement, words) in [
        ("select { v = c.recv() => { } _ = sleep(5ms) => { } }", "select"),
        ("let h = spawn_task g(1);", "spawn_task"),
        ("let v = c.recv().await;", "await"),
        ("if timeout(5ms, c.recv()) is none { x = 1; }", "timeout"),
    ] {
        check_refused(&format!("thread a {{\n    {statement}\n    x = 1;\n}}"), words, words);
    }
    check_refused("thread a { let (p, q) = join(f(1), f(2)); p = q; }", "let (p, q)", "let (p, q)");
}

#[test]
fn errors_of_shape_point_at_what_one_would_edit() {
    for (text, code, at) in [
        ("var x;", "E0140", ""),
        ("param N 2;", "E0110", "2"),
        ("semaphore s;", "E0141", ""),
        ("bounded semaphore s;", "E0141", ""),
        ("bounded mutex m;", "E0110", "mutex"),
        ("barrier b;", "E0141", ""),
        ("timer t { }", "E0110", "{"),
        ("timer t(10) { }", "E0109", "10"),
        ("timer t[2] { }", "E0110", "{"),
        ("timer t[](10ms) { }", "E0110", "]"),
        ("timer t[i in 0](10ms) { }", "E0110", "]"),
        ("broadcast b;", "E0141", ""),
        ("watch w;", "E0140", ""),
        ("oneshot o closd by t;", "E0110", "closd"),
        ("mutex m(1);", "E0110", "("),
        ("reentrant lock m;", "E0110", "lock"),
        ("poisoning rwlock l;", "E0110", "rwlock"),
        ("channel c(1) closd by t;", "E0110", "closd"),
        ("var größe = 0;", "E0107", "größe"),
        ("/* a */ var x = 0;", "E0106", "/*"),
        ("var x = 0x10;", "E0104", "0x10"),
        ("var x = 9223372036854775808;", "E0105", "9223372036854775808"),
        ("var true = 0;", "E0131", "true"),
        ("scenario 2;", "E0137", "2"),
        ("memory sx;", "E0110", "sx"),
        ("option writer_preferenc;", "E0110", "writer_preferenc"),
        ("option;", "E0110", ";"),
        ("option progres;", "E0110", "progres"),
        ("eventually x, y;", "E0110", "y"),
        ("fifo channel c;", "E0110", "channel"),
        ("class Foo { }", "E0119", "class"),
        ("foo", "E0115", "foo"),
        ("x = 3;", "E0117", "x"),
        ("}", "E0114", "}"),
        ("expect deadlok;", "E0139", "deadlok"),
        ("expect deadlock(lost_wakup);", "E0138", "lost_wakup"),
        ("expect race(x + 1);", "E0144", "x + 1"),
        ("expect outcomes { (0, 1, };", "E0113", ""),
        ("always x, y;", "E0110", "y"),
        ("always x, \"a\\qb\";", "E0103", "\\q"),
        ("always x, \"a;", "E0102", "\"a;"),
        ("thread var { }", "E0130", "var"),
        ("thread t[3] { }", "E0142", "3"),
        ("thread t[i in 0..] { }", "E0110", "]"),
        ("daemon thred t { }", "E0110", "thred"),
        ("fn f(x: i64) { }", "E0123", ": i64"),
        ("fn f(x) -> i64 { return x; }", "E0123", "-> i64"),
    ] {
        assert_eq!(spots(text), [(code, at.to_owned())], "in {text}");
    }
}

#[test]
fn errors_in_statements_point_at_what_one_would_edit() {
    for (statement, code, at) in [
        ("x == 1;", "E0121", "x == 1"),
        ("brek;", "E0121", "brek"),
        ("a.len;", "E0121", "a.len"),
        ("f() = 1;", "E0122", "f()"),
        ("a[0][1] = 1;", "E0122", "a[0][1]"),
        ("let x: bool = true;", "E0123", ": bool"),
        ("let mut x = true;", "E0124", "mut"),
        ("c.wait(&mut m);", "E0125", "&mut"),
        ("println!(\"x\");", "E0126", "println!"),
        ("assert!(x);", "E0126", "assert!"),
        ("c.recv()?;", "E0127", "?"),
        ("a.load(std::sync::atomic::Ordering::SeqCst);", "E0128", "std::sync::atomic::Ordering::SeqCst"),
        ("x--;", "E0129", "--"),
        ("x = 5ms;", "E0108", "5ms"),
        ("sleep(10);", "E0109", "10"),
        ("work(20000000000000s);", "E0105", "20000000000000s"),
        ("let x;", "E0140", ""),
        ("let x = if a { 1 };", "E0135", ""),
        ("let x = match a { };", "E0136", "match"),
        ("match a { 1 => b(), _ => { } }", "E0134", "b"),
        ("match a { some(3) => { } }", "E0133", "3"),
        ("match a { Some(v) => { } }", "E0143", "Some"),
        ("match a { smoe(v) => { } }", "E0110", "smoe"),
        ("x = a is some(v);", "E0132", "v"),
        ("if x = 3 { }", "E0110", "="),
        ("if x == 1 y = 2; }", "E0110", "y"),
        ("with m, n { }", "E0110", ","),
        ("for i of 0..3 { }", "E0110", "of"),
        ("f(1 2);", "E0110", "2"),
        ("f(1, (2);", "E0113", ""),
        ("f(1));", "E0114", ")"),
        ("x = a < b < c;", "E0120", "<"),
        ("x = a == b is none;", "E0120", "is"),
        ("x = ;", "E0110", ";"),
        ("either { }", "E0110", ""),
        ("mutex n;", "E0118", "mutex"),
        ("whlie x { }", "E0116", "whlie"),
    ] {
        let text = format!("thread t {{ {statement} }}\nvar behind = 0;");
        assert_eq!(spots(&text), [(code, at.to_owned())], "in {text}");
    }
}
