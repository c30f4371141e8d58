//! ChromeDriver: the process that starts Chromium for us, and the commands that only it understands.

use std::process::Stdio;
use std::time::Duration;

use axum::http::Method;
use fantoccini::wd::{Capabilities, TimeoutConfiguration, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use url::{ParseError, Url};

/// As root in a container: no sandbox, no graphics card, no shared memory. Without motion nothing has to be waited for
/// that only moves. The proxy rule keeps a machine's settings away from the loopback.
const ARGUMENTS: [&str; 13] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--hide-scrollbars",
    "--force-prefers-reduced-motion",
];

/// A page of ours that needs longer hangs.
const PAGE_LOAD: Duration = Duration::from_secs(30);

/// A running ChromeDriver on a port that it chose. It ends when this is dropped.
pub struct Driver {
    address: String,
    _process: Child,
    /// Held open: a closed pipe would end the process at its next word.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Driver {
    /// Starts the process and reads from its first lines where it listens.
    pub async fn start() -> Driver {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|err| panic!("chromedriver cannot be started, scripts/test installs it: {err}"));
        let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
        while let Some(line) = output.next_line().await.unwrap() {
            if let Some((_, port)) = line.trim_end_matches('.').rsplit_once(" on port ")
                && line.contains("started successfully")
            {
                return Driver {
                    address: format!("http://127.0.0.1:{port}"),
                    _process: process,
                    _output: output,
                };
            }
        }
        panic!("chromedriver ended before it listened");
    }

    /// A new Chromium with a profile of its own.
    pub async fn open(&self) -> Client {
        let mut capabilities = Capabilities::new();
        let options = json!({
            "args": ARGUMENTS,
            "prefs": { "intl.accept_languages": "zh-CN,zh" },
        });
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        capabilities.insert("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }));
        // A page that asks before it is left must not hang a test.
        capabilities.insert("unhandledPromptBehavior".to_owned(), json!("accept"));
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&self.address)
            .await
            .unwrap_or_else(|err| panic!("Chromium does not start: {err}"));
        let limits = TimeoutConfiguration::new(None, Some(PAGE_LOAD), None);
        client.update_timeouts(limits).await.unwrap();
        client
    }
}

/// A command of the DevTools protocol, for what WebDriver has no word for.
pub async fn devtools(client: &Client, name: &str, parameters: Value) -> Value {
    let body = json!({ "cmd": name, "params": parameters });
    let command = Extension {
        path: "goog/cdp/execute",
        body,
    };
    client.issue_cmd(command).await.unwrap()
}

/// What the page's console has said since the last question: scripts that failed, and what the browser refused.
pub async fn console(client: &Client) -> Vec<Value> {
    let command = Extension {
        path: "se/log",
        body: json!({ "type": "browser" }),
    };
    let entries = client.issue_cmd(command).await.unwrap();
    entries.as_array().cloned().unwrap_or_default()
}

#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _url: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
