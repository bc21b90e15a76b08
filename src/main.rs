//! The program: arguments in, exit code out.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Texts are taken apart into small pieces that live as long as their file: with the allocators of glibc and musl that is a
/// tenth of the time and more. What a worker may have is told to it by its environment: see `scan::process::child`.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    plainsight::cli::run(std::env::args_os())
}
