//! What is done about each kind of machine.

use super::*;

fn bare_debian() -> Findings {
    Findings {
        c: false,
        cxx: false,
        libclang: false,
        installer: Some(Installer::Apt),
        privilege: Privilege::Root,
    }
}

#[test]
fn complete_machine_needs_nothing() {
    let findings = Findings { c: true, cxx: true, libclang: true, ..bare_debian() };
    assert_eq!(plan(&findings), Plan::Nothing);
}

#[test]
fn root_on_debian_installs_without_sudo() {
    let Plan::Install { missing, commands } = plan(&bare_debian()) else {
        panic!("root can install");
    };
    assert_eq!(missing, "a C compiler and a C++ compiler and libclang with its headers");
    assert_eq!(commands[0], "apt-get update");
    assert!(commands[1].ends_with("apt-get install -y g++ libclang-dev"), "{commands:?}");
}

#[test]
fn only_what_is_missing_is_named() {
    let findings = Findings { c: true, cxx: true, ..bare_debian() };
    let Plan::Install { missing, .. } = plan(&findings) else { panic!("root can install") };
    assert_eq!(missing, "libclang with its headers");
}

#[test]
fn user_with_sudo_installs_through_it() {
    let findings = Findings { privilege: Privilege::Sudo, ..bare_debian() };
    let Plan::Install { commands, .. } = plan(&findings) else { panic!("sudo can install") };
    assert!(commands.iter().all(|command| command.starts_with("sudo ")), "{commands:?}");
}

#[test]
fn user_without_sudo_is_told_the_exact_commands() {
    let findings = Findings { privilege: Privilege::None, ..bare_debian() };
    let Plan::Ask { advice, .. } = plan(&findings) else { panic!("a user cannot install") };
    assert!(advice.starts_with("as root, run: apt-get update && "), "{advice}");
    assert!(advice.ends_with("install -y g++ libclang-dev"), "{advice}");
}

#[test]
fn homebrew_needs_no_privilege() {
    for privilege in [Privilege::Root, Privilege::Sudo, Privilege::None] {
        let installer = Some(Installer::Brew);
        let Plan::Install { commands, .. } =
            plan(&Findings { installer, privilege, ..bare_debian() })
        else {
            panic!("Homebrew installs for its user");
        };
        assert_eq!(commands, ["brew install llvm"]);
    }
}

#[test]
fn unknown_package_manager_is_left_to_the_user() {
    let findings = Findings { installer: None, ..bare_debian() };
    let Plan::Ask { advice, .. } = plan(&findings) else { panic!("nothing to install with") };
    assert!(advice.contains("package manager"), "{advice}");
}

#[test]
fn compiler_that_is_not_there_compiles_nothing() {
    assert!(!compiles("TALLY_NO_SUCH_VARIABLE", "no-such-compiler-here", "c", ""));
}
