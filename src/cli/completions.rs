//! `completions`: what a shell needs to complete subcommands and options.

use super::{Arguments, Done, Exit, Terminal};
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;
use std::io::Write;

/// Shown below the help text.
pub(super) const INSTALL: &str = "\
Install:
  bash   interleaver completions bash > ~/.local/share/bash-completion/completions/interleaver
  zsh    interleaver completions zsh > a folder of $fpath, as _interleaver
  fish   interleaver completions fish > ~/.config/fish/completions/interleaver.fish";

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// For which shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn completions(arguments: &CompletionsArguments, terminal: &Terminal) -> Done {
    let mut command = Arguments::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, name, &mut script);
    let mut out = terminal.out();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Exit::AsExpected)
}
