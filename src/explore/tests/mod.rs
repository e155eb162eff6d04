//! The search on systems that are no programs: small graphs with known answers, random graphs against a slow and obvious
//! search, and the bounded buffer that other checkers have counted.

#![expect(clippy::unwrap_used, reason = "tests")]

mod buffer;
mod cases;
mod liveness;
mod oracle;
pub(crate) mod toy;
