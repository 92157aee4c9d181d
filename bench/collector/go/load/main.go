// A JSON file of batches and a port in; how many were acknowledged, how long each took, and what the load itself used out.
//
// Open (a rate is given): batch k is due at start + k/rate, whether or not earlier ones were answered, and its latency
// counts from when it was due. Closed: each connection sends as soon as it has its answer.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const pageView = "0000000000000000000000" // in every batch, for a number of its own

var (
	port        = flag.Int("port", 0, "the server's")
	seconds     = flag.Float64("seconds", 5, "how long to send")
	rate        = flag.Float64("rate", 0, "batches a second; 0: as fast as they are answered")
	connections = flag.Int("connections", 64, "open connections")
	batches     = flag.String("batches", "", "the file")
)

type outcome struct {
	status int
	micros uint32 // from due to answered
	late   uint32 // of these, until sent
}

type load struct {
	requests [][]byte
	places   []int // of the page view in each request
	first    int64
	started  time.Time
	until    time.Time
	next     atomic.Int64
}

// due says when a connection may send its next batch, and false when there is none.
func (l *load) due() (time.Time, int64, bool) {
	number := l.next.Add(1) - 1
	at := time.Now()
	if *rate > 0 {
		at = l.started.Add(time.Duration(float64(number) / *rate * float64(time.Second)))
	}
	return at, number, at.Before(l.until)
}

func (l *load) run(done *[]outcome) {
	connection := connect()
	reader := bufio.NewReader(connection)
	buffer := []byte{}
	for {
		due, number, more := l.due()
		if !more {
			connection.Close()
			return
		}
		time.Sleep(time.Until(due))
		which := int(number) % len(l.requests)
		buffer = append(buffer[:0], l.requests[which]...)
		fill(buffer[l.places[which]:l.places[which]+len(pageView)], l.first+number)
		sent := time.Now()
		status, closed := 0, true
		if _, err := connection.Write(buffer); err == nil {
			status, closed = answer(reader)
		}
		*done = append(*done, outcome{status, micros(time.Since(due)), micros(sent.Sub(due))})
		if closed {
			connection.Close()
			connection = connect()
			reader.Reset(connection)
		}
	}
}

func connect() net.Conn {
	for {
		connection, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(*port))
		if err == nil {
			return connection
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func fill(place []byte, number int64) {
	for i := len(place) - 1; i >= 0; i-- {
		place[i] = byte('0' + number%10)
		number /= 10
	}
}

// answer reads one answer: its status, 0 when the connection broke, and whether the connection is at its end.
func answer(reader *bufio.Reader) (int, bool) {
	line, err := reader.ReadSlice('\n')
	if err != nil || len(line) < 12 {
		return 0, true
	}
	status, length, closed := int(line[9]-'0')*100+int(line[10]-'0')*10+int(line[11]-'0'), 0, false
	for {
		line, err = reader.ReadSlice('\n')
		if err != nil {
			return 0, true
		}
		if len(line) <= 2 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case len(name) == 14 && bytes.EqualFold(name, []byte("content-length")):
			length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
		case len(name) == 10 && bytes.EqualFold(name, []byte("connection")):
			closed = bytes.Contains(value, []byte("close"))
		}
	}
	_, err = reader.Discard(length)
	return status, closed || err != nil
}

func micros(spent time.Duration) uint32 { return uint32(max(0, spent.Microseconds())) }

func quantile(sorted []uint32, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[min(len(sorted)-1, int(float64(len(sorted))*q))]) / 1000
}

func report(outcomes []outcome, elapsed time.Duration) map[string]any {
	statuses, taken, late := map[string]int{}, []uint32{}, []uint32{}
	for _, each := range outcomes {
		statuses[strconv.Itoa(each.status)]++
		taken, late = append(taken, each.micros), append(late, each.late)
	}
	slices.Sort(taken)
	slices.Sort(late)
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return map[string]any{
		"statuses": statuses, "seconds": elapsed.Seconds(),
		"p50_ms": quantile(taken, 0.5), "p99_ms": quantile(taken, 0.99), "p999_ms": quantile(taken, 0.999),
		"late_p99_ms": quantile(late, 0.99),
		"cpu_seconds": float64(used.Utime.Nano()+used.Stime.Nano()) / 1e9,
	}
}

func main() {
	flag.Parse()
	text, err := os.ReadFile(*batches)
	if err != nil {
		panic(err)
	}
	var heads struct {
		Head   string
		Bodies []string
	}
	if err := json.Unmarshal(text, &heads); err != nil {
		panic(err)
	}
	l := &load{first: time.Now().UnixNano()}
	for _, body := range heads.Bodies {
		request := fmt.Appendf(nil, "%sContent-Length: %d\r\n\r\n%s", heads.Head, len(body), body)
		l.requests = append(l.requests, request)
		l.places = append(l.places, bytes.Index(request, []byte(pageView)))
	}
	l.started = time.Now()
	l.until = l.started.Add(time.Duration(*seconds * float64(time.Second)))
	perConnection := make([][]outcome, *connections)
	var all sync.WaitGroup
	for number := range perConnection {
		all.Go(func() { l.run(&perConnection[number]) })
	}
	all.Wait()
	elapsed := time.Since(l.started)
	_ = json.NewEncoder(os.Stdout).Encode(report(slices.Concat(perConnection...), elapsed))
}
