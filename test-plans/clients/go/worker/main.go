// A worker: worker [HOST [PORT [NAME]]]
//
// It asks a server for one task after another, and prints each. The ledger keeps the balances, so
// to report that a task was done is all there is to do.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"
)

type address struct {
	IP   string `json:"ip"`
	Port int    `json:"port"`
}

func (a address) String() string {
	return net.JoinHostPort(a.IP, strconv.Itoa(a.Port))
}

type task struct {
	Kind     string  `json:"TASK"`
	ID       string  `json:"TASK_ID"`
	User     string  `json:"USER"`
	Redirect address `json:"SERVER_REDIRECT"`
	Return   address `json:"SERVER_RETURN"`
}

// work serves one server until that sends this worker elsewhere; it returns the address of there.
func work(at, name string) (string, error) {
	connection, err := net.DialTimeout("tcp", at, 10*time.Second)
	if err != nil {
		return "", err
	}
	defer connection.Close()
	requests, answers := json.NewEncoder(connection), json.NewDecoder(connection)

	ask := func(message map[string]any) (answer task, err error) {
		message["WORKER_UUID"] = name
		connection.SetDeadline(time.Now().Add(10 * time.Second))
		if err = requests.Encode(message); err == nil {
			err = answers.Decode(&answer)
		}
		return answer, err
	}

	for {
		given, err := ask(map[string]any{"WORKER": "ALIVE"})
		if err != nil {
			return "", err
		}
		switch given.Kind {
		case "QUERY", "UPDATE":
			fmt.Println(name, "does", given.Kind, "for", given.User)
			done := map[string]any{"STATUS": "OK", "TASK": given.Kind, "TASK_ID": given.ID}
			if _, err := ask(done); err != nil {
				return "", err
			}
		case "REDIRECT":
			return given.Redirect.String(), nil
		case "RETURN":
			return given.Return.String(), nil
		default: // NO_TASK
			time.Sleep(200 * time.Millisecond)
		}
	}
}

func main() {
	given := []string{"127.0.0.1", "9001", "w-go"}
	copy(given, os.Args[1:])
	at, name := net.JoinHostPort(given[0], given[1]), given[2]
	for {
		there, err := work(at, name)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v; trying again\n", at, err)
			time.Sleep(time.Second)
			continue
		}
		fmt.Println(name, "goes to", there)
		at = there
	}
}
