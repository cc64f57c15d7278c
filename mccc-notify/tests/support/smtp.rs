//! An SMTP server on a bad day: enough of RFC 5321 for one client, on threads of its own.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What it does to an e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Good,
    /// Takes the e-mail and never answers.
    SilentAfterData,
    /// Takes the e-mail and closes the connection.
    CutAfterData,
    /// 451 to the recipient.
    Busy,
    /// 550 to the recipient.
    UnknownMailbox,
    /// 535 to the password.
    WrongPassword,
    /// 421 instead of a greeting.
    Closing,
}

/// An e-mail that was taken.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mail {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) data: String,
    pub(crate) signed_in: bool,
}

struct Shared {
    mood: Mutex<Mood>,
    mails: Mutex<Vec<Mail>>,
}

pub(crate) struct SmtpServer {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

impl SmtpServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            mood: Mutex::new(Mood::Good),
            mails: Mutex::default(),
        });
        let inner = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&inner);
                std::thread::spawn(move || serve(&stream, &shared));
            }
        });
        Self { address, shared }
    }

    pub(crate) fn be(&self, mood: Mood) {
        *self.shared.mood.lock().expect("the mood") = mood;
    }

    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.shared.mails.lock().expect("the mails").clone()
    }
}

fn serve(stream: &TcpStream, shared: &Shared) -> Option<()> {
    let mood = *shared.mood.lock().expect("the mood");
    let mut lines = BufReader::new(stream.try_clone().ok()?);
    let say = |text: &str| {
        let mut to = stream;
        write!(to, "{text}\r\n").ok()
    };
    if mood == Mood::Closing {
        return say("421 closing");
    }
    say("220 mail.test ready")?;
    let mut mail = Mail::default();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        let verb = line.to_ascii_uppercase();
        if verb.starts_with("EHLO") {
            say("250-mail.test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN")?;
        } else if verb.starts_with("AUTH") {
            if mood == Mood::WrongPassword {
                say("535 5.7.8 the password is wrong: s3cret")?;
            } else {
                mail.signed_in = true;
                say("235 welcome")?;
            }
        } else if let Some(from) = verb.strip_prefix("MAIL FROM:") {
            mail.from = from.to_owned();
            say("250 ok")?;
        } else if verb.starts_with("RCPT TO:") {
            match mood {
                Mood::Busy => say("451 4.3.2 later")?,
                Mood::UnknownMailbox => say("550 5.1.1 no such mailbox")?,
                Mood::Good | Mood::SilentAfterData | Mood::CutAfterData | Mood::WrongPassword | Mood::Closing => {
                    mail.to.push(line["RCPT TO:".len()..].to_owned());
                    say("250 ok")?;
                }
            }
        } else if verb == "DATA" {
            say("354 go on")?;
            mail.data = read_data(&mut lines)?;
            shared.mails.lock().expect("the mails").push(std::mem::take(&mut mail));
            match mood {
                Mood::SilentAfterData => std::thread::sleep(Duration::from_secs(30)),
                Mood::CutAfterData => return None,
                Mood::Good | Mood::Busy | Mood::UnknownMailbox | Mood::WrongPassword | Mood::Closing => {
                    say("250 taken")?;
                }
            }
        } else if verb == "QUIT" {
            say("221 bye")?;
            return None;
        } else {
            say("500 what?")?;
        }
    }
}

fn read_data(lines: &mut impl BufRead) -> Option<String> {
    let mut data = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == ".\r\n" {
            return Some(data);
        }
        data.push_str(
            line.strip_prefix('.')
                .filter(|_| line.starts_with(".."))
                .unwrap_or(&line),
        );
    }
}
