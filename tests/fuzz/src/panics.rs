//! Panics of our own code end the fuzzer; those of a library are noted, as a scan notes them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::{Mutex, Once};

use plainsight::scan::crash;

thread_local! {
    /// What the fuzzer gave, while a reader has it.
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Runs `work`. It ends early if a library panics, and the input is kept under the place of the panic
/// in the directory that `FUZZ_CAUGHT` names.
pub fn only_ours(input: &[u8], work: impl FnOnce()) {
    install_hook();
    INPUT.with_borrow_mut(|kept| {
        kept.clear();
        kept.extend_from_slice(input);
    });
    let _ = panic::catch_unwind(AssertUnwindSafe(work));
}

/// The hook of libFuzzer, which aborts, stands behind ours; the one of [`crash`] does not, but its place is.
fn install_hook() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let abort = panic::take_hook();
        // Of the two, the hook of `crash` is the inner one from now on.
        panic::set_hook(Box::new(|_| ()));
        let _ = crash::catch(|| ());
        let note = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let file = info.location().map_or("", panic::Location::file);
            match file.split_once("/registry/src/").and_then(|(_, path)| path.split_once('/')) {
                Some((_, path)) => keep(&format!("{path}:{}", info.location().map_or(0, panic::Location::line))),
                None => abort(info),
            }
            note(info);
        }));
    });
}

fn keep(place: &str) {
    static PLACES: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let Some(directory) = std::env::var_os("FUZZ_CAUGHT").map(PathBuf::from) else { return };
    if PLACES.lock().is_ok_and(|mut places| places.insert(place.to_owned())) {
        let path = directory.join(place.replace('/', "-"));
        if !path.exists() {
            let _ = INPUT.with_borrow(|input| fs::write(path, input));
        }
    }
}
