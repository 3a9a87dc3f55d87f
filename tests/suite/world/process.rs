//! The built binary as a process of its own: started with a log file, ready when it says so over HTTP, ended by id.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use super::client::client;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_moxi-onboard");

/// A process of the product. It is killed when dropped.
pub struct Process {
    pub name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts it; everything it prints goes to a file of its own in `folder`.
    pub fn start(name: &str, folder: &Path, arguments: &[&str]) -> Process {
        fs::create_dir_all(folder).expect("a folder");
        let log = folder.join(format!("{name}.log"));
        let file = File::options().create(true).append(true).open(&log).expect("a log file");
        let child = Command::new(PROGRAM)
            .args(arguments)
            .current_dir(folder)
            .env("NO_COLOR", "1")
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a file"))
            .stderr(file)
            .spawn()
            .expect("the program starts");
        Process { name: name.to_owned(), child, log }
    }

    /// Waits until `url` answers with 200. Fails the test when the process ends or 30 seconds pass.
    pub async fn ready(&mut self, url: &str) {
        let client = client();
        let begun = Instant::now();
        loop {
            let answer = client.get(url).send().await;
            if answer.is_ok_and(|answer| answer.status() == 200) {
                return;
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("{} ended with {status} before it was ready:\n{}", self.name, self.log());
            }
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "{} does not answer at {url}:\n{}",
                self.name,
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Everything it printed so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until the log has these words.
    pub async fn says(&mut self, words: &str) {
        let begun = Instant::now();
        while !self.log().contains(words) {
            let ended = self.child.try_wait().ok().flatten();
            assert!(
                ended.is_none() && begun.elapsed() < Duration::from_secs(30),
                "{} does not say {words:?}:\n{}",
                self.name,
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL, and waits until it is gone.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM; gives how it ended and how long that took. Fails the test after 25 seconds.
    pub async fn terminate(mut self) -> (ExitStatus, Duration) {
        let begun = Instant::now();
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("the process is there");
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return (status, begun.elapsed());
            }
            assert!(
                begun.elapsed() < Duration::from_secs(25),
                "{} does not stop:\n{}",
                self.name,
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<_> = log.lines().rev().take(60).collect();
            eprintln!("---- last lines of {}", self.name);
            tail.into_iter().rev().for_each(|line| eprintln!("{line}"));
        }
    }
}

/// Runs a command of the product to its end.
pub fn runs(folder: &Path, arguments: &[&str]) -> std::process::Output {
    Command::new(PROGRAM)
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}
