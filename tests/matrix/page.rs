//! The tables of `docs/engines.md`, written from the data that decides what runs where.

use interleaver::engine;
use interleaver::engine::Construct;
use interleaver::engine::agreement::RELATIONS;
use interleaver::engine::capabilities::{Capabilities, Checkable, Checked, Support};
use std::fs;
use std::path::Path;

/// All engines beside the native checker.
fn tables() -> Vec<&'static Capabilities> {
    engine::all().iter().map(|engine| engine.capabilities()).collect()
}

/// Rows of cells as a table.
fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head: Vec<String> = head.iter().map(ToString::to_string).collect();
    let rule = format!("|{}\n", "---|".repeat(head.len()));
    let rows: String = rows.into_iter().map(|row| line(&row)).collect();
    line(&head) + &rule + &rows
}

fn with_engines(first: &'static str) -> Vec<&'static str> {
    std::iter::once(first).chain(tables().into_iter().map(|table| table.engine.word())).collect()
}

fn constructs() -> String {
    let cell = |support: Support| match support {
        Support::Own(what) => format!("own: {what}"),
        Support::Monitor => "monitor".to_owned(),
        Support::MonitorBecause(why) => format!("monitor: {why}"),
        Support::Interpreter => "interpreter".to_owned(),
        Support::Unsupported(why) => format!("**unsupported**: {why}"),
    };
    let row = |construct: &Construct| {
        let cells = tables().into_iter().map(|table| cell(table.support(*construct)));
        std::iter::once(construct.words().to_owned()).chain(cells).collect()
    };
    table(&with_engines("construct"), Construct::ALL.iter().map(row))
}

fn properties() -> String {
    let cell = |table: &Capabilities, what: Checkable| {
        let (_, checked) = table.properties.iter().find(|(listed, _)| *listed == what).unwrap();
        match checked {
            Checked::Yes => "yes".to_owned(),
            Checked::No(why) => format!("**no**: {why}"),
        }
    };
    let row = |what: &Checkable| {
        let cells = tables().into_iter().map(|table| cell(table, *what));
        std::iter::once(what.words().to_owned()).chain(cells).collect()
    };
    table(&with_engines("property"), Checkable::ALL.iter().map(row))
}

fn differences() -> String {
    let rows = RELATIONS.iter().map(|row| {
        let witness = row.witness.rsplit('/').next().unwrap();
        vec![
            row.engine.word().to_owned(),
            row.feature.to_owned(),
            row.difference.word().to_owned(),
            row.reason.to_owned(),
            row.upstream.map_or("none known".to_owned(), |thread| format!("<{thread}>")),
            format!("[{witness}](../{})", row.witness),
        ]
    });
    table(&["engine", "feature", "direction", "reason", "upstream", "witness"], rows)
}

/// The page with these tables instead of those that are there.
fn with(page: &str, tables: [(&str, String); 3]) -> String {
    tables.into_iter().fold(page.to_owned(), |page, (name, table)| {
        let start = format!("<!-- {name} -->\n");
        let (before, rest) = page.split_once(&start).unwrap_or_else(|| panic!("no place for {name}"));
        let (_, after) = rest.split_once("<!-- end -->").unwrap_or_else(|| panic!("{name} has no end"));
        format!("{before}{start}{table}<!-- end -->{after}")
    })
}

#[test]
fn the_page_about_engines_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/engines.md");
    let page = fs::read_to_string(&path).unwrap();
    let tables = [("constructs", constructs()), ("properties", properties()), ("differences", differences())];
    let wanted = with(&page, tables);
    if std::env::var_os("UPDATE_MATRIX").is_some() {
        fs::write(&path, wanted).unwrap();
        return;
    }
    let stale = page.lines().find(|line| !wanted.lines().any(|other| other == *line));
    let new = wanted.lines().find(|line| !page.lines().any(|other| other == *line));
    assert!(
        page == wanted,
        "docs/engines.md is not what the engines can do:\n  is     {stale:?}\n  wanted {new:?}\n\
         UPDATE_MATRIX=1 cargo test --test matrix writes it"
    );
}

#[test]
fn tables_replace_what_was_between_the_marks() {
    let page = "a\n<!-- constructs -->\nold\n<!-- end -->\nb\n<!-- properties -->\n<!-- end -->\n<!-- differences -->\n<!-- end -->\n";
    let new = |text: &str| text.to_owned();
    let tables = || [("constructs", new("1\n")), ("properties", new("2\n")), ("differences", new("3\n"))];
    let wanted = "a\n<!-- constructs -->\n1\n<!-- end -->\nb\n<!-- properties -->\n2\n<!-- end -->\n<!-- differences -->\n3\n<!-- end -->\n";
    assert_eq!(with(page, tables()), wanted);
    assert_eq!(with(wanted, tables()), wanted);
}
