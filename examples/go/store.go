package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// What became of a decision. Every decision that the executor has dealt with has exactly one of the first three in the ledger.
const (
	opened   = "opened"
	rejected = "rejected" // not executed, by the executor's own choice
	skipped  = "skipped"  // came too late, or is not for execution
	closed   = "closed"   // the position that was opened is closed
	adjusted = "adjusted" // its levels were moved
	reported = "reported" // the runtime has taken the report of what Of says
)

// Entry is one line of the ledger.
type Entry struct {
	Kind       string    `json:"kind"`
	DecisionID string    `json:"decision_id"`
	Reason     string    `json:"reason,omitempty"`
	Position   *Position `json:"position,omitempty"`
	// Of is what was reported, where the kind is "reported".
	Of string `json:"of,omitempty"`
}

// Store is the executor's memory: an append-only ledger of what it did, and the place in the stream that it has reached.
// Both are on disk before anybody is told of them, so a crash at any moment loses nothing and repeats nothing.
type Store struct {
	folder string
	ledger *os.File
	acted  map[string]bool
	open   map[string]*Position
	// Reports that the runtime has not taken yet, oldest first.
	due []Entry
}

// OpenStore reads what an earlier run left in the folder, which is made where there is none.
func OpenStore(folder string) (*Store, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	ledger, err := os.OpenFile(filepath.Join(folder, "ledger.jsonl"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	store := &Store{folder: folder, ledger: ledger, acted: map[string]bool{}, open: map[string]*Position{}}
	if err := store.replay(); err != nil {
		return nil, fmt.Errorf("%s: %w", ledger.Name(), err)
	}
	return store, nil
}

// replay reads the ledger. A last line without its end was cut off by a crash; what it was to say never took effect.
func (s *Store) replay() error {
	reader := bufio.NewReader(s.ledger)
	var end int64
	for {
		line, err := reader.ReadBytes('\n')
		if err != nil { // the end, after a whole line or within one
			break
		}
		var entry Entry
		if err := json.Unmarshal(line, &entry); err != nil {
			return fmt.Errorf("at byte %d: %w", end, err)
		}
		s.apply(entry)
		end += int64(len(line))
	}
	if err := s.ledger.Truncate(end); err != nil {
		return err
	}
	_, err := s.ledger.Seek(end, 0)
	return err
}

// Record writes an entry to the disk; once it returns, the entry survives a crash.
func (s *Store) Record(entry Entry) error {
	line, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	if _, err := s.ledger.Write(append(line, '\n')); err != nil {
		return err
	}
	if err := s.ledger.Sync(); err != nil {
		return err
	}
	s.apply(entry)
	return nil
}

func (s *Store) apply(entry Entry) {
	switch entry.Kind {
	case opened:
		s.open[entry.DecisionID] = entry.Position
	case closed:
		delete(s.open, entry.DecisionID)
	case adjusted:
		s.open[entry.DecisionID] = entry.Position
		return // nobody need be told
	case reported:
		s.due = s.due[1:] // reports go out in the ledger's order
		return
	}
	s.acted[entry.DecisionID] = true
	if entry.Kind != skipped {
		s.due = append(s.due, entry)
	}
}

// Find answers with the open position of this id and the decision that it is of; nil where none is open.
func (s *Store) Find(positionID string) (decisionID string, position *Position) {
	for id, held := range s.open {
		if held.ID == positionID {
			return id, held
		}
	}
	return "", nil
}

// Token is the place in the stream to go on from; empty before the first.
func (s *Store) Token() (string, error) {
	token, err := os.ReadFile(s.tokenPath())
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(token)), err
}

// SaveToken replaces the token in one step: after a crash it is the old one or the new one, never half of one.
func (s *Store) SaveToken(token string) error {
	draft, err := os.Create(s.tokenPath() + ".new")
	if err != nil {
		return err
	}
	defer draft.Close()
	if _, err := draft.WriteString(token + "\n"); err != nil {
		return err
	}
	if err := draft.Sync(); err != nil {
		return err
	}
	return os.Rename(draft.Name(), s.tokenPath())
}

func (s *Store) tokenPath() string {
	return filepath.Join(s.folder, "resume-token")
}
