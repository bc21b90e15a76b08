//! The progress bar on stderr: files, bytes, rate and the file at hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::scan::Progress;

/// Draws until it is dropped, then clears its line.
pub(super) struct Bar {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Bar {
    pub(super) fn start(progress: Arc<Progress>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stop);
        let thread = thread::spawn(move || draw(&progress, &flag));
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

fn draw(progress: &Progress, stop: &AtomicBool) {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    let style = |template| ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style("{spinner} {msg}"));
    let started = Instant::now();
    let mut is_walked = false;
    while !stop.load(Ordering::Relaxed) {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (found, done) = (load(&progress.found), load(&progress.done));
        let (found_bytes, done_bytes) = (load(&progress.found_bytes), load(&progress.done_bytes));
        if !is_walked && progress.walked.load(Ordering::Relaxed) {
            is_walked = true;
            bar.set_style(style("{bar:20} {percent:>3}% {msg}"));
        }
        bar.set_length(found_bytes.max(1));
        bar.set_position(done_bytes);
        let rate = done_bytes as f64 / started.elapsed().as_secs_f64().max(0.001);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate for the eye")]
        let rate = HumanBytes(rate as u64);
        let current = progress.current().map(|item| shorten(&item.to_string())).unwrap_or_default();
        let more = if is_walked { "" } else { "+" };
        bar.set_message(format!(
            "{done} of {found}{more} files, {} of {}{more}, {rate}/s  {current}",
            HumanBytes(done_bytes),
            HumanBytes(found_bytes),
        ));
        bar.tick();
        thread::park_timeout(Duration::from_millis(120));
    }
    bar.finish_and_clear();
}

/// The end of a path says most.
fn shorten(path: &str) -> String {
    let count = path.chars().count();
    if count <= 48 {
        return path.to_owned();
    }
    let end: String = path.chars().skip(count - 47).collect();
    format!("…{end}")
}
