//! `explain`: the entry of a code in the reference of diagnostics.

use super::{Done, Exit, Terminal};
use crate::language::{reference, suggest};
use clap::Args;
use std::io::Write;

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// The code, as it stands behind `error` or `warning`: E0203
    #[arg(value_name = "CODE")]
    code: String,
}

pub(super) fn explain(arguments: &ExplainArguments, terminal: &Terminal) -> Done {
    let code = arguments.code.to_uppercase();
    let Some(entry) = reference::entry(&code) else {
        let mut message = format!("error: no error or warning has the code `{}`", arguments.code);
        if let Some(near) = suggest::nearest(&code, reference::codes()) {
            message.push_str(&format!(": did you mean `{near}`?"));
        }
        terminal.say(&message);
        return Ok(Exit::Unusable);
    };
    let mut out = terminal.out();
    write!(out, "{}", for_people(entry))?;
    out.flush()?;
    Ok(Exit::AsExpected)
}

/// An entry without the signs of its page: examples are indented instead of fenced.
fn for_people(entry: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for line in entry.lines() {
        if line.starts_with("```") {
            inside = !inside;
            continue;
        }
        if inside && !line.is_empty() {
            text.push_str("    ");
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::for_people;

    #[test]
    fn examples_are_indented() {
        let entry = "E1: a\n\nText.\n\n```ilv refused\nx\n\ny\n```\n\nMended:\n\n```ilv\nz\n```";
        assert_eq!(for_people(entry), "E1: a\n\nText.\n\n    x\n\n    y\n\nMended:\n\n    z\n");
    }
}
