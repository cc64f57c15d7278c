//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Catches missed calls: answers, texts, records, and tells you.
#[derive(Debug, Parser)]
#[command(name = "mccc", version, about)]
pub struct Cli {
    /// What to do; `demo` when nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Try everything on this machine with a simulated phone network. No account needed.
    Demo(DemoArgs),
    /// Run the server.
    Serve(ServeArgs),
    /// Bring the database up to date and stop.
    Migrate(StoreArgs),
    /// Print the OpenAPI document.
    Openapi,
    /// Bring businesses in or out as TOML.
    #[command(subcommand)]
    Business(BusinessCommand),
    /// Add people who may sign in.
    #[command(subcommand)]
    User(UserCommand),
    /// Make a key with which a machine uses the API.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Look after the consent ledger.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Say what a schedule would do: instants on standard input, one JSON line out each.
    Route {
        /// A business file, or a file with only a schedule.
        file: PathBuf,
    },
    /// Say which hours are free: questions as JSON on standard input, one JSON line out each.
    Slots,
    /// Say what texts mean: JSON lines with `text` on standard input, one JSON line out each.
    Understand {
        /// A business file; its `faq`, `services`, `service_area` and hours answer questions.
        file: PathBuf,
    },
    /// Check configuration, database, public address and providers, and say how to fix each.
    Doctor(ServeArgs),
}

/// Where the data is.
#[derive(Debug, Clone, Default, Args)]
pub struct StoreArgs {
    /// Configuration file (TOML).
    #[arg(long, env = "MCCC_CONFIG")]
    pub config: Option<PathBuf>,
    /// Folder for the embedded database, keys and the spool.
    #[arg(long)]
    pub data_dir: Option<PathBuf>,
    /// Postgres instead of the embedded database.
    #[arg(long)]
    pub database_url: Option<String>,
}

/// How to serve.
#[derive(Debug, Clone, Default, Args)]
pub struct ServeArgs {
    /// Where the data is.
    #[command(flatten)]
    pub store: StoreArgs,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long)]
    pub listen: Option<String>,
    /// What this process does: `web`, `worker` or `all`.
    #[arg(long)]
    pub role: Option<String>,
    /// The address under which providers reach this server, such as `https://calls.example.com`.
    #[arg(long)]
    pub public_url: Option<String>,
    /// Use the simulated phone network (loopback only).
    #[arg(long)]
    pub sandbox: bool,
}

/// How to run the demo.
#[derive(Debug, Clone, Default, Args)]
pub struct DemoArgs {
    /// Folder for the demo's data.
    #[arg(long, default_value = "./mccc-demo")]
    pub data_dir: PathBuf,
    /// Start over. Only a folder that a demo made is replaced.
    #[arg(long)]
    pub fresh: bool,
    /// Preferred port on 127.0.0.1; a free one is taken when it is in use.
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
}

/// Businesses.
#[derive(Debug, Subcommand)]
pub enum BusinessCommand {
    /// Create or update the businesses of a TOML file.
    Import {
        /// The file.
        file: PathBuf,
        /// Where the data is.
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Write all businesses, or one, as a TOML file.
    Export {
        /// The file; `-` is standard output.
        file: PathBuf,
        /// Only this business.
        #[arg(long)]
        business: Option<String>,
        /// Where the data is.
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// People.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a person, or give one access to another business. Prints a link that signs in once.
    Add {
        /// E-mail address.
        email: String,
        /// Name.
        #[arg(long, default_value = "")]
        name: String,
        /// The business; may be left out when there is only one.
        #[arg(long)]
        business: Option<String>,
        /// `owner`, `manager`, `dispatcher`, `csr` or `staff`.
        #[arg(long, default_value = "owner")]
        role: String,
        /// Read a password from standard input.
        #[arg(long)]
        password_stdin: bool,
        /// Where the data is.
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// Keys for machines.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key. It is printed once and stored nowhere.
    Add {
        /// What it is for.
        name: String,
        /// The business; may be left out when there is only one.
        #[arg(long)]
        business: Option<String>,
        /// `owner`, `manager`, `dispatcher`, `csr` or `staff`.
        #[arg(long, default_value = "manager")]
        role: String,
        /// Where the data is.
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// The consent ledger.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Check that nothing in it was changed, left out or put in another order. Prints its head.
    Verify {
        /// Only this business; all of them otherwise.
        #[arg(long)]
        business: Option<String>,
        /// An exported head, `LENGTH:SEAL`, that the ledger of this business still has to hold. Without it a cut end
        /// goes unnoticed.
        #[arg(long, requires = "business")]
        head: Option<String>,
        /// Where the data is.
        #[command(flatten)]
        store: StoreArgs,
    },
}
