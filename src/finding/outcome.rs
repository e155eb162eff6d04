//! What the locals and objects that a scenario observes hold at a normal end.

use crate::program::Value;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Final values of what the scenario observes; `None` for a local that was never assigned.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Outcome(pub Vec<Option<Value>>);

impl fmt::Display for Outcome {
    /// As `expect outcomes` writes it: `(0, none)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<String> =
            self.0.iter().map(|value| value.map_or_else(|| "none".to_owned(), |value| value.to_string())).collect();
        write!(f, "({})", values.join(", "))
    }
}
