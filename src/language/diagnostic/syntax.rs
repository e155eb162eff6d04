//! The messages of the reader, the lexer and the parser: E01xx.
//!
//! One function per message; a code is never used for two of them.

use super::Diagnostic;
use crate::program::Span;

// E0101 to E0109: characters and literals.

/// E0101: characters that no token begins with.
pub(crate) fn stray_characters(span: Span, text: &str) -> Diagnostic {
    let mut letters = text.chars();
    let (first, single) = (letters.next(), letters.next().is_none());
    let message = if single { format!("stray character `{text}`") } else { format!("stray characters `{text}`") };
    let diagnostic = Diagnostic::error("E0101", span, message);
    match first.and_then(ascii_twin) {
        Some(twin) => diagnostic.help(format!("did you mean `{twin}`?")),
        None if first == Some('\'') => diagnostic.help("texts stand in double quotes; there are no labels"),
        None => diagnostic.label("no token begins like this"),
    }
}

/// What a typographic character was on the keyboard.
fn ascii_twin(c: char) -> Option<char> {
    Some(match c {
        '“' | '”' | '„' | '«' | '»' => '"',
        '–' | '—' | '−' => '-',
        '；' | ';' => ';',
        '，' => ',',
        '（' => '(',
        '）' => ')',
        '｛' => '{',
        '｝' => '}',
        '×' | '·' => '*',
        '÷' => '/',
        _ => return None,
    })
}

/// E0102: a text that is not closed on its line.
pub(crate) fn open_text(span: Span) -> Diagnostic {
    Diagnostic::error("E0102", span, "this text is not closed")
        .label("expected `\"` before the end of the line")
        .help("a text ends on its line; `\\n` in it is a line break")
}

/// E0103: a backslash in a text before something that is no escape.
pub(crate) fn unknown_escape(span: Span, escape: &str) -> Diagnostic {
    Diagnostic::error("E0103", span, format!("unknown escape `{escape}`"))
        .help("the escapes are `\\n`, `\\r`, `\\t`, `\\0`, `\\\\`, `\\\"`, `\\'` and `\\u{…}`")
}

/// E0104: what begins like a number and is none.
pub(crate) fn malformed_number(span: Span, text: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0104", span, format!("`{text}` is not a number"));
    if text.contains('.') {
        diagnostic.help("there are only integers; give a duration in a smaller unit (`us`, `ms`, `s`)")
    } else if text.starts_with("0x") || text.starts_with("0b") || text.starts_with("0o") {
        diagnostic.help("integers are decimal")
    } else {
        diagnostic.help("integers are decimal digits with `_` between them; durations end in `us`, `ms` or `s`")
    }
}

/// E0105: an integer or a duration that does not fit.
pub(crate) fn number_too_large(span: Span) -> Diagnostic {
    Diagnostic::error("E0105", span, "this number is too large")
        .label(format!("integers have 64 bits: at most {}", i64::MAX))
}

/// E0106: `/* … */`
pub(crate) fn block_comment(span: Span) -> Diagnostic {
    let opening = Span::new(span.start, span.start + 2);
    Diagnostic::error("E0106", opening, "there are no block comments").help("begin each line of the comment with `//`")
}

/// E0107: a name with letters outside ASCII.
pub(crate) fn name_not_ascii(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("E0107", span, format!("`{name}` is not a name"))
        .label("names are made of ASCII letters, digits and `_`")
}

/// E0108: a duration where there is no time.
pub(crate) fn misplaced_duration(span: Span) -> Diagnostic {
    Diagnostic::error(
        "E0108",
        span,
        "a duration stands only in `sleep(…)`, `work(…)`, `io(…)` and operations with a time-out",
    )
}

/// E0109: `sleep(10)`
pub(crate) fn expected_duration(span: Span, text: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0109", span, format!("expected a duration, found {text}"));
    diagnostic.help("a duration is a number with `us`, `ms` or `s`, such as `10ms`")
}

// E0110 to E0119: shape.

/// E0110: something else than the grammar allows.
pub(crate) fn expected(span: Span, what: &str, found: &str) -> Diagnostic {
    Diagnostic::error("E0110", span, format!("expected {what}, found {found}"))
}

/// E0110 as well, between two tokens: what is missing belongs right behind the first.
pub(crate) fn expected_here(gap: Span, what: &str) -> Diagnostic {
    Diagnostic::error("E0110", gap, format!("expected {what}")).label("here")
}

/// E0111: a statement or declaration without its `;`.
pub(crate) fn missing_semicolon(gap: Span) -> Diagnostic {
    Diagnostic::error("E0111", gap, "missing `;`").label("add `;` here")
}

/// E0112: a `{` that the end of the file or the next declaration comes too early for.
pub(crate) fn unclosed_brace(open: Span) -> Diagnostic {
    Diagnostic::error("E0112", open, "this `{` is never closed")
}

/// E0113: a `(` or `[` without its partner.
pub(crate) fn unclosed_bracket(gap: Span, open: Span, spelling: &str, closing: &str) -> Diagnostic {
    Diagnostic::error("E0113", gap, format!("this `{spelling}` is never closed"))
        .label(format!("expected `{closing}` here"))
        .related(open, format!("`{spelling}` opened here"))
}

/// E0114: a closing bracket that nothing opened.
pub(crate) fn unmatched_closing(span: Span, spelling: &str) -> Diagnostic {
    Diagnostic::error("E0114", span, format!("this `{spelling}` closes nothing"))
}

/// E0115: a word that begins no declaration.
pub(crate) fn unknown_declaration(span: Span, word: &str) -> Diagnostic {
    Diagnostic::error("E0115", span, format!("`{word}` does not begin a declaration"))
}

/// E0116: a word that begins no statement.
pub(crate) fn unknown_statement(span: Span, word: &str) -> Diagnostic {
    Diagnostic::error("E0116", span, format!("`{word}` does not begin a statement"))
}

/// E0117: a statement at the top level.
pub(crate) fn statement_outside(span: Span) -> Diagnostic {
    Diagnostic::error("E0117", span, "a statement outside of every thread")
        .help("statements stand in the body of a `thread` or a `fn`")
}

/// E0118: a declaration in a body.
pub(crate) fn declaration_inside(span: Span, word: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0118", span, format!("`{word}` stands inside a body"));
    let diagnostic = diagnostic.label("declarations stand at the top level");
    if matches!(word, "var" | "const") { diagnostic.help("a local is declared with `let`") } else { diagnostic }
}

/// E0119: a word kept for later versions of the language.
pub(crate) fn reserved(span: Span, word: &str) -> Diagnostic {
    Diagnostic::error("E0119", span, format!("`{word}` is reserved for a later version of the language"))
}

// E0120 to E0139: meaning that the shape alone decides.

/// E0120: `a < b < c`
pub(crate) fn chained_comparison(span: Span, first: Span) -> Diagnostic {
    Diagnostic::error("E0120", span, "comparisons cannot be chained").related(first, "the comparison before it")
}

/// E0121: an expression whose value nobody takes.
pub(crate) fn no_effect(span: Span) -> Diagnostic {
    Diagnostic::error("E0121", span, "this statement does nothing").label("neither an assignment nor a call")
}

/// E0122: an assignment to something that holds no value.
pub(crate) fn not_assignable(span: Span) -> Diagnostic {
    Diagnostic::error("E0122", span, "this can't be assigned to").label("expected a name or an element such as `a[i]`")
}

/// E0123: `let x: i64 = 0;`
pub(crate) fn no_types(span: Span) -> Diagnostic {
    Diagnostic::error("E0123", span, "there are no types")
        .label("leave this out")
        .help("a value's type is that of the first value it gets")
}

/// E0124: `let mut x = 0;`
pub(crate) fn no_mut(span: Span) -> Diagnostic {
    Diagnostic::error("E0124", span, "there is no `mut`")
        .label("leave this out")
        .help("every local may be assigned again")
}

/// E0125: `c.wait(&m)`
pub(crate) fn no_references(span: Span) -> Diagnostic {
    Diagnostic::error("E0125", span, "there are no references")
        .label("leave this out")
        .help("objects are used by their names")
}

/// E0126: `println!("…")`
pub(crate) fn no_macros(span: Span, name: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0126", span, "there are no macros");
    match name {
        "assert" => diagnostic.help("write `assert CONDITION, \"text\";`"),
        "assert_eq" => diagnostic.help("write `assert A == B, \"text\";`"),
        "assert_ne" => diagnostic.help("write `assert A != B, \"text\";`"),
        "panic" => diagnostic.help("write `panic \"text\";`"),
        "unreachable" | "todo" | "unimplemented" => diagnostic.help("write `panic;`"),
        _ => diagnostic,
    }
}

/// E0127: `c.recv()?`
pub(crate) fn no_question_mark(span: Span) -> Diagnostic {
    Diagnostic::error("E0127", span, "there is no `?`")
        .label("leave this out")
        .help("an operation whose result is not taken apart panics unless it is `some(v)`")
}

/// E0128: `Ordering::SeqCst`
pub(crate) fn no_paths(span: Span, instead: &str) -> Diagnostic {
    Diagnostic::error("E0128", span, "there are no paths").help(format!("write `{instead}`"))
}

/// E0129: `x++`
pub(crate) fn no_increment(span: Span, operator: &str) -> Diagnostic {
    let assignment = if operator == "++" { "+=" } else { "-=" };
    Diagnostic::error("E0129", span, format!("there is no `{operator}`")).help(format!("write `{assignment} 1`"))
}

/// E0130: a name that would make schedules and texts unreadable.
pub(crate) fn thread_named_by_word(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("E0130", span, format!("a thread can't be called `{name}`"))
        .label("this word begins a declaration")
}

/// E0131: `true`, `false` or `_` as a name.
pub(crate) fn not_a_name(span: Span, word: &str) -> Diagnostic {
    Diagnostic::error("E0131", span, format!("`{word}` can't be a name"))
}

/// E0132: `e is some(v)`
pub(crate) fn is_binds_nothing(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("E0132", span, format!("`is` does not bind `{name}`"))
        .label("write `_`, or leave the parentheses out")
        .help("`if let` and `while let` bind the value")
}

/// E0133: `some(3)`
pub(crate) fn pattern_too_rich(span: Span) -> Diagnostic {
    Diagnostic::error("E0133", span, "a pattern looks only one level deep")
        .label("expected a name or `_`")
        .help("compare the value inside the arm")
}

/// E0143: `Some(v)`
pub(crate) fn foreign_pattern(span: Span, word: &str, ours: &str) -> Diagnostic {
    Diagnostic::error("E0143", span, format!("`{word}` is not a pattern")).help(format!("did you mean `{ours}`?"))
}

/// E0134: a `match` arm without braces.
pub(crate) fn arm_without_braces(span: Span) -> Diagnostic {
    Diagnostic::error("E0134", span, "the body of an arm stands in braces").label("expected `{`")
}

/// E0135: `if` as an expression without `else`.
pub(crate) fn if_without_else(gap: Span) -> Diagnostic {
    Diagnostic::error("E0135", gap, "an `if` that gives a value needs an `else`").label("expected `else { … }` here")
}

/// E0136: a statement where a value is needed.
pub(crate) fn statement_as_value(span: Span, word: &str) -> Diagnostic {
    Diagnostic::error("E0136", span, format!("`{word}` is a statement and gives no value"))
        .help("declare a local before it and assign it inside")
}

/// E0137: a version this release does not read.
pub(crate) fn unknown_version(span: Span) -> Diagnostic {
    Diagnostic::error("E0137", span, "this version of the language is not known").label("this release reads version 1")
}

/// E0138: `expect deadlock(nonsense)`
pub(crate) fn unknown_cause(span: Span, word: &str) -> Diagnostic {
    Diagnostic::error("E0138", span, format!("`{word}` is not a cause of deadlock"))
}

/// E0139: `expect nonsense`
pub(crate) fn unknown_expectation(span: Span, word: &str) -> Diagnostic {
    Diagnostic::error("E0139", span, format!("`{word}` is not something to expect"))
}

// E0140 to E0149: an object declared without what it needs, or with too much.

/// E0140: `var x;`
pub(crate) fn missing_initial_value(gap: Span, word: &str, name: &str) -> Diagnostic {
    Diagnostic::error("E0140", gap, format!("`{name}` has no first value"))
        .label("expected `= VALUE` here")
        .help(format!("write `{word} {name} = 0;`"))
}

/// E0141: `barrier b;`
pub(crate) fn missing_parties(gap: Span, name: &str) -> Diagnostic {
    Diagnostic::error("E0141", gap, format!("the barrier `{name}` needs a number of threads"))
        .label("how many threads meet is missing")
        .help(format!("write `barrier {name}(2);`"))
}

/// E0141: `broadcast b;`
pub(crate) fn missing_places(gap: Span, name: &str) -> Diagnostic {
    Diagnostic::error("E0141", gap, format!("`{name}` does not say how many values it keeps"))
        .label("expected `(PLACES)` here")
        .help(format!("write `broadcast {name}(4);`: who falls further behind misses values"))
}

/// E0141: `semaphore s;`
pub(crate) fn missing_permits(gap: Span, name: &str) -> Diagnostic {
    Diagnostic::error("E0141", gap, format!("`{name}` has no number of permits"))
        .label("expected `(PERMITS)` here")
        .help(format!("write `semaphore {name}(1);`"))
}

/// E0142: `thread t[3] { }`
pub(crate) fn group_without_index(span: Span, count: &str) -> Diagnostic {
    Diagnostic::error("E0142", span, "a group of threads names its index").help(format!("write `[i in 0..{count}]`"))
}

/// E0144: `expect race(x + 1)`
pub(crate) fn not_a_subject(span: Span) -> Diagnostic {
    Diagnostic::error("E0144", span, "a finding is about one object or thread")
        .label("expected a name or an element such as `x[0]`")
}

// E0150 to E0159: limits.

/// E0150: brackets, blocks and unary operators in each other.
pub(crate) fn nested_too_deeply(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error("E0150", span, "nested too deeply").label(format!("at most {limit} levels"))
}

/// E0151: an expression with too many operators.
pub(crate) fn too_many_operators(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error("E0151", span, "too many operators in one expression").label(format!("at most {limit}"))
}

/// E0152: an expression with too many calls, indices and fields.
pub(crate) fn too_many_postfixes(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error("E0152", span, "too many calls and indices in one expression").label(format!("at most {limit}"))
}

/// E0153: a file that is longer than any scenario.
pub(crate) fn too_large(limit: usize) -> Diagnostic {
    Diagnostic::error("E0153", Span::default(), format!("the file is larger than {} KiB", limit / 1024))
}

/// E0154: bytes that are no text.
pub(crate) fn not_utf8(line: usize, byte: u8) -> Diagnostic {
    Diagnostic::error("E0154", Span::default(), format!("the file is not UTF-8: byte 0x{byte:02x} in line {line}"))
}

/// E0156: an imported file that cannot be used.
pub(crate) fn cannot_import(span: Span, name: &str, why: &str) -> Diagnostic {
    Diagnostic::error("E0156", span, format!("cannot import `{name}`: {why}"))
}

/// E0157: files that import each other in a circle. `cycle` begins and ends with the same file.
pub(crate) fn import_cycle(span: Span, cycle: &[&str]) -> Diagnostic {
    let path: Vec<String> = cycle.iter().map(|name| format!("`{name}`")).collect();
    Diagnostic::error("E0157", span, format!("files import each other in a circle: {}", path.join(" imports ")))
        .help("move what both need into a file of its own")
}

/// E0158: a declaration that belongs to the scenario itself, in an imported file.
pub(crate) fn not_importable(span: Span, word: &str, import: Span) -> Diagnostic {
    Diagnostic::error("E0158", span, format!("a file with `{word}` cannot be imported"))
        .label("this belongs to a scenario of its own")
        .related(import, "imported here")
        .help("an imported file may have parameters, constants, `require`, objects, functions and properties")
}

/// E0155: nothing in the file.
pub(crate) fn empty(span: Span) -> Diagnostic {
    Diagnostic::error("E0155", span, "the file declares nothing")
        .help("a scenario needs at least one `thread NAME { … }`")
}
