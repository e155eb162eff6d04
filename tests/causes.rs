//! Causes of deadlock, one small scenario per question: which cause each of its deadlocks has, or none.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use interleaver::explain::{cause, explain};
use interleaver::explore::explore;
use interleaver::finding::{Evidence, Finding};
use interleaver::language::{compile, read};
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::{FindingKind, Program};
use interleaver::report::Report;

fn explored(scenario: &str) -> (Program, Evidence) {
    let source = read("test.ilv", scenario.as_bytes().to_vec()).unwrap();
    let program = compile(&source, &[]).unwrap().program;
    let evidence = explore(&program, &Limits::default(), &Unwatched);
    (program, evidence)
}

fn is_deadlock(finding: &&Finding) -> bool {
    finding.kind() == FindingKind::Deadlock
}

/// The causes of the deadlocks of a scenario, in the order of its report; `-` stands for none.
#[track_caller]
fn check(scenario: &str, causes: &str) {
    let (program, evidence) = explored(scenario);
    let word = |finding: &Finding| cause(&program, finding).map_or("-", |cause| cause.word());
    let found: Vec<&str> = evidence.findings.iter().filter(is_deadlock).map(word).collect();
    assert_eq!(found.join(" "), causes, "in {scenario}");
}

/// What is said about the first deadlock of a scenario: its facts.
fn facts(scenario: &str) -> Vec<String> {
    let (program, evidence) = explored(scenario);
    let finding = evidence.findings.iter().find(is_deadlock).unwrap();
    explain(&program, finding).facts
}

/// What is said about those that could help the threads of the first deadlock.
fn helpers(scenario: &str) -> Vec<String> {
    let (program, evidence) = explored(scenario);
    let finding = evidence.findings.iter().find(is_deadlock).unwrap();
    explain(&program, finding).waits.into_iter().flat_map(|row| row.helpers).collect()
}

/// A drinker waits for each of two things, and a barista makes them; `{notify}` stands where he calls.
fn two_drinkers(served: &str, notify: &str) -> String {
    format!(
        "mutex bar; {served} served; var tea = false; var coffee = false;
         thread a {{ with bar {{ while !tea {{ served.wait(bar); }} }} }}
         thread b {{ with bar {{ while !coffee {{ served.wait(bar); }} }} }}
         thread barista {{
             with bar {{ tea = true; served.{notify}; }}
             with bar {{ coffee = true; served.{notify}; }}
         }}"
    )
}

#[test]
fn a_call_that_the_wrong_one_takes() {
    // The second deadlock: `a` has the call that was for `b`, because `b` has used up the one that was for `a`.
    for condvar in ["condvar", "fifo condvar"] {
        for notify in ["notify_one()", "notify(1)"] {
            let causes = if condvar == "condvar" { "wrong_recipient wrong_recipient" } else { "wrong_recipient" };
            check(&two_drinkers(condvar, notify), causes);
        }
        check(&two_drinkers(condvar, "notify_all()"), "");
        check(&two_drinkers(condvar, "notify(2)"), "");
    }
}

#[test]
fn who_takes_a_call_with_a_time_out_or_consumes_what_it_was_for() {
    // A partial deadlock is shown as soon as it is certain, before `b` has looked: nothing is proved.
    check(
        "mutex m; condvar c; var x = false; var y = false;
         thread a { with m { while !x { c.wait(m); } } }
         daemon thread b { with m { while !y { let t = c.wait_timeout(m, 1s); } } }
         thread n { with m { x = true; c.notify_one(); } }",
        "-",
    );
    // What it takes away after a call that was not for it does not matter.
    check(
        "mutex bar; condvar served; var tea = false; var coffee = false;
         thread a { with bar { while !tea { served.wait(bar); } tea = false; } }
         thread b { with bar { while !coffee { served.wait(bar); } coffee = false; } }
         thread barista {
             with bar { tea = true; served.notify_one(); }
             with bar { coffee = true; served.notify_one(); }
         }",
        "wrong_recipient wrong_recipient",
    );
}

#[test]
fn a_wait_that_is_not_repeated() {
    // One that could not use the call goes on all the same: nothing proves that the call was not for it.
    check(
        "mutex m; condvar c; var x = false; var y = false;
         thread a { with m { if !x { c.wait(m); } } }
         thread b { with m { if !y { c.wait(m); } } }
         thread n { with m { x = true; c.notify_one(); } }",
        "- -",
    );
}

#[test]
fn one_call_for_two_is_not_a_wrong_recipient() {
    check(
        "mutex m; condvar c; var started = false;
         thread r[i in 0..2] { with m { while !started { c.wait(m); } } }
         thread s { with m { started = true; c.notify_one(); } }",
        "-",
    );
    check(
        "mutex m; condvar c; var free = 0;
         thread v[i in 0..3] { with m { while free == 0 { c.wait(m); } free -= 1; } }
         thread u { with m { free = 3; c.notify(2); } }",
        "-",
    );
    // Both were promised something, and one call says so.
    check(
        "mutex m; condvar c; var x = false; var y = false;
         thread a { with m { while !x { c.wait(m); } } }
         thread b { with m { while !y { c.wait(m); } } }
         thread n { with m { x = true; y = true; c.notify_one(); } }",
        "- -",
    );
}

#[test]
fn who_could_not_have_gone_on_did_not_need_it() {
    // Nobody ever brings the second one that both wait for.
    check(
        "mutex m; condvar c; var n = 0;
         thread a { with m { while n < 2 { c.wait(m); } } }
         thread b { with m { while n < 3 { c.wait(m); } } }
         thread p { with m { n += 1; c.notify_one(); } }",
        "-",
    );
    // What it waited for was there and is gone.
    check(
        "mutex m; condvar c; var buns = 0; var milk = false;
         thread eater { with m { while buns == 0 { c.wait(m); } } }
         thread cat { with m { while !milk { c.wait(m); } } }
         thread baker { with m { buns = 1; c.notify_one(); } with m { buns = 0; } }",
        "- -",
    );
}

#[test]
fn who_waits_for_the_next_thing_has_used_the_call() {
    // `b` waits again in the same place and has changed nothing, but it was woken for the first of two things.
    check(
        "mutex m; condvar c; var x[2] = false;
         thread a { with m { while !x[0] { c.wait(m); } } }
         thread b { for i in 0..2 { with m { while !x[i] { c.wait(m); } } } }
         thread n { with m { x[0] = true; c.notify_one(); } }",
        "- -",
    );
    // And so has whoever counts its calls.
    check(
        "mutex m; condvar c; var x = false;
         thread a { with m { while !x { c.wait(m); } } }
         thread b { with m { for i in 0..2 { c.wait(m); } } }
         thread n { with m { x = true; c.notify_one(); } }",
        "lost_wakeup -",
    );
}

#[test]
fn who_passes_a_call_on_has_used_it() {
    check(
        "mutex m; condvar c; var x = false; var y = false; var z = false;
         thread a { with m { while !x { c.wait(m); } } }
         thread b { with m { while !y { c.notify_one(); c.wait(m); } } }
         thread n { with m { x = true; c.notify_one(); } }",
        "-",
    );
}

#[test]
fn a_wake_up_for_no_reason_takes_no_call() {
    check(
        &format!("option spurious_wakeups; {}", two_drinkers("condvar", "notify_one()")),
        "wrong_recipient wrong_recipient",
    );
    check(
        "option spurious_wakeups; mutex m; condvar c; var x = false;
         thread r[i in 0..2] { with m { while !x { c.wait(m); } } }
         thread s { with m { x = true; c.notify_one(); } }",
        "-",
    );
}

#[test]
fn others_wait_for_the_one_that_missed_its_call() {
    let buffer = "mutex m; condvar changed; var filled = 0;
        thread p[i in 0..2] { loop { with m { while filled == 1 { changed.wait(m); } filled += 1; changed.notify_one(); } } }
        thread c { loop { with m { while filled == 0 { changed.wait(m); } filled -= 1; changed.notify_one(); } } }";
    check(buffer, "wrong_recipient");
    assert_eq!(
        facts(buffer),
        [
            "a notification of `changed` (step 26, line 2) woke `p[1]`, which changed nothing and waited again (step 33); `c` \
             waited as well and would have gone on: `filled` is 1 since step 25",
            "`p[0]` and `p[1]` wait for a notification that `c` could then have given (line 3)",
        ]
    );
    // `b` waits for what nobody ever brings, and `a` would not tell it: the deadlock of both has no cause, and `a` has.
    let mixed = "mutex m; condvar c; var x = false; var y = false;
        thread a { with m { while !x { c.wait(m); } } }
        thread b { with m { while !y { c.wait(m); } } }
        thread n { with m { x = true; c.notify_one(); } }";
    check(mixed, "- -");
}

#[test]
fn the_report_tells_who_needed_a_notification_and_who_got_it() {
    let (program, evidence) = explored(&two_drinkers("condvar", "notify_one()"));
    let told: Vec<Vec<String>> = evidence.findings.iter().map(|finding| explain(&program, finding).facts).collect();
    assert_eq!(
        told,
        [
            [
                "a notification of `served` (step 9, line 5) woke `b`, which changed nothing and waited again (step 13); `a` \
                 waited as well and would have gone on: `tea` is true since step 8"
            ],
            [
                "a notification of `served` (step 16, line 6) woke `a`, which could have gone on since the one before it \
                 (step 9); `b` waited as well and would have gone on: `coffee` is true since step 15"
            ],
        ]
    );
}

#[test]
fn a_lost_wake_up_goes_first() {
    check(
        "mutex m; condvar c; atomic x = false;
         thread a { if !x.load() { with m { c.wait(m); } } }
         thread n { x.store(true); with m { c.notify_one(); } }",
        "lost_wakeup",
    );
}

#[test]
fn a_helper_that_has_passed_its_help_is_said_to_have_passed_it() {
    let scenario = "channel c(1); event e; channel d(1);
         thread a { c.send(1); e.wait(); }
         thread b { let x = c.recv(); let y = c.recv(); d.send(1); }";
    assert_eq!(helpers(scenario), ["no other thread ever sets `e`", "`a` did send (line 2), and does so no more"]);
    // Where it stands at one of two, that one is meant.
    let scenario = "channel c(1); event e;
         thread a {
             c.send(1);
             e.wait();
             c.send(2);
         }
         thread b { let x = c.recv(); let y = c.recv(); e.set(); }";
    assert_eq!(
        helpers(scenario),
        ["`b` could set it (line 7), but waits itself (line 7)", "`a` could send (line 5), but waits itself (line 4)"]
    );
}

#[test]
fn a_helper_that_has_gone_another_way_is_said_to_have_passed_by() {
    let scenario = "channel c(1); event e; atomic x = false;
         thread a { if x.load() { c.send(1); } e.wait(); }
         thread b { let y = c.recv(); e.set(); }";
    assert_eq!(
        helpers(scenario),
        ["`b` could set it (line 3), but waits itself (line 3)", "`a` could send (line 2), but has passed that by"]
    );
}

#[test]
fn a_loop_leads_back_to_the_help() {
    let scenario = "channel c(1); channel d(1);
         thread a { loop { c.send(1); let z = d.recv(); } }
         thread b { loop { let y = c.recv(); let w = c.recv(); d.send(1); } }";
    assert_eq!(
        helpers(scenario),
        ["`b` could send (line 3), but waits itself (line 3)", "`a` could send (line 2), but waits itself (line 2)"]
    );
}

#[test]
fn helpers_that_run_on_in_a_partial_deadlock() {
    let past = "channel c(1); atomic x = 0;
         thread a { c.send(1); loop { x.store(1); x.store(0); } }
         thread b { let y = c.recv(); let w = c.recv(); }";
    assert_eq!(helpers(past), ["`a` did send (line 2), and does so no more"]);
    // An indivisible block that is done is behind a thread.
    let block = "atomic x = 0; atomic y = 0;
         thread a { atomically { x.store(1); } loop { y.store(1); y.store(0); } }
         thread b { when x.load() == 0 { } }";
    assert_eq!(helpers(block), ["`a` did change what the condition reads (line 2), and does so no more"]);
}

#[test]
fn a_join_says_how_many_items_are_not_finished() {
    let reasons = |scenario: &str| {
        let (program, evidence) = explored(scenario);
        let finding = evidence.findings.iter().find(is_deadlock).unwrap();
        explain(&program, finding).waits.into_iter().map(|row| row.reason).collect::<Vec<_>>()
    };
    let scenario = |done: &str| {
        format!(
            "queue q; thread boss {{ q.put(1); q.put(2); let p = q.try_put(3); q.join(); }}
             thread w {{ for i in 0..3 {{ let a = q.get(); }} {done} }}"
        )
    };
    assert_eq!(reasons(&scenario("")), ["`q` has 3 items that are not finished (3 put in)"]);
    assert_eq!(reasons(&scenario("q.task_done(); q.task_done();")), ["`q` has 1 item that is not finished (3 put in)"]);
}

#[test]
fn a_task_done_too_many_finishes_nothing() {
    let (program, evidence) = explored(
        "queue q; event e;
         thread boss { q.put(1); e.wait(); q.put(2); q.join(); }
         thread w { let a = q.get(); q.task_done(); e.set(); q.task_done(); }",
    );
    let finding = evidence.findings.iter().find(is_deadlock).unwrap();
    let reasons: Vec<String> = explain(&program, finding).waits.into_iter().map(|row| row.reason).collect();
    assert_eq!(reasons, ["`q` has 1 item that is not finished (2 put in)"]);
}

#[test]
fn a_when_says_what_its_condition_sees() {
    let (program, evidence) = explored(
        "atomic done = false; var n = 0; atomic other = 7;
         thread a { n = 1; }
         thread b { a.join(); when done.load() && n == 2 { } }
         thread c { when n == 5 || done.load() { other.store(1); } }
         thread d { a.join(); when !done.load() { } }",
    );
    let finding = evidence.findings.iter().find(is_deadlock).unwrap();
    let reasons: Vec<String> = explain(&program, finding).waits.into_iter().map(|row| row.reason).collect();
    assert_eq!(
        reasons,
        [
            "its condition is false: `done` is false and `n` is 1",
            "its condition is false: `done` is false and `n` is 1"
        ]
    );
}

#[test]
fn findings_with_the_same_headline_are_told_apart_by_their_lines() {
    let source = read(
        "test.ilv",
        b"mutex m[2];
thread first { with m[0] { with m[1] { } } }
thread second { with m[1] { with m[0] { } } }
thread bystander { with m[0] { } }
"
        .to_vec(),
    )
    .unwrap();
    let program = compile(&source, &[]).unwrap().program;
    let native = explore(&program, &Limits::default(), &Unwatched);
    let report = Report::new(&program, &native, &[]);
    let headlines: Vec<&str> = report.findings.iter().map(|finding| finding.explanation.headline.as_str()).collect();
    assert_eq!(
        headlines,
        [
            "`first` and `second` wait for each other (lines 2, 3 and 4)",
            "`first` and `second` wait for each other (lines 2 and 3)"
        ]
    );
}

#[test]
fn a_long_text_of_a_panic_is_said_in_full_once() {
    let text = "word ".repeat(60);
    let (program, evidence) = explored(&format!("thread a {{ panic \"{}\"; }}", text.trim_end()));
    let said = explain(&program, &evidence.findings[0]);
    assert!(said.headline.ends_with("word word …"), "{}", said.headline);
    assert!(said.headline.len() < 150, "{}", said.headline);
    assert!(said.facts[0].contains(text.trim_end()), "{:?}", said.facts);
}

#[test]
fn a_notification_is_lost_on_those_who_wait_without_a_look_too() {
    let late = "mutex m; condvar c; thread a { with m { c.wait(m); } } thread b { with m { c.notify_one(); } }";
    check(late, "lost_wakeup");
    let said = "the only notification of `c` (step 2, line 1) woke nobody: `a` began to wait only after it (step 5), and \
                had looked at nothing";
    assert_eq!(facts(late), [said]);
    // Two calls, the second between two waits.
    let again = "mutex m; condvar c; thread a { with m { c.wait(m); } with m { c.wait(m); } }
                 thread b { with m { c.notify_one(); } with m { c.notify_one(); } }";
    let (program, evidence) = explored(again);
    let causes: Vec<_> = evidence.findings.iter().filter(is_deadlock).map(|it| cause(&program, it)).collect();
    assert!(!causes.is_empty() && causes.iter().all(|cause| cause.map(|it| it.word()) == Some("lost_wakeup")));
    // One call for two waits is not lost: nobody notifies a second time.
    check(
        "mutex m; condvar c; semaphore s(0);
         thread a { with m { c.wait(m); } s.acquire(); with m { c.wait(m); } }
         thread b { s.release(); with m { } }",
        "no_notifier",
    );
}

#[test]
fn a_ring_of_locks_and_ends_is_mixed() {
    check("mutex m; thread a { with m { b.join(); } } thread b { with m { } }", "mixed");
}
