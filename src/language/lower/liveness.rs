//! Which locals somebody may still read: two states that differ in other locals only are the same state.

use super::tidy::for_each_successor;
use crate::program::{
    AtomicOp, BroadcastOp, ChannelOp, ChoiceOp, CondvarOp, Expr, Instr, InstrKind, LocalExpr, LocalId, LocalObject,
    LocalRead, OneshotOp, Op, Place, QueueOp, SpawnOp, VarOp, WatchOp,
};

/// Fills in [`Instr::dead`] where threads stop, which is not inside an indivisible block. `kept` are locals that outcomes
/// and properties read: never dead.
pub(super) fn fill_dead(instrs: &mut [Instr], locals: usize, kept: &[LocalId]) {
    let live = live_before(instrs, locals, kept);
    let mut end_of_block = 0;
    for (position, (instr, live)) in instrs.iter_mut().zip(live).enumerate() {
        if position < end_of_block {
            continue;
        }
        if let InstrKind::Atomically { end } = &instr.kind {
            end_of_block = end.index();
        }
        if is_stop(&instr.kind) {
            instr.dead = (0..locals).map(LocalId::new).filter(|local| !live.has(*local)).collect();
        }
    }
}

fn is_stop(kind: &InstrKind) -> bool {
    matches!(kind, InstrKind::Op(_) | InstrKind::Atomically { .. } | InstrKind::Halt | InstrKind::Unwound)
}

/// A set of locals.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Locals(Vec<u64>);

impl Locals {
    fn none(locals: usize) -> Self {
        Self(vec![0; locals.div_ceil(64)])
    }

    fn has(&self, local: LocalId) -> bool {
        self.0[local.index() / 64] & (1 << (local.index() % 64)) != 0
    }

    fn insert(&mut self, local: LocalId) {
        self.0[local.index() / 64] |= 1 << (local.index() % 64);
    }

    fn remove(&mut self, local: LocalId) {
        self.0[local.index() / 64] &= !(1 << (local.index() % 64));
    }

    fn add(&mut self, others: &Locals) {
        for (word, other) in self.0.iter_mut().zip(&others.0) {
            *word |= other;
        }
    }
}

/// The usual backward analysis: the locals that are read on some way on, before they are assigned.
fn live_before(instrs: &[Instr], locals: usize, kept: &[LocalId]) -> Vec<Locals> {
    let mut live = vec![Locals::none(locals); instrs.len()];
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); instrs.len()];
    for (position, instr) in instrs.iter().enumerate() {
        for_each_successor(instr, position, |next| before[next].push(position));
    }
    let mut waits = vec![true; instrs.len()];
    let mut work: Vec<usize> = (0..instrs.len()).collect();
    while let Some(position) = work.pop() {
        waits[position] = false;
        let instr = &instrs[position];
        let mut now = Locals::none(locals);
        for_each_successor(instr, position, |next| now.add(&live[next]));
        for_each_definition(&instr.kind, |local| now.remove(local));
        for_each_use(&instr.kind, |local| now.insert(local));
        kept.iter().for_each(|local| now.insert(*local));
        if now != live[position] {
            live[position] = now;
            for earlier in &before[position] {
                if !std::mem::replace(&mut waits[*earlier], true) {
                    work.push(*earlier);
                }
            }
        }
    }
    live
}

/// The locals that an instruction certainly assigns, or leaves in a state in which nobody reads them.
fn for_each_definition(kind: &InstrKind, mut visit: impl FnMut(LocalId)) {
    match kind {
        InstrKind::Set { to: Place::Local(local), .. } => visit(*local),
        InstrKind::Op(op) => op.results().for_each(visit),
        InstrKind::Set { to: Place::Element { .. }, .. }
        | InstrKind::Jump(_)
        | InstrKind::Branch { .. }
        | InstrKind::Assert { .. }
        | InstrKind::Assume { .. }
        | InstrKind::Panic { .. }
        | InstrKind::Atomically { .. }
        | InstrKind::Guard { .. }
        | InstrKind::EndAtomically
        | InstrKind::Halt
        | InstrKind::Unwound => {}
    }
}

/// The locals that an instruction reads.
fn for_each_use(kind: &InstrKind, mut visit: impl FnMut(LocalId)) {
    let visit: &mut dyn FnMut(LocalId) = &mut visit;
    match kind {
        InstrKind::Set { to, value } => {
            if let Place::Element { index, .. } = to {
                expression(index, visit);
            }
            expression(value, visit);
        }
        InstrKind::Branch { condition, .. }
        | InstrKind::Assert { condition, .. }
        | InstrKind::Assume { condition }
        | InstrKind::Guard { condition } => expression(condition, visit),
        InstrKind::Op(op) => operation(op, visit),
        InstrKind::Jump(_)
        | InstrKind::Panic { .. }
        | InstrKind::Atomically { .. }
        | InstrKind::EndAtomically
        | InstrKind::Halt
        | InstrKind::Unwound => {}
    }
}

fn operation(op: &Op, visit: &mut dyn FnMut(LocalId)) {
    match op {
        Op::Var { var, op } => {
            object(var, visit);
            match op {
                VarOp::Read { .. } => {}
                VarOp::Write { value } => expression(value, visit),
            }
        }
        Op::Atomic { atomic, op } => {
            object(atomic, visit);
            match op {
                AtomicOp::Load { .. } => {}
                AtomicOp::Store { value, .. } | AtomicOp::Rmw { value, .. } => expression(value, visit),
                AtomicOp::CompareExchange { expected, new, .. } => {
                    expression(expected, visit);
                    expression(new, visit);
                }
            }
        }
        Op::Mutex { mutex, .. } => object(mutex, visit),
        Op::RwLock { rwlock, .. } => object(rwlock, visit),
        Op::Condvar { condvar, op } => {
            object(condvar, visit);
            match op {
                CondvarOp::Wait { mutex, .. } | CondvarOp::WaitTimeout { mutex, .. } => object(mutex, visit),
                CondvarOp::Notify { count } => expression(count, visit),
                CondvarOp::NotifyOne | CondvarOp::NotifyAll => {}
            }
        }
        Op::Semaphore { semaphore, .. } => object(semaphore, visit),
        Op::Event { event, .. } => object(event, visit),
        Op::Once { once, .. } => object(once, visit),
        Op::Timer { timer, .. } => object(timer, visit),
        Op::Barrier { barrier, .. } => object(barrier, visit),
        Op::Channel { channel, op } => {
            object(channel, visit);
            match op {
                ChannelOp::Send { value } | ChannelOp::TrySend { value, .. } => expression(value, visit),
                ChannelOp::Recv { .. }
                | ChannelOp::TryRecv { .. }
                | ChannelOp::RecvTimeout { .. }
                | ChannelOp::Close
                | ChannelOp::Len { .. } => {}
            }
        }
        Op::Oneshot { oneshot, op } => {
            object(oneshot, visit);
            match op {
                OneshotOp::Send { value, .. } => expression(value, visit),
                OneshotOp::Recv { .. } | OneshotOp::Close => {}
            }
        }
        Op::Watch { watch, op } => {
            object(watch, visit);
            match op {
                WatchOp::Send { value } | WatchOp::WaitFor { value, .. } => expression(value, visit),
                WatchOp::Borrow { .. }
                | WatchOp::BorrowAndUpdate { .. }
                | WatchOp::HasChanged { .. }
                | WatchOp::Changed { .. }
                | WatchOp::Close => {}
            }
        }
        Op::Broadcast { broadcast, op } => {
            object(broadcast, visit);
            match op {
                BroadcastOp::Send { value } => expression(value, visit),
                BroadcastOp::Recv { .. } | BroadcastOp::Subscribe | BroadcastOp::Len { .. } | BroadcastOp::Close => {}
            }
        }
        Op::Queue { queue, op } => {
            object(queue, visit);
            match op {
                QueueOp::Put { value, .. } => expression(value, visit),
                QueueOp::Get { .. }
                | QueueOp::Len { .. }
                | QueueOp::IsEmpty { .. }
                | QueueOp::IsFull { .. }
                | QueueOp::TaskDone
                | QueueOp::Join => {}
            }
        }
        Op::Thread { thread, .. } => {
            if let Some(index) = &thread.index {
                expression(index, visit);
            }
        }
        Op::Spawn { op, .. } => {
            if let SpawnOp::Start { args, .. } = op {
                args.iter().for_each(|arg| expression(arg, visit));
            }
            if let Some(handle) = op.handle() {
                expression(handle, visit);
            }
        }
        Op::Choice(ChoiceOp::Value { from, to, .. }) => {
            expression(from, visit);
            expression(to, visit);
        }
        Op::Fence(_) | Op::Pause(_) | Op::Choice(ChoiceOp::Branch { .. }) | Op::End => {}
    }
}

fn object(object: &LocalObject, visit: &mut dyn FnMut(LocalId)) {
    if let Some(index) = &object.index {
        expression(index, visit);
    }
}

fn expression(expr: &LocalExpr, visit: &mut dyn FnMut(LocalId)) {
    match expr {
        Expr::Const(_) => {}
        Expr::Read(LocalRead::Local(local)) => visit(*local),
        Expr::Read(LocalRead::Element { base, len, index }) => {
            let len = usize::try_from(*len).expect("u32 fits into usize");
            (0..len).for_each(|position| visit(LocalId::new(base.index() + position)));
            expression(index, visit);
        }
        Expr::Unary(_, a) => expression(a, visit),
        Expr::Binary(_, a, b) | Expr::And(a, b) | Expr::Or(a, b) => {
            expression(a, visit);
            expression(b, visit);
        }
        Expr::If(condition, a, b) => {
            expression(condition, visit);
            expression(a, visit);
            expression(b, visit);
        }
    }
}
