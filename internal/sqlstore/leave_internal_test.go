package sqlstore

import "testing"

// When a batch runs again without a job whose caller has left, that caller may still be about to interrupt the
// run that it left. It must not get hold of the interrupt of the others' run.
func TestInterruptOfAnEarlierRun(t *testing.T) {
	var interrupted []string
	j := &job{interrupt: func() { interrupted = append(interrupted, "the run that was left") }, done: make(chan struct{})}
	j.state.Store(left)
	if err := new(Tx).runAll([]*job{j}, func() { interrupted = append(interrupted, "the others' run") }); err != nil {
		t.Fatal(err)
	}
	j.interrupt()
	if len(interrupted) != 1 || interrupted[0] != "the run that was left" {
		t.Errorf("interrupted is %q", interrupted)
	}
}
