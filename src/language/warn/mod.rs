//! Warnings: what is legal and probably wrong.
//!
//! They are looked for in files without errors only, and change no verdict. `unused` looks for names that nobody uses,
//! `waiting` at how threads wait for conditions and notify. Guesses about running time or style are left out.

mod unused;
mod waiting;

use super::Gathered;
use super::diagnostic::Diagnostic;
use super::tree::Ident;
use crate::program::{Expr, Program, Property, Span};

/// Everything that is probably wrong with a scenario, in order of the text.
pub(super) fn warnings(gathered: &Gathered, program: &Program) -> Vec<Diagnostic> {
    let mut found = unused::warnings(gathered);
    found.extend(unused::handles(gathered));
    found.extend(waiting::without_loop(&gathered.file));
    found.extend(waiting::without_mutex(program));
    let constant = program.properties.iter().filter(|property| reads_nothing(&property.condition));
    found.extend(constant.map(constant_property));
    // A function that is called twice is looked at twice.
    found.sort_by(|one, other| (one.span, one.code).cmp(&(other.span, other.code)));
    found.dedup();
    found
}

/// Whether an expression has the same value in every state.
fn reads_nothing<L>(expr: &Expr<L>) -> bool {
    match expr {
        Expr::Const(_) => true,
        Expr::Read(_) => false,
        Expr::Unary(_, a) => reads_nothing(a),
        Expr::Binary(_, a, b) | Expr::And(a, b) | Expr::Or(a, b) => reads_nothing(a) && reads_nothing(b),
        Expr::If(condition, a, b) => reads_nothing(condition) && reads_nothing(a) && reads_nothing(b),
    }
}

/// W0101: an object that nobody uses.
fn unused_object(name: &Ident) -> Diagnostic {
    Diagnostic::warning("W0101", name.span, format!("nobody uses `{}`", name.name))
        .help("remove it, or use it where the program that is modelled does")
}

/// W0102: a function that nobody calls.
fn uncalled_function(name: &Ident) -> Diagnostic {
    Diagnostic::warning("W0102", name.span, format!("nobody calls `{}`", name.name))
        .label("this function is part of no thread")
        .help("call it, or remove it")
}

/// W0103: a parameter or a constant that nobody uses.
fn unused_constant(name: &Ident) -> Diagnostic {
    Diagnostic::warning("W0103", name.span, format!("nobody uses `{}`", name.name))
        .label("its value changes nothing")
        .help("remove it, or use it where the number stands that it names")
}

/// W0104: an `if` around a `wait`.
fn wait_without_loop(condition: Span, wait: Span) -> Diagnostic {
    Diagnostic::warning("W0104", wait, "this wait is not repeated where its condition does not hold again")
        .label("after this, the condition may be false")
        .related(condition, "looked at once")
        .help("use `while` instead of `if`: between the notification and the waiter's next step others may run")
}

/// W0105: a notification by a thread that has not held the mutex of those who wait.
fn notify_without_mutex(notify: Span, condvar: &str, mutex: &str, wait: Span) -> Diagnostic {
    let message = format!("`{condvar}` is notified by a thread that has not held `{mutex}` before");
    Diagnostic::warning("W0105", notify, message)
        .label("may come between the look at the condition and the wait")
        .related(wait, format!("waits with `{mutex}`"))
        .help(format!("change what the waiters look at under the mutex: `with {mutex} {{ … }}`"))
}

/// W0106: a property that no step can change.
fn constant_property(property: &Property) -> Diagnostic {
    Diagnostic::warning("W0106", property.span, "this property reads nothing that changes")
        .label("the same in every state")
        .help("name an object or a local of a thread; for a condition on parameters there is `require`")
}

/// W0107: a handle that nobody asks.
fn unused_handle(name: Span, handle: &str) -> Diagnostic {
    Diagnostic::warning("W0107", name, format!("nobody asks `{handle}` how its thread ended"))
        .label("the handle of a thread that is started here")
        .help(format!("wait for it with `{handle}.join()`, or write `spawn` without a handle where nobody is to wait"))
}
