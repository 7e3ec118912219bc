// Publishes to a stream of NATS JetStream with three replicas, as `batuta bench publish` publishes to a channel: messages of
// 100 bytes, each counted once a majority has it on its disk, while one subscriber on each server reads all of them.
package main

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"log"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	stream   = "benchmark"
	subject  = "benchmark.messages"
	patience = 60 * time.Second
)

var (
	servers    = flag.String("servers", "", "addresses of all servers, with commas")
	messages   = flag.Int("messages", 100_000, "messages of a round")
	size       = flag.Int("bytes", 100, "bytes of a message, at least 8")
	publishers = flag.Int("publishers", 6, "connections that publish, dealt round the servers")
	window     = flag.Int("window", 1_000, "messages that each of them has under way at once")
	rounds     = flag.Int("rounds", 5, "rounds that count")
	warmUp     = flag.Int("warm-up", 2, "rounds before these")
)

var began = time.Now()

func main() {
	flag.Parse()
	addresses := strings.Split(*servers, ",")
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	readers := make([]*reader, len(addresses))
	create(ctx, addresses[0], len(addresses))
	for i, address := range addresses {
		readers[i] = subscribe(ctx, address)
	}
	var rates, acked, late []float64
	for round := -*warmUp; round < *rounds; round++ {
		rate, acks := publish(addresses)
		all := gather(readers)
		fmt.Printf("round %d: %.0f messages/s; acknowledged after p50 %.1f, p99 %.1f ms; read after p50 %.1f, p99 %.1f ms\n",
			round, rate, percentile(acks, 50), percentile(acks, 99), percentile(all, 50), percentile(all, 99))
		if round >= 0 {
			rates = append(rates, rate)
			acked = append(acked, percentile(acks, 99))
			late = append(late, percentile(all, 99))
		}
	}
	fmt.Printf("medians of %d: %.0f messages/s, acknowledged p99 %.1f ms, read p99 %.1f ms\n",
		*rounds, percentile(rates, 50), percentile(acked, 50), percentile(late, 50))
}

func connect(address string) jetstream.JetStream {
	var connection *nats.Conn
	var err error
	for until := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		connection, err = nats.Connect(address, nats.NoReconnect())
		if err == nil || time.Now().After(until) {
			break
		}
	}
	must(err)
	js, err := jetstream.New(connection, jetstream.WithPublishAsyncMaxPending(2**window))
	must(err)
	return js
}

func create(ctx context.Context, address string, replicas int) {
	js := connect(address)
	var err error
	for range 12 { // until they have elected a leader
		attempt, cancel := context.WithTimeout(ctx, 5*time.Second)
		_, err = js.CreateStream(attempt, jetstream.StreamConfig{
			Name: stream, Subjects: []string{subject}, Replicas: replicas, Storage: jetstream.FileStorage,
		})
		cancel()
		if err == nil {
			return
		}
		log.Printf("no stream yet: %v", err)
		time.Sleep(time.Second)
	}
	must(err)
}

// reader is one subscriber; what it read of the present round.
type reader struct {
	mutex sync.Mutex
	late  []float64
	count atomic.Int64
}

func subscribe(ctx context.Context, address string) *reader {
	r := &reader{}
	js := connect(address)
	consumer, err := js.OrderedConsumer(ctx, stream, jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverNewPolicy})
	must(err)
	_, err = consumer.Consume(func(message jetstream.Msg) {
		millis := millisSince(int64(binary.BigEndian.Uint64(message.Data())))
		r.mutex.Lock()
		r.late = append(r.late, millis)
		r.mutex.Unlock()
		r.count.Add(1)
	})
	must(err)
	return r
}

// publish returns the messages of a second, and after how many milliseconds each was acknowledged.
func publish(addresses []string) (float64, []float64) {
	all := make([][]float64, *publishers)
	connections := make([]jetstream.JetStream, *publishers)
	for i := range connections {
		connections[i] = connect(addresses[i%len(addresses)])
	}
	start := time.Now()
	var done sync.WaitGroup
	for i, js := range connections {
		done.Go(func() { all[i] = publishBy(js, share(i)) })
	}
	done.Wait()
	seconds := time.Since(start).Seconds()
	for _, js := range connections {
		js.Conn().Close()
	}
	acks := slices.Concat(all...)
	return float64(len(acks)) / seconds, acks
}

func share(publisher int) int {
	count := *messages / *publishers
	if publisher < *messages%*publishers {
		count++
	}
	return count
}

func publishBy(js jetstream.JetStream, count int) []float64 {
	type sent struct {
		at     int64
		future jetstream.PubAckFuture
	}
	acks := make([]float64, 0, count)
	underWay := make(chan sent, *window)
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		for one := range underWay {
			select {
			case <-one.future.Ok():
				acks = append(acks, millisSince(one.at))
			case err := <-one.future.Err():
				log.Fatalf("not acknowledged: %v", err)
			case <-time.After(patience):
				log.Fatalf("not acknowledged in %v", patience)
			}
		}
	}()
	for range count {
		at := time.Since(began).Nanoseconds()
		data := make([]byte, *size)
		binary.BigEndian.PutUint64(data, uint64(at))
		future, err := js.PublishAsync(subject, data)
		must(err)
		underWay <- sent{at, future}
	}
	close(underWay)
	<-finished
	return acks
}

// gather waits until each reader has all messages of the round, and takes what they noted.
func gather(readers []*reader) []float64 {
	var all []float64
	for _, r := range readers {
		for until := time.Now().Add(patience); r.count.Load() < int64(*messages); {
			if time.Now().After(until) {
				log.Fatalf("a subscriber read %d of %d messages", r.count.Load(), *messages)
			}
			time.Sleep(time.Millisecond)
		}
		r.mutex.Lock()
		all = append(all, r.late...)
		r.late = nil
		r.mutex.Unlock()
		r.count.Store(0)
	}
	return all
}

func millisSince(at int64) float64 {
	return float64(time.Since(began).Nanoseconds()-at) / 1e6
}

func percentile(values []float64, percent int) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
