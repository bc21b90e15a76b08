//! `plainsight schedule`: what starts a scan every night, printed to be installed by whoever looks after the machine.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use super::args::state::{Schedule, ScheduleArguments, ScheduleOptions};
use super::exit::{Exit, print};
use super::settings;

pub(super) fn run(arguments: &ScheduleArguments) -> anyhow::Result<Exit> {
    let text = match &arguments.what {
        Schedule::Service(options) => service(&checked(options)?),
        Schedule::Timer(options) => timer(&checked(options)?),
        Schedule::Cron(options) => cron(&checked(options)?),
        Schedule::Windows(options) => windows(&checked(options)?),
        Schedule::TemplateService => template_service(),
        Schedule::TemplateTimer => timer_of("plainsight@", "%i", "22:00"),
    };
    print(&text)?;
    Ok(Exit::Clean)
}

struct Checked<'a> {
    name: &'a str,
    user: &'a str,
    at: &'a str,
    end_by: Option<&'a str>,
    config: String,
    program: String,
    paths: Vec<String>,
}

fn checked(options: &ScheduleOptions) -> anyhow::Result<Checked<'_>> {
    let ScheduleOptions { config, name, at, end_by, user, program } = options;
    let is_plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
    ensure!(is_plain(name), "a name has letters, digits, - and _ only");
    ensure!(is_plain(user), "a user has letters, digits, - and _ only");
    for time in [Some(at), end_by.as_ref()].into_iter().flatten() {
        let parsed: Result<jiff::civil::Time, _> = format!("{time}:00").parse();
        ensure!(parsed.is_ok() && time.len() == 5, "`{time}` is no time: give it as 22:00");
    }
    let program = match program {
        Some(program) => program.clone(),
        None => std::env::current_exe().context("asking for the path of this program")?,
    };
    let paths = settings::paths_of(config)?;
    ensure!(!paths.is_empty(), "the configuration names no `paths`");
    Ok(Checked {
        name,
        user,
        at,
        end_by: end_by.as_deref(),
        config: absolute(config)?,
        program: absolute(&program)?,
        paths: paths.iter().map(|path| absolute(path)).collect::<Result<_, _>>()?,
    })
}

fn absolute(path: &Path) -> anyhow::Result<String> {
    let path: PathBuf = std::path::absolute(path).context("making a path absolute")?;
    let text = path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))?;
    ensure!(!text.chars().any(char::is_control), "{text:?} holds a control character");
    Ok(text.to_owned())
}

/// A word of a command line of systemd: `%` and `$` begin something there.
fn systemd(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
    format!("\"{escaped}\"")
}

fn service(task: &Checked<'_>) -> String {
    let Checked { name, user, config, program, end_by, paths, .. } = task;
    let end = end_by.map(|end| format!(" --end-by {end}")).unwrap_or_default();
    let (mut reads, mut mounts) = (String::new(), String::new());
    for path in paths.iter().chain([config]) {
        let _ = writeln!(reads, "BindReadOnlyPaths={}", path.replace('%', "%%").replace(' ', "\\x20"));
        let _ = writeln!(mounts, "RequiresMountsFor={}", systemd(path));
    }
    let config = systemd(config);
    let unit =
        Unit { file: &format!("plainsight-{name}"), name, config: &config, user, mounts: &mounts, reads: &reads };
    unit.service(&systemd(program), &end)
}

/// For each file of settings in /etc/plainsight, by its name.
fn template_service() -> String {
    let config = "\"/etc/plainsight/%i.toml\"";
    let unit = Unit { file: "plainsight@", name: "%i", config, user: "plainsight", mounts: "", reads: "" };
    unit.service("/usr/bin/plainsight", "")
}

/// What differs from one service to the other, as systemd reads it.
struct Unit<'a> {
    file: &'a str,
    name: &'a str,
    config: &'a str,
    user: &'a str,
    mounts: &'a str,
    reads: &'a str,
}

impl Unit<'_> {
    fn service(&self, program: &str, end: &str) -> String {
        let Self { file, name, config, user, mounts, reads } = self;
        format!(
        "\
# /etc/systemd/system/{file}.service
[Unit]
Description=Scan for unencrypted personal data ({name})
{mounts}
[Service]
Type=oneshot
ExecStart={program} scan --config {config} --state /var/lib/plainsight/{name}.sqlite --log json --quiet --progress never{end}
# 1: findings; 3: finished, but something was not read. Both are answers, not failures.
SuccessExitStatus=1 3
User={user}
StateDirectory=plainsight
StateDirectoryMode=0700
UMask=0077
Nice=10
IOSchedulingClass=idle
# Killed at the second signal only: the first ends the scan in good order.
KillSignal=SIGTERM
TimeoutStopSec=5min
# It may read what it scans, and write its state.
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
{reads}PrivateNetwork=yes
RestrictAddressFamilies=AF_UNIX
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
"
        )
    }
}

fn timer(task: &Checked<'_>) -> String {
    let Checked { name, at, .. } = task;
    timer_of(&format!("plainsight-{name}"), name, at)
}

/// `file` is the name without its end, as is that of the service.
fn timer_of(file: &str, name: &str, at: &str) -> String {
    // A timer of a template starts the service of its own name.
    let unit = if file.ends_with('@') { String::new() } else { format!("Unit={file}.service\n") };
    format!(
        "\
# /etc/systemd/system/{file}.timer
[Unit]
Description=Scan for unencrypted personal data every night ({name})

[Timer]
OnCalendar=*-*-* {at}:00
RandomizedDelaySec=5min
Persistent=no
{unit}
[Install]
WantedBy=timers.target
"
    )
}

fn cron(task: &Checked<'_>) -> String {
    let Checked { name, at, end_by, config, program, .. } = task;
    let (hour, minute) = at.split_once(':').unwrap_or((at, "0"));
    let number = |digits: &str| digits.trim_start_matches('0').parse::<u32>().unwrap_or(0);
    let end = end_by.map(|end| format!(" --end-by {end}")).unwrap_or_default();
    // In a crontab a percent sign ends the line.
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''").replace('%', "\\%"));
    format!(
        "{} {} * * * nice {} scan --config {} --state auto --quiet --progress never --log json{end} 2>&1 | logger -t plainsight-{name}\n",
        number(minute),
        number(hour),
        quoted(program),
        quoted(config),
    )
}

fn windows(task: &Checked<'_>) -> String {
    let Checked { name, at, end_by, config, program, .. } = task;
    let xml = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let end = end_by.map(|end| format!(" --end-by {end}")).unwrap_or_default();
    let arguments = format!("scan --config \"{config}\" --state auto --quiet --progress never{end}");
    format!(
        "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<Task version=\"1.4\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">
  <RegistrationInfo>
    <Description>Scan for unencrypted personal data ({name})</Description>
  </RegistrationInfo>
  <Triggers>
    <CalendarTrigger>
      <StartBoundary>2026-01-01T{at}:00</StartBoundary>
      <Enabled>true</Enabled>
      <ScheduleByDay>
        <DaysInterval>1</DaysInterval>
      </ScheduleByDay>
    </CalendarTrigger>
  </Triggers>
  <Principals>
    <Principal id=\"Author\">
      <LogonType>Password</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StartWhenAvailable>false</StartWhenAvailable>
    <ExecutionTimeLimit>PT23H</ExecutionTimeLimit>
    <Priority>7</Priority>
  </Settings>
  <Actions Context=\"Author\">
    <Exec>
      <Command>{}</Command>
      <Arguments>{}</Arguments>
    </Exec>
  </Actions>
</Task>
",
        xml(program),
        xml(&arguments)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task() -> Checked<'static> {
        Checked {
            name: "hr",
            user: "plainsight",
            at: "22:05",
            end_by: Some("06:00"),
            config: "/etc/plainsight/100% hr's.toml".into(),
            program: "/usr/bin/plainsight".into(),
            paths: vec!["/srv/hr files".into()],
        }
    }

    #[test]
    fn what_is_special_is_escaped() {
        let line = cron(&task());
        assert!(
            line.starts_with(
                "5 22 * * * nice '/usr/bin/plainsight' scan --config '/etc/plainsight/100\\% hr'\\''s.toml'"
            ),
            "{line}"
        );
        assert!(service(&task()).contains("--config \"/etc/plainsight/100%% hr's.toml\""));
        assert!(service(&task()).contains("BindReadOnlyPaths=/srv/hr\\x20files\n"));
        assert!(windows(&task()).contains("--config &quot;/etc/plainsight/100% hr's.toml&quot;"));
        assert!(timer(&task()).contains("OnCalendar=*-*-* 22:05:00\n"));
    }
}
