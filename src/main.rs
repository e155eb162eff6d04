//! The command `interleaver`: everything is in the library's `cli`.

fn main() -> std::process::ExitCode {
    interleaver::cli::main()
}
