//! The words that all stages share, and the record that leaves the program: data only, no input or output.

pub mod category;
pub mod finding;
mod hex;
pub mod isolation;
pub mod location;
pub mod name;
pub mod outcome;
pub mod protection;
pub mod record;
pub mod severity;
pub mod stamp;
pub mod standing;
pub mod text;

pub use category::Category;
pub use finding::{Finding, Sample};
pub use hex::hex;
pub use isolation::Isolation;
pub use location::{Cell, ItemPath, Place};
pub use name::Name;
pub use outcome::{Outcome, Problem, Reason, Stage};
pub use protection::{KeyFound, KeyPlace, Protection, State};
pub use record::{Access, Exposure, ItemRecord, MountRecord, ScanRecord, ShareName, Summary};
pub use severity::Severity;
pub use stamp::{Stamp, Trust};
pub use standing::{Change, Delta, Difference, Standing};
pub use text::{Piece, Shape, Text};
