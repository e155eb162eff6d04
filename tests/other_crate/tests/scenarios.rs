//! One test per scenario and engine.

fn main() -> std::process::ExitCode {
    interleaver::testing::main()
}
