//! Small mistakes in mended scenarios: each scenario notices at least one.

use super::edits::{Edit, blocks, operation, up_to};
use super::gallery::{gallery, look};
use interleaver::language::tree::{Block, ExprKind, StmtKind};
use interleaver::program::Source;

/// Mutants with more states than this tell nothing.
const STATES: u64 = 20_000;

/// Mended scenarios that survive every mistake tried here, with the reason in their header: at most one in ten.
const SAID: &str = "No single mistake";

#[test]
#[expect(clippy::print_stdout, reason = "the list is for people: `cargo test --test transform -- --nocapture`")]
fn every_mended_scenario_notices_a_mistake() {
    let mended: Vec<Source> = gallery().into_iter().filter(|source| source.name.ends_with("_fixed.ilv")).collect();
    let (mut survivors, mut said) = (Vec::new(), 0);
    for source in &mended {
        let plain = look(source, STATES * 10).unwrap_or_else(|| panic!("{} is too large", source.name));
        let mutants = mistakes(source);
        let noticed = |edit: &Edit| look(&edit.apply(source), STATES).is_some_and(|seen| !seen.agrees(&plain));
        match mutants.iter().find(|edit| noticed(edit)) {
            Some(edit) => println!("{}: {}", source.name, edit.what),
            None if source.text.contains(SAID) => {
                println!("{}: none, as its header says", source.name);
                said += 1;
            }
            None => survivors.push(&source.name),
        }
    }
    assert!(survivors.is_empty(), "survive every mistake: {survivors:#?}");
    assert!(said * 10 <= mended.len(), "{said} of {} scenarios survive every mistake", mended.len());
}

/// The mistakes that people make, at every place where they can be made: those of conditions and locks first, then their
/// likes for everything else (a call forgotten, two neighbours in the wrong order).
fn mistakes(source: &Source) -> Vec<Edit> {
    let blocks = blocks(source);
    let each = |edits: fn(&Source, &Block) -> Vec<Edit>| blocks.iter().flat_map(move |block| edits(source, block));
    each(forgotten_notification)
        .chain(each(if_instead_of_while))
        .chain(each(without_lock))
        .chain(each(other_order_of_locks))
        .chain(each(notify_one_instead_of_all))
        .chain(each(forgotten_call))
        .chain(each(nobody_looks))
        .chain(each(nobody_reads))
        .chain(each(other_order))
        .collect()
}

fn is_notification(operation: &str) -> bool {
    operation.starts_with("notify")
}

fn forgotten_notification(source: &Source, block: &Block) -> Vec<Edit> {
    let notifications = block.statements.iter().filter(|statement| operation(statement).is_some_and(is_notification));
    notifications.map(|statement| Edit::replace(source, "no notification", statement.span, "")).collect()
}

fn forgotten_call(source: &Source, block: &Block) -> Vec<Edit> {
    let calls = block.statements.iter().filter_map(|statement| Some((statement, operation(statement)?)));
    let others = calls.filter(|(_, operation)| !is_notification(operation));
    others
        .map(|(statement, operation)| Edit::replace(source, &format!("no `{operation}`"), statement.span, ""))
        .collect()
}

/// `if h.join() is failed { … }` becomes `h.join();`.
fn nobody_looks(source: &Source, block: &Block) -> Vec<Edit> {
    let looks = block.statements.iter().filter_map(|statement| {
        let StmtKind::If { condition, .. } = &statement.kind else { return None };
        let ExprKind::Is { value, .. } = &condition.kind else { return None };
        Some((statement.span, format!("{};", source.quote(value.span))))
    });
    looks.map(|(whole, call)| Edit::replace(source, "nobody looks at the result", whole, call)).collect()
}

fn nobody_reads(source: &Source, block: &Block) -> Vec<Edit> {
    let loops = block.statements.iter().filter(|statement| matches!(statement.kind, StmtKind::ForEach { .. }));
    loops.map(|statement| Edit::replace(source, "nobody reads", statement.span, "")).collect()
}

fn if_instead_of_while(source: &Source, block: &Block) -> Vec<Edit> {
    let loops = block.statements.iter().filter_map(|statement| {
        let StmtKind::While { condition, .. } = &statement.kind else { return None };
        Some(up_to(statement.span, condition.span))
    });
    loops.map(|word| Edit::replace(source, "`if` instead of `while`", word, "if ")).collect()
}

fn without_lock(source: &Source, block: &Block) -> Vec<Edit> {
    let locked = block.statements.iter().filter_map(|statement| {
        let StmtKind::With { body, .. } = &statement.kind else { return None };
        Some(up_to(statement.span, body.span))
    });
    locked.map(|head| Edit::replace(source, "no `with`", head, "if true ")).collect()
}

fn other_order_of_locks(source: &Source, block: &Block) -> Vec<Edit> {
    let mut edits = Vec::new();
    for statement in &block.statements {
        if let StmtKind::With { object: outer, body } = &statement.kind
            && let Some(StmtKind::With { object: inner, .. }) = body.statements.first().map(|first| &first.kind)
        {
            edits.push(Edit::swap(source, "locks in the other order", outer.span, inner.span));
        }
    }
    edits
}

fn notify_one_instead_of_all(source: &Source, block: &Block) -> Vec<Edit> {
    let to_all = block.statements.iter().filter(|statement| operation(statement) == Some("notify_all"));
    to_all
        .map(|statement| {
            let one = source.quote(statement.span).replace("notify_all", "notify_one");
            Edit::replace(source, "`notify_one` instead of `notify_all`", statement.span, one)
        })
        .collect()
}

fn other_order(source: &Source, block: &Block) -> Vec<Edit> {
    let neighbours = block.statements.windows(2);
    neighbours.map(|pair| Edit::swap(source, "in the other order", pair[0].span, pair[1].span)).collect()
}
