//! What a build needs from the system besides cargo, and how to get it.
//!
//! RocksDB is C++ with a C interface whose bindings are generated with libclang. Looking and
//! installing touch the system; deciding what to do is [`plan`], a function of what was found.

mod libclang;

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::{Failure, run};
use crate::report;

pub(crate) use libclang::path_to_set as libclang_path_to_set;

/// What was found on this machine.
#[derive(Debug)]
struct Findings {
    /// A C compiler that finds the standard headers.
    c: bool,
    /// A C++ compiler that finds the standard headers.
    cxx: bool,
    /// A libclang that finds its own headers.
    libclang: bool,
    installer: Option<Installer>,
    privilege: Privilege,
}

/// The system's package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Installer {
    Apt,
    Dnf,
    Pacman,
    Apk,
    Brew,
}

/// How a command that changes the system is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Privilege {
    Root,
    Sudo,
    None,
}

/// What to do about the findings.
#[derive(Debug, PartialEq, Eq)]
enum Plan {
    /// All is there.
    Nothing,
    /// `commands` bring what is `missing`.
    Install { missing: String, commands: Vec<String> },
    /// What is `missing` has to be brought by the user; `advice` says how.
    Ask { missing: String, advice: String },
}

/// Makes sure that compilers and libclang are there, and installs what is not.
pub(crate) fn ensure() -> Result<(), Failure> {
    let (missing, commands) = match plan(&look()) {
        Plan::Nothing => return Ok(()),
        Plan::Ask { missing, advice } => return Err(refusal(&missing, &advice)),
        Plan::Install { missing, commands } => (missing, commands),
    };
    report::progress(&format!("the build needs {missing}, which this machine does not have"));
    for command in &commands {
        report::progress(&format!("running: {command}"));
        // Progress belongs on stderr, and a package manager prints on stdout.
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{command} >&2")]);
        if run(&mut shell).is_err() {
            return Err(refusal(&missing, &format!("run: {}", commands.join(" && "))));
        }
    }
    match plan(&look()) {
        Plan::Nothing => Ok(()),
        Plan::Install { missing, .. } | Plan::Ask { missing, .. } => {
            let advice = format!("it is still not found after: {}", commands.join(" && "));
            Err(refusal(&missing, &advice))
        }
    }
}

fn refusal(missing: &str, advice: &str) -> Failure {
    Failure::explained(format!("the build needs {missing}; {advice}"))
}

fn plan(findings: &Findings) -> Plan {
    let mut missing = Vec::new();
    for (found, name) in [
        (findings.c, "a C compiler"),
        (findings.cxx, "a C++ compiler"),
        (findings.libclang, "libclang with its headers"),
    ] {
        if !found {
            missing.push(name);
        }
    }
    if missing.is_empty() {
        return Plan::Nothing;
    }
    let missing = missing.join(" and ");
    let Some(installer) = findings.installer else {
        let advice = "install them with the system's package manager (on Debian: \
                      apt-get install g++ libclang-dev) and run this again";
        return Plan::Ask { missing, advice: advice.to_owned() };
    };
    let commands = installer.commands();
    let prefix = match (installer, findings.privilege) {
        // Homebrew refuses to run as root.
        (Installer::Brew, _) | (_, Privilege::Root) => "",
        (_, Privilege::Sudo) => "sudo ",
        (_, Privilege::None) => {
            return Plan::Ask {
                missing,
                advice: format!("as root, run: {}", commands.join(" && ")),
            };
        }
    };
    let commands = commands.iter().map(|command| format!("{prefix}{command}")).collect();
    Plan::Install { missing, commands }
}

impl Installer {
    const ALL: [Self; 5] = [Self::Apt, Self::Dnf, Self::Pacman, Self::Apk, Self::Brew];

    /// The program whose presence gives the package manager away.
    fn program(self) -> &'static str {
        match self {
            Self::Apt => "apt-get",
            Self::Dnf => "dnf",
            Self::Pacman => "pacman",
            Self::Apk => "apk",
            Self::Brew => "brew",
        }
    }

    /// The commands that bring both compilers and libclang.
    fn commands(self) -> &'static [&'static str] {
        match self {
            Self::Apt => &[
                "apt-get update",
                "env DEBIAN_FRONTEND=noninteractive apt-get install -y g++ libclang-dev",
            ],
            Self::Dnf => &["dnf install -y gcc-c++ clang-devel"],
            Self::Pacman => &["pacman -S --needed --noconfirm gcc clang"],
            Self::Apk => &["apk add g++ clang-dev clang-libclang"],
            Self::Brew => &["brew install llvm"],
        }
    }
}

fn look() -> Findings {
    let privilege = if is_root() {
        Privilege::Root
    } else if on_path("sudo") && (std::io::stdin().is_terminal() || sudo_asks_nothing()) {
        Privilege::Sudo
    } else {
        Privilege::None
    };
    Findings {
        c: compiles("CC", "cc", "c", "#include <stddef.h>\n#include <stdio.h>\n"),
        cxx: compiles("CXX", "c++", "c++", "#include <cstdint>\n#include <string>\n"),
        libclang: libclang::is_usable(),
        installer: Installer::ALL.into_iter().find(|installer| on_path(installer.program())),
        privilege,
    }
}

/// Whether the compiler named by `variable`, or else `program`, accepts `source`.
fn compiles(variable: &str, program: &str, language: &str, source: &str) -> bool {
    let program = std::env::var(variable).unwrap_or_else(|_| program.to_owned());
    let mut words = program.split_whitespace();
    let Some(program) = words.next() else { return false };
    let child = Command::new(program)
        .args(words)
        .args(["-x", language, "-fsyntax-only", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else { return false };
    let written = child.stdin.take().map(|mut input| input.write_all(source.as_bytes()));
    let ended = child.wait();
    matches!(written, Some(Ok(()))) && ended.is_ok_and(|status| status.success())
}

/// Whether `program` can be run by its bare name.
pub(crate) fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| Path::new(&folder).join(program).is_file())
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn sudo_asks_nothing() -> bool {
    let quiet = Command::new("sudo").args(["-n", "true"]).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests;
