//! The real program, in a process of its own.
//!
//! ```no_run
//! # let binary = "mccc";
//! use std::time::Duration;
//! use mccc_test::process::{Folder, Program};
//!
//! // in a test of the crate that has the program: env!("CARGO_BIN_EXE_mccc")
//! let data = Folder::new(binary, "kill-nine")?;
//! let program = Program::new(binary).arg("serve").arg("--data-dir").arg(data.path());
//! let mut server = program.start()?;
//! let url = server.wait_until_listening(Duration::from_secs(20))?;
//! // ask it something under `url`
//! server.kill9()?;
//! # std::io::Result::Ok(())
//! ```
//!
//! Output goes to a file below `mccc-test-output` in the target directory. It is removed again unless the test fails.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// What the program prints when its port is open, before the URL.
const LISTENING: &str = "listening on ";

/// How often something that should happen is looked for.
const POLL: Duration = Duration::from_millis(5);

/// How the program is to be started.
#[derive(Debug, Clone)]
pub struct Program {
    binary: PathBuf,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
}

impl Program {
    /// The program at `binary`. Its environment is the test's without `MCCC_…` and `RUST_LOG`.
    #[must_use]
    pub fn new(binary: impl Into<PathBuf>) -> Self {
        Self {
            binary: binary.into(),
            args: Vec::new(),
            env: Vec::new(),
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Starts it; any number can be started from one description.
    ///
    /// # Errors
    /// If the process or its output file cannot be made.
    pub fn start(&self) -> io::Result<Running> {
        let log_path = output_folder(&self.binary)?.join(format!("{}.log", unique("run")));
        let log = File::create(&log_path)?;
        let child = self
            .command()
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()?;
        // From here on dropping `running` kills the child, also if its guard cannot be started.
        let mut running = Running {
            child,
            guard: None,
            log_path,
            ended: None,
        };
        running.guard = Some(guard(running.child.id())?);
        Ok(running)
    }

    /// Runs it to its end and returns what it printed; for commands other than `serve`.
    ///
    /// # Errors
    /// If the process cannot be made.
    pub fn output(&self) -> io::Result<std::process::Output> {
        self.command().stdin(Stdio::null()).output()
    }

    /// The command itself, for what is not covered here.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|n| n.starts_with("MCCC_") || n == "RUST_LOG") {
                command.env_remove(name);
            }
        }
        command.args(&self.args).envs(self.env.iter().cloned());
        command
    }
}

/// A started program. Dropping it kills it; so does the end of the test process.
#[derive(Debug)]
pub struct Running {
    child: Child,
    guard: Option<Child>,
    log_path: PathBuf,
    ended: Option<ExitStatus>,
}

impl Running {
    /// The URL that it says it listens on, as soon as it does.
    ///
    /// # Errors
    /// If it ends first or takes longer than `limit`; with the end of its output.
    pub fn wait_until_listening(&mut self, limit: Duration) -> io::Result<String> {
        self.wait_for_output(LISTENING, limit).map(|line| {
            let url = line.split_once(LISTENING).map_or("", |(_, rest)| rest);
            url.split_whitespace()
                .next()
                .unwrap_or_default()
                .trim_end_matches('/')
                .to_owned()
        })
    }

    /// The first line of its output that contains `text`, as soon as it is complete.
    ///
    /// # Errors
    /// If it ends first or takes longer than `limit`; with the end of its output.
    pub fn wait_for_output(&mut self, text: &str, limit: Duration) -> io::Result<String> {
        let mut left = limit.as_millis() / POLL.as_millis();
        loop {
            // Asked before reading, so that the last words of a program are read after its end.
            let ended = self.try_wait()?;
            let log = self.log();
            let complete = log.rfind('\n').and_then(|end| log.get(..end)).unwrap_or_default();
            if let Some(line) = complete.lines().find(|line| line.contains(text)) {
                return Ok(line.to_owned());
            }
            if let Some(status) = ended {
                return Err(self.failure(&format!("it ended ({status}) without saying {text:?}")));
            }
            left = left
                .checked_sub(1)
                .ok_or_else(|| self.failure(&format!("it did not say {text:?} in time")))?;
            std::thread::sleep(POLL);
        }
    }

    /// All that it has printed so far, both streams.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read(&self.log_path)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it without warning and waits until it is gone.
    ///
    /// # Errors
    /// If the signal cannot be sent.
    pub fn kill9(&mut self) -> io::Result<ExitStatus> {
        self.signal(Signal::KILL)?;
        self.wait()
    }

    /// Asks it to end (SIGTERM) and does not wait.
    ///
    /// # Errors
    /// If the signal cannot be sent.
    pub fn sigterm(&self) -> io::Result<()> {
        self.signal(Signal::TERM)
    }

    /// Freezes it (SIGSTOP): its sockets stay open and nothing answers.
    ///
    /// # Errors
    /// If the signal cannot be sent.
    pub fn sigstop(&self) -> io::Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets a frozen program go on (SIGCONT).
    ///
    /// # Errors
    /// If the signal cannot be sent.
    pub fn sigcont(&self) -> io::Result<()> {
        self.signal(Signal::CONT)
    }

    /// How it ended, as soon as it does.
    ///
    /// # Errors
    /// If it takes longer than `limit`; with the end of its output.
    pub fn wait_for_exit(&mut self, limit: Duration) -> io::Result<ExitStatus> {
        let mut left = limit.as_millis() / POLL.as_millis();
        loop {
            if let Some(status) = self.try_wait()? {
                return Ok(status);
            }
            left = left
                .checked_sub(1)
                .ok_or_else(|| self.failure("it did not end in time"))?;
            std::thread::sleep(POLL);
        }
    }

    /// How it ended, or `None` while it runs.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait()?;
        }
        if self.ended.is_some() {
            self.dismiss_guard();
        }
        Ok(self.ended)
    }

    fn wait(&mut self) -> io::Result<ExitStatus> {
        if let Some(status) = self.ended {
            return Ok(status);
        }
        self.dismiss_guard();
        let status = self.child.wait()?;
        self.ended = Some(status);
        Ok(status)
    }

    fn signal(&self, signal: Signal) -> io::Result<()> {
        // Once it was waited for, its id may be another process's.
        if self.ended.is_some() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the program has ended"));
        }
        kill_process(Pid::from_child(&self.child), signal).map_err(io::Error::from)
    }

    /// The guard must be gone before the program's id can belong to another process.
    fn dismiss_guard(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            let _ = guard.kill();
            let _ = guard.wait();
        }
    }

    fn failure(&self, what: &str) -> io::Error {
        let log = self.log();
        let tail: Vec<&str> = log.lines().rev().take(20).collect();
        io::Error::other(format!(
            "{what}; its last words:\n{}",
            tail.into_iter().rev().collect::<Vec<_>>().join("\n")
        ))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended.is_none() {
            let _ = self.child.kill();
            let _ = self.wait();
        }
        if std::thread::panicking() {
            eprintln!("the program's output is kept in {}", self.log_path.display());
        } else {
            let _ = std::fs::remove_file(&self.log_path);
        }
    }
}

/// A fresh folder for a program's data, removed with this value unless the test fails.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes a folder named after `purpose` in the target directory that `binary` is in.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new(binary: impl AsRef<Path>, purpose: &str) -> io::Result<Self> {
        let path = output_folder(binary.as_ref())?.join(unique(purpose));
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the data is kept in {}", self.0.display());
        } else {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// `mccc-test-output` in the target directory that `binary` is in; of other programs in the directory for temporary files.
fn output_folder(binary: &Path) -> io::Result<PathBuf> {
    // Cargo marks its target directory so that backups leave it out.
    let target = binary.ancestors().find(|dir| dir.join("CACHEDIR.TAG").is_file());
    let folder = target
        .map_or_else(std::env::temp_dir, Path::to_owned)
        .join("mccc-test-output");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn unique(purpose: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!(
        "{purpose}-{}-{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    )
}

/// Kills the program when the test process is gone: the end of the pipe says so, however it came.
fn guard(program: u32) -> io::Result<Child> {
    Command::new("/bin/sh")
        .args([
            "-c",
            "trap '' INT TERM HUP; cat >/dev/null; kill -9 \"$1\"",
            "sh",
            &program.to_string(),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
}
