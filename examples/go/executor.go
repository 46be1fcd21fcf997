package main

import (
	"context"
	"fmt"
	"time"

	pb "example.com/executor/gen/strategyruntime/v1"
)

// Executor acts on decisions: each once, none too late, none that is not for execution.
type Executor struct {
	runtime  pb.StrategyRuntimeServiceClient
	reporter *Reporter
	store    *Store
	exchange Exchange
	maxOpen  int
}

// Act deals with one decision, unless the ledger says that it was dealt with before. `market` is the feed's time (see follow.go).
func (e *Executor) Act(ctx context.Context, decision *pb.TradeDecision, market time.Time) error {
	switch decision.Action {
	case pb.Action_ACTION_CLOSE:
		return e.leave(ctx, decision, market)
	case pb.Action_ACTION_ADJUST:
		return e.adjust(decision)
	}
	if e.store.acted[decision.DecisionId] {
		return nil // the crash came between the ledger and the token
	}
	entry := Entry{DecisionID: decision.DecisionId}
	switch {
	case decision.Shadow:
		entry.Kind, entry.Reason = skipped, "made by a SHADOW strategy"
	case isLate(decision, market):
		entry.Kind, entry.Reason = skipped, fmt.Sprintf("was valid until %s, the market is at %s", clockTime(decision.ValidUntil.AsTime()), clockTime(market))
	case len(e.store.open) >= e.maxOpen:
		entry.Kind, entry.Reason = rejected, fmt.Sprintf("%d positions are open, the most allowed", len(e.store.open))
	default:
		position, err := e.exchange.Open(ctx, decision)
		if ctx.Err() != nil {
			return ctx.Err() // told to stop: whether the order went out is asked again at the next start
		}
		if err != nil {
			entry.Kind, entry.Reason = rejected, "the exchange refused: "+err.Error()
			break
		}
		entry.Kind, entry.Position = opened, position
	}
	if err := e.store.Record(entry); err != nil {
		return err
	}
	printDecision(decision, entry)
	return nil
}

// leave closes the position that a CLOSE names. It comes again at each close until the runtime knows that the position is closed: for one
// that is, nothing is done.
func (e *Executor) leave(ctx context.Context, decision *pb.TradeDecision, market time.Time) error {
	decisionID, held := e.store.Find(decision.PositionId)
	if held == nil {
		return nil
	}
	position := *held
	position.ExitReason = decision.ExitReason
	if err := e.exchange.Leave(ctx, &position, later(market, decision.BarCloseTime.AsTime())); err != nil {
		return err
	}
	if err := e.store.Record(Entry{Kind: closed, DecisionID: decisionID, Position: &position}); err != nil {
		return err
	}
	printLeft(&position, decision)
	return nil
}

// adjust moves the levels of the position that an ADJUST names.
func (e *Executor) adjust(decision *pb.TradeDecision) error {
	decisionID, held := e.store.Find(decision.PositionId)
	if held == nil {
		return nil
	}
	position := *held
	position.StopLoss, position.TakeProfit = decision.GetStopLoss(), decision.GetTakeProfit()
	if err := e.store.Record(Entry{Kind: adjusted, DecisionID: decisionID, Position: &position}); err != nil {
		return err
	}
	printAdjusted(&position, decision)
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// isLate says whether the decision must not be acted on any more (R35). valid_until is market time. A simulated or replayed market has a
// clock of its own, which may run years apart from this computer's; a live one goes by the wall's, which is then the surer witness.
func isLate(decision *pb.TradeDecision, market time.Time) bool {
	if source := decision.DataSource; source != "simulated" && source != "replay" {
		if now := time.Now(); now.After(market) {
			market = now
		}
	}
	return !market.Before(decision.ValidUntil.AsTime())
}

// CloseDue closes the positions whose time has come.
func (e *Executor) CloseDue(ctx context.Context, market time.Time) error {
	for decisionID, held := range e.store.open {
		position := *held
		isClosed, err := e.exchange.Close(ctx, &position, market)
		if err != nil {
			return err
		}
		if isClosed {
			if err := e.store.Record(Entry{Kind: closed, DecisionID: decisionID, Position: &position}); err != nil {
				return err
			}
			printClosed(&position)
		}
	}
	return nil
}
