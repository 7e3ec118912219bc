// A chat client and a foreign server in pure Go, each row of the tables of the protocol. Answers are
// read into structs, which fail on a float or a text where an integer is meant.
//
// Arguments: the ports of the services, of publications, of subscriptions and of the reference
// service.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"slices"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/vmihailenco/msgpack/v5"
)

const patience = 20 * time.Second

type object = map[string]any

type message struct {
	User      string `msgpack:"user"`
	From      string `msgpack:"from"`
	Src       string `msgpack:"src"`
	Dst       string `msgpack:"dst"`
	Channel   string `msgpack:"channel"`
	Message   string `msgpack:"message"`
	Timestamp int64  `msgpack:"timestamp"`
	Clock     int64  `msgpack:"clock"`
}

type login struct {
	Username  string `msgpack:"username"`
	Timestamp int64  `msgpack:"timestamp"`
}

type server struct {
	Name string `msgpack:"name"`
	Rank int64  `msgpack:"rank"`
}

type answer struct {
	Status          string    `msgpack:"status"`
	Description     string    `msgpack:"description"`
	Message         string    `msgpack:"message"`
	Timestamp       int64     `msgpack:"timestamp"`
	Clock           int64     `msgpack:"clock"`
	Users           []string  `msgpack:"users"`
	Channels        []string  `msgpack:"channels"`
	Messages        []message `msgpack:"messages"`
	Time            int64     `msgpack:"time"`
	Offset          float64   `msgpack:"offset"`
	Election        string    `msgpack:"election"`
	Logins          []login   `msgpack:"logins"`
	ChannelMessages []message `msgpack:"channel_messages"`
	UserMessages    []message `msgpack:"user_messages"`
	Rank            int64     `msgpack:"rank"`
	List            []server  `msgpack:"list"`
}

type reply struct {
	Service string `msgpack:"service"`
	Data    answer `msgpack:"data"`
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// check ends the program where a row is not as the protocol says.
func check(holds bool, row string, seen any) {
	if !holds {
		log.Fatalf("%s: %+v", row, seen)
	}
}

type requester struct{ socket zmq4.Socket }

func requests(port string) requester {
	socket := zmq4.NewReq(context.Background(), zmq4.WithTimeout(patience))
	must(socket.Dial("tcp://127.0.0.1:" + port))
	return requester{socket}
}

func (r requester) ask(service string, data object) answer {
	request, err := msgpack.Marshal(object{"service": service, "data": data})
	must(err)
	must(r.socket.Send(zmq4.NewMsg(request)))
	came, err := r.socket.Recv()
	must(err)
	var got reply
	must(msgpack.Unmarshal(came.Bytes(), &got))
	check(got.Service == service && got.Data.Clock > 0, service, got)
	check(time.Since(time.Unix(got.Data.Timestamp, 0)).Abs() < time.Minute, service, got)
	return got.Data
}

// heard is the first message of a topic, of what is done again and again: who has just come may
// miss the first.
func heard(port, topic string, act func()) message {
	socket := zmq4.NewSub(context.Background())
	must(socket.Dial("tcp://127.0.0.1:" + port))
	must(socket.SetOption(zmq4.OptionSubscribe, topic))
	came := make(chan zmq4.Msg, 1)
	go func() {
		got, err := socket.Recv()
		must(err)
		came <- got
	}()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		act()
		select {
		case got := <-came:
			check(string(got.Frames[0]) == topic, "topic", string(got.Frames[0]))
			var said message
			must(msgpack.Unmarshal(got.Frames[1], &said))
			check(said.Timestamp > 0 && said.Clock > 0, topic, said)
			return said
		case <-time.After(100 * time.Millisecond):
		}
	}
	log.Fatal("nothing came for ", topic)
	return message{}
}

func main() {
	log.SetFlags(log.Lshortfile)
	ports := os.Args[1:]
	chat, reference := requests(ports[0]), requests(ports[3])
	names(chat)
	messages(chat, ports[2])
	publications(ports[1], ports[2])
	servers(chat, reference)
	fmt.Println("go-zeromq/zmq4 and vmihailenco/msgpack")
	os.Exit(0)
}

func names(chat requester) {
	check(chat.ask("login", object{"user": "go-ana"}).Status == "sucesso", "login", nil)
	check(chat.ask("login", object{"user": "go-bob"}).Status == "sucesso", "login", nil)
	taken := chat.ask("login", object{"user": "go-ana"})
	check(taken.Status == "erro" && taken.Description == "Usuário já existe", "taken", taken)
	users := chat.ask("users", nil)
	check(slices.Contains(users.Users, "go-ana"), "users", users)
	check(chat.ask("channel", object{"channel": "go-chat"}).Status == "sucesso", "channel", nil)
	again := chat.ask("channel", object{"name": "go-chat"})
	check(again.Status == "erro" && again.Description != "", "channel again", again)
	channels := chat.ask("channels", object{})
	check(slices.Contains(channels.Channels, "go-chat"), "channels", channels)
	check(slices.Equal(channels.Channels, channels.Users), "channels as users", channels)
	there := chat.ask("subscribe", object{"user": "go-ana", "channel": "go-chat"})
	check(there.Status == "sucesso", "subscribe", there)
	nowhere := chat.ask("subscribe", object{"user": "go-ana", "channel": "go-nowhere"})
	check(nowhere.Status == "erro" && nowhere.Description != "", "subscribe nowhere", nowhere)
}

func messages(chat requester, subscriptions string) {
	said := heard(subscriptions, "go-chat", func() {
		done := chat.ask("publish", object{"user": "go-ana", "channel": "go-chat", "message": "olá",
			"timestamp": time.Now()})
		check(done.Status == "OK", "publish", done)
	})
	check(said.User == "go-ana" && said.Channel == "go-chat" && said.Message == "olá", "said", said)
	said = heard(subscriptions, "go-bob", func() {
		done := chat.ask("message", object{"src": "go-ana", "dst": "go-bob", "message": "psst",
			"timestamp": uint64(time.Now().UnixMilli())})
		check(done.Status == "OK", "message", done)
	})
	check(said.Src == "go-ana" && said.From == "go-ana" && said.Dst == "go-bob", "direct", said)
	for _, refused := range []answer{
		chat.ask("publish", object{"user": "go-ana", "channel": "go-nowhere", "message": "x"}),
		chat.ask("message", object{"src": "go-ana", "dst": "go-nobody", "message": "x"}),
	} {
		check(refused.Status == "erro" && refused.Message != "", "refused", refused)
		check(refused.Message == refused.Description, "refused", refused)
	}
	history := chat.ask("history", object{"channel": "go-chat"}).Messages
	check(len(history) > 0 && history[0].Message == "olá", "history", history)
	check(history[0].User == "go-ana" && history[0].Clock > 0, "history", history)
	private := chat.ask("private_history", object{"user1": "go-bob", "user2": "go-ana"}).Messages
	check(len(private) > 0 && private[0].Message == "psst", "private_history", private)
	check(private[0].Src == "go-ana" && private[0].Timestamp > 0, "private_history", private)
}

func publications(publications, subscriptions string) {
	publisher := zmq4.NewPub(context.Background())
	must(publisher.Dial("tcp://127.0.0.1:" + publications))
	said := heard(subscriptions, "go-chat", func() {
		body, err := msgpack.Marshal(object{"user": "go-ana", "channel": "go-chat",
			"message": "published", "timestamp": float64(time.Now().UnixMilli()), "clock": 3.0})
		must(err)
		must(publisher.Send(zmq4.NewMsgFrom([]byte("go-chat"), body)))
	})
	check(said.User == "go-ana" && said.Message == "published", "published", said)
}

func servers(chat, reference requester) {
	clock := chat.ask("clock", object{"timestamp": time.Now().Unix() - 100})
	check(clock.Time > 0 && clock.Offset > 99 && clock.Offset < 160, "clock", clock)
	check(chat.ask("election", nil).Election == "OK", "election", nil)
	check(chat.ask("heartbeat", object{"user": "go-server"}).Status == "OK", "heartbeat", nil)
	check(chat.ask("adjust", object{"adjustment": -1.5}).Status == "OK", "adjust", nil)

	said := object{"user": "go-far", "channel": "go-far-chat", "message": "m", "timestamp": 1600000000}
	direct := object{"from": "go-far", "to": "go-ana", "message": "d", "timestamp": 1600000000}
	for range 2 {
		for kind, content := range map[string]object{
			"login":           {"username": "go-far", "timestamp": 1600000000.5},
			"channel":         {"name": "go-far-chat", "timestamp": "2020-09-13T12:26:40Z"},
			"channel_message": said,
			"user_message":    direct,
		} {
			done := chat.ask("replicate", object{"type": kind, "content": content})
			check(done.Status == "OK", "replicate "+kind, done)
		}
	}
	copied := chat.ask("sync", object{"last_sync": 0})
	check(slices.ContainsFunc(copied.Logins, func(l login) bool {
		return l.Username == "go-far" && l.Timestamp > 0
	}), "sync logins", copied.Logins)
	check(slices.Contains(copied.Channels, "go-far-chat"), "sync channels", copied.Channels)
	same := 0
	for _, each := range slices.Concat(copied.ChannelMessages, copied.UserMessages) {
		if each.User == "go-far" && each.Message == "m" || each.Src == "go-far" && each.Dst == "go-ana" {
			check(each.Timestamp == 1600000000, "sync", each)
			same++
		}
	}
	check(same == 2, "stored once", copied)
	later := chat.ask("sync", object{"last_sync": 9000000000.0})
	check(len(later.ChannelMessages)+len(later.UserMessages) == 0, "sync later", later)
	unknown := chat.ask("dance", nil)
	check(unknown.Status == "erro" && unknown.Description != "", "unknown service", unknown)

	rank := reference.ask("rank", object{"user": "go-server"}).Rank
	check(rank > 0 && reference.ask("rank", object{"user": "go-server"}).Rank == rank, "rank", rank)
	check(reference.ask("heartbeat", object{"user": "go-server"}).Status == "OK", "heartbeat", nil)
	listed := reference.ask("list", nil).List
	check(slices.Contains(listed, server{"go-server", rank}), "list", listed)
	done := reference.ask("coordinator", object{"coordinator": "go-server"})
	check(done.Status == "OK", "coordinator", done)
	done = reference.ask("replicate", object{"type": "channel_message", "content": said})
	check(done.Status == "OK", "replicate at the reference service", done)
	kept := chat.ask("history", object{"channel": "go-far-chat"}).Messages
	check(len(kept) == 1, "stored once", kept)
}
