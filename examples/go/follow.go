package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	pb "example.com/executor/gen/strategyruntime/v1"
	"google.golang.org/grpc/status"
)

const (
	// A follow stream is never silent for longer than a second: after so long the connection is dead, whatever the socket says.
	silenceLimit = 10 * time.Second
	callTimeout  = 5 * time.Second
	leastBackoff = 100 * time.Millisecond
	mostBackoff  = 2 * time.Second
)

// Run follows the decisions until the context ends, and comes back where the connection breaks. It fails where trying again would not help.
func (e *Executor) Run(ctx context.Context) error {
	backoff := leastBackoff
	for {
		heard, err := e.follow(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if !isPassing(err) {
			return err
		}
		if heard {
			backoff = leastBackoff
		}
		// The random part keeps a hundred executors from coming back in the same instant.
		wait := backoff/2 + rand.N(backoff)
		fmt.Printf("         connection lost (%s), again in %d ms\n", status.Convert(err).Message(), wait.Milliseconds())
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		backoff = min(2*backoff, mostBackoff)
	}
}

// follow reads one stream to its end and says whether anything came.
//
// The time that decisions are judged by is the feed's, as the stream tells it. It starts afresh with each stream: a simulated market that was
// started again may be behind what was heard before.
func (e *Executor) follow(ctx context.Context) (heard bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	token, err := e.store.Token()
	if err != nil {
		return false, err
	}
	stream, err := e.runtime.GenerateSignals(ctx, &pb.GenerateSignalsRequest{Follow: true, ResumeToken: token, IncludeExits: true})
	if err != nil {
		return false, err
	}
	watchdog := time.AfterFunc(silenceLimit, cancel)
	defer watchdog.Stop()
	var pending []*pb.TradeDecision
	var market time.Time
	for {
		message, err := stream.Recv()
		if err != nil {
			return heard, err
		}
		watchdog.Stop()
		if !heard {
			heard = true
			fmt.Printf("         following from %s\n", placeName(token))
		}
		pending = append(pending, message.Decisions...)
		if mark := message.Watermark.AsTime(); message.Watermark != nil && mark.After(market) {
			market = mark
		}
		// What was missed comes first and without a watermark; whether it is late is known once the first one has come.
		if !market.IsZero() {
			if err := e.settle(ctx, pending, market, message.ResumeToken); err != nil {
				return heard, err
			}
			pending = nil
		}
		watchdog.Reset(silenceLimit)
	}
}

// settle acts, then moves the token past what was acted on, then tells the runtime. In this order a crash repeats no act and skips none.
func (e *Executor) settle(ctx context.Context, decisions []*pb.TradeDecision, market time.Time, token string) error {
	for _, decision := range decisions {
		if err := e.Act(ctx, decision, market); err != nil {
			return err
		}
	}
	if err := e.store.SaveToken(token); err != nil {
		return err
	}
	if err := e.CloseDue(ctx, market); err != nil {
		return err
	}
	return e.reporter.SendDue(ctx)
}

func placeName(token string) string {
	if token == "" {
		return "now on"
	}
	return token
}
