//! Shuts a worker in: it reads below the roots, writes nowhere, starts nothing, reaches nobody.
//!
//! Linux: [Landlock](https://docs.kernel.org/userspace-api/landlock.html) for the files, a
//! [seccomp filter](https://docs.kernel.org/userspace-api/seccomp_filter.html) for the system
//! calls, and limits. Elsewhere a worker is a plain child with the limits that the system has.
//! Both hold for the thread that calls and for those that it starts: close before starting any.

use std::path::PathBuf;

use super::wire::Walls;

/// Shuts this thread in, and says how far the system could.
#[cfg(target_os = "linux")]
pub fn close(roots: &[PathBuf]) -> Walls {
    Walls { landlock: files::close(roots), seccomp: calls::close() }
}

#[cfg(not(target_os = "linux"))]
pub fn close(_roots: &[PathBuf]) -> Walls {
    Walls::default()
}

/// What every process of the system is given at most, and what it leaves behind: no image of
/// its memory, ever. `memory`: bytes; `scratch`: bytes of its one file.
#[cfg(unix)]
pub fn limit(memory: u64, scratch: u64) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let at_most = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
    // What cannot be set is a system that has no such limit.
    let _ = setrlimit(Resource::Core, at_most(0));
    let _ = setrlimit(Resource::Fsize, at_most(scratch));
    // On Linux all private memory that can be written, mapped or not; what is reserved only does not count.
    let _ = setrlimit(Resource::Data, at_most(memory));
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, Signal, set_dumpable_behavior, set_parent_process_death_signal};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
        // It also ends when its pipe does.
        let _ = set_parent_process_death_signal(Some(Signal::KILL));
    }
}

#[cfg(not(unix))]
pub fn limit(_memory: u64, _scratch: u64) {}

/// Lets the process use as much more processor time than it has used so far.
#[cfg(target_os = "linux")]
pub(super) fn grant_processor(process: u32, seconds: u64) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let ticks = |stat: String| {
        // The name, in parentheses, may hold anything.
        let (_, fields) = stat.rsplit_once(')')?;
        let mut fields = fields.split_ascii_whitespace().skip(11);
        Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
    };
    // A hundred a second on every system of today.
    let used = std::fs::read_to_string(format!("/proc/{process}/stat")).ok().and_then(ticks).unwrap_or(0) / 100;
    if let Some(process) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        let limit = Rlimit { current: Some(used.saturating_add(seconds)), maximum: None };
        let _ = prlimit(Some(process), Resource::Cpu, limit);
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn grant_processor(_process: u32, _seconds: u64) {}

#[cfg(target_os = "linux")]
mod files {
    use std::path::{Path, PathBuf};

    use landlock::{
        ABI, Access, AccessFs, AccessNet, LandlockStatus, PathBeneath, PathFd, Ruleset, RulesetAttr,
        RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
    };

    /// What is denied to the extent that the kernel knows it.
    const KNOWN: ABI = ABI::V7;

    /// The version that is in force; 0 if none is.
    pub(super) fn close(roots: &[PathBuf]) -> u32 {
        restrict(roots).unwrap_or(0)
    }

    fn restrict(roots: &[PathBuf]) -> Result<u32, RulesetError> {
        let mut rules = Ruleset::default()
            .handle_access(AccessFs::from_all(KNOWN))?
            .handle_access(AccessNet::from_all(KNOWN))?
            .scope(Scope::from_all(KNOWN))?
            .create()?;
        for root in roots {
            // What cannot be opened here cannot be read either.
            if let Ok(directory) = PathFd::new(folder(root)) {
                rules = rules.add_rule(PathBeneath::new(directory, AccessFs::ReadFile | AccessFs::ReadDir))?;
            }
        }
        let status = rules.restrict_self()?;
        Ok(match (status.ruleset, status.landlock) {
            (RulesetStatus::NotEnforced, _) => 0,
            (_, LandlockStatus::Available { effective_abi, .. }) => effective_abi as u32,
            _ => 0,
        })
    }

    /// Beside a root that is a file there may lie its password.
    fn folder(root: &Path) -> &Path {
        match root.parent() {
            _ if root.is_dir() => root,
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
            None => root,
        }
    }
}

#[cfg(target_os = "linux")]
mod calls {
    use std::collections::BTreeMap;

    use libc::c_long;
    use seccompiler::SeccompCmpArgLen::{Dword, Qword};
    use seccompiler::SeccompCmpOp::{Eq, MaskedEq};
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
        TargetArch, apply_filter,
    };

    /// Whether the filters are in force.
    pub(super) fn close() -> bool {
        let Ok(architecture) = TargetArch::try_from(std::env::consts::ARCH) else { return false };
        close_for(architecture).is_ok()
    }

    fn close_for(architecture: TargetArch) -> Result<(), seccompiler::Error> {
        // The arguments of clone3 cannot be looked at; without it the C library takes clone.
        let missing = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
        let no_clone3: BpfProgram = SeccompFilter::new(
            BTreeMap::from([(libc::SYS_clone3, Vec::new())]),
            SeccompAction::Allow,
            missing,
            architecture,
        )?
        .try_into()?;
        let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
        let allowed: BpfProgram =
            SeccompFilter::new(allowed()?, refused, SeccompAction::Allow, architecture)?.try_into()?;
        apply_filter(&no_clone3)?;
        apply_filter(&allowed)
    }

    /// What a worker needs to read, to count and to answer; anything else fails with EPERM.
    const FREE: &[c_long] = &[
        // files that are open, and what is asked about others
        libc::SYS_read,
        libc::SYS_readv,
        libc::SYS_pread64,
        libc::SYS_preadv,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_pwrite64,
        libc::SYS_lseek,
        libc::SYS_close,
        libc::SYS_fstat,
        libc::SYS_newfstatat,
        libc::SYS_statx,
        libc::SYS_fcntl,
        libc::SYS_ftruncate,
        libc::SYS_fadvise64,
        libc::SYS_getdents64,
        libc::SYS_readlinkat,
        libc::SYS_getcwd,
        libc::SYS_ppoll,
        // memory
        libc::SYS_brk,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        // threads and signals of its own
        libc::SYS_clone3,
        libc::SYS_futex,
        libc::SYS_set_robust_list,
        libc::SYS_rseq,
        libc::SYS_sched_yield,
        libc::SYS_sched_getaffinity,
        libc::SYS_sigaltstack,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_restart_syscall,
        libc::SYS_membarrier,
        libc::SYS_gettid,
        libc::SYS_getpid,
        libc::SYS_exit,
        libc::SYS_exit_group,
        // time and chance
        libc::SYS_clock_gettime,
        libc::SYS_clock_getres,
        libc::SYS_clock_nanosleep,
        libc::SYS_nanosleep,
        libc::SYS_gettimeofday,
        libc::SYS_getrandom,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_stat,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_lstat,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_readlink,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_time,
    ];

    type Rules = BTreeMap<i64, Vec<SeccompRule>>;

    fn allowed() -> Result<Rules, seccompiler::Error> {
        let mut rules: Rules = FREE.iter().map(|&call| (call, Vec::new())).collect();
        let mut when = |call: c_long, conditions: &[(u8, SeccompCmpArgLen, SeccompCmpOp, u64)]| {
            let conditions = conditions
                .iter()
                .map(|(argument, length, is, value)| {
                    SeccompCondition::new(*argument, length.clone(), is.clone(), *value)
                })
                .collect::<Result<Vec<_>, _>>()?;
            rules.entry(call).or_default().push(SeccompRule::new(conditions)?);
            Ok::<(), seccompiler::Error>(())
        };
        let bits = |flags: i32| u64::from(flags.unsigned_abs());

        // To read only, and nothing that is not there.
        let writes = bits(
            libc::O_ACCMODE | libc::O_CREAT | libc::O_TRUNC | libc::O_APPEND | (libc::O_TMPFILE & !libc::O_DIRECTORY),
        );
        when(libc::SYS_openat, &[(2, Dword, MaskedEq(writes), 0)])?;
        #[cfg(target_arch = "x86_64")]
        when(libc::SYS_open, &[(1, Dword, MaskedEq(writes), 0)])?;
        // No memory that can be run.
        let runs = bits(libc::PROT_EXEC);
        when(libc::SYS_mmap, &[(2, Dword, MaskedEq(runs), 0)])?;
        when(libc::SYS_mprotect, &[(2, Dword, MaskedEq(runs), 0)])?;
        // Threads, no processes.
        let thread = bits(libc::CLONE_THREAD);
        when(libc::SYS_clone, &[(0, Qword, MaskedEq(thread), thread)])?;
        when(libc::SYS_prctl, &[(0, Dword, Eq, bits(libc::PR_SET_NAME))])?;
        // Limits of its own are read, none is set.
        when(libc::SYS_prlimit64, &[(0, Dword, Eq, 0), (2, Qword, Eq, 0)])?;
        // A signal to itself: how a process gives up.
        let own = u64::from(std::process::id());
        when(libc::SYS_tgkill, &[(0, Dword, Eq, own)])?;
        Ok(rules)
    }
}
