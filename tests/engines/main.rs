//! loom and shuttle as back ends: each mistake is an ordinary finding, each limit a limit, and nothing is printed.
#![expect(clippy::unwrap_used, reason = "tests")]
#![cfg(all(feature = "loom", feature = "shuttle"))]

mod programs;

use interleaver::engine::{Engine, Loom, Shuttle};
use interleaver::finding::{BlockCause, Coverage, Detail, Evidence, LimitHit, Misuse};
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::*;
use programs::*;
use std::collections::BTreeSet;

/// An ordinary condition variable.
const CONDVAR: ObjectKind = ObjectKind::Condvar { service: Service::Anybody, wake_ups: WakeUps::Notified };

fn run(engine: &dyn Engine, program: &Program) -> Evidence {
    engine.run(program, &Limits::default(), &Unwatched)
}

fn kinds(evidence: &Evidence) -> BTreeSet<FindingKind> {
    evidence.findings.iter().map(|finding| finding.kind()).collect()
}

/// The tuples of integers that were observed.
fn outcomes(evidence: &Evidence) -> BTreeSet<Vec<i64>> {
    let slots = |value: &Option<Value>| value.map_or(-1, Value::slot);
    evidence.outcomes.keys().map(|outcome| outcome.0.iter().map(slots).collect()).collect()
}

fn tuples<const N: usize>(tuples: &[[i64; N]]) -> BTreeSet<Vec<i64>> {
    tuples.iter().map(|tuple| tuple.to_vec()).collect()
}

/// Both engines find exactly this kind.
fn both_find(program: &Program, kind: FindingKind) -> [Evidence; 2] {
    let [loom, shuttle] = [run(&Loom, program), run(&Shuttle, program)];
    assert_eq!(kinds(&loom), BTreeSet::from([kind]), "{loom:?}");
    assert_eq!(kinds(&shuttle), BTreeSet::from([kind]), "{shuttle:?}");
    assert_eq!(shuttle.coverage, Coverage::Complete);
    [loom, shuttle]
}

/// Both engines are complete and find nothing; gives what they saw, which is the same.
fn both_pass(program: &Program) -> BTreeSet<Vec<i64>> {
    let [loom, shuttle] = [run(&Loom, program), run(&Shuttle, program)];
    for evidence in [&loom, &shuttle] {
        assert_eq!(evidence.coverage, Coverage::Complete, "{evidence:?}");
        assert!(evidence.findings.is_empty(), "{evidence:?}");
    }
    assert_eq!(outcomes(&loom), outcomes(&shuttle));
    outcomes(&loom)
}

fn abba() -> Program {
    let order = |first, second| vec![lock(first), lock(second), unlock(second), unlock(first)];
    program(
        &[("a", ObjectKind::Mutex(MutexKind::Plain)), ("b", ObjectKind::Mutex(MutexKind::Plain))],
        &[("one", order(0, 1)), ("two", order(1, 0))],
    )
    .done()
}

#[test]
fn locks_in_opposite_order_deadlock() {
    for evidence in both_find(&abba(), FindingKind::Deadlock) {
        let Detail::Deadlock { blocked, .. } = &evidence.findings[0].detail else { unreachable!() };
        let (a, b) = (ObjectId::new(0), ObjectId::new(1));
        let (one, two) = (ThreadId::new(0), ThreadId::new(1));
        assert_eq!(blocked[0].cause, BlockCause::Held { mutex: b, holder: two });
        assert_eq!(blocked[1].cause, BlockCause::Held { mutex: a, holder: one });
        assert_eq!(blocked[0].pc, Pc(1));
        let trace = evidence.findings[0].trace.as_ref().unwrap();
        assert_eq!(trace.events.len(), 2);
        assert_eq!(trace.preemptions, 1);
    }
}

#[test]
fn locks_in_one_order_do_not() {
    let order = || vec![lock(0), lock(1), unlock(1), unlock(0)];
    let program = program(
        &[("a", ObjectKind::Mutex(MutexKind::Plain)), ("b", ObjectKind::Mutex(MutexKind::Plain))],
        &[("one", order()), ("two", order())],
    )
    .done();
    both_pass(&program);
}

#[test]
fn a_mutex_is_not_reentrant() {
    let program = program(&[("m", ObjectKind::Mutex(MutexKind::Plain))], &[("one", vec![lock(0), lock(0)])]).done();
    for evidence in both_find(&program, FindingKind::Deadlock) {
        let Detail::Deadlock { blocked, .. } = &evidence.findings[0].detail else { unreachable!() };
        assert_eq!(blocked[0].cause, BlockCause::Held { mutex: ObjectId::new(0), holder: ThreadId::new(0) });
    }
}

/// The flag is read without the mutex that the notifier holds.
fn lost_wakeup() -> Program {
    program(
        &[("m", ObjectKind::Mutex(MutexKind::Plain)), ("ready", CONDVAR), ("flag", atomic())],
        &[
            (
                "waiter",
                vec![
                    load(2, Ordering::SeqCst, 0),
                    InstrKind::Branch { condition: local(0), then: Pc(5), otherwise: Pc(2) },
                    lock(0),
                    wait(1, 0),
                    unlock(0),
                ],
            ),
            (
                "notifier",
                vec![store(2, Ordering::SeqCst, number(1)), lock(0), condvar_op(1, CondvarOp::NotifyOne), unlock(0)],
            ),
        ],
    )
    .done()
}

#[test]
fn a_wake_up_is_lost() {
    for evidence in both_find(&lost_wakeup(), FindingKind::Deadlock) {
        let Detail::Deadlock { blocked, .. } = &evidence.findings[0].detail else { unreachable!() };
        assert_eq!(blocked[0].cause, BlockCause::NotNotified { condvar: ObjectId::new(1) });
    }
}

fn race() -> Program {
    program(&[("x", var())], &[("one", vec![write(0, number(1))]), ("two", vec![read(0, 0)])]).done()
}

#[test]
fn unordered_accesses_race() {
    for evidence in both_find(&race(), FindingKind::Race) {
        let Detail::Race { object, accesses } = &evidence.findings[0].detail else { unreachable!() };
        assert_eq!(*object, Some(ObjectId::new(0)));
        assert_eq!(accesses.len(), 2);
    }
}

#[test]
fn a_race_counts_although_the_accesses_never_meet() {
    // `len` lets control flow without an edge: the reader reads only after the writer has written.
    let program = program(
        &[("x", var()), ("c", channel(Capacity::Unbounded))],
        &[
            ("writer", vec![write(0, number(1)), send(1, number(1))]),
            (
                "reader",
                vec![
                    channel_op(1, ChannelOp::Len { to: LocalId(0) }),
                    InstrKind::Branch { condition: local(0), then: Pc(2), otherwise: Pc(3) },
                    read(0, 1),
                ],
            ),
        ],
    )
    .done();
    both_find(&program, FindingKind::Race);
}

#[test]
fn a_message_orders_accesses() {
    let program = program(
        &[("x", var()), ("c", channel(Capacity::Bounded(1)))],
        &[("writer", vec![write(0, number(7)), send(1, number(1))]), ("reader", vec![recv(1, 1), read(0, 0)])],
    )
    .observe_local(1, 0)
    .done();
    assert_eq!(both_pass(&program), tuples(&[[7]]));
}

#[test]
fn an_assertion_ends_the_execution() {
    let program = program(
        &[("x", atomic())],
        &[
            ("one", vec![store(0, Ordering::SeqCst, number(1))]),
            ("two", vec![load(0, Ordering::SeqCst, 0), assert_that(equal(local(0), number(0)))]),
        ],
    )
    .done();
    let [loom, shuttle] = both_find(&program, FindingKind::Assertion);
    assert_eq!(loom.coverage, Coverage::StoppedAtFinding);
    assert_eq!(shuttle.outcomes.values().sum::<u64>(), 1, "the other order ends normally");
}

#[test]
fn loops_are_cut_and_never_pass() {
    // A loop with a step in it, and one without.
    let stepping = program(&[], &[("one", vec![pause(), InstrKind::Jump(Pc(0))])]).done();
    let local = program(&[], &[("one", vec![pause(), InstrKind::Jump(Pc(1))])]).done();
    let limits = Limits { execution_steps: 50, shuttle_samples: 3, ..Limits::default() };
    for engine in [&Loom as &dyn Engine, &Shuttle] {
        let evidence = engine.run(&stepping, &limits, &Unwatched);
        assert_eq!(evidence.coverage, Coverage::Cut(LimitHit::Steps { limit: 50 }), "{evidence:?}");
        let evidence = engine.run(&local, &limits, &Unwatched);
        assert!(matches!(evidence.coverage, Coverage::Cut(LimitHit::LocalSteps { .. })), "{evidence:?}");
    }
}

#[test]
fn a_limit_on_executions_is_not_a_pass() {
    let steps = || (0..4).map(|_| store(0, Ordering::SeqCst, number(1))).collect::<Vec<_>>();
    let program = program(&[("x", atomic())], &[("one", steps()), ("two", steps())]).done();
    let limits = Limits { loom_executions: 3, shuttle_executions: 3, shuttle_samples: 2, ..Limits::default() };
    let loom = Loom.run(&program, &limits, &Unwatched);
    assert_eq!(loom.coverage, Coverage::Cut(LimitHit::Executions { limit: 3 }));
    assert_eq!(loom.counts.executions, 3);
    let shuttle = Shuttle.run(&program, &limits, &Unwatched);
    let Coverage::Sampled { how } = &shuttle.coverage else { panic!("{shuttle:?}") };
    assert_eq!(how, "3 depth first, 2 at random (seed 1), 2 by priorities (seed 2, 3 changes)");
    assert_eq!(shuttle.counts.executions, 7);
}

#[test]
fn loom_has_room_for_five_threads() {
    let threads: Vec<_> = (0..6).map(|_| ("t", vec![store(0, Ordering::SeqCst, number(1))])).collect();
    let six = program(&[("x", atomic())], &threads).done();
    let Coverage::Unsupported(unsupported) = run(&Loom, &six).coverage else { panic!("six threads") };
    assert_eq!((unsupported.construct.as_str(), unsupported.reason.as_str()), ("6 threads", "loom has room for 5"));
    let five = program(&[("x", atomic())], &threads[..5]).done();
    let limits = Limits { loom_executions: 10, ..Limits::default() };
    let evidence = Loom.run(&five, &limits, &Unwatched);
    assert_eq!(evidence.coverage, Coverage::Cut(LimitHit::Executions { limit: 10 }), "{evidence:?}");
}

#[test]
fn two_incrementers_by_load_and_store() {
    let increment = || vec![load(0, Ordering::SeqCst, 0), store(0, Ordering::SeqCst, plus(local(0), number(1)))];
    let program = program(&[("x", atomic())], &[("one", increment()), ("two", increment())]).observe(0).done();
    assert_eq!(both_pass(&program), tuples(&[[1], [2]]));
}

fn store_buffering(ordering: Ordering, memory: Memory) -> Program {
    let side = |mine, other| vec![store(mine, ordering, number(1)), load(other, ordering, 0)];
    program(&[("x", atomic()), ("y", atomic())], &[("one", side(0, 1)), ("two", side(1, 0))])
        .observe_local(0, 0)
        .observe_local(1, 0)
        .memory(memory)
        .done()
}

#[test]
fn store_buffering_shows_only_where_it_is_allowed() {
    let strong = tuples(&[[0, 1], [1, 0], [1, 1]]);
    assert_eq!(both_pass(&store_buffering(Ordering::SeqCst, Memory::Sc)), strong);
    assert_eq!(both_pass(&store_buffering(Ordering::Relaxed, Memory::Sc)), strong, "`memory sc` makes all seq_cst");
    let weak = run(&Loom, &store_buffering(Ordering::Relaxed, Memory::Rc11));
    assert_eq!(weak.coverage, Coverage::Complete);
    assert_eq!(outcomes(&weak), tuples(&[[0, 0], [0, 1], [1, 0], [1, 1]]));
}

#[test]
fn a_relaxed_flag_does_not_order_what_a_release_does() {
    let passing = |store_ordering, load_ordering| {
        program(
            &[("x", var()), ("flag", atomic())],
            &[
                ("one", vec![write(0, number(1)), store(1, store_ordering, number(1))]),
                (
                    "two",
                    vec![
                        load(1, load_ordering, 0),
                        InstrKind::Branch { condition: local(0), then: Pc(2), otherwise: Pc(3) },
                        read(0, 1),
                    ],
                ),
            ],
        )
        .memory(Memory::Rc11)
        .done()
    };
    both_find(&passing(Ordering::Relaxed, Ordering::Relaxed), FindingKind::Race);
    both_pass(&passing(Ordering::Release, Ordering::Acquire));
}

#[test]
fn misuse_is_found() {
    let misuse = |program: Program, expected: Misuse| {
        for evidence in both_find(&program, FindingKind::Misuse) {
            let found = evidence
                .findings
                .iter()
                .any(|finding| matches!(&finding.detail, Detail::Misuse { misuse, .. } if *misuse == expected));
            assert!(found, "{evidence:?}");
        }
    };
    let m = ("m", ObjectKind::Mutex(MutexKind::Plain));
    let c = ("c", CONDVAR);
    misuse(program(std::slice::from_ref(&m), &[("one", vec![unlock(0)])]).done(), Misuse::UnlockNotHeld);
    misuse(program(&[m.clone(), c], &[("one", vec![wait(1, 0)])]).done(), Misuse::WaitNotHeld);
    misuse(program(&[m], &[("one", vec![lock(0)])]).done(), Misuse::EndedHolding);
    let close = vec![channel_op(0, ChannelOp::Close), send(0, number(1))];
    misuse(program(&[("c", channel(Capacity::Bounded(1)))], &[("one", close)]).done(), Misuse::SendAfterClose);
}

#[test]
fn a_panic_ends_its_thread_and_nothing_else() {
    let panic = InstrKind::Panic { message: "boom".into() };
    let program = program(
        &[("x", atomic())],
        &[
            ("one", vec![store(0, Ordering::SeqCst, number(1)), panic]),
            ("two", vec![join(0), store(0, Ordering::SeqCst, plus(local(2), number(0)))]),
        ],
    )
    .property(PropertyKind::Finally, value_is(0, 5))
    .done();
    // `join` gives `failed`, which is 5; there is no normal end.
    for evidence in both_find(&program, FindingKind::Panic) {
        assert_eq!(evidence.coverage, Coverage::Complete);
        assert!(evidence.outcomes.is_empty());
    }
}

#[test]
fn try_lock_shows_both_answers() {
    let program = program(
        &[("m", ObjectKind::Mutex(MutexKind::Plain))],
        &[
            ("one", vec![lock(0), unlock(0)]),
            (
                "two",
                vec![
                    mutex(0, MutexOp::TryLock { to: LocalId(0) }),
                    InstrKind::Branch { condition: local(0), then: Pc(2), otherwise: Pc(3) },
                    unlock(0),
                ],
            ),
        ],
    )
    .observe_local(1, 0)
    .done();
    assert_eq!(both_pass(&program), tuples(&[[0], [1]]));
}

#[test]
fn any_waiter_may_be_notified() {
    // Two wait; one notification; who goes on writes its number. The other one is woken afterwards.
    let waiter = |number_: i64| vec![lock(0), wait(1, 0), store(2, Ordering::SeqCst, number(number_)), unlock(0)];
    let notifier = vec![
        lock(0),
        condvar_op(1, CondvarOp::NotifyOne),
        unlock(0),
        lock(0),
        load(2, Ordering::SeqCst, 0),
        condvar_op(1, CondvarOp::NotifyAll),
        unlock(0),
    ];
    let program = program(
        &[("m", ObjectKind::Mutex(MutexKind::Plain)), ("c", CONDVAR), ("first", atomic())],
        &[("one", waiter(1)), ("two", waiter(2)), ("notifier", notifier)],
    )
    .observe_local(2, 0)
    .done();
    let shuttle = run(&Shuttle, &program);
    assert_eq!(shuttle.coverage, Coverage::Complete);
    assert!(outcomes(&shuttle).is_superset(&tuples(&[[0], [1], [2]])), "{shuttle:?}");
}

#[test]
fn a_rendezvous_meets() {
    let program = program(
        &[("c", channel(Capacity::Rendezvous)), ("x", var())],
        &[("one", vec![write(1, number(3)), send(0, number(7))]), ("two", vec![recv(0, 0), read(1, 1)])],
    )
    .observe_local(1, 0)
    .observe_local(1, 1)
    .done();
    // The local behind the message holds the tag until the read overwrites it.
    assert_eq!(both_pass(&program), tuples(&[[7, 3]]));
}

#[test]
fn a_channel_nobody_reads_blocks_its_sender() {
    let program =
        program(&[("c", channel(Capacity::Bounded(1)))], &[("one", vec![send(0, number(1)), send(0, number(2))])])
            .done();
    for evidence in both_find(&program, FindingKind::Deadlock) {
        let Detail::Deadlock { blocked, .. } = &evidence.findings[0].detail else { unreachable!() };
        assert_eq!(blocked[0].cause, BlockCause::Full { channel: ObjectId::new(0) });
    }
}

#[test]
fn semaphores_taken_in_opposite_order_deadlock() {
    let order = |first, second| vec![acquire(first), acquire(second), release(second), release(first)];
    let program =
        program(&[("a", semaphore(1)), ("b", semaphore(1))], &[("one", order(0, 1)), ("two", order(1, 0))]).done();
    both_find(&program, FindingKind::Deadlock);
}

#[test]
fn the_world_chooses_on_shuttle_and_not_on_loom() {
    let program = program(&[("x", var())], &[("one", vec![choose(0, 3, 0), write(0, local(0))])]).observe(0).done();
    let shuttle = run(&Shuttle, &program);
    assert_eq!(shuttle.coverage, Coverage::Complete);
    assert_eq!(shuttle.counts.executions, 3);
    assert_eq!(outcomes(&shuttle), tuples(&[[0], [1], [2]]));
    let Coverage::Unsupported(unsupported) = run(&Loom, &program).coverage else { panic!("loom cannot choose") };
    assert_eq!(unsupported.construct, "`choose`");
}

#[test]
fn a_daemon_is_stopped_when_the_others_have_ended() {
    let daemon = vec![store(0, Ordering::SeqCst, number(1)), InstrKind::Jump(Pc(0))];
    let program =
        program(&[("x", atomic())], &[("d", daemon), ("main", vec![pause(), pause()])]).daemon(0).observe(0).done();
    let limits = Limits { execution_steps: 20, shuttle_samples: 20, ..Limits::default() };
    let shuttle = Shuttle.run(&program, &limits, &Unwatched);
    assert!(matches!(shuttle.coverage, Coverage::Cut(LimitHit::Steps { .. })), "{shuttle:?}");
    assert_eq!(outcomes(&shuttle), tuples(&[[0], [1]]));
}

#[test]
fn always_is_checked_on_shuttle_and_said_not_to_be_on_loom() {
    let there_and_back = vec![store(0, Ordering::SeqCst, number(1)), store(0, Ordering::SeqCst, number(0))];
    let program =
        program(&[("x", atomic())], &[("one", there_and_back)]).property(PropertyKind::Always, value_is(0, 0)).done();
    assert_eq!(kinds(&run(&Shuttle, &program)), BTreeSet::from([FindingKind::Invariant]));
    let loom = run(&Loom, &program);
    assert!(loom.findings.is_empty());
    assert!(loom.not_checked.iter().any(|what| what.starts_with("`always`")), "{:?}", loom.not_checked);
}

#[test]
fn a_block_is_one_step_and_waits_for_its_condition() {
    // The condition becomes true by a step outside any block: shuttle only.
    let block = |condition: LocalExpr| {
        vec![
            InstrKind::Atomically { end: Pc(4) },
            load(0, Ordering::SeqCst, 0),
            InstrKind::Guard { condition },
            store(0, Ordering::SeqCst, plus(local(0), number(1))),
            InstrKind::EndAtomically,
        ]
    };
    let opened = program(
        &[("x", atomic())],
        &[("one", block(equal(local(0), number(5)))), ("two", vec![store(0, Ordering::SeqCst, number(5))])],
    )
    .observe(0)
    .done();
    let shuttle = run(&Shuttle, &opened);
    assert_eq!((&shuttle.coverage, outcomes(&shuttle)), (&Coverage::Complete, tuples(&[[6]])), "{shuttle:?}");
    assert!(matches!(run(&Loom, &opened).coverage, Coverage::Unsupported(_)));

    let closed = program(
        &[("x", atomic())],
        &[("one", block(equal(local(0), number(1)))), ("two", block(equal(local(0), number(0))))],
    )
    .observe(0)
    .done();
    assert_eq!(both_pass(&closed), tuples(&[[2]]));

    let stuck = program(&[("x", atomic())], &[("one", block(equal(local(0), number(1))))]).done();
    for evidence in both_find(&stuck, FindingKind::Deadlock) {
        let Detail::Deadlock { blocked, .. } = &evidence.findings[0].detail else { unreachable!() };
        assert_eq!(blocked[0].cause, BlockCause::ConditionFalse);
    }
}

#[test]
fn a_hundred_failing_checks_in_one_process() {
    for program in [abba(), lost_wakeup(), race(), store_buffering(Ordering::SeqCst, Memory::Sc)] {
        for engine in [&Loom as &dyn Engine, &Shuttle] {
            let first = run(engine, &program);
            for _ in 0..25 {
                assert_eq!(run(engine, &program), first);
            }
        }
    }
}
