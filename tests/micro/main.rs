//! What the primitives do, as tables of small scenarios with their hand-written, exact outcome sets; a file for each
//! primitive.
//!
//! A missing scheduling point shows as a missing outcome, a wrong guard as an extra one. Each case is explored by the
//! native checker without any reduction, and run on every other engine that can express it.

mod barrier;
mod basics;
mod broadcast;
mod channel;
mod check;
mod condvar;
mod event;
mod mutex;
mod once;
mod oneshot;
mod order;
mod pairs;
mod queue;
mod rwlock;
mod semaphore;
mod spawn;
mod spurious;
mod timer;
mod waits;
mod watch;
