//! Plainsight

pub mod detect;
pub mod extract;
pub mod identify;
pub mod judge;
pub mod model;
pub mod open;
