//! Happens-before between the rows of a trace, by vector clocks: which rows of others a thread knows of.
//!
//! A clock says, for each thread, up to which row its steps happen before. It follows the edges of the language
//! reference and nothing else.

use std::collections::BTreeMap;

/// For each thread, the number of its latest row that is known.
type Clock = BTreeMap<String, usize>;

/// What everybody knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    threads: BTreeMap<String, Clock>,
    /// Mutexes, semaphores, events, atomics, closed channels, and the one of all indivisible blocks.
    places: BTreeMap<String, Clock>,
    /// One for each message sent so far, and one for each received, by channel.
    sent: BTreeMap<String, Vec<Clock>>,
    received: BTreeMap<String, Vec<Clock>>,
}

impl Order {
    /// The thread takes its step in this row.
    pub(crate) fn tick(&mut self, thread: &str, row: usize) {
        self.threads.entry(thread.to_owned()).or_default().insert(thread.to_owned(), row);
    }

    /// What the thread did so far happens before whatever acquires there later.
    pub(crate) fn release(&mut self, thread: &str, place: &str) {
        let mine = self.of(thread);
        merge(self.places.entry(place.to_owned()).or_default(), &mine);
    }

    /// A store: whoever reads it later learns from this thread alone.
    pub(crate) fn overwrite(&mut self, thread: &str, place: &str) {
        self.places.insert(place.to_owned(), self.of(thread));
    }

    /// What was released there happens before what the thread does now.
    pub(crate) fn acquire(&mut self, thread: &str, place: &str) {
        let place = self.places.get(place).cloned().unwrap_or_default();
        self.learn_clock(thread, &place);
    }

    /// The thread goes through a place that everybody passes one at a time.
    pub(crate) fn through(&mut self, thread: &str, place: &str) {
        self.acquire(thread, place);
        self.release(thread, place);
    }

    /// What was released there is over: nobody learns of it any more.
    pub(crate) fn forget(&mut self, place: &str) {
        self.places.remove(place);
    }

    /// Everything the other has done happens before what the thread does now.
    pub(crate) fn learn(&mut self, thread: &str, other: &str) {
        let other = self.of(other);
        self.learn_clock(thread, &other);
    }

    /// The thread puts a message into a channel with this room.
    pub(crate) fn send(&mut self, thread: &str, channel: &str, capacity: Option<i64>) {
        let position = self.sent.get(channel).map_or(0, Vec::len);
        let freed_by = capacity.and_then(|room| position.checked_sub(usize::try_from(room).ok()?));
        let room = freed_by.and_then(|receive| self.received.get(channel)?.get(receive)).cloned().unwrap_or_default();
        self.learn_clock(thread, &room);
        let mine = self.of(thread);
        self.sent.entry(channel.to_owned()).or_default().push(mine);
    }

    /// The thread takes the oldest message out.
    pub(crate) fn receive(&mut self, thread: &str, channel: &str) {
        let position = self.received.get(channel).map_or(0, Vec::len);
        let message = self.sent.get(channel).and_then(|sent| sent.get(position)).cloned().unwrap_or_default();
        self.learn_clock(thread, &message);
        let mine = self.of(thread);
        self.received.entry(channel.to_owned()).or_default().push(mine);
    }

    /// The thread gets the message with this number, which others may get, too.
    pub(crate) fn receive_number(&mut self, thread: &str, channel: &str, number: usize) {
        let message = self.sent.get(channel).and_then(|sent| sent.get(number)).cloned().unwrap_or_default();
        self.learn_clock(thread, &message);
    }

    /// Whether that row of the other thread happens before what the thread does now.
    pub(crate) fn knows(&self, thread: &str, other: &str, row: usize) -> bool {
        self.threads.get(thread).and_then(|clock| clock.get(other)).is_some_and(|known| *known >= row)
    }

    fn of(&self, thread: &str) -> Clock {
        self.threads.get(thread).cloned().unwrap_or_default()
    }

    fn learn_clock(&mut self, thread: &str, clock: &Clock) {
        merge(self.threads.entry(thread.to_owned()).or_default(), clock);
    }
}

fn merge(into: &mut Clock, other: &Clock) {
    for (thread, row) in other {
        let known = into.entry(thread.clone()).or_default();
        *known = (*known).max(*row);
    }
}
