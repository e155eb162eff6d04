//! The pages about the language, as part of the program: what `help language` prints, and the entry of every code.

/// The reference of the language.
pub const REFERENCE: &str = include_str!("../../docs/language.md");

/// The page with an entry for every code of a diagnostic.
pub const DIAGNOSTICS: &str = include_str!("../../docs/diagnostics.md");

/// What an entry begins with.
const HEADING: &str = "\n## ";

/// The entry of a code: its heading and what stands below, as on the page.
#[must_use]
pub fn entry(code: &str) -> Option<&'static str> {
    DIAGNOSTICS.split(HEADING).skip(1).find(|entry| code_of(entry) == code).map(str::trim_end)
}

/// Every code that has an entry, in the order of the page.
pub fn codes() -> impl Iterator<Item = &'static str> {
    DIAGNOSTICS.split(HEADING).skip(1).map(code_of)
}

fn code_of(entry: &str) -> &str {
    entry.split(':').next().unwrap_or(entry)
}
