//! Builds the web pages and tells the compiler where they are.
//!
//! With feature `ui`, the sources in `web/` are copied to a work directory below the target directory, their
//! dependencies are installed when the lockfile has changed, and the result is built into `OUT_DIR`, from where
//! `rust-embed` takes it. The source tree is never written to.
//!
//! - `MCCC_UI_DIST_DIR=<folder>` uses pages that were built elsewhere (for packagers).
//! - `MCCC_UI_SKIP=1` embeds a placeholder page (for editors and lint runs).

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// What the pages are made from, relative to `web/`.
const INPUTS: &[&str] = &[
    "index.html",
    "package.json",
    "package-lock.json",
    ".npmrc",
    "tsconfig.json",
    "vite.config.ts",
    "src",
];

/// The inputs that decide which dependencies are installed.
const INSTALL_INPUTS: &[&str] = &["package.json", "package-lock.json", ".npmrc"];

const NEEDS_NODE: &str = "the web pages need Node 20.19 or newer (with npm) to be built. Install it, point \
    MCCC_UI_DIST_DIR at pages that were built elsewhere, or build the API-only server with --no-default-features";

fn main() -> ExitCode {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_UI").is_none() {
        return ExitCode::SUCCESS;
    }
    match pages() {
        Ok(folder) => {
            println!("cargo:rustc-env=MCCC_UI_FOLDER={}", folder.display());
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            eprintln!("error: {sentence}");
            ExitCode::FAILURE
        }
    }
}

/// The folder with the built pages.
fn pages() -> Result<PathBuf, String> {
    println!("cargo:rerun-if-env-changed=MCCC_UI_DIST_DIR");
    println!("cargo:rerun-if-env-changed=MCCC_UI_SKIP");
    let out = PathBuf::from(variable("OUT_DIR")?);
    if let Some(dist) = std::env::var_os("MCCC_UI_DIST_DIR").filter(|dist| !dist.is_empty()) {
        let dist = PathBuf::from(dist);
        println!("cargo:rerun-if-changed={}", dist.display());
        if !dist.join("index.html").is_file() {
            return Err(format!(
                "MCCC_UI_DIST_DIR names {}, which has no index.html",
                dist.display()
            ));
        }
        return fs::canonicalize(&dist).map_err(|error| failed("read", &dist, &error));
    }
    if std::env::var_os("MCCC_UI_SKIP").is_some_and(|skip| skip == "1") {
        return placeholder(&out.join("placeholder"));
    }
    let web = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("web");
    for input in INPUTS {
        println!("cargo:rerun-if-changed={}", web.join(input).display());
    }
    build(&web, &target_of(&out), &out.join("ui"))
}

/// A page that says what is missing.
fn placeholder(folder: &Path) -> Result<PathBuf, String> {
    fs::create_dir_all(folder).map_err(|error| failed("create", folder, &error))?;
    let index = folder.join("index.html");
    fs::write(
        &index,
        "<!doctype html><html lang=\"en\"><title>MCCC</title><p>This server was built without its web pages \
         (MCCC_UI_SKIP=1).</p></html>\n",
    )
    .map_err(|error| failed("write", &index, &error))?;
    Ok(folder.to_path_buf())
}

fn build(web: &Path, target: &Path, dist: &Path) -> Result<PathBuf, String> {
    node_is_new_enough()?;
    let work = target.join("web-build");
    fs::create_dir_all(&work).map_err(|error| failed("create", &work, &error))?;
    // Profiles and feature sets have their own OUT_DIR but share one copy of the dependencies.
    let lock = work.join(".lock");
    let held = File::create(&lock).map_err(|error| failed("create", &lock, &error))?;
    held.lock().map_err(|error| failed("lock", &lock, &error))?;

    for input in INPUTS {
        let (from, to) = (web.join(input), work.join(input));
        replace(&from, &to).map_err(|error| failed("copy", &from, &error))?;
    }
    install(&work)?;
    run(
        Command::new("node")
            .current_dir(&work)
            .env("NODE_ENV", "production")
            .args([
                "node_modules/vite/bin/vite.js",
                "build",
                "--logLevel",
                "warn",
                "--emptyOutDir",
                "--outDir",
            ])
            .arg(dist),
        "building the web pages",
    )?;
    Ok(dist.to_path_buf())
}

/// Installs the dependencies when the lockfile is not the one they were installed from.
fn install(work: &Path) -> Result<(), String> {
    let mut wanted = Vec::new();
    for input in INSTALL_INPUTS {
        let path = work.join(input);
        wanted.extend(fs::read(&path).map_err(|error| failed("read", &path, &error))?);
    }
    let stamp = work.join("node_modules").join(".mccc-installed");
    if fs::read(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    run(
        Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
            .current_dir(work)
            .args(["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"]),
        "installing what the web pages are built with",
    )?;
    fs::write(&stamp, wanted).map_err(|error| failed("write", &stamp, &error))
}

fn node_is_new_enough() -> Result<(), String> {
    let answer = Command::new("node").arg("--version").output();
    let Ok(answer) = answer else {
        return Err(format!("{NEEDS_NODE} (no `node` was found)"));
    };
    let text = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
    let mut parts = text.trim_start_matches('v').split('.').map(str::parse::<u32>);
    let version = match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor),
        _ => return Err(format!("{NEEDS_NODE} (`node --version` answered {text:?})")),
    };
    if version < (20, 19) {
        return Err(format!("{NEEDS_NODE} (found {text})"));
    }
    Ok(())
}

fn run(command: &mut Command, doing: &str) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{doing} failed: {error}. In short: {NEEDS_NODE}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{doing} failed ({}).\n{}\n{}\nIn short: {NEEDS_NODE}",
        output.status,
        String::from_utf8_lossy(&output.stdout).trim(),
        String::from_utf8_lossy(&output.stderr).trim(),
    ))
}

/// Makes `to` the same as `from`, files that are gone included.
fn replace(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_dir() {
        if to.exists() {
            fs::remove_dir_all(to)?;
        }
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            replace(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    fs::copy(from, to).map(|_| ())
}

/// The target directory, which cargo marks for backup programs.
fn target_of(out: &Path) -> PathBuf {
    let marked = out.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    let build = out
        .ancestors()
        .find(|folder| folder.file_name() == Some(OsStr::new("build")));
    marked.or(build).unwrap_or(out).to_path_buf()
}

fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("cargo did not set {name}"))
}

fn failed(verb: &str, path: &Path, error: &io::Error) -> String {
    format!("could not {verb} {}: {error}", path.display())
}
