//! The program on a terminal: what it asks, what a no does, and what Ctrl-C does.
//!
//! A program with a harness of its own: started without arguments it plays the scenes, each on a new
//! terminal; started with one, it is the process that takes the terminal for its own and becomes `tally`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a harness says what it did")]

#[path = "cli/history.rs"]
mod history;
#[path = "cli/node.rs"]
#[allow(dead_code, reason = "shared with the other tests, which use all of it")]
mod node;
#[path = "cli/program.rs"]
#[allow(dead_code, reason = "shared with the other tests, which use all of it")]
mod program;

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::node::{Node, Part};
use crate::program::{PASSWORD, Wallet};

/// What Ctrl-C sends.
const CTRL_C: &[u8] = b"\x03";
/// Bytes that a scene prints at most.
const OUTPUT_BYTES_MAX: usize = 1024 * 1024;

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("--on-terminal") {
        become_tally(arguments.collect());
    }
    let scenes: [(&str, fn()); 6] = [
        ("a_yes_signs_and_sends", a_yes_signs_and_sends),
        ("a_no_signs_nothing_and_exits_8", a_no_signs_nothing_and_exits_8),
        ("ctrl_c_at_a_question_exits_130", ctrl_c_at_a_question_exits_130),
        ("ctrl_c_at_a_password_gives_the_echo_back", ctrl_c_at_a_password_gives_the_echo_back),
        ("ctrl_c_while_waiting_says_how_to_go_on", ctrl_c_while_waiting_says_how_to_go_on),
        ("a_new_password_is_asked_twice", a_new_password_is_asked_twice),
    ];
    for (name, scene) in scenes {
        scene();
        println!("{name} ... ok");
    }
}

fn a_yes_signs_and_sends() {
    let (wallet, node) = (Wallet::with_known_keys(), Node::start(Part::Applies));
    let mut terminal = Terminal::start(&wallet, &send(&node));
    terminal.until("Sign and send? [y/N] ");
    terminal.say(b"y\n");
    terminal.until("Password of key 'alice': ");
    terminal.hides();
    terminal.say(format!("{PASSWORD}\n").as_bytes());
    terminal.until("applied in block 11");
    assert_eq!(terminal.end(), 0);
    assert!(!terminal.shown.contains(PASSWORD), "a password is not shown");
    assert_eq!(node.submitted().len(), 1);
}

fn a_no_signs_nothing_and_exits_8() {
    for answer in [&b"n\n"[..], b"\n", b"maybe\n"] {
        let (wallet, node) = (Wallet::with_known_keys(), Node::start(Part::Applies));
        let mut terminal = Terminal::start(&wallet, &send(&node));
        terminal.until("[y/N] ");
        terminal.say(answer);
        terminal.until("declined");
        assert_eq!(terminal.end(), 8);
        assert_eq!(node.submitted().len(), 0);
    }
}

fn ctrl_c_at_a_question_exits_130() {
    let (wallet, node) = (Wallet::with_known_keys(), Node::start(Part::Applies));
    let mut terminal = Terminal::start(&wallet, &send(&node));
    terminal.until("[y/N] ");
    terminal.say(CTRL_C);
    terminal.until("interrupted");
    assert_eq!(terminal.end(), 130);
    assert_eq!(node.submitted().len(), 0);
}

fn ctrl_c_at_a_password_gives_the_echo_back() {
    let wallet = Wallet::with_known_keys();
    let mut terminal = Terminal::start(&wallet, &["key", "export", "alice", "--yes"]);
    terminal.until("Password of key 'alice': ");
    terminal.hides();
    terminal.say(CTRL_C);
    terminal.until("interrupted");
    assert_eq!(terminal.end(), 130);
    assert!(terminal.echoes());
}

fn ctrl_c_while_waiting_says_how_to_go_on() {
    let (wallet, node) = (Wallet::with_known_keys(), Node::start(Part::Holds));
    let password = wallet.path().join("password");
    let file = ["--password-file", password.to_str().unwrap(), "--yes"];
    let mut terminal = Terminal::start(&wallet, &[&send(&node)[..], &file].concat());
    terminal.until("transaction ");
    terminal.until("waiting for the block");
    terminal.say(CTRL_C);
    terminal.until("the transaction goes on without you");
    let hash = node.submitted()[0].transaction.id();
    terminal.until(&format!("tally tx wait {hash}"));
    assert_eq!(terminal.end(), 130);
}

fn a_new_password_is_asked_twice() {
    let wallet = Wallet::new();
    let mut terminal = Terminal::start(&wallet, &["key", "new", "carol"]);
    terminal.until("New password for key 'carol'");
    terminal.say(b"password one\n");
    terminal.until("The same again");
    terminal.say(b"password two\n");
    terminal.until("the two passwords differ");
    assert_eq!(terminal.end(), 7);
}

fn send(node: &Node) -> [&str; 7] {
    ["--node", &node.url, "send", "bob", "1TLY", "--key", "alice"]
}

/// `tally` on a terminal of its own.
struct Terminal {
    /// Our side.
    keyboard: File,
    /// The program's side, open here too so that it outlives the program.
    screen: File,
    child: Child,
    shown: String,
    read_until: usize,
}

impl Terminal {
    fn start(wallet: &Wallet, arguments: &[&str]) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keyboard).unwrap();
        unlockpt(&keyboard).unwrap();
        let name = ptsname(&keyboard, Vec::new()).unwrap();
        let name = name.to_str().unwrap();
        let mut options = OpenOptions::new();
        let nowhere = i32::try_from(rustix::fs::OFlags::NOCTTY.bits()).unwrap();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, nowhere);
        let screen = options.read(true).write(true).open(name).unwrap();
        let tally = wallet.command(arguments);
        let mut stage = Command::new(std::env::current_exe().unwrap());
        stage.arg("--on-terminal").arg(name).args(tally.get_args());
        for (name, value) in tally.get_envs() {
            match value {
                Some(value) => stage.env(name, value),
                None => stage.env_remove(name),
            };
        }
        let end = || Stdio::from(screen.try_clone().unwrap());
        let child = stage.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        Self { keyboard: keyboard.into(), screen, child, shown: String::new(), read_until: 0 }
    }

    fn say(&mut self, bytes: &[u8]) {
        self.keyboard.write_all(bytes).unwrap();
    }

    /// Reads until `text` is on the screen, after what was read before.
    fn until(&mut self, text: &str) {
        let mut buffer = [0; 1024];
        loop {
            let unread = &self.shown[self.read_until..];
            if let Some(at) = unread.find(text) {
                self.read_until += at + text.len();
                return;
            }
            assert!(self.shown.len() < OUTPUT_BYTES_MAX, "{text}: {}", self.shown);
            if let Some(status) = self.child.try_wait().unwrap() {
                // The screen is still open here: what the program printed last waits to be read.
                self.screen.write_all(b"\nEND\n").unwrap();
                self.drain();
                assert!(
                    self.shown[self.read_until..].contains(text),
                    "{text}: {status}: {}",
                    self.shown
                );
                continue;
            }
            let count = self.read_some(&mut buffer);
            self.shown.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    }

    /// Reads what there is, waiting for it a moment: the program may have ended without a last word.
    fn read_some(&mut self, buffer: &mut [u8]) -> usize {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let mut ends = [PollFd::new(&self.keyboard, PollFlags::IN)];
        let moment = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
        let ready = poll(&mut ends, Some(&moment)).unwrap();
        if ready == 0 { 0 } else { self.keyboard.read(buffer).unwrap() }
    }

    fn drain(&mut self) {
        let mut buffer = [0; 1024];
        while !self.shown[self.read_until..].contains("\nEND\r\n") {
            let count = self.keyboard.read(&mut buffer).unwrap();
            self.shown.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    }

    fn echoes(&self) -> bool {
        let modes = rustix::termios::tcgetattr(&self.screen).unwrap().local_modes;
        modes.contains(rustix::termios::LocalModes::ECHO)
    }

    /// Waits until what is typed is not shown. The question is printed a moment before.
    fn hides(&self) {
        while self.echoes() {
            std::thread::yield_now();
        }
    }

    fn end(&mut self) -> i32 {
        self.child.wait().unwrap().code().unwrap()
    }
}

/// Makes the terminal named first this process's own, and the process `tally` with the other arguments.
fn become_tally(mut arguments: Vec<String>) {
    let name = arguments.remove(0);
    rustix::process::setsid().unwrap();
    // Whoever leads a session and has no terminal gets the one it opens.
    let terminal = OpenOptions::new().read(true).write(true).open(name).unwrap();
    let error = Command::new(env!("CARGO_BIN_EXE_tally")).args(arguments).exec();
    drop(terminal);
    panic!("{error}");
}
