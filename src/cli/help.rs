//! `help`: the reference of the language, or what a subcommand's `--help` prints.

use super::{Arguments, Done, Exit, Terminal};
use crate::language::{reference, suggest};
use clap::{Args, Command, CommandFactory as _};
use std::io::Write;

/// The topics that are no subcommands, each with its page.
const PAGES: [(&str, &str); 2] = [("language", reference::REFERENCE), ("diagnostics", reference::DIAGNOSTICS)];

#[derive(Debug, Args)]
pub(super) struct HelpArguments {
    /// `language` (the whole reference), `diagnostics` (every error and warning), or a subcommand
    #[arg(value_name = "TOPIC")]
    topic: Option<String>,
}

pub(super) fn help(arguments: &HelpArguments, terminal: &Terminal) -> Done {
    let mut all = Arguments::command();
    all.build();
    let text = match &arguments.topic {
        None => all.render_help().to_string(),
        Some(topic) => match page(&mut all, topic) {
            Some(text) => text,
            None => {
                let subcommands = all.get_subcommands().map(Command::get_name);
                let topics = PAGES.iter().map(|(name, _)| *name).chain(subcommands);
                let mut message = format!("error: there is no help about `{topic}`");
                if let Some(near) = suggest::nearest(topic, topics) {
                    message.push_str(&format!(": did you mean `{near}`?"));
                }
                terminal.say(&message);
                return Ok(Exit::Unusable);
            }
        },
    };
    let mut out = terminal.out();
    write!(out, "{text}")?;
    out.flush()?;
    Ok(Exit::AsExpected)
}

/// The text about one topic.
fn page(all: &mut Command, topic: &str) -> Option<String> {
    if let Some((_, page)) = PAGES.iter().find(|(name, _)| *name == topic) {
        return Some((*page).to_owned());
    }
    all.find_subcommand_mut(topic).map(|command| command.render_long_help().to_string())
}
