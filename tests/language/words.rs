//! Words of the language are reserved only where they begin a declaration or a statement.

use crate::source;
use interleaver::language;
use interleaver::language::tree::{File, ItemKind, StmtKind};

fn parse(text: &str) -> File {
    let source = source(text);
    let (file, diagnostics) = language::parse(&source);
    assert_eq!(diagnostics, [], "in {text}");
    file
}

/// The statements of the last thread.
fn statements(text: &str) -> Vec<StmtKind> {
    let file = parse(text);
    match file.items.into_iter().next_back().map(|item| item.kind) {
        Some(ItemKind::Thread { body, .. }) => body.statements.into_iter().map(|statement| statement.kind).collect(),
        other => panic!("not a thread: {other:?}"),
    }
}

#[test]
fn words_of_statements_name_things_where_their_shape_does_not_follow() {
    for word in [
        "let",
        "while",
        "loop",
        "for",
        "break",
        "continue",
        "return",
        "match",
        "assert",
        "panic",
        "assume",
        "yield",
        "fence",
        "sleep",
        "work",
        "io",
        "either",
        "with",
        "when",
        "atomically",
        "else",
        "or",
        "in",
        "is",
        "choose",
        "some",
        "none",
        "closed",
        "spawn",
        "select",
        "progress",
        "timeout",
    ] {
        let text = format!("var {word} = 0;\nthread t {{ {word} = {word} - 1; {word} += 2; {word}[0] = 1; }}");
        let found = statements(&text);
        assert!(
            matches!(found[..], [StmtKind::Assign { .. }, StmtKind::Assign { .. }, StmtKind::Assign { .. }]),
            "{text}"
        );
        assert!(matches!(
            statements(&format!("mutex {word};\nthread t {{ {word}.lock(); }}"))[..],
            [StmtKind::Expr(_)]
        ));
    }
}

#[test]
fn words_of_declarations_name_things_in_bodies() {
    for word in ["var", "thread", "expect", "event", "queue", "task", "option", "daemon", "fn", "class", "node"] {
        let text = format!("var {word} = 0;\nthread t {{ {word} = {word} - 1; c.{word}({word}); {word}(1); }}");
        assert_eq!(statements(&text).len(), 3, "{text}");
    }
}

#[test]
fn a_word_with_the_shape_of_its_statement_is_the_statement() {
    assert!(matches!(statements("thread t { io(5ms); }")[..], [StmtKind::Pause { micros: 5000, .. }]));
    assert!(matches!(statements("thread t { fence(acquire); }")[..], [StmtKind::Fence { .. }]));
    assert!(matches!(statements("thread t { assert !(x); }")[..], [StmtKind::Assert { .. }]));
    assert!(matches!(statements("thread t { return; }")[..], [StmtKind::Return(None)]));
    assert!(matches!(statements("thread t { return (1); }")[..], [StmtKind::Return(Some(_))]));
    assert!(matches!(statements("thread t { let let = 1; }")[..], [StmtKind::Let { .. }]));
}

#[test]
fn a_function_of_the_same_name_takes_the_word() {
    let text = "fn work(n) { }\nthread t { work(3); work = 1; }";
    assert!(matches!(statements(text)[..], [StmtKind::Expr(_), StmtKind::Assign { .. }]));
    assert!(matches!(statements("fn always(n) { }\nthread t { always(3); }")[..], [StmtKind::Expr(_)]));
}

#[test]
fn any_word_is_an_operation_behind_a_dot() {
    for word in ["match", "if", "thread", "await", "true", "_"] {
        assert!(matches!(statements(&format!("thread t {{ c.{word}(); }}"))[..], [StmtKind::Expr(_)]), "{word}");
    }
}

#[test]
fn every_form_of_the_reference_is_understood() {
    let text = r#"//! Title.
scenario 1;
param N = 2 in {1, 2, 8};
param FAST = true;
require N > 0 && !FAST;
const K = 2 * N;
memory rc11;
option writer_preference;
option spurious_wakeups;
expect deadlock if N > 1;
expect race(x);
expect misuse(flag[0]) otherwise;
expect outcomes { (0, 1), (1, none), 2, -1, _, (3), };
expect outcomes { };
observe x, reader.r1, workers[0].sum;
always x <= K, "text";
finally x == 0;
possible x == 1, "it happens";
var x = 0;
var many[3] = -1;
atomic a = false;
mutex fork[N];
reentrant mutex again;
fifo mutex turn;
fifo rwlock shelf_in_turn;
fifo semaphore seats(2);
fifo bounded semaphore beds(2);
rwlock shelf[2];
condvar c;
fifo condvar call_in_turn;
semaphore s(K + 1);
semaphore gates[2](0);
channel q;
channel r(1);
channel z(0) closed by workers;
oneshot answer;
oneshot answers[2] closed by workers;
watch level = -1;
watch levels[2] = K closed by workers;
broadcast news(2 * N);
broadcast papers[2](1) closed by workers;
fn add(x, y) { return x + y; }
daemon thread logger { loop { } }
thread workers[i in 0..N] {
    let sum = 0;
    let h[N];
    h[i] = 1; h[0] <<= 2; sum += add(1, 2); a.fetch_or(true, acq_rel);
    if sum == 0 { } else if sum is some { } else { }
    while sum < 3 { break; }
    for k in 0..=3 { continue; }
    for v in q { sum += v; }
    match r.try_recv() { some(v) => { sum = v; }, closed => { } none => { } timeout => { } poisoned => { } failed(_) => { } _ => { } }
    match sum { 1 => { } -2 => { } true => { } K => { } }
    if let some(v) = q.recv() { } else { }
    while let some(v) = q.recv() { }
    assert sum == 0, "a \"quoted\" text";
    panic "no";
    panic;
    assume sum != 0;
    yield;
    let v = choose(0..3) + choose(1..=N);
    either { } or { } or { }
    with fork[i] { }
    when x == 0 { x = 1; }
    atomically { x = 2; }
    sleep(10ms); work(5us); io(1s);
    fence(seq_cst);
    let w = if sum > 0 { 1 } else if sum < 0 { -1 } else { 0 };
    workers[0].join();
    { let inner = !a.load(relaxed) || (x & 1 | 2 ^ 3) << 1 >> 2 == 5 % 3; }
    return;
}
"#;
    let file = parse(text);
    assert_eq!(file.items.len(), 43);
    assert_eq!(file.description, ["Title."]);
}

#[test]
fn progress_alone_is_a_statement() {
    assert_eq!(statements("thread t { progress; }"), [StmtKind::Progress]);
    assert!(!statements("var progress = 0; thread t { progress = 1; }").contains(&StmtKind::Progress));
}
