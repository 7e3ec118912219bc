//! A chat client and a foreign server in pure Rust, each row of the tables of the protocol. Answers
//! are read into structs, which fail on a float or a text where an integer is meant.
//!
//! Arguments: the ports of the services, of publications, of subscriptions and of the reference
//! service.

use std::error::Error;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use tokio::time::timeout;
use zeromq::{PubSocket, ReqSocket, Socket, SocketRecv, SocketSend, SubSocket, ZmqMessage};

type Outcome<T> = Result<T, Box<dyn Error>>;

const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
struct Reply<T> {
    service: String,
    data: T,
}

#[derive(Debug, Deserialize)]
struct Status {
    status: String,
    description: Option<String>,
    message: Option<String>,
    timestamp: u64,
    clock: u64,
}

#[derive(Deserialize)]
struct Users {
    users: Vec<String>,
}

#[derive(Deserialize)]
struct Channels {
    channels: Vec<String>,
    users: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct ChannelMessage {
    user: String,
    channel: String,
    message: String,
    timestamp: u64,
    clock: u64,
}

#[derive(Debug, Deserialize)]
struct DirectMessage {
    src: String,
    dst: String,
    message: String,
    timestamp: u64,
    clock: u64,
}

#[derive(Deserialize)]
struct Messages<T> {
    messages: Vec<T>,
}

#[derive(Deserialize)]
struct Clock {
    time: u64,
    offset: f64,
}

#[derive(Deserialize)]
struct Election {
    election: String,
}

#[derive(Debug, Deserialize, Serialize)]
struct Said {
    user: String,
    channel: String,
    message: String,
    timestamp: i64,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Direct {
    src: String,
    dst: String,
    message: String,
    timestamp: i64,
}

#[derive(Deserialize)]
struct Login {
    username: String,
    timestamp: i64,
}

#[derive(Deserialize)]
struct Sync {
    logins: Vec<Login>,
    channels: Vec<String>,
    channel_messages: Vec<Said>,
    user_messages: Vec<Direct>,
}

#[derive(Deserialize)]
struct Rank {
    rank: u64,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Server {
    name: String,
    rank: u64,
}

#[derive(Deserialize)]
struct List {
    list: Vec<Server>,
}

/// Requests by a request socket.
struct Requester(ReqSocket);

impl Requester {
    async fn connect(port: &str) -> Outcome<Self> {
        let mut socket = ReqSocket::new();
        socket.connect(&format!("tcp://127.0.0.1:{port}")).await?;
        Ok(Self(socket))
    }

    async fn exchange(&mut self, request: Vec<u8>) -> Outcome<ZmqMessage> {
        self.0.send(request.into()).await?;
        Ok(timeout(PATIENCE, self.0.recv()).await??)
    }

    async fn ask<T: DeserializeOwned>(&mut self, service: &str, data: Value) -> Outcome<T> {
        let request = json!({"service": service, "data": data});
        let came = self.exchange(rmp_serde::to_vec(&request)?).await?;
        let reply: Reply<T> = rmp_serde::from_slice(came.get(0).ok_or("an empty reply")?)?;
        assert_eq!(reply.service, service);
        Ok(reply.data)
    }

    /// What is answered by a status; it is as expected, and on error has a reason.
    async fn status(&mut self, service: &str, data: Value, expected: &str) -> Outcome<Status> {
        let told: Status = self.ask(service, data).await?;
        assert_eq!(told.status, expected, "{service}: {told:?}");
        assert!(
            told.clock > 0 && told.timestamp.abs_diff(now()) < 60,
            "{told:?}"
        );
        assert!(expected != "erro" || told.description.is_some(), "{told:?}");
        Ok(told)
    }
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs()
}

async fn subscriber(port: &str, topic: &str) -> Outcome<SubSocket> {
    let mut socket = SubSocket::new();
    socket.connect(&format!("tcp://127.0.0.1:{port}")).await?;
    socket.subscribe(topic).await?;
    Ok(socket)
}

/// What comes within a moment: who has just come may miss the first.
async fn heard<T: DeserializeOwned>(socket: &mut SubSocket, topic: &str) -> Outcome<Option<T>> {
    let Ok(came) = timeout(Duration::from_millis(100), socket.recv()).await else {
        return Ok(None);
    };
    let came = came?;
    assert_eq!(came.get(0).ok_or("no topic")?.as_ref(), topic.as_bytes());
    Ok(Some(rmp_serde::from_slice(
        came.get(1).ok_or("a topic alone")?,
    )?))
}

async fn names(chat: &mut Requester) -> Outcome<()> {
    chat.status("login", json!({"user": "rs-ana"}), "sucesso")
        .await?;
    chat.status("login", json!({"user": "rs-bob"}), "sucesso")
        .await?;
    let taken = chat
        .status("login", json!({"user": "rs-ana"}), "erro")
        .await?;
    assert_eq!(taken.description.as_deref(), Some("Usuário já existe"));
    let Users { users } = chat.ask("users", Value::Null).await?;
    assert!(users.contains(&"rs-ana".into()), "{users:?}");
    chat.status("channel", json!({"channel": "rs-chat"}), "sucesso")
        .await?;
    chat.status("channel", json!({"name": "rs-chat"}), "erro")
        .await?;
    let Channels { channels, users } = chat.ask("channels", json!({})).await?;
    assert!(channels.contains(&"rs-chat".into()), "{channels:?}");
    assert_eq!(channels, users);
    let subscription = json!({"user": "rs-ana", "channel": "rs-chat"});
    chat.status("subscribe", subscription, "sucesso").await?;
    let nowhere = json!({"user": "rs-ana", "channel": "rs-nowhere"});
    chat.status("subscribe", nowhere, "erro").await?;
    Ok(())
}

async fn messages(chat: &mut Requester, subscriptions: &str) -> Outcome<()> {
    let mut socket = subscriber(subscriptions, "rs-chat").await?;
    let end = Instant::now() + PATIENCE;
    let said: ChannelMessage = loop {
        assert!(Instant::now() < end, "nothing came of rs-chat");
        let said = json!({"user": "rs-ana", "channel": "rs-chat", "message": "olá"});
        chat.status("publish", said, "OK").await?;
        if let Some(said) = heard(&mut socket, "rs-chat").await? {
            break said;
        }
    };
    assert_eq!(
        (said.user.as_str(), said.channel.as_str()),
        ("rs-ana", "rs-chat")
    );
    assert!(
        said.message == "olá" && said.clock > 0 && said.timestamp > 0,
        "{said:?}"
    );

    let mut socket = subscriber(subscriptions, "rs-bob").await?;
    let direct: DirectMessage = loop {
        assert!(Instant::now() < end, "nothing came of rs-bob");
        let psst = json!({"src": "rs-ana", "dst": "rs-bob", "message": "psst"});
        chat.status("message", psst, "OK").await?;
        if let Some(direct) = heard(&mut socket, "rs-bob").await? {
            break direct;
        }
    };
    assert_eq!(
        (direct.src.as_str(), direct.dst.as_str()),
        ("rs-ana", "rs-bob")
    );

    let nowhere = json!({"user": "rs-ana", "channel": "rs-nowhere", "message": "x"});
    let refused = chat.status("publish", nowhere, "erro").await?;
    assert_eq!(refused.message, refused.description);
    let nobody = json!({"src": "rs-ana", "dst": "rs-nobody", "message": "x"});
    let refused = chat.status("message", nobody, "erro").await?;
    assert_eq!(refused.message, refused.description);

    let history = json!({"channel": "rs-chat"});
    let kept: Messages<ChannelMessage> = chat.ask("history", history).await?;
    assert!(
        kept.messages.iter().all(|each| each.message == "olá"),
        "{:?}",
        kept.messages
    );
    assert!(!kept.messages.is_empty());
    let both = json!({"user1": "rs-bob", "user2": "rs-ana"});
    let kept: Messages<DirectMessage> = chat.ask("private_history", both).await?;
    let last = kept.messages.last().ok_or("no direct message is kept")?;
    assert!(
        last.message == "psst" && last.timestamp > 0 && last.clock > 0,
        "{last:?}"
    );
    Ok(())
}

async fn publications(publications: &str, subscriptions: &str) -> Outcome<()> {
    let mut publisher = PubSocket::new();
    publisher
        .connect(&format!("tcp://127.0.0.1:{publications}"))
        .await?;
    let mut socket = subscriber(subscriptions, "rs-chat").await?;
    let end = Instant::now() + PATIENCE;
    let mut timestamp = now();
    loop {
        assert!(Instant::now() < end, "nothing came of what was published");
        let said = json!({
            "user": "rs-ana", "channel": "rs-chat", "message": "published", "timestamp": timestamp
        });
        timestamp += 1; // or it would be the same one
        let mut frames = ZmqMessage::from("rs-chat");
        frames.push_back(rmp_serde::to_vec(&said)?.into());
        publisher.send(frames).await?;
        if let Some(said) = heard::<ChannelMessage>(&mut socket, "rs-chat").await? {
            assert_eq!(said.message, "published");
            return Ok(());
        }
    }
}

async fn servers(chat: &mut Requester, reference: &mut Requester) -> Outcome<()> {
    let clock: Clock = chat.ask("clock", json!({"timestamp": now() - 100})).await?;
    assert!(clock.time > 0 && clock.offset > 99.0 && clock.offset < 160.0);
    let Election { election } = chat.ask("election", json!({})).await?;
    assert_eq!(election, "OK");
    chat.status("heartbeat", json!({"user": "rs-server"}), "OK")
        .await?;
    chat.status("adjust", json!({"adjustment": -1.5}), "OK")
        .await?;

    let said = json!({"user": "rs-far", "channel": "rs-far-chat", "message": "m", "timestamp": 1600000000});
    let direct = json!({"from": "rs-far", "to": "rs-ana", "message": "d", "timestamp": 1600000000});
    for _ in 0..2 {
        for (kind, content) in [
            (
                "login",
                json!({"username": "rs-far", "timestamp": 1600000000.0}),
            ),
            (
                "channel",
                json!({"name": "rs-far-chat", "timestamp": "2020-09-13T12:26:40+00:00"}),
            ),
            ("channel_message", said.clone()),
            ("user_message", direct.clone()),
        ] {
            let operation = json!({"type": kind, "content": content});
            chat.status("replicate", operation, "OK").await?;
        }
    }
    let copied: Sync = chat.ask("sync", json!({"last_sync": 0})).await?;
    let mut logins = copied.logins.iter();
    assert!(logins.any(|login| login.username == "rs-far" && login.timestamp > 0));
    assert!(copied.channels.contains(&"rs-far-chat".into()));
    let far = copied
        .channel_messages
        .iter()
        .filter(|each| each.user == "rs-far")
        .count();
    let directs = copied
        .user_messages
        .iter()
        .filter(|each| each.src == "rs-far")
        .count();
    assert_eq!((far, directs), (1, 1));
    let later: Sync = chat.ask("sync", json!({"last_sync": 9000000000.0})).await?;
    assert!(later.channel_messages.is_empty() && later.user_messages.is_empty());
    chat.status("dance", Value::Null, "erro").await?;

    let Rank { rank } = reference.ask("rank", json!({"user": "rs-server"})).await?;
    let again: Rank = reference.ask("rank", json!({"user": "rs-server"})).await?;
    assert!(rank > 0 && again.rank == rank);
    reference
        .status("heartbeat", json!({"user": "rs-server"}), "OK")
        .await?;
    let List { list } = reference.ask("list", json!({})).await?;
    assert!(
        list.contains(&Server {
            name: "rs-server".into(),
            rank
        }),
        "{list:?}"
    );
    reference
        .status("coordinator", json!({"coordinator": "rs-server"}), "OK")
        .await?;
    let operation = json!({"type": "channel_message", "content": said});
    reference.status("replicate", operation, "OK").await?;
    let far = json!({"channel": "rs-far-chat"});
    let kept: Messages<ChannelMessage> = chat.ask("history", far).await?;
    assert_eq!(kept.messages.len(), 1, "{:?}", kept.messages);
    Ok(())
}

/// Structs are arrays to `to_vec`, and maps to `to_vec_named`: the first is refused with the remedy.
async fn encodings(chat: &mut Requester) -> Outcome<()> {
    #[derive(Serialize)]
    struct Request<'a> {
        service: &'a str,
        data: Option<u8>,
    }
    let users = Request {
        service: "users",
        data: None,
    };
    let came = chat.exchange(rmp_serde::to_vec(&users)?).await?;
    let reply: Reply<Status> = rmp_serde::from_slice(came.get(0).ok_or("empty")?)?;
    let description = reply.data.description.unwrap_or_default();
    assert!(
        reply.data.status == "erro" && description.contains("to_vec_named"),
        "{description}"
    );
    let came = chat.exchange(rmp_serde::to_vec_named(&users)?).await?;
    let reply: Reply<Users> = rmp_serde::from_slice(came.get(0).ok_or("empty")?)?;
    assert!(reply.data.users.contains(&"rs-ana".into()));
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let ports: Vec<String> = std::env::args().skip(1).collect();
    let mut chat = Requester::connect(&ports[0]).await?;
    let mut reference = Requester::connect(&ports[3]).await?;
    names(&mut chat).await?;
    messages(&mut chat, &ports[2]).await?;
    publications(&ports[1], &ports[2]).await?;
    servers(&mut chat, &mut reference).await?;
    encodings(&mut chat).await?;
    println!("zeromq 0.7.0 and rmp-serde");
    Ok(())
}
