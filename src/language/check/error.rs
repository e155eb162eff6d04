//! Every message of the checker, built by a named function: what, where, why, what to do.
//!
//! Codes: E02 names, E03 types, E04 operations, E05 constants and sizes, E06 statements and functions, E07 properties,
//! E08 lines at the top of the file, E09 what this release does not have.

use super::names::Declared;
use crate::language::diagnostic::Diagnostic;
use crate::program::{Fault, Span, Type};

/// Adds `help: did you mean …` where there is something near.
fn did_you_mean(diagnostic: Diagnostic, near: Option<&str>) -> Diagnostic {
    match near {
        Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
        None => diagnostic,
    }
}

/// `an integer`, `a Boolean`.
pub(super) fn a(ty: Type) -> &'static str {
    match ty {
        Type::Int => "an integer",
        Type::Bool => "a Boolean",
    }
}

/// `1 argument`, `2 arguments`.
fn count(number: usize, what: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {what}{s}")
}

// Names.

pub(super) fn declared_twice(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error("E0202", span, format!("`{name}` is declared twice"))
        .label("declared again here")
        .related(first, "first declared here")
        .help("parameters, constants, objects, functions and threads share one namespace: choose another name")
}

pub(super) fn unknown_name(name: &str, span: Span, near: Option<(&str, Option<Span>)>) -> Diagnostic {
    let mut diagnostic = Diagnostic::error("E0201", span, format!("nothing is called `{name}`")).label("unknown name");
    if let Some((near, declared)) = near {
        if let Some(declared) = declared {
            diagnostic = diagnostic.related(declared, format!("`{near}` is declared here"));
        }
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    }
    diagnostic
}

pub(super) fn local_hides(name: &str, span: Span, hidden: &Declared) -> Diagnostic {
    Diagnostic::error("E0203", span, format!("the local `{name}` would hide {} of the same name", hidden.what()))
        .label("a local of this name")
        .related(hidden.span, "declared here")
        .help("give the local another name")
}

pub(super) fn used_before_let(name: &str, span: Span, declared: Span) -> Diagnostic {
    Diagnostic::error("E0204", span, format!("the local `{name}` is used before it has a value"))
        .label("used here")
        .related(declared, "gets its first value here")
        .help(format!("move the `let {name}` up, or write one before this line"))
}

pub(super) fn out_of_scope(name: &str, span: Span, declared: Span) -> Diagnostic {
    Diagnostic::error("E0205", span, format!("the local `{name}` does not exist any more"))
        .label("outside its block")
        .related(declared, "it lives until the end of this block")
        .help(format!("declare `{name}` before the block and assign it inside"))
}

pub(super) fn not_a_function(name: &str, span: Span, what: &str, declared: Option<Span>) -> Diagnostic {
    let diagnostic =
        Diagnostic::error("E0206", span, format!("`{name}` is {what} and cannot be called")).label("not a function");
    match declared {
        Some(declared) => diagnostic.related(declared, "declared here"),
        None => diagnostic,
    }
}

pub(super) fn parameter_twice(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error("E0207", span, format!("two parameters of this function are called `{name}`"))
        .label("again here")
        .related(first, "first here")
}

pub(super) fn constant_too_early(name: &str, span: Span, declared: Span) -> Diagnostic {
    Diagnostic::error("E0208", span, format!("`{name}` is used before it is declared"))
        .label("used here")
        .related(declared, "declared here")
        .help("parameters and constants are evaluated in order: move the declaration up")
}

// Types.

pub(super) fn mismatch(span: Span, expected: Type, found: Type, why: &str) -> Diagnostic {
    Diagnostic::error("E0301", span, format!("{why} must be {}, not {}", a(expected), a(found))).label(a(found))
}

/// As `mismatch`, where the context alone asks for the type.
pub(super) fn wrong_here(span: Span, expected: Type, found: Type, why: &str) -> Diagnostic {
    let diagnostic = mismatch(span, expected, found, why);
    match expected {
        Type::Bool => diagnostic.help("compare it, as in `n != 0`"),
        Type::Int => diagnostic,
    }
}

pub(super) fn bit_operator_on_booleans(span: Span, operator: &str) -> Diagnostic {
    Diagnostic::error("E0301", span, format!("an operand of `{operator}` must be an integer, not a Boolean"))
        .label("a Boolean")
        .help(format!("on Booleans write `{operator}{operator}`"))
}

pub(super) fn xor_on_booleans(span: Span) -> Diagnostic {
    Diagnostic::error("E0301", span, "an operand of `^` must be an integer, not a Boolean")
        .label("a Boolean")
        .help("on Booleans write `!=`")
}

pub(super) fn different_sides(span: Span, what: &str, left: Type, right: Type) -> Diagnostic {
    Diagnostic::error("E0302", span, format!("{what}: one is {}, the other {}", a(left), a(right)))
        .label("of two different types")
}

pub(super) fn not_a_value(name: &str, span: Span, declared: &Declared, help: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0303", span, format!("`{name}` is {}, not a value", declared.what()))
        .label("a value is needed here")
        .related(declared.span, "declared here");
    if help.is_empty() { diagnostic } else { diagnostic.help(help) }
}

pub(super) fn bare_atomic(name: &str, span: Span, declared: Span) -> Diagnostic {
    Diagnostic::error("E0304", span, format!("the atomic `{name}` is read without saying how"))
        .label("a bare atomic")
        .related(declared, "declared here")
        .help(format!("write `{name}.load()`, or `{name}.load(relaxed)` for a weaker ordering"))
}

pub(super) fn gives_nothing(what: &str, span: Span, help: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0305", span, format!("{what} gives no value")).label("a value is needed here");
    if help.is_empty() { diagnostic } else { diagnostic.help(help) }
}

pub(super) fn handle_as_value(span: Span) -> Diagnostic {
    Diagnostic::error("E0309", span, "the handle of a thread is no value")
        .label("a value is needed here")
        .help("keep it in a local, `let h = spawn f();`, and ask it: `h.join()`, `h.is_finished()`")
}

pub(super) fn different_handles(span: Span, kept: &str, found: &str) -> Diagnostic {
    Diagnostic::error("E0309", span, format!("this local keeps handles of threads that run `{kept}`"))
        .label(format!("a thread that runs `{found}`"))
        .help("a local has one type: use another one for this handle")
}

pub(super) fn no_handle(span: Span, function: &str) -> Diagnostic {
    Diagnostic::error("E0309", span, format!("this local keeps handles of threads that run `{function}`"))
        .label("no handle")
        .help(format!("assign `spawn {function}(…)`, or another such handle"))
}

pub(super) fn wrong_handle(span: Span, why: &str, function: &str, found: Option<&str>) -> Diagnostic {
    Diagnostic::error("E0309", span, format!("{why} must be the handle of a thread that runs `{function}`"))
        .label(found.map_or_else(|| "no handle".to_owned(), |found| format!("a thread that runs `{found}`")))
        .help("the first use decides; for handles of other threads write another function")
}

pub(super) fn handle_for_value(span: Span, why: &str, expected: Type) -> Diagnostic {
    Diagnostic::error("E0309", span, format!("{why} must be {}, not the handle of a thread", a(expected)))
        .label("a handle")
        .help("ask it: `h.join()`, `h.is_finished()`")
}

pub(super) fn no_handle_passed(name: &str, span: Span, declared: Span) -> Diagnostic {
    Diagnostic::error("E0412", span, format!("nothing says that `{name}` is the handle of a thread"))
        .label("has no operations")
        .related(declared, "declared here")
        .help("a parameter is a handle where a call passes one: `let h = spawn f();`, then `…(h)`")
}

pub(super) fn result_pattern_on_value(span: Span) -> Diagnostic {
    Diagnostic::error("E0306", span, "this pattern is for a result, and the value here is none")
        .label("`some`, `none`, `closed`, … are cases of a result")
        .help("operations marked `T?` in the reference give results, such as `recv`, `compare_exchange` and `join`")
}

pub(super) fn value_pattern_on_result(span: Span) -> Diagnostic {
    Diagnostic::error("E0306", span, "this pattern is for an integer or a Boolean, and here is a result")
        .label("a value")
        .help("match the case, as in `some(v)`, and compare `v` inside")
}

pub(super) fn impossible_case(span: Span, operation: &str, case: &str, cases: &str) -> Diagnostic {
    Diagnostic::error("E0307", span, format!("`{operation}` never gives `{case}`"))
        .label("cannot happen")
        .help(format!("it gives {cases}"))
}

pub(super) fn case_without_value(span: Span, operation: &str, case: &str) -> Diagnostic {
    Diagnostic::error("E0307", span, format!("the `{case}` of `{operation}` has no value"))
        .label("nothing to name")
        .help(format!("write `{case}`"))
}

pub(super) fn not_all_cases(span: Span, missing: &str) -> Diagnostic {
    Diagnostic::error("E0308", span, format!("this `match` does not cover {missing}"))
        .label("not all cases are covered")
        .help("add the missing arms, or `_ => { }`")
}

// Operations.

pub(super) fn unknown_operation(
    method: &str,
    span: Span,
    what: &str,
    declared: Span,
    near: Option<&str>,
    all: &[&str],
) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0401", span, format!("{what} has no operation `{method}`"))
        .label("unknown operation")
        .related(declared, "declared here");
    match near {
        Some(_) => did_you_mean(diagnostic, near),
        None if all.is_empty() => diagnostic,
        None => diagnostic.help(format!("it has {}", list(all))),
    }
}

/// `a`, `b` and `c`
pub(super) fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

pub(super) fn operation_on_var(name: &str, span: Span, declared: Span, help: &str) -> Diagnostic {
    Diagnostic::error("E0401", span, format!("the variable `{name}` has no operations"))
        .label("plain memory is read by its name")
        .related(declared, "declared here")
        .help(help)
        .help(format!("or declare `atomic {name}`"))
}

pub(super) fn argument_count(
    method: &str,
    span: Span,
    expected: usize,
    orderings: usize,
    found: usize,
    signature: &str,
) -> Diagnostic {
    let takes = if expected == 0 { "no arguments".to_owned() } else { count(expected, "argument") };
    let takes = match orderings {
        0 => takes,
        1 => format!("{takes} and at most one ordering"),
        _ => format!("{takes} and two orderings or none"),
    };
    Diagnostic::error("E0402", span, format!("`{method}` takes {takes}, not {found}"))
        .label(count(found, "argument"))
        .help(format!("write `{signature}`"))
}

pub(super) fn one_ordering_of_two(span: Span, signature: &str) -> Diagnostic {
    Diagnostic::error("E0402", span, "a compare-exchange has two orderings: where it succeeds, and where it fails")
        .label("only one of them")
        .help(format!("write `{signature}`, or leave out both"))
}

pub(super) fn arithmetic_on_boolean_atomic(span: Span, method: &str, declared: Span) -> Diagnostic {
    Diagnostic::error("E0401", span, format!("`{method}` needs an atomic that holds an integer"))
        .label("this one holds a Boolean")
        .related(declared, "declared here")
        .help("Boolean atomics have `swap`, `fetch_and`, `fetch_or`, `fetch_xor` and `compare_exchange`")
}

pub(super) fn bad_ordering(ordering: &str, span: Span, what: &str, allowed: &[&str]) -> Diagnostic {
    Diagnostic::error("E0403", span, format!("{what} cannot be `{ordering}`"))
        .label("not an ordering for this")
        .help(format!("it can be {}", one_of(allowed)))
}

/// `a`, `b` or `c`
pub(super) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

pub(super) fn unknown_ordering(span: Span, near: Option<&str>) -> Diagnostic {
    did_you_mean(Diagnostic::error("E0404", span, "this is not an ordering").label("an ordering is expected"), near)
        .help("orderings are `relaxed`, `acquire`, `release`, `acq_rel`, `seq_cst`, and `plain` for a load or a store")
}

pub(super) fn wait_without_mutex(condvar: &str, wait: &str, span: Span, example: &str) -> Diagnostic {
    Diagnostic::error("E0405", span, format!("`{wait}` needs the mutex that it gives back while it waits"))
        .label("without a mutex")
        .help(format!("write `{condvar}.{example}`"))
}

pub(super) fn not_a_mutex(span: Span, what: &str, declared: Option<Span>) -> Diagnostic {
    let diagnostic =
        Diagnostic::error("E0405", span, format!("`wait` needs a mutex, and this is {what}")).label("not a mutex");
    match declared {
        Some(declared) => diagnostic.related(declared, "declared here"),
        None => diagnostic,
    }
}

pub(super) fn index_missing(name: &str, span: Span, what: &str, declared: Span) -> Diagnostic {
    Diagnostic::error("E0406", span, format!("`{name}` is {what}: say which one"))
        .label("an index is missing")
        .related(declared, "declared here")
        .help(format!("write `{name}[0]`"))
}

pub(super) fn not_an_array(name: &str, span: Span, what: &str, declared: Option<Span>) -> Diagnostic {
    let diagnostic =
        Diagnostic::error("E0407", span, format!("`{name}` is {what}, not an array")).label("cannot be indexed");
    match declared {
        Some(declared) => diagnostic.related(declared, "declared here"),
        None => diagnostic,
    }
}

pub(super) fn not_assignable(name: &str, span: Span, declared: &Declared, help: &str) -> Diagnostic {
    let diagnostic =
        Diagnostic::error("E0408", span, format!("`{name}` is {} and cannot be assigned", declared.what()))
            .label("cannot be assigned")
            .related(declared.span, "declared here");
    if help.is_empty() { diagnostic } else { diagnostic.help(help) }
}

pub(super) fn group_as_thread(name: &str, span: Span, method: &str, declared: Span) -> Diagnostic {
    Diagnostic::error("E0409", span, format!("`{name}` is a group of threads: `{method}` here is about one of them"))
        .label("an index is missing")
        .related(declared, "declared here")
        .help(format!("write `{name}[0].{method}()`; only the statement `{name}.join();` is about all of them"))
}

pub(super) fn not_for_with(span: Span, what: &str, declared: Option<Span>) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0410", span, format!("`with` takes a lock or a semaphore, not {what}"))
        .label("cannot be taken and released");
    match declared {
        Some(declared) => diagnostic.related(declared, "declared here"),
        None => diagnostic,
    }
}

pub(super) fn with_rwlock(span: Span, name: &str, declared: Span) -> Diagnostic {
    Diagnostic::error("E0440", span, format!("`{name}` is a reader-writer lock: `with` has to say which side it takes"))
        .label("to read or to write?")
        .related(declared, "declared here")
        .help(format!("write `with {name}.read() {{ … }}` or `with {name}.write() {{ … }}`"))
}

pub(super) fn not_a_once(span: Span, what: &str, declared: Option<Span>) -> Diagnostic {
    let diagnostic =
        Diagnostic::error("E0441", span, format!("`call {{ … }}` is an operation of a once, not of {what}"))
            .label("nothing that runs a block once");
    match declared {
        Some(declared) => diagnostic.related(declared, "declared here"),
        None => diagnostic,
    }
}

pub(super) fn call_without_block(name: &str, span: Span, declared: Span) -> Diagnostic {
    Diagnostic::error("E0441", span, "`call` takes the block that is to run once")
        .label("which block?")
        .related(declared, "declared here")
        .help(format!("write `{name}.call {{ … }}`"))
}

pub(super) fn not_a_channel(span: Span, what: &str, declared: Option<Span>) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0411", span, format!("`for … in` takes a range or a channel, not {what}"))
        .label("nothing to go through")
        .help("a range is written `0..n`");
    match declared {
        Some(declared) => diagnostic.related(declared, "declared here"),
        None => diagnostic,
    }
}

pub(super) fn not_an_object(span: Span, what: &str, declared: Option<Span>) -> Diagnostic {
    let diagnostic =
        Diagnostic::error("E0412", span, format!("operations belong to objects and threads, and this is {what}"))
            .label("has no operations");
    match declared {
        Some(declared) => diagnostic.related(declared, "declared here"),
        None => diagnostic,
    }
}

pub(super) fn closed_by_what(span: Span, name: &str, declared: &Declared) -> Diagnostic {
    Diagnostic::error(
        "E0413",
        span,
        format!("`closed by` takes a thread or a group of threads, not {}", declared.what()),
    )
    .label(format!("`{name}` never ends"))
    .related(declared.span, "declared here")
}

// Constants and sizes.

pub(super) fn not_constant(span: Span) -> Diagnostic {
    Diagnostic::error("E0501", span, "this must be a constant")
        .label("not known before the first step")
        .help("constants are numbers, `true`, `false`, parameters, `const` names, and operators on them")
}

pub(super) fn not_constant_name(name: &str, span: Span, declared: &Declared) -> Diagnostic {
    Diagnostic::error("E0501", span, format!("`{name}` is {}, not a constant", declared.what()))
        .label("not known before the first step")
        .related(declared.span, "declared here")
        .help(format!("declare `const {name}` or `param {name}` if it never changes"))
}

pub(super) fn constant_fault(span: Span, fault: &Fault) -> Diagnostic {
    Diagnostic::error("E0502", span, format!("this constant has no value: {fault}")).label("evaluated here")
}

pub(super) fn unknown_parameter(name: &str, value: &str, at: Span, near: Option<&str>, all: &[&str]) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0503", at, format!("`{name}={value}`: there is no parameter `{name}`"));
    match (near, all) {
        (Some(_), _) => did_you_mean(diagnostic, near),
        (None, []) => diagnostic.help("the scenario has no parameters"),
        (None, all) => diagnostic.help(format!("its parameters are {}", list(all))),
    }
}

pub(super) fn parameter_type(name: &str, value: &str, at: Span, expected: Type) -> Diagnostic {
    Diagnostic::error("E0504", at, format!("`{name}={value}`: the parameter `{name}` is {}", a(expected)))
        .label("its default decides its type")
}

pub(super) fn require_is_false(span: Span, parameters: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0505", span, "these parameters make no sense here: `require` is false");
    if parameters.is_empty() {
        diagnostic.label("always false")
    } else {
        diagnostic.label(format!("false with {parameters}"))
    }
}

pub(super) fn array_length(span: Span, len: i64, limit: i64) -> Diagnostic {
    Diagnostic::error("E0506", span, format!("an array cannot have {len} elements"))
        .label(format!("must be between 1 and {limit}"))
}

pub(super) fn first_element(span: Span, first: i64) -> Diagnostic {
    Diagnostic::error("E0506", span, format!("the elements of an array are counted from 0, not from {first}"))
        .label("must be 0")
}

pub(super) fn negative_permits(span: Span, permits: i64) -> Diagnostic {
    Diagnostic::error("E0507", span, format!("a semaphore cannot start with {permits} permits"))
        .label("must be at least 0")
}

pub(super) fn bad_barrier(span: Span, threads: i64, limit: u32) -> Diagnostic {
    Diagnostic::error("E0507", span, format!("a barrier cannot wait for {threads} threads"))
        .label(format!("must be between 1 and {limit}"))
}

pub(super) fn permits_of_a_local(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error("E0501", span, format!("`{name}` is a local, not a constant"))
        .label("not known before the first step")
        .help("how many permits go at once is fixed before anything runs: a number, a constant or a parameter of the file")
}

pub(super) fn no_permits(span: Span, permits: i64) -> Diagnostic {
    Diagnostic::error("E0507", span, format!("{permits} permits cannot be taken or given at once"))
        .label("must be at least 1")
}

pub(super) fn bad_capacity(span: Span, capacity: i64, limit: i64) -> Diagnostic {
    Diagnostic::error("E0507", span, format!("a channel cannot have a capacity of {capacity}"))
        .label(format!("must be between 0 and {limit}"))
        .help("0 is a rendezvous; without `(…)` a channel is unbounded")
}

pub(super) fn bad_room(span: Span, room: i64, limit: i64) -> Diagnostic {
    Diagnostic::error("E0507", span, format!("a queue cannot hold {room} items"))
        .label(format!("must be between 1 and {limit}"))
        .help("without `(…)` a queue is unbounded")
}

pub(super) fn bad_ring(span: Span, room: i64, limit: i64) -> Diagnostic {
    Diagnostic::error("E0507", span, format!("a broadcast cannot keep {room} values"))
        .label(format!("must be between 1 and {limit}"))
}

pub(super) fn too_many_threads(span: Span, total: i128, limit: usize) -> Diagnostic {
    Diagnostic::error("E0508", span, format!("the scenario has {total} threads up to here"))
        .label(format!("at most {limit} in all"))
}

pub(super) fn too_many_objects(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error("E0509", span, format!("the scenario has more than {limit} objects"))
        .label("counted with the elements of arrays, up to here")
}

pub(super) fn sweep_too_long(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error("E0510", span, format!("a sweep tries at most {limit} values of a parameter"))
        .label("more than that")
}

pub(super) fn too_many_parameters(function: &str, span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error("E0514", span, format!("`{function}` has more than {limit} parameters"))
        .label("this is one too many")
}

pub(super) fn too_many_expectations(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error("E0515", span, format!("the scenario has more than {limit} `expect` lines"))
        .label("this is one too many")
        .help("what applies to several parameter values fits into one line: `expect deadlock if N > 2;`")
}

// Statements and functions.

pub(super) fn outside_loop(word: &str, span: Span) -> Diagnostic {
    Diagnostic::error("E0601", span, format!("`{word}` outside a loop")).label("no loop around it")
}

pub(super) fn leaves_call(word: &str, span: Span) -> Diagnostic {
    Diagnostic::error("E0608", span, format!("`{word}` cannot lead out of the block of `call`"))
        .label("the block has to run to its end")
        .help("only a `panic` leaves it: put the rest into an `if`")
}

pub(super) fn return_value_in_thread(span: Span) -> Diagnostic {
    Diagnostic::error("E0602", span, "a thread returns no value").label("nobody would get it").help("write `return;`")
}

pub(super) fn returns_sometimes(span: Span, function: &str, with_value: Span) -> Diagnostic {
    Diagnostic::error("E0603", span, format!("`{function}` returns a value on some paths only"))
        .label("without a value here")
        .related(with_value, "with a value here")
}

pub(super) fn recursion(span: Span, cycle: &str, calls: &[(Span, String)]) -> Diagnostic {
    let mut diagnostic = Diagnostic::error("E0604", span, format!("functions cannot be recursive: {cycle}"))
        .label("calls itself in the end");
    for (span, label) in calls {
        diagnostic = diagnostic.related(*span, label.clone());
    }
    diagnostic.help("functions are inlined; use a loop")
}

pub(super) fn arity(function: &str, span: Span, expected: usize, found: usize, declared: Span) -> Diagnostic {
    Diagnostic::error("E0605", span, format!("`{function}` takes {}, not {found}", count(expected, "argument")))
        .label(count(found, "argument"))
        .related(declared, "declared here")
}

pub(super) fn inside_indivisible(span: Span, what: &str, why: &str, block: Span, word: &str) -> Diagnostic {
    Diagnostic::error("E0606", span, format!("{what} cannot stand inside `{word}`"))
        .label(why)
        .related(block, "this block is one indivisible step")
        .help("put it before or after the block")
}

pub(super) fn call_inside_indivisible(
    span: Span,
    function: &str,
    what: &str,
    at: Span,
    block: Span,
    word: &str,
) -> Diagnostic {
    Diagnostic::error("E0606", span, format!("`{function}` cannot be called inside `{word}`"))
        .label(format!("it reaches {what}"))
        .related(at, "here")
        .related(block, "this block is one indivisible step")
        .help("call it before or after the block")
}

pub(super) fn effect_in_condition(span: Span, what: &str, why: &str) -> Diagnostic {
    Diagnostic::error("E0607", span, format!("{what} cannot stand in the condition of `when`"))
        .label(why)
        .help("a condition only looks: reads, loads, `len`, `is_locked`, `is_alive`")
}

pub(super) fn effect_called_in_condition(span: Span, function: &str, what: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0607", span, format!("`{function}` cannot be called in the condition of `when`"))
        .label(format!("it reaches {what}"))
        .related(at, "here")
        .help("a condition only looks: reads, loads, `len`, `is_locked`, `is_alive`")
}

// Properties.

pub(super) fn not_in_property(span: Span, what: &str, help: &str) -> Diagnostic {
    let diagnostic =
        Diagnostic::error("E0701", span, format!("{what} cannot be read in a property")).label("not part of a state");
    if help.is_empty() { diagnostic } else { diagnostic.help(help) }
}

pub(super) fn not_observable(span: Span, what: &str) -> Diagnostic {
    Diagnostic::error("E0701", span, format!("{what} cannot be observed"))
        .label("not part of an outcome")
        .help("variables, atomics, semaphores and the locals of threads can be observed")
}

pub(super) fn unknown_thread_local(
    thread: &str,
    name: &str,
    span: Span,
    declared: Span,
    near: Option<&str>,
    inner: Option<Span>,
) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0702", span, format!("`{thread}` has no local `{name}` at its top level"))
        .label("unknown local")
        .related(declared, "the thread is declared here");
    match inner {
        Some(inner) => diagnostic
            .related(inner, "this one lives in an inner block only")
            .help(format!("declare `{name}` with `let` directly in the thread's body")),
        None => did_you_mean(diagnostic, near),
    }
}

pub(super) fn array_local(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error(
        "E0702",
        span,
        format!("`{name}` is a local array, and outcomes and properties read single locals"),
    )
    .label("a local array")
    .help("copy the element into a local of its own")
}

pub(super) fn element_out_of_range(name: &str, span: Span, index: i64, from: i64, to: i64) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0703", span, format!("`{name}[{index}]` does not exist"));
    if from == to {
        diagnostic.label("the group is empty")
    } else {
        diagnostic.label(format!("`{name}` goes from {from} to {}", to - 1))
    }
}

pub(super) fn field_in_thread(span: Span, text: &str) -> Diagnostic {
    Diagnostic::error("E0704", span, format!("`{text}`: locals of another thread cannot be read in a thread"))
        .label("only `finally`, `possible`, `always` and `observe` can")
        .help("share it through a `var` or an `atomic`")
}

// Lines at the top of the file.

pub(super) fn only_once(word: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error("E0801", span, format!("a file has one `{word}` line"))
        .label("again here")
        .related(first, "first here")
}

pub(super) fn ok_and_more(ok: Span, other: Span) -> Diagnostic {
    Diagnostic::error("E0802", ok, "`expect ok` and another expectation apply together")
        .label("nothing is to be found")
        .related(other, "and this is to be found")
        .help("make them exclude each other with `if …` and `otherwise`")
}

pub(super) fn subject_does_not_fit(span: Span, kind: &str, what: &str, fits: &str) -> Diagnostic {
    Diagnostic::error("E0803", span, format!("`expect {kind}` cannot name {what}"))
        .label("does not fit")
        .help(fits.to_owned())
}

pub(super) fn outcomes_without_observe(span: Span) -> Diagnostic {
    Diagnostic::error("E0804", span, "`expect outcomes` needs an `observe` line")
        .label("outcomes of what?")
        .help("write `observe x, y;` with what an outcome consists of")
}

pub(super) fn tuple_length(span: Span, expected: usize, found: usize, observe: Span) -> Diagnostic {
    Diagnostic::error("E0805", span, format!("this outcome has {}, not {expected}", count(found, "component")))
        .label(count(found, "component"))
        .related(observe, format!("an outcome has {}", count(expected, "component")))
}

pub(super) fn never_none(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("E0805", span, format!("`{name}` always has a value, so it is never `none`"))
        .label("only a local can be `none`")
}

pub(super) fn no_thread(span: Span) -> Diagnostic {
    Diagnostic::error("E0806", span, "the scenario has no thread")
        .label("nothing would ever happen")
        .help("declare one: `thread main { }`")
}
