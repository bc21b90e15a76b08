//! The program: arguments in, exit code out.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Texts are taken apart into small pieces that live as long as their file: with the allocator of glibc a scan takes some 5 %
/// more processor time, and less memory. Workers are told by their environment to reserve none: see `scan::process::child`.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    plainsight::cli::run(std::env::args_os())
}
