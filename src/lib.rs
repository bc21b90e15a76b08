//! Plainsight

pub mod cli;
pub mod detect;
pub mod extract;
pub mod identify;
pub mod judge;
pub mod model;
pub mod open;
pub mod report;
pub mod scan;
pub mod source;
