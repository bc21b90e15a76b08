//! `plainsight completions` and `plainsight man`: what a package installs beside the program.

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use super::args::Arguments;
use super::exit::{self, Exit};

pub(super) fn completions(shell: Shell) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "plainsight", &mut script);
    exit::print(&String::from_utf8(script).context("writing the completions")?)?;
    Ok(Exit::Clean)
}

/// The page in roff.
pub(super) fn man(command: Option<&str>) -> anyhow::Result<Exit> {
    let mut program = Arguments::command();
    program.build();
    let page = match command {
        None => Man::new(program),
        Some(name) => {
            let found = program.find_subcommand(name);
            let found = found.with_context(|| format!("there is no command {}", crate::model::Name::from(name)))?;
            Man::new(found.clone().version(env!("CARGO_PKG_VERSION"))).title(format!("plainsight-{name}"))
        }
    };
    let mut roff = Vec::new();
    page.render(&mut roff).context("writing the page")?;
    exit::print(&String::from_utf8(roff).context("writing the page")?)?;
    Ok(Exit::Clean)
}
