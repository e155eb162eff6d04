//! Threads that are started at run time: which functions are started as threads, and how many slots each has.
//!
//! A state has room for a fixed number of threads, so every function that some thread starts gets slots: as many as its
//! `spawn` can be reached, or as many as there is room for where that is more or cannot be known. To start a thread where
//! no slot is left is a limit, never a finding.

use super::{CodeId, Fault, LocalId, ObjectId, ObjectKind, Op, Program, Span, SpawnId, Thread, ThreadId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Threads in all, declared ones and slots: a set of them fits into 64 bits.
pub const THREADS_MAX: usize = 64;

/// Slots for threads that are started at run time, unless somebody asks for another number.
pub const SPAWNED_DEFAULT: usize = 16;

/// A function that is started as a thread; once more for daemons, whose threads are daemons, too.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Spawnable {
    /// Name of the function.
    pub function: String,
    /// What its threads run. The parameters are the first locals.
    pub code: CodeId,
    /// Whether the program may end without them: they are what starts them.
    pub daemon: bool,
    /// Where a thread leaves what the function returns; `None` where it returns nothing.
    pub result: Option<LocalId>,
    /// How many of them can be started at most; `None` where there is no bound, or one beyond [`THREADS_MAX`].
    pub bound: Option<u32>,
    /// The function's declaration.
    pub span: Span,
    /// The first slot.
    pub first: ThreadId,
    /// Number of slots.
    pub slots: u32,
}

impl Spawnable {
    /// The thread that a handle means.
    ///
    /// # Errors
    /// [`Fault::NoThread`] where it means none.
    pub fn thread(&self, handle: i64) -> Result<ThreadId, Fault> {
        let position = handle.checked_sub(1).and_then(|position| usize::try_from(position).ok());
        let position = position.filter(|position| *position < self.room()).ok_or(Fault::NoThread)?;
        Ok(ThreadId::new(self.first.index() + position))
    }

    /// The handle of a slot.
    #[must_use]
    pub fn handle(&self, thread: ThreadId) -> i64 {
        i64::from(thread.0) - i64::from(self.first.0) + 1
    }

    /// The slots, in the order in which they are taken.
    pub fn threads(&self) -> impl ExactSizeIterator<Item = ThreadId> + use<> {
        let first = self.first.index();
        (first..first + self.room()).map(ThreadId::new)
    }

    fn room(&self) -> usize {
        usize::try_from(self.slots).expect("u32 fits into usize")
    }
}

impl Program {
    /// The function with this index.
    #[must_use]
    pub fn spawnable(&self, id: SpawnId) -> &Spawnable {
        &self.spawned[id.index()]
    }

    /// The threads that start with the program.
    pub fn declared(&self) -> impl Iterator<Item = &Thread> {
        self.threads.iter().filter(|thread| thread.starts_with_program())
    }

    /// Gives every function that is started as a thread its slots: at most `at_most` in all. Where that is not enough for
    /// all of them, none gets more than another one that lacks some.
    ///
    /// # Panics
    /// Never: there is room for [`THREADS_MAX`] threads at most.
    pub fn make_room(&mut self, at_most: usize) {
        self.threads.retain(|thread| thread.spawned.is_none());
        let room = at_most.min(THREADS_MAX.saturating_sub(self.threads.len()));
        let share = |spawnable: &Spawnable, most: usize| {
            let bound = spawnable.bound.and_then(|bound| usize::try_from(bound).ok());
            bound.unwrap_or(usize::MAX).min(most)
        };
        let fits = |most: &usize| self.spawned.iter().map(|spawnable| share(spawnable, *most)).sum::<usize>() <= room;
        let most = (0..=room).rev().find(fits).unwrap_or(0);
        for (position, spawnable) in self.spawned.iter_mut().enumerate() {
            let slots = share(spawnable, most);
            spawnable.first = ThreadId::new(self.threads.len());
            spawnable.slots = u32::try_from(slots).expect("there are few slots");
            let named = self.threads.iter().filter(|thread| thread.group == spawnable.function).count();
            let locals = self.codes[spawnable.code.index()].locals.len();
            self.threads.extend((named + 1..=named + slots).map(|number| Thread {
                name: format!("{}#{number}", spawnable.function),
                group: spawnable.function.clone(),
                index: None,
                code: spawnable.code,
                initial: vec![0; locals],
                daemon: spawnable.daemon,
                spawned: Some(SpawnId::new(position)),
                timer: None,
                span: spawnable.span,
            }));
        }
        self.list_slots_that_listen();
    }

    /// Adds the slots to the listeners of every watched value and broadcast that their code asks.
    fn list_slots_that_listen(&mut self) {
        let declared = self.threads.iter().filter(|thread| thread.spawned.is_none()).count();
        let mut listening: BTreeSet<(ObjectId, ThreadId)> = BTreeSet::new();
        for spawnable in &self.spawned {
            let ops = self.codes[spawnable.code.index()].instrs.iter().filter_map(|instr| instr.kind.op());
            for object in ops.filter_map(Op::listens_to) {
                let len = usize::try_from(object.len).expect("u32 fits into usize");
                for element in (object.base.index()..object.base.index() + len).map(ObjectId::new) {
                    listening.extend(spawnable.threads().map(|thread| (element, thread)));
                }
            }
        }
        for (position, object) in self.objects.iter_mut().enumerate() {
            let id = ObjectId::new(position);
            if let ObjectKind::Watch { listeners, .. } | ObjectKind::Broadcast { listeners, .. } = &mut object.kind {
                listeners.retain(|listener| listener.index() < declared);
                listeners.extend(listening.iter().filter(|(asked, _)| *asked == id).map(|(_, thread)| *thread));
            }
        }
    }
}
