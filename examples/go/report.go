package main

import (
	"context"
	"fmt"

	pb "example.com/executor/gen/strategyruntime/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Reporter tells the runtime what became of decisions: the strategies' performance and their max_positions rest on it.
type Reporter struct {
	performance pb.PerformanceServiceClient
	store       *Store
}

// SendDue sends the reports that the runtime has not taken yet, oldest first. The runtime takes each report once however often it comes,
// so after a crash the doubtful ones are simply sent again: they say exactly what the ledger says.
func (r *Reporter) SendDue(ctx context.Context) error {
	for len(r.store.due) > 0 {
		entry := r.store.due[0]
		err := r.send(ctx, entry)
		if err != nil && !isFinal(err) {
			return err
		}
		if err != nil {
			// Asking again would bring the same answer; a person must look at it.
			fmt.Printf("         the runtime refused the report that %s was %s: %v\n", entry.DecisionID, entry.Kind, err)
		}
		if err := r.store.Record(Entry{Kind: reported, DecisionID: entry.DecisionID, Of: entry.Kind}); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reporter) send(ctx context.Context, entry Entry) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var err error
	switch entry.Kind {
	case opened:
		_, err = r.performance.ReportPositionOpened(ctx, &pb.ReportPositionOpenedRequest{Position: message(entry)})
	case closed:
		_, err = r.performance.ReportPositionClosed(ctx, &pb.ReportPositionClosedRequest{Position: message(entry)})
	case rejected:
		_, err = r.performance.ReportDecisionRejected(ctx, &pb.ReportDecisionRejectedRequest{DecisionId: entry.DecisionID, Reason: entry.Reason})
	}
	return err
}

func message(entry Entry) *pb.Position {
	position := entry.Position
	report := &pb.Position{
		PositionId: position.ID,
		DecisionId: entry.DecisionID,
		StrategyId: position.StrategyID,
		Symbol:     position.Symbol,
		Side:       position.Side,
		SizeUsd:    position.SizeUSD,
		EntryPrice: position.EntryPrice,
		OpenedAt:   timestamppb.New(position.OpenedAt),
		FeesUsd:    position.FeesUSD,
	}
	if entry.Kind == closed {
		report.ExitPrice = proto.Float64(position.ExitPrice)
		report.ClosedAt = timestamppb.New(position.ClosedAt)
		report.ExitReason = position.ExitReason
	}
	return report
}

// isPassing says whether the same call may succeed later.
func isPassing(err error) bool {
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Canceled:
		return true
	default:
		return false
	}
}

// isFinal says whether the runtime understood a report and will never take it.
func isFinal(err error) bool {
	switch status.Code(err) {
	case codes.InvalidArgument, codes.AlreadyExists, codes.NotFound, codes.FailedPrecondition:
		return true
	default:
		return false
	}
}
