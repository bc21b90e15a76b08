//! `--config FILE` and the environment: settings become arguments, before those that were typed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{ArgAction, Command, CommandFactory};
use toml::Value;

use super::args::Arguments;
use crate::model::Name;

/// The arguments of `scan` with what the file and the environment add: flags win over the
/// environment, and this over the file, for of one flag the last one counts. No file is read
/// but the one that `--config` names.
pub(super) fn with_file(arguments: Vec<OsString>) -> anyhow::Result<Vec<OsString>> {
    let environment = |name: &str| std::env::var_os(name);
    with(arguments, &environment)
}

fn with(arguments: Vec<OsString>, environment: &dyn Fn(&str) -> Option<OsString>) -> anyhow::Result<Vec<OsString>> {
    let scan = Arguments::command();
    let Some(scan) = scan.find_subcommand("scan").filter(|_| arguments.get(1).is_some_and(|name| name == "scan"))
    else {
        return Ok(arguments);
    };
    let (typed, rest) = arguments.split_at(2);
    let (mut from_file, mut paths) = (Vec::new(), Vec::new());
    if let Some(path) = named(rest) {
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("reading the configuration {}", Name::from_path(&path)))?;
        (from_file, paths) =
            parse(scan, &text).with_context(|| format!("in the configuration {}", Name::from_path(&path)))?;
    }
    let mut all = typed.to_vec();
    all.append(&mut from_file);
    all.extend(from_environment(scan, environment)?);
    all.extend(rest.iter().cloned());
    // What was typed names the paths, if it names any.
    if !paths.is_empty() && Arguments::try_parse_from_all(&all).is_err_and(|missing| missing) {
        all.push("--".into());
        all.append(&mut paths);
    }
    Ok(all)
}

impl Arguments {
    /// Whether the arguments parse; the error says whether it is for want of a path.
    fn try_parse_from_all(all: &[OsString]) -> Result<(), bool> {
        let parsed = Self::command().try_get_matches_from(all);
        parsed.map(drop).map_err(|error| error.kind() == clap::error::ErrorKind::MissingRequiredArgument)
    }
}

/// The file that `--config` names, the last time it does.
fn named(arguments: &[OsString]) -> Option<PathBuf> {
    let mut found = None;
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument == "--" {
            break;
        }
        if argument == "--config" {
            found = arguments.next().map(PathBuf::from);
        } else if let Some(path) = argument.to_str().and_then(|argument| argument.strip_prefix("--config=")) {
            found = Some(path.into());
        }
    }
    found
}

/// Flags that a file or the environment cannot give.
fn is_typed_only(long: &str) -> bool {
    matches!(long, "config" | "help" | "version")
}

fn parse(scan: &Command, text: &str) -> anyhow::Result<(Vec<OsString>, Vec<OsString>)> {
    let table: toml::Table = toml::from_str(text)?;
    let (mut arguments, mut paths) = (Vec::new(), Vec::new());
    for (key, value) in &table {
        if key == "paths" {
            paths = strings(value).context("`paths` takes a list of strings")?;
            continue;
        }
        let long = key.replace('_', "-");
        let known = scan.get_arguments().find(|argument| argument.get_long() == Some(&long));
        let Some(flag) = known.filter(|_| !is_typed_only(&long)) else {
            bail!("unknown setting `{key}`; the settings are named as the flags of `plainsight scan`");
        };
        match (value, flag.get_action()) {
            (Value::Boolean(true), ArgAction::SetTrue) => arguments.push(format!("--{long}").into()),
            (Value::Boolean(false), ArgAction::SetTrue) => {}
            (_, ArgAction::SetTrue) => bail!("`{key}` takes true or false"),
            (Value::Array(_), ArgAction::Append) => {
                for value in strings(value).with_context(|| format!("`{key}` takes a list of strings"))? {
                    arguments.push(joined(&long, value));
                }
            }
            // `[retention]` with a line `payroll = 7` is --retention payroll=7.
            (Value::Table(table), ArgAction::Append) => {
                for (name, value) in table {
                    let value = scalar(value).with_context(|| format!("`{key}.{name}` takes one value"))?;
                    arguments.push(joined(&long, format!("{name}={value}").into()));
                }
            }
            (value, _) => {
                let value = scalar(value).with_context(|| format!("`{key}` takes one value"))?;
                arguments.push(joined(&long, value.into()));
            }
        }
    }
    Ok((arguments, paths))
}

fn joined(long: &str, value: OsString) -> OsString {
    let mut argument = OsString::from(format!("--{long}="));
    argument.push(value);
    argument
}

fn strings(value: &Value) -> Option<Vec<OsString>> {
    value.as_array()?.iter().map(|value| value.as_str().map(OsString::from)).collect()
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        _ => None,
    }
}

/// `PLAINSIGHT_FAIL_ON=high` is `--fail-on=high`.
fn from_environment(scan: &Command, environment: &dyn Fn(&str) -> Option<OsString>) -> anyhow::Result<Vec<OsString>> {
    let mut arguments = Vec::new();
    for flag in scan.get_arguments() {
        let Some(long) = flag.get_long().filter(|long| !is_typed_only(long)) else { continue };
        let name = format!("PLAINSIGHT_{}", long.replace('-', "_").to_uppercase());
        let Some(value) = environment(&name).filter(|value| !value.is_empty()) else { continue };
        match flag.get_action() {
            ArgAction::SetTrue => match value.to_str() {
                Some("1" | "true") => arguments.push(format!("--{long}").into()),
                Some("0" | "false") => {}
                _ => bail!("{name} takes 1 or 0"),
            },
            _ => arguments.push(joined(long, value)),
        }
    }
    Ok(arguments)
}

/// For whoever writes paths into a unit.
pub(super) fn paths_of(config: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let text = std::fs::read_to_string(config)
        .with_context(|| format!("reading the configuration {}", Name::from_path(config)))?;
    let scan = Arguments::command();
    let scan = scan.find_subcommand("scan").context("no scan")?;
    let (_, paths) = parse(scan, &text).with_context(|| format!("in the configuration {}", Name::from_path(config)))?;
    Ok(paths.into_iter().map(PathBuf::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &[&str], file: &str, environment: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("share.toml");
        std::fs::write(&path, file).unwrap();
        let mut arguments: Vec<OsString> = vec!["plainsight".into(), "scan".into(), "--config".into(), path.into()];
        arguments.extend(typed.iter().map(OsString::from));
        let environment =
            |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
        let all = with(arguments, &environment).map_err(|error| format!("{error:#}"))?;
        let mut all: Vec<String> = all.into_iter().skip(2).map(|a| a.into_string().unwrap()).collect();
        let at = all.iter().position(|argument| argument == "--config").unwrap();
        all.drain(at..at + 2);
        Ok(all)
    }

    #[test]
    fn the_file_comes_first_and_what_is_typed_last() {
        let file = "paths = ['/srv/hr']\nexclude = ['*.iso', '*.vmdk']\nthreads = 4\nquiet = true\nfull = false\n";
        let all = check(&["--threads=2"], file, &[("PLAINSIGHT_THREADS", "3")]).unwrap();
        let expected = [
            "--exclude=*.iso",
            "--exclude=*.vmdk",
            "--quiet",
            "--threads=4",
            "--threads=3",
            "--threads=2",
            "--",
            "/srv/hr",
        ];
        assert_eq!(all, expected);
        let all = check(&["/srv"], "[retention]\npayroll = 7\ncv = '6m'\n", &[]).unwrap();
        assert_eq!(all, ["--retention=cv=6m", "--retention=payroll=7", "/srv"]);
        let all = check(&["/srv/other"], "paths = ['/srv/hr']", &[]).unwrap();
        assert_eq!(all, ["/srv/other"]);
    }

    #[test]
    fn what_is_not_a_setting_is_an_error() {
        for wrong in
            ["thread = 4", "config = 'x'", "quiet = 'yes'", "paths = '/srv'", "exclude = [1]", "threads = [1]", "x"]
        {
            assert!(check(&[], wrong, &[]).is_err(), "{wrong}");
        }
        assert!(check(&[], "", &[("PLAINSIGHT_QUIET", "maybe")]).is_err());
    }

    #[test]
    fn other_commands_and_other_words_are_left_alone() {
        let arguments: Vec<OsString> = ["plainsight", "text", "--config", "none"].map(OsString::from).into();
        assert_eq!(with(arguments.clone(), &|_| None).unwrap(), arguments);
        let arguments: Vec<OsString> = ["plainsight", "scan", "--", "--config"].map(OsString::from).into();
        assert_eq!(with(arguments.clone(), &|_| None).unwrap(), arguments);
    }
}
