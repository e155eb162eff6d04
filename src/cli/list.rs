//! `list`: every scenario with its title and what it expects.

use super::said::{Format, Said};
use super::{Done, Exit, Paths, Terminal, files};
use crate::program::Program;
use crate::report::json::{Body, Listed};
use clap::Args;
use std::io::{self, Write};

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    paths: Paths,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn list(arguments: &ListArguments, terminal: &Terminal) -> Done {
    let files = match files::scenarios(&arguments.paths.paths) {
        Ok(files) => files,
        Err(message) => {
            terminal.say(&format!("error: {message}"));
            return Ok(Exit::Unusable);
        }
    };
    let mut said = Said::new(terminal, arguments.format);
    let mut scenarios = Vec::new();
    for file in &files {
        match file.load(&[]) {
            Ok(loaded) => {
                said.warnings(&loaded);
                let Program { title, .. } = &loaded.program;
                let expectations = expectations(&loaded.program);
                let listed = Listed { path: file.name.clone(), title: title.clone(), expectations };
                if arguments.format == Format::Text {
                    print(&listed, terminal)?;
                }
                scenarios.push(listed);
            }
            Err(unusable) => said.unusable(&file.name, &unusable),
        }
    }
    let exit = if said.errors() == 0 { Exit::AsExpected } else { Exit::Unusable };
    said.end(&Body::Scenarios(&scenarios), exit)
}

/// Prints one scenario at once, so that what is said about the next one stands below it.
fn print(listed: &Listed, terminal: &Terminal) -> io::Result<()> {
    let mut out = terminal.out();
    writeln!(out, "{}", listed.path)?;
    if !listed.title.is_empty() {
        writeln!(out, "    {}", listed.title)?;
    }
    writeln!(out, "    expect {}", listed.expectations.join("; "))?;
    out.flush()
}

/// What the file expects under its default parameters, as it says it.
fn expectations(program: &Program) -> Vec<String> {
    program
        .expectations
        .iter()
        .map(|expectation| {
            let text = program.source.quote(expectation.span).split_whitespace().collect::<Vec<_>>().join(" ");
            let said = text.strip_prefix("expect ").unwrap_or(&text).trim_end_matches([';', ' ']).to_owned();
            if said.is_empty() { "ok".to_owned() } else { said }
        })
        .collect()
}
