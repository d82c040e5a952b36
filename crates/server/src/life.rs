//! Which process holds a lease, and whether that process is still there: a restarted one takes back at once what the one
//! before it held.

use std::fs;

/// The name of a process for as long as it lives: the machine, the process id, and when it was started, so that a
/// later process with the same id is another one. `None` where the system does not say.
pub fn own() -> Option<String> {
    name(std::process::id())
}

/// Whether the process of that name has ended. Only one of this machine can be told to have.
pub fn has_ended(life: &str) -> bool {
    let mut parts = life.split(' ');
    let (Some(machine), Some(id)) = (parts.next(), parts.next().and_then(|id| id.parse().ok())) else {
        return false;
    };
    machine_name().is_some_and(|own| own == machine) && name(id).as_deref() != Some(life)
}

/// proc(5): the 22nd field of `/proc/PID/stat` is the start time, in ticks since the machine was started; the second may
/// hold spaces and ends with the last parenthesis.
fn name(id: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    let started = rest.split_whitespace().nth(19)?;
    Some(format!("{} {id} {started}", machine_name()?))
}

/// The host's name, the boot of its kernel, and the namespace that process ids count in, without spaces: two containers may
/// share the name, and in each the first process has the id 1.
fn machine_name() -> Option<String> {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
    let name = format!("{}/{}/{}", host.trim(), boot.trim(), namespace.display());
    (!name.contains(' ')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_lives_until_it_has_ended() {
        let own = own().unwrap();
        assert!(!has_ended(&own));
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let life = name(child.id()).unwrap();
        assert!(!has_ended(&life));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(has_ended(&life));
        let (before, started) = own.rsplit_once(' ').unwrap();
        assert!(
            has_ended(&format!("{before} {started}0")),
            "another process had this id"
        );
        assert!(
            !has_ended("elsewhere/boot 1 2"),
            "nothing is known of other machines"
        );
        assert!(!has_ended("what"));
    }
}
