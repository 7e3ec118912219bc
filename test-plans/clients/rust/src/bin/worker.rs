//! A worker: worker [HOST [PORT [NAME]]]
//!
//! Asks a server for one task after another, and prints each. The ledger keeps the balances, so to
//! report that a task was done is all there is to do.

use std::io::{BufRead, BufReader, Error, ErrorKind, Write};
use std::net::TcpStream;
use std::{env, thread, time::Duration};

use serde_json::{json, Value};

struct Connection {
    requests: TcpStream,
    answers: BufReader<TcpStream>,
}

impl Connection {
    fn open(address: &str) -> Result<Self, Error> {
        let requests = TcpStream::connect(address)?;
        requests.set_read_timeout(Some(Duration::from_secs(10)))?;
        let answers = BufReader::new(requests.try_clone()?);
        Ok(Self { requests, answers })
    }

    fn ask(&mut self, message: Value) -> Result<Value, Error> {
        self.requests.write_all(format!("{message}\n").as_bytes())?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            return Err(Error::new(ErrorKind::UnexpectedEof, "the server hung up"));
        }
        Ok(serde_json::from_str(&line)?)
    }
}

/// Serves one server until that sends this worker elsewhere; returns the address of there.
fn work(address: &str, name: &str) -> Result<String, Error> {
    let mut server = Connection::open(address)?;
    loop {
        let task = server.ask(json!({"WORKER": "ALIVE", "WORKER_UUID": name}))?;
        match task["TASK"].as_str() {
            Some(kind @ ("QUERY" | "UPDATE")) => {
                println!(
                    "{name} does {kind} for {}",
                    task["USER"].as_str().unwrap_or("nobody")
                );
                server.ask(json!({
                    "STATUS": "OK", "TASK": kind, "TASK_ID": task["TASK_ID"], "WORKER_UUID": name
                }))?;
            }
            Some(kind @ ("REDIRECT" | "RETURN")) => {
                let there = &task[format!("SERVER_{kind}")];
                return Ok(format!(
                    "{}:{}",
                    there["ip"].as_str().unwrap_or(""),
                    there["port"]
                ));
            }
            _ => thread::sleep(Duration::from_millis(200)), // NO_TASK
        }
    }
}

fn main() {
    let mut given = env::args().skip(1);
    let host = given.next().unwrap_or("127.0.0.1".into());
    let port = given.next().unwrap_or("9001".into());
    let name = given.next().unwrap_or("w-rust".into());
    let mut address = format!("{host}:{port}");
    loop {
        match work(&address, &name) {
            Ok(there) => {
                println!("{name} goes to {there}");
                address = there;
            }
            Err(error) => {
                eprintln!("{address}: {error}; trying again");
                thread::sleep(Duration::from_secs(1));
            }
        }
    }
}
