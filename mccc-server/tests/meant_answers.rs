//! A question in words that no rule knows is answered where an embedding model sees what is meant, end to end: the real
//! program, signed webhooks, a Twilio that remembers, and a server of embeddings that gives texts the vectors it is told.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use mccc_test::embeddings::{EmbeddingServer, KEY, MODEL, embedded};
use mccc_test::scripted::Reply;
use support::{BUSINESS, Database, Server, World, caller, pause, sid};

const BIN: &str = env!("CARGO_BIN_EXE_mccc");
const QUESTION: &str = "What happens to our spare key?";
const ANSWER: &str = "We keep it in a safe and never label it.";
/// Meant is the key, in other words.
const MISSED: &str = "what happens with the door opener I gave you?";
const UNSURE: &str = "get back to you on that personally";

/// An installation with an embedding model, and a business that lets it help, or does not.
async fn world(purpose: &str, embeddings: &EmbeddingServer, meaning: bool) -> World {
    embeddings.gives(QUESTION, [1.0, 0.1, 0.0, 0.0]);
    embeddings.gives(MISSED, [1.0, 0.0, 0.0, 0.0]);
    let mut world = World::new(purpose, Database::Sqlite).await;
    world.env = vec![
        ("MCCC_EMBEDDING_BASE_URL", embeddings.base_url()),
        ("MCCC_EMBEDDING_MODEL", MODEL.to_owned()),
        ("MCCC_EMBEDDING_API_KEY", KEY.to_owned()),
        ("MCCC_EMBEDDING_TIMEOUT_MS", "2000".to_owned()),
    ];
    let export = world.command(&["business", "export", "-"]);
    let id = export.lines().find(|line| line.starts_with("id = ")).unwrap();
    let file = world.folder.path().join("with-questions.toml");
    let text = format!(
        "{id}\n{BUSINESS}\n[conversation]\nmeaning = {meaning}\n\
         [[faq]]\ntopic = \"Keys\"\nquestion = \"{QUESTION}\"\nanswer = \"{ANSWER}\"\n\
         [[faq]]\ntopic = \"Pets\"\nquestion = \"Are your supplies safe around pets?\"\nanswer = \"Yes, they are.\"\n"
    );
    std::fs::write(&file, text).unwrap();
    let out = world.command(&["business", "import", file.to_str().unwrap()]);
    assert!(out.contains("1 changed") || out.contains("1 updated"), "{out}");
    world
}

/// Writes, and reads the one text that comes of it.
async fn asks(world: &World, server: &Server, place: u64, body: &str) -> String {
    let number = caller(place);
    let answer = server.text(&sid("SM", place), &number, body).await.unwrap();
    assert_eq!(answer.0, 200, "{body}");
    for _ in 0..600 {
        if let Some(text) = world.twilio.sent().into_iter().find(|text| text.to == number) {
            return text.body;
        }
        pause(Duration::from_millis(50)).await;
    }
    panic!("nothing came of {body:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_the_rules_miss_is_answered_where_a_model_sees_what_is_meant() {
    let embeddings = EmbeddingServer::start().unwrap();
    let world = world("meant", &embeddings, true).await;
    let server = world.serve();
    let (business, key) = world.api_access();
    let answer = asks(&world, &server, 1, MISSED).await;
    assert!(answer.contains(ANSWER), "{answer}");
    // The entries and what goes with them in one request, the text in another.
    let asked = embeddings.asked();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked[0].contains(&QUESTION.to_owned()));
    assert_eq!(asked[1], [MISSED]);
    let metrics = server.page("/metrics").await;
    for line in [
        "mccc_embedding_model_total{asked=\"entries\",outcome=\"used\"} 1",
        "mccc_embedding_model_total{asked=\"text\",outcome=\"used\"} 1",
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
    let session = server.get(&key, "/api/v1/session").await;
    assert_eq!(
        (&session["embedding_model"], &session["language_model"]),
        (&true.into(), &false.into())
    );
    // What is known of the entries stays known; the page that tries questions sees the same.
    let tried = server
        .client
        .post(format!("{}/api/v1/businesses/{business}/faq/try", server.base))
        .bearer_auth(&key)
        .json(&serde_json::json!({ "text": MISSED }))
        .send()
        .await
        .unwrap();
    let tried: serde_json::Value = tried.json().await.unwrap();
    assert_eq!(tried["sends"], ANSWER, "{tried:#}");
    assert!(
        tried["matched"]["met_in"].to_string().contains("meaning, 1.00"),
        "{tried:#}"
    );
    assert_eq!(embeddings.asked().len(), 3);
    // The command that reads texts offline asks nobody, whatever is configured.
    let read = understood(&world, MISSED);
    assert_eq!(
        (&read["intent"], &read["faq"]),
        (&"faq".into(), &serde_json::Value::Null)
    );
    assert_eq!(embeddings.asked().len(), 3);
}

/// What `mccc understand` makes of a text to the business.
fn understood(world: &World, text: &str) -> serde_json::Value {
    let mut program = Command::new(BIN)
        .arg("understand")
        .arg(world.folder.path().join("with-questions.toml"))
        .envs(world.env.clone())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = program.stdin.take().unwrap();
    writeln!(input, "{}", serde_json::json!({ "text": text })).unwrap();
    drop(input);
    let output = program.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_it_and_with_one_that_fails_a_person_answers() {
    let embeddings = EmbeddingServer::start().unwrap();
    let off = world("not-meant", &embeddings, false).await;
    let server = off.serve();
    let answer = asks(&off, &server, 1, MISSED).await;
    assert!(answer.contains(UNSURE), "{answer}");
    assert_eq!(embeddings.asked(), [[""; 0]; 0], "nobody let it help");
    drop(server);
    let failing = world("meant-and-failing", &embeddings, true).await;
    let server = failing.serve();
    let short = embedded(&[(0, vec![1.0; 4])]);
    let moods = [
        (Reply::status(500), "unavailable"),
        (Reply::silence(), "unavailable"),
        (Reply::json(200, &short), "garbage"),
        // The last: whoever does not admit us is left alone for a while.
        (Reply::status(401), "not_admitted"),
    ];
    for (place, (reply, outcome)) in (10_u64..).zip(moods) {
        embeddings.replies(Some(reply));
        let answer = asks(&failing, &server, place, MISSED).await;
        assert!(answer.contains(UNSURE), "{outcome}: {answer}");
        let line = format!("mccc_embedding_model_total{{asked=\"entries\",outcome=\"{outcome}\"}}");
        let metrics = server.page("/metrics").await;
        assert!(metrics.contains(&line), "{outcome}: {metrics}");
    }
    embeddings.replies(None);
    let answer = asks(&failing, &server, 20, MISSED).await;
    assert!(answer.contains(UNSURE), "it is left alone for a while: {answer}");
}
