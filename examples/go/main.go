// An executor: it follows the decisions of the runtime, acts on each once, and reports what became of it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	pb "example.com/executor/gen/strategyruntime/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
)

func main() {
	address := flag.String("address", "127.0.0.1:50051", "where the runtime serves gRPC")
	state := flag.String("state", "executor-state", "folder for the ledger and the resume token; one executor a folder")
	maxOpen := flag.Int("max-open", 5, "most positions open at once; further decisions are rejected")
	hold := flag.Duration("hold", 5*time.Minute, "longest time to hold a paper position, in market time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *address, *state, *maxOpen, *hold); err != nil {
		fmt.Fprintln(os.Stderr, "executor:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, address, state string, maxOpen int, hold time.Duration) error {
	store, err := OpenStore(state)
	if err != nil {
		return err
	}
	// The executor has a backoff of its own; the connection's must not be longer.
	reconnect := grpc.ConnectParams{
		Backoff:           backoff.Config{BaseDelay: leastBackoff, Multiplier: 2, Jitter: 0.2, MaxDelay: mostBackoff},
		MinConnectTimeout: callTimeout,
	}
	connection, err := grpc.NewClient(address,
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithConnectParams(reconnect))
	if err != nil {
		return err
	}
	defer connection.Close()
	runtime := pb.NewStrategyRuntimeServiceClient(connection)
	executor := &Executor{
		runtime:  runtime,
		reporter: &Reporter{performance: pb.NewPerformanceServiceClient(connection), store: store},
		store:    store,
		exchange: &paperExchange{runtime: runtime, hold: hold},
		maxOpen:  maxOpen,
	}
	return executor.Run(ctx)
}
