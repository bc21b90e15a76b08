//! The arguments of `plainsight detectors`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::model::Category;

#[derive(Debug, Args)]
pub(in crate::cli) struct DetectorsArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: DetectorsCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DetectorsCommand {
    /// List the detectors
    List(ListArguments),
    /// Say everything about one detector: what it finds and needs, its law, its examples
    Show(ShowArguments),
    /// Run detectors over their own examples and counterexamples
    ///
    /// Exit codes: 0 all are as they should be; 1 some are not; 2 wrong usage or a fatal error.
    Test(TestArguments),
    /// Say of values on stdin, one a line, whether the check of a detector takes them
    ///
    /// Prints each value as it was read, a tab, and one of: valid (the check is certain),
    /// invalid (it cannot be one), unknown (nothing speaks for or against it).
    Check(CheckArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ListArguments {
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: Format,

    /// Only those of this category, as `health` or `national_id`
    #[arg(long, value_name = "CATEGORY", value_parser = parse_category)]
    pub(in crate::cli) category: Option<Category>,

    /// Only those of this country, as `IT`
    #[arg(long, value_name = "COUNTRY", value_parser = parse_country)]
    pub(in crate::cli) country: Option<String>,

    #[command(flatten)]
    pub(in crate::cli) catalogue: CatalogueArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArguments {
    /// The detector, as `it.codice_fiscale`
    pub(in crate::cli) id: String,

    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: Format,

    #[command(flatten)]
    pub(in crate::cli) catalogue: CatalogueArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TestArguments {
    /// The detectors [default: all]
    #[arg(value_name = "ID")]
    pub(in crate::cli) ids: Vec<String>,

    #[command(flatten)]
    pub(in crate::cli) catalogue: CatalogueArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CheckArguments {
    /// The detector, as `eu.iban`
    pub(in crate::cli) id: String,

    #[command(flatten)]
    pub(in crate::cli) catalogue: CatalogueArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CatalogueArguments {
    /// Further detectors: a directory of TOML files
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) patterns: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    /// For people
    Text,
    /// For tools
    Json,
}

fn parse_category(argument: &str) -> Result<Category, String> {
    let key = argument.to_lowercase().replace('-', "_");
    Category::ALL.into_iter().find(|category| category.key() == key).ok_or_else(|| {
        let mut keys = Category::ALL.map(Category::key);
        keys.sort_unstable();
        format!("there is: {}", keys.join(", "))
    })
}

fn parse_country(argument: &str) -> Result<String, String> {
    if argument.len() == 2 && argument.bytes().all(|b| b.is_ascii_alphabetic()) {
        Ok(argument.to_ascii_uppercase())
    } else {
        Err("expected a code of two letters, as IT".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_and_countries() {
        assert_eq!(parse_category("Trade-Union"), Ok(Category::TradeUnion));
        assert!(parse_category("union").unwrap_err().contains("trade_union"));
        assert_eq!(parse_country("it"), Ok("IT".to_owned()));
        assert!(parse_country("ITA").is_err());
    }
}
