// A chat client: chat USER CHANNEL [HOST [SERVICES [TOPICS]]]
//
// It publishes each line that it reads, and prints what is said in the channel. SERVICES and TOPICS
// are the ports of the REP and the XPUB socket.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/vmihailenco/msgpack/v5"
)

type reply struct {
	Data struct {
		Status      string `msgpack:"status"`
		Description string `msgpack:"description"`
		Timestamp   int64  `msgpack:"timestamp"`
		Clock       int64  `msgpack:"clock"`
	} `msgpack:"data"`
}

type said struct {
	User      string `msgpack:"user"`
	Channel   string `msgpack:"channel"`
	Message   string `msgpack:"message"`
	Timestamp int64  `msgpack:"timestamp"`
	Clock     int64  `msgpack:"clock"`
}

// ask requests a service; whether that did it is in its answer.
func ask(requests zmq4.Socket, service string, data map[string]any) bool {
	data["timestamp"] = time.Now().Unix()
	request, err := msgpack.Marshal(map[string]any{"service": service, "data": data})
	if err != nil {
		log.Fatal(err)
	}
	if err := requests.Send(zmq4.NewMsg(request)); err != nil {
		log.Fatal("the server is gone: ", err)
	}
	message, err := requests.Recv()
	if err != nil {
		log.Fatal("the server does not answer: ", err)
	}
	var answer reply
	if err := msgpack.Unmarshal(message.Bytes(), &answer); err != nil {
		log.Fatal(err)
	}
	if answer.Data.Status == "erro" {
		log.Print(answer.Data.Description)
	}
	return answer.Data.Status != "erro"
}

func listen(messages zmq4.Socket, channel string) {
	for {
		message, err := messages.Recv()
		if err != nil {
			log.Fatal("no more messages: ", err)
		}
		var heard said
		if err := msgpack.Unmarshal(message.Frames[1], &heard); err != nil {
			log.Fatal(err)
		}
		if heard.Channel == channel { // a topic is a prefix: others may begin alike
			fmt.Printf("%s: %s\n", heard.User, heard.Message)
		}
	}
}

func main() {
	log.SetFlags(0)
	if len(os.Args) < 3 {
		log.Fatal("usage: chat USER CHANNEL [HOST [SERVICES [TOPICS]]]")
	}
	given := []string{"", "", "127.0.0.1", "5555", "5558"}
	copy(given, os.Args[1:])
	user, channel, host := given[0], given[1], given[2]

	requests := zmq4.NewReq(context.Background(), zmq4.WithTimeout(10*time.Second))
	if err := requests.Dial("tcp://" + host + ":" + given[3]); err != nil {
		log.Fatal(err)
	}
	defer requests.Close()
	messages := zmq4.NewSub(context.Background())
	if err := messages.Dial("tcp://" + host + ":" + given[4]); err != nil {
		log.Fatal(err)
	}

	ask(requests, "login", map[string]any{"user": user}) // a taken name, or channel, will do
	ask(requests, "channel", map[string]any{"channel": channel})
	if !ask(requests, "subscribe", map[string]any{"user": user, "channel": channel}) {
		os.Exit(1)
	}
	if err := messages.SetOption(zmq4.OptionSubscribe, channel); err != nil {
		log.Fatal(err)
	}
	fmt.Println("joined", channel)
	go listen(messages, channel)

	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		data := map[string]any{"user": user, "channel": channel, "message": lines.Text()}
		ask(requests, "publish", data)
	}
}
