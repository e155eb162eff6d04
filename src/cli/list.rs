//! `list`: every scenario with its title and what it expects.

use super::{Done, Exit, Paths, Terminal, files};
use crate::program::Program;
use clap::Args;
use std::io::Write;

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    paths: Paths,
}

pub(super) fn list(arguments: &ListArguments, terminal: &Terminal) -> Done {
    let files = match files::scenarios(&arguments.paths.paths) {
        Ok(files) => files,
        Err(message) => {
            terminal.say(&format!("error: {message}"));
            return Ok(Exit::Unusable);
        }
    };
    let mut out = terminal.out();
    let mut exit = Exit::AsExpected;
    for file in &files {
        match file.load(&[]) {
            Ok(loaded) => {
                if !loaded.warnings.is_empty() {
                    out.flush()?;
                    terminal.say(&loaded.rendered_warnings(terminal.diagnostics()));
                }
                writeln!(out, "{}", file.name)?;
                if !loaded.program.title.is_empty() {
                    writeln!(out, "    {}", loaded.program.title)?;
                }
                writeln!(out, "    expect {}", expectations(&loaded.program))?;
            }
            Err(unusable) => {
                out.flush()?;
                terminal.say(&unusable.render(terminal.diagnostics()));
                exit = Exit::Unusable;
            }
        }
    }
    out.flush()?;
    Ok(exit)
}

/// What the file expects under its default parameters, as it says it.
fn expectations(program: &Program) -> String {
    let lines: Vec<String> = program
        .expectations
        .iter()
        .map(|expectation| {
            let text = program.source.quote(expectation.span).split_whitespace().collect::<Vec<_>>().join(" ");
            let said = text.strip_prefix("expect ").unwrap_or(&text).trim_end_matches([';', ' ']).to_owned();
            if said.is_empty() { "ok".to_owned() } else { said }
        })
        .collect();
    lines.join("; ")
}
