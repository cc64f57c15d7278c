//! Times routing decisions and prints them as JSON, to be held against other implementations over the same instants.
//!
//! `routing_bench --dir DIR` reads `instants.txt` (seconds since 1970, one a line) and `holidays.txt` (dates, one a
//! line) from `DIR` and answers for each instant whether a business in Chicago is open: Monday to Friday 8:00 to 18:00,
//! Saturday 9:00 to 14:00, never on a holiday. `ns` is the median time of one answer; `sum` is a hash of all answers,
//! equal wherever the answers are.

use std::error::Error;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use mccc_core::Timestamp;
use mccc_core::routing::{Block, CallerFacts, DateOverride, Method, Schedule, TimeOfDay, decide, explain};
use mccc_core::zone::{LocalDay, Weekday, Zone};

const REPETITIONS: usize = 7;

#[expect(clippy::print_stdout, reason = "the output of the program")]
fn main() -> Result<(), Box<dyn Error>> {
    let dir = directory()?;
    let instants: Vec<i64> = lines(&dir, "instants.txt")?;
    let holidays: Vec<LocalDay> = lines(&dir, "holidays.txt")?;
    let compiled = schedule(&holidays)
        .compile(&Zone::parse("America/Chicago")?)
        .map_err(|errors| format!("{errors:?}"))?;
    let facts = CallerFacts {
        voice_ready: true,
        ..CallerFacts::default()
    };
    let decided = measure(&instants, |at| decide(&compiled, &facts, at).method == Method::AiVoice);
    let some = instants.get(..20_000).unwrap_or(&instants);
    let explained = measure(some, |at| explain(&compiled, &facts, at).0.method == Method::AiVoice);
    println!(r#"{{"mccc_decide":{decided},"mccc_explain@20k":{explained}}}"#);
    Ok(())
}

fn schedule(holidays: &[LocalDay]) -> Schedule {
    use Weekday::{Friday, Monday, Saturday, Thursday, Tuesday, Wednesday};
    let open = |day, from, to| Block::new(day, TimeOfDay::hour(from), TimeOfDay::hour(to), Method::AiVoice);
    let mut weekly: Vec<Block> = [Monday, Tuesday, Wednesday, Thursday, Friday]
        .map(|day| open(day, 8, 18))
        .into();
    weekly.push(open(Saturday, 9, 14));
    Schedule {
        weekly,
        overrides: holidays
            .iter()
            .map(|day| DateOverride::whole_day(*day, Method::Off))
            .collect(),
        ..Schedule::always(Method::Off)
    }
}

/// Median nanoseconds of one answer and the hash (FNV-1a) of all, as JSON.
#[expect(clippy::disallowed_methods, reason = "measures the real time that decisions take")]
fn measure(instants: &[i64], open: impl Fn(Timestamp) -> bool) -> String {
    let ask = |seconds: &i64| open(Timestamp::from_seconds(*seconds));
    let sum = instants.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, seconds| {
        (hash ^ u64::from(ask(seconds))).wrapping_mul(0x0100_0000_01b3)
    });
    let mut times: Vec<u128> = (0..REPETITIONS)
        .map(|_| {
            let start = Instant::now();
            let mut count = 0_u64;
            for seconds in instants {
                count += u64::from(black_box(ask(black_box(seconds))));
            }
            black_box(count);
            start.elapsed().as_nanos()
        })
        .collect();
    times.sort_unstable();
    let all = times.get(REPETITIONS / 2).copied().unwrap_or(0);
    // Hundredths of a nanosecond, to stay within integers.
    let each = all * 100 / u128::try_from(instants.len().max(1)).unwrap_or(1);
    format!(r#"{{"ns":{}.{:02},"sum":"{sum:016x}"}}"#, each / 100, each % 100)
}

fn directory() -> Result<PathBuf, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("--dir"), Some(dir)) => Ok(dir.into()),
        _ => Err("usage: routing_bench --dir DIR (with instants.txt and holidays.txt)".into()),
    }
}

fn lines<T>(dir: &std::path::Path, name: &str) -> Result<Vec<T>, Box<dyn Error>>
where
    T: std::str::FromStr,
    T::Err: Error + 'static,
{
    let text = std::fs::read_to_string(dir.join(name))?;
    Ok(text.lines().map(str::parse).collect::<Result<_, _>>()?)
}
