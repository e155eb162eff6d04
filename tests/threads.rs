//! Free-running threads in child processes: what has to come up does, what cannot happen never does, and no process is
//! left behind.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use interleaver::engine::agreement::{Agreement, compare};
use interleaver::engine::{Engine, isolate};
use interleaver::explore::{explore, ways};
use interleaver::finding::{BlockCause, Coverage, Detail, EngineName, Evidence, LimitHit, Trace};
use interleaver::language::compile;
use interleaver::limits::{Jitter, Limits, Unwatched, Watch};
use interleaver::program::{FindingKind, Program, Source};
use interleaver::report::histogram::{Histogram, RunReport, print, worth_a_way};
use interleaver::report::text::Colours;
use interleaver::schedule;
use serde_json::json;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

fn threads() -> &'static dyn Engine {
    isolate::use_executable(env!("CARGO_BIN_EXE_interleaver").into());
    interleaver::engine::by_name(EngineName::Threads).unwrap()
}

fn program(text: &str) -> Program {
    let source = Source { name: "test.ilv".to_owned(), text: text.to_owned() };
    compile(&source, &[]).unwrap_or_else(|errors| panic!("{errors:#?}")).program
}

fn scenario(name: &str) -> Program {
    let path = format!("{}/scenarios/{name}.ilv", env!("CARGO_MANIFEST_DIR"));
    program(&std::fs::read_to_string(path).unwrap())
}

fn run(program: &Program, runs: u64) -> Evidence {
    threads().run(program, &Limits { thread_runs: runs, ..Limits::default() }, &Unwatched)
}

fn kinds(evidence: &Evidence) -> BTreeSet<FindingKind> {
    evidence.findings.iter().map(|finding| finding.kind()).collect()
}

/// Runs a scenario until it shows a finding of this kind, as sooner or later it must, and nothing of another kind.
fn shows(name: &str, kind: FindingKind) {
    let program = scenario(name);
    for _ in 0..50 {
        let evidence = run(&program, 400);
        assert!(matches!(evidence.coverage, Coverage::Sampled { .. }), "{name}: {:?}", evidence.coverage);
        if !evidence.findings.is_empty() {
            assert_eq!(kinds(&evidence), BTreeSet::from([kind]), "{name}");
            return;
        }
    }
    panic!("{name}: 20,000 runs do not show {kind}");
}

/// Runs a correct scenario often: it ends well every time.
fn never_fails(name: &str, runs: u64) {
    let evidence = run(&scenario(name), runs);
    assert_eq!(evidence.findings, [], "{name}");
    assert!(matches!(evidence.coverage, Coverage::Sampled { .. }), "{name}: {:?}", evidence.coverage);
    assert_eq!(evidence.counts.executions, runs, "{name}");
    assert_eq!(evidence.outcomes.values().sum::<u64>(), runs, "{name}: {:?}", evidence.outcomes);
}

#[test]
fn locks_in_opposite_order() {
    shows("locks/abba", FindingKind::Deadlock);
    never_fails("locks/abba_fixed", 3_000);
}

#[test]
fn a_lost_wakeup() {
    shows("condvar/lost_wakeup", FindingKind::Deadlock);
    never_fails("condvar/lost_wakeup_fixed", 3_000);
}

#[test]
fn an_if_instead_of_a_while() {
    shows("condvar/if_instead_of_while", FindingKind::Assertion);
    never_fails("condvar/if_instead_of_while_fixed", 3_000);
}

#[test]
fn lost_updates() {
    shows("threads/lost_update", FindingKind::Final);
    shows("threads/lost_update_atomic", FindingKind::Final);
    never_fails("threads/lost_update_fixed", 3_000);
    never_fails("threads/lost_update_atomic_fixed", 3_000);
}

#[test]
fn semaphores_in_opposite_order() {
    shows("semaphore/opposite_order", FindingKind::Deadlock);
    never_fails("semaphore/opposite_order_fixed", 3_000);
}

#[test]
fn a_channel_that_nobody_reads() {
    shows("channel/nobody_reads", FindingKind::Deadlock);
    never_fails("channel/nobody_reads_fixed", 3_000);
}

#[test]
fn a_barrier_that_not_enough_come_to() {
    shows("barrier/one_short", FindingKind::Deadlock);
    never_fails("barrier/one_short_fixed", 3_000);
}

#[test]
fn whoever_waits_at_a_barrier_is_led_out_when_the_run_ends() {
    let text = "barrier b(3); thread waits[i in 0..2] { b.wait(); } thread fails { sleep(1ms); assert false; }";
    let evidence = run(&program(text), 500);
    assert_eq!(evidence.counts.executions, 500);
    assert_eq!(kinds(&evidence), BTreeSet::from([FindingKind::Assertion]), "{:?}", evidence.findings);
}

#[test]
fn readers_of_a_brief_section_and_a_writer_never_wait_for_ever() {
    let text = "rwlock l; var x = 0; var y = 0; observe a.seen, b.seen;
        thread a { let seen = 7; with l.read() { seen = x - y; } }
        thread b { let seen = 7; with l.read() { seen = x - y; } with l.read() { seen += x - y; } }
        thread writer { for i in 0..3 { with l.write() { x += 1; y += 1; } } }";
    let evidence = run(&program(text), 3_000);
    assert_eq!(evidence.findings, []);
    assert_eq!(evidence.outcomes.values().collect::<Vec<_>>(), [&3_000], "{:?}", evidence.outcomes);
}

#[test]
fn a_writer_that_waits_keeps_no_reader_from_one_that_waits_inside() {
    let text = "rwlock l; barrier b(2); var x = 0;
        thread reader[i in 0..2] { for n in 0..3 { with l.read() { b.wait(); } } }
        thread writer { for n in 0..3 { with l.write() { x += 1; } } }";
    let evidence = run(&program(text), 3_000);
    assert_eq!(evidence.findings, []);
}

#[test]
fn a_deadlock_in_every_run_wears_processes_out_and_every_run_is_run() {
    let relock = program("expect deadlock; mutex m; thread alone { m.lock(); m.lock(); } thread again { with m { } }");
    let evidence = run(&relock, 300);
    assert_eq!(evidence.counts.executions, 300);
    assert!(evidence.outcomes.is_empty(), "{:?}", evidence.outcomes);
    assert_eq!(kinds(&evidence), BTreeSet::from([FindingKind::Deadlock]));
}

#[test]
fn a_notification_wakes_at_most_one_of_those_that_wait_and_nothing_else_wakes_anybody() {
    let waits = program(
        "expect deadlock; mutex m; condvar c; atomic woken = 0;
         thread waiter[i in 0..4] { with m { c.wait(m); woken.fetch_add(1); } }
         thread early { c.notify_one(); }
         thread late { yield; c.notify_one(); assert woken.load() <= 2; }
         thread last { sleep(5ms); assert woken.load() <= 2, \"more woken than notified\"; }",
    );
    let evidence = run(&waits, 1_000);
    assert_eq!(kinds(&evidence), BTreeSet::from([FindingKind::Deadlock]));
    let stuck = evidence.findings.iter().map(|finding| {
        let Detail::Deadlock { blocked, .. } = &finding.detail else { panic!("{finding:?}") };
        // The kernel vouches for the deadlock; what explains it is looked up beside it, and may be unknown.
        let explained = |cause| matches!(cause, BlockCause::NotNotified { .. } | BlockCause::Unknown);
        assert!(blocked.iter().all(|thread| explained(thread.cause)), "{blocked:?}");
        blocked.len()
    });
    let stuck: Vec<usize> = stuck.collect();
    assert!(stuck.iter().all(|waiters| (2..=4).contains(waiters)), "{stuck:?}");
}

#[test]
fn a_program_that_never_ends_is_cut_not_waited_for() {
    let endless = program("atomic a = 0; thread one { loop { a.fetch_add(1); } } thread two { loop { a.load(); } }");
    let evidence = run(&endless, 20);
    assert!(matches!(evidence.coverage, Coverage::Cut(LimitHit::Steps { .. })), "{:?}", evidence.coverage);
    assert_eq!(evidence.findings, []);
}

#[test]
fn a_daemon_that_never_rests_keeps_no_run_from_its_end_and_cannot_write_after_it() {
    // The editor's last step is the end of the program: `late` can never be 1 then.
    let text = "expect ok; atomic done = 0; atomic late = 0;
         finally late == 0;
         daemon thread ghost { loop { let over = done.load(); if over == 1 { late.store(1); } } }
         thread editor { yield; done.store(1); }";
    let evidence = run(&program(text), 1_000);
    assert_eq!(evidence.findings, []);
    assert_eq!(evidence.counts.executions, 1_000);
}

#[test]
fn a_daemon_that_receives_at_the_very_end_has_its_message() {
    // The sender's last step is behind the daemon's `recv`, which has set `n` by then.
    let text = "observe d.n; expect outcomes { 7 }; channel c(0);
         daemon thread d { let n = 0; if let some(v) = c.recv() { n = v; } }
         thread t { c.send(7); }";
    let evidence = run(&program(text), 2_000);
    assert_eq!(evidence.findings, []);
    assert!(!evidence.outcomes.is_empty());
}

#[test]
fn store_buffering_stays_within_the_memory_model() {
    let text = |ordering: &str| {
        format!(
            "observe left.a, right.b; expect ok; atomic x = 0; atomic y = 0;
             thread left {{ x.store(1, {ordering}); let a = y.load({ordering}); }}
             thread right {{ y.store(1, {ordering}); let b = x.load({ordering}); }}"
        )
    };
    let outcomes = |ordering| {
        let evidence = run(&program(&text(ordering)), 3_000);
        assert_eq!(evidence.outcomes.values().sum::<u64>(), 3_000);
        evidence.outcomes.keys().map(ToString::to_string).collect::<BTreeSet<_>>()
    };
    let allowed = |outcomes: &[&str]| outcomes.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let seen = outcomes("seq_cst");
    assert!(seen.is_subset(&allowed(&["(0, 1)", "(1, 0)", "(1, 1)"])), "{seen:?}");
    let seen = outcomes("relaxed");
    assert!(seen.is_subset(&allowed(&["(0, 0)", "(0, 1)", "(1, 0)", "(1, 1)"])), "{seen:?}");
}

/// Stops when enough has been seen.
struct Enough(AtomicU64);

impl Watch for Enough {
    fn progress(&self, done: u64) {
        self.0.fetch_max(done, Ordering::Relaxed);
    }

    fn interrupted(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

#[test]
fn an_interrupted_sample_says_what_it_has_seen_so_far() {
    let limits = Limits { thread_runs: u64::MAX, ..Limits::default() };
    let evidence = threads().run(&scenario("locks/abba_fixed"), &limits, &Enough(AtomicU64::new(0)));
    assert_eq!(evidence.coverage, Coverage::Cut(LimitHit::Interrupted));
    assert!(evidence.counts.executions > 0);
    assert_eq!(evidence.outcomes.values().sum::<u64>(), evidence.counts.executions);
}

/// Two threads add one, with this operation.
fn adders(step: &str) -> Program {
    program(&format!("observe x; atomic x = 0; thread adder[i in 0..2] {{ {step} }}"))
}

fn printed(program: &Program, native: &Evidence, ran: &Evidence) -> (Agreement, String) {
    let agreement = compare(program, native, ran);
    let ways = ways(program, native, &worth_a_way(native, ran), &Limits::default(), &Unwatched);
    let mut out = Vec::new();
    let histogram =
        Histogram { program, native, asked: ran.counts.executions, ran, agreement: &agreement, ways: &ways };
    print(&mut out, &RunReport::new(&histogram), Colours::Off).unwrap();
    (agreement, String::from_utf8(out).unwrap())
}

#[test]
fn what_the_model_forbids_is_said_first_and_loudest() {
    let program = adders("x.store(x.load() + 1);");
    let ran = run(&program, 600);
    assert_eq!(ran.outcomes.len(), 2, "an update is lost now and then, not always: {:?}", ran.outcomes);
    let right = explore(&program, &Limits::default(), &Unwatched);
    let (agreement, page) = printed(&program, &right, &ran);
    assert_eq!(agreement, Agreement::Inside, "{page}");
    assert!(page.starts_with("ran       test.ilv on OS threads, 600 runs\n"), "{page}");
    // The model of another program: it knows nothing of lost updates.
    let wrong = explore(&adders("x.fetch_add(1);"), &Limits::default(), &Unwatched);
    let (agreement, page) = printed(&program, &wrong, &ran);
    assert!(matches!(agreement, Agreement::Contradicts(_)), "{page}");
    assert!(page.starts_with("CONTRADICTS  free-running threads did what the model forbids"), "{page}");
    assert!(page.contains("NO\n"), "{page}");
    let last = page.lines().skip_while(|line| !line.starts_with("verdict")).collect::<Vec<_>>().join(" ");
    assert!(last.contains("the engines disagree, one of them is wrong: it sees the outcome (1)"), "{page}");
}

#[test]
fn the_rarest_outcomes_are_looked_up_in_the_model() {
    let program = adders("x.store(x.load() + 1);");
    let native = explore(&program, &Limits::default(), &Unwatched);
    let all: BTreeSet<_> = native.outcomes.keys().cloned().collect();
    let ways = ways(&program, &native, &all, &Limits::default(), &Unwatched);
    let text = |(outcome, trace): (_, Trace)| {
        let choices: Vec<_> = trace.events.iter().map(|event| event.choice()).collect();
        format!("{outcome}: {}", schedule::to_text(&program, &choices))
    };
    let ways: Vec<String> = ways.into_iter().map(text).collect();
    assert_eq!(ways, ["(1): v1 adder[0] adder[1]*2 adder[0]", "(2): v1 adder[0]*2 adder[1]*2"]);
}

#[test]
fn every_way_to_shake_stays_inside_the_model_and_is_counted() {
    let program = scenario("locks/abba_fixed");
    for jitter in Jitter::ALL {
        let limits = Limits { thread_runs: 120, jitter, ..Limits::default() };
        let evidence = threads().run(&program, &limits, &Unwatched);
        assert_eq!(evidence.findings, [], "{}", jitter.word());
        assert_eq!(evidence.samples.iter().map(|sample| sample.walks).sum::<u64>(), 120, "{}", jitter.word());
        assert_eq!(evidence.samples.iter().map(|sample| sample.hits).sum::<u64>(), 0, "{}", jitter.word());
        assert_eq!(evidence.samples.len(), if jitter == Jitter::Mixed { 6 } else { 1 }, "{:?}", evidence.samples);
    }
    let alone = program_that_always_deadlocks();
    let evidence = run(&alone, 60);
    assert_eq!(evidence.samples.iter().map(|sample| sample.hits).sum::<u64>(), 60);
}

fn program_that_always_deadlocks() -> Program {
    program("expect deadlock; mutex m; thread alone { m.lock(); m.lock(); }")
}

#[test]
fn a_child_does_not_outlive_its_parent() {
    let endless = Limits { thread_runs: u64::MAX, ..Limits::default() };
    let request =
        json!({ "program": scenario("locks/abba_fixed"), "limits": endless, "task": { "Run": { "first": 0 } } });
    for request in [format!("{request}\n"), String::new()] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_interleaver"));
        child.args(["__engine", "threads"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = child.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(request.as_bytes()).unwrap();
        if !request.is_empty() {
            // It has understood: it tells how far it is.
            let mut line = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
            assert!(line.starts_with(r#"{"Progress":"#), "{line}");
        }
        assert!(child.try_wait().unwrap().is_none(), "it lives as long as somebody may ask");
        // What happens when a parent dies in whatever way.
        drop(input);
        assert!(!child.wait().unwrap().success());
    }
}
