//! The state of a scenario, and what each printed step does to it: a second, deliberately plain reading of the language
//! reference that shares nothing with the library.
//!
//! It knows objects and what threads wait for; it knows no program, so it cannot say what a thread does *next*. It says
//! whether what a row claims is possible, and does it.

use super::handover::{Broadcast, Oneshot, Watch};
use super::order::Order;
use super::row::{Call, QueueCall, Step, Want};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A shared object.
#[derive(Clone, Debug)]
pub(crate) enum Object {
    /// `var` and `atomic`, Booleans as 0 and 1.
    Memory(i64),
    /// Who holds it, and how often.
    Mutex(Mutex),
    /// Who writes, and who reads, each as often as it does.
    RwLock { writer: Option<String>, readers: Vec<String> },
    /// Who waits, in order of arrival; whether that is the order of waking.
    Condvar { fifo: bool, line: Vec<String> },
    /// Permits.
    Semaphore(i64),
    /// Whether it is set.
    Event(bool),
    /// How far it is.
    Timer(Clock),
    /// How far its block is.
    Once(Stage),
    /// How many meet, and whether it is broken.
    Barrier { size: usize, broken: bool },
    /// Messages.
    Channel(Channel),
    /// One value, once.
    Oneshot(Oneshot),
    /// The latest value.
    Watch(Watch),
    /// The latest values, for everybody.
    Broadcast(Broadcast),
    /// Items.
    Queue(Queue),
}

/// How far a timer is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Clock {
    Idle,
    Started,
    Fired,
    /// With or without a start.
    Cancelled {
        started: bool,
    },
}

impl Clock {
    fn was_started(self) -> bool {
        !matches!(self, Clock::Idle | Clock::Cancelled { started: false })
    }
}

/// How far the block of a once is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    Fresh,
    RunBy(String),
    /// Whoever ran it has left it; a panic is no step, so nobody has seen yet whether it was finished.
    Left,
    Finished,
    Poisoned,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    /// `lifo`, `priority`, or nothing.
    pub(crate) order: String,
    /// `None`: unbounded.
    pub(crate) room: Option<i64>,
    /// In order of arrival.
    pub(crate) items: Vec<i64>,
    pub(crate) unfinished: i64,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Mutex {
    /// Whether its holder may lock it again.
    pub(crate) reentrant: bool,
    pub(crate) holder: Option<String>,
    /// How often it is held.
    pub(crate) levels: u32,
    /// Whether anybody has held it before.
    pub(crate) given_back: bool,
    /// Whether it is known to be poisoned.
    pub(crate) poisoned: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Channel {
    /// `None`: unbounded; 0: rendezvous.
    pub(crate) capacity: Option<i64>,
    pub(crate) messages: VecDeque<i64>,
    pub(crate) closed: bool,
    /// Its senders, where it closes when they have ended.
    pub(crate) closed_by: Option<Vec<String>>,
}

/// What keeps a thread from doing as it likes. A thread that is not listed runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Status {
    /// In a condition variable, not notified.
    Waiting { condvar: String, mutex: String },
    /// Notified, or its time-out has fired; without the mutex yet.
    Notified { condvar: String, mutex: String, timed_out: bool },
    /// The same, in the line of the mutex.
    InLineAgain { condvar: String, mutex: String, timed_out: bool },
    /// Its message lies on the counter of a rendezvous channel.
    Offers { channel: String, message: i64, taken: bool },
    /// Stands at the counter; a `try_send` may have left a message.
    Asks { channel: String, given: Option<i64> },
    /// At a barrier, before the others.
    AtBarrier { barrier: String },
    /// Need not wait there any longer, and will be told this.
    Through { barrier: String, result: String },
    /// Has come to an object where it matters who waits.
    InLine { object: String },
    /// It broke a rule: it may only give back what it holds, and end.
    Failed,
    /// It has ended; as failed or not.
    Ended { failed: bool },
}

/// Who goes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rule {
    Fifo,
    Writers,
    Readers,
}

/// A state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Machine {
    pub(crate) objects: BTreeMap<String, Object>,
    /// Threads by the name of their declaration.
    pub(crate) groups: BTreeMap<String, Vec<String>>,
    /// Threads that the program may end without.
    pub(crate) daemons: BTreeSet<String>,
    pub(crate) status: BTreeMap<String, Status>,
    /// How often threads that wait held the mutex that they have given back.
    pub(crate) given_back: BTreeMap<String, u32>,
    /// The most permits of bounded semaphores.
    pub(crate) bounds: BTreeMap<String, i64>,
    /// Objects where somebody goes first.
    pub(crate) rules: BTreeMap<String, Rule>,
    /// Who waits there, in order of arrival.
    pub(crate) lines: BTreeMap<String, Vec<(String, Want)>>,
    /// What happens before what, so far.
    pub(crate) order: Order,
    /// Whether threads that wait may wake for no reason.
    pub(crate) spurious: bool,
    /// Number of the latest row.
    pub(crate) row: usize,
}

/// All indivisible blocks are ordered as if by a lock of this name.
const BLOCKS: &str = "atomically";

/// Why a row cannot be.
pub(crate) type Refusal = String;

impl Machine {
    /// All that can be seen of the state: what has happened before what, and how often, is left out.
    pub(crate) fn looks(&self) -> String {
        let Self { objects, status, given_back, lines, rules, .. } = self;
        // A line in which nobody stands any more is as one in which nobody has stood yet, and under a preference it does
        // not matter who came first.
        let mut lines = lines.clone();
        lines.retain(|_, line| !line.is_empty());
        for (name, line) in &mut lines {
            if rules.get(name) != Some(&Rule::Fifo) {
                line.sort_by(|(one, _), (other, _)| one.cmp(other));
            }
        }
        let looks = format!("{objects:?} {status:?} {given_back:?} {lines:?}");
        looks.replace("given_back: true", "given_back: false")
    }

    /// Does what the next row says, if that is possible here.
    pub(crate) fn step(&mut self, thread: &str, step: &Step, note: &str) -> Result<(), Refusal> {
        self.row += 1;
        self.order.tick(thread, self.row);
        if !self.groups.values().flatten().any(|member| member == thread) {
            return Err(format!("there is no thread `{thread}`"));
        }
        self.may_move(thread, step)?;
        self.operation(thread, step, note)
    }

    fn operation(&mut self, thread: &str, step: &Step, note: &str) -> Result<(), Refusal> {
        match step {
            Step::Read { name, value } => same(name, self.memory(name)?, *value),
            Step::Write { name, value } => {
                *self.memory_mut(name)? = *value;
                Ok(())
            }
            Step::Pause | Step::Chosen => Ok(()),
            Step::Fault { name } => {
                if !self.objects.contains_key(&format!("{name}[0]")) {
                    return Err(format!("there is no array `{name}`"));
                }
                self.status.insert(thread.to_owned(), Status::Failed);
                Ok(())
            }
            Step::Inside(steps) => {
                self.order.acquire(thread, BLOCKS);
                steps.iter().try_for_each(|inner| self.operation(thread, inner, note))?;
                self.order.release(thread, BLOCKS);
                Ok(())
            }
            // The threads of a function are called by the order in which they start.
            Step::Spawn { function, thread: started } => {
                let members = self.groups.entry(function.clone()).or_default();
                if *started != format!("{function}#{}", members.len() + 1) {
                    return Err(format!("`{started}` is not the next thread of `{function}`"));
                }
                members.push(started.clone());
                if self.daemons.contains(thread) {
                    self.daemons.insert(started.clone());
                }
                self.order.learn(started, thread);
                for object in self.objects.values_mut() {
                    if let Object::Watch(watch) = object {
                        watch.seen.insert(started.clone(), watch.version);
                    } else if let Object::Broadcast(broadcast) = object {
                        broadcast.gone.insert(started.clone(), broadcast.sent.len());
                    }
                }
                Ok(())
            }
            Step::Fires { name } => match self.clock(name)? {
                Clock::Started if name == thread => self.set_clock(name, Clock::Fired),
                clock @ (Clock::Idle | Clock::Started | Clock::Fired | Clock::Cancelled { .. }) => {
                    Err(format!("`{name}` cannot fire on `{thread}`: {clock:?}"))
                }
            },
            Step::End { failed } => {
                // Of some failures no row speaks before this one.
                if !failed && self.status.get(thread) == Some(&Status::Failed) {
                    return Err(format!("`{thread}` has failed, and the row says that it ends normally"));
                }
                self.status.insert(thread.to_owned(), Status::Ended { failed: *failed });
                self.close_what_is_over();
                Ok(())
            }
            Step::Call { name, call } => self.call(thread, name, call, note),
        }
    }

    /// Whether the thread, where it stands, can do anything of this sort at all.
    fn may_move(&self, thread: &str, step: &Step) -> Result<(), Refusal> {
        let call = if let Step::Call { call, .. } = step { Some(call) } else { None };
        if let Ok(clock) = self.clock(thread)
            && clock != Clock::Fired
            && !matches!(step, Step::Fires { .. })
        {
            return Err(format!("the timer `{thread}` has not fired"));
        }
        match self.status.get(thread) {
            None => Ok(()),
            Some(Status::Ended { .. }) => Err(format!("`{thread}` has ended")),
            Some(Status::Waiting { .. }) if matches!(call, Some(Call::TimesOut | Call::WakesForNothing)) => Ok(()),
            Some(Status::Waiting { condvar, .. }) => {
                Err(format!("`{thread}` waits for `{condvar}`, nobody notified it"))
            }
            Some(Status::Notified { .. })
                if matches!(call, Some(Call::Reacquire { .. } | Call::LinesUpAgain { .. })) =>
            {
                Ok(())
            }
            Some(Status::InLineAgain { .. }) if matches!(call, Some(Call::Reacquire { .. })) => Ok(()),
            Some(Status::AtBarrier { .. } | Status::Through { .. })
                if matches!(call, Some(Call::BarrierCompletes(_))) =>
            {
                Ok(())
            }
            Some(Status::InLine { .. }) if matches!(call, Some(Call::Turn(_))) => Ok(()),
            Some(Status::Offers { .. }) if matches!(call, Some(Call::SendCompletes(_))) => Ok(()),
            Some(Status::Asks { .. }) if matches!(call, Some(Call::RecvCompletes(_) | Call::TimedRecvCompletes(_))) => {
                Ok(())
            }
            Some(Status::Failed) if matches!(step, Step::End { .. }) => Ok(()),
            Some(Status::Failed)
                if matches!(
                    call,
                    Some(Call::Unlock | Call::ReadUnlock | Call::WriteUnlock | Call::Release(_) | Call::EndsBlock)
                ) =>
            {
                Ok(())
            }
            Some(status) => Err(format!("`{thread}` cannot do that: {status:?}")),
        }
    }

    /// Whether somebody who waits goes before a thread that wants this.
    fn goes_first(&self, thread: &str, name: &str, want: Want) -> Result<bool, Refusal> {
        let nobody = Vec::new();
        let line = self.lines.get(name).unwrap_or(&nobody);
        let mut before = line.iter().take_while(|(waiter, _)| waiter != thread);
        Ok(match (self.rules.get(name), want) {
            (None, _) => false,
            (Some(Rule::Writers), _) => want == Want::Read && line.iter().any(|(_, other)| *other == Want::Write),
            (Some(Rule::Readers), _) => want == Want::Write && line.iter().any(|(_, other)| *other == Want::Read),
            (Some(Rule::Fifo), Want::Read) => before.any(|(_, other)| *other == Want::Write),
            (Some(Rule::Fifo), Want::Lock | Want::Write) => before.next().is_some(),
            (Some(Rule::Fifo), Want::Permits(wanted)) => {
                let promised = before.map(|(_, other)| if let Want::Permits(count) = other { *count } else { 0 });
                self.permits(name)? - promised.sum::<i64>() < wanted
            }
        })
    }

    /// A thread that has come to an object can have what it wants, or gives up where it cannot.
    fn turn(&mut self, thread: &str, name: &str, call: &Call, note: &str) -> Result<(), Refusal> {
        let here = Status::InLine { object: name.to_owned() };
        if self.status.get(thread) != Some(&here) {
            return Err(format!("`{thread}` has not come to `{name}`"));
        }
        let line = self.lines.entry(name.to_owned()).or_default();
        let place = line.iter().position(|(waiter, _)| waiter == thread).ok_or("it is not in the line")?;
        let want = line[place].1;
        let first = self.goes_first(thread, name, want)?;
        self.status.remove(thread);
        let gives_up = matches!(call, Call::TryLock(false) | Call::AcquireTimeout(false));
        if gives_up {
            let free = match want {
                Want::Lock => self.may_lock(thread, name)?,
                Want::Permits(wanted) => self.permits(name)? >= wanted,
                Want::Read | Want::Write => return Err("nobody gives up there".to_owned()),
            };
            if (free && !first) || note != "the time-out fires" {
                return Err(format!("`{thread}` need not give up"));
            }
        } else if first {
            return Err(format!("somebody goes before `{thread}` at `{name}`"));
        }
        self.lines.entry(name.to_owned()).or_default().remove(place);
        if gives_up { Ok(()) } else { self.do_call(thread, name, call, note) }
    }

    fn call(&mut self, thread: &str, name: &str, call: &Call, note: &str) -> Result<(), Refusal> {
        let Some((want, answer)) = wanted(call).filter(|_| self.rules.contains_key(name)) else {
            return self.do_call(thread, name, call, note);
        };
        match answer {
            None => Err(format!("on `{name}` this is two steps")),
            // Whoever must not overtake fails where somebody waits.
            Some(false) if self.goes_first(thread, name, want)? => Ok(()),
            Some(true) if self.goes_first(thread, name, want)? => {
                Err(format!("somebody goes before `{thread}` at `{name}`"))
            }
            Some(_) => self.do_call(thread, name, call, note),
        }
    }

    fn do_call(&mut self, thread: &str, name: &str, call: &Call, note: &str) -> Result<(), Refusal> {
        if let Some(done) = self.handover_call(thread, name, call) {
            return done;
        }
        match call {
            Call::LinesUp(want) => {
                if !self.rules.contains_key(name) {
                    return Err(format!("nobody goes first at `{name}`"));
                }
                self.lines.entry(name.to_owned()).or_default().push((thread.to_owned(), *want));
                self.status.insert(thread.to_owned(), Status::InLine { object: name.to_owned() });
                Ok(())
            }
            Call::Turn(call) => self.turn(thread, name, call, note),
            Call::Lock if self.mutex_mut(name)?.poisoned => Err(format!("`{name}` is poisoned")),
            Call::Lock | Call::TryLock(true) => self.lock(thread, name),
            // A panic is no step; what can be seen is that a poisoned mutex was given back once, and stays poisoned.
            Call::LockPoisoned => {
                self.lock(thread, name)?;
                self.finds_poison(name, true)
            }
            Call::TryLock(false) if self.may_lock(thread, name)? => Err(format!("`{name}` can be had")),
            Call::TryLock(false) => Ok(()),
            Call::IsLocked(answer) => {
                let locked = self.mutex(name)?.is_some() || self.is_waited_for(name);
                same(name, i64::from(locked), i64::from(*answer))
            }
            Call::Unlock => {
                if self.mutex(name)?.as_deref() == Some(thread) {
                    self.unlock(thread, name)?;
                } else {
                    self.status.insert(thread.to_owned(), Status::Failed);
                }
                Ok(())
            }
            Call::ReadLock | Call::TryRead(true) => match self.rwlock_mut(name)? {
                (None, readers) => {
                    readers.push(thread.to_owned());
                    self.order.acquire(thread, name);
                    Ok(())
                }
                (Some(writer), _) => Err(format!("`{writer}` writes `{name}`")),
            },
            Call::WriteLock | Call::TryWrite(true) => match self.rwlock_mut(name)? {
                (writer @ None, readers) if readers.is_empty() => {
                    *writer = Some(thread.to_owned());
                    self.order.acquire(thread, name);
                    self.order.acquire(thread, &readers_of(name));
                    Ok(())
                }
                (writer, readers) => Err(format!("`{name}` is held by {writer:?} and {readers:?}")),
            },
            Call::TryRead(false) => match self.rwlock_mut(name)? {
                (Some(_), _) => Ok(()),
                (None, _) => Err(format!("nobody writes `{name}`")),
            },
            Call::TryWrite(false) => match self.rwlock_mut(name)? {
                (None, readers) if readers.is_empty() => Err(format!("`{name}` is free")),
                _ => Ok(()),
            },
            Call::ReadUnlock => {
                let (_, readers) = self.rwlock_mut(name)?;
                match readers.iter().position(|reader| reader == thread) {
                    Some(position) => {
                        readers.remove(position);
                        self.order.release(thread, &readers_of(name));
                    }
                    None => drop(self.status.insert(thread.to_owned(), Status::Failed)),
                }
                Ok(())
            }
            Call::WriteUnlock => {
                let (writer, _) = self.rwlock_mut(name)?;
                if writer.as_deref() == Some(thread) {
                    *writer = None;
                    self.order.release(thread, name);
                } else {
                    self.status.insert(thread.to_owned(), Status::Failed);
                }
                Ok(())
            }
            Call::Wait { mutex } => {
                self.line(name)?;
                let status = if self.mutex(mutex)?.as_deref() == Some(thread) {
                    let levels = std::mem::replace(&mut self.mutex_mut(mutex)?.levels, 1);
                    self.given_back.insert(thread.to_owned(), levels);
                    self.unlock(thread, mutex)?;
                    self.line(name)?.push(thread.to_owned());
                    Status::Waiting { condvar: name.to_owned(), mutex: mutex.clone() }
                } else {
                    Status::Failed
                };
                self.status.insert(thread.to_owned(), status);
                Ok(())
            }
            Call::WakesForNothing if !self.spurious => Err("nobody wakes for no reason here".to_owned()),
            Call::TimesOut | Call::WakesForNothing => {
                let Some(Status::Waiting { condvar, mutex }) = self.status.get(thread).cloned() else {
                    return Err(format!("`{thread}` does not wait"));
                };
                if condvar != *name {
                    return Err(format!("`{thread}` waits for `{condvar}`"));
                }
                self.line(name)?.retain(|other| other != thread);
                let timed_out = *call == Call::TimesOut;
                self.status.insert(thread.to_owned(), Status::Notified { condvar, mutex, timed_out });
                Ok(())
            }
            Call::LinesUpAgain { mutex } => {
                let in_order = self.rules.get(mutex) == Some(&Rule::Fifo);
                let again = match self.status.get(thread).cloned() {
                    Some(Status::Notified { condvar, mutex: own, timed_out })
                        if in_order && condvar == name && own == *mutex =>
                    {
                        Status::InLineAgain { condvar, mutex: own, timed_out }
                    }
                    status => return Err(format!("`{thread}` does not line up for `{mutex}`: {status:?}")),
                };
                self.lines.entry(mutex.clone()).or_default().push((thread.to_owned(), Want::Lock));
                self.status.insert(thread.to_owned(), again);
                Ok(())
            }
            Call::Reacquire { mutex, notified, poisoned } => {
                let (condvar, mutex) = (name.to_owned(), mutex.clone());
                // Where it is poisoned the row does not say whether it came in time.
                let fits = |timed_out: bool| notified.map_or(*poisoned || !timed_out, |notified| notified != timed_out);
                let comes_back = match self.status.get(thread).cloned() {
                    Some(Status::Notified { condvar: at, mutex: own, timed_out }) => {
                        (at, own) == (condvar, mutex.clone()) && !self.rules.contains_key(&mutex) && fits(timed_out)
                    }
                    Some(Status::InLineAgain { condvar: at, mutex: own, timed_out }) => {
                        (at, own) == (condvar, mutex.clone())
                            && fits(timed_out)
                            && !self.goes_first(thread, &mutex, Want::Lock)?
                    }
                    _ => false,
                };
                if !comes_back {
                    return Err(format!("`{thread}` does not come back from `{name}` like that"));
                }
                if let Some(line) = self.lines.get_mut(&mutex) {
                    line.retain(|(waiter, _)| waiter != thread);
                }
                self.lock(thread, &mutex)?;
                self.finds_poison(&mutex, *poisoned)?;
                self.mutex_mut(&mutex)?.levels = self.given_back.remove(thread).ok_or("it gave nothing back")?;
                self.status.remove(thread);
                Ok(())
            }
            Call::NotifyOne => self.notify(name, note, Some(1)),
            Call::Notify(count) => self.notify(name, note, Some(usize::try_from(*count).unwrap_or(0))),
            Call::NotifyAll => self.notify(name, note, None),
            Call::AcquireTimeout(false) if note != "the time-out fires" => {
                Err("the row does not say that the time-out fires".to_owned())
            }
            Call::Acquire(_) | Call::TryAcquire(true) | Call::AcquireTimeout(true) => {
                let wanted = if let Call::Acquire(wanted) = call { *wanted } else { 1 };
                let permits = self.permits(name)?;
                if permits < wanted {
                    return Err(format!("`{name}` has {permits} permits"));
                }
                self.order.acquire(thread, name);
                self.set_permits(name, permits - wanted)
            }
            Call::TryAcquire(false) | Call::AcquireTimeout(false) => same(name, self.permits(name)?, 0),
            Call::Release(given) => {
                let permits = self.permits(name)?;
                if self.bounds.get(name).is_some_and(|bound| permits + given > *bound) {
                    self.status.insert(thread.to_owned(), Status::Failed);
                    return Ok(());
                }
                self.order.release(thread, name);
                self.set_permits(name, permits + given)
            }
            Call::BarrierArrives => self.arrive(thread, name, note),
            Call::BarrierCompletes(result) => match self.status.remove(thread) {
                Some(Status::Through { barrier, result: due }) if barrier == *name && due == *result => Ok(()),
                Some(Status::AtBarrier { barrier }) if barrier == *name && result == "timeout" => {
                    self.fail(name, note, true)
                }
                other => Err(format!("`{thread}` cannot leave `{name}`: {other:?}")),
            },
            Call::Abort => self.fail(name, note, true),
            Call::Reset => self.fail(name, note, false),
            Call::IsBroken(answer) => same(name, i64::from(self.barrier(name)?.1), i64::from(*answer)),
            Call::RunsOnce { runs } => match (self.stage(name)?, runs) {
                (Stage::Fresh, true) => self.set_stage(name, Stage::RunBy(thread.to_owned())),
                (Stage::Left | Stage::Finished, false) => {
                    self.order.acquire(thread, name);
                    self.set_stage(name, Stage::Finished)
                }
                (stage, _) => Err(format!("`{name}` is {stage:?}")),
            },
            Call::FindsPoison => {
                self.order.acquire(thread, name);
                match self.stage(name)? {
                    Stage::Left | Stage::Poisoned => self.set_stage(name, Stage::Poisoned),
                    stage @ (Stage::Fresh | Stage::RunBy(_) | Stage::Finished) => Err(format!("`{name}` is {stage:?}")),
                }
            }
            Call::EndsBlock => {
                if self.stage(name)? != Stage::RunBy(thread.to_owned()) {
                    return Err(format!("`{thread}` does not run the block of `{name}`"));
                }
                self.order.release(thread, name);
                let failed = self.status.get(thread) == Some(&Status::Failed);
                self.set_stage(name, if failed { Stage::Poisoned } else { Stage::Left })
            }
            Call::IsCompleted(answer) => match (self.stage(name)?, answer) {
                (Stage::Left | Stage::Finished, true) => {
                    self.order.acquire(thread, name);
                    self.set_stage(name, Stage::Finished)
                }
                (Stage::Left | Stage::Poisoned, false) => self.set_stage(name, Stage::Poisoned),
                (Stage::Fresh | Stage::RunBy(_), false) => Ok(()),
                (stage, _) => Err(format!("`{name}` is {stage:?}")),
            },
            Call::StartTimer => match self.clock(name)? {
                Clock::Idle => {
                    self.order.learn(name, thread);
                    self.set_clock(name, Clock::Started)
                }
                Clock::Cancelled { started: false } => {
                    self.order.learn(name, thread);
                    self.set_clock(name, Clock::Cancelled { started: true })
                }
                Clock::Started | Clock::Fired | Clock::Cancelled { started: true } => {
                    self.status.insert(thread.to_owned(), Status::Failed);
                    Ok(())
                }
            },
            Call::Cancel(unfired) => {
                let clock = self.clock(name)?;
                same(name, i64::from(clock != Clock::Fired), i64::from(*unfired))?;
                if matches!(clock, Clock::Idle | Clock::Started) {
                    self.order.learn(name, thread);
                }
                match clock {
                    Clock::Idle => self.set_clock(name, Clock::Cancelled { started: false }),
                    Clock::Started => self.set_clock(name, Clock::Cancelled { started: true }),
                    Clock::Fired | Clock::Cancelled { .. } => Ok(()),
                }
            }
            Call::Set => {
                self.order.release(thread, name);
                self.set_event(name, true)
            }
            Call::Clear => self.set_event(name, false),
            Call::IsSet(answer) => same(name, i64::from(self.is_set(name)?), i64::from(*answer)),
            Call::WaitForEvent | Call::WaitTimeout(true) => {
                self.order.acquire(thread, name);
                if self.is_set(name)? { Ok(()) } else { Err(format!("`{name}` is not set")) }
            }
            Call::WaitTimeout(false) => {
                if note != "the time-out fires" {
                    return Err("the row does not say that the time-out fires".to_owned());
                }
                same(name, i64::from(self.is_set(name)?), 0)
            }
            Call::Load(value) => {
                self.order.acquire(thread, name);
                same(name, self.memory(name)?, *value)
            }
            Call::Store(value) => {
                *self.memory_mut(name)? = *value;
                self.order.overwrite(thread, name);
                Ok(())
            }
            Call::Rmw { operation, operand, old } => {
                self.order.acquire(thread, name);
                self.order.release(thread, name);
                let memory = self.memory_mut(name)?;
                if let Some(old) = old {
                    same(name, *memory, *old)?;
                }
                *memory = match operation.as_str() {
                    "swap" => *operand,
                    "fetch_add" => memory.wrapping_add(*operand),
                    "fetch_sub" => memory.wrapping_sub(*operand),
                    "fetch_and" => *memory & operand,
                    "fetch_or" => *memory | operand,
                    "fetch_xor" => *memory ^ operand,
                    "fetch_max" => (*memory).max(*operand),
                    "fetch_min" => (*memory).min(*operand),
                    other => return Err(format!("no operation `{other}`")),
                };
                Ok(())
            }
            Call::CompareExchange { weak, expected, new, outcome } => {
                self.order.acquire(thread, name);
                if outcome.is_ok() {
                    self.order.release(thread, name);
                }
                let memory = self.memory_mut(name)?;
                let (Ok(seen) | Err(seen)) = *outcome;
                same(name, *memory, seen)?;
                match outcome {
                    Ok(_) if *memory == *expected => {
                        *memory = *new;
                        Ok(())
                    }
                    Ok(_) => Err(format!("`{name}` is not {expected}")),
                    Err(_) if *memory == *expected && !weak => Err(format!("`{name}` is {expected}")),
                    Err(_) => Ok(()),
                }
            }
            Call::Send(message) => self.send(thread, name, *message),
            Call::SendAnswered { .. }
            | Call::Missed(_)
            | Call::Subscribe
            | Call::Borrow { .. }
            | Call::HasChanged(_)
            | Call::Changed { .. }
            | Call::WaitFor { .. } => Err(format!("`{name}` has no such operation: {call:?}")),
            Call::TrySend { message, sent } => self.try_send(thread, name, *message, *sent, note),
            Call::Recv(result) => self.receive(thread, name, *result),
            Call::TryRecv(result) => self.try_receive(thread, name, *result, note),
            Call::TimedRecv(Ok(result)) => self.receive(thread, name, *result),
            Call::TimedRecv(Err(())) => self.has_nothing(name),
            Call::TimedRecvCompletes(Ok(result)) => self.call(thread, name, &Call::RecvCompletes(*result), note),
            Call::TimedRecvCompletes(Err(())) => {
                let alone = Status::Asks { channel: name.to_owned(), given: None };
                if self.status.get(thread) != Some(&alone) {
                    return Err(format!("`{thread}` does not wait at `{name}`, or has its message"));
                }
                self.status.remove(thread);
                self.has_nothing(name)
            }
            Call::Close => {
                self.channel_mut(name)?.closed = true;
                self.order.release(thread, name);
                Ok(())
            }
            Call::Queue(call) => self.queue_call(thread, name, call),
            Call::Len(len) if self.queue(name).is_ok() => {
                let len = *len;
                self.order.through(thread, name);
                same(name, self.queue(name)?.len(), len)
            }
            Call::Len(len) => {
                let waiting = i64::try_from(self.channel(name)?.messages.len()).map_err(|error| error.to_string())?;
                same(name, waiting, *len)
            }
            Call::SendArrives(message) => {
                if self.channel(name)?.closed {
                    self.status.insert(thread.to_owned(), Status::Failed);
                    return Ok(());
                }
                let offer = Status::Offers { channel: name.to_owned(), message: *message, taken: false };
                self.status.insert(thread.to_owned(), offer);
                Ok(())
            }
            Call::SendCompletes(message) => match self.status.get(thread) {
                Some(Status::Offers { channel, message: offered, taken: true })
                    if channel == name && offered == message =>
                {
                    self.status.remove(thread);
                    Ok(())
                }
                Some(Status::Offers { taken: false, .. }) if self.channel(name)?.closed => {
                    self.status.insert(thread.to_owned(), Status::Failed);
                    Ok(())
                }
                _ => Err(format!("nobody has taken the message of `{thread}`")),
            },
            Call::RecvArrives => {
                self.channel(name)?;
                self.status.insert(thread.to_owned(), Status::Asks { channel: name.to_owned(), given: None });
                Ok(())
            }
            Call::RecvCompletes(result) => {
                let given = match self.status.get(thread) {
                    Some(Status::Asks { channel, given }) if channel == name => *given,
                    _ => return Err(format!("`{thread}` has not arrived at `{name}`")),
                };
                match (given, result) {
                    (Some(given), Some(message)) => same(name, given, *message)?,
                    (Some(_), None) => return Err(format!("`{thread}` was given a message")),
                    (None, _) => self.meet(thread, name, *result, note)?,
                }
                self.status.remove(thread);
                Ok(())
            }
            Call::Join { .. } if self.queue(name).is_ok() => {
                self.order.through(thread, name);
                same(name, self.queue(name)?.unfinished, 0)
            }
            Call::Join { .. } if self.clock(name).is_ok_and(|clock| !clock.was_started()) => {
                self.status.insert(thread.to_owned(), Status::Failed);
                Ok(())
            }
            Call::Join { failed } if self.clock(name) == Ok(Clock::Cancelled { started: true }) => {
                self.order.learn(thread, name);
                same(name, 0, i64::from(*failed))
            }
            Call::Join { failed } => {
                self.order.learn(thread, name);
                self.may_have_failed(name, *failed);
                match self.status.get(name) {
                    Some(Status::Ended { failed: really }) => same(name, i64::from(*really), i64::from(*failed)),
                    _ => Err(format!("`{name}` has not ended")),
                }
            }
            Call::Await => {
                self.order.learn(thread, name);
                // How it ended is not said; if no row shows its end, it has panicked.
                self.may_have_failed(name, true);
                match self.status.get(name) {
                    Some(Status::Ended { .. }) => Ok(()),
                    _ => Err(format!("`{name}` has not ended")),
                }
            }
            Call::IsFinished(answer) => {
                self.may_have_failed(name, *answer);
                let ended = matches!(self.status.get(name), Some(Status::Ended { .. }));
                same(name, i64::from(ended), i64::from(*answer))
            }
            Call::IsAlive(answer)
                if self.clock(name).is_ok_and(|clock| !matches!(clock, Clock::Started | Clock::Fired)) =>
            {
                same(name, 0, i64::from(*answer))
            }
            Call::IsAlive(answer) => {
                self.may_have_failed(name, !answer);
                let ended = matches!(self.status.get(name), Some(Status::Ended { .. }));
                same(name, i64::from(!ended), i64::from(*answer))
            }
        }
    }

    fn queue_call(&mut self, thread: &str, name: &str, call: &QueueCall) -> Result<(), Refusal> {
        self.order.through(thread, name);
        let queue = self.queue_mut(name)?;
        match call {
            QueueCall::Put(item) | QueueCall::MayPut { item, done: true } => {
                if queue.is_full() {
                    return Err(format!("`{name}` is full"));
                }
                queue.items.push(*item);
                queue.unfinished += 1;
                Ok(())
            }
            QueueCall::MayPut { done: false, .. } => same(name, i64::from(queue.is_full()), 1),
            QueueCall::Get(item) | QueueCall::MayGet(Some(item)) => {
                let next = match queue.order.as_str() {
                    "lifo" => queue.items.last(),
                    "priority" => queue.items.iter().min(),
                    _ => queue.items.first(),
                };
                let next = *next.ok_or_else(|| format!("`{name}` is empty"))?;
                same(name, next, *item)?;
                let found = |other: &i64| *other == next;
                let position = match queue.order.as_str() {
                    "lifo" => queue.items.iter().rposition(found),
                    _ => queue.items.iter().position(found),
                };
                queue.items.remove(position.expect("it was found there"));
                Ok(())
            }
            QueueCall::MayGet(None) => same(name, queue.len(), 0),
            QueueCall::IsEmpty(answer) => same(name, i64::from(queue.items.is_empty()), i64::from(*answer)),
            QueueCall::IsFull(answer) => same(name, i64::from(queue.is_full()), i64::from(*answer)),
            QueueCall::TaskDone => {
                if queue.unfinished == 0 {
                    self.status.insert(thread.to_owned(), Status::Failed);
                } else {
                    queue.unfinished -= 1;
                }
                Ok(())
            }
        }
    }

    /// A panic is no step. Where a row shows that a thread has ended, and it has not ended normally, it must have
    /// panicked in its latest step; from here on it has ended.
    fn may_have_failed(&mut self, thread: &str, shown: bool) {
        if shown && matches!(self.status.get(thread), None | Some(Status::Failed)) {
            self.status.insert(thread.to_owned(), Status::Ended { failed: true });
            self.close_what_is_over();
        }
    }

    /// One level less; with the last one it is free.
    fn unlock(&mut self, thread: &str, name: &str) -> Result<(), Refusal> {
        let mutex = self.mutex_mut(name)?;
        mutex.levels -= 1;
        if mutex.levels == 0 {
            mutex.holder = None;
            mutex.given_back = true;
            self.order.release(thread, name);
        }
        Ok(())
    }

    /// Whoever takes a mutex says whether it is poisoned, which is for ever.
    fn finds_poison(&mut self, name: &str, poisoned: bool) -> Result<(), Refusal> {
        let mutex = self.mutex_mut(name)?;
        if mutex.poisoned && !poisoned {
            return Err(format!("`{name}` is poisoned"));
        }
        mutex.poisoned = poisoned;
        if poisoned && !mutex.given_back { Err(format!("nobody has given `{name}` back")) } else { Ok(()) }
    }

    fn may_lock(&self, thread: &str, name: &str) -> Result<bool, Refusal> {
        let Object::Mutex(mutex) = self.object(name)? else { return Err(format!("`{name}` is no mutex")) };
        Ok(mutex.holder.as_deref().is_none_or(|holder| mutex.reentrant && holder == thread))
    }

    fn lock(&mut self, thread: &str, name: &str) -> Result<(), Refusal> {
        if !self.may_lock(thread, name)? {
            return Err(format!("`{name}` is held by `{}`", self.mutex(name)?.unwrap_or_default()));
        }
        self.order.acquire(thread, name);
        let mutex = self.mutex_mut(name)?;
        mutex.holder = Some(thread.to_owned());
        mutex.levels += 1;
        Ok(())
    }

    /// Wakes whom the note names: `most` of those who wait, or all of them.
    fn notify(&mut self, name: &str, note: &str, most: Option<usize>) -> Result<(), Refusal> {
        let Object::Condvar { fifo, line } = self.object(name)? else { return Err(format!("`{name}` is no condvar")) };
        let (fifo, waiting) = (*fifo, line.clone());
        let woken: BTreeSet<String> = match note.strip_prefix("wakes ") {
            Some(names) => names.split(", ").map(str::to_owned).collect(),
            None => BTreeSet::new(),
        };
        if let Some(stranger) = woken.iter().find(|thread| !waiting.contains(thread)) {
            return Err(format!("`{stranger}` does not wait for `{name}`"));
        }
        let due = most.map_or(waiting.len(), |most| most.min(waiting.len()));
        if woken.len() != due {
            return Err(format!("{} wait for `{name}`, {due} must wake, the row wakes {}", waiting.len(), woken.len()));
        }
        if fifo && waiting[..due].iter().any(|thread| !woken.contains(thread)) {
            return Err(format!("{waiting:?} wait for `{name}` in this order"));
        }
        self.line(name)?.retain(|thread| !woken.contains(thread));
        for thread in woken {
            if let Some(Status::Waiting { condvar, mutex }) = self.status.get(&thread).cloned() {
                self.status.insert(thread, Status::Notified { condvar, mutex, timed_out: false });
            }
        }
        Ok(())
    }

    fn barrier(&self, name: &str) -> Result<(usize, bool), Refusal> {
        let Object::Barrier { size, broken } = self.object(name)? else {
            return Err(format!("`{name}` is no barrier"));
        };
        Ok((*size, *broken))
    }

    /// Those who wait at a barrier; the row must say that it wakes them, if it does.
    fn at_barrier(&self, name: &str) -> Vec<String> {
        let here = |status: &Status| matches!(status, Status::AtBarrier { barrier } if barrier == name);
        self.status.iter().filter(|(_, status)| here(status)).map(|(thread, _)| thread.clone()).collect()
    }

    fn let_go(&mut self, waiting: &[String], name: &str, result: &str, note: &str) -> Result<(), Refusal> {
        let told: BTreeSet<&str> =
            note.strip_prefix("wakes ").map(|names| names.split(", ").collect()).unwrap_or_default();
        if told != waiting.iter().map(String::as_str).collect() {
            return Err(format!("{waiting:?} wait at `{name}`, the row wakes {told:?}"));
        }
        for thread in waiting {
            let through = Status::Through { barrier: name.to_owned(), result: result.to_owned() };
            self.status.insert(thread.clone(), through);
        }
        Ok(())
    }

    /// A thread comes to a barrier; the last one lets all go, and all know of all.
    fn arrive(&mut self, thread: &str, name: &str, note: &str) -> Result<(), Refusal> {
        let (size, broken) = self.barrier(name)?;
        let mut waiting = self.at_barrier(name);
        let through = |result: &str| Status::Through { barrier: name.to_owned(), result: result.to_owned() };
        if broken {
            self.status.insert(thread.to_owned(), through("failed"));
            return Ok(());
        }
        self.order.release(thread, name);
        if waiting.len() + 1 < size {
            self.status.insert(thread.to_owned(), Status::AtBarrier { barrier: name.to_owned() });
            return Ok(());
        }
        self.let_go(&waiting, name, "some(false)", note)?;
        self.status.insert(thread.to_owned(), through("some(true)"));
        waiting.push(thread.to_owned());
        for other in &waiting {
            self.order.acquire(other, name);
        }
        self.order.forget(name);
        Ok(())
    }

    /// Whoever waits at a barrier fails, and it is broken or whole.
    fn fail(&mut self, name: &str, note: &str, broken: bool) -> Result<(), Refusal> {
        let (size, _) = self.barrier(name)?;
        let waiting = self.at_barrier(name);
        self.let_go(&waiting, name, "failed", note)?;
        self.order.forget(name);
        self.objects.insert(name.to_owned(), Object::Barrier { size, broken });
        Ok(())
    }

    fn send(&mut self, thread: &str, name: &str, message: i64) -> Result<(), Refusal> {
        let channel = self.channel_mut(name)?;
        if channel.closed {
            self.status.insert(thread.to_owned(), Status::Failed);
            return Ok(());
        }
        if channel.is_full() {
            return Err(format!("`{name}` is full"));
        }
        channel.messages.push_back(message);
        let capacity = channel.capacity;
        self.order.send(thread, name, capacity);
        Ok(())
    }

    fn try_send(&mut self, thread: &str, name: &str, message: i64, sent: bool, note: &str) -> Result<(), Refusal> {
        let channel = self.channel(name)?;
        if channel.closed || channel.capacity != Some(0) {
            return match (channel.closed || !channel.is_full(), sent) {
                (true, true) => self.send(thread, name, message),
                (false, false) => Ok(()),
                (room, _) => Err(format!("`{name}` has {}", if room { "room" } else { "no room" })),
            };
        }
        let partner = self.partners(name, |status| matches!(status, Status::Asks { given: None, .. }));
        match (sent, note.strip_prefix("with ")) {
            (true, Some(receiver)) if partner.contains(receiver) => {
                let given = Status::Asks { channel: name.to_owned(), given: Some(message) };
                self.status.insert(receiver.to_owned(), given);
                self.shake_hands(thread, receiver);
                Ok(())
            }
            (false, None) if partner.is_empty() => Ok(()),
            _ => Err(format!("at `{name}` these ask: {partner:?}")),
        }
    }

    fn receive(&mut self, thread: &str, name: &str, result: Option<i64>) -> Result<(), Refusal> {
        if result.is_none() {
            self.learn_that_it_is_over(thread, name)?;
        }
        let channel = self.channel_mut(name)?;
        match (channel.messages.pop_front(), result) {
            (Some(first), Some(message)) => {
                same(name, first, message)?;
                self.order.receive(thread, name);
                Ok(())
            }
            (None, None) if channel.closed => Ok(()),
            (first, _) => Err(format!("the first message of `{name}` is {first:?}, closed: {}", channel.closed)),
        }
    }

    fn try_receive(
        &mut self,
        thread: &str,
        name: &str,
        result: Result<Option<i64>, ()>,
        note: &str,
    ) -> Result<(), Refusal> {
        let rendezvous = self.channel(name)?.capacity == Some(0);
        match result {
            Ok(result) if rendezvous => self.meet(thread, name, result, note),
            Ok(result) => self.receive(thread, name, result),
            Err(()) => self.has_nothing(name),
        }
    }

    /// Whoever receives here now would have to wait.
    fn has_nothing(&self, name: &str) -> Result<(), Refusal> {
        let channel = self.channel(name)?;
        let offers = self.partners(name, |status| matches!(status, Status::Offers { taken: false, .. }));
        if channel.closed || !channel.messages.is_empty() || !offers.is_empty() {
            return Err(format!("`{name}` has something to give"));
        }
        Ok(())
    }

    /// A receiver takes the message of the sender that the note names, or learns that nobody will come.
    fn meet(&mut self, thread: &str, name: &str, result: Option<i64>, note: &str) -> Result<(), Refusal> {
        let offers: BTreeSet<String> = self
            .partners(name, |status| matches!(status, Status::Offers { taken: false, .. }))
            .into_iter()
            .map(str::to_owned)
            .collect();
        let Some(message) = result else {
            self.learn_that_it_is_over(thread, name)?;
            return if self.channel(name)?.closed { Ok(()) } else { Err(format!("`{name}` is not closed")) };
        };
        let sender = note.strip_prefix("with ").ok_or("the row does not name the sender")?;
        match self.status.get_mut(sender) {
            Some(Status::Offers { message: offered, taken, .. }) if offers.contains(sender) => {
                same(name, *offered, message)?;
                *taken = true;
                self.shake_hands(thread, sender);
                Ok(())
            }
            _ => Err(format!("`{sender}` offers nothing on `{name}`")),
        }
    }

    /// Both sides of a rendezvous know afterwards what the other one knew.
    fn shake_hands(&mut self, one: &str, other: &str) {
        self.order.learn(one, other);
        self.order.learn(other, one);
    }

    /// A receiver sees that nothing will come: whoever closed the channel, or all its senders, did so before.
    pub(crate) fn learn_that_it_is_over(&mut self, thread: &str, name: &str) -> Result<(), Refusal> {
        self.order.acquire(thread, name);
        for sender in self.object(name)?.closed_by().to_vec() {
            self.may_have_failed(&sender, true);
            self.order.learn(thread, &sender);
        }
        Ok(())
    }

    fn partners(&self, name: &str, wanted: impl Fn(&Status) -> bool) -> BTreeSet<&str> {
        let here = |status: &Status| matches!( status , Status :: Offers { channel , .. } | Status :: Asks { channel , .. } if channel == name );
        self.status.iter().filter(|(_, s)| here(s) && wanted(s)).map(|(thread, _)| thread.as_str()).collect()
    }

    /// Closes each `closed by` channel all of whose senders have ended.
    pub(crate) fn close_what_is_over(&mut self) {
        let ended = |thread: &String| matches!(self.status.get(thread), Some(Status::Ended { .. }));
        for object in self.objects.values_mut() {
            if let Object::Channel(Channel { closed, closed_by: Some(senders), .. })
            | Object::Oneshot(Oneshot { closed, closed_by: Some(senders), .. })
            | Object::Watch(Watch { closed, closed_by: Some(senders), .. })
            | Object::Broadcast(Broadcast { closed, closed_by: Some(senders), .. }) = object
            {
                *closed |= senders.iter().all(ended);
            }
        }
    }

    /// Whether the thread, whose next operation is `call` on `name`, can never take it as things are.
    pub(crate) fn is_stuck(&self, thread: &str, name: &str, call: &Pending) -> Result<bool, Refusal> {
        if let Some(stuck) = self.is_stuck_at_handover(thread, name, call) {
            return Ok(stuck);
        }
        Ok(match call {
            Pending::Lock => !self.may_lock(thread, name)? || self.goes_first(thread, name, Want::Lock)?,
            Pending::Read => self.rwlock(name)?.0.is_some() || self.goes_first(thread, name, Want::Read)?,
            Pending::Write => {
                let (writer, readers) = self.rwlock(name)?;
                writer.is_some() || !readers.is_empty() || self.goes_first(thread, name, Want::Write)?
            }
            Pending::Call => matches!(self.stage(name)?, Stage::RunBy(_)),
            Pending::Wait if matches!(self.object(name)?, Object::Event(_)) => !self.is_set(name)?,
            Pending::Wait => match self.status.get(thread) {
                Some(Status::Waiting { condvar, .. }) => condvar == name,
                Some(Status::AtBarrier { barrier }) => barrier == name,
                Some(Status::Notified { mutex, .. }) if self.rules.contains_key(mutex) => false,
                Some(Status::Notified { mutex, .. }) => self.mutex(mutex)?.is_some(),
                Some(Status::InLineAgain { mutex, .. }) => {
                    self.mutex(mutex)?.is_some() || self.goes_first(thread, mutex, Want::Lock)?
                }
                _ => false,
            },
            Pending::Acquire(wanted) => {
                self.permits(name)? < *wanted || self.goes_first(thread, name, Want::Permits(*wanted))?
            }
            Pending::Send => match self.status.get(thread) {
                Some(Status::Offers { channel, taken, .. }) => channel == name && !taken && !self.channel(name)?.closed,
                _ => self.channel(name)?.is_full() && !self.channel(name)?.closed,
            },
            Pending::Recv => {
                let offers = self.partners(name, |status| matches!(status, Status::Offers { taken: false, .. }));
                let given = matches!(self.status.get(thread), Some(Status::Asks { given: Some(_), .. }));
                let channel = self.channel(name)?;
                channel.messages.is_empty() && !channel.closed && offers.is_empty() && !given
            }
            Pending::Put => self.queue(name)?.is_full(),
            Pending::Get => self.queue(name)?.items.is_empty(),
            Pending::Join if self.queue(name).is_ok() => self.queue(name)?.unfinished > 0,
            Pending::Changed | Pending::WaitFor => return Err(format!("`{name}` has no such operation")),
            Pending::Join if self.clock(name).is_ok_and(|clock| !matches!(clock, Clock::Started | Clock::Fired)) => {
                false
            }
            Pending::Join => !matches!(self.status.get(name), Some(Status::Ended { .. })),
        })
    }

    /// The number that a property sees under this name.
    pub(crate) fn property(&self, name: &str) -> Option<i64> {
        let (object, asked) = match name.rsplit_once('.') {
            Some((object, question)) => (object, Some(question)),
            None => (name, None),
        };
        match (self.objects.get(object)?, asked) {
            (Object::Memory(value) | Object::Semaphore(value) | Object::Watch(Watch { value, .. }), None) => {
                Some(*value)
            }
            (Object::Barrier { broken, .. }, Some("is_broken()")) => Some(i64::from(*broken)),
            (Object::Event(set), Some("is_set()")) => Some(i64::from(*set)),
            (Object::Once(Stage::Left), _) => None,
            (Object::Once(stage), Some("is_completed()")) => Some(i64::from(*stage == Stage::Finished)),
            (Object::Mutex(mutex), Some("is_locked()")) => {
                Some(i64::from(mutex.holder.is_some() || self.is_waited_for(object)))
            }
            (Object::Queue(queue), Some("len()")) => Some(queue.len()),
            (Object::Channel(channel), Some("len()")) => i64::try_from(channel.messages.len()).ok(),
            _ => None,
        }
    }

    /// Whether the longest waiter of a fifo object only has to take it.
    fn is_waited_for(&self, name: &str) -> bool {
        self.lines.get(name).is_some_and(|line| !line.is_empty())
    }

    /// Whether a thread holds a lock.
    pub(crate) fn holds(&self, name: &str, thread: &str) -> bool {
        match self.objects.get(name) {
            Some(Object::Mutex(mutex)) => mutex.holder.as_deref() == Some(thread),
            Some(Object::RwLock { writer, readers }) => {
                writer.as_deref() == Some(thread) || readers.iter().any(|reader| reader == thread)
            }
            _ => false,
        }
    }

    fn object(&self, name: &str) -> Result<&Object, Refusal> {
        self.objects.get(name).ok_or_else(|| format!("there is no object `{name}`"))
    }

    fn memory(&self, name: &str) -> Result<i64, Refusal> {
        let Object::Memory(value) = self.object(name)? else { return Err(format!("`{name}` is no memory")) };
        Ok(*value)
    }

    fn memory_mut(&mut self, name: &str) -> Result<&mut i64, Refusal> {
        let Some(Object::Memory(value)) = self.objects.get_mut(name) else {
            return Err(format!("`{name}` is no memory"));
        };
        Ok(value)
    }

    fn mutex(&self, name: &str) -> Result<Option<String>, Refusal> {
        let Object::Mutex(mutex) = self.object(name)? else { return Err(format!("`{name}` is no mutex")) };
        Ok(mutex.holder.clone())
    }

    fn mutex_mut(&mut self, name: &str) -> Result<&mut Mutex, Refusal> {
        let Some(Object::Mutex(mutex)) = self.objects.get_mut(name) else {
            return Err(format!("`{name}` is no mutex"));
        };
        Ok(mutex)
    }

    fn rwlock(&self, name: &str) -> Result<(&Option<String>, &Vec<String>), Refusal> {
        let Object::RwLock { writer, readers } = self.object(name)? else {
            return Err(format!("`{name}` is no reader-writer lock"));
        };
        Ok((writer, readers))
    }

    fn rwlock_mut(&mut self, name: &str) -> Result<(&mut Option<String>, &mut Vec<String>), Refusal> {
        match self.objects.get_mut(name) {
            Some(Object::RwLock { writer, readers }) => Ok((writer, readers)),
            _ => Err(format!("`{name}` is no reader-writer lock")),
        }
    }

    /// Who waits at a condition variable, in order of arrival.
    fn line(&mut self, name: &str) -> Result<&mut Vec<String>, Refusal> {
        match self.objects.get_mut(name) {
            Some(Object::Condvar { line, .. }) => Ok(line),
            _ => Err(format!("`{name}` is no condvar")),
        }
    }

    fn permits(&self, name: &str) -> Result<i64, Refusal> {
        let Object::Semaphore(permits) = self.object(name)? else { return Err(format!("`{name}` is no semaphore")) };
        Ok(*permits)
    }

    fn set_permits(&mut self, name: &str, permits: i64) -> Result<(), Refusal> {
        self.objects.insert(name.to_owned(), Object::Semaphore(permits));
        Ok(())
    }

    fn clock(&self, name: &str) -> Result<Clock, Refusal> {
        let Object::Timer(clock) = self.object(name)? else { return Err(format!("`{name}` is no timer")) };
        Ok(*clock)
    }

    fn set_clock(&mut self, name: &str, clock: Clock) -> Result<(), Refusal> {
        self.objects.insert(name.to_owned(), Object::Timer(clock));
        Ok(())
    }

    fn stage(&self, name: &str) -> Result<Stage, Refusal> {
        let Object::Once(stage) = self.object(name)? else { return Err(format!("`{name}` is no once")) };
        Ok(stage.clone())
    }

    fn set_stage(&mut self, name: &str, stage: Stage) -> Result<(), Refusal> {
        self.objects.insert(name.to_owned(), Object::Once(stage));
        Ok(())
    }

    fn is_set(&self, name: &str) -> Result<bool, Refusal> {
        let Object::Event(set) = self.object(name)? else { return Err(format!("`{name}` is no event")) };
        Ok(*set)
    }

    fn set_event(&mut self, name: &str, set: bool) -> Result<(), Refusal> {
        self.is_set(name)?;
        self.objects.insert(name.to_owned(), Object::Event(set));
        Ok(())
    }

    fn channel(&self, name: &str) -> Result<&Channel, Refusal> {
        let Object::Channel(channel) = self.object(name)? else { return Err(format!("`{name}` is no channel")) };
        Ok(channel)
    }

    fn queue(&self, name: &str) -> Result<&Queue, Refusal> {
        let Object::Queue(queue) = self.object(name)? else { return Err(format!("`{name}` is no queue")) };
        Ok(queue)
    }

    fn queue_mut(&mut self, name: &str) -> Result<&mut Queue, Refusal> {
        let Some(Object::Queue(queue)) = self.objects.get_mut(name) else {
            return Err(format!("`{name}` is no queue"));
        };
        Ok(queue)
    }

    fn channel_mut(&mut self, name: &str) -> Result<&mut Channel, Refusal> {
        let Some(Object::Channel(channel)) = self.objects.get_mut(name) else {
            return Err(format!("`{name}` is no channel"));
        };
        Ok(channel)
    }
}

impl Object {
    /// Whose end closes it.
    fn closed_by(&self) -> &[String] {
        let (Object::Channel(Channel { closed_by, .. })
        | Object::Oneshot(Oneshot { closed_by, .. })
        | Object::Watch(Watch { closed_by, .. })
        | Object::Broadcast(Broadcast { closed_by, .. })) = self
        else {
            return &[];
        };
        closed_by.as_deref().unwrap_or_default()
    }
}

impl Queue {
    fn len(&self) -> i64 {
        i64::try_from(self.items.len()).expect("short queues")
    }

    fn is_full(&self) -> bool {
        self.room.is_some_and(|room| self.len() >= room)
    }
}

impl Channel {
    fn is_full(&self) -> bool {
        self.capacity.is_some_and(|capacity| i64::try_from(self.messages.len()).is_ok_and(|len| len >= capacity))
    }
}

/// An operation that waits, by its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Pending {
    Lock,
    Read,
    Write,
    Wait,
    Call,
    Acquire(i64),
    Send,
    Recv,
    Put,
    Get,
    Join,
    Changed,
    WaitFor,
}

/// What a call wants of an object that it may have to wait for; where it never waits, whether it got that.
fn wanted(call: &Call) -> Option<(Want, Option<bool>)> {
    if let Call::Acquire(permits) = call {
        return Some((Want::Permits(*permits), None));
    }
    let tries = [(true, Some(true)), (false, Some(false))];
    let table = [(Call::Lock, Want::Lock), (Call::ReadLock, Want::Read), (Call::WriteLock, Want::Write)];
    let waits = table.into_iter().map(|(call, want)| (call, want, None));
    let tried = tries.into_iter().flat_map(|(answer, given)| {
        [
            (Call::TryLock(answer), Want::Lock, given),
            (Call::TryRead(answer), Want::Read, given),
            (Call::TryWrite(answer), Want::Write, given),
            (Call::TryAcquire(answer), Want::Permits(1), given),
            (Call::AcquireTimeout(answer), Want::Permits(1), None),
        ]
    });
    waits.chain(tried).find(|(known, ..)| known == call).map(|(_, want, given)| (want, given))
}

/// What the order calls the reading side of a reader-writer lock.
fn readers_of(name: &str) -> String {
    format!("{name}, read")
}

pub(crate) fn same(name: &str, really: i64, claimed: i64) -> Result<(), Refusal> {
    if really == claimed { Ok(()) } else { Err(format!("`{name}` is {really}, the row says {claimed}")) }
}
