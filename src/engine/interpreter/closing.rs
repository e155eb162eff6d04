//! What closes: by a call, or with the last of the threads that the declaration names.

use super::backend::Backend;
use super::monitor::Inside;

/// Whether something is closed, and how many ends it still waits for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lid {
    pub(crate) closed: bool,
    /// Threads whose end it waits for, where it closes itself.
    closers: usize,
}

impl Lid {
    /// Before the first step; `closers`: how many ends it waits for, if it closes itself.
    pub(crate) fn new(closers: Option<usize>) -> Self {
        Self { closed: closers == Some(0), closers: closers.unwrap_or(0) }
    }

    /// One of the threads that it waits for has ended.
    fn closer_ended(&mut self) {
        self.closers = self.closers.saturating_sub(1);
        self.closed |= self.closers == 0;
    }
}

/// What has a lid.
pub(crate) trait Closes {
    /// The lid.
    fn lid(&mut self) -> &mut Lid;
}

/// The inside of a monitor around what has a lid.
pub(crate) trait Closing {
    /// One of the threads that it waits for has ended.
    fn closer_ended(&self);
    /// Wakes whoever waits, and leaves.
    fn leave(self: Box<Self>);
}

impl<B: Backend, T: Closes> Closing for Inside<'_, B, T> {
    fn closer_ended(&self) {
        self.data(|data| data.lid().closer_ended());
    }

    fn leave(self: Box<Self>) {
        self.leave_changed();
    }
}
