//! The conductor: the only module that knows the order of the stages.

pub mod check;
pub mod classify;
pub mod config;
pub mod copies;
pub mod crash;
mod crew;
pub mod dump;
pub mod explain;
pub mod formats;
mod head;
pub mod helpers;
pub mod item;
pub mod keyring;
pub mod process;
pub mod progress;
pub mod readers;
pub mod recognition;
pub mod scratch;
pub mod state;
pub mod supervise;
pub mod surplus;
pub mod worker;

pub use config::Config;
pub use keyring::Keyring;
pub use progress::Progress;
pub use state::State;
pub use supervise::{ScanError, scan};
