//! Scenarios made by hand: what every run must or must not show.

use super::batch::sample;
use crate::engine::isolate::{Request, Task};
use crate::finding::{BlockCause, Coverage, Detail, Evidence, Outcome};
use crate::limits::{Limits, Unwatched};
use crate::program::{
    BinaryOp, Code, CodeId, CondvarOp, Expr, Instr, InstrKind, Local, LocalId, LocalObject, LocalRead, Memory,
    MutexKind, MutexOp, Object, ObjectId, ObjectKind, ObjectRef, Observed, ObservedRead, Op, Pc, Program, Scoped,
    Service, Source, Span, Thread, ThreadId, Type, Value, VarOp, WakeUps,
};

/// An ordinary mutex.
const MUTEX: ObjectKind = ObjectKind::Mutex(MutexKind::Plain);
/// An ordinary condition variable.
const CONDVAR: ObjectKind = ObjectKind::Condvar { service: Service::Anybody, wake_ups: WakeUps::Notified };

fn object(base: usize) -> LocalObject {
    ObjectRef { base: ObjectId::new(base), len: 1, index: None }
}

fn lock(m: usize) -> InstrKind {
    InstrKind::Op(Op::Mutex { mutex: object(m), op: MutexOp::Lock { scoped: Scoped::Call } })
}

fn unlock(m: usize) -> InstrKind {
    InstrKind::Op(Op::Mutex { mutex: object(m), op: MutexOp::Unlock { scoped: Scoped::Call } })
}

fn read(v: usize) -> InstrKind {
    InstrKind::Op(Op::Var { var: object(v), op: VarOp::Read { to: LocalId(0) } })
}

fn write_plus(v: usize, n: i64) -> InstrKind {
    let value =
        Expr::Binary(BinaryOp::Add, Box::new(Expr::Read(LocalRead::Local(LocalId(0)))), Box::new(Expr::Const(n)));
    InstrKind::Op(Op::Var { var: object(v), op: VarOp::Write { value } })
}

fn wait(c: usize, m: usize) -> InstrKind {
    InstrKind::Op(Op::Condvar { condvar: object(c), op: CondvarOp::Wait { mutex: object(m), tag: None } })
}

fn notify(c: usize) -> InstrKind {
    InstrKind::Op(Op::Condvar { condvar: object(c), op: CondvarOp::NotifyOne })
}

fn branch(then: u32, otherwise: u32) -> InstrKind {
    InstrKind::Branch { condition: Expr::Read(LocalRead::Local(LocalId(0))), then: Pc(then), otherwise: Pc(otherwise) }
}

fn program(kinds: Vec<ObjectKind>, codes: Vec<Vec<InstrKind>>) -> Program {
    let span = Span::default();
    let objects = kinds
        .into_iter()
        .enumerate()
        .map(|(n, kind)| Object { name: format!("o{n}"), group: format!("o{n}"), kind, span })
        .collect::<Vec<_>>();
    let observed = objects
        .iter()
        .enumerate()
        .filter(|(_, o)| matches!(o.kind, ObjectKind::Var { .. }))
        .map(|(n, o)| Observed { name: o.name.clone(), ty: Type::Int, read: ObservedRead::Object(ObjectId::new(n)) })
        .collect();
    let threads = (0..codes.len())
        .map(|n| Thread {
            name: format!("t{n}"),
            group: format!("t{n}"),
            index: None,
            code: CodeId::new(n),
            initial: vec![0],
            daemon: false,
            spawned: None,
            timer: None,
            span,
        })
        .collect();
    let codes = codes
        .into_iter()
        .map(|mut kinds| {
            kinds.push(InstrKind::Halt);
            Code {
                name: String::new(),
                locals: vec![Local { name: String::new(), ty: Type::Int }],
                instrs: kinds.into_iter().map(|kind| Instr { kind, span, unwind: None, dead: vec![] }).collect(),
            }
        })
        .collect();
    Program {
        title: String::new(),
        source: Source { name: String::new(), text: String::new() }.into(),
        parameters: vec![],
        memory: Memory::Sc,
        option_lines: Vec::new(),
        objects,
        threads,
        spawned: Vec::new(),
        codes,
        properties: vec![],
        observed,
        expectations: vec![],
        liveness: crate::program::Liveness::UNASKED,
    }
}

/// Runs the program `runs` times, from some number on.
fn run(program: &Program, first: u64, runs: u64) -> Evidence {
    let limits = Limits { thread_runs: runs, ..Limits::default() };
    let evidence = sample(&Request { program: program.clone(), limits, task: Task::Run { first } }, first, &Unwatched);
    assert_eq!(evidence.coverage, Coverage::Sampled { how: String::new() });
    evidence
}

/// Runs the program until something is seen that has to come up sooner or later, and gives it.
fn sooner_or_later<T>(program: &Program, seen: impl Fn(&Evidence) -> Option<T>) -> T {
    let found = (0..100).find_map(|turn| seen(&run(program, turn * 200, 200)));
    found.expect("20,000 runs show it")
}

fn deadlock(evidence: &Evidence) -> Option<Vec<(ThreadId, BlockCause)>> {
    let finding = evidence.findings.first()?;
    let Detail::Deadlock { blocked, .. } = &finding.detail else {
        panic!("only deadlocks are possible, not {finding:?}")
    };
    Some(blocked.iter().map(|thread| (thread.thread, thread.cause)).collect())
}

fn outcome(value: i64) -> Outcome {
    Outcome(vec![Some(Value::Int(value))])
}

fn var() -> ObjectKind {
    ObjectKind::Var { initial: Value::Int(0) }
}

#[test]
fn locks_in_opposite_order_meet_sooner_or_later_and_in_one_order_never() {
    let there = vec![lock(0), lock(1), unlock(1), unlock(0)];
    let back = vec![lock(1), lock(0), unlock(0), unlock(1)];
    let blocked = sooner_or_later(&program(vec![MUTEX, MUTEX], vec![there.clone(), back]), deadlock);
    let held = |mutex, holder| BlockCause::Held { mutex: ObjectId(mutex), holder: ThreadId(holder) };
    assert_eq!(blocked, [(ThreadId(0), held(1, 1)), (ThreadId(1), held(0, 0))]);
    let evidence = run(&program(vec![MUTEX, MUTEX], vec![there.clone(), there]), 0, 2_000);
    assert_eq!(evidence.findings, []);
    assert_eq!(evidence.outcomes.into_values().sum::<u64>(), 2_000);
}

#[test]
fn an_update_is_lost_sooner_or_later_without_a_lock_and_never_with_one() {
    let bare = vec![read(0), write_plus(0, 1)];
    let lost = program(vec![var()], vec![bare.clone(), bare]);
    sooner_or_later(&lost, |evidence| evidence.outcomes.contains_key(&outcome(1)).then_some(()));
    let locked = vec![lock(1), read(0), write_plus(0, 1), unlock(1)];
    let evidence = run(&program(vec![var(), MUTEX], vec![locked.clone(), locked.clone(), locked]), 0, 2_000);
    assert_eq!(evidence.outcomes.into_iter().collect::<Vec<_>>(), [(outcome(3), 2_000)]);
}

#[test]
fn a_notification_that_comes_too_early_is_lost_and_the_mended_twin_never_sleeps_for_ever() {
    let objects = || vec![var(), MUTEX, CONDVAR];
    let waiter = vec![read(0), branch(5, 2), lock(1), wait(2, 1), unlock(1)];
    let notifier = vec![write_plus(0, 1), lock(1), notify(2), unlock(1)];
    let blocked = sooner_or_later(&program(objects(), vec![waiter, notifier]), deadlock);
    assert_eq!(blocked, [(ThreadId(0), BlockCause::NotNotified { condvar: ObjectId(2) })]);
    let waiter = vec![lock(1), read(0), branch(5, 3), wait(2, 1), InstrKind::Jump(Pc(1)), unlock(1)];
    let notifier = vec![lock(1), write_plus(0, 1), unlock(1), notify(2)];
    let mended = program(objects(), vec![waiter.clone(), waiter, notifier.clone(), notifier]);
    let evidence = run(&mended, 0, 3_000);
    assert_eq!(evidence.findings, []);
    assert_eq!(evidence.outcomes.into_iter().collect::<Vec<_>>(), [(outcome(1), 3_000)]);
}
