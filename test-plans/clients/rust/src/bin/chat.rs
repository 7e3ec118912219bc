//! A chat client: chat USER CHANNEL [HOST [SERVICES [TOPICS]]]
//!
//! Publishes each line that it reads, and prints what is said in the channel. SERVICES and TOPICS
//! are the ports of the REP and the XPUB socket.

use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{json, Value};
use tokio::io::{stdin, AsyncBufReadExt, BufReader};
use tokio::time::timeout;
use zeromq::{ReqSocket, Socket, SocketRecv, SocketSend, SubSocket};

/// Requests a service; gives whether that did it.
///
/// A `Value` is packed as a map, as the server wants it. Pack structs by `to_vec_named`: `to_vec`
/// makes arrays of them.
async fn ask(
    server: &mut ReqSocket,
    service: &str,
    mut data: Value,
) -> Result<bool, Box<dyn Error>> {
    data["timestamp"] = json!(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs());
    let request = rmp_serde::to_vec(&json!({"service": service, "data": data}))?;
    server.send(request.into()).await?;
    let reply = timeout(Duration::from_secs(10), server.recv()).await??;
    let reply: Value = rmp_serde::from_slice(reply.get(0).ok_or("an empty reply")?)?;
    let done = reply["data"]["status"] != "erro";
    if !done {
        eprintln!("{}", reply["data"]["description"]);
    }
    Ok(done)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [user, channel, rest @ ..] = given.as_slice() else {
        return Err("usage: chat USER CHANNEL [HOST [SERVICES [TOPICS]]]".into());
    };
    let argument = |at: usize, usual| rest.get(at).map_or(usual, String::as_str);
    let host = argument(0, "127.0.0.1");

    let mut server = ReqSocket::new();
    server
        .connect(&format!("tcp://{host}:{}", argument(1, "5555")))
        .await?;
    let mut messages = SubSocket::new();
    messages
        .connect(&format!("tcp://{host}:{}", argument(2, "5558")))
        .await?;

    // A name, or a channel, that there is already will do.
    ask(&mut server, "login", json!({"user": user})).await?;
    ask(&mut server, "channel", json!({"channel": channel})).await?;
    if !ask(
        &mut server,
        "subscribe",
        json!({"user": user, "channel": channel}),
    )
    .await?
    {
        return Err("not subscribed".into());
    }
    messages.subscribe(channel).await?;
    println!("joined {channel}");

    let mut lines = BufReader::new(stdin()).lines();
    loop {
        tokio::select! {
            line = lines.next_line() => {
                let Some(message) = line? else { return Ok(()) };
                let data = json!({"user": user, "channel": channel, "message": message});
                ask(&mut server, "publish", data).await?;
            }
            heard = messages.recv() => {
                let heard = heard?;
                let said: Value = rmp_serde::from_slice(heard.get(1).ok_or("a topic alone")?)?;
                if said["channel"] == *channel { // a topic is a prefix: others may begin alike
                    let text = |field: &str| said[field].as_str().unwrap_or_default().to_string();
                    println!("{}: {}", text("user"), text("message"));
                }
            }
        }
    }
}
