//! Operations on onces.

use crate::program::LocalId;
use serde::{Deserialize, Serialize};

/// On a `once`. `o.call { … }` is `Begin`, then the block and `End` where the thread is the one that runs it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum OnceOp {
    /// The beginning of `call { … }`: blocks while somebody runs the block.
    Begin {
        /// Where it goes whether the once is poisoned: `some` or `poisoned`.
        tag: LocalId,
        /// Where it goes whether the thread is to run the block.
        runs: LocalId,
    },
    /// The end of the block, by whoever runs it; also where it fails.
    End,
    /// `is_completed()`
    IsCompleted {
        /// Where the Boolean goes.
        to: LocalId,
    },
}
