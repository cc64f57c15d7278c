//! A real server against a scripted Twilio: started, called, texted, killed.
#![allow(dead_code, unused_imports, unreachable_pub, reason = "every test uses a part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod twilio;

use std::time::Duration;

use mccc_test::process::{Folder, Program, Running};
use mccc_test::twilio_sign::{form_body, signature};
pub use twilio::{FakeTwilio, Mood};

pub const ACCOUNT: &str = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
pub const TOKEN: &str = "0123456789abcdef0123456789abcdef";
pub const PUBLIC: &str = "https://mccc.example.test";
pub const OURS: &str = "+17732000001";
const SECRET_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const BIN: &str = env!("CARGO_BIN_EXE_mccc");

/// Which database the server uses.
#[derive(Clone)]
pub enum Database {
    Sqlite,
    Postgres(String),
}

/// A server, its data, its provider.
pub struct World {
    pub twilio: FakeTwilio,
    pub folder: Folder,
    pub database: Database,
    pub client: reqwest::Client,
    /// More of the server's environment.
    pub env: Vec<(&'static str, String)>,
}

/// A business that answers every call by text.
pub const BUSINESS: &str = r#"
numbers = ["+17732000001"]
[profile]
name = "Acme Plumbing"
zone = "America/Chicago"
trade = "plumbing"
business_phone = "+17732000100"
[schedule]
after_hours_default = "auto_text_only"
[texting]
daily_limit = 1000000
hourly_new_recipients = 1000000
[reminders]
minutes_before = [120, 60]
"#;

impl World {
    pub async fn new(purpose: &str, database: Database) -> Self {
        let twilio = FakeTwilio::start().await;
        let world = Self {
            twilio,
            folder: Folder::new(BIN, purpose).unwrap(),
            database,
            client: reqwest::Client::builder()
                .timeout(Duration::from_secs(20))
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
            env: Vec::new(),
        };
        std::fs::write(world.folder.path().join("business.toml"), BUSINESS).unwrap();
        let file = world.folder.path().join("business.toml");
        let out = world.command(&["business", "import", file.to_str().unwrap()]);
        assert!(out.contains("1 created"), "{out}");
        world
    }

    fn program(&self) -> Program {
        let data = self.folder.path().join("data");
        let mut program = Program::new(BIN)
            .env("MCCC_DATA_DIR", data.to_str().unwrap())
            .env("MCCC_SECRET_KEY", SECRET_KEY)
            .env("MCCC_PUBLIC_URL", PUBLIC)
            .env("MCCC_TWILIO_ACCOUNT_SID", ACCOUNT)
            .env("MCCC_TWILIO_AUTH_TOKEN", TOKEN)
            .env("MCCC_TWILIO_API_URL", &self.twilio.base)
            .env("MCCC_TWILIO_LOOKUPS_URL", &self.twilio.base);
        if let Database::Postgres(url) = &self.database {
            program = program.env("MCCC_DATABASE_URL", url);
        }
        for (name, value) in &self.env {
            program = program.env(name, value);
        }
        program
    }

    /// Runs a command of the program to its end and returns what it printed.
    pub fn command(&self, args: &[&str]) -> String {
        let mut program = self.program();
        for arg in args {
            program = program.arg(arg);
        }
        let output = program.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{args:?}: {text} {}",
            String::from_utf8_lossy(&output.stderr)
        );
        text
    }

    /// Starts a server that must not come up, and returns what it says when it ends.
    pub fn refused(&self) -> String {
        let output = self
            .program()
            .arg("serve")
            .arg("--listen")
            .arg("127.0.0.1:0")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{said}");
        said
    }

    /// Starts the server on a free port.
    pub fn serve(&self) -> Server {
        let mut running = self
            .program()
            .arg("serve")
            .arg("--listen")
            .arg("127.0.0.1:0")
            .start()
            .unwrap();
        let base = running.wait_until_listening(Duration::from_secs(30)).unwrap();
        Server {
            running: std::sync::Mutex::new(running),
            base,
            client: self.client.clone(),
        }
    }

    /// The identifier of the only business, and a key for its API.
    pub fn api_access(&self) -> (String, String) {
        let export = self.command(&["business", "export", "-"]);
        let id = export
            .lines()
            .find_map(|line| line.strip_prefix("id = \""))
            .unwrap()
            .trim_end_matches('"')
            .to_owned();
        let printed = self.command(&["key", "add", "test", "--role", "owner"]);
        (id, printed.lines().next().unwrap().to_owned())
    }
}

/// A running server.
pub struct Server {
    pub running: std::sync::Mutex<Running>,
    pub base: String,
    pub client: reqwest::Client,
}

impl Server {
    /// Kills the process as the kernel would, without warning.
    pub fn kill9(&self) {
        self.running.lock().unwrap().kill9().unwrap();
    }

    /// Posts a webhook as Twilio would.
    pub async fn signed(&self, path: &str, fields: &[(&str, &str)]) -> reqwest::Result<(u16, String)> {
        let header = signature(TOKEN, &format!("{PUBLIC}{path}"), fields);
        self.posted(path, fields, &header).await
    }

    /// Posts a webhook with a signature of one's choice.
    pub async fn posted(&self, path: &str, fields: &[(&str, &str)], header: &str) -> reqwest::Result<(u16, String)> {
        let answer = self
            .client
            .post(format!("{}{path}", self.base))
            .header("X-Twilio-Signature", header)
            .header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(form_body(fields))
            .send()
            .await?;
        let status = answer.status().as_u16();
        Ok((status, answer.text().await?))
    }

    /// A call from `from`.
    pub async fn call(&self, sid: &str, from: &str) -> reqwest::Result<(u16, String)> {
        self.signed("/webhooks/twilio/voice", &call_fields(sid, from)).await
    }

    /// A text from `from`.
    pub async fn text(&self, sid: &str, from: &str, body: &str) -> reqwest::Result<(u16, String)> {
        let fields = [
            ("MessageSid", sid),
            ("AccountSid", ACCOUNT),
            ("From", from),
            ("To", OURS),
            ("Body", body),
            ("NumMedia", "0"),
        ];
        self.signed("/webhooks/twilio/sms", &fields).await
    }

    /// News that the call ended and that its caller left a message.
    pub async fn left_a_message(&self, sid: &str, from: &str) {
        let mut ended = call_fields(sid, from);
        ended.retain(|(name, _)| *name != "CallStatus");
        ended.extend([("CallStatus", "completed"), ("CallDuration", "40")]);
        let (status, _) = self.signed("/webhooks/twilio/voice/status", &ended).await.unwrap();
        assert_eq!(status, 204);
        let recorded = [
            ("AccountSid", ACCOUNT),
            ("CallSid", sid),
            ("RecordingSid", "RE00000000000000000000000000000001"),
            ("RecordingStatus", "completed"),
            ("RecordingDuration", "20"),
        ];
        let path = format!("/webhooks/twilio/recording/{}", OURS.trim_start_matches('+'));
        let (status, _) = self.signed(&path, &recorded).await.unwrap();
        assert_eq!(status, 204);
    }

    /// Waits until the newest call shows the message that its caller left.
    pub async fn shows_the_message(&self, business: &str, key: &str) {
        let calls = format!("/api/v1/businesses/{business}/calls");
        let page = self
            .eventually(key, &calls, |page| page["items"][0]["outcome"] == "voicemail_left")
            .await;
        assert_eq!(page["items"][0]["recording_seconds"], 20, "{page:#}");
        assert_eq!(page["items"][0]["state"], "ended", "{page:#}");
        let tasks = self.get(key, &format!("/api/v1/businesses/{business}/tasks")).await;
        assert_eq!(tasks["items"][0]["kind"], "callback", "{tasks:#}");
    }

    /// Asks for a page without a key.
    pub async fn plain(&self, path: &str) -> (u16, String) {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.text().await.unwrap())
    }

    /// Asks the API.
    pub async fn get(&self, key: &str, path: &str) -> serde_json::Value {
        let answer = self
            .client
            .get(format!("{}{path}", self.base))
            .bearer_auth(key)
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// A page that needs no key, as text.
    pub async fn page(&self, path: &str) -> String {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.text().await.unwrap()
    }

    /// Waits until `done` says so about the answer to `path`.
    pub async fn eventually(
        &self,
        key: &str,
        path: &str,
        done: impl Fn(&serde_json::Value) -> bool,
    ) -> serde_json::Value {
        let mut last = serde_json::Value::Null;
        for _ in 0..700 {
            last = self.get(key, path).await;
            if done(&last) {
                return last;
            }
            pause(Duration::from_millis(50)).await;
        }
        panic_with(path, &last)
    }
}

fn panic_with(path: &str, last: &serde_json::Value) -> ! {
    panic!("{path} never became what was expected; last: {last:#}")
}

#[expect(clippy::disallowed_methods, reason = "a test waits for a process of its own")]
pub async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

pub fn call_fields<'a>(sid: &'a str, from: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("AccountSid", ACCOUNT),
        ("ApiVersion", "2010-04-01"),
        ("CallSid", sid),
        ("CallStatus", "ringing"),
        ("Called", OURS),
        ("Caller", from),
        ("Direction", "inbound"),
        ("From", from),
        ("To", OURS),
    ]
}

/// The `n`-th provider identifier with a prefix.
pub fn sid(prefix: &str, n: u64) -> String {
    format!("{prefix}{n:032x}")
}

/// The `n`-th caller: numbers that a text can reach.
pub fn caller(n: u64) -> String {
    format!("+1312{:07}", 2_000_000 + n)
}
