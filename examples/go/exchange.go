package main

import (
	"context"
	"time"

	pb "example.com/executor/gen/strategyruntime/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Position is one that the exchange holds for us. Times are market times.
type Position struct {
	ID         string    `json:"id"`
	StrategyID string    `json:"strategy_id"`
	Symbol     string    `json:"symbol"`
	Side       pb.Side   `json:"side"`
	SizeUSD    float64   `json:"size_usd"`
	EntryPrice float64   `json:"entry_price"`
	StopLoss   float64   `json:"stop_loss"`
	TakeProfit float64   `json:"take_profit"`
	OpenedAt   time.Time `json:"opened_at"`
	ExitPrice  float64   `json:"exit_price,omitempty"`
	ClosedAt   time.Time `json:"closed_at,omitzero"`
	FeesUSD    float64   `json:"fees_usd,omitempty"`
	// Why it was closed, where the runtime said so.
	ExitReason pb.ExitReason `json:"exit_reason,omitempty"`
}

// Exchange is where orders go. Put yours here.
type Exchange interface {
	// Open fills a decision. It is asked again for the same decision after a crash between filling and recording, so send
	// the decision_id as the client's order id: an exchange takes each once.
	Open(ctx context.Context, decision *pb.TradeDecision) (*Position, error)
	// Close closes the position if its time has come, and says whether it did.
	Close(ctx context.Context, position *Position, market time.Time) (bool, error)
	// Leave closes the position at once. After a crash it is asked again for one that is closed already.
	Leave(ctx context.Context, position *Position, market time.Time) error
}

// paperExchange fills at the decision's price, and closes at stop, target, or after a while at the runtime's last close.
type paperExchange struct {
	runtime pb.StrategyRuntimeServiceClient
	hold    time.Duration
}

const paperFee = 0.0005 // of the size, each way

func (x *paperExchange) Open(_ context.Context, decision *pb.TradeDecision) (*Position, error) {
	return &Position{
		ID:         "paper-" + decision.DecisionId,
		StrategyID: decision.StrategyId,
		Symbol:     decision.Symbol,
		Side:       decision.Side,
		SizeUSD:    decision.SizeUsd,
		EntryPrice: decision.GetEntryPrice(),
		StopLoss:   decision.GetStopLoss(),
		TakeProfit: decision.GetTakeProfit(),
		OpenedAt:   decision.Timestamp.AsTime(),
	}, nil
}

func (x *paperExchange) Close(ctx context.Context, position *Position, market time.Time) (bool, error) {
	if !market.After(position.OpenedAt) {
		return false, nil
	}
	price, known, err := x.price(ctx, position.Symbol)
	if err != nil || !known {
		return false, err
	}
	direction := 1.0
	if position.Side == pb.Side_SIDE_SHORT {
		direction = -1
	}
	isStopped := direction*(price-position.StopLoss) <= 0
	isOnTarget := position.TakeProfit > 0 && direction*(price-position.TakeProfit) >= 0
	if !isStopped && !isOnTarget && market.Sub(position.OpenedAt) < x.hold {
		return false, nil
	}
	position.leave(price, market)
	return true, nil
}

func (x *paperExchange) Leave(ctx context.Context, position *Position, market time.Time) error {
	price, known, err := x.price(ctx, position.Symbol)
	if err != nil {
		return err
	}
	if !known {
		return status.Errorf(codes.Unavailable, "%s has no price", position.Symbol)
	}
	position.leave(price, market)
	return nil
}

func (p *Position) leave(price float64, market time.Time) {
	p.ExitPrice = price
	p.ClosedAt = market
	p.FeesUSD = 2 * paperFee * p.SizeUSD
}

// price asks the runtime for the last close: a real executor asks its exchange.
func (x *paperExchange) price(ctx context.Context, symbol string) (price float64, known bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	response, err := x.runtime.Evaluate(ctx, &pb.EvaluateRequest{
		Symbol: symbol,
		Strategy: &pb.EvaluateRequest_Config{Config: &pb.StrategyConfig{
			StrategyId: "paper-price", Name: "Reads the last close", Side: pb.Side_SIDE_LONG, Timeframe: "1m",
			EntryIndicators: []*pb.Condition{{Name: "CLOSE", Operator: ">", Operand: &pb.Condition_Value{Value: 0}}},
			BaseSizeUsd:     1, StopLossPct: 0.01, TakeProfitPct: 0.01,
		}},
	})
	if err != nil {
		return 0, false, err
	}
	price, known = response.Evaluation.Indicators["CLOSE"]
	return price, known, nil
}
