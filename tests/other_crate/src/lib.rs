//! A ticket counter; its design is explored in `scenarios/locks/tickets.ilv`.

use std::sync::Mutex;

/// How many tickets are sold.
#[derive(Debug, Default)]
pub struct Tickets {
    sold: Mutex<u32>,
}

impl Tickets {
    /// Sells one, and says which.
    pub fn sell(&self) -> u32 {
        let mut sold = self.sold.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        *sold += 1;
        *sold
    }
}
