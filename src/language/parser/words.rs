//! The words of the language, by what they begin.
//!
//! A word is reserved only where it begins a declaration or a statement; everywhere else it is a name. Which of the two
//! it is in a given place is the parser's business.

use super::super::suggest::nearest;
use crate::program::DeadlockCause;

/// The words that begin a declaration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Declaration {
    Scenario,
    Import,
    Param,
    Require,
    Const,
    Memory,
    Option,
    Expect,
    Observe,
    Always,
    Finally,
    Possible,
    Eventually,
    Var,
    Atomic,
    Mutex,
    ReentrantMutex,
    PoisoningMutex,
    FifoMutex,
    RwLock,
    FifoRwLock,
    Condvar,
    FifoCondvar,
    Semaphore,
    FifoSemaphore,
    Bounded,
    FifoBounded,
    Event,
    Once,
    Barrier,
    Channel,
    Oneshot,
    Watch,
    Broadcast,
    Queue,
    Lifo,
    Priority,
    Thread,
    Daemon,
    Timer,
    Fn,
}

/// The words that begin a statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Statement {
    Let,
    If,
    While,
    Loop,
    For,
    Break,
    Continue,
    Return,
    Match,
    Assert,
    Panic,
    Assume,
    Yield,
    Progress,
    Fence,
    Sleep,
    Work,
    Io,
    Either,
    With,
    When,
    Atomically,
}

const DECLARATIONS: [(&str, Declaration); 34] = [
    ("scenario", Declaration::Scenario),
    ("import", Declaration::Import),
    ("param", Declaration::Param),
    ("require", Declaration::Require),
    ("const", Declaration::Const),
    ("memory", Declaration::Memory),
    ("option", Declaration::Option),
    ("expect", Declaration::Expect),
    ("observe", Declaration::Observe),
    ("always", Declaration::Always),
    ("finally", Declaration::Finally),
    ("possible", Declaration::Possible),
    ("eventually", Declaration::Eventually),
    ("var", Declaration::Var),
    ("atomic", Declaration::Atomic),
    ("mutex", Declaration::Mutex),
    ("rwlock", Declaration::RwLock),
    ("condvar", Declaration::Condvar),
    ("semaphore", Declaration::Semaphore),
    ("bounded", Declaration::Bounded),
    ("event", Declaration::Event),
    ("once", Declaration::Once),
    ("barrier", Declaration::Barrier),
    ("channel", Declaration::Channel),
    ("oneshot", Declaration::Oneshot),
    ("watch", Declaration::Watch),
    ("broadcast", Declaration::Broadcast),
    ("queue", Declaration::Queue),
    ("lifo", Declaration::Lifo),
    ("priority", Declaration::Priority),
    ("thread", Declaration::Thread),
    ("daemon", Declaration::Daemon),
    ("timer", Declaration::Timer),
    ("fn", Declaration::Fn),
];

const STATEMENTS: [(&str, Statement); 22] = [
    ("let", Statement::Let),
    ("if", Statement::If),
    ("while", Statement::While),
    ("loop", Statement::Loop),
    ("for", Statement::For),
    ("break", Statement::Break),
    ("continue", Statement::Continue),
    ("return", Statement::Return),
    ("match", Statement::Match),
    ("assert", Statement::Assert),
    ("panic", Statement::Panic),
    ("assume", Statement::Assume),
    ("yield", Statement::Yield),
    ("progress", Statement::Progress),
    ("fence", Statement::Fence),
    ("sleep", Statement::Sleep),
    ("work", Statement::Work),
    ("io", Statement::Io),
    ("either", Statement::Either),
    ("with", Statement::With),
    ("when", Statement::When),
    ("atomically", Statement::Atomically),
];

/// Words that begin declarations of the language that this release does not have.
const REFUSED_DECLARATIONS: [&str; 7] = ["notify", "pipe", "pool", "task", "process", "executor", "async"];

/// Words before a declaration that change it, each with a word that follows it.
const PREFIXES: [(&str, &str, Declaration); 7] = [
    ("reentrant", "mutex", Declaration::ReentrantMutex),
    ("poisoning", "mutex", Declaration::PoisoningMutex),
    ("fifo", "mutex", Declaration::FifoMutex),
    ("fifo", "rwlock", Declaration::FifoRwLock),
    ("fifo", "condvar", Declaration::FifoCondvar),
    ("fifo", "semaphore", Declaration::FifoSemaphore),
    ("fifo", "bounded", Declaration::FifoBounded),
];

/// Words kept for later versions.
const RESERVED: [&str; 19] = [
    "class",
    "enum",
    "struct",
    "type",
    "trait",
    "mod",
    "use",
    "pub",
    "machine",
    "cores",
    "gil",
    "fault",
    "crash",
    "link",
    "node",
    "clock",
    "time",
    "interface",
    "component",
];

/// Causes of deadlock that the language lists and this release never names.
const REFUSED_CAUSES: [&str; 1] = ["executor_blocked"];

/// What other languages call a declaration.
const FOREIGN_DECLARATIONS: [(&str, &str); 14] = [
    ("let", "var"),
    ("int", "var"),
    ("static", "var"),
    ("shared", "var"),
    ("global", "var"),
    ("volatile", "var"),
    ("function", "fn"),
    ("func", "fn"),
    ("def", "fn"),
    ("lock", "mutex"),
    ("condition", "condvar"),
    ("chan", "channel"),
    ("invariant", "always"),
    ("parameter", "param"),
];

/// What other languages call a statement.
const FOREIGN_STATEMENTS: [(&str, &str); 9] = [
    ("elif", "else if"),
    ("elsif", "else if"),
    ("switch", "match"),
    ("foreach", "for"),
    ("lock", "with"),
    ("synchronized", "with"),
    ("throw", "panic"),
    ("raise", "panic"),
    ("int", "let"),
];

/// Words that go on with a declaration or a statement.
const CONNECTING: [&str; 9] = ["by", "closed", "else", "in", "is", "none", "or", "otherwise", "spawn"];

/// Every word that the language itself gives a meaning to in its place, built or not: for whoever colours texts.
pub fn keywords() -> impl Iterator<Item = &'static str> {
    let declarations = DECLARATIONS.iter().map(|(word, _)| *word);
    let statements = STATEMENTS.iter().map(|(word, _)| *word);
    let prefixes = PREFIXES.iter().map(|(prefix, ..)| *prefix);
    declarations.chain(statements).chain(REFUSED_DECLARATIONS).chain(prefixes).chain(CONNECTING)
}

/// The words that declare objects, with those that change them (`fifo mutex`), each with the kind of object.
pub fn object_words() -> impl Iterator<Item = (String, &'static str)> {
    let plain = DECLARATIONS.into_iter().map(|(word, declaration)| (word.to_owned(), declaration));
    let prefixed = PREFIXES.into_iter().map(|(prefix, word, declaration)| (format!("{prefix} {word}"), declaration));
    plain.chain(prefixed).filter_map(|(words, declaration)| Some((words, declaration.object()?)))
}

impl Declaration {
    /// The kind of object that it declares.
    fn object(self) -> Option<&'static str> {
        Some(match self {
            Declaration::Var => "var",
            Declaration::Atomic => "atomic",
            Declaration::Mutex | Declaration::ReentrantMutex | Declaration::PoisoningMutex | Declaration::FifoMutex => {
                "mutex"
            }
            Declaration::RwLock | Declaration::FifoRwLock => "rwlock",
            Declaration::Condvar | Declaration::FifoCondvar => "condvar",
            Declaration::Semaphore | Declaration::FifoSemaphore | Declaration::Bounded | Declaration::FifoBounded => {
                "semaphore"
            }
            Declaration::Event => "event",
            Declaration::Once => "once",
            Declaration::Timer => "timer",
            Declaration::Barrier => "barrier",
            Declaration::Channel => "channel",
            Declaration::Oneshot => "oneshot",
            Declaration::Watch => "watch",
            Declaration::Broadcast => "broadcast",
            Declaration::Queue | Declaration::Lifo | Declaration::Priority => "queue",
            Declaration::Scenario
            | Declaration::Import
            | Declaration::Param
            | Declaration::Require
            | Declaration::Const
            | Declaration::Memory
            | Declaration::Option
            | Declaration::Expect
            | Declaration::Observe
            | Declaration::Always
            | Declaration::Finally
            | Declaration::Possible
            | Declaration::Eventually
            | Declaration::Thread
            | Declaration::Daemon
            | Declaration::Fn => return None,
        })
    }
}

/// The declaration that `word` begins.
pub(super) fn declaration(word: &str) -> Option<Declaration> {
    DECLARATIONS.iter().find(|(name, _)| *name == word).map(|(_, declaration)| *declaration)
}

/// Whether `word` changes the declaration that follows it.
pub(super) fn changes_declaration(word: &str) -> bool {
    followers(word).next().is_some()
}

/// The words that may follow one that changes a declaration.
pub(super) fn followers(prefix: &str) -> impl Iterator<Item = &'static str> {
    PREFIXES.iter().filter(move |(name, ..)| *name == prefix).map(|(_, follower, _)| *follower)
}

/// The declaration that these two words begin, and the second of them.
pub(super) fn prefixed(prefix: &str, word: &str) -> Option<(&'static str, Declaration)> {
    let found = PREFIXES.iter().find(|(name, follower, _)| *name == prefix && *follower == word);
    found.map(|(_, follower, declaration)| (*follower, *declaration))
}

/// `` `a` ``, `` `a` or `b` ``, `` `a`, `b` or `c` ``.
pub(super) fn alternatives(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// The statement that `word` begins.
pub(super) fn statement(word: &str) -> Option<Statement> {
    STATEMENTS.iter().find(|(name, _)| *name == word).map(|(_, statement)| *statement)
}

/// Whether `word` begins a declaration that is refused by name.
pub(super) fn is_refused(word: &str) -> bool {
    REFUSED_DECLARATIONS.contains(&word)
}

/// Whether the word behind this one belongs to the name of the construct (`reentrant mutex`, `async fn`).
pub(super) fn is_prefix(word: &str) -> bool {
    changes_declaration(word) || matches!(word, "async" | "bounded")
}

/// Whether `word` is kept for later versions.
pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

/// Whether `word` begins a declaration of the language, built or not.
pub(super) fn begins_declaration(word: &str) -> bool {
    declaration(word).is_some() || changes_declaration(word) || is_refused(word)
}

/// The cause of deadlock that `word` names.
pub(super) fn cause(word: &str) -> Option<DeadlockCause> {
    DeadlockCause::ALL.into_iter().find(|cause| cause.word() == word)
}

/// All causes of deadlock, for people.
pub(super) fn causes() -> String {
    DeadlockCause::ALL.map(|cause| format!("`{}`", cause.word())).join(", ")
}

/// Whether the language lists this cause of deadlock, and this release never names it.
pub(super) fn is_refused_cause(word: &str) -> bool {
    REFUSED_CAUSES.contains(&word)
}

/// The cause of deadlock that was meant.
pub(super) fn nearest_cause(word: &str) -> Option<&'static str> {
    nearest(word, DeadlockCause::ALL.map(DeadlockCause::word).into_iter().chain(REFUSED_CAUSES))
}

/// The word for a declaration that was meant.
pub(super) fn nearest_declaration(word: &str) -> Option<&'static str> {
    let foreign = FOREIGN_DECLARATIONS.iter().find(|(name, _)| *name == word).map(|(_, ours)| *ours);
    let prefixes = PREFIXES.iter().map(|(prefix, ..)| *prefix);
    let all = DECLARATIONS.iter().map(|(name, _)| *name).chain(REFUSED_DECLARATIONS).chain(prefixes);
    foreign.or_else(|| nearest(word, all))
}

/// The word for a statement that was meant.
pub(super) fn nearest_statement(word: &str) -> Option<&'static str> {
    let foreign = FOREIGN_STATEMENTS.iter().find(|(name, _)| *name == word).map(|(_, ours)| *ours);
    foreign.or_else(|| nearest(word, STATEMENTS.iter().map(|(name, _)| *name).chain(["else"])))
}
