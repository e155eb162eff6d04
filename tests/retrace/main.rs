//! Every printed counterexample is executed again from its text by an interpreter that shares no code with the library,
//! and must end where the report says.
//!
//! The interpreter reads three things: the declarations of the scenario, the rows of the report, and what
//! the report says about the end. It knows what each operation does from the language reference; it knows no program, so
//! it can't say which step comes next, only whether the step that is printed is possible.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod claim;
mod declarations;
mod expression;
mod handover;
mod machine;
mod order;
mod report;
mod row;

use interleaver::explore::explore;
use interleaver::language::{Colour, Override, compile, render};
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::{FindingKind, Source, Value};
use interleaver::report::{Report, text};
use interleaver::scenario::{self, ScenarioFile};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The report on a scenario as it is printed.
fn printed(name: &str, source: &str, parameters: &BTreeMap<String, i64>) -> String {
    let source = Source { name: name.to_owned(), text: source.to_owned() };
    let overrides: Vec<Override> =
        parameters.iter().map(|(name, value)| Override { name: name.clone(), value: Value::Int(*value) }).collect();
    let compiled = match compile(&source, &overrides) {
        Ok(compiled) => compiled,
        Err(errors) => panic!("{}", render(&errors, &source, Colour::Plain)),
    };
    let evidence = explore(&compiled.program, &Limits::default(), &Unwatched);
    text::snapshot(&Report::new(&compiled.program, &evidence, &[]))
}

/// Executes every finding of a printed report; the findings.
fn execute(source: &str, parameters: &BTreeMap<String, i64>, printed: &str) -> Result<Vec<report::Finding>, String> {
    let findings = report::findings(printed)?;
    for finding in &findings {
        claim::check(source, parameters, finding)?;
    }
    Ok(findings)
}

/// A scenario's text, with the texts of what it imports in their places: one file, which the machine can read.
fn in_one_text(file: &ScenarioFile) -> String {
    let text = fs::read_to_string(&file.path).unwrap();
    let line = |line: &str| {
        let imported = line.strip_prefix("import \"").and_then(|rest| rest.strip_suffix("\";"));
        let library = |name| fs::read_to_string(file.path.with_file_name(name)).unwrap().replace("//!", "//");
        imported.map_or_else(|| format!("{line}\n"), library)
    };
    text.lines().map(line).collect()
}

#[test]
fn every_printed_counterexample_of_the_gallery_can_be_executed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let (mut wrong, mut seen, mut kinds) = (String::new(), 0, BTreeSet::new());
    for file in scenario::below(&root).unwrap() {
        let name = file.path.strip_prefix(&root).unwrap().to_str().unwrap();
        let source = in_one_text(&file);
        let printed = printed(name, &source, &BTreeMap::new());
        match execute(&source, &BTreeMap::new(), &printed) {
            Ok(findings) => {
                let found = printed.lines().any(|line| line.starts_with("violated"));
                assert_eq!(found, !findings.is_empty(), "{name}: no finding could be read from:\n{printed}");
                seen += findings.len();
                kinds.extend(findings.iter().map(|finding| finding.kind().to_owned()));
            }
            Err(why) => write!(wrong, "{name}: {why}\n{printed}\n").unwrap(),
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(seen >= 25, "only {seen} findings were executed");
    for kind in [FindingKind::Deadlock, FindingKind::Race, FindingKind::Assertion, FindingKind::Invariant] {
        assert!(kinds.contains(kind.word()), "no {kind} was executed");
    }
    for kind in [FindingKind::Eventually, FindingKind::Livelock, FindingKind::Starvation] {
        assert!(kinds.contains(kind.word()), "no {kind} was executed");
    }
    for kind in [FindingKind::Final, FindingKind::Panic, FindingKind::Misuse, FindingKind::UnobservedFailure] {
        assert!(kinds.contains(kind.word()), "no {kind} was executed");
    }
}

#[test]
fn every_printed_counterexample_of_the_reference_can_be_executed() {
    let reference = include_str!("../../docs/language.md");
    let blocks = reference.split("\n```").filter_map(|block| block.strip_prefix("ilv\n"));
    // What an example imports stands in its text here.
    let libraries: Vec<(&str, &str)> = reference
        .split("\n```ilv library ")
        .skip(1)
        .map(|rest| rest.split("\n```").next().unwrap().split_once('\n').unwrap())
        .collect();
    let mut seen = 0;
    for block in blocks {
        let pasted = |text: String, (name, library): &(&str, &str)| {
            text.replace(&format!("import \"{name}\";"), &library.replace("//!", "//"))
        };
        let source = &libraries.iter().fold(block.to_owned(), pasted);
        let printed = printed("example.ilv", source, &BTreeMap::new());
        let findings = execute(source, &BTreeMap::new(), &printed);
        seen += findings.unwrap_or_else(|why| panic!("{why}\n{source}\n{printed}")).len();
    }
    assert!(seen >= 10, "only {seen} findings were executed");
}

#[test]
fn parameters_reach_the_declarations() {
    let source = include_str!("../../scenarios/classic/dining_philosophers.ilv");
    for philosophers in 2..=4 {
        let parameters = BTreeMap::from([("N".to_owned(), philosophers)]);
        let printed = printed("dining_philosophers.ilv", source, &parameters);
        let findings = execute(source, &parameters, &printed).unwrap();
        assert_eq!(findings[0].waits().len(), usize::try_from(philosophers).unwrap(), "{printed}");
    }
}

/// Operations that few scenarios use, each in a trace.
#[test]
fn every_operation_can_be_executed() {
    let source = "\
memory sc;
always s != 2, \"the end\";
var x = 0;
var cell[2] = 0;
atomic a = 5;
atomic flag = false;
mutex m;
reentrant mutex again;
fifo mutex desk;
poisoning mutex glass;
rwlock l;
condvar c;
semaphore s(1);
event e;
event tick;
once o;
once bad;
bounded semaphore room(3);
barrier alone(1);
barrier pair(2);
channel deep;
channel meet(0);
channel over closed by quick;
fn twice(n) { return 2 * n; }
fn fails() { bad.call { panic; } }
fn breaks() { with glass { panic; } }
timer soon(5ms) { tick.set(); }
timer never(5ms) { panic; }
timer each[i in 0..2](5ms) { assert i == 1; }
timer plain[2](5ms) { yield; }
thread quick { }
thread helper {
    let got = meet.recv();
    with m { x = got; c.notify_all(); }
    meet.send(9);
}
thread main {
    assert !m.is_locked() && m.try_lock();
    m.unlock();
    meet.send(4);
    with m { while x == 0 { c.wait(m); } }
    if let some(v) = meet.recv() { cell[1] = v; }
    helper.join();
    assert !helper.is_alive() && cell[1] == 9;
    assert over.recv() is closed;
    assert deep.try_send(3) && deep.len() == 1 && deep.try_recv() is some && deep.try_recv() is none;
    deep.close();
    a.fetch_add(3); a.fetch_sub(1); a.fetch_or(8); a.fetch_and(12); a.fetch_xor(1); a.fetch_max(20); a.fetch_min(7);
    assert a.swap(1) == 7 && a.compare_exchange(2, 3) is failed && a.compare_exchange(1, 2) is some;
    again.lock(); assert again.try_lock() && again.lock_timeout(5ms); again.unlock(); again.unlock(); again.unlock();
    assert m.lock_timeout(1ms) && !m.lock_timeout(2s); m.unlock();
    l.read(); l.read(); assert l.try_read() && !l.try_write();
    l.read_unlock(); l.read_unlock(); l.read_unlock();
    assert l.try_write() && !l.try_read(); l.write_unlock(); l.write(); l.write_unlock();
    flag.store(choose(0..1) == 0);
    fence(seq_cst);
    either { yield; } or { sleep(1ms); work(1ms); io(1ms); }
    when flag.load() { x += 1; flag.store(false); }
    assert s.try_acquire() && !s.try_acquire();
    assert !e.wait_timeout(5ms) && !e.is_set();
    e.set(); e.wait();
    assert e.wait_timeout(5ms);
    e.clear();
    room.acquire(2); assert room.acquire_timeout(1ms) && !room.acquire_timeout(1ms); room.release(3);
    assert alone.wait() && pair.wait_timeout(1ms) is timeout && pair.is_broken() && pair.wait() is failed;
    pair.reset(); pair.abort();
    let h = spawn twice(4);
    if h.is_finished() { yield; }
    assert h.join() == 8 && h.is_finished();
    let f = spawn fails();
    f.join();
    assert f.join() is failed && !o.is_completed();
    o.call { yield; }
    o.call { yield; }
    let g = spawn fails();
    assert g.join() is failed && o.is_completed() && !bad.is_completed();
    soon.start(); tick.wait();
    assert !soon.cancel() && never.cancel();
    assert !never.is_alive();
    never.start(); never.join(); soon.join();
    assert !never.is_alive() && !plain[0].is_alive();
    plain[1].start(); plain[1].join(); plain[0].start();
    each[1].start();
    if each[1].is_alive() { yield; }
    each[1].join(); plain.join();
    with desk { assert !c.wait_timeout(desk, 1ms); }
    assert glass.lock() is some && !c.wait_timeout(glass, 1ms); glass.unlock();
    let k = spawn breaks();
    assert k.join() is failed && glass.lock() is poisoned && c.wait_timeout(glass, 1ms) is poisoned; glass.unlock();
    s.release(); s.release();
}
";
    let printed = printed("operations.ilv", source, &BTreeMap::new());
    let findings = execute(source, &BTreeMap::new(), &printed).unwrap_or_else(|why| panic!("{why}\n{printed}"));
    assert_eq!(findings.len(), 1, "{printed}");
    assert_eq!(findings[0].kind(), "invariant", "{printed}");
    assert!(findings[0].rows.len() >= 50, "{printed}");
}

// What follows shows that the interpreter can say no. The reports are written by hand, so that it is tested on its own.

const TRANSFER: &str = "\
mutex alice;
mutex bob;
var has = 10;
thread rent { with alice { has = 7; with bob { } } }
thread pizza { with bob { with alice { has = 8; } } }
";

const TRANSFER_REPORT: &str = "\
violated  deadlock (lock_cycle): `rent` and `pizza` wait for each other           transfer.ilv
          rent          pizza
     1    alice.lock()                  4
     2    has = 7                       4
     3                  bob.lock()      5
why       `rent` waits at line 4 in `bob.lock()`: `pizza` holds `bob` since step 3, line 5, and waits
          itself
          `pizza` waits at line 5 in `alice.lock()`: `rent` holds `alice` since step 1, line 4, and
          waits itself
schedule  v1 rent*2 pizza
";

const KETTLE: &str = "\
atomic boiled = false;
mutex kitchen;
condvar whistle;
always !boiled || kitchen.is_locked(), \"nonsense\";
thread guest { if !boiled.load() { with kitchen { whistle.wait(kitchen); } } }
thread kettle { boiled.store(true); with kitchen { whistle.notify_one(); } }
";

const KETTLE_REPORT: &str = "\
violated  deadlock (lost_wakeup): `guest` waits on `whistle` for ever   kettle.ilv
          guest                  kettle
     1    boiled.load() → false                           5
     2                           boiled.store(true)       6
     3                           kitchen.lock()           6
     4                           whistle.notify_one()     6  nobody is waiting
     5                           kitchen.unlock()         6
     6    kitchen.lock()                                  5
     7    whistle.wait(kitchen)                           5  waits for ever
why       `guest` waits at line 5 in `whistle.wait(kitchen)`: nobody notifies `whistle` any more
";

const HOTEL: &str = "\
fifo mutex hall;
condvar bell;
semaphore never(0);
thread guest { with hall { bell.wait(hall); } }
thread porter { with hall { bell.notify_all(); never.acquire(); } }
";

const HOTEL_REPORT: &str = "\
violated  deadlock: `guest` and `porter` wait for ever   hotel.ilv
          guest                                 porter
     1    hall.lock() arrives                                             4
     2    hall.lock() completes                                           4
     3    bell.wait(hall)                                                 4
     4                                          hall.lock() arrives       5
     5                                          hall.lock() completes     5
     6                                          bell.notify_all()         5  wakes guest
     7    bell.wait(hall) lines up for hall                               4  waits for ever
why       `guest` waits at line 4 in `bell.wait(hall)`: notified, and needs `hall` back: `porter` holds `hall`
          `porter` waits at line 5 in `never.acquire()`: `never` has no permit
";

const BAR: &str = "\
mutex bar;
condvar served;
var tea = false;
var coffee = false;
thread alice { with bar { while !tea { served.wait(bar); } } }
thread bob { with bar { while !coffee { served.wait(bar); } } }
thread barista { with bar { tea = true; served.notify_one(); } }
";

const BAR_REPORT: &str = "\
violated  deadlock (wrong_recipient): `alice` and `bob` wait for ever   bar.ilv
          alice               bob                                  barista
     1    bar.lock()                                                                      5
     2    tea → false                                                                     5
     3    served.wait(bar)                                                                5  waits for ever
     4                        bar.lock()                                                  6
     5                        coffee → false                                              6
     6                        served.wait(bar)                                            6
     7                                                             bar.lock()             7
     8                                                             tea = true             7
     9                                                             served.notify_one()    7  wakes bob
    10                                                             bar.unlock()           7
    11                        served.wait(bar) re-acquires bar                            6
    12                        coffee → false                                              6
    13                        served.wait(bar)                                            6  waits for ever
why       `alice` waits at line 5 in `served.wait(bar)`: nobody notifies `served` any more
          `bob` waits at line 6 in `served.wait(bar)`: nobody notifies `served` any more
          a notification of `served` (step 9, line 7) woke `bob`, which changed nothing and waited again
          (step 13); `alice` waited as well and would have gone on: `tea` is true since step 8
";

const PARCEL: &str = "\
mutex hall;
semaphore bell(0);
var parcel = 0;
thread postman { parcel = 1; hall.lock(); hall.unlock(); bell.release(); }
thread resident { with hall { assert parcel == 1; } }
";

const PARCEL_REPORT: &str = "\
violated  race: `postman` writes `parcel` (line 4) while `resident` reads it (line 5)   parcel.ilv
          postman     resident
     1    parcel = 1                  4  first access
     2                hall.lock()     5
     3                parcel → 1      5  races with step 1
why       `postman` writes `parcel` (step 1, line 4), holding no lock
";

const PARCEL_FAILS: &str = "\
violated  assertion: `resident` fails at line 5   parcel.ilv
          resident
     1    hall.lock()    5
     2    parcel → 0     5  then `assert` fails (line 5)
why       `assert parcel == 1` is false
";

/// Executes the only finding of a report.
fn verdict(source: &str, printed: &str) -> Result<(), String> {
    let findings = report::findings(printed)?;
    assert_eq!(findings.len(), 1, "{findings:?}");
    claim::check(source, &BTreeMap::new(), &findings[0])
}

/// The report with one text replaced; there must be something to replace.
fn doctored(printed: &str, old: &str, new: &str) -> String {
    assert!(printed.contains(old), "nothing to doctor: {old}");
    printed.replacen(old, new, 1)
}

/// The report without the row that has this number; the later rows move up.
fn without_row(printed: &str, number: usize) -> String {
    let mut text = String::new();
    for line in printed.lines() {
        match line.split_whitespace().next().and_then(|word| word.parse::<usize>().ok()) {
            Some(row) if row == number => {}
            Some(row) if row > number => writeln!(text, "{:>6}{}", row - 1, &line[6..]).unwrap(),
            Some(_) | None => writeln!(text, "{line}").unwrap(),
        }
    }
    text
}

/// The report with two neighbouring rows exchanged.
fn swapped(printed: &str, number: usize) -> String {
    let mut lines: Vec<String> = printed.lines().map(str::to_owned).collect();
    let at = lines.iter().position(|line| line.starts_with(&format!("{number:>6}  "))).unwrap();
    let (first, second) = (lines[at].split_off(6), lines[at + 1].split_off(6));
    lines[at].push_str(&second);
    lines[at + 1].push_str(&first);
    lines.join("\n")
}

fn refusal(source: &str, printed: &str) -> String {
    verdict(source, printed).expect_err("a doctored trace was accepted")
}

#[test]
fn honest_reports_are_accepted() {
    for (source, printed) in [
        (TRANSFER, TRANSFER_REPORT),
        (KETTLE, KETTLE_REPORT),
        (BAR, BAR_REPORT),
        (PARCEL, PARCEL_REPORT),
        (PARCEL, PARCEL_FAILS),
    ] {
        verdict(source, printed).unwrap();
    }
}

#[test]
fn swapped_rows_are_refused() {
    assert!(refusal(KETTLE, &swapped(KETTLE_REPORT, 1)).contains("row 2"), "the flag is read after it was set");
    assert!(refusal(KETTLE, &swapped(KETTLE_REPORT, 5)).contains("held by `kettle`"));
    // These two are independent: the order between them does not matter.
    verdict(TRANSFER, &swapped(TRANSFER_REPORT, 2)).unwrap();
}

#[test]
fn wrong_values_are_refused() {
    assert!(refusal(KETTLE, &doctored(KETTLE_REPORT, "→ false", "→ true")).contains("the row says 1"));
    assert!(refusal(PARCEL, &doctored(PARCEL_FAILS, "parcel → 0", "parcel → 1")).contains("the row says 1"));
}

#[test]
fn a_missing_unlock_is_refused() {
    assert!(refusal(KETTLE, &without_row(KETTLE_REPORT, 5)).contains("held by `kettle`"));
}

#[test]
fn a_notification_reaches_who_waits_and_nobody_else() {
    let heard = doctored(KETTLE_REPORT, "nobody is waiting", "wakes guest");
    assert!(refusal(KETTLE, &heard).contains("does not wait"));
    let swallowed = swapped(&swapped(&swapped(KETTLE_REPORT, 6), 5), 4);
    assert!(verdict(KETTLE, &swallowed).is_err(), "the guest waits without the kitchen");
}

#[test]
fn whoever_was_woken_lines_up_for_a_fifo_mutex() {
    verdict(HOTEL, HOTEL_REPORT).unwrap();
    // It can always come to the line, and does not have the mutex back without that.
    assert!(refusal(HOTEL, &without_row(HOTEL_REPORT, 7)).contains("can go on"));
    let overtakes = doctored(HOTEL_REPORT, "lines up for hall ", "re-acquires hall  ");
    assert!(refusal(HOTEL, &overtakes).contains("does not come back"));
    let plain = HOTEL.replace("fifo mutex", "mutex");
    assert!(refusal(&plain, HOTEL_REPORT).contains("nobody goes first"));
}

#[test]
fn a_deadlock_must_be_one() {
    let early = without_row(TRANSFER_REPORT, 3);
    assert!(refusal(TRANSFER, &early).contains("`rent` can go on"));
    let silent = doctored(KETTLE_REPORT, "`guest` waits at line", "`guest` stands at line");
    assert!(refusal(KETTLE, &silent).contains("nobody is said to wait"));
    let other = doctored(KETTLE_REPORT, "in `whistle.wait(kitchen)`", "in `kitchen.lock()`");
    assert!(refusal(KETTLE, &other).contains("can go on"));
}

#[test]
fn a_notification_that_others_got_must_be_one() {
    let refused = |old: &str, new: &str| refusal(BAR, &doctored(BAR_REPORT, old, new));
    assert!(refused("a notification of", "the notification of").contains("is said to have gone to others"));
    assert!(refused("(step 9,", "(step 8,").contains("notifies not some"));
    assert!(refused("woke `bob`", "woke `barista`").contains("it woke [\"bob\"]"));
    assert!(refused("`alice` waited as well", "`barista` waited as well").contains("did not wait there"));
    assert!(refused("again\n          (step 13)", "again\n          (step 12)").contains("more than look"));
    assert!(refused("true since step 8", "false since step 8").contains("is not 0"));
    assert!(refused("true since step 8", "true since step 9").contains("is not 1"));
    // Another condition, with which she would wait again.
    let other = BAR.replace("while !tea {", "while tea {");
    assert!(verdict(&other, BAR_REPORT).expect_err("she would wait again").contains("would wait again"));
    // Who changes something before it waits again has had some use of it.
    let useful = BAR_REPORT.replace(
        "coffee → false                                              6\n    13",
        "coffee = false                                              6\n    13",
    );
    assert!(verdict(BAR, &useful).expect_err("it was of use").contains("more than look"));
}

#[test]
fn a_race_must_be_one() {
    let same = doctored(PARCEL_REPORT, "races with step 1", "races with step 2");
    assert!(refusal(PARCEL, &same).contains("not marked"));
    let reads = doctored(&doctored(PARCEL_REPORT, "parcel = 1", "parcel → 0"), "parcel → 1 ", "parcel → 0 ");
    assert!(refusal(PARCEL, &reads).contains("two reads"));
    let ordered = "\
violated  race: `postman` writes `parcel` (line 4) while `resident` reads it (line 5)   parcel.ilv
          postman        resident
     1    parcel = 1                     4  first access
     2    hall.lock()                    4
     3    hall.unlock()                  4
     4                   hall.lock()     5
     5                   parcel → 1      5  races with step 1
why       `postman` writes `parcel` (step 1, line 4), holding no lock
";
    assert!(refusal(PARCEL, ordered).contains("happens before"));
}

#[test]
fn a_failure_must_be_one() {
    let fine = "\
violated  assertion: `resident` fails at line 5   parcel.ilv
          postman     resident
     1    parcel = 1                  4
     2                hall.lock()     5
     3                parcel → 1      5  then `assert` fails (line 5)
";
    assert!(refusal(PARCEL, fine).contains("holds with what"));
    let invariant = "\
violated  invariant: `always !boiled || kitchen.is_locked(), \"nonsense\"` (line 4) is false   kettle.ilv
          kettle
     1    boiled.store(true)    6
     2    kitchen.lock()        6
";
    assert!(refusal(KETTLE, invariant).contains("holds there"));
    verdict(KETTLE, &without_row(invariant, 2)).unwrap();
    let misuse = "\
violated  misuse: `postman` unlocks `hall` at line 4, which it does not hold   parcel.ilv
          postman
     1    hall.lock()      4
     2    hall.unlock()    4  misuse
";
    assert!(refusal(PARCEL, misuse).contains("nothing wrong"));
    verdict(PARCEL, &without_row(misuse, 1)).unwrap();
}

#[test]
fn rows_must_stand_in_their_columns_and_lines() {
    assert!(refusal(KETTLE, &doctored(KETTLE_REPORT, "kettle\n", "ghost\n")).contains("no thread `ghost`"));
    assert!(
        refusal(KETTLE, &doctored(KETTLE_REPORT, "          5\n     2", "          2\n     2"))
            .contains("does not mention")
    );
    let shifted = doctored(KETTLE_REPORT, "    boiled.load()", "     boiled.load()");
    assert!(report::findings(&shifted).unwrap_err().contains("nobody's column"));
}

const EGG: &str = "\
timer egg(10ms) { yield; }
thread cook { egg.start(); egg.join(); let done = !egg.is_alive(); panic \"breakfast\"; }
";

#[test]
fn who_joins_a_timer_comes_behind_its_end() {
    let honest = printed("egg.ilv", EGG, &BTreeMap::new());
    verdict(EGG, &honest).unwrap_or_else(|why| panic!("{why}\n{honest}"));
    // `egg.start()`, `egg fires`, `yield`, `end`, `egg.join()`.
    assert!(refusal(EGG, &without_row(&honest, 4)).contains("`egg` has not ended"));
    assert!(refusal(EGG, &swapped(&honest, 4)).contains("`egg` has not ended"));
    assert!(
        refusal(EGG, &doctored(&honest, "egg.is_alive() → false", "egg.is_alive() → true")).contains("the row says 1")
    );
    let early = EGG.replace("egg.start(); ", "");
    let misuse = printed("egg.ilv", &early, &BTreeMap::new());
    verdict(&early, &misuse).unwrap_or_else(|why| panic!("{why}\n{misuse}"));
}
