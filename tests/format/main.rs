//! The formatter: laws that hold for every text, and layouts as a person sees them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod laws;
mod layouts;
