//! What an error of a share means: try again, give the file up, or doubt the whole share.

use std::io;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::model::Reason;

use super::pace::pause;

/// What may help against an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The call was disturbed; the same call again.
    Again,
    /// The server or its disk failed, perhaps for a moment: the file opened again by its path.
    Passing,
    /// The server is gone.
    Down,
    /// Nothing: the file is not there, or not for us.
    Final,
}

/// Pauses before the second, third and fourth try.
const WAITS: [Duration; 3] = [Duration::from_millis(50), Duration::from_millis(250), Duration::from_secs(1)];

#[cfg(unix)]
pub fn class(error: &io::Error) -> Class {
    match error.raw_os_error() {
        Some(libc::EINTR | libc::EAGAIN | libc::EBUSY | libc::ENFILE | libc::EMFILE | libc::ENOBUFS) => Class::Again,
        Some(
            libc::EIO
            | libc::ESTALE
            | libc::ETIMEDOUT
            | libc::ECONNRESET
            | libc::ECONNABORTED
            | libc::EPROTO
            | libc::EPIPE,
        ) => Class::Passing,
        Some(
            libc::EHOSTDOWN
            | libc::EHOSTUNREACH
            | libc::ENETDOWN
            | libc::ENETUNREACH
            | libc::ENETRESET
            | libc::ENOTCONN
            | libc::ESHUTDOWN
            | libc::ECONNREFUSED
            | libc::ENODEV
            | libc::ENXIO,
        ) => Class::Down,
        _ => Class::Final,
    }
}

#[cfg(not(unix))]
pub fn class(error: &io::Error) -> Class {
    match error.kind() {
        io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock => Class::Again,
        io::ErrorKind::TimedOut | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => Class::Passing,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::NotConnected => Class::Down,
        _ => Class::Final,
    }
}

/// The reason code of an error that the share gave.
pub fn reason(error: &io::Error) -> Reason {
    #[cfg(unix)]
    match error.raw_os_error() {
        Some(libc::ENAMETOOLONG) => return Reason::PathTooLong,
        // A link that took the place of the file, met by O_NOFOLLOW.
        Some(libc::ELOOP) => return Reason::Symlink,
        _ => {}
    }
    match error.kind() {
        io::ErrorKind::PermissionDenied => Reason::PermissionDenied,
        io::ErrorKind::NotFound => Reason::NotFound,
        _ if class(error) == Class::Down => Reason::ShareUnavailable,
        _ => Reason::IoError,
    }
}

/// Calls until it works, the error is final, or four tries were made; `try_call` is told how
/// many there were before.
pub fn retried<T>(stop: &AtomicBool, mut try_call: impl FnMut(usize) -> io::Result<T>) -> io::Result<T> {
    for (tries, wait) in WAITS.into_iter().enumerate() {
        match try_call(tries) {
            Err(error) if class(&error) != Class::Final => pause(wait, stop),
            ended => return ended,
        }
    }
    try_call(WAITS.len())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn run(errors: &[i32]) -> (usize, io::Result<()>) {
        let mut calls = 0;
        let result = retried(&AtomicBool::new(true), |tries| {
            assert_eq!(tries, calls);
            calls += 1;
            errors.get(tries).map_or(Ok(()), |code| Err(io::Error::from_raw_os_error(*code)))
        });
        (calls, result)
    }

    #[test]
    fn what_passes_is_tried_again_and_what_is_final_is_not() {
        assert!(matches!(run(&[libc::EIO, libc::ESTALE, libc::EINTR]), (4, Ok(()))));
        assert!(matches!(run(&[libc::EIO; 9]), (4, Err(_))));
        assert!(matches!(run(&[libc::EACCES]), (1, Err(_))));
        assert!(matches!(run(&[libc::EHOSTDOWN, libc::ENOENT]), (2, Err(_))));
    }

    #[test]
    fn reasons() {
        let of = |code| reason(&io::Error::from_raw_os_error(code));
        assert_eq!(of(libc::EHOSTDOWN), Reason::ShareUnavailable);
        assert_eq!(of(libc::EIO), Reason::IoError);
        assert_eq!(of(libc::EACCES), Reason::PermissionDenied);
        assert_eq!(of(libc::ENOENT), Reason::NotFound);
        assert_eq!(of(libc::ENAMETOOLONG), Reason::PathTooLong);
    }
}
