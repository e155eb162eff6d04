//! Edits of the gallery, and what they must or must not change.
//!
//! A `yield;` anywhere changes nothing (a missing scheduling point would show), nor do other names or another order of
//! declarations. A small mistake in a mended scenario changes something: one that survives all of them tests nothing.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod edits;
mod gallery;
mod mutations;
mod names;
mod yields;
