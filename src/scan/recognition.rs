//! Text recognition for a scan: the engine with its models, made once and shared by all workers.

use std::path::Path;
use std::sync::Arc;

use crate::extract::ocr::Engine;
use crate::open::Recognise;

/// The engine with the models of this directory; none if they are not there.
pub fn engine(models: &Path) -> Option<Arc<dyn Recognise>> {
    Some(Arc::new(Engine::at(models)?))
}
