//! The command `interleaver`.

use std::process::ExitCode;

fn main() -> ExitCode {
    interleaver::engine::isolate::serve_if_asked().unwrap_or(ExitCode::SUCCESS)
}
