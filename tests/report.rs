//! Whole reports, as people read them: one scenario per reason that a report can give.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use interleaver::explore::explore;
use interleaver::language::{compile, read};
use interleaver::limits::{Limits, Unwatched};
use interleaver::report::{Report, text};

/// The report on a scenario, as its snapshot keeps it.
fn report(scenario: &str) -> String {
    let source = read("test.ilv", scenario.as_bytes().to_vec()).unwrap();
    let program = compile(&source, &[]).unwrap().program;
    let native = explore(&program, &Limits::default(), &Unwatched);
    text::snapshot(&Report::new(&program, &native, &[]))
}

#[test]
fn a_lost_wake_up() {
    let text = report(
        "expect deadlock;
mutex m;
condvar ready;
atomic flag = false;
thread waiter {
    if !flag.load() {
        with m { ready.wait(m); }
    }
}
thread notifier {
    flag.store(true);
    with m { ready.notify_one(); }
}
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  deadlock (lost_wakeup): `waiter` waits on `ready` for ever                        test.ilv
              waiter               notifier
         1    flag.load() → false                         6
         2                         flag.store(true)      11
         3                         m.lock()              12
         4                         ready.notify_one()    12  nobody is waiting
         5                         m.unlock()            12
         6    m.lock()                                    7
         7    ready.wait(m)                               7  waits for ever
    why       `waiter` waits at line 7 in `ready.wait(m)`: nobody notifies `ready` any more
              - `notifier` could notify it (line 12), but has ended
              the only notification of `ready` (step 4, line 12) woke nobody: it came after `waiter` had
              read `flag → false` (step 1, line 6, without `m`) and before it began to wait (step 7)
    schedule  v1 waiter notifier*4 waiter*2
    judgement as expected
    claim     complete · sc · native · needs 1 preemption
    cost      24 states · 29 steps
    "#);
}

#[test]
fn two_locks_in_opposite_order() {
    let text = report(
        "expect deadlock;
mutex m[2];
thread first { with m[0] { with m[1] { } } }
thread second { with m[1] { with m[0] { } } }
thread bystander { with m[0] { } }
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  deadlock (lock_cycle): `first` and `second` wait for each other (lines 3, 4 and 5)
              test.ilv
              first        second
         1    m[0].lock()                  3
         2                 m[1].lock()     4
    why       `first` waits at line 3 in `m[1].lock()`: `second` holds `m[1]` since step 2, line 4, and
              waits itself
              `second` waits at line 4 in `m[0].lock()`: `first` holds `m[0]` since step 1, line 3, and
              waits itself
              `bystander` waits at line 5 in `m[0].lock()`: `first` holds `m[0]` since step 1, line 3,
              and waits itself
    schedule  v1 first second

    also      deadlock (lock_cycle): `first` and `second` wait for each other (lines 3 and 4) · needs 1
              preemption
              first        second       bystander
         1                              m[0].lock()       5
         2                              m[0].unlock()     5
         3    m[0].lock()                                 3
         4                 m[1].lock()                    4
    why       `first` waits at line 3 in `m[1].lock()`: `second` holds `m[1]` since step 4, line 4, and
              waits itself
              `second` waits at line 4 in `m[0].lock()`: `first` holds `m[0]` since step 3, line 3, and
              waits itself
    schedule  v1 bystander*2 first second

    judgement as expected
    claim     complete · sc · native · needs 1 preemption
    cost      46 states · 64 steps
    "#);
}

#[test]
fn a_lock_taken_twice() {
    let text = report(
        "expect deadlock;
mutex m;
thread careless { m.lock(); m.lock(); }
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  deadlock (relock): `careless` waits for `m`, which it holds itself                test.ilv
              careless
         1    m.lock()     3
    why       `careless` waits at line 3 in `m.lock()`: it holds `m` itself since step 1, line 3
    schedule  v1 careless
    judgement as expected
    claim     complete · sc · native · needs no preemption
    cost      2 states · 1 step
    "#);
}

#[test]
fn a_wait_that_nobody_ends() {
    let text = report(
        "expect deadlock;
mutex m;
condvar never;
thread waiter { with m { never.wait(m); } }
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  deadlock (no_notifier): `waiter` waits on `never` for ever                        test.ilv
              waiter
         1    m.lock()          4
         2    never.wait(m)     4  waits for ever
    why       `waiter` waits at line 4 in `never.wait(m)`: no other thread ever notifies `never`
    schedule  v1 waiter*2
    judgement as expected
    claim     complete · sc · native · needs no preemption
    cost      3 states · 2 steps
    "#);
}

#[test]
fn the_wrong_one_is_woken() {
    let text = report(
        "expect deadlock;
mutex m;
condvar changed;
var turn = 0;
thread player[i in 0..2] {
    with m {
        while turn != i { changed.wait(m); }
        turn += 1;
        changed.notify_one();
    }
}
thread referee {
    with m { while turn != 2 { changed.wait(m); } }
}
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  deadlock (wrong_recipient): `player[1]` and `referee` wait for ever               test.ilv
              player[0]             player[1]        referee
         1                          m.lock()                                           6
         2                          turn → 0                                           7
         3                          changed.wait(m)                                    7  waits for ever
         4                                           m.lock()                         13
         5                                           turn → 0                         13
         6                                           changed.wait(m)                  13
         7    m.lock()                                                                 6
         8    turn → 0                                                                 7
         9    turn → 0                                                                 8
        10    turn = 1                                                                 8
        11    changed.notify_one()                                                     9  wakes referee
        12    m.unlock()                                                              10
        13                                           changed.wait(m) re-acquires m    13
        14                                           turn → 1                         13
        15                                           changed.wait(m)                  13  waits for ever
    why       `player[1]` waits at line 7 in `changed.wait(m)`: nobody notifies `changed` any more
              - `player[0]` could notify it (line 9), but has ended
              `referee` waits at line 13 in `changed.wait(m)`: nobody notifies `changed` any more
              - `player[0]` could notify it (line 9), but has ended
              - `player[1]` could notify it (line 9), but waits itself (line 7)
              a notification of `changed` (step 11, line 9) woke `referee`, which changed nothing and
              waited again (step 15); `player[1]` waited as well and would have gone on: `turn` is 1
              since step 10
              `referee` waits for a notification that `player[1]` could then have given (line 9)
    schedule  v1 player[1]*3 referee*3 player[0]*5/referee player[0] referee*3
    judgement as expected
    claim     complete · sc · native · needs no preemption
    cost      65 states · 71 steps
    "#);
}

#[test]
fn a_woken_thread_in_the_line_of_its_mutex() {
    let text = report(
        "expect deadlock;
fifo mutex hall;
condvar bell;
semaphore never(0);
var here = 0;
thread guest { with hall { here += 1; bell.wait(hall); } }
thread porter { with hall { assume here == 1; bell.notify_all(); never.acquire(); } }
thread late { with hall { } }
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  deadlock (permits): `guest`, `porter` and `late` wait for ever                    test.ilv
              guest  porter  late
         1    hall.lock() arrives                    6
         2    hall.lock() completes                  6
         3    here → 0                               6
         4    here = 1                               6
         5    bell.wait(hall)                        6
         6           hall.lock() arrives             7
         7           hall.lock() completes           7
         8           here → 1                        7
         9           bell.notify_all()               7  wakes guest
        10    bell.wait(hall) lines up for hall      6  waits for ever
        11                   hall.lock() arrives     8  waits for ever
    why       `guest` waits at line 6 in `bell.wait(hall)`: notified, and needs `hall` back: `porter`
              holds `hall` since step 7, line 7, and waits itself
              `porter` waits at line 7 in `never.acquire()`: `never` has no permit
              - no other thread ever releases `never`
              `late` waits at line 8 in `hall.lock()`: `porter` holds `hall` since step 7, line 7, and
              waits itself; before it in the line: `guest` (line 6)
    schedule  v1 guest*5 porter*4 guest late

    also      deadlock (permits): `guest` and `porter` wait for ever · needs no preemption
              guest  porter  late
         1    hall.lock() arrives                      6
         2    hall.lock() completes                    6
         3    here → 0                                 6
         4    here = 1                                 6
         5    bell.wait(hall)                          6
         6                   hall.lock() arrives       8
         7                   hall.lock() completes     8
         8                   hall.unlock()             8
         9           hall.lock() arrives               7
        10           hall.lock() completes             7
        11           here → 1                          7
        12           bell.notify_all()                 7  wakes guest
        13    bell.wait(hall) lines up for hall        6  waits for ever
    why       `guest` waits at line 6 in `bell.wait(hall)`: notified, and needs `hall` back: `porter`
              holds `hall` since step 10, line 7, and waits itself
              `porter` waits at line 7 in `never.acquire()`: `never` has no permit
              - no other thread ever releases `never`
    schedule  v1 guest*5 late*3 porter*4 guest

    judgement as expected
    claim     complete · sc · native · needs no preemption
    cost      76 states · 121 steps
    "#);
}

#[test]
fn a_wait_that_finds_its_mutex_poisoned() {
    let text = report(
        "expect panic;
poisoning mutex shop;
condvar fresh;
semaphore here(0);
thread customer { with shop { here.release(); let ok = fresh.wait_timeout(shop, 5ms); } }
thread baker { here.acquire(); with shop { panic; } }
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  panic: `customer` panics at line 5: `fresh.wait_timeout(shop, 5ms)` gave `poisoned`
              test.ilv
              customer  baker
         1    shop.lock()                                                   5
         2    here.release()                                                5
         3    fresh.wait_timeout(shop, 5ms)                                 5
         4    fresh.wait_timeout(shop, 5ms) times out                       5
         5              here.acquire()                                      6
         6              shop.lock()                                         6
         7              shop.unlock()                                       6
         8    fresh.wait_timeout(shop, 5ms) re-acquires shop → poisoned     5  then panics (line 5)
    why       it ends at `fresh.wait_timeout(shop, 5ms)`
    schedule  v1 customer*4/!timeout baker*3 customer

    also      panic: `baker` panics at line 6: panic · needs no preemption
              customer  baker
         1    shop.lock()                                                      5
         2    here.release()                                                   5
         3    fresh.wait_timeout(shop, 5ms)                                    5
         4    fresh.wait_timeout(shop, 5ms) times out                          5
         5    fresh.wait_timeout(shop, 5ms) re-acquires shop → some(false)     5
         6    shop.unlock()                                                    5
         7              here.acquire()                                         6
         8              shop.lock()                                            6  then panics (line 6)
    why       it ends at `panic`
    schedule  v1 customer*4/!timeout customer*2 baker*2

    judgement as expected
    claim     complete · sc · native · needs 1 preemption
    cost      20 states · 25 steps
    "#);
}

#[test]
fn permits_in_opposite_order() {
    let text = report(
        "expect deadlock;
semaphore left(1);
semaphore right(1);
thread first { left.acquire(); right.acquire(); right.release(); left.release(); }
thread second { right.acquire(); left.acquire(); left.release(); right.release(); }
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  deadlock (permits): `first` and `second` wait for ever                            test.ilv
              first           second
         1    left.acquire()                      4
         2                    right.acquire()     5
    why       `first` waits at line 4 in `right.acquire()`: `right` has no permit: taken and not given
              back by `second` (line 5)
              - `second` could release it (line 5), but waits itself (line 5)
              `second` waits at line 5 in `left.acquire()`: `left` has no permit: taken and not given
              back by `first` (line 4)
              - `first` could release it (line 4), but waits itself (line 4)
    schedule  v1 first second
    judgement as expected
    claim     complete · sc · native · needs 1 preemption
    cost      19 states · 22 steps
    "#);
}

#[test]
fn a_full_channel() {
    let text = report(
        "expect deadlock;
channel c(1);
thread sender { c.send(1); c.send(2); }
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  deadlock (channel_full): `sender` waits on `c` for ever                           test.ilv
              sender
         1    c.send(1)     3
    why       `sender` waits at line 3 in `c.send(..)`: `c` is full (1 message)
              - no other thread ever receives from `c`
    schedule  v1 sender
    judgement as expected
    claim     complete · sc · native · needs no preemption
    cost      2 states · 1 step
    "#);
}

#[test]
fn a_rendezvous_that_one_side_misses() {
    let text = report(
        "expect deadlock;
channel c(0);
thread sender { c.send(1); c.send(2); }
thread receiver { let v = c.recv(); }
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  deadlock (channel_full): `sender` waits on `c` for ever                           test.ilv
              sender               receiver
         1    c.send(1) arrives                                     3
         2                         c.recv() arrives                 4
         3                         c.recv() completes → some(1)     4  with sender
         4    c.send(1) completes                                   3
         5    c.send(2) arrives                                     3  waits for ever
    why       `sender` waits at line 3 in `c.send(..)`: nobody receives from `c`
              - `receiver` could receive (line 4), but has ended
    schedule  v1 sender receiver*2/sender sender*2
    judgement as expected
    claim     complete · sc · native · needs no preemption
    cost      7 states · 7 steps
    "#);
}

#[test]
fn threads_that_join_each_other() {
    let text = report(
        "expect deadlock;
thread a { b.join(); }
thread b { a.join(); }
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  deadlock (join_cycle): `a` and `b` wait for each other                            test.ilv
    why       `a` waits at line 2 in `b.join()`: `b` has not ended, and waits itself
              `b` waits at line 3 in `a.join()`: `a` has not ended, and waits itself
    schedule  v1
    judgement as expected
    claim     complete · sc · native · needs no preemption
    cost      1 state · 0 steps
    "#);
}

#[test]
fn a_condition_that_stays_false() {
    let text = report(
        "expect deadlock;
atomic count = 0;
thread waiter { when count.load() == 2 { count.store(0); } }
thread adder { count.fetch_add(1); }
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  deadlock: `waiter` waits for ever                                                 test.ilv
              adder
         1    count.fetch_add(1)     4
    why       `waiter` waits at line 3 in `when count.load() == 2`: its condition is false: `count` is 1
              - `adder` could change what the condition reads (line 4), but has ended
    schedule  v1 adder
    judgement as expected
    claim     complete · sc · native · needs no preemption
    cost      2 states · 1 step
    "#);
}

#[test]
fn a_deadlock_of_some_while_others_run_on() {
    let text = report(
        "expect deadlock;
mutex m;
thread stuck { m.lock(); m.lock(); }
thread busy { loop { yield; } }
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  partial deadlock (relock): `stuck` waits for `m`, which it holds itself           test.ilv
              stuck
         1    m.lock()     3
    why       `stuck` waits at line 3 in `m.lock()`: it holds `m` itself since step 1, line 3
    schedule  v1 stuck
    judgement as expected
    claim     complete · sc · native · needs no preemption
    cost      2 states · 3 steps
    "#);
}

#[test]
fn a_race_with_and_without_a_lock() {
    let text = report(
        "expect race(x);
mutex m;
var x = 0;
thread careful { with m { x = 1; } }
thread careless { let seen = x; }
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  race: `careful` writes `x` (line 4) while `careless` reads it (line 5)            test.ilv
              careful   careless
         1    m.lock()               4
         2    x = 1                  4  first access
         3              x → 1        5  races with step 2
    why       `careful` writes `x` (step 2, line 4), holding `m` (taken at line 4)
              `careless` reads `x` (step 3, line 5), holding no lock
              no happens-before edge orders the two accesses
    schedule  v1 careful*2 careless
    judgement as expected
    claim     complete · sc · native · needs 1 preemption
    cost      8 states · 10 steps
    "#);
}

#[test]
fn a_failed_assert() {
    let text = report(
        "expect assertion;
atomic x = 0;
thread writer { x.store(1); }
thread reader { let seen = x.load(); assert seen == 1, \"too early\"; }
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  assertion: `reader` fails at line 4: "too early"                                  test.ilv
              reader
         1    x.load() → 0     4  then `assert` fails (line 4)
    why       `assert seen == 1, "too early"` is false
              `reader` has just read `x → 0` (step 1, line 4)
    schedule  v1 reader
    judgement as expected
    claim     complete · sc · native · needs no preemption
    cost      3 states · 3 steps
    "#);
}

#[test]
fn properties_that_fail() {
    let text = report(
        "expect invariant;
expect final;
expect impossible;
mutex m;
var x = 0;
always x <= 1, \"at most one\";
finally x == 3;
possible x == 5, \"five\";
thread adder[i in 0..2] { with m { x += 1; } }
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  invariant: `always x <= 1, "at most one"` (line 6) is false after step 7 (`adder[1]`, line
              9)
              test.ilv
              adder[0]    adder[1]
         1    m.lock()                 9
         2    x → 0                    9
         3    x = 1                    9
         4    m.unlock()               9
         5                m.lock()     9
         6                x → 1        9
         7                x = 2        9  `always` fails
    why       `x` is 2
    schedule  v1 adder[0]*4 adder[1]*3

    also      impossible: no normal end satisfies `possible x == 5, "five"` (line 8)

    judgement not as expected
              - nothing found meets `expect final` (line 2)
    claim     complete · sc · native · needs no preemption
    cost      13 states · 14 steps
    "#);
}

#[test]
fn outcomes_that_differ_from_the_list() {
    let text = report(
        "expect outcome;
expect outcomes { (1, 0), (0, 0), (7, 7) };
observe x, y;
atomic x = 0;
atomic y = 0;
thread a { let seen = x.load(); y.store(seen); }
thread b { x.store(1); }
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  outcome: (x, y) = (1, 1) occurs, and no `expect outcomes` lists it                test.ilv
              a             b
         1                  x.store(1)     7
         2    x.load() → 1                 6
         3    y.store(1)                   6
    schedule  v1 b a*2

    also      outcome: (x, y) = (0, 0) is expected and never occurs

    also      outcome: (x, y) = (7, 7) is expected and never occurs

    outcomes  (x, y): (1, 0) (1, 1)
    judgement as expected
    claim     complete · sc · native · needs no preemption
    cost      8 states · 8 steps
    "#);
}

#[test]
fn a_panic_gives_back_what_with_has_taken() {
    let text = report(
        "expect panic;
mutex m;
channel c;
thread worker { with m { let v = c.recv(); panic \"no more\"; } }
thread sender { c.send(1); with m { } }
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  panic: `worker` panics at line 4: no more                                         test.ilv
              worker              sender
         1    m.lock()                          4
         2                        c.send(1)     5
         3    c.recv() → some(1)                4  then panics (line 4)
    why       it ends at `panic "no more"`
    schedule  v1 worker sender worker
    judgement as expected
    claim     complete · sc · native · needs no preemption
    cost      12 states · 13 steps
    "#);
}

#[test]
fn misuse_of_a_lock() {
    let text = report(
        "expect misuse;
mutex m;
thread owner { m.lock(); }
thread stranger { m.unlock(); }
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  misuse: `owner` ends while it holds `m`                                           test.ilv
              owner
         1    m.lock()     3
    why       it took `m` at step 1, line 3 and nothing gives it back
    schedule  v1 owner

    also      misuse: `stranger` unlocks `m` at line 4, which it does not hold · needs no preemption
              stranger
         1    m.unlock()     4  misuse
    why       nobody holds `m` there
    schedule  v1 stranger

    judgement as expected
    claim     complete · sc · native · needs no preemption
    cost      4 states · 4 steps
    "#);
}

#[test]
fn choices_of_the_world_stand_in_the_trace() {
    let text = report(
        "expect assertion;
atomic x = 0;
thread chooser {
    let v = choose(0..3);
    either { x.store(v); } or { x.fetch_add(1, relaxed); }
    atomically { let a = x.load(); x.store(a + 1); }
    sleep(10ms);
    assert x.load() < 3;
}
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  assertion: `chooser` fails at line 8                                              test.ilv
              chooser
         1    choose → 2                                  4
         2    either → branch 0                           5
         3    x.store(2)                                  5
         4    atomically { x.load() → 2; x.store(3) }     6
         5    sleep(10ms)                                 7
         6    x.load() → 3                                8  then `assert` fails (line 8)
    why       `assert x.load() < 3` is false
              `chooser` has just read `x → 3` (step 6, line 8)
    schedule  v1 chooser/=2 chooser/#0 chooser*4
    judgement inconclusive: only a complete search can be as expected
    claim     not complete: explored under sc only · rc11 · native · needs no preemption
    cost      19 states · 22 steps
    "#);
}

#[test]
fn a_file_that_holds() {
    let text = report(
        "observe x;
expect outcomes { 2 };
mutex m;
var x = 0;
thread adder[i in 0..2] { with m { x += 1; } }
",
    );
    insta::assert_snapshot!(text, @r#"
    holds     nothing is found in any interleaving                                              test.ilv
    outcomes  (x): (2)
    judgement as expected
    claim     complete · sc · native
    cost      16 states · 16 steps
    "#);
}

#[test]
fn a_file_that_is_not_as_expected() {
    let text = report(
        "expect deadlock;
var x = 0;
thread adder[i in 0..2] { x += 1; }
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  race: `adder[0]` writes `x` (line 3) while `adder[1]` reads it (line 3)           test.ilv
              adder[0]  adder[1]
         1    x → 0                  3
         2    x = 1                  3  first access
         3              x → 1        3  races with step 2
    why       `adder[0]` writes `x` (step 2, line 3), holding no lock
              `adder[1]` reads `x` (step 3, line 3), holding no lock
              no happens-before edge orders the two accesses
    schedule  v1 adder[0]*2 adder[1]

    also      race: `adder[1]` writes `x` (line 3) while `adder[0]` writes it (line 3) · needs 1
              preemption
              adder[0]  adder[1]
         1    x → 0                  3
         2              x → 0        3
         3              x = 1        3  first access
         4    x = 1                  3  races with step 3
    why       `adder[1]` writes `x` (step 3, line 3), holding no lock
              `adder[0]` writes `x` (step 4, line 3), holding no lock
              no happens-before edge orders the two accesses
    schedule  v1 adder[0] adder[1]*2 adder[0]

    judgement not as expected
              - no expectation covers the race at line 3
              - nothing found meets `expect deadlock` (line 1)
    claim     complete · sc · native · needs no preemption
    cost      12 states · 14 steps
    "#);
}

#[test]
fn a_deadlock_with_another_cause_is_not_covered() {
    let text = report(
        "expect deadlock(relock);
mutex a; mutex b;
thread left { with a { with b { } } }
thread right { with b { with a { } } }
",
    );
    let judgement: Vec<&str> = text.lines().skip_while(|line| !line.contains("judgement")).take(3).collect();
    assert_eq!(
        judgement,
        [
            "judgement not as expected",
            "          - no expectation covers the deadlock (lock_cycle) at lines 3, 4",
            "          - nothing found meets `expect deadlock(relock)` (line 1)",
        ]
    );
}

#[test]
fn causes_of_deadlock_are_judged_by_condition() {
    let judged = |lines: &str| {
        judged(&format!(
            "{lines}
param ALONE = true;
mutex m; semaphore s(0);
thread t {{ with m {{ if ALONE {{ m.lock(); }} else {{ s.acquire(); }} }} }}
"
        ))
    };
    assert_eq!(judged("expect deadlock(relock) if ALONE; expect deadlock(permits) otherwise;"), "as expected");
    assert_eq!(judged("expect deadlock(relock); expect deadlock;"), "as expected");
    assert_eq!(judged("expect deadlock(permits) if ALONE; expect deadlock otherwise;"), "not as expected");
}

/// What the first `judgement` line of a report says.
fn judged(text: &str) -> String {
    report(text).lines().find_map(|line| line.trim().strip_prefix("judgement ").map(str::to_owned)).unwrap()
}

#[test]
fn progress_is_what_the_file_says_or_a_round_of_an_outermost_loop() {
    let file = |asks: &str, marks: &str| {
        format!("{asks} atomic a = 0; thread t {{ loop {{ a.store(1); while a.load() == 1 {{ {marks} }} }} }}")
    };
    // The outer loop never comes round; with a mark inside the inner one every look is progress.
    assert_eq!(judged(&file("expect livelock;", "")), "as expected");
    assert_eq!(judged(&file("expect livelock(t);", "")), "as expected");
    assert_eq!(judged(&file("option progress;", "progress;")), "as expected");
    assert_eq!(judged("option progress; atomic a = 0; thread t { loop { a.store(1); } }"), "as expected");
    // Asked for in any line, also in one that does not apply.
    assert_eq!(judged(&file("expect livelock if 1 == 2; expect ok otherwise;", "")), "not as expected");
    // Not asked for.
    assert_eq!(judged(&file("", "")), "as expected");
}

#[test]
fn strong_fairness_gives_a_turn_to_whom_can_step_again_and_again() {
    let file = |asks: &str| format!("{asks} mutex m; thread t[i in 0..2] {{ loop {{ with m {{ }} }} }}");
    assert_eq!(judged(&file("expect starvation;")), "as expected");
    assert_eq!(judged(&file("expect starvation(t[1]);")), "as expected");
    assert_eq!(judged(&file("option progress; option strong_fairness;")), "as expected");
}

#[test]
fn who_is_stuck_is_not_passed_over_and_daemons_are_nobody() {
    let stuck = "semaphore s(0); atomic a = 0; thread t { s.acquire(); } thread u { loop { a.store(1); } }";
    assert_eq!(judged(&format!("option progress; expect deadlock(permits); {stuck}")), "as expected");
    let daemon = "mutex m; daemon thread d { loop { with m { } } } thread t { with m { } }";
    assert_eq!(judged(&format!("expect starvation(t); {daemon}")), "as expected");
    let daemons = "atomic a = 0; daemon thread d { while true { a.store(1); } } thread t { a.store(2); }";
    assert_eq!(judged(&format!("option progress; {daemons}")), "as expected");
}

#[test]
fn eventually_is_judged_at_ends_and_in_rounds() {
    let flag = "atomic x = 0; thread t { x.store(1); x.store(2); }";
    assert_eq!(judged(&format!("eventually x == 1; eventually x == 0; {flag}")), "as expected");
    assert_eq!(judged(&format!("eventually x == 3; expect eventually; {flag}")), "as expected");
    // What is discarded is not judged, nor is what an assertion has ended.
    let thread = |statement: &str| format!("eventually x == 1; atomic x = 0; thread t {{ {statement} x.store(1); }}");
    assert_eq!(judged(&thread("assume choose(0..2) == 1;")), "as expected");
    assert_eq!(judged(&format!("expect assertion; {}", thread("assert choose(0..2) == 1;"))), "as expected");
    // A deadlock is an end.
    let stuck = "expect deadlock; expect eventually; eventually x == 1; atomic x = 0; mutex m;";
    assert_eq!(judged(&format!("{stuck} thread t {{ m.lock(); m.lock(); x.store(1); }}")), "as expected");
}

#[test]
fn causes_that_differ_are_mixed() {
    let text = report(
        "expect deadlock(mixed);
semaphore s(0); event e;
thread a { s.acquire(); }
thread b { e.wait(); }
",
    );
    assert!(text.contains("deadlock (mixed): "), "{text}");
    assert!(text.contains("judgement as expected"), "{text}");
}

#[test]
fn every_operation_has_its_words() {
    let text = report(
        "expect assertion;
memory sc;
var v = 0;
atomic a[2] = 0;
mutex m[2];
condvar c;
semaphore s(1);
channel wide;
channel meet(0);
thread all {
    v = 7;
    a[1].store(v, release);
    fence(acq_rel);
    let old = a[1].swap(1) + a[0].fetch_sub(2, relaxed);
    if let some(seen) = a[1].compare_exchange(1, 5) { a[1].compare_exchange_weak(4, 9, acq_rel, relaxed); }
    let i = 1;
    let got = m[i].try_lock();
    let held = m[1].is_locked();
    m[1].unlock();
    s.acquire();
    let more = s.try_acquire();
    s.release();
    wide.send(old);
    let room = wide.try_send(8);
    let waiting = wide.len();
    wide.recv();
    if let some(message) = wide.try_recv() { v = message; }
    wide.close();
    for rest in wide { }
    meet.send(3);
    partner.join();
    let alive = partner.is_alive();
    yield;
    work(5ms);
    io(1s);
    sleep(7us);
    with m[0] { c.notify_all(); }
    assert false, \"the end\";
}
thread partner { let message = meet.recv(); }
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  assertion: `all` fails at line 38: "the end"                                      test.ilv
              all  partner
         1    v = 7                                                             11
         2    v → 7                                                             12
         3    a[1].store(7, release)                                            12
         4    fence(acq_rel)                                                    13
         5    a[1].swap(1) → 7                                                  14
         6    a[0].fetch_sub(2, relaxed) → 0                                    14
         7    a[1].compare_exchange(1, 5) → some(1)                             15
         8    a[1].compare_exchange_weak(4, 9, acq_rel, relaxed) → failed(5)    15
         9    m[1].try_lock() → true                                            17
        10    m[1].is_locked() → true                                           18
        11    m[1].unlock()                                                     19
        12    s.acquire()                                                       20
        13    s.try_acquire() → false                                           21
        14    s.release()                                                       22
        15    wide.send(7)                                                      23
        16    wide.try_send(8) → true                                           24
        17    wide.len() → 2                                                    25
        18    wide.recv() → some(7)                                             26
        19    wide.try_recv() → some(8)                                         27
        20    v = 8                                                             27
        21    wide.close()                                                      28
        22    wide.recv() → closed                                              29
        23    meet.send(3) arrives                                              30
        24         meet.recv() arrives                                          40
        25         meet.recv() completes → some(3)                              40  with all
        26         end                                                          40
        27    meet.send(3) completes                                            30
        28    partner.join()                                                    31
        29    partner.is_alive() → false                                        32
        30    yield                                                             33
        31    work(5ms)                                                         34
        32    io(1s)                                                            35
        33    sleep(7us)                                                        36
        34    m[0].lock()                                                       37
        35    c.notify_all()                                                    37  nobody is waiting
        36    m[0].unlock()                                                     37  then `assert` fails (line 38)
    why       `assert false, "the end"` is false
    schedule  v1 all*23 partner*2/all partner all*10
    judgement as expected
    claim     complete · sc · native · needs no preemption
    cost      60 states · 84 steps
    "#);
}

#[test]
fn many_wide_columns_move_together() {
    let text = report(
        "expect deadlock;
semaphore table_for_two(1);
channel orders_of_guests(4);
thread waiter_of_the_house[i in 0..4] {
    orders_of_guests.send(1234567890123 + i);
    table_for_two.acquire();
}
",
    );
    insta::assert_snapshot!(text, @r#"
    violated  deadlock (permits): `waiter_of_the_house[1]`, `waiter_of_the_house[2]` and
              `waiter_of_the_house[3]` wait for ever
              test.ilv
              waiter_of_the_house[0]  waiter_of_the_house[1]  waiter_of_the_house[2]  waiter_of_the_house[3]
         1    orders_of_guests.send(1234567890123)                                                                             5
         2    table_for_two.acquire()                                                                                          6
         3                            orders_of_guests.send(1234567890124)                                                     5
         4                                                    orders_of_guests.send(1234567890125)                             5
         5                                                                            orders_of_guests.send(1234567890126)     5
    why       `waiter_of_the_house[1]` waits at line 6 in `table_for_two.acquire()`: `table_for_two` has
              no permit: taken and not given back by `waiter_of_the_house[0]` (line 6)
              - no other thread ever releases `table_for_two`
              `waiter_of_the_house[2]` waits at line 6 in `table_for_two.acquire()`: `table_for_two` has
              no permit: taken and not given back by `waiter_of_the_house[0]` (line 6)
              - no other thread ever releases `table_for_two`
              `waiter_of_the_house[3]` waits at line 6 in `table_for_two.acquire()`: `table_for_two` has
              no permit: taken and not given back by `waiter_of_the_house[0]` (line 6)
              - no other thread ever releases `table_for_two`
    schedule  v1 waiter_of_the_house[0]*2 waiter_of_the_house[1] waiter_of_the_house[2] waiter_of_the_house[3]
    judgement as expected
    claim     complete · sc · native · needs no preemption
    cost      261 states · 392 steps
    "#);
}

#[test]
fn what_is_true_of_many_threads_is_said_once() {
    let text = report(
        "expect deadlock(permits);
semaphore printer(1);
thread job[i in 0..7] {
    printer.acquire();
    either { printer.release(); } or { return; }
}
",
    );
    insta::assert_snapshot!(text, @"
    violated  deadlock (permits): 6 of 7 threads wait for ever                                  test.ilv
              job[0]
         1    printer.acquire()     4
         2    either → branch 1     5
    why       `job[1]` waits at line 4 in `printer.acquire()`: `printer` has no permit: taken and not
              given back by `job[0]` (line 4)
              - `job[0]` could release it (line 5), but has ended
              - each of `job[2]`, `job[3]` and 3 more could release it (line 5), but waits itself
                (line 4)
              `job[2]` and 4 more wait there for the same reason
    schedule  v1 job[0]*2/#1
    judgement as expected
    claim     complete · sc · native · needs no preemption
    cost      1151 states · 1792 steps
    ");
}

#[test]
fn of_many_findings_ten_are_shown_and_the_rest_is_counted() {
    let branches: String =
        (0..12).map(|branch| format!("    if branch == {branch} {{ panic \"{branch}\"; }}\n")).collect();
    let scenario = format!("expect panic;\nthread chooser {{\n    let branch = choose(0..12);\n{branches}}}\n");
    let text = report(&scenario);
    assert_eq!(text.matches("`chooser` panics").count(), 10, "{text}");
    assert!(text.contains("\nalso      2 more findings\n"), "{text}");
}
