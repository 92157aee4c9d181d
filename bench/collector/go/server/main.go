// The collector's job as it is first written in Go: net/http, encoding/json, franz-go, one acknowledged record a request.
package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type event struct {
	Type      string          `json:"et"`
	Timestamp int64           `json:"ts"`
	Link      string          `json:"l"`
	Label     string          `json:"lb"`
	Placement string          `json:"pl"`
	Widget    string          `json:"w"`
	Ratio     float64         `json:"vr"`
	Ms        int64           `json:"vd"`
	Quality   int             `json:"q"`
	More      json.RawMessage `json:"x"`
}

type batch struct {
	Site     string  `json:"s"`
	Page     string  `json:"p"`
	Referrer string  `json:"r"`
	PageView string  `json:"pv"`
	Source   string  `json:"so"`
	Sequence int64   `json:"n"`
	SentAt   int64   `json:"st"`
	SDK      string  `json:"v"`
	Viewport []int   `json:"vp"`
	Events   []event `json:"e"`
}

type answer struct {
	Accepted int      `json:"accepted"`
	Rejected []string `json:"rejected"`
}

func collect(client *kgo.Client) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 65_536))
		if err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		var posted batch
		if err := json.Unmarshal(body, &posted); err != nil || len(posted.Events) == 0 {
			http.Error(w, "not a batch", http.StatusBadRequest)
			return
		}
		record := &kgo.Record{Key: []byte(posted.PageView), Value: body}
		if err := client.ProduceSync(r.Context(), record).FirstErr(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusAccepted)
		_ = json.NewEncoder(w).Encode(answer{len(posted.Events), []string{}})
	}
}

func main() {
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "snappy": kgo.SnappyCompression(), "zstd": kgo.ZstdCompression(),
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(os.Getenv("KAFKA_BOOTSTRAP")),
		kgo.DefaultProduceTopic("events"),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchCompression(codecs[os.Args[2]]),
		kgo.ProducerLinger(5*time.Millisecond),
		kgo.ProducerBatchMaxBytes(256*1024),
	)
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/events", collect(client))
	mux.HandleFunc("GET /health/ready", func(w http.ResponseWriter, r *http.Request) {
		if err := client.Ping(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
	server := &http.Server{Addr: "127.0.0.1:" + os.Args[1], Handler: mux}
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	go func() {
		<-stop.Done()
		_ = server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		panic(err)
	}
	client.Close()
}
