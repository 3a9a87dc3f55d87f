//! The binary decides nothing: it runs the command line.

fn main() -> std::process::ExitCode {
    moxi_onboard::cli::run()
}
