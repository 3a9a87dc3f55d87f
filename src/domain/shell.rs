//! Where a PowerShell command runs that a page or a mail shows, and what has to be there before it: a module and a
//! sign-in, or the shell of a server. It is said in the command's own first lines, which are copied along with it.

/// One sort of commands.
struct Shell {
    /// By what it is told; the first that fits counts.
    signs: &'static [&'static str],
    /// What is said first, as a remark of PowerShell's.
    remark: &'static str,
    /// The line that signs in or makes the commands known; empty when none is needed.
    line: &'static str,
}

static SHELLS: &[Shell] = &[
    Shell {
        signs: &["-MgUser"],
        remark: "# First, once on this computer: Install-Module Microsoft.Graph.Users -Scope CurrentUser",
        line: "Connect-MgGraph -Scopes 'User.ReadWrite.All'",
    },
    Shell {
        signs: &["-MgServicePrincipal", "-MgApplication"],
        remark: "# First, once on this computer: Install-Module Microsoft.Graph.Applications -Scope CurrentUser",
        line: "Connect-MgGraph -Scopes 'Application.ReadWrite.All'",
    },
    Shell {
        signs: &["-MgDomain"],
        remark: "# First, once on this computer: Install-Module Microsoft.Graph.Identity.DirectoryManagement -Scope CurrentUser",
        line: "Connect-MgGraph -Scopes 'Domain.Read.All'",
    },
    Shell {
        signs: &["-AD"],
        remark: "# In the Exchange Management Shell, on a server that has the Active Directory module",
        line: "Import-Module ActiveDirectory",
    },
    Shell {
        signs: &["iisreset"],
        remark: "# On the server, in a window that was opened with \"Run as administrator\"",
        line: "",
    },
    Shell { signs: &["Resolve-DnsName"], remark: "# In any PowerShell window; nothing to install", line: "" },
    EXCHANGE_ONLINE,
];

/// Everything else is of Exchange, on a server of the office's own or online.
static OWN_EXCHANGE: Shell =
    Shell { signs: &[], remark: "# In the Exchange Management Shell on your Exchange server", line: "" };
static ONLINE: Shell = EXCHANGE_ONLINE;
const EXCHANGE_ONLINE: Shell = Shell {
    signs: &["Connect-ExchangeOnline"],
    remark: "# First, once on this computer: Install-Module ExchangeOnlineManagement -Scope CurrentUser",
    line: "Connect-ExchangeOnline",
};

/// What the steps of one mend have told so far: a window that is open stays open.
#[derive(Debug, Default)]
pub struct Told(Vec<&'static str>);

impl Told {
    /// The lines that come before the next command; each with its end. A sign-in of the command's own is not asked for
    /// twice, and neither is one of a step before.
    pub fn before(&mut self, command: &str, own_server: bool) -> String {
        let shell = shell_of(command, own_server);
        let verb = shell.line.split(' ').next().unwrap_or_default();
        if self.0.contains(&shell.remark) && !verb.is_empty() && command.contains(verb) {
            return "# In the same window\n".to_owned();
        }
        if self.0.contains(&shell.remark) {
            let after = if verb.is_empty() { String::new() } else { format!(", after {verb}") };
            return format!("# In the same window{after}\n");
        }
        self.0.push(shell.remark);
        let line = if command.contains(verb) { "" } else { shell.line };
        [shell.remark, line].iter().filter(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect()
    }
}

/// The same for a command that stands alone.
pub fn before(command: &str, own_server: bool) -> String {
    Told::default().before(command, own_server)
}

fn shell_of(command: &str, own_server: bool) -> &'static Shell {
    let told = |shell: &&Shell| shell.signs.iter().any(|sign| command.contains(sign));
    let exchange = if own_server { &OWN_EXCHANGE } else { &ONLINE };
    SHELLS.iter().find(told).unwrap_or(exchange)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::causes;

    #[test]
    fn every_command_of_a_mend_says_what_it_needs_and_signs_in_once() {
        let mut seen = 0;
        for (cause, own) in causes::all().flat_map(|cause| [(cause.on(false), false), (cause.on(true), true)])
        {
            for command in cause.mend.iter().filter_map(|mend| mend.command) {
                let whole = before(command, own) + command;
                assert!(whole.starts_with("# "), "{}: {whole}", cause.id);
                let cloud = whole.contains("Install-Module");
                assert_eq!(whole.matches("Connect-").count(), usize::from(cloud), "{}: {whole}", cause.id);
                assert!(!whole.contains("-AD") || whole.contains("Import-Module"), "{}: {whole}", cause.id);
                seen += 1;
            }
        }
        assert!(seen > 50, "{seen}");
    }

    #[test]
    fn a_command_that_lacks_its_sign_in_gets_it() {
        let online = before("Set-CASMailbox 'a' -EwsEnabled $true", false);
        assert!(online.ends_with("-Scope CurrentUser\nConnect-ExchangeOnline\n"), "{online}");
        assert_eq!(before("Connect-ExchangeOnline\nGet-X", false).lines().count(), 1);
        assert!(before("$app = Get-MgApplication", false).contains("Connect-MgGraph -Scopes 'Application"));
        assert_eq!(before("iisreset /noforce", true).lines().count(), 1);
        let mut told = Told::default();
        assert!(told.before("Get-CASMailbox 'a'", false).ends_with("Connect-ExchangeOnline\n"));
        assert_eq!(
            told.before("Set-CASMailbox 'a'", false),
            "# In the same window, after Connect-ExchangeOnline\n"
        );
        assert!(told.before("Get-MgUser -UserId 'a'", false).contains("Connect-MgGraph"));
    }
}
