//! Keeps a panicking parser to the item it was reading, and its message, which may quote content, off the terminal.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static GUARDED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `work`; a panic in it comes back as the place in the code where it arose.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    install_hook();
    let outer = GUARDED.replace(Some(String::new()));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    let place = GUARDED.replace(outer).unwrap_or_default();
    result.map_err(|_| place)
}

/// Goes on with a panic that another thread caught; `place` is what it told.
pub fn pass_on(place: String) {
    if GUARDED.with_borrow(Option::is_some) {
        GUARDED.set(Some(place));
    }
    panic::resume_unwind(Box::new("passed on"));
}

/// Within [`catch`] the hook notes the place only; elsewhere panics print as always.
fn install_hook() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let default = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let guarded = GUARDED.with_borrow_mut(|place| match place {
                Some(place) => {
                    *place =
                        info.location().map(|at| format!("{}:{}", short(at.file()), at.line())).unwrap_or_default();
                    true
                }
                None => false,
            });
            if !guarded {
                default(info);
            }
        }));
    });
}

/// The path from the name of the crate on: the rest is of the machine that built it.
fn short(file: &str) -> &str {
    let from = file.rfind("/src/").and_then(|src| file.get(..src)?.rfind('/')).map_or(0, |slash| slash + 1);
    file.get(from..).unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_only_its_work_and_tells_its_place() {
        let place = catch(|| assert!(std::hint::black_box(false), "secret value")).unwrap_err();
        assert!(place.contains("crash.rs:"), "{place}");
        assert!(!place.contains("secret"));
        assert_eq!(catch(|| 7), Ok(7));
    }
}
